//! Designation by every route: banks' reports, guardians, forms for accounts abroad; letters, and what holders are told.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use contracts::register::{
    Attestor, BankOutcome, BankReceipt, BankReport, Designation, DesignationReceipt, DesignationRoute, EntryState,
    FormSignatures, HistoryQuery, HolderRecord, PostalAddress, Register, RegisterServices, Resolution, SourceEvent, SourceFact,
    SourceRegister,
};
use contracts::{Actor, Context, ItemResult, ProblemCode};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use primitives::{Account, BankCode, Clock, Country, Iban};
use register::Settings;
use support::{Street, TODAY, account, citizen, context, key, nemkonto, number, operator, person, street, street_with};

fn bank(code: &str) -> BankCode {
    BankCode::parse(code).unwrap()
}

fn by_bank(code: &str) -> Context {
    context(Actor::Bank { code: bank(code) })
}

fn report(code: &str, id: &str, n: u32, account_of: u32, signed_at: Timestamp) -> BankReport {
    BankReport { bank: bank(code), report: id.into(), identifier: number(n), account: account(account_of), signed_at }
}

impl Street {
    async fn report(&self, name: &str, code: &str, reports: Vec<BankReport>) -> Vec<ItemResult<BankReceipt>> {
        self.house.report_accounts(&by_bank(code), &key(name), reports).await.unwrap()
    }

    async fn designate(&self, who: &Context, name: &str, item: Designation) -> ItemResult<DesignationReceipt> {
        self.house.designate(who, &key(name), vec![item]).await.unwrap().remove(0)
    }

    async fn paid_on(&self, n: u32) -> Option<Account> {
        match self.resolve(TODAY, [n]).await.resolutions.remove(0) {
            Resolution::Found(found) => Some(found.account),
            _ => None,
        }
    }

    async fn tell(&self, position: u64, n: u32, on: Date, fact: SourceFact) {
        let event = SourceEvent { source: SourceRegister::Cpr, position, identifier: number(n), on, fact };
        self.house.take_events(&operator(), &key(&format!("event {position}")), vec![event]).await.unwrap().remove(0).unwrap();
    }

    fn ago(&self, seconds: i64) -> Timestamp {
        self.clock.now() - SignedDuration::from_secs(seconds)
    }
}

fn outcome(receipt: &ItemResult<BankReceipt>) -> &'static str {
    match receipt {
        Ok(BankReceipt { outcome: BankOutcome::InForce { .. }, .. }) => "in force",
        Ok(BankReceipt { outcome: BankOutcome::Overtaken, .. }) => "overtaken",
        Err(problem) => problem.code.as_str(),
    }
}

/// Two banks on one day, the later signature first; and the same report twice.
#[tokio::test(flavor = "multi_thread")]
async fn the_designation_signed_last_wins_in_whatever_order_banks_report() {
    let street = street().await;
    street.record("people", vec![person(1), person(2)]).await;
    let late = street.report("late", "B2", vec![report("B2", "r1", 1, 12, street.ago(10))]).await;
    assert_eq!(outcome(&late[0]), "in force");
    street.clock.advance(SignedDuration::from_secs(60));
    let early = street.report("early", "B1", vec![report("B1", "r1", 1, 11, street.ago(3_600))]).await;
    assert_eq!(outcome(&early[0]), "overtaken", "both get a receipt");
    assert_eq!(street.paid_on(1).await, Some(account(12)));
    let again = street.report("again", "B2", vec![report("B2", "r1", 1, 12, street.ago(70))]).await;
    assert_eq!(again, late, "the same report, the same receipt");
    let other = street.report("other", "B2", vec![report("B2", "r1", 1, 13, street.ago(70))]).await;
    assert_eq!(outcome(&other[0]), "CONFLICT", "one number, two reports");
    let newest = street.report("newest", "B1", vec![report("B1", "r2", 1, 14, street.ago(0))]).await;
    assert_eq!(outcome(&newest[0]), "in force");
    assert_eq!(street.paid_on(1).await, Some(account(14)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_banks_file_has_a_receipt_for_each_report() {
    let street = street().await;
    street.record("people", vec![person(1), person(2)]).await;
    let file = vec![
        report("B1", "r1", 1, 11, street.ago(20)),
        report("B1", "r2", 1, 12, street.ago(30)),
        report("B1", "r3", 2, 21, street.ago(5)),
        report("B1", "r4", 9, 91, street.ago(5)),
        report("B2", "r5", 2, 22, street.ago(1)),
        report("B1", "r6", 2, 23, street.ago(-60)),
        report("B1", "", 2, 24, street.ago(5)),
    ];
    let receipts = street.report("file", "B1", file).await;
    let expect = ["in force", "overtaken", "in force", "NOT_FOUND", "FORBIDDEN", "INVALID_INPUT", "INVALID_INPUT"];
    assert_eq!(receipts.iter().map(outcome).collect::<Vec<_>>(), expect);
    assert_eq!((street.paid_on(1).await, street.paid_on(2).await), (Some(account(11)), Some(account(21))));
    let citizen =
        street.house.report_accounts(&citizen(1), &key("x"), vec![report("B1", "r9", 1, 9, street.ago(1))]).await.unwrap();
    assert_eq!(outcome(&citizen[0]), "FORBIDDEN");
}

/// On the nights the clocks change, and in the last second of a day, a report counts from the civil day it came on.
#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_a_civil_day_in_denmark() {
    let street = street().await;
    let nights = [
        ("2026-03-28T22:59:59.999999Z", date(2026, 3, 28)),
        ("2026-03-28T23:00:00Z", date(2026, 3, 29)),
        ("2026-03-29T01:00:00Z", date(2026, 3, 29)),
        ("2026-03-29T21:59:59Z", date(2026, 3, 29)),
        ("2026-03-29T22:00:00Z", date(2026, 3, 30)),
        ("2026-10-24T21:59:59Z", date(2026, 10, 24)),
        ("2026-10-24T22:00:00Z", date(2026, 10, 25)),
        ("2026-10-25T00:30:00Z", date(2026, 10, 25)),
        ("2026-10-25T01:30:00Z", date(2026, 10, 25)),
        ("2026-10-25T22:59:59Z", date(2026, 10, 25)),
        ("2026-10-25T23:00:00Z", date(2026, 10, 26)),
        ("2026-12-31T22:59:59Z", date(2026, 12, 31)),
        ("2026-12-31T23:00:00Z", date(2027, 1, 1)),
    ];
    street.record("people", (0..13).map(person).collect()).await;
    for (n, (instant, day)) in (0..).zip(nights) {
        let instant: Timestamp = instant.parse().unwrap();
        street.clock.advance(instant.duration_since(street.clock.now()));
        let receipt =
            street.report(&format!("night {n}"), "B1", vec![report("B1", &format!("r{n}"), n, n, instant)]).await.remove(0);
        let effective_from = match receipt.unwrap().outcome {
            BankOutcome::InForce { effective_from, .. } => effective_from,
            BankOutcome::Overtaken => panic!("the only report"),
        };
        assert_eq!(effective_from, day, "at {instant}");
        let before = street.resolve(day.yesterday().unwrap(), [n]).await.resolutions.remove(0);
        let after = street.resolve(day, [n]).await.resolutions.remove(0);
        assert!(matches!(before, Resolution::NoAccount { .. }) && matches!(after, Resolution::Found(_)), "at {instant}");
    }
}

/// A child is served by who has custody, until it is 18; under 15 not by itself.
#[tokio::test(flavor = "multi_thread")]
async fn guardians_act_for_children_and_for_those_in_their_care() {
    let street = street().await;
    let aged = |n, years: i16| HolderRecord { born: Some(date(2026 - years, 3, 2)), ..person(n) };
    street.record("people", vec![person(1), aged(14, 14), aged(15, 15), aged(18, 18), aged(40, 40), person(9)]).await;
    for (position, child) in (1..).zip([14_u32, 15, 18]) {
        let years = i16::try_from(child).unwrap();
        let born = SourceFact::Born { name: format!("Barn {child}"), guardians: vec![number(1)] };
        street.tell(position, child, date(2026 - years, 3, 2), born).await;
    }
    street.tell(9, 40, TODAY, SourceFact::GuardianshipBegan { guardians: vec![number(1)] }).await;
    let wish = |n, route| Designation { route, valid_from: TODAY, ..nemkonto(n) };
    for (who, ward, allowed) in [(1, 14, true), (1, 15, true), (1, 18, false), (1, 40, true), (1, 9, false), (9, 14, false)] {
        let name = format!("{who} for {ward}");
        let receipt = street.designate(&citizen(who), &name, wish(ward, DesignationRoute::Guardian)).await;
        assert_eq!(receipt.is_ok(), allowed, "{name}: {receipt:?}");
        if let Err(problem) = receipt {
            assert_eq!(problem.code, ProblemCode::Forbidden);
        }
    }
    for (n, allowed) in [(14, false), (15, true), (18, true), (40, true)] {
        let receipt = street.designate(&citizen(n), &format!("own {n}"), wish(n, DesignationRoute::SelfService)).await;
        assert_eq!(receipt.is_ok(), allowed, "{n}: {receipt:?}");
    }
    street.tell(10, 40, TODAY, SourceFact::GuardianshipEnded).await;
    let over = street.designate(&citizen(1), "over", wish(40, DesignationRoute::Guardian)).await;
    assert!(over.is_err(), "a guardianship that is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_for_an_account_abroad_keeps_its_signatures() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let abroad = Account::from_iban(Iban::parse("DE89370400440532013000").unwrap(), None);
    let signed = |attested_on| {
        let signatures = FormSignatures { signed_on: TODAY, attestor: Attestor::TwoWitnesses, attested_on };
        Designation { route: DesignationRoute::ForeignForm { signatures }, account: abroad.clone(), ..nemkonto(1) }
    };
    let caseworker = context(Actor::Caseworker { user: "anne".into(), authority: support::payer() });
    let other_day = street.designate(&caseworker, "other day", signed(vec![TODAY, date(2026, 3, 1)])).await;
    assert_eq!(other_day.unwrap_err().code, ProblemCode::InvalidInput);
    let wish = signed(vec![TODAY, TODAY]);
    let receipt = street.designate(&caseworker, "same day", wish.clone()).await.unwrap();
    assert_eq!(receipt.state, EntryState::Pending, "a form waits for the code too");
    let history = street.house.history(&operator(), HistoryQuery { identifier: number(1), as_known: None }).await.unwrap();
    assert_eq!(history[0].route, wish.route);
    assert_eq!(street.designate(&citizen(1), "own", wish).await.unwrap_err().code, ProblemCode::Forbidden);
}

/// No letter to the dead: neither for a wish made before the death, nor is a wish taken afterwards. A bank's report is.
#[tokio::test(flavor = "multi_thread")]
async fn no_letter_is_sent_to_the_dead() {
    let street = street().await;
    street.record("people", vec![person(1), person(2)]).await;
    let wish = |n, route| Designation { route, account: account(50 + n), valid_from: TODAY, ..nemkonto(n) };
    for n in [1, 2] {
        street.designate(&citizen(n), "wish", wish(n, DesignationRoute::SelfService)).await.unwrap();
    }
    street.tell(1, 1, TODAY, SourceFact::Died).await;
    let letters = street.house.letters_to_print(&operator(), 10).await.unwrap();
    assert_eq!(letters.iter().map(|letter| letter.identifier.clone()).collect::<Vec<_>>(), [number(2)]);
    let refused = street.designate(&operator(), "form", wish(1, DesignationRoute::Form)).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::Conflict);
    let receipt = street.report("estate", "B1", vec![report("B1", "r1", 1, 11, street.ago(1))]).await;
    assert_eq!(outcome(&receipt[0]), "in force", "an estate is paid");
}

/// The letter is addressed to the registered address, and the code stands nowhere once it is printed.
#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_a_pdf_with_the_registered_address() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let lines = vec!["Testvej 1".to_owned(), "0999 Ingensteds".to_owned()];
    let address = PostalAddress { lines, country: Country::parse("DK").unwrap() };
    street.tell(1, 1, TODAY, SourceFact::AddressChanged { address: address.clone() }).await;
    street.tell(2, 1, TODAY, SourceFact::ProtectionChanged { is_protected: true }).await;
    street.designate(&citizen(1), "wish", Designation { route: DesignationRoute::SelfService, ..nemkonto(1) }).await.unwrap();
    let letters = street.house.letters_to_print(&operator(), 10).await.unwrap();
    let [letter] = &letters[..] else { panic!("one letter") };
    assert_eq!(letter.address.as_ref(), Some(&address));
    assert!(letter.pdf.starts_with(b"%PDF-"));
    assert_eq!(street.house.letters_to_print(&operator(), 10).await.unwrap(), letters, "until printed, the same letter");
    street.house.letters_printed(&operator(), &[(letter.holder, letter.entry)]).await.unwrap();
    let mut admin = street.database.admin().await;
    let (jobs, hashes): (i64, i64) =
        sqlx::query_as("select (select count(*) from register.print_job), (select count(*) from register.letter_code)")
            .fetch_one(&mut admin)
            .await
            .unwrap();
    assert_eq!((jobs, hashes), (0, 1));
}

/// The holder is told of every change, without account or number; nobody of what is taken over.
#[tokio::test(flavor = "multi_thread")]
async fn holders_are_told_of_every_change() {
    let street = street_with(Settings { payment_effect_bank_days: 1, ..Settings::default() }).await;
    street.record("people", vec![person(1), person(2)]).await;
    street.house.designate(&operator(), &key("taken over"), vec![nemkonto(2)]).await.unwrap();
    street.report("report", "B1", vec![report("B1", "r1", 1, 11, street.ago(1))]).await;
    street.designate(&citizen(1), "wish", Designation { route: DesignationRoute::SelfService, ..nemkonto(1) }).await.unwrap();
    let notices = street.house.notices_to_send(&operator(), 10).await.unwrap();
    assert_eq!(notices.len(), 2, "{notices:?}");
    assert!(notices.iter().all(|notice| notice.identifier == number(1)));
    assert!(notices[0].body.en.contains("03.03.2026"), "the first day: {:?}", notices[0].body);
    assert!(notices[1].body.en.contains("code of the letter"), "{:?}", notices[1].body);
    let sent: Vec<i64> = notices.iter().map(|notice| notice.notice).collect();
    assert_eq!(street.house.notices_sent(&operator(), &sent).await.unwrap(), 2);
    assert!(street.house.notices_to_send(&operator(), 10).await.unwrap().is_empty());
    assert_eq!(street.house.notices_to_send(&citizen(1), 10).await.unwrap_err().code, ProblemCode::Forbidden);
}
