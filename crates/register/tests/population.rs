//! Events of the civil and the business register, merges and splits, and the end rules.

use contracts::ProblemCode;
use contracts::register::{
    AccountPurpose, BranchMove, Designation, DesignationRoute, EndDesignation, EventOutcome, HistoryQuery, HolderMerge,
    HolderRecord, HolderSplit, HolderStatus, LastPayout, Register, RegisterEvent, RegisterServices, Resolution, SourceEvent,
    SourceFact, SourceRegister,
};
use contracts::register::{FeedAfter, HolderKind, PayeeQuery};
use jiff::SignedDuration;
use jiff::civil::{Date, date};
use primitives::{Account, Country, Cvr, DanishAccount, FeedPosition, ForeignId, Identifier};

use crate::support::{
    Street, TODAY, account, account_digits, citizen, is_paid_on, key, nemkonto, number, operator, payer, person, street,
};

fn told(position: u64, n: u32, on: Date, fact: SourceFact) -> SourceEvent {
    SourceEvent { source: SourceRegister::Cpr, position, identifier: number(n), on, fact }
}

impl Street {
    async fn tell(&self, name: &str, events: Vec<SourceEvent>) -> Vec<EventOutcome> {
        let outcomes = self.house.take_events(&operator(), &key(name), events).await.unwrap();
        outcomes.into_iter().map(Result::unwrap).collect()
    }
}

/// A new number, then another, told in the wrong order and before the first is known: one holder, paid by all three.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_change_in_whatever_order_it_is_told() {
    let street = street().await;
    let day = date(2026, 1, 5);
    let changed = |position, from, to| told(position, from, day, SourceFact::NumberChanged { new: number(to) });
    assert_eq!(street.tell("second", vec![changed(2, 2, 3)]).await, [EventOutcome::Waiting]);
    assert_eq!(street.tell("first", vec![changed(1, 1, 2)]).await, [EventOutcome::Waiting]);
    let holder = street.record("people", vec![person(1)]).await[0];
    street.house.designate(&operator(), &key("account"), vec![nemkonto(1)]).await.unwrap();
    let answer = street.resolve(TODAY, [1, 2, 3]).await;
    for resolution in &answer.resolutions {
        assert!(matches!(resolution, Resolution::Found(found) if found.holder == holder), "{resolution:?}");
    }
    assert_eq!(answer.replaced, [0, 1], "the payer of an old number is told");
    let progress = street.house.source_progress(&operator(), SourceRegister::Cpr).await.unwrap();
    assert_eq!((progress.highest, progress.waiting, progress.missing), (2, 0, vec![]));
}

/// The new number turned out to be known already: the two holders become one.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_number_that_is_known_joins_two_holders() {
    let street = street().await;
    let holders = street.record("people", vec![person(1), person(2)]).await;
    street.house.designate(&operator(), &key("accounts"), vec![nemkonto(1), nemkonto(2)]).await.unwrap();
    let change = told(7, 1, TODAY, SourceFact::NumberChanged { new: number(2) });
    assert_eq!(street.tell("change", vec![change]).await, [EventOutcome::Applied { holder: holders[1] }]);
    assert!(is_paid_on(&street.outcome(1, TODAY).await, 2), "the account of the number that stays");
    assert!(is_paid_on(&street.outcome(2, TODAY).await, 2));
    let progress = street.house.source_progress(&operator(), SourceRegister::Cpr).await.unwrap();
    assert_eq!((progress.highest, progress.missing), (7, vec![(1, 6)]), "what has not come is told");
}

/// Payees without a Danish number are known by a number of a scheme that is known, in its form.
#[tokio::test(flavor = "multi_thread")]
async fn foreign_numbers_are_checked_when_they_are_recorded() {
    let street = street().await;
    let record = async |name: &str, country: &str, scheme: &str, value: &str| {
        let id = ForeignId::new(Country::parse(country).unwrap(), scheme, value).unwrap();
        let record = HolderRecord { identifiers: vec![id.into()], ..person(1) };
        street.house.record_holders(&operator(), &key(name), vec![record]).await.unwrap().remove(0)
    };
    record("lei", "CH", "LEI", "506700GE1G29325QX363").await.unwrap();
    record("national", "SE", "NIN", "19640823-3234").await.unwrap();
    for (scheme, value) in [("LEI", "506700GE1G29325QX364"), ("PNR", "1"), ("VAT", "1")] {
        let problem = record(scheme, "CH", scheme, value).await.unwrap_err();
        assert_eq!((problem.code, problem.field.as_deref()), (ProblemCode::InvalidInput, Some("identifiers")), "{scheme}");
        assert!(!problem.detail.en.contains(value) || value == "1", "the value is not repeated");
    }
    let new = ForeignId::new(Country::parse("SE").unwrap(), "PNR", "1").unwrap().into();
    let event = told(1, 1, TODAY, SourceFact::NumberChanged { new });
    let told = street.house.take_events(&operator(), &key("change"), vec![event]).await.unwrap().remove(0);
    assert_eq!(told.unwrap_err().code, ProblemCode::InvalidInput);
}

#[tokio::test(flavor = "multi_thread")]
async fn ends_are_driven_by_events_and_undone_by_them() {
    let street = street().await;
    street.record("people", (1..=4).map(person).collect()).await;
    street.house.designate(&operator(), &key("accounts"), (1..=4).map(nemkonto).collect()).await.unwrap();
    let day = date(2026, 1, 1);
    let events = [SourceFact::Died, SourceFact::Ceased, SourceFact::BankruptcyDecreed, SourceFact::Emigrated];
    street.tell("ends", (1..).zip(1..).zip(events).map(|((p, n), fact)| told(p, n, day, fact)).collect()).await;
    for (n, last, first_closed) in [
        (1, Some(date(2028, 12, 31)), Some(date(2029, 1, 1))),
        (2, Some(date(2026, 12, 26)), Some(date(2026, 12, 27))),
        (3, Some(date(2025, 12, 31)), Some(day)),
        (4, Some(date(2090, 1, 1)), None),
    ] {
        if let Some(last) = last {
            assert!(is_paid_on(&street.outcome(n, last).await, n), "{n} is paid on {last}");
        }
        if let Some(closed) = first_closed {
            assert!(matches!(street.outcome(n, closed).await, Resolution::Closed { .. }), "{n} is end-marked on {closed}");
        }
    }
    street.tell("annulled", vec![told(9, 1, date(2026, 2, 1), SourceFact::DeathAnnulled)]).await;
    assert!(is_paid_on(&street.outcome(1, date(2090, 1, 1)).await, 1), "a death told by mistake ends nothing");
}

/// A death told twice, the second time with the right day, moves the end; a late event of before it changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_event_counts_by_its_day() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    street.house.designate(&operator(), &key("accounts"), vec![nemkonto(1)]).await.unwrap();
    street.tell("annulled", vec![told(5, 1, date(2026, 2, 1), SourceFact::DeathAnnulled)]).await;
    street.tell("died", vec![told(4, 1, date(2026, 1, 1), SourceFact::Died)]).await;
    assert!(is_paid_on(&street.outcome(1, date(2090, 1, 1)).await, 1), "annulled before the death was even told");
    street.tell("died again", vec![told(6, 1, date(2026, 2, 2), SourceFact::Died)]).await;
    assert!(matches!(street.outcome(1, date(2029, 2, 2)).await, Resolution::Closed { .. }));
    assert!(is_paid_on(&street.outcome(1, date(2029, 2, 1)).await, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_unpaid_for_five_years_is_deleted() {
    let street = street().await;
    let holders = street.record("people", vec![person(1), person(2)]).await;
    street.house.designate(&operator(), &key("accounts"), vec![nemkonto(1), nemkonto(2)]).await.unwrap();
    let payouts = vec![LastPayout { holder: holders[0], on: TODAY }, LastPayout { holder: holders[1], on: date(2021, 3, 2) }];
    street.house.note_payouts(&operator(), &key("payouts"), payouts).await.unwrap();
    assert_eq!(street.house.delete_unpaid(10).await.unwrap(), 0, "five years to the day are not over");
    street.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(street.house.delete_unpaid(10).await.unwrap(), 1);
    assert_eq!(street.house.delete_unpaid(10).await.unwrap(), 0, "once");
    let tomorrow = TODAY.tomorrow().unwrap();
    assert!(matches!(street.outcome(2, tomorrow).await, Resolution::Closed { .. }));
    assert!(is_paid_on(&street.outcome(2, TODAY).await, 2), "not before that day");
    assert!(is_paid_on(&street.outcome(1, tomorrow).await, 1));
}

/// A unit is founded, and ceases before the founding is told.
#[tokio::test(flavor = "multi_thread")]
async fn the_business_register_has_its_own_positions() {
    let street = street().await;
    let unit: Identifier = Cvr::parse("10150817").unwrap().into();
    let event = |position, on, fact| SourceEvent { source: SourceRegister::Cvr, position, identifier: unit.clone(), on, fact };
    street.tell("ceased", vec![event(2, date(2026, 2, 1), SourceFact::Ceased)]).await;
    street.tell("cpr", vec![told(2, 1, TODAY, SourceFact::Born { name: "Ingen".into(), guardians: vec![] })]).await;
    street
        .tell("founded", vec![event(1, date(2020, 1, 1), SourceFact::Born { name: "Intet ApS".into(), guardians: vec![] })])
        .await;
    let holder = street.house.holders(&operator(), vec![unit.clone()]).await.unwrap().remove(0).unwrap();
    assert_eq!((holder.kind, holder.name.as_deref(), holder.status), (HolderKind::Unit, Some("Intet ApS"), HolderStatus::Closed));
    assert_eq!(holder.status_from, Some(date(2027, 1, 27)), "360 days");
    let request = |on| contracts::register::ResolveRequest {
        payer: payer(),
        on,
        payees: vec![PayeeQuery { identifier: unit.clone(), fallback: None, benefit: None }],
    };
    let before = street.house.resolve(&operator(), request(TODAY)).await.unwrap().resolutions;
    assert!(matches!(before[0], Resolution::NoAccount { .. }));
}

/// What an old reference had is told of the new one, and an answer as known then stays what it was.
#[tokio::test(flavor = "multi_thread")]
async fn merging_keeps_history_and_takes_accounts_over() {
    let street = street().await;
    let holders = street.record("people", vec![person(1), person(2)]).await;
    street.house.designate(&operator(), &key("account"), vec![nemkonto(1)]).await.unwrap();
    let pending = Designation { route: DesignationRoute::SelfService, account: account(9), ..nemkonto(1) };
    street.house.designate(&citizen(1), &key("wish"), vec![pending]).await.unwrap();
    let known = street.resolve(TODAY, [1]).await.as_known;
    let history = async |n, at| {
        let query = HistoryQuery { identifier: number(n), as_known: at };
        street.house.history(&operator(), query).await.unwrap()
    };
    let before = (history(1, Some(known)).await, history(2, Some(known)).await);
    assert_eq!((before.0.len(), before.1.len()), (2, 0));
    street.merge(1, 2).await;
    assert!(is_paid_on(&street.outcome(2, TODAY).await, 1), "the account goes along");
    assert_eq!((history(1, Some(known)).await, history(2, Some(known)).await), before, "as known before the merge");
    assert_eq!(history(1, None).await.len(), 3, "two of before, and the one taken over");
    let feed = street.house.feed(&operator(), FeedAfter { after: FeedPosition(0), limit: 100 }).await.unwrap();
    let merged = RegisterEvent::HolderMerged { from: holders[0], into: holders[1] };
    assert!(feed.iter().any(|item| item.event == merged));
    let again = HolderMerge { from: number(1), into: number(2), reason: "again".into() };
    let again = street.house.merge_holders(&operator(), &key("again"), vec![again]).await.unwrap().remove(0);
    assert_eq!(again.unwrap_err().code, ProblemCode::Conflict, "they are one already");
}

/// After a split nobody is paid on an account by a guess, and what was told wrongly is not done again.
#[tokio::test(flavor = "multi_thread")]
async fn a_split_undoes_a_wrong_number_change() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    street.house.designate(&operator(), &key("account"), vec![nemkonto(1)]).await.unwrap();
    street.tell("change", vec![told(1, 1, TODAY, SourceFact::NumberChanged { new: number(2) })]).await;
    let split = HolderSplit {
        identifiers: vec![number(2)],
        kind: HolderKind::Person,
        name: "En Anden".into(),
        born: Some(date(1980, 1, 1)),
        entries: vec![],
        reason: "the number was another person's".into(),
    };
    let split_again = split.clone();
    let new = street.house.split_holders(&operator(), &key("split"), vec![split]).await.unwrap().remove(0).unwrap();
    assert_eq!(street.outcome(2, TODAY).await, Resolution::NoAccount { holder: new });
    let answer = street.resolve(TODAY, [1]).await;
    assert!(is_paid_on(&answer.resolutions[0], 1));
    assert!(answer.replaced.is_empty(), "the first number is in use again");
    street.tell("moved", vec![told(2, 1, TODAY, SourceFact::Emigrated)]).await;
    assert_eq!(street.outcome(2, TODAY).await, Resolution::NoAccount { holder: new }, "still two");
    let all = street.house.split_holders(&operator(), &key("all"), vec![split_again]).await.unwrap().remove(0);
    assert_eq!(all.unwrap_err().code, ProblemCode::Conflict, "a number must stay");
}

/// Links are not for self-service.
#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_is_not_told_of_links_and_changes_none() {
    let street = street().await;
    street.record("people", vec![HolderRecord { ..person(1) }]).await;
    let forbidden = street.house.holder_links(&citizen(1), number(1)).await.unwrap_err();
    assert_eq!(forbidden.code, ProblemCode::Forbidden);
    let events = vec![told(1, 1, TODAY, SourceFact::DeathAnnulled)];
    assert_eq!(street.house.take_events(&citizen(1), &key("x"), events).await.unwrap_err().code, ProblemCode::Forbidden);
}

/// A split that takes one number away, under another name, with these entries.
fn split_off(n: u32, entries: Vec<primitives::EntryRef>) -> HolderSplit {
    HolderSplit {
        identifiers: vec![number(n)],
        kind: HolderKind::Person,
        name: "En Anden".into(),
        born: Some(date(1980, 1, 1)),
        entries,
        reason: "the number was another person's".into(),
    }
}

/// One had an account that is over, the other an account to come: on the days on which they have nothing, the account of the other is paid.
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_keeps_the_account_that_is_paid_today() {
    let street = street().await;
    street.record("people", (1..=4).map(person).collect()).await;
    let to_come = Designation { valid_from: date(2026, 6, 1), ..nemkonto(4) };
    street.house.designate(&operator(), &key("accounts"), vec![nemkonto(1), nemkonto(2), nemkonto(3), to_come]).await.unwrap();
    let end = EndDesignation {
        identifier: number(2),
        purpose: AccountPurpose::NemKonto,
        from: TODAY,
        expected: None,
        reason: "ends".into(),
    };
    street.house.end(&operator(), &key("end"), vec![end]).await.unwrap().remove(0).unwrap();
    street.clock.advance(SignedDuration::from_hours(240));
    let now = date(2026, 3, 12);
    street.merge(1, 2).await;
    street.merge(3, 4).await;
    for (n, on, paid) in
        [(2, now, 1), (2, date(2026, 3, 1), 2), (2, TODAY, 1), (4, now, 3), (4, date(2026, 5, 31), 3), (4, date(2026, 6, 1), 4)]
    {
        assert!(is_paid_on(&street.outcome(n, on).await, paid), "{n} on {on} is paid on the account of {paid}");
    }
}

/// What is taken over in a merge or a split follows a branch that has moved, at once: the room may have passed the holder already.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_over_follows_its_branch() {
    let street = street().await;
    street.record("people", (1..=3).map(person).collect()).await;
    let moved = |n| Account::Danish(DanishAccount::new("6610", &account_digits(n)).unwrap());
    let made = street.house.designate(&operator(), &key("accounts"), vec![nemkonto(1), nemkonto(3)]).await.unwrap();
    street.tell("number", vec![told(1, 3, TODAY, SourceFact::NumberChanged { new: number(4) })]).await;
    let wanted = BranchMove { from: "5479".into(), into: "6610".into(), on: TODAY, reason: "merger".into() };
    street.house.move_branches(&operator(), &key("move"), vec![wanted]).await.unwrap().remove(0).unwrap();
    street.merge(1, 2).await;
    let entry = made[1].as_ref().unwrap().entry;
    street.house.split_holders(&operator(), &key("split"), vec![split_off(4, vec![entry])]).await.unwrap().remove(0).unwrap();
    for (n, of) in [(2, 1), (4, 3)] {
        let paid = street.outcome(n, TODAY).await;
        assert!(matches!(&paid, Resolution::Found(found) if found.account == moved(of)), "{n}: {paid:?}");
        assert!(is_paid_on(&street.outcome(n, date(2026, 3, 1)).await, of), "{n}, before the day");
    }
}

/// Two persons were one by mistake, and one of them has died: after the split the other is neither dead nor called so.
#[tokio::test(flavor = "multi_thread")]
async fn a_split_takes_along_what_was_told_of_the_other() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    street.house.designate(&operator(), &key("account"), vec![nemkonto(1)]).await.unwrap();
    let died = date(2020, 1, 1);
    street
        .tell(
            "wrongly one",
            vec![
                told(1, 1, date(2019, 1, 1), SourceFact::NumberChanged { new: number(2) }),
                told(2, 2, date(2019, 2, 1), SourceFact::NameChanged { name: "En Anden".into() }),
                told(3, 2, died, SourceFact::Died),
            ],
        )
        .await;
    assert!(matches!(street.outcome(1, TODAY).await, Resolution::Closed { .. }));
    street.house.split_holders(&operator(), &key("split"), vec![split_off(2, vec![])]).await.unwrap().remove(0).unwrap();
    assert!(is_paid_on(&street.outcome(1, TODAY).await, 1), "who is alive is paid");
    assert!(matches!(street.outcome(2, TODAY).await, Resolution::Closed { .. }), "who has died is end-marked");
    let found = street.house.holders(&operator(), vec![number(1), number(2)]).await.unwrap();
    let facts: Vec<_> = found.into_iter().flatten().map(|holder| (holder.name.unwrap(), holder.status)).collect();
    assert_eq!(facts, [("Ingen Nummer 1".to_owned(), HolderStatus::Active), ("En Anden".to_owned(), HolderStatus::Closed)]);
}

/// The death was told of the holder that becomes part of the other: by hand, and by a number that turns out to be known.
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_brings_the_end_along() {
    let street = street().await;
    street.record("people", (1..=4).map(person).collect()).await;
    street.house.designate(&operator(), &key("accounts"), vec![nemkonto(2), nemkonto(4)]).await.unwrap();
    let died = date(2020, 1, 1);
    street.tell("died", vec![told(1, 1, died, SourceFact::Died), told(2, 3, died, SourceFact::Died)]).await;
    street.merge(1, 2).await;
    street.tell("number", vec![told(3, 3, date(2021, 1, 1), SourceFact::NumberChanged { new: number(4) })]).await;
    for n in [1, 2, 3, 4] {
        assert!(matches!(street.outcome(n, TODAY).await, Resolution::Closed { .. }), "{n}");
    }
}

/// A number that was joined wrongly and split off is not joined again by a later merge, though all that was told counts anew then.
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_does_not_repeat_a_wrong_number_change() {
    let street = street().await;
    street.record("people", vec![person(1), person(3)]).await;
    street.tell("wrong", vec![told(1, 1, date(2026, 1, 1), SourceFact::NumberChanged { new: number(2) })]).await;
    let new =
        street.house.split_holders(&operator(), &key("split"), vec![split_off(2, vec![])]).await.unwrap().remove(0).unwrap();
    street.merge(1, 3).await;
    assert_eq!(street.outcome(2, TODAY).await, Resolution::NoAccount { holder: new }, "still another person");
}

/// Where nobody tells of payouts, nobody is known to be unpaid.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_deleted_while_no_payouts_are_told() {
    let street = street().await;
    let holders = street.record("people", vec![person(1), person(2)]).await;
    street.house.designate(&operator(), &key("accounts"), vec![nemkonto(1), nemkonto(2)]).await.unwrap();
    let note = async |holder: usize, on: Date| {
        let payouts = vec![LastPayout { holder: holders[holder], on }];
        street.house.note_payouts(&operator(), &key(&format!("paid {holder} {on}")), payouts).await.unwrap();
    };
    note(0, date(2019, 1, 1)).await;
    note(1, date(2026, 1, 1)).await;
    assert_eq!(street.house.delete_unpaid(10).await.unwrap(), 0, "the news ended two months ago");
    assert!(is_paid_on(&street.outcome(1, TODAY).await, 1));
    note(1, TODAY).await;
    assert_eq!(street.house.delete_unpaid(10).await.unwrap(), 1);
}

/// How far a source has come is kept up to date with each event: the events themselves are not read for it.
#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_without_reading_the_events() {
    let street = street().await;
    let emigrated = |position, n| told(position, n, TODAY, SourceFact::Emigrated);
    let progress = async || {
        let told = street.house.source_progress(&operator(), SourceRegister::Cpr).await.unwrap();
        (told.highest, told.waiting, told.missing)
    };
    assert_eq!(progress().await, (0, 0, vec![]));
    street.tell("some", vec![emigrated(9, 1), emigrated(4, 2), emigrated(5, 1), emigrated(6, 3)]).await;
    assert_eq!(progress().await, (9, 4, vec![(1, 3), (7, 8)]));
    street.tell("between", vec![emigrated(2, 2), emigrated(5, 1), emigrated(8, 3), emigrated(12, 3)]).await;
    assert_eq!(progress().await, (12, 7, vec![(1, 1), (3, 3), (7, 7), (10, 11)]));
    street.record("known now", vec![person(1)]).await;
    assert_eq!(progress().await, (12, 5, vec![(1, 1), (3, 3), (7, 7), (10, 11)]));
    street.tell("born", vec![told(1, 3, TODAY, SourceFact::Born { name: "Ingen".into(), guardians: vec![] })]).await;
    assert_eq!(progress().await, (12, 2, vec![(3, 3), (7, 7), (10, 11)]));
    street.tell("number", vec![told(3, 1, TODAY, SourceFact::NumberChanged { new: number(2) })]).await;
    assert_eq!(progress().await, (12, 0, vec![(7, 7), (10, 11)]));
    let mut admin = street.database.admin().await;
    sqlx::query("revoke select on register.source_event from nemkonto_register").execute(&mut admin).await.unwrap();
    assert_eq!(progress().await, (12, 0, vec![(7, 7), (10, 11)]), "not read from the events");
}
