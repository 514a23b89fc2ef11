//! Roles, provisioning and the transaction door.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use platform::database::{Backoff, Database, create_database, expect_rows, provision};
use platform::testing::TestDatabase;
use sqlx::{AssertSqlSafe, Executor, PgConnection};
use tokio::sync::Barrier;

use crate::houses::{first, second};

#[derive(Debug, thiserror::Error)]
enum ThingError {
    #[error("the thing is unwanted")]
    Unwanted,
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Transparent(#[from] ThingError);

impl From<sqlx::Error> for Transparent {
    fn from(error: sqlx::Error) -> Self {
        Self(error.into())
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned())
}

async fn insert(connection: &mut PgConnection, id: i64) -> Result<(), sqlx::Error> {
    let done = sqlx::query("insert into first.thing (id, name) values ($1, 'x')").bind(id).execute(connection).await?;
    expect_rows(done.rows_affected(), 1, "insert thing")
}

async fn count(database: &Database) -> i64 {
    sqlx::query_scalar("select count(*) from first.thing").fetch_one(database.pool()).await.unwrap()
}

#[tokio::test]
async fn a_house_sees_no_other_house_and_cannot_rewrite_its_log() {
    let database = TestDatabase::new(&[first(), second()]).await;
    let house = database.connect("first").await;
    for forbidden in [
        "select * from second.thing",
        "select * from second._migrations",
        "insert into first._migrations values (9, 'x', now(), true, '', 0)",
        "update first.log set line = ''",
        "delete from first.log",
        "truncate first.thing",
        "create table first.mine (id int)",
        "create table public.mine (id int)",
        "set role nemkonto_second",
        "set role nemkonto_first_owner",
        "set role nemkonto",
    ] {
        let error = house.pool().execute(forbidden).await.err();
        assert_eq!(error.as_ref().and_then(code).as_deref(), Some("42501"), "{forbidden}");
    }
}

#[tokio::test]
async fn a_database_is_made_once() {
    let database = TestDatabase::new(&[]).await;
    let name = format!("{} \"made\"", database.url().split(['/', '?']).nth(3).unwrap());
    let (one, two) = tokio::join!(create_database(database.url(), &name), create_database(database.url(), &name));
    one.unwrap();
    two.unwrap();
    let drop = format!("drop database \"{}\"", name.replace('"', "\"\""));
    database.admin().await.execute(AssertSqlSafe(drop)).await.unwrap();
}

#[tokio::test]
async fn provisioning_again_or_at_once_changes_nothing() {
    let database = TestDatabase::new(&[]).await;
    let houses = [first(), second()];
    let (one, two) = tokio::join!(provision(database.url(), &houses), provision(database.url(), &houses));
    one.unwrap();
    two.unwrap();
    provision(database.url(), &houses).await.unwrap();
    let house = database.connect("first").await;
    insert(&mut house.pool().acquire().await.unwrap(), 1).await.unwrap();
    let mut admin = database.admin().await;
    let owner: String =
        sqlx::query_scalar("select tableowner::text from pg_tables where schemaname = 'first' and tablename = '_migrations'")
            .fetch_one(&mut admin)
            .await
            .unwrap();
    assert_eq!(owner, "nemkonto_first_owner");
}

#[tokio::test]
async fn an_error_rolls_back_and_success_commits() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let refused: Result<(), ThingError> = house
        .transaction("test.refuse", async |mut tx| {
            insert(&mut tx, 1).await?;
            Err(ThingError::Unwanted)
        })
        .await;
    assert!(matches!(refused, Err(ThingError::Unwanted)));
    assert_eq!(count(&house).await, 0);
    let ids = vec![1, 2];
    let borrowed = &ids;
    house
        .transaction("test.insert", async |mut tx| {
            for id in borrowed {
                insert(&mut tx, *id).await?;
            }
            Ok::<_, ThingError>(())
        })
        .await
        .unwrap();
    assert_eq!(count(&house).await, 2);
}

/// The futures of the houses' verbs travel between threads; this compiles only when the door's future may.
#[tokio::test]
async fn the_door_works_inside_spawned_tasks() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let task = {
        let house = house.clone();
        tokio::spawn(async move {
            let id = 7;
            let name = String::from("borrowed");
            house
                .transaction("test.spawned", async |mut tx| {
                    assert_eq!(name, "borrowed");
                    insert(&mut tx, id).await?;
                    insert(&mut tx, id + 1).await?;
                    Ok::<_, sqlx::Error>(id)
                })
                .await
        })
    };
    assert_eq!(task.await.unwrap().unwrap(), 7);
}

/// Two transactions that lock two rows in opposite order: the server gives one up, and the door does it again.
async fn deadlock<E>(house: &Database) -> (Result<(), E>, Result<(), E>, u32)
where
    E: std::error::Error + From<sqlx::Error> + Send + 'static,
{
    let met = Arc::new(Barrier::new(2));
    let attempts = AtomicU32::new(0);
    let lock_both = async |one: i64, other: i64| {
        let first_time = AtomicU32::new(0);
        house
            .transaction("test.deadlock", async |mut tx| {
                attempts.fetch_add(1, Ordering::SeqCst);
                let update = "update first.thing set name = name || '!' where id = $1";
                sqlx::query(update).bind(one).execute(&mut *tx).await?;
                if first_time.fetch_add(1, Ordering::SeqCst) == 0 {
                    met.wait().await;
                }
                sqlx::query(update).bind(other).execute(&mut *tx).await?;
                Ok::<(), E>(())
            })
            .await
    };
    let (one, two) = tokio::join!(lock_both(1, 2), lock_both(2, 1));
    (one, two, attempts.into_inner())
}

#[tokio::test]
async fn a_deadlock_is_tried_again_until_both_are_done() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await.with_backoff(Backoff::seeded(1));
    let mut connection = house.pool().acquire().await.unwrap();
    insert(&mut connection, 1).await.unwrap();
    insert(&mut connection, 2).await.unwrap();
    let (one, two, attempts) = deadlock::<ThingError>(&house).await;
    assert!(one.is_ok() && two.is_ok() && attempts == 3, "{one:?} {two:?} {attempts}");
    let (one, two, attempts) = deadlock::<Transparent>(&house).await;
    assert!(one.is_ok() && two.is_ok() && attempts == 3, "{one:?} {two:?} {attempts}");
    let names: Vec<String> = sqlx::query_scalar("select name from first.thing").fetch_all(house.pool()).await.unwrap();
    assert_eq!(names, ["x!!!!", "x!!!!"]);
}

#[tokio::test]
async fn other_errors_are_not_tried_again() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let attempts = AtomicU32::new(0);
    let outcome: Result<(), sqlx::Error> = house
        .transaction("test.duplicate", async |mut tx| {
            attempts.fetch_add(1, Ordering::SeqCst);
            insert(&mut tx, 1).await?;
            insert(&mut tx, 1).await
        })
        .await;
    assert_eq!((outcome.as_ref().err().and_then(code).as_deref(), attempts.into_inner()), (Some("23505"), 1));
}

#[test]
fn a_wrong_count_of_rows_names_the_write() {
    assert!(expect_rows(2, 2, "close entries").is_ok());
    let error = expect_rows(1, 2, "close entries").unwrap_err().to_string();
    assert!(error.contains("close entries: 1 rows were affected, 2 expected"), "{error}");
}

/// What is logged, to be read.
#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_slow_statement_is_not_told_by_the_driver() {
    let database = TestDatabase::new(&[first()]).await;
    let (house, mut ordinary) = (database.connect("first").await, database.admin().await);
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(move || writer.clone()).finish();
    let listening = tracing::subscriber::set_default(subscriber);
    // The driver's own limit is a second.
    let ours = sqlx::query("select pg_sleep(1.2) as ours").execute(house.pool());
    let driver = sqlx::query("select pg_sleep(1.2) as the_drivers").execute(&mut ordinary);
    let (ours, driver) = tokio::join!(ours, driver);
    ours.unwrap();
    driver.unwrap();
    drop(listening);
    let told = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(told.contains("the_drivers") && !told.contains("ours"), "{told}");
}
