//! What the database itself guards, and what it must not hold.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use contracts::register::{AccessQuery, Designation, EndDesignation, HolderRecord, HolderStatus, Register};
use contracts::register::{AccountPurpose, DesignationRoute};
use jiff::civil::date;
use platform::driver::run_until_idle;
use sqlx::{AssertSqlSafe, Row};
use support::{Street, TODAY, account, account_digits, citizen, cpr, key, nemkonto, number, operator, person, street};

/// A register in which everything has happened once.
async fn lived_in() -> Street {
    let street = street().await;
    street.record("people", (0..5).map(person).collect()).await;
    street.house.designate(&operator(), &key("accounts"), (0..4).map(nemkonto).collect()).await.unwrap();
    let wish = Designation { route: DesignationRoute::SelfService, ..nemkonto(1) };
    street.house.designate(&citizen(1), &key("wish"), vec![wish]).await.unwrap();
    let ending = EndDesignation {
        identifier: number(2),
        purpose: AccountPurpose::NemKonto,
        from: date(2026, 5, 1),
        expected: None,
        reason: format!("asked by {}", cpr(2).digits()),
    };
    street.house.end(&operator(), &key("end"), vec![ending]).await.unwrap();
    let closed = HolderRecord { status: HolderStatus::Closed, status_from: Some(TODAY), ..person(3) };
    street.record("closed", vec![closed]).await;
    street.resolve(TODAY, 0..10).await;
    street.house.index_accesses(1).await.unwrap();
    street.resolve(TODAY, 0..10).await;
    street.house.publish_feed(3).await.unwrap();
    street
}

async fn tables(street: &Street) -> Vec<String> {
    let mut admin = street.database.admin().await;
    let sql =
        "select table_name::text from information_schema.tables where table_schema = 'register' and table_name <> '_migrations'";
    let tables: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut admin).await.unwrap();
    assert!(tables.len() >= 14, "{tables:?}");
    tables
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_stands_in_plain() {
    let street = lived_in().await;
    let mut admin = street.database.admin().await;
    let mut rows = Vec::new();
    for table in tables(&street).await {
        let sql = AssertSqlSafe(format!("select t::text from register.{table} t"));
        let found: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut admin).await.unwrap();
        assert!(!found.is_empty(), "{table} has been used");
        rows.extend(found.into_iter().map(|row| (table.clone(), row)));
    }
    let letters = street.house.letters_to_print(&operator(), 10).await.unwrap();
    let mut planted: Vec<String> = letters.into_iter().map(|letter| letter.code).collect();
    planted.push("Ingen Nummer".to_owned());
    for n in 0..5 {
        planted.push(cpr(n).digits().to_owned());
        planted.push(account_digits(n));
        assert!(account(n).canonical().contains(&planted[planted.len() - 1]));
    }
    for secret in planted {
        for (table, row) in &rows {
            assert!(!row.contains(&secret) && !row.contains(&hex(&secret)), "{table} holds a personal value in plain");
        }
    }
}

/// What the running program must not be able to do, whatever bug it has.
#[tokio::test(flavor = "multi_thread")]
async fn history_cannot_be_rewritten() {
    let street = lived_in().await;
    let runtime = street.database.connect("register").await;
    for statement in [
        "delete from register.entry",
        "update register.entry set account = reason",
        "update register.entry set valid_until = '2030-01-01'",
        "truncate register.entry",
        "delete from register.holder",
        "update register.holder set recorded_at = now()",
        "delete from register.holder_fact",
        "update register.holder_fact set status = 'active'",
        "delete from register.identifier",
        "update register.identifier set number = number",
        "delete from register.letter",
        "update register.letter set code = code",
        "delete from register.access_log",
        "update register.access_log set actor = 'nobody'",
        "update register.access_index_part set records = records",
        "delete from register.feed_item",
        "update register.feed_item set payload = payload",
        "drop table register.entry",
    ] {
        let error = sqlx::query(statement).execute(runtime.pool()).await.expect_err(statement);
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: insufficient privilege");
    }
}

/// `recorded_until` is set once, from open, and never back.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_closed_once() {
    let street = lived_in().await;
    let runtime = street.database.connect("register").await;
    for (table, column) in [("entry", "recorded_until"), ("holder_fact", "recorded_until"), ("identifier", "unlinked_at")] {
        let reclose = format!("update register.{table} set {column} = now() + interval '1 day' where {column} is not null");
        let done = sqlx::query(AssertSqlSafe(reclose)).execute(runtime.pool()).await.unwrap();
        assert_eq!(done.rows_affected(), 0, "{table}: closed rows are out of reach");
        let reopen = format!("update register.{table} set {column} = null");
        let error = sqlx::query(AssertSqlSafe(reopen)).execute(runtime.pool()).await.expect_err("stays open");
        assert!(error.to_string().contains("row-level security"), "{error}");
    }
    let closed: i64 = sqlx::query("select count(*) from register.entry where recorded_until is not null")
        .fetch_one(runtime.pool())
        .await
        .unwrap()
        .get(0);
    assert_eq!(closed, 1, "there was a closed row to try it on");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_on_one_day_are_refused_by_the_database() {
    let street = lived_in().await;
    let mut admin = street.database.admin().await;
    let second = "insert into register.entry
        select holder_ref, 999, 1, payer, benefit, account, state, valid_from, valid_until, expires_at, recorded_from, null, route, bank, recorded_by, reason
        from register.entry where state = 'active' and recorded_until is null limit 1";
    let error = sqlx::query(second).execute(&mut admin).await.expect_err("an overlap");
    assert_eq!(error.as_database_error().and_then(|error| error.constraint()), Some("entry_one_account_a_day"));
}

/// The index by person is written later; the answer is whole before, between and after.
#[tokio::test(flavor = "multi_thread")]
async fn accesses_are_told_whether_indexed_or_not() {
    let street = street().await;
    street.record("people", vec![person(1), person(2)]).await;
    for _ in 0..3 {
        street.resolve(TODAY, [1, 2, 1]).await;
    }
    street.resolve(TODAY, [2]).await;
    let lookups = async |n| {
        let accesses = street.house.accesses(&operator(), AccessQuery { identifier: number(n), limit: 100 }).await.unwrap();
        accesses.iter().filter(|access| access.operation == "resolve").count()
    };
    assert_eq!((lookups(1).await, lookups(2).await), (3, 4));
    assert_eq!(street.house.index_accesses(2).await.unwrap(), 2);
    assert_eq!((lookups(1).await, lookups(2).await), (3, 4));
    while street.house.index_accesses(2).await.unwrap() > 0 {}
    assert_eq!((lookups(1).await, lookups(2).await), (3, 4));
    for _ in 0..16 {
        street.resolve(TODAY, [2]).await;
        while street.house.index_accesses(1).await.unwrap() > 0 {}
    }
    assert!(street.house.merge_access_index().await.unwrap() > 16, "sixteen runs and more have become one");
    assert_eq!(street.house.merge_access_index().await.unwrap(), 0);
    assert_eq!((lookups(1).await, lookups(2).await), (3, 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rooms_leave_nothing_undone() {
    let street = lived_in().await;
    let done = run_until_idle(&street.house.rooms(), 2).await.unwrap();
    assert!(done > 0, "there was work");
    let mut admin = street.database.admin().await;
    let (outbox, unindexed, items, kept): (i64, i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from register.feed_outbox), (select count(*) from register.access_unindexed),
                (select count(*) from register.feed_item), (select count(*) from register.idempotency)",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert_eq!((outbox, unindexed), (0, 0));
    assert_eq!((items, kept), (5, 5), "four accounts and one end are told; answers are kept while their time runs");
    sqlx::query("update register.idempotency set expires_at = now()").execute(&mut admin).await.unwrap();
    assert_eq!(street.house.forget_answers(10).await.unwrap(), 5);
}
