//! One effect per key.

use std::time::Duration;

use platform::database::Database;
use platform::idempotency::{self, Begun, Key, begin, complete, digest};
use platform::testing::TestDatabase;
use sqlx::PgConnection;

use crate::houses::first;

const HOUR: Duration = Duration::from_secs(3600);

fn key(key: &str) -> Key<'_> {
    Key { caller: "house:mediation", operation: "designate", key }
}

/// A call whose effect is one line in the log.
async fn call(database: &Database, input: &[u8]) -> Result<Begun, sqlx::Error> {
    database
        .transaction("test.call", async |mut tx| {
            let begun = begin(&mut tx, "first", &key("k1"), &digest(input), HOUR).await?;
            if begun == Begun::Started {
                sqlx::query("insert into first.log (line) values ('done')").execute(&mut *tx).await?;
                complete(&mut tx, "first", &key("k1"), b"answer").await?;
            }
            Ok(begun)
        })
        .await
}

async fn effects(database: &Database) -> i64 {
    sqlx::query_scalar("select count(*) from first.log").fetch_one(database.pool()).await.unwrap()
}

#[tokio::test]
async fn a_repeated_call_has_one_effect_and_one_answer() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    assert_eq!(call(&house, b"input").await.unwrap(), Begun::Started);
    assert_eq!(call(&house, b"input").await.unwrap(), Begun::Replay(b"answer".to_vec()));
    assert_eq!(call(&house, b"other").await.unwrap(), Begun::Mismatch);
    assert_eq!(effects(&house).await, 1);
}

#[tokio::test]
async fn calls_at_the_same_time_have_one_effect() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let calls: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn({
                let house = house.clone();
                async move { call(&house, b"input").await.unwrap() }
            })
        })
        .collect();
    let mut started = 0;
    for task in calls {
        match task.await.unwrap() {
            Begun::Started => started += 1,
            other => assert_eq!(other, Begun::Replay(b"answer".to_vec())),
        }
    }
    assert_eq!((started, effects(&house).await), (1, 1));
}

#[tokio::test]
async fn when_the_first_rolls_back_the_waiting_second_does_the_work() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let mut first_try = house.pool().begin().await.unwrap();
    assert_eq!(begin(&mut first_try, "first", &key("k1"), &digest(b"input"), HOUR).await.unwrap(), Begun::Started);
    let second = tokio::spawn({
        let house = house.clone();
        async move { call(&house, b"input").await.unwrap() }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!second.is_finished(), "the second waits for the first");
    first_try.rollback().await.unwrap();
    assert_eq!(second.await.unwrap(), Begun::Started);
}

async fn begin_alone(connection: &mut PgConnection, keep: Duration) -> Result<Begun, sqlx::Error> {
    begin(connection, "first", &key("k1"), &digest(b"input"), keep).await
}

#[tokio::test]
async fn a_key_past_its_time_is_free_again_and_purged() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let mut connection = house.pool().acquire().await.unwrap();
    assert_eq!(begin_alone(&mut connection, Duration::ZERO).await.unwrap(), Begun::Started);
    assert_eq!(begin(&mut connection, "first", &key("k1"), &digest(b"other"), Duration::ZERO).await.unwrap(), Begun::Started);
    assert_eq!(idempotency::purge(&mut connection, "first", 10).await.unwrap(), 1);
    assert_eq!(begin_alone(&mut connection, HOUR).await.unwrap(), Begun::Started);
    assert_eq!(idempotency::purge(&mut connection, "first", 10).await.unwrap(), 0);
}

#[tokio::test]
async fn forgotten_and_doubled_answers_are_bugs_that_show() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let mut connection = house.pool().acquire().await.unwrap();
    assert!(complete(&mut connection, "first", &key("k1"), b"answer").await.is_err(), "never begun");
    begin_alone(&mut connection, HOUR).await.unwrap();
    assert!(begin_alone(&mut connection, HOUR).await.is_err(), "committed without its answer");
    complete(&mut connection, "first", &key("k1"), b"answer").await.unwrap();
    assert!(complete(&mut connection, "first", &key("k1"), b"answer").await.is_err(), "answered twice");
}
