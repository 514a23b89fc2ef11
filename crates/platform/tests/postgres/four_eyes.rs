//! Four eyes, also where the program were wrong: the database keeps the rules.

use jiff::{Timestamp, ToSpan};
use platform::database::Database;
use platform::four_eyes::{NewProposal, Refusal, State, Verdict, Wanted, decide, judge, list, lock, propose};
use platform::testing::TestDatabase;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::houses::first;

fn at(hours: i64) -> Timestamp {
    "2026-03-02T12:00:00Z".parse::<Timestamp>().unwrap().checked_add(hours.hours()).unwrap()
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

async fn proposed(house: &Database, number: u128) {
    let mut connection = house.pool().acquire().await.unwrap();
    let new = NewProposal {
        id: id(number),
        kind: "agreement",
        subject: "agreement:00000001",
        payload: b"sealed",
        by: "kim",
        at: at(0),
        expires_at: at(2),
    };
    propose(&mut connection, "first", &new).await.unwrap();
}

#[tokio::test]
async fn another_person_approves_once() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    proposed(&house, 1).await;
    let mut tx = house.pool().begin().await.unwrap();
    assert!(lock(&mut tx, "first", "other kind", id(1)).await.unwrap().is_none());
    let stored = lock(&mut tx, "first", "agreement", id(1)).await.unwrap().unwrap();
    assert_eq!(
        (stored.payload.as_slice(), stored.proposed_by.as_str(), stored.state_at(at(1))),
        (&b"sealed"[..], "kim", State::Open)
    );
    assert_eq!(judge(&stored, Verdict::Approve, "kim", at(1)), Err(Refusal::OwnProposal));
    assert_eq!(judge(&stored, Verdict::Approve, "bo", at(1)), Ok(State::Approved));
    decide(&mut tx, "first", id(1), Verdict::Approve, "bo", at(1)).await.unwrap();
    tx.commit().await.unwrap();

    let mut connection = house.pool().acquire().await.unwrap();
    let stored = lock(&mut connection, "first", "agreement", id(1)).await.unwrap().unwrap();
    assert_eq!(
        (stored.state_at(at(9)), stored.decided_by.as_deref(), stored.decided_at),
        (State::Approved, Some("bo"), Some(at(1)))
    );
    assert!(decide(&mut connection, "first", id(1), Verdict::Reject, "eva", at(1)).await.is_err(), "it is decided");
}

#[tokio::test]
async fn proposals_are_listed_by_the_state_they_are_in_now() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    for number in 1..=3 {
        proposed(&house, number).await;
    }
    let mut connection = house.pool().acquire().await.unwrap();
    decide(&mut connection, "first", id(2), Verdict::Withdraw, "kim", at(1)).await.unwrap();
    let mut listed = async |state, hours| {
        let found =
            list(&mut connection, "first", Wanted { kind: "agreement", state, within: None }, at(hours), 10).await.unwrap();
        found.iter().map(|stored| stored.id.as_u128()).collect::<Vec<_>>()
    };
    assert_eq!(listed(State::Open, 1).await, [1, 3]);
    assert_eq!(listed(State::Expired, 1).await, Vec::<u128>::new());
    assert_eq!(listed(State::Open, 2).await, Vec::<u128>::new());
    assert_eq!(listed(State::Expired, 2).await, [1, 3]);
    assert_eq!(listed(State::Withdrawn, 2).await, [2]);
}

#[tokio::test]
async fn the_database_refuses_what_breaks_the_rules() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    proposed(&house, 1).await;
    let decided = |state: &str, by: &str, hours: i64| {
        format!("update first.proposal set state = '{state}', decided_by = '{by}', decided_at = '{}'", at(hours))
    };
    let check = async |statement: String, expect: &str| {
        let error = sqlx::query(AssertSqlSafe(statement.clone())).execute(house.pool()).await.unwrap_err();
        let error = error.into_database_error().unwrap();
        let found = error.constraint().map(str::to_owned).or(error.code().map(|code| code.into_owned()));
        assert_eq!(found.as_deref(), Some(expect), "{statement}");
    };
    check(decided("approved", "kim", 1), "proposal_four_eyes").await;
    check(decided("rejected", "kim", 1), "proposal_four_eyes").await;
    check(decided("withdrawn", "bo", 1), "proposal_withdrawn_by_proposer").await;
    check(decided("approved", "bo", 2), "proposal_decided_in_time").await;
    check(decided("approved", "bo", -1), "proposal_decided_in_time").await;
    check(decided("agreed", "bo", 1), "proposal_state_known").await;
    check("update first.proposal set state = 'approved'".into(), "proposal_decision_whole").await;
    for column in ["payload = ''", "proposed_by = 'bo'", "expires_at = now()", "kind = ''", "subject = ''"] {
        check(format!("update first.proposal set {column}"), "42501").await;
    }
    check("delete from first.proposal".into(), "42501").await;
    let begun = "insert into first.proposal values (gen_random_uuid(), 'a', 'b', '', 'kim', now(), now() + interval '1 hour', 'approved', 'bo', now())";
    check(begun.into(), "proposal_begins_open").await;
    sqlx::query(AssertSqlSafe(decided("approved", "bo", 1))).execute(house.pool()).await.unwrap();
    check(decided("rejected", "bo", 1), "proposal_decided_once").await;
    check("update first.proposal set state = 'open', decided_by = null, decided_at = null".into(), "proposal_decided_once").await;
}
