//! Designation by every route: banks' reports, guardians, forms for accounts abroad; letters, and what holders are told.

use contracts::register::{
    AccountPurpose, Activation, Attestor, BankOutcome, BankReceipt, BankReport, Designation, DesignationReceipt,
    DesignationRoute, EndDesignation, EntryState, EstateDocument, FormSignatures, HistoryQuery, HoldRelease, HoldReleased,
    HolderMerge, HolderRecord, PostalAddress, Promotion, Register, RegisterServices, Resolution, SourceEvent, SourceFact,
    SourceRegister,
};
use contracts::{Actor, Context, ItemResult, ProblemCode};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use primitives::{Account, BankCode, BenefitCode, Clock, Country, Cvr, Iban, Identifier};
use register::Settings;

use crate::support::{
    self, Street, TODAY, account, citizen, context, key, nemkonto, number, operator, person, street, street_with,
};

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

    async fn paid_on_day(&self, n: u32, on: Date) -> Option<Account> {
        match self.resolve(on, [n]).await.resolutions.remove(0) {
            Resolution::Found(found) => Some(found.account),
            _ => None,
        }
    }

    async fn take_event(&self, position: u64, n: u32, on: Date, fact: SourceFact) {
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

/// What was wished after the signature goes on waiting for its code; what was wished before it does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_report_leaves_a_newer_wish_alone() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let own = |account_of| Designation {
        route: DesignationRoute::SelfService,
        account: account(account_of),
        valid_from: TODAY,
        ..nemkonto(1)
    };
    let code = async || street.house.letters_to_print(&operator(), 1).await.unwrap().remove(0).code;
    let enter = async |name: &str, code: String| {
        let item = Activation { identifier: number(1), code };
        street.house.activate(&operator(), &key(name), vec![item]).await.unwrap().remove(0)
    };
    street.designate(&citizen(1), "wish", own(51)).await.unwrap();
    street.clock.advance(SignedDuration::from_secs(3_600));
    let late = street.report("late", "B1", vec![report("B1", "r1", 1, 11, street.ago(7_200))]).await;
    assert_eq!((outcome(&late[0]), street.paid_on(1).await), ("in force", Some(account(11))));
    enter("newer", code().await).await.unwrap();
    assert_eq!(street.paid_on(1).await, Some(account(51)), "the word that was said last");

    street.designate(&citizen(1), "another", own(52)).await.unwrap();
    let older = code().await;
    street.clock.advance(SignedDuration::from_secs(3_600));
    street.report("newest", "B1", vec![report("B1", "r2", 1, 12, street.ago(60))]).await[0].clone().unwrap();
    assert_eq!(enter("older", older).await.unwrap_err().code, ProblemCode::NotFound);
    assert_eq!(street.paid_on(1).await, Some(account(12)));
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
        street.take_event(position, child, date(2026 - years, 3, 2), born).await;
    }
    street.take_event(9, 40, TODAY, SourceFact::GuardianshipBegan { guardians: vec![number(1)] }).await;
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
    street.take_event(10, 40, TODAY, SourceFact::GuardianshipEnded).await;
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
    street.take_event(1, 1, TODAY, SourceFact::Died).await;
    let letters = street.house.letters_to_print(&operator(), 10).await.unwrap();
    assert_eq!(letters.iter().map(|letter| letter.identifier.clone()).collect::<Vec<_>>(), [number(2)]);
    let refused = street.designate(&operator(), "form", wish(1, DesignationRoute::Form)).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::Conflict);
    let receipt = street.report("estate", "B1", vec![report("B1", "r1", 1, 11, street.ago(1))]).await;
    assert_eq!(outcome(&receipt[0]), "in force", "an estate is paid");
    let told = street.house.notices_to_send(&operator(), 10).await.unwrap();
    assert_eq!(
        told.iter().map(|notice| notice.identifier.clone()).collect::<Vec<_>>(),
        [number(1), number(2)],
        "of the wishes only"
    );
}

/// A child serves itself from its fifteenth birthday, and nobody acts for it because of its age from its eighteenth.
#[tokio::test(flavor = "multi_thread")]
async fn birthdays_count_from_their_day() {
    let street = street().await;
    let tomorrow = |years: i16| HolderRecord { born: Some(date(2026 - years, 3, 3)), ..person(u32::try_from(years).unwrap()) };
    street.record("people", vec![person(1), tomorrow(15), tomorrow(18)]).await;
    for (position, years) in (1..).zip([15_u32, 18]) {
        let born = SourceFact::Born { name: format!("Barn {years}"), guardians: vec![number(1)] };
        street.take_event(position, years, date(2026 - i16::try_from(years).unwrap(), 3, 3), born).await;
    }
    let wish = |n, route| Designation { route, ..nemkonto(n) };
    let own = async |day: &str| street.designate(&citizen(15), day, wish(15, DesignationRoute::SelfService)).await.is_ok();
    let guardian = async |day: &str| street.designate(&citizen(1), day, wish(18, DesignationRoute::Guardian)).await.is_ok();
    assert_eq!((own("14").await, guardian("17").await), (false, true), "the day before");
    street.clock.advance(SignedDuration::from_hours(24));
    assert_eq!((own("15").await, guardian("18").await), (true, false), "the birthday");
}

/// An estate's account comes by the court's document: without a letter, and payments follow when two people have released it.
#[tokio::test(flavor = "multi_thread")]
async fn an_estate_is_paid_on_the_word_of_the_court() {
    let street = street().await;
    street.record("people", vec![person(1), person(2)]).await;
    street.house.designate(&operator(), &key("before"), vec![nemkonto(1)]).await.unwrap();
    street.take_event(1, 1, date(2026, 1, 10), SourceFact::Died).await;
    let wish = |n, issued_on| {
        let document = EstateDocument { court: "Retten i Aarhus".into(), issued_on };
        Designation { route: DesignationRoute::Estate { document }, account: account(51), valid_from: TODAY, ..nemkonto(n) }
    };
    let caseworker = |user: &str| context(Actor::Caseworker { user: user.into(), authority: support::payer() });
    let refused = async |who: &Context, name: &str, item| street.designate(who, name, item).await.unwrap_err().code;
    assert_eq!(refused(&citizen(2), "heir", wish(1, TODAY)).await, ProblemCode::Forbidden);
    assert_eq!(refused(&caseworker("anne"), "alive", wish(2, TODAY)).await, ProblemCode::Conflict);
    assert_eq!(refused(&caseworker("anne"), "early", wish(1, date(2026, 1, 9))).await, ProblemCode::InvalidInput);

    let receipt = street.designate(&caseworker("anne"), "estate", wish(1, date(2026, 2, 20))).await.unwrap();
    assert_eq!((receipt.state, receipt.effective_from), (EntryState::Active, Some(date(2026, 3, 7))), "it waits");
    assert!(street.house.letters_to_print(&operator(), 10).await.unwrap().is_empty(), "no letter to the dead");
    assert_eq!(street.paid_on(1).await, Some(account(1)), "the account of before meanwhile");
    let history = street.house.history(&operator(), HistoryQuery { identifier: number(1), as_known: None }).await.unwrap();
    assert_eq!(history[0].route, wish(1, date(2026, 2, 20)).route, "the document is kept");
    let release = async |who: &str| {
        let item =
            HoldRelease { identifier: number(1), entry: receipt.entry, expected: None, reason: "seen the document".into() };
        street.house.release_holds(&caseworker(who), &key(who), vec![item]).await.unwrap().remove(0)
    };
    assert_eq!(release("anne").await.unwrap_err().code, ProblemCode::Forbidden, "it is her own change");
    assert_eq!(release("bo").await.unwrap(), HoldReleased::First);
    assert_eq!(street.paid_on(1).await, Some(account(1)));
    assert_eq!(release("ib").await.unwrap(), HoldReleased::Released { effective_from: TODAY });
    assert_eq!(street.paid_on(1).await, Some(account(51)));

    let late = street.report("late", "B1", vec![report("B1", "r1", 1, 11, street.ago(60))]).await;
    assert_eq!(outcome(&late[0]), "overtaken", "the court has spoken since");
    assert_eq!(street.paid_on(1).await, Some(account(51)));

    let last = street.resolve(date(2029, 1, 9), [1]).await.resolutions.remove(0);
    let over = street.resolve(date(2029, 1, 10), [1]).await.resolutions.remove(0);
    assert!(matches!(last, Resolution::Found(_)) && matches!(over, Resolution::Closed { .. }), "three years: {last:?} {over:?}");
    street.clock.advance(SignedDuration::from_hours(24 * 1_100));
    assert_eq!(refused(&caseworker("anne"), "late", wish(1, date(2026, 2, 20))).await, ProblemCode::Conflict);
}

/// The letter is addressed to the registered address, and the code stands nowhere once it is printed.
#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_a_pdf_with_the_registered_address() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let lines = vec!["Testvej 1".to_owned(), "0999 Ingensteds".to_owned()];
    let address = PostalAddress { lines, country: Country::parse("DK").unwrap() };
    street.take_event(1, 1, TODAY, SourceFact::AddressChanged { address: address.clone() }).await;
    street.take_event(2, 1, TODAY, SourceFact::ProtectionChanged { is_protected: true }).await;
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

/// Nobody is the own guardian, whatever the route says, and whatever the civil register has told by mistake.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_the_own_guardian() {
    let street = street().await;
    let aged = |n, years: i16| HolderRecord { born: Some(date(2026 - years, 3, 2)), ..person(n) };
    street.record("people", vec![aged(13, 13), aged(14, 14), aged(40, 40)]).await;
    let own_guardian = SourceFact::Born { name: "Barn 13".into(), guardians: vec![number(13)] };
    street.take_event(1, 13, date(2013, 3, 2), own_guardian).await;
    for n in [13, 14, 40] {
        let wish = Designation { route: DesignationRoute::Guardian, valid_from: TODAY, ..nemkonto(n) };
        let receipt = street.designate(&citizen(n), &format!("own {n}"), wish).await;
        assert_eq!(receipt.unwrap_err().code, ProblemCode::Forbidden, "{n}");
    }
}

/// Who may not designate for itself ends nothing for itself, and promotes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_serve_itself_ends_and_promotes_nothing() {
    let street = street().await;
    let company: Identifier = Cvr::parse("10150817").unwrap().into();
    let child = HolderRecord { born: Some(date(2013, 3, 2)), ..person(13) };
    let adult = HolderRecord { born: Some(date(2011, 3, 2)), ..person(15) };
    let unit = HolderRecord { identifiers: vec![company.clone()], born: None, ..person(50) };
    street.record("people", vec![child, adult, unit]).await;
    for (who, allowed) in [(number(13), false), (company, false), (number(15), true)] {
        let name = |what: &str| key(&format!("{what} {}", who.canonical()));
        let benefit = BenefitCode::parse("NKSBFY").unwrap();
        let specific = AccountPurpose::Specific { payer: support::payer(), benefit };
        let account = |purpose| Designation { identifier: who.clone(), purpose, ..nemkonto(1) };
        let accounts = vec![account(AccountPurpose::NemKonto), account(specific)];
        street.house.designate(&operator(), &name("accounts"), accounts).await.unwrap();
        let itself = context(Actor::Payee { identifier: who.clone() });
        let end = EndDesignation {
            identifier: who.clone(),
            purpose: AccountPurpose::NemKonto,
            from: TODAY,
            expected: None,
            reason: "mine".into(),
        };
        let expect = (!allowed).then_some(ProblemCode::Forbidden);
        let ended = street.house.end(&itself, &name("end"), vec![end.clone()]).await.unwrap().remove(0);
        assert_eq!(ended.err().map(|problem| problem.code), expect, "end");
        street.house.end(&operator(), &name("end for it"), vec![end]).await.unwrap();
        let promotion =
            Promotion { identifier: who.clone(), payer: support::payer(), benefit, valid_from: TODAY, reason: "mine".into() };
        let promoted = street.house.promote(&itself, &name("promote"), vec![promotion]).await.unwrap().remove(0);
        assert_eq!(promoted.err().map(|problem| problem.code), expect, "promote");
    }
}

/// A guardian gets the letter's code entered for its ward; a stranger does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_guardian_enters_the_wards_code() {
    let street = street().await;
    let child = HolderRecord { born: Some(date(2016, 3, 2)), ..person(10) };
    street.record("people", vec![person(1), person(2), child]).await;
    let born = SourceFact::Born { name: "Barn".into(), guardians: vec![number(1)] };
    street.take_event(1, 10, date(2016, 3, 2), born).await;
    let wish = Designation { route: DesignationRoute::Guardian, valid_from: TODAY, ..nemkonto(10) };
    street.designate(&citizen(1), "wish", wish).await.unwrap();
    let code = street.house.letters_to_print(&operator(), 1).await.unwrap().remove(0).code;
    let enter = async |who: u32| {
        let item = Activation { identifier: number(10), code: code.clone() };
        street.house.activate(&citizen(who), &key(&format!("by {who}")), vec![item]).await.unwrap().remove(0)
    };
    assert_eq!(enter(2).await.unwrap_err().code, ProblemCode::Forbidden);
    assert_eq!(enter(1).await.unwrap().state, EntryState::Active);
    assert_eq!(street.paid_on(10).await, Some(account(10)));
}

/// A bank's number is of one report: about one payee, by one of its numbers, whatever becomes of the holder.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_report_is_about_the_same_payee() {
    let street = street().await;
    street.record("people", vec![person(1), person(2), person(3)]).await;
    let signed = street.ago(10);
    let first = street.report("first", "B1", vec![report("B1", "r1", 1, 11, signed)]).await;
    assert_eq!(outcome(&first[0]), "in force");
    let corrected = street.report("corrected", "B1", vec![report("B1", "r1", 2, 11, signed)]).await;
    assert_eq!(outcome(&corrected[0]), "CONFLICT", "another payee under the same number");
    assert_eq!(street.paid_on(2).await, None);
    let merge = HolderMerge { from: number(1), into: number(3), reason: "one person".into() };
    street.house.merge_holders(&operator(), &key("merge"), vec![merge]).await.unwrap().remove(0).unwrap();
    assert_eq!(street.report("again", "B1", vec![report("B1", "r1", 1, 11, signed)]).await, first, "the same report");
    let other = street.report("other", "B1", vec![report("B1", "r1", 3, 11, signed)]).await;
    assert_eq!(outcome(&other[0]), "CONFLICT", "the holder by another number");
}

/// A report that was signed before the holder chose otherwise is overtaken by that choice, also when it was another holder's choice once.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_signed_before_a_later_choice_is_overtaken() {
    let street = street().await;
    street.record("people", (1..=5).map(person).collect()).await;
    street.house.designate(&operator(), &key("taken over"), vec![nemkonto(2), nemkonto(3)]).await.unwrap();
    let signed = street.clock.now();
    street.clock.advance(SignedDuration::from_hours(24 * 10));
    let wish = Designation { route: DesignationRoute::SelfService, account: account(51), valid_from: TODAY, ..nemkonto(1) };
    street.designate(&citizen(1), "wish", wish).await.unwrap();
    let code = street.house.letters_to_print(&operator(), 1).await.unwrap().remove(0).code;
    let item = Activation { identifier: number(1), code };
    street.house.activate(&operator(), &key("code"), vec![item]).await.unwrap().remove(0).unwrap();
    let end = EndDesignation {
        identifier: number(2),
        purpose: AccountPurpose::NemKonto,
        from: TODAY,
        expected: None,
        reason: "ends".into(),
    };
    street.house.end(&operator(), &key("end"), vec![end]).await.unwrap().remove(0).unwrap();
    let merge = HolderMerge { from: number(1), into: number(4), reason: "one person".into() };
    let taken_over_later = Designation { valid_from: date(2026, 3, 6), ..nemkonto(5) };
    street.house.designate(&operator(), &key("later"), vec![taken_over_later]).await.unwrap();
    street.clock.advance(SignedDuration::from_hours(48));
    let late = async |name: &str, n| street.report(name, "B1", vec![report("B1", name, n, 90 + n, signed)]).await.remove(0);
    assert_eq!(outcome(&late("r1", 1).await), "overtaken", "activated after the signature");
    assert_eq!(street.paid_on_day(1, date(2026, 3, 14)).await, Some(account(51)));
    assert_eq!(outcome(&late("r2", 2).await), "overtaken", "ended after the signature");
    assert_eq!(outcome(&late("r3", 3).await), "in force", "what was taken over has held since 2020");
    assert_eq!(outcome(&late("r5", 5).await), "overtaken", "what was taken over holds since after the signature");
    street.house.merge_holders(&operator(), &key("merge"), vec![merge]).await.unwrap().remove(0).unwrap();
    assert_eq!(outcome(&late("r4", 4).await), "overtaken", "the choice goes along in a merge");
    let newer = street.report("newer", "B1", vec![report("B1", "r6", 4, 96, street.ago(1))]).await;
    assert_eq!(outcome(&newer[0]), "in force", "signed after the choice");
}
