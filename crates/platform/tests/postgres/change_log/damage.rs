//! Every way to damage a log is found, and where.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::*;

/// What is found after the statements were run on a whole log of 12 changes, 4 under each checkpoint.
async fn check(statements: &str, expect: &[Finding]) {
    let house = House::with(12, 4).await;
    let mut admin = house.database.admin().await;
    run(&mut admin, statements).await;
    assert_eq!(house.findings().await, expect, "{statements}");
    admin.close().await.unwrap();
}

#[tokio::test]
async fn what_was_removed_is_missed() {
    check("delete from first.change where change_id = 6", &[Finding::ChangeMissing { position: 6, change: 6 }]).await;
    check(
        "delete from first.change_link where position = 6",
        &[
            Finding::LinkMissing { position: 6 },
            Finding::LinkBroken { position: 7, change: 7 },
            Finding::ChangeWithoutPosition { change: 6 },
        ],
    )
    .await;
    check(
        "delete from first.change where change_id > 9; delete from first.change_link where position > 9",
        &[Finding::CheckpointNotMet { number: 3, position: 12 }],
    )
    .await;
    check("delete from first.change_checkpoint where checkpoint_no = 2", &[Finding::CheckpointMissing { number: 2 }]).await;
    check("delete from first.change_checkpoint where checkpoint_no = 3", &[Finding::EndNotSigned { position: 12 }]).await;
}

#[tokio::test]
async fn what_was_slipped_in_or_taken_out_is_told() {
    let copy = "insert into first.change (at, actor, operation, subject, trace, digest, content)
        select at, actor, operation, subject, trace, digest, content from first.change where change_id = 1;";
    check(copy, &[Finding::ChangeWithoutPosition { change: 13 }]).await;
    check(
        &format!("{copy} insert into first.change_link select 13, 13, hash from first.change_link where position = 12"),
        &[Finding::LinkBroken { position: 13, change: 13 }, Finding::EndNotSigned { position: 13 }],
    )
    .await;
    check("insert into first.change_queue values (99)", &[Finding::WaitingChangeMissing { change: 99 }]).await;
}

#[tokio::test]
async fn the_end_cut_off_whole_is_told_by_an_anchor_alone() {
    let house = House::with(12, 4).await;
    let end = house.verify().await.end;
    let mut admin = house.database.admin().await;
    run(
        &mut admin,
        "delete from first.change where change_id > 8; delete from first.change_link where position > 8;
         delete from first.change_checkpoint where checkpoint_no = 3",
    )
    .await;
    assert_eq!(house.findings().await, []);
    let findings = verify(&house.runtime, &house.log, end).await.unwrap().findings;
    assert_eq!(findings, [Finding::EndCutOff { position: 8, anchored: 12 }]);
    admin.close().await.unwrap();
}

/// Position, hash, digest, content, subject.
type Forged = (i64, Vec<u8>, Vec<u8>, Option<Vec<u8>>, String);

/// Who can write the tables but has no key: changes a row and computes every hash after it anew.
#[tokio::test]
async fn a_chain_computed_anew_does_not_fit_the_signed_checkpoints() {
    let house = House::with(12, 4).await;
    let forger = House::new().await;
    forger.append(0..5).await;
    forger.append(100..101).await;
    forger.append(6..12).await;
    forger.chain().await;
    let (mut from, mut into) = (forger.database.admin().await, house.database.admin().await);
    let forged: Vec<Forged> = sqlx::query_as(
        "select position, hash, digest, content, subject from first.change_link join first.change using (change_id) order by position",
    )
    .fetch_all(&mut from)
    .await
    .unwrap();
    for (position, hash, digest, content, subject) in forged {
        sqlx::query("update first.change_link set hash = $2 where position = $1")
            .bind(position)
            .bind(hash)
            .execute(&mut into)
            .await
            .unwrap();
        sqlx::query("update first.change set digest = $2, content = $3, subject = $4, approved_by = case when change_id % 2 = 1 then 'operator:bo' end where change_id = $1")
            .bind(position)
            .bind(digest)
            .bind(content)
            .bind(subject)
            .execute(&mut into)
            .await
            .unwrap();
    }
    // Number 100 is approved as every even one is.
    run(&mut into, "update first.change set approved_by = 'operator:bo' where change_id = 6").await;
    let not_met = [2, 3].map(|number| Finding::CheckpointNotMet { number, position: number * 4 });
    assert_eq!(house.findings().await, not_met, "the row was changed after the first checkpoint");
    from.close().await.unwrap();
    into.close().await.unwrap();
}

/// The columns of bytes, numbers and text in which a bit is turned over, and the key of their tables.
const BYTES: [(&str, &str, &str); 5] = [
    ("change", "digest", "change_id"),
    ("change", "content", "change_id"),
    ("change_link", "hash", "position"),
    ("change_checkpoint", "hash", "checkpoint_no"),
    ("change_checkpoint", "signature", "checkpoint_no"),
];
const NUMBERS: [(&str, &str, &str); 4] = [
    ("change_link", "change_id", "position"),
    ("change_link", "position", "position"),
    ("change_checkpoint", "position", "checkpoint_no"),
    ("change_checkpoint", "checkpoint_no", "checkpoint_no"),
];
const TEXTS: [(&str, &str, &str); 4] = [
    ("change", "actor", "change_id"),
    ("change", "operation", "change_id"),
    ("change", "subject", "change_id"),
    ("change", "approved_by", "change_id"),
];
const TIMES: [(&str, &str, &str); 2] = [("change", "at", "change_id"), ("change_checkpoint", "at", "checkpoint_no")];

/// A statement that turns one random bit over, in a row that is not null there.
fn flip(random: &mut ChaCha8Rng) -> String {
    let mut pick = |count: usize| usize::try_from(random.next_u32()).unwrap() % count;
    let kind = pick(16);
    let number = pick(1_000_000);
    let one = |(table, column, key): (&str, &str, &str), value: String| {
        format!(
            "update first.{table} set {column} = {value} where {key} = (select {key} from first.{table} where {column} is not null
             order by {key} offset {number} % (select count(*) from first.{table} where {column} is not null) limit 1)"
        )
    };
    match kind {
        0..=7 => {
            let place = BYTES[pick(BYTES.len())];
            let (column, bit) = (place.1, pick(1_000_000));
            one(
                place,
                format!(
                    "set_bit({column}, {bit} % (octet_length({column}) * 8), 1 - get_bit({column}, {bit} % (octet_length({column}) * 8)))"
                ),
            )
        }
        8..=10 => {
            let place = NUMBERS[pick(NUMBERS.len())];
            one(place, format!("{} # (1::bigint << {})", place.1, 10 + pick(50)))
        }
        11..=13 => {
            let place = TEXTS[pick(TEXTS.len())];
            let (column, at) = (place.1, pick(1_000_000));
            let at = format!("1 + {at} % char_length({column})");
            // The lowest bits of a letter or digit lead to another visible character.
            one(
                place,
                format!("overlay({column} placing chr(ascii(substr({column}, {at}, 1)) # {}) from {at} for 1)", 1 << pick(3)),
            )
        }
        14 => one(
            ("change", "trace", "change_id"),
            format!(
                "encode(set_bit(uuid_send(trace), {bit}, 1 - get_bit(uuid_send(trace), {bit})), 'hex')::uuid",
                bit = pick(128)
            ),
        ),
        _ => {
            let place = TIMES[pick(TIMES.len())];
            one(place, format!("{} + interval '{} microseconds'", place.1, 1_u64 << pick(40)))
        }
    }
}

#[tokio::test]
async fn every_one_of_a_thousand_single_bits_is_found() {
    let house = House::with(20, 4).await;
    assert_eq!(house.findings().await, []);
    let mut admin = house.database.admin().await;
    run(
        &mut admin,
        "create schema kept; create table kept.change as table first.change; create table kept.change_link as table first.change_link;
         create table kept.change_checkpoint as table first.change_checkpoint",
    )
    .await;
    let restore = "delete from first.change; delete from first.change_link; delete from first.change_checkpoint;
        insert into first.change overriding system value table kept.change; insert into first.change_link table kept.change_link;
        insert into first.change_checkpoint table kept.change_checkpoint";
    let mut random = ChaCha8Rng::seed_from_u64(4);
    for number in 0..1_000 {
        let statement = flip(&mut random);
        let done = sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut admin).await;
        assert_eq!(done.unwrap_or_else(|error| panic!("{statement}: {error}")).rows_affected(), 1, "{statement}");
        assert_ne!(house.findings().await, [], "bit {number} was not found: {statement}");
        run(&mut admin, restore).await;
    }
    assert_eq!(house.findings().await, []);
    admin.close().await.unwrap();
}
