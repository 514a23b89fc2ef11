//! Sorted runs.

use std::collections::{BTreeMap, BTreeSet};

use platform::database::Database;
use platform::runs::{FAN_IN, FULL, Index, Record, find, merge, write};
use platform::testing::TestDatabase;
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use sqlx::{PgConnection, Row};

use crate::houses::first;

const PLACES: Index<12> = Index::new("first", "place");

/// The keys at which comparing bytes, signs or bounds could go wrong.
const KEYS: [i64; 9] = [i64::MIN, i64::MIN + 1, -256, -1, 0, 1, 255, i64::MAX - 1, i64::MAX];

fn record(key: i64, number: u64) -> Record<12> {
    let mut value = [0; 12];
    value[4..].copy_from_slice(&number.to_be_bytes());
    Record { key, value }
}

async fn write_run(house: &Database, records: &[Record<12>]) {
    let wrote = house.transaction("first.write", async |mut tx| write(&mut tx, PLACES, &mut records.to_vec()).await);
    wrote.await.unwrap();
}

async fn merge_once(house: &Database, fan_in: u16) -> u64 {
    house.transaction("first.merge", async |mut tx| merge(&mut tx, PLACES, fan_in).await).await.unwrap()
}

async fn find_all(house: &Database, keys: &[i64]) -> Vec<Record<12>> {
    find(&mut house.pool().acquire().await.unwrap(), PLACES, keys).await.unwrap()
}

/// Each run's generation and entries, and how many parts there are in all.
async fn shape(house: &Database) -> (Vec<(i16, i64)>, i64) {
    let runs = sqlx::query_as("select generation, entries from first.place_run order by run_id");
    let parts = sqlx::query_scalar("select count(*) from first.place_part");
    (runs.fetch_all(house.pool()).await.unwrap(), parts.fetch_one(house.pool()).await.unwrap())
}

fn below(random: &mut ChaCha8Rng, bound: usize) -> usize {
    usize::try_from(random.next_u32()).unwrap() % bound
}

/// Whatever is written and merged in whatever order, a find answers what a map would.
#[tokio::test]
async fn a_find_answers_as_a_map_would() {
    for seed in 0..4 {
        let database = TestDatabase::new(&[first()]).await;
        let house = database.connect("first").await;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut model: BTreeMap<i64, BTreeSet<[u8; 12]>> = BTreeMap::new();
        for _ in 0..24 {
            // From nothing to several parts, of which one key may fill more than one.
            let length = [0, 1, 30, 399, 400, 401, 2_000][below(&mut random, 7)];
            let among = 1 + below(&mut random, KEYS.len());
            let records: Vec<_> =
                (0..length).map(|_| record(KEYS[below(&mut random, among)], u64::from(random.next_u32() % 5_000))).collect();
            for record in &records {
                model.entry(record.key).or_default().insert(record.value);
            }
            write_run(&house, &records).await;
            if below(&mut random, 3) == 0 {
                merge_once(&house, [2, 3, 16][below(&mut random, 3)]).await;
            }
            let asked: Vec<i64> = (0..3).map(|_| KEYS[below(&mut random, KEYS.len())]).chain([7]).collect();
            let expect: Vec<_> = model
                .iter()
                .filter(|(key, _)| asked.contains(key))
                .flat_map(|(key, values)| values.iter().map(|value| Record { key: *key, value: *value }))
                .collect();
            assert_eq!(find_all(&house, &asked).await, expect, "seed {seed}");
        }
    }
}

/// As many runs as there may be of each generation, and no more; nothing of the old ones is left.
#[tokio::test]
async fn merging_keeps_the_runs_few() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let written = u64::from(FAN_IN) * u64::from(FAN_IN) + 3;
    for number in 0..written {
        write_run(&house, &[record(5, number), record(-5, number)]).await;
        while merge_once(&house, FAN_IN).await > 0 {}
    }
    assert_eq!(shape(&house).await, (vec![(2, 512), (0, 2), (0, 2), (0, 2)], 2 + 3));
    let expect: Vec<_> = (0..written).map(|number| record(-5, number)).collect();
    assert_eq!(find_all(&house, &[-5, -5, 0]).await, expect);
}

#[tokio::test]
async fn a_full_run_is_left_as_it_is() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    for number in 0..3 {
        write_run(&house, &[record(1, number)]).await;
    }
    let mut admin = database.admin().await;
    sqlx::query("update first.place_run set entries = $1 where run_id = 2").bind(FULL).execute(&mut admin).await.unwrap();
    assert_eq!(merge_once(&house, 3).await, 0, "two are too few");
    assert_eq!(merge_once(&house, 2).await, 2);
    assert_eq!(shape(&house).await.0, [(0, FULL), (1, 2)]);
    assert_eq!(find_all(&house, &[1]).await.len(), 3);
}

/// Parts longer than a reader's page, and merged ones longer than one sending.
#[tokio::test]
async fn long_runs_are_merged_piece_by_piece() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let length = 400 * 80;
    // One run with a single key throughout, so that parts begin alike; one with a key for each record.
    let one_key: Vec<_> = (0..length).map(|number| record(77, number)).collect();
    let many_keys: Vec<_> = (0..length).map(|number| record(i64::try_from(number).unwrap() - 16_000, number)).collect();
    write_run(&house, &one_key).await;
    write_run(&house, &many_keys).await;
    assert_eq!(merge_once(&house, 2).await, 2 * length);
    assert_eq!(shape(&house).await, (vec![(1, 64_000)], 160));
    let mut expect = one_key;
    expect.push(record(77, 16_077));
    expect.sort();
    expect.dedup();
    assert_eq!(find_all(&house, &[77]).await, expect);
    assert_eq!(find_all(&house, &[-16_000, 15_999]).await, [record(-16_000, 0), record(15_999, 31_999)]);
}

/// What a crash leaves: all of the old, nothing of the new.
#[tokio::test]
async fn a_merge_that_is_not_committed_has_not_happened() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    for number in 0..2 {
        write_run(&house, &[record(1, number)]).await;
    }
    let mut transaction = house.pool().begin().await.unwrap();
    assert_eq!(merge(&mut transaction, PLACES, 2).await.unwrap(), 2);
    assert_eq!(find(&mut transaction, PLACES, &[1]).await.unwrap().len(), 2);
    assert_eq!(merge_once(&house, 2).await, 0, "another worker passes over what is being merged");
    transaction.rollback().await.unwrap();
    assert_eq!(shape(&house).await, (vec![(0, 1), (0, 1)], 2));
    assert_eq!(merge_once(&house, 2).await, 2);
}

/// A find never misses a record and never sees one twice, whatever is being merged meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn finds_see_every_record_while_runs_are_merged() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let before: Vec<_> = (0..64).map(|number| record(9, number)).collect();
    for run in before.chunks(1) {
        write_run(&house, run).await;
    }
    let merging = tokio::spawn({
        let house = house.clone();
        async move { while merge_once(&house, 2).await > 0 {} }
    });
    let mut finds = 0;
    while !merging.is_finished() {
        // As `find` sorts out repetitions, count the rows too: each record stands in one run of any one moment.
        let mut connection = house.pool().acquire().await.unwrap();
        assert_eq!(find(&mut connection, PLACES, &[9]).await.unwrap(), before);
        assert_eq!(stored_records(&mut connection).await, 64);
        finds += 1;
    }
    merging.await.unwrap();
    assert!(finds > 0, "no find came between the merges");
    assert_eq!(shape(&house).await.0, [(6, 64)]);
}

async fn stored_records(connection: &mut PgConnection) -> i64 {
    let sql =
        "select coalesce(sum(octet_length(records)) / 20, 0)::bigint from first.place_part join first.place_run using (run_id)";
    sqlx::query(sql).fetch_one(connection).await.unwrap().get(0)
}

/// A part stands in its row and fills its page: nothing is compressed or moved out of line.
#[tokio::test]
async fn parts_stay_in_their_rows() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    write_run(&house, &(0..4_000).map(|number| record(3, number)).collect::<Vec<_>>()).await;
    let sql = "select pg_relation_size('first.place_part') / 8192,
        (select pg_relation_size(reltoastrelid) from pg_class where oid = 'first.place_part'::regclass)";
    let (pages, outside): (i64, Option<i64>) = sqlx::query_as(sql).fetch_one(house.pool()).await.unwrap();
    assert_eq!((pages, outside.unwrap_or_default()), (10, 0));
}

#[tokio::test]
async fn a_damaged_run_is_told_and_not_merged() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    for number in 0..2 {
        write_run(&house, &[record(1, number)]).await;
    }
    let mut admin = database.admin().await;
    for (damage, expect) in [
        ("update first.place_part set records = substr(records, 2) where run_id = 1", "whole records"),
        ("delete from first.place_part where run_id = 1", "entries of merged runs"),
    ] {
        sqlx::query(damage).execute(&mut admin).await.unwrap();
        let mut transaction = house.pool().begin().await.unwrap();
        let error = merge(&mut transaction, PLACES, 2).await.unwrap_err();
        assert!(error.to_string().contains(expect), "{error}");
        // Its locks are gone before the next attempt looks for runs that nobody merges.
        transaction.rollback().await.unwrap();
    }
}
