//! Random histories against a plain model: for each day, the account that was designated last.

use std::sync::Arc;

use contracts::ProblemCode;
use contracts::register::{
    AccountPurpose, Designation, EndDesignation, HistoryEntry, HistoryQuery, HolderRecord, HolderStatus, Register, Resolution,
};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use primitives::{Clock, ManualClock};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use register::House;

use crate::support::{self, Street, TODAY, account, key, nemkonto, number, operator, person, street};

/// The days a history is played on: from today.
const DAYS: usize = 12;

#[derive(Clone, Debug)]
enum Change {
    Designate { from: usize },
    End { from: usize },
    Close { from: usize },
    Reopen { from: usize },
}

fn change() -> impl Strategy<Value = Change> {
    let from = 0..DAYS;
    prop_oneof![
        4 => from.clone().prop_map(|from| Change::Designate { from }),
        2 => from.clone().prop_map(|from| Change::End { from }),
        // A holder end-marked today takes no designation; later ones do.
        1 => (1..DAYS).prop_map(|from| Change::Close { from }),
        1 => from.prop_map(|from| Change::Reopen { from }),
    ]
}

fn day(n: usize) -> Date {
    TODAY + i64::try_from(n).unwrap().days()
}

/// What is expected of each day.
#[derive(Clone, Debug, Default)]
struct Model {
    account: [Option<u32>; DAYS],
    closed: [bool; DAYS],
    /// Whether the holder's latest status is end-marked, and from which day.
    closed_from: Option<usize>,
}

impl Model {
    fn expects(&self, n: usize) -> Option<Option<u32>> {
        (!self.closed[n]).then_some(self.account[n])
    }
}

struct Play {
    house: Arc<House>,
    person: u32,
    model: Model,
    step: u32,
    /// What the history was when it was asked for.
    known: Vec<(Timestamp, Vec<HistoryEntry>)>,
}

impl Play {
    async fn make(&mut self, change: &Change) {
        self.step += 1;
        let key = key(&format!("{}/{}", self.person, self.step));
        match *change {
            Change::Designate { from } => {
                let marked = 1_000 * self.person + self.step;
                let item = Designation { account: account(marked), valid_from: day(from), ..nemkonto(self.person) };
                self.house.designate(&operator(), &key, vec![item]).await.unwrap().remove(0).unwrap();
                self.model.account[from..].fill(Some(marked));
            }
            Change::End { from } => {
                let (identifier, purpose) = (number(self.person), AccountPurpose::NemKonto);
                let item = EndDesignation { identifier, purpose, from: day(from), expected: None, reason: "end".into() };
                let ended = self.house.end(&operator(), &key, vec![item]).await.unwrap().remove(0);
                assert_eq!(ended.is_ok(), self.model.account[from..].iter().any(Option::is_some), "something to end");
                self.model.account[from..].fill(None);
            }
            Change::Close { from } => self.status(key, HolderStatus::Closed, from).await,
            Change::Reopen { from } => self.status(key, HolderStatus::Active, from).await,
        }
    }

    async fn status(&mut self, key: contracts::IdempotencyKey, status: HolderStatus, from: usize) {
        let record = HolderRecord { status, status_from: Some(day(from)), ..person(self.person) };
        self.house.record_holders(&operator(), &key, vec![record]).await.unwrap().remove(0).unwrap();
        let model = &mut self.model;
        match (status, model.closed_from) {
            (HolderStatus::Active, None) => {}
            (HolderStatus::Active, Some(_)) => {
                model.closed[from..].fill(false);
                model.closed_from = None;
            }
            (_, None) => {
                model.closed[from..].fill(true);
                model.closed_from = Some(from);
            }
            (_, Some(before)) => {
                // The day was corrected.
                model.closed[before.min(from)..].fill(true);
                model.closed[before.min(from)..from].fill(false);
                model.closed_from = Some(from);
            }
        }
    }

    async fn compare(&mut self) {
        for n in 0..DAYS {
            let request = contracts::register::ResolveRequest {
                payer: support::payer(),
                on: day(n),
                payees: vec![support::payee(self.person)],
            };
            let answer = self.house.resolve(&operator(), request).await.unwrap();
            let found = match &answer.resolutions[0] {
                Resolution::Found(found) => Some(Some(found.account.clone())),
                Resolution::NoAccount { .. } => Some(None),
                Resolution::Closed { .. } => None,
                Resolution::Unknown => panic!("the holder is known"),
            };
            assert_eq!(found, self.model.expects(n).map(|marked| marked.map(account)), "on {}", day(n));
            if n == 0 {
                self.known.push((answer.as_known, self.history(answer.as_known).await));
            }
        }
    }

    async fn history(&self, as_known: Timestamp) -> Vec<HistoryEntry> {
        let query = HistoryQuery { identifier: number(self.person), as_known: Some(as_known) };
        self.house.history(&operator(), query).await.unwrap()
    }
}

async fn play(street: &Street, n: u32, changes: &[Change]) {
    street.record(&format!("person {n}"), vec![person(n)]).await;
    let mut play = Play { house: street.house.clone(), person: n, model: Model::default(), step: 0, known: vec![] };
    for change in changes {
        let closed_today = play.model.closed[0];
        if closed_today && matches!(change, Change::Designate { .. }) {
            continue;
        }
        // Reopening from a day inside an end-marked span that began earlier leaves a status the model does not tell apart from another.
        if let (Change::Reopen { from }, Some(before)) = (change, play.model.closed_from)
            && *from > before
        {
            continue;
        }
        play.make(change).await;
        play.compare().await;
        street.clock.advance(SignedDuration::from_secs(1));
    }
    for (at, history) in &play.known {
        assert_eq!(play.history(*at).await, *history, "as known at {at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_history_resolves_as_the_model_says() {
    let street = street().await;
    let mut runner = TestRunner::deterministic();
    let strategy = proptest::collection::vec(change(), 1..10);
    for n in 0..12 {
        let changes = strategy.new_tree(&mut runner).unwrap().current();
        play(&street, n, &changes).await;
    }
    one_step_a_day(&street).await;
}

/// No two rows of the projection, and no two believed accounts, share a day.
async fn one_step_a_day(street: &Street) {
    let mut admin = street.database.admin().await;
    for table in [
        "(select number::text as id, payer, benefit, valid_from, valid_until, ctid from register.resolve_current)",
        "(select holder_ref::text as id, payer, benefit, valid_from, valid_until, ctid from register.entry
          where state = 'active' and recorded_until is null)",
        "(select holder_ref::text as id, '' as payer, '' as benefit, valid_from, valid_until, ctid from register.holder_fact
          where recorded_until is null)",
    ] {
        let sql = format!(
            "select count(*) from {table} a join {table} b using (id, payer, benefit)
             where a.ctid <> b.ctid and daterange(a.valid_from, a.valid_until) && daterange(b.valid_from, b.valid_until)"
        );
        let overlaps: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut admin).await.unwrap();
        assert_eq!(overlaps, 0, "{table}");
    }
}

/// Whoever has asked what was known at a time gets the same answer ever after, also where another writer's clock is behind; and nobody knows what
/// will be known.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_as_known_at_a_time_never_changes() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let behind = ManualClock::at_noon(TODAY).unwrap();
    street.clock.advance(SignedDuration::from_secs(60));
    let asked = street.clock.now() - SignedDuration::from_secs(10);
    let query = |at| HistoryQuery { identifier: number(1), as_known: Some(at) };
    assert!(street.house.history(&operator(), query(asked)).await.unwrap().is_empty());
    let other = support::house_on(&street.database, &behind, register::Settings::default()).await;
    other.designate(&operator(), &key("behind"), vec![nemkonto(1)]).await.unwrap().remove(0).unwrap();
    assert!(street.house.history(&operator(), query(asked)).await.unwrap().is_empty(), "recorded later than that");
    assert_eq!(street.house.history(&operator(), query(street.clock.now())).await.unwrap().len(), 1);
    let future = street.clock.now() + SignedDuration::from_secs(1);
    let problem = street.house.history(&operator(), query(future)).await.unwrap_err();
    assert_eq!((problem.code, problem.field.as_deref()), (ProblemCode::InvalidInput, Some("as_known")));
}
