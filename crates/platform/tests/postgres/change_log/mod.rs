//! The change log: what was written stays as it was, or the verification says where it does not.

mod damage;
mod exported;
#[path = "../../../examples/verify_change_log/verify.rs"]
#[allow(unreachable_pub, missing_docs, reason = "it is an example's module")]
mod independent;
mod speed;

use std::sync::Arc;

use contracts::{Actor, Context, LegalBasis, Purpose};
use jiff::Timestamp;
use platform::change_log::{Anchor, Chaining, ChangeLog, Finding, NewChange, Verified, erase, verify};
use platform::database::Database;
use platform::driver::{Progress, Room};
use platform::seal::KeyRing;
use platform::testing::TestDatabase;
use primitives::ManualClock;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use crate::houses::first;

/// A house with a log.
struct House {
    database: TestDatabase,
    runtime: Database,
    log: ChangeLog,
    room: Chaining,
}

fn now() -> Timestamp {
    "2026-03-02T12:00:00.123456789Z".parse().unwrap()
}

fn context() -> Context {
    Context {
        actor: Actor::Operator { user: "kim".into() },
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov 696/2025").unwrap(),
        purpose: Purpose::new("test").unwrap(),
        trace: Uuid::from_u128(7),
        acting: None,
    }
}

fn change(number: usize) -> NewChange<'static> {
    NewChange {
        subject: format!("agreement:{number:08}"),
        from: json!({ "name": format!("Before {number}") }),
        to: json!({ "name": format!("After {number}") }),
        why: "a test",
        by: (number == 1).then_some("operator:eva"),
        approved_by: number.is_multiple_of(2).then_some("operator:bo"),
    }
}

impl House {
    async fn new() -> Self {
        let database = TestDatabase::new(&[first()]).await;
        let runtime = database.connect("first").await;
        let log = ChangeLog::with_salts("first", &KeyRing::for_tests(), [9; 32]);
        let clock = Arc::new(ManualClock::new(now()));
        let room = Chaining::new("first.chain", log.clone(), runtime.clone(), clock);
        Self { database, runtime, log, room }
    }

    /// A house with this many changes in the chain, `batch` under each checkpoint.
    async fn with(changes: usize, batch: usize) -> Self {
        let house = Self::new().await;
        for from in (0..changes).step_by(batch) {
            house.append(from..changes.min(from + batch)).await;
            house.chain().await;
        }
        house
    }

    async fn append(&self, numbers: std::ops::Range<usize>) {
        let changes: Vec<_> = numbers.map(change).collect();
        let mut connection = self.runtime.pool().acquire().await.unwrap();
        self.log.append(&mut connection, &context(), "change", now(), &changes).await.unwrap();
    }

    async fn chain(&self) -> u64 {
        match self.room.step().await.unwrap() {
            Progress::Worked(chained) => chained,
            Progress::Idle => 0,
        }
    }

    async fn verify(&self) -> Verified {
        verify(&self.runtime, &self.log, None).await.unwrap()
    }

    async fn findings(&self) -> Vec<Finding> {
        self.verify().await.findings
    }
}

async fn run(connection: &mut PgConnection, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(connection)
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
}

#[tokio::test]
async fn what_was_written_verifies() {
    let house = House::new().await;
    assert_eq!(house.verify().await, Verified::default(), "an empty log is whole");
    house.append(0..25).await;
    let verified = house.verify().await;
    assert_eq!((verified.links, verified.waiting, verified.findings.len()), (0, 25, 0));
    assert_eq!((house.chain().await, house.chain().await), (25, 0));
    house.append(25..30).await;
    house.chain().await;
    let verified = house.verify().await;
    assert_eq!((verified.links, verified.waiting, verified.erased), (30, 0, 0));
    assert_eq!(verified.findings, []);
    let end = verified.end.unwrap();
    assert_eq!(end.position, 30);
    assert_eq!(verify(&house.runtime, &house.log, Some(end)).await.unwrap().findings, []);
    let elsewhere = Anchor { position: 30, hash: [0; 32] };
    let findings = verify(&house.runtime, &house.log, Some(elsewhere)).await.unwrap().findings;
    assert_eq!(findings, [Finding::AnchorNotMet { position: 30 }]);
}

#[tokio::test]
async fn a_row_says_who_what_and_who_approved_and_its_content_is_sealed() {
    let house = House::with(2, 1).await;
    let mut admin = house.database.admin().await;
    let row: String = sqlx::query_scalar(
        "select concat_ws('|', at at time zone 'UTC', actor, operation, subject, approved_by, octet_length(digest))
         from first.change where change_id = 1",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    let maker: String =
        sqlx::query_scalar("select actor from first.change where change_id = 2").fetch_one(&mut admin).await.unwrap();
    assert_eq!(maker, "operator:eva", "who proposed it, where the caller approves");
    assert_eq!(row, "2026-03-02 12:00:00.123456|operator:kim|change|agreement:00000000|operator:bo|32");
    let readable: i64 =
        sqlx::query_scalar("select position('Before'::bytea in content)::bigint from first.change where change_id = 1")
            .fetch_one(&mut admin)
            .await
            .unwrap();
    assert_eq!(readable, 0);
    admin.close().await.unwrap();
}

#[tokio::test]
async fn the_runtime_role_can_neither_change_nor_remove() {
    let house = House::with(2, 2).await;
    for (table, column) in [("change", "content"), ("change_link", "hash"), ("change_checkpoint", "hash")] {
        for forbidden in [
            format!("update first.{table} set {column} = {column}"),
            format!("delete from first.{table}"),
            format!("truncate first.{table}"),
        ] {
            let error = sqlx::query(AssertSqlSafe(forbidden.clone())).execute(house.runtime.pool()).await.unwrap_err();
            let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
            assert_eq!(code.as_deref(), Some("42501"), "{forbidden}");
        }
    }
    let error = sqlx::query("update first.change_queue set change_id = 0").execute(house.runtime.pool()).await.unwrap_err();
    assert_eq!(error.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"));
}

#[tokio::test]
async fn an_open_transaction_holds_nobody_up_and_comes_later() {
    let house = House::new().await;
    let mut slow = house.runtime.pool().begin().await.unwrap();
    house.log.append(&mut slow, &context(), "change", now(), &[change(0)]).await.unwrap();
    house.append(1..2).await;
    assert_eq!(house.chain().await, 1, "the committed one alone");
    slow.commit().await.unwrap();
    assert_eq!(house.chain().await, 1);
    let mut admin = house.database.admin().await;
    let order: Vec<i64> =
        sqlx::query_scalar("select change_id from first.change_link order by position").fetch_all(&mut admin).await.unwrap();
    assert_eq!(order, [2, 1], "in the order of the commits");
    assert_eq!(house.findings().await, []);
    admin.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_and_rooms_make_one_chain() {
    let house = Arc::new(House::new().await);
    let mut tasks = Vec::new();
    for writer in 0..3 {
        let house = Arc::clone(&house);
        tasks.push(tokio::spawn(async move {
            for number in 0..20 {
                house.append(writer * 20 + number..writer * 20 + number + 1).await;
            }
        }));
    }
    for _ in 0..2 {
        let house = Arc::clone(&house);
        tasks.push(tokio::spawn(async move {
            for _ in 0..20 {
                house.chain().await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    while house.chain().await > 0 {}
    let verified = house.verify().await;
    assert_eq!((verified.links, verified.waiting), (60, 0));
    assert_eq!(verified.findings, []);
}

#[tokio::test]
async fn a_lawful_erasure_leaves_the_log_whole_and_another_does_not() {
    let house = House::with(10, 5).await;
    let mut owner = house.database.admin().await;
    erase(&mut owner, &house.log, &context(), now(), &[3, 4], "retention").await.unwrap();
    assert!(erase(&mut owner, &house.log, &context(), now(), &[4], "again").await.is_err(), "it is erased already");
    house.chain().await;
    let verified = house.verify().await;
    assert_eq!((verified.links, verified.erased), (12, 2));
    assert_eq!(verified.findings, []);
    run(&mut owner, "update first.change set content = null where change_id = 7").await;
    assert_eq!(house.findings().await, [Finding::ContentMissing { position: 7, change: 7 }]);
    let mut runtime = house.runtime.pool().acquire().await.unwrap();
    let refused = erase(&mut runtime, &house.log, &context(), now(), &[1], "not the owner").await.unwrap_err();
    assert_eq!(refused.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"));
    owner.close().await.unwrap();
}

#[tokio::test]
async fn another_key_does_not_sign_for_the_house() {
    let house = House::with(3, 3).await;
    let keys = KeyRing::from_versions([(1, [1; 64])]).unwrap();
    let stranger = ChangeLog::with_salts("first", &keys, [1; 32]);
    let findings = verify(&house.runtime, &stranger, None).await.unwrap().findings;
    assert!(findings.contains(&Finding::CheckpointNotSigned { number: 1, position: 3 }), "{findings:?}");
}
