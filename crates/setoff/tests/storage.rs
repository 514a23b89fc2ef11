//! What the database lets the running program do, and what it lets others see.

use contracts::{ProblemCode, setoff::Setoff};
use jiff::SignedDuration;
use platform::{
    change_log::{self, ChangeLog, verify},
    driver::Progress,
    driver::Room,
    seal::KeyRing,
};
use setoff::Publisher;
use sqlx::{AssertSqlSafe, Row};

use crate::support::{Street, key, leg, mediation, payout, person, request, street};

const APPEND_ONLY: [&str; 13] = [
    "marker_version",
    "rule_version",
    "benefit_rule",
    "reservation",
    "reservation_end",
    "reversal",
    "voided_leg",
    "feed_item",
    "access_log",
    "access_subject",
    "change",
    "change_link",
    "change_checkpoint",
];

/// One payout redirected and posted, with its advice.
async fn redirected() -> Street {
    let street = street().await;
    street.mark(&[person(1)]).await;
    street.house.reserve(&mediation(), &key("reserve"), request(vec![payout(1, person(1))])).await.unwrap();
    street.house.post(&mediation(), &key("post"), vec![leg(1)]).await.unwrap();
    assert!(matches!(Publisher::new(street.house.clone()).step().await.unwrap(), Progress::Worked(1)));
    street
}

#[tokio::test]
async fn append_only_tables_can_neither_be_changed_nor_emptied() {
    let street = redirected().await;
    let database = street.database.connect("setoff").await;
    for table in APPEND_ONLY {
        for statement in [format!("delete from setoff.{table}"), format!("truncate setoff.{table}"), update(&street, table).await]
        {
            let error = sqlx::query(AssertSqlSafe(statement.clone())).execute(database.pool()).await.expect_err(&statement);
            let code = error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
            assert_eq!(code.as_deref(), Some("42501"), "{statement} must be denied");
        }
    }
}

/// A statement that would change the table's first column to what it is.
async fn update(street: &Street, table: &str) -> String {
    let mut admin = street.database.admin().await;
    let column: String = sqlx::query(
        "select column_name::text from information_schema.columns where table_schema = 'setoff' and table_name = $1 and ordinal_position = 2",
    )
    .bind(table)
    .fetch_one(&mut admin)
    .await
    .unwrap()
    .get(0);
    format!("update setoff.{table} set {column} = {column}")
}

#[test]
fn the_change_log_is_made_as_the_platform_says() {
    assert!(include_str!("../migrations/0002_changes.sql").contains(&change_log::ddl("setoff")));
}

#[tokio::test]
async fn what_the_recovery_authority_changes_is_chained_and_signed() {
    let street = redirected().await;
    for room in street.house.rooms() {
        while room.step().await.unwrap() != Progress::Idle {}
    }
    let (log, database) = (ChangeLog::new("setoff", &KeyRing::for_tests()), street.database.connect("setoff").await);
    let verified = verify(&database, &log, None).await.unwrap();
    assert!(verified.links > 0 && verified.waiting == 0 && verified.findings.is_empty(), "{verified:?}");

    let mut admin = street.database.admin().await;
    let touched =
        "update setoff.change set actor = 'operator:nobody' where change_id = (select min(change_id) from setoff.change)";
    sqlx::query(touched).execute(&mut admin).await.unwrap();
    assert_eq!(verify(&database, &log, None).await.unwrap().findings.len(), 1);
}

#[tokio::test]
async fn no_number_stands_in_any_table() {
    let street = redirected().await;
    let digits = person(1).canonical().into_owned();
    let hex: String = digits.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut admin = street.database.admin().await;
    let tables = sqlx::query("select table_name::text from information_schema.tables where table_schema = 'setoff'")
        .fetch_all(&mut admin)
        .await
        .unwrap();
    assert!(tables.len() > APPEND_ONLY.len());
    let mut text = String::new();
    for table in tables {
        let sql = format!("select coalesce(string_agg(t::text, ''), '') from setoff.{} t", table.get::<String, _>(0));
        text += &sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut admin).await.unwrap().get::<String, _>(0);
    }
    assert!(text.contains("common"), "the tables were read");
    assert!(!text.contains(&digits) && !text.contains(&hex), "the number is sealed everywhere");
}

#[tokio::test]
async fn the_access_record_names_those_who_were_redirected() {
    let street = street().await;
    street.mark(&[person(1)]).await;
    let payouts = vec![payout(1, person(1)), payout(2, person(2))];
    street.house.reserve(&mediation(), &key("reserve"), request(payouts)).await.unwrap();
    street.house.reserve(&mediation(), &key("nobody"), request(vec![payout(3, person(3))])).await.unwrap();
    let mut admin = street.database.admin().await;
    let rows = sqlx::query("select operation, legal_basis, octet_length(subjects) / 17 from setoff.access_log")
        .fetch_all(&mut admin)
        .await
        .unwrap();
    assert_eq!(rows.len(), 1, "a call that tells of nobody records nobody");
    assert_eq!(rows[0].get::<String, _>(0), "reserve");
    assert_eq!(rows[0].get::<String, _>(1), mediation().legal_basis.as_str());
    assert_eq!(rows[0].get::<i32, _>(2), 1);
}

#[tokio::test]
async fn an_unanswered_reservation_becomes_overdue_and_can_still_be_posted() {
    let street = street().await;
    street.mark(&[person(1), person(2)]).await;
    let payouts = vec![payout(1, person(1)), payout(2, person(2))];
    street.house.reserve(&mediation(), &key("reserve"), request(payouts)).await.unwrap();
    street.house.void(&mediation(), &key("void"), vec![leg(2)]).await.unwrap();
    street.clock.advance(SignedDuration::from_hours(29 * 24));
    assert!(street.house.overdue(10).await.unwrap().is_empty());
    street.clock.advance(SignedDuration::from_hours(2 * 24));
    let overdue = street.house.overdue(10).await.unwrap();
    assert_eq!(overdue.iter().map(|overdue| overdue.leg).collect::<Vec<_>>(), [leg(1)]);
    let posted = street.house.post(&mediation(), &key("post"), vec![leg(1)]).await.unwrap();
    assert_eq!(posted, [Ok(overdue[0].reservation)]);
    assert!(street.house.overdue(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_has_ended_is_not_looked_through_for_what_is_overdue() {
    let street = street().await;
    let payees: Vec<_> = (0..40).map(person).collect();
    street.mark(&payees).await;
    let payouts = (0..).zip(payees).map(|(row, payee)| payout(row, payee)).collect();
    street.house.reserve(&mediation(), &key("reserve"), request(payouts)).await.unwrap();
    street.house.post(&mediation(), &key("post"), (0..20).map(leg).collect()).await.unwrap();
    street.house.void(&mediation(), &key("void"), (20..37).map(leg).collect()).await.unwrap();
    street.house.reverse(&mediation(), &key("reverse"), (18..39).map(leg).collect()).await.unwrap();
    let mut admin = street.database.admin().await;
    let open = sqlx::query("select leg_row from setoff.open_reservation").fetch_all(&mut admin).await.unwrap();
    assert_eq!(open.iter().map(|row| row.get::<i32, _>(0)).collect::<Vec<_>>(), [39]);
    street.clock.advance(SignedDuration::from_hours(31 * 24));
    let overdue = street.house.overdue(100).await.unwrap();
    assert_eq!(overdue.iter().map(|overdue| overdue.leg).collect::<Vec<_>>(), [leg(39)]);
}

#[tokio::test]
async fn a_call_that_is_refused_whole_leaves_no_trace() {
    let street = redirected().await;
    let mut other = payout(1, person(2));
    other.payee = person(3);
    let refused = street.house.reserve(&mediation(), &key("other"), request(vec![other, payout(9, person(1))])).await;
    assert_eq!(refused.unwrap_err().code, ProblemCode::Conflict);
    let mut admin = street.database.admin().await;
    let reservations: i64 = sqlx::query("select count(*) from setoff.reservation").fetch_one(&mut admin).await.unwrap().get(0);
    assert_eq!(reservations, 1, "the other payout of the call is not reserved either");
}
