//! Binary COPY both ways.

use futures_util::FutureExt;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use platform::copy::{CopyBuffer, CopyError, CopyIn, CopyOut, copy_in};
use platform::database::{Database, PoolOptions};
use platform::testing::TestDatabase;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sqlx::{Executor, PgConnection};
use uuid::Uuid;

use crate::houses::first;

const COPY_IN: &str = "copy pg_temp.wide (id, small, num, flag, name, raw, ref, day, at) from stdin (format binary)";
const COPY_OUT: &str =
    "copy (select id, small, num, flag, name, raw, ref, day, at from pg_temp.wide order by id) to stdout (format binary)";

#[derive(Clone, Debug, PartialEq)]
struct Wide {
    small: Option<i16>,
    num: Option<i32>,
    flag: Option<bool>,
    name: Option<String>,
    raw: Option<Vec<u8>>,
    reference: Option<Uuid>,
    day: Option<Date>,
    at: Option<Timestamp>,
}

fn wide() -> impl Strategy<Value = Wide> {
    let day = (-9000..9000_i16, 1..=12_i8, 1..=28_i8)
        .prop_filter("PostgreSQL's calendar begins in 4713 BC", |(year, ..)| *year > -4000)
        .prop_map(|(year, month, day)| date(year, month, day));
    let at = (-60_000_000_000_000_000..250_000_000_000_000_000_i64).prop_map(|us| Timestamp::from_microsecond(us).unwrap());
    let text = "[^\0]{0,40}";
    let raw = proptest::collection::vec(any::<u8>(), 0..80);
    let fields = (
        any::<Option<i16>>(),
        any::<Option<i32>>(),
        any::<Option<bool>>(),
        proptest::option::of(text),
        proptest::option::of(raw),
        proptest::option::of(any::<[u8; 16]>().prop_map(Uuid::from_bytes)),
        proptest::option::of(day),
        proptest::option::of(at),
    );
    fields.prop_map(|(small, num, flag, name, raw, reference, day, at)| Wide { small, num, flag, name, raw, reference, day, at })
}

fn encode(buffer: &mut CopyBuffer, id: i64, row: &Wide) {
    buffer.begin_row(9);
    buffer.i64(id);
    buffer.opt_i16(row.small);
    buffer.opt_i32(row.num);
    buffer.opt_bool(row.flag);
    buffer.opt_text(row.name.as_deref());
    buffer.opt_bytes(row.raw.as_deref());
    buffer.opt_uuid(row.reference);
    buffer.opt_date(row.day);
    buffer.opt_timestamp(row.at);
}

async fn read_all(connection: &mut PgConnection) -> Result<Vec<Wide>, CopyError> {
    let mut rows = Vec::new();
    let mut out = CopyOut::start(connection, COPY_OUT).await?;
    while let Some(mut row) = out.next_row().await? {
        assert_eq!((row.columns(), row.i64()?), (9, i64::try_from(rows.len()).unwrap()));
        rows.push(Wide {
            small: row.opt_i16()?,
            num: row.opt_i32()?,
            flag: row.opt_bool()?,
            name: row.opt_text()?.map(str::to_owned),
            raw: row.opt_bytes()?.map(<[u8]>::to_vec),
            reference: row.opt_uuid()?,
            day: row.opt_date()?,
            at: row.opt_timestamp()?,
        });
    }
    Ok(rows)
}

async fn make_table(connection: &mut PgConnection) {
    let table =
        "create temporary table wide (id bigint, small smallint, num integer, flag boolean, name text, raw bytea, ref uuid,
        day date, at timestamptz)";
    connection.execute(table).await.unwrap();
}

#[tokio::test]
async fn rows_come_back_as_they_went_in() {
    let database = TestDatabase::new(&[]).await;
    let mut connection = database.admin().await;
    make_table(&mut connection).await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..20 {
        let rows = proptest::collection::vec(wide(), 0..50).new_tree(&mut runner).unwrap().current();
        connection.execute("truncate pg_temp.wide").await.unwrap();
        let mut buffer = CopyBuffer::new();
        for (id, row) in rows.iter().enumerate() {
            encode(&mut buffer, i64::try_from(id).unwrap(), row);
        }
        assert_eq!(copy_in(&mut connection, COPY_IN, &buffer).await.unwrap(), buffer.rows());
        assert_eq!(read_all(&mut connection).await.unwrap(), rows);
    }
}

#[tokio::test]
async fn the_server_reads_the_values_we_meant() {
    let database = TestDatabase::new(&[]).await;
    let mut connection = database.admin().await;
    make_table(&mut connection).await;
    let row = Wide {
        small: Some(-7),
        num: Some(70_000),
        flag: Some(true),
        name: Some("Ærø".into()),
        raw: Some(vec![0, 255]),
        reference: Some(Uuid::from_u128(1)),
        day: Some(date(1858, 2, 28)),
        at: Some("1999-12-31T23:59:59.999999Z".parse().unwrap()),
    };
    let mut buffer = CopyBuffer::new();
    encode(&mut buffer, i64::MIN, &row);
    copy_in(&mut connection, COPY_IN, &buffer).await.unwrap();
    let query = "select concat_ws('|', id, small, num, flag, name, raw, ref, day, at at time zone 'UTC') from pg_temp.wide";
    let text: String = sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
    assert_eq!(
        text,
        "-9223372036854775808|-7|70000|t|Ærø|\\x00ff|00000000-0000-0000-0000-000000000001|1858-02-28|1999-12-31 23:59:59.999999"
    );
}

#[tokio::test]
async fn a_stream_larger_than_a_piece_arrives_whole() {
    let database = TestDatabase::new(&[]).await;
    let mut connection = database.admin().await;
    connection.execute("create temporary table big (id bigint, raw bytea)").await.unwrap();
    let sql = "copy pg_temp.big from stdin (format binary)";
    let mut copy = CopyIn::start(&mut connection, sql).await.unwrap();
    let mut buffer = CopyBuffer::new();
    for id in 0..300_i64 {
        buffer.begin_row(2);
        buffer.i64(id);
        buffer.bytes(&vec![u8::try_from(id % 251).unwrap(); 10_000]);
        if id % 100 == 99 {
            copy.send(&mut buffer).await.unwrap();
            assert_eq!((buffer.rows(), buffer.len()), (0, 0));
        }
    }
    assert_eq!(copy.finish().await.unwrap(), 300);
    let mut out = CopyOut::start(&mut connection, "copy (select id, raw from pg_temp.big order by id) to stdout (format binary)")
        .await
        .unwrap();
    let mut rows = 0;
    while let Some(mut row) = out.next_row().await.unwrap() {
        let id = row.i64().unwrap();
        let raw = row.bytes().unwrap();
        assert!(id == rows && raw.len() == 10_000 && raw.iter().all(|byte| i64::from(*byte) == id % 251));
        rows += 1;
    }
    assert_eq!(rows, 300);
}

#[tokio::test]
async fn what_is_refused_or_aborted_stores_nothing_and_the_connection_goes_on() {
    let database = TestDatabase::new(&[]).await;
    let mut connection = database.admin().await;
    connection.execute("create temporary table one (id bigint primary key)").await.unwrap();
    let sql = "copy pg_temp.one from stdin (format binary)";
    let mut twice = CopyBuffer::new();
    for _ in 0..2 {
        twice.begin_row(1);
        twice.i64(1);
    }
    let refused = copy_in(&mut connection, sql, &twice).await.unwrap_err();
    assert_eq!(refused.as_database_error().and_then(|error| error.constraint()), Some("one_pkey"));

    let mut copy = CopyIn::start(&mut connection, sql).await.unwrap();
    copy.send(&mut twice).await.unwrap();
    copy.abort("changed our mind").await.unwrap();

    let rows: i64 = sqlx::query_scalar("select count(*) from pg_temp.one").fetch_one(&mut connection).await.unwrap();
    assert_eq!(rows, 0);
}

/// What a work may leave behind when it gives up with a COPY under way.
#[derive(Debug, Clone, Copy)]
enum GivenUp {
    In,
    InFinishing,
    Out,
}

async fn give_up(connection: &mut PgConnection, what: GivenUp) {
    let into = "copy first.thing from stdin (format binary)";
    match what {
        GivenUp::In => drop(CopyIn::start(connection, into).await.unwrap()),
        GivenUp::InFinishing => {
            // Where the server was so quick that the answer was there at the first look, nothing was given up.
            while CopyIn::start(connection, into).await.unwrap().finish().now_or_never().is_some() {}
        }
        GivenUp::Out => {
            let sql = "copy (select n from generate_series(1, 100000) n) to stdout (format binary)";
            let mut out = CopyOut::start(connection, sql).await.unwrap();
            out.next_row().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_copy_given_up_never_lends_its_answers_to_others() {
    let database = TestDatabase::new(&[first()]).await;
    let url = database.url();
    let options = PoolOptions { max_connections: 1, ..PoolOptions::default() };
    let house = Database::connect(url, "nemkonto_first", &options).await.unwrap();
    for what in [GivenUp::In, GivenUp::InFinishing, GivenUp::Out] {
        give_up(&mut house.pool().acquire().await.unwrap(), what).await;
        for number in 0..5_i32 {
            let answer: i32 = sqlx::query_scalar("select $1::int").bind(number).fetch_one(house.pool()).await.unwrap();
            assert_eq!(answer, number, "after {what:?}");
        }
        let work = house.transaction("test.give-up", async |mut tx| {
            sqlx::query("insert into first.thing values (1, '')").execute(&mut *tx).await?;
            give_up(&mut tx, what).await;
            Err::<(), _>(sqlx::Error::WorkerCrashed)
        });
        assert!(work.await.is_err());
        let rows: i64 = sqlx::query_scalar("select count(*) from first.thing").fetch_one(house.pool()).await.unwrap();
        assert_eq!(rows, 0, "after {what:?}");
    }
}

#[tokio::test]
async fn a_query_that_fails_midway_is_an_error() {
    let database = TestDatabase::new(&[]).await;
    let mut connection = database.admin().await;
    let sql = "copy (select 1 / (3 - n) from generate_series(1, 5) n) to stdout (format binary)";
    let mut out = CopyOut::start(&mut connection, sql).await.unwrap();
    assert_eq!(out.next_row().await.unwrap().unwrap().i32().unwrap(), 0);
    assert_eq!(out.next_row().await.unwrap().unwrap().i32().unwrap(), 1);
    assert!(matches!(out.next_row().await, Err(CopyError::Database(_))));
}
