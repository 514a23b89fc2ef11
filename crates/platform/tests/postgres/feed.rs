//! Positions are gapless, whatever order the writers commit in.

use platform::database::Database;
use platform::feed::{self, FeedItem, NewEvent};
use platform::testing::TestDatabase;
use primitives::FeedPosition;
use sqlx::PgConnection;

use crate::houses::first;

async fn append(connection: &mut PgConnection, payload: &[u8]) {
    feed::append(connection, "first", &[NewEvent { kind: "test", payload: payload.to_vec() }]).await.unwrap();
}

async fn publish(database: &Database, limit: i64) -> u64 {
    database.transaction("first.publish", async |mut tx| feed::publish(&mut tx, "first", limit).await).await.unwrap()
}

async fn read(database: &Database, after: i64, limit: i64) -> Vec<FeedItem> {
    let mut connection = database.pool().acquire().await.unwrap();
    feed::read(&mut connection, "first", FeedPosition::new(after), limit).await.unwrap()
}

fn payloads(items: &[FeedItem]) -> Vec<&[u8]> {
    items.iter().map(|item| item.payload.as_slice()).collect()
}

#[tokio::test]
async fn who_commits_late_gets_a_later_position() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let mut slow = house.pool().begin().await.unwrap();
    append(&mut slow, b"slow").await;
    let mut undone = house.pool().begin().await.unwrap();
    append(&mut undone, b"undone").await;
    append(&mut house.pool().acquire().await.unwrap(), b"quick").await;
    undone.rollback().await.unwrap();

    assert_eq!(publish(&house, 10).await, 1);
    assert_eq!(payloads(&read(&house, 0, 10).await), [b"quick"]);
    slow.commit().await.unwrap();
    assert_eq!(publish(&house, 10).await, 1);
    let items = read(&house, 1, 10).await;
    assert_eq!((payloads(&items), items[0].position, items[0].epoch), (vec![&b"slow"[..]], 2, 1));
    assert_eq!(publish(&house, 10).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_and_publishers_lose_and_double_nothing() {
    const WRITERS: u32 = 4;
    const EVENTS: u32 = 50;
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let mut tasks = Vec::new();
    for writer in 0..WRITERS {
        let house = house.clone();
        tasks.push(tokio::spawn(async move {
            for number in 0..EVENTS {
                let payload = (writer * EVENTS + number).to_be_bytes();
                let mut tx = house.pool().begin().await.unwrap();
                append(&mut tx, &payload).await;
                // Every fifth changes its mind.
                if number % 5 == 4 { tx.rollback().await.unwrap() } else { tx.commit().await.unwrap() }
            }
        }));
    }
    for _ in 0..2 {
        let house = house.clone();
        tasks.push(tokio::spawn(async move {
            for _ in 0..60 {
                publish(&house, 7).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    while publish(&house, 7).await > 0 {}
    let items = read(&house, 0, 1000).await;
    let positions: Vec<i64> = items.iter().map(|item| item.position).collect();
    assert_eq!(positions, (1..=160).collect::<Vec<i64>>());
    let mut numbers: Vec<u32> = items.iter().map(|item| u32::from_be_bytes(item.payload[..].try_into().unwrap())).collect();
    for writer in 0..WRITERS {
        let own: Vec<u32> = numbers.iter().copied().filter(|number| number / EVENTS == writer).collect();
        assert!(own.is_sorted(), "a writer's own order is kept");
    }
    numbers.sort_unstable();
    let expected: Vec<u32> = (0..WRITERS * EVENTS).filter(|number| number % 5 != 4).collect();
    assert_eq!(numbers, expected);
    let mut connection = house.pool().acquire().await.unwrap();
    assert_eq!(feed::head(&mut connection, "first").await.unwrap(), (1, 160));
}

#[tokio::test]
async fn a_batch_keeps_its_order_and_a_restore_begins_an_epoch() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let mut connection = house.pool().acquire().await.unwrap();
    let events: Vec<_> = (0..100_u8).map(|number| NewEvent { kind: "test", payload: vec![number] }).collect();
    feed::append(&mut connection, "first", &events).await.unwrap();
    assert_eq!(feed::begin_epoch(&mut connection, "first").await.unwrap(), 2);
    publish(&house, 1000).await;
    let items = read(&house, 0, 1000).await;
    assert!(items.iter().enumerate().all(|(at, item)| item.payload == [u8::try_from(at).unwrap()] && item.epoch == 2));
}

#[tokio::test]
async fn a_reader_beyond_the_last_position_is_refused() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let mut connection = house.pool().acquire().await.unwrap();
    feed::append(&mut connection, "first", &[NewEvent { kind: "test", payload: vec![1] }]).await.unwrap();
    publish(&house, 1).await;
    for (after, expect) in [(0, true), (1, true), (2, false)] {
        let checked = feed::check_cursor(&mut connection, "first", FeedPosition::new(after)).await;
        assert_eq!(checked.is_ok(), expect, "after {after}");
    }
}

#[tokio::test]
async fn the_published_feed_cannot_be_rewritten() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    for forbidden in ["update first.feed_item set kind = ''", "delete from first.feed_item"] {
        let error = sqlx::query(forbidden).execute(house.pool()).await.unwrap_err();
        assert_eq!(error.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"));
    }
}
