//! Changes that are held: who decides on them, what a refusal leaves, and the list of those that wait.

use contracts::register::{
    Activation, BankOutcome, BankReport, Designation, DesignationRoute, EndDesignation, HeldChange, HeldPage, HeldQuery,
    HoldRefusal, HoldRelease, HoldReleased, HoldSignal, Register, RegisterServices,
};
use contracts::{Actor, Context, ItemResult, ProblemCode};
use jiff::SignedDuration;
use jiff::civil::{Date, date};
use primitives::{Account, AgreementNumber, BankCode, BenefitCode, Clock, EntryRef};
use register::{FraudRule, FraudRules, Settings};

use crate::support::{Street, TODAY, account, citizen, context, key, nemkonto, number, operator, payer, person, street_with};

/// The day changes of today wait until.
const UNTIL: Date = date(2026, 3, 7);
/// The account that makes a change wait, once two payees have it.
const SHARED: u32 = 99;

fn caseworker(user: &str) -> Context {
    context(Actor::Caseworker { user: user.into(), authority: payer() })
}

fn query() -> HeldQuery {
    HeldQuery { signal: None, entry: None, after: None, limit: 10 }
}

/// Two people have the shared account already: whoever gets it too waits.
async fn wary_street(people: u32) -> Street {
    let rule = FraudRule { from: None, shared_payees: 2, shared_days: 7, contact_days: 14, wrong_codes: 1, cooling_off_days: 5 };
    let street = street_with(Settings { fraud_rules: FraudRules(vec![rule]), ..Settings::default() }).await;
    street.record("people", [101, 102].into_iter().chain(1..=people).map(person).collect()).await;
    for n in [101, 102] {
        street.reports(n, SHARED).await;
    }
    street
}

impl Street {
    async fn reports(&self, n: u32, of: u32) -> (EntryRef, Date) {
        let report = BankReport {
            bank: BankCode::parse("B1").unwrap(),
            report: format!("R{n}-{of}"),
            identifier: number(n),
            account: account(of),
            signed_at: self.clock.now() - SignedDuration::from_mins(1),
        };
        let receipts = self.house.report_accounts(&operator(), &key(&format!("report {n} {of}")), vec![report]).await;
        match receipts.unwrap().remove(0).unwrap().outcome {
            BankOutcome::InForce { entry, effective_from } => (entry, effective_from),
            other => panic!("{other:?}"),
        }
    }

    async fn holds_account(&self, n: u32, on: Date) -> Option<Account> {
        match self.outcome(n, on).await {
            contracts::register::Resolution::Found(found) => Some(found.account),
            _ => None,
        }
    }

    async fn release(&self, who: &str, n: u32, (entry, expected): (EntryRef, Option<u32>)) -> ItemResult<HoldReleased> {
        let item = HoldRelease { identifier: number(n), entry, expected, reason: "called back".into() };
        let name = key(&format!("release {who} {n} {entry} {expected:?} {}", self.clock.now()));
        self.clock.advance(SignedDuration::from_secs(1));
        self.house.release_holds(&caseworker(who), &name, vec![item]).await.unwrap().remove(0)
    }

    async fn refuse(&self, who: &str, n: u32, (entry, expected): (EntryRef, Option<u32>)) -> ItemResult<EntryRef> {
        let item = HoldRefusal { identifier: number(n), entry, expected, reason: "not the holder's wish".into() };
        let name = key(&format!("refuse {who} {n} {entry} {expected:?} {}", self.clock.now()));
        self.clock.advance(SignedDuration::from_secs(1));
        self.house.refuse_holds(&caseworker(who), &name, vec![item]).await.unwrap().remove(0)
    }

    async fn held(&self, who: &Context, query: HeldQuery) -> HeldPage {
        self.house.held_changes(who, query).await.unwrap()
    }

    async fn held_entries(&self) -> Vec<EntryRef> {
        self.held(&operator(), query()).await.held.iter().map(|held| held.hold.entry).collect()
    }
}

fn code<T: std::fmt::Debug>(result: ItemResult<T>) -> ProblemCode {
    result.unwrap_err().code
}

/// A caseworker registers an account, and the payee enters the code: the change is still the caseworker's, who decides nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_made_a_change_in_any_version_decides_nothing_of_it() {
    let street = wary_street(1).await;
    let wish = Designation { route: DesignationRoute::Caseworker, valid_from: TODAY, ..nemkonto(1) };
    street.house.designate(&caseworker("anne"), &key("wish"), vec![wish]).await.unwrap().remove(0).unwrap();
    let right = street.house.letters_to_print(&operator(), 1).await.unwrap().remove(0).code;
    let enter = async |name: &str, code: &str| {
        let item = Activation { identifier: number(1), code: code.into() };
        street.house.activate(&citizen(1), &key(name), vec![item]).await.unwrap().remove(0)
    };
    enter("wrong", "no code").await.unwrap_err();
    let receipt = enter("right", &right).await.unwrap();
    assert_eq!(receipt.effective_from, Some(UNTIL), "a wrong code makes it wait");

    let held = street.held(&operator(), query()).await.held.remove(0);
    assert_eq!(held.made_by.len(), 2, "the caseworker and the payee: {:?}", held.made_by);
    assert!(held.made_by.contains(&"caseworker:12345678:anne".to_owned()), "{:?}", held.made_by);
    assert_eq!(code(street.release("anne", 1, (receipt.entry, None)).await), ProblemCode::Forbidden);
    assert_eq!(code(street.refuse("anne", 1, (receipt.entry, None)).await), ProblemCode::Forbidden);
    assert_eq!(street.release("bo", 1, (receipt.entry, None)).await, Ok(HoldReleased::First));
    assert_eq!(street.release("ib", 1, (receipt.entry, None)).await, Ok(HoldReleased::Released { effective_from: TODAY }));
}

/// A refused change never comes into force; what it would have replaced is paid on as if nothing had been.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_change_leaves_what_was() {
    let street = wary_street(1).await;
    street.house.designate(&operator(), &key("old"), vec![nemkonto(1)]).await.unwrap();
    let (entry, from) = street.reports(1, SHARED).await;
    assert_eq!((from, street.holds_account(1, UNTIL).await), (UNTIL, Some(account(SHARED))));
    assert_eq!(street.refuse("bo", 1, (entry, None)).await, Ok(entry));

    for day in [TODAY, UNTIL, date(2036, 1, 1)] {
        assert_eq!(street.holds_account(1, day).await, Some(account(1)), "{day}");
    }
    let hold = street.house.holds(&operator(), number(1)).await.unwrap().remove(0);
    assert_eq!(hold.refused_by.as_deref(), Some("caseworker:12345678:bo"));
    assert_eq!(code(street.release("ib", 1, (entry, None)).await), ProblemCode::NotFound, "it waits no more");
    assert_eq!(code(street.refuse("ib", 1, (entry, None)).await), ProblemCode::NotFound);
    let told = street.house.outgoing_notices(&operator(), 10).await.unwrap();
    assert!(told.last().unwrap().body.en.contains("refused"), "{told:?}");
}

/// What the change had put aside for later comes again too, and an account that was to end anyway ends then.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_gives_back_the_days_there_were_and_no_more() {
    let street = wary_street(2).await;
    street.house.designate(&operator(), &key("old"), vec![nemkonto(1), nemkonto(2)]).await.unwrap();
    let april = date(2026, 4, 1);
    let to_come = Designation { account: account(8), valid_from: april, ..nemkonto(1) };
    street.house.designate(&operator(), &key("to come"), vec![to_come]).await.unwrap();
    let end = EndDesignation {
        identifier: number(2),
        purpose: contracts::register::AccountPurpose::NemKonto,
        from: april,
        expected: None,
        reason: "asked for".into(),
    };
    street.house.end(&operator(), &key("end"), vec![end]).await.unwrap().remove(0).unwrap();
    // The reports are signed after that.
    street.clock.advance(SignedDuration::from_hours(1));
    for n in [1, 2] {
        let (entry, _) = street.reports(n, SHARED).await;
        assert_eq!(street.holds_account(n, april).await, Some(account(SHARED)));
        street.refuse("bo", n, (entry, None)).await.unwrap();
        assert_eq!(street.holds_account(n, date(2026, 3, 31)).await, Some(account(n)), "{n}");
    }
    assert_eq!(street.holds_account(1, april).await, Some(account(8)), "what was to come");
    assert_eq!(street.holds_account(2, april).await, None, "what was ended stays ended");
}

/// A change that was made after the held one stands: a refusal takes nothing from it.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_takes_nothing_from_a_later_change() {
    let street = wary_street(1).await;
    street.house.designate(&operator(), &key("old"), vec![nemkonto(1)]).await.unwrap();
    let (entry, _) = street.reports(1, SHARED).await;
    let may = date(2026, 5, 1);
    let later = Designation { account: account(8), valid_from: may, ..nemkonto(1) };
    street.house.designate(&operator(), &key("later"), vec![later]).await.unwrap();
    street.refuse("bo", 1, (entry, None)).await.unwrap();
    assert_eq!(street.holds_account(1, date(2026, 4, 30)).await, Some(account(1)));
    assert_eq!(street.holds_account(1, may).await, Some(account(8)));
}

/// A held change that went along in a merge is refused like any other: the account of before goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_went_along_in_a_merge_is_refused() {
    let street = wary_street(2).await;
    street.house.designate(&operator(), &key("old"), vec![nemkonto(1)]).await.unwrap();
    street.reports(1, SHARED).await;
    street.merge(1, 2).await;
    let [entry] = street.held_entries().await[..] else { panic!("one waits") };
    assert_eq!(street.refuse("bo", 2, (entry, None)).await, Ok(entry));
    assert_eq!(street.holds_account(2, UNTIL).await, Some(account(1)));
}

/// Who decides on something that has changed since it was shown is told so, and nothing happens.
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_on_what_was_shown() {
    let street = wary_street(1).await;
    let (entry, _) = street.reports(1, SHARED).await;
    assert_eq!(street.release("anne", 1, (entry, Some(0))).await, Ok(HoldReleased::First));
    assert_eq!(code(street.release("bo", 1, (entry, Some(0))).await), ProblemCode::Conflict);
    assert_eq!(code(street.refuse("bo", 1, (entry, Some(0))).await), ProblemCode::Conflict);
    assert_eq!(street.held_entries().await, [entry], "nothing has happened");
    let released = street.release("bo", 1, (entry, Some(1))).await;
    assert_eq!(released, Ok(HoldReleased::Released { effective_from: TODAY }));
}

/// The list has what waits and no more: page by page, those first whose time is over first.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_listed_page_by_page() {
    let street = wary_street(4).await;
    let mut entries = Vec::new();
    for n in 1..=4 {
        entries.push(street.reports(n, SHARED).await.0);
    }
    assert_eq!(street.held_entries().await, entries);
    let two = HeldQuery { limit: 2, ..query() };
    let first = street.held(&operator(), two.clone()).await;
    assert!(first.more);
    let after = first.held.last().map(HeldChange::position);
    let second = street.held(&operator(), HeldQuery { after, ..two }).await;
    let found: Vec<EntryRef> = first.held.iter().chain(&second.held).map(|held| held.hold.entry).collect();
    assert_eq!((found, second.more), (entries.clone(), false));
    let seen = &first.held[0];
    assert_eq!((seen.identifier.clone(), seen.account.clone(), seen.hold.until), (number(1), account(SHARED), UNTIL));

    let shared = HeldQuery { signal: Some(HoldSignal::SharedAccount), ..query() };
    assert_eq!(street.held(&operator(), shared).await.held.len(), 4);
    let estate = HeldQuery { signal: Some(HoldSignal::Estate), ..query() };
    assert_eq!(street.held(&operator(), estate).await.held, []);

    street.refuse("bo", 1, (entries[0], None)).await.unwrap();
    for who in ["anne", "bo"] {
        street.release(who, 2, (entries[1], None)).await.unwrap();
    }
    street.release("bo", 3, (entries[2], None)).await.unwrap();
    assert_eq!(street.held_entries().await, entries[2..], "refused and released by two: no more; by one: still");
    street.clock.advance(SignedDuration::from_hours(5 * 24));
    assert_eq!(street.held_entries().await, [], "the cooling-off is over");
}

/// Whoever is listed sees who has looked; a caseworker sees of specific accounts the own authority's, and a payee sees no list.
#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_a_lookup_and_for_those_who_decide() {
    let street = wary_street(1).await;
    let other = AgreementNumber::parse("87654321").unwrap();
    let benefit = BenefitCode::parse("NKSBFY").unwrap();
    let purpose = contracts::register::AccountPurpose::Specific { payer: other, benefit };
    let wish =
        Designation { purpose, account: account(5), valid_from: TODAY, route: DesignationRoute::Caseworker, ..nemkonto(1) };
    street.house.designate(&operator(), &key("wish"), vec![wish]).await.unwrap().remove(0).unwrap();
    let right = street.house.letters_to_print(&operator(), 1).await.unwrap().remove(0).code;
    for (name, code) in [("wrong", "no code"), ("right", right.as_str())] {
        let item = Activation { identifier: number(1), code: code.into() };
        let _ = street.house.activate(&operator(), &key(name), vec![item]).await.unwrap();
    }
    assert_eq!(street.held(&operator(), query()).await.held.len(), 1);
    assert_eq!(street.held(&caseworker("anne"), query()).await.held, [], "another authority's");
    let own = context(Actor::Caseworker { user: "ulla".into(), authority: other });
    assert_eq!(street.held(&own, query()).await.held.len(), 1);
    let asked = contracts::register::AccessQuery { identifier: number(1), limit: 10 };
    let accesses = street.house.accesses(&citizen(1), asked).await.unwrap();
    let looked: Vec<&str> = accesses.iter().filter(|access| access.operation == "held-changes").map(|a| &*a.actor).collect();
    assert_eq!(looked, ["caseworker:87654321:ulla", "operator:tester"]);
    assert_eq!(street.house.held_changes(&citizen(1), query()).await.unwrap_err().code, ProblemCode::Forbidden);
    let none = HeldQuery { limit: 0, ..query() };
    assert_eq!(street.house.held_changes(&operator(), none).await.unwrap_err().field.as_deref(), Some("limit"));
}
