//! Branches that move, specific accounts, changes that are held, and what payers may ask.

use contracts::register::{
    AccountPresence, AccountPurpose, Activation, AwaitedQuery, BankOutcome, BankReport, BranchMove, Designation,
    DesignationRoute, EndDesignation, HistoryQuery, HoldRelease, HoldReleased, HolderRecord, HolderStatus, LevyQuery,
    PayeeChoice, PayeeQuery, PostalAddress, PrivateBasis, PrivateBundle, PrivateChoice, PrivateMessage, Promotion, Register,
    RegisterServices, Resolution, ResolveRequest, SourceEvent, SourceFact, SourceRegister, SpecificRule, Subscription,
    Verification,
};
use contracts::{Actor, Context, ProblemCode};
use jiff::SignedDuration;
use jiff::civil::{Date, date};
use platform::driver::run_until_idle;
use primitives::{Account, AgreementNumber, BankCode, BenefitCode, Clock, Country, DanishAccount, EntryRef, Iban};
use register::{FraudRule, FraudRules, Settings};

use crate::support::{
    Street, TODAY, account, account_digits, citizen, context, key, nemkonto, number, operator, payer, person, street, street_with,
};

const BENEFIT: &str = "NKSBFY";
/// What takes longer is held up for good.
const LONG: std::time::Duration = std::time::Duration::from_secs(120);

fn specific() -> AccountPurpose {
    AccountPurpose::Specific { payer: payer(), benefit: BenefitCode::parse(BENEFIT).unwrap() }
}

fn caseworker(user: &str) -> Context {
    context(Actor::Caseworker { user: user.into(), authority: payer() })
}

/// The account of `n` in another branch.
fn moved(n: u32) -> Account {
    Account::Danish(DanishAccount::new("6610", &account_digits(n)).unwrap())
}

impl Street {
    /// The person gets another address.
    async fn moves(&self, n: u32, on: Date) {
        let address = PostalAddress { lines: vec!["Testvej 1".into()], country: Country::parse("DK").unwrap() };
        let (source, fact) = (SourceRegister::Cpr, SourceFact::AddressChanged { address });
        let event = SourceEvent { source, position: 1, identifier: number(n), on, fact };
        self.house.take_events(&operator(), &key("moved"), vec![event]).await.unwrap().remove(0).unwrap();
    }

    async fn paid(&self, n: u32, on: Date) -> Option<(Account, EntryRef)> {
        match self.resolve(on, [n]).await.resolutions.remove(0) {
            Resolution::Found(found) => Some((found.account, found.entry)),
            _ => None,
        }
    }

    async fn account_on(&self, n: u32, on: Date) -> Option<Account> {
        self.paid(n, on).await.map(|(account, _)| account)
    }

    async fn by_bank(&self, n: u32, account: Account) -> BankOutcome {
        let bank = BankCode::parse("B1").unwrap();
        let report = BankReport {
            bank,
            report: format!("{n} {}", self.clock.now()),
            identifier: number(n),
            account,
            signed_at: self.clock.now(),
        };
        let by = context(Actor::Bank { code: bank });
        let receipt = self.house.report_accounts(&by, &key(&report.report), vec![report.clone()]).await.unwrap().remove(0);
        receipt.unwrap().outcome
    }

    async fn move_branch(&self, on: Date) {
        let wanted = BranchMove { from: "5479".into(), into: "6610".into(), on, reason: "merger".into() };
        self.house.move_branches(&operator(), &key("move"), vec![wanted]).await.unwrap().remove(0).unwrap();
    }

    async fn set_lock(&self, is_locked: bool, valid_from: Date) {
        let rule = SpecificRule { payer: payer(), benefit: BenefitCode::parse(BENEFIT).unwrap(), valid_from, is_locked };
        let set =
            self.house.set_specific_rules(&caseworker("anne"), &key(&format!("lock {valid_from}")), vec![rule]).await.unwrap();
        assert_eq!(set, [Ok(valid_from)]);
    }
}

/// A branch moves on a day: accounts of before, designated in between, waiting for a code, and designated later, all follow, and nobody is told.
#[tokio::test(flavor = "multi_thread")]
async fn accounts_move_with_their_branch() {
    let street = street().await;
    street.record("people", (1..=5).map(person).collect()).await;
    street.house.designate(&operator(), &key("before"), vec![nemkonto(1), nemkonto(2)]).await.unwrap();
    let ended = EndDesignation {
        identifier: number(2),
        purpose: AccountPurpose::NemKonto,
        from: date(2026, 3, 5),
        expected: None,
        reason: "ended before the day".into(),
    };
    street.house.end(&operator(), &key("end"), vec![ended]).await.unwrap();
    let wish = Designation { route: DesignationRoute::Form, valid_from: TODAY, ..nemkonto(3) };
    street.house.designate(&operator(), &key("wish"), vec![wish]).await.unwrap();
    let letters = street.house.letters_to_print(&operator(), 10).await.unwrap();
    let feed = street.house.publish_feed(100).await.unwrap();
    assert!(feed > 0);
    let day = date(2026, 3, 10);
    street.move_branch(day).await;
    let later = Designation { valid_from: date(2026, 4, 1), ..nemkonto(4) };
    let between = Designation { valid_from: TODAY, ..nemkonto(5) };
    street.house.designate(&operator(), &key("after"), vec![later, between]).await.unwrap();
    run_until_idle(&street.house.rooms(), 2).await.unwrap();
    let code = Activation { identifier: number(3), code: letters[0].code.clone() };
    street.house.activate(&operator(), &key("code"), vec![code]).await.unwrap().remove(0).unwrap();
    let before = day.yesterday().unwrap();
    for (n, first, then) in [
        (1, Some(account(1)), Some(moved(1))),
        (2, None, None),
        (3, Some(account(3)), Some(moved(3))),
        (4, None, None),
        (5, Some(account(5)), Some(moved(5))),
    ] {
        assert_eq!((street.account_on(n, before).await, street.account_on(n, day).await), (first, then), "{n}");
    }
    assert_eq!(street.account_on(4, date(2026, 4, 1)).await, Some(moved(4)));
    assert_eq!(street.account_on(2, TODAY).await, Some(account(2)), "what was over before the day stays");
    let history = street.house.history(&operator(), HistoryQuery { identifier: number(1), as_known: None }).await.unwrap();
    assert_eq!(
        (history[0].route.clone(), history.len()),
        (DesignationRoute::Migration, 2),
        "the word it was designated on stays"
    );
    let notices = street.house.notices_to_send(&operator(), 100).await.unwrap();
    assert!(!notices.iter().any(|notice| notice.identifier == number(1)), "nobody has changed anything");
    assert_eq!(street.house.move_accounts(10).await.unwrap(), 0, "done once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_account_is_the_authoritys_alone() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let own = Designation { purpose: specific(), ..nemkonto(1) };
    street.house.designate(&operator(), &key("own"), vec![own.clone()]).await.unwrap().remove(0).unwrap();
    let tomorrow = TODAY.tomorrow().unwrap();
    street.set_lock(true, tomorrow).await;
    let wish = |name: String| {
        let item = Designation { route: DesignationRoute::SelfService, account: account(7), ..own.clone() };
        let street = &street;
        async move { street.house.designate(&citizen(1), &key(&name), vec![item]).await.unwrap().remove(0) }
    };
    assert!(wish("today".into()).await.is_ok(), "not locked yet");
    street.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(wish("tomorrow".into()).await.unwrap_err().code, ProblemCode::Forbidden);
    let end =
        EndDesignation { identifier: number(1), purpose: specific(), from: tomorrow, expected: None, reason: "mine".into() };
    let ended = street.house.end(&citizen(1), &key("end"), vec![end.clone()]).await.unwrap().remove(0);
    assert_eq!(ended.unwrap_err().code, ProblemCode::Forbidden);
    street.set_lock(false, date(2026, 3, 4)).await;
    street.clock.advance(SignedDuration::from_hours(24));
    assert!(street.house.end(&citizen(1), &key("end again"), vec![end]).await.unwrap().remove(0).is_ok(), "unlocked");
    let other = context(Actor::Caseworker { user: "bo".into(), authority: AgreementNumber::parse("87654321").unwrap() });
    let rule = SpecificRule { payer: payer(), benefit: BenefitCode::parse(BENEFIT).unwrap(), valid_from: TODAY, is_locked: true };
    let refused = street.house.set_specific_rules(&other, &key("other"), vec![rule]).await.unwrap().remove(0);
    assert_eq!(refused.unwrap_err().code, ProblemCode::Forbidden, "another authority's benefit");
}

/// A specific account pays before the NemKonto, falls back to it when it ends, and takes its place when that ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_specific_account_is_promoted_when_the_nemkonto_ends() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let own = Designation { purpose: specific(), account: account(7), ..nemkonto(1) };
    street.house.designate(&operator(), &key("accounts"), vec![nemkonto(1), own]).await.unwrap();
    let promotion = Promotion {
        identifier: number(1),
        payer: payer(),
        benefit: BenefitCode::parse(BENEFIT).unwrap(),
        valid_from: TODAY,
        reason: "the NemKonto ends".into(),
    };
    let promote =
        async |name: &str| street.house.promote(&citizen(1), &key(name), vec![promotion.clone()]).await.unwrap().remove(0);
    assert_eq!(promote("too early").await.unwrap_err().code, ProblemCode::Conflict, "there is a NemKonto");
    let end = EndDesignation {
        identifier: number(1),
        purpose: AccountPurpose::NemKonto,
        from: TODAY,
        expected: None,
        reason: "ends".into(),
    };
    street.house.end(&citizen(1), &key("end"), vec![end]).await.unwrap().remove(0).unwrap();
    assert_eq!(street.account_on(1, TODAY).await, None);
    street.set_lock(true, date(2020, 1, 1)).await;
    assert_eq!(promote("locked").await.unwrap_err().code, ProblemCode::Forbidden);
    street.set_lock(false, date(2020, 1, 2)).await;
    promote("promoted").await.unwrap();
    assert_eq!(street.account_on(1, TODAY).await, Some(account(7)), "for every payer now");
    let query = PayeeQuery { identifier: number(1), fallback: None, benefit: Some(BenefitCode::parse(BENEFIT).unwrap()) };
    let request = ResolveRequest { payer: payer(), on: TODAY, payees: vec![query] };
    let found = street.house.resolve(&operator(), request).await.unwrap().resolutions.remove(0);
    assert!(matches!(found, Resolution::Found(found) if found.specific), "the specific one stays what it was");
}

/// Promoted is what is in force: a change that is to come keeps its first day, and one that looks wrong waits as any other.
#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_goes_round_no_first_day_and_no_hold() {
    let street = street().await;
    street.record("people", vec![person(1), person(2)]).await;
    let abroad = Account::from_iban(Iban::parse("DE89370400440532013000").unwrap(), None);
    let own = |n, account, valid_from| Designation { purpose: specific(), account, valid_from, ..nemkonto(n) };
    let first = vec![own(1, account(7), date(2020, 1, 1)), own(2, abroad.clone(), date(2020, 1, 1))];
    street.house.designate(&operator(), &key("first"), first).await.unwrap();
    let to_come = own(1, account(8), date(2026, 4, 1));
    street.house.designate(&operator(), &key("to come"), vec![to_come]).await.unwrap();
    street.moves(2, date(2026, 2, 20)).await;
    let promote = async |n| {
        let promotion = Promotion {
            identifier: number(n),
            payer: payer(),
            benefit: BenefitCode::parse(BENEFIT).unwrap(),
            valid_from: TODAY,
            reason: "the only account".into(),
        };
        street.house.promote(&citizen(n), &key(&format!("promote {n}")), vec![promotion]).await.unwrap().remove(0).unwrap()
    };
    assert_eq!(promote(1).await.effective_from, Some(TODAY));
    assert_eq!(street.account_on(1, TODAY).await, Some(account(7)), "not yet the one to come");
    let until = date(2026, 3, 7);
    assert_eq!(promote(2).await.effective_from, Some(until), "abroad shortly after a move");
    assert_eq!((street.account_on(2, TODAY).await, street.account_on(2, until).await), (None, Some(abroad)));
    assert_eq!(street.house.holds(&operator(), number(2)).await.unwrap().len(), 1);
}

fn strict() -> Settings {
    let rule = FraudRule { from: None, shared_payees: 2, shared_days: 7, contact_days: 14, wrong_codes: 1, cooling_off_days: 5 };
    Settings { fraud_rules: FraudRules(vec![rule]), ..Settings::default() }
}

/// The third payee on one account within days waits; payments follow the old account until the cooling-off is over.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_many_get_at_once_waits() {
    let street = street_with(strict()).await;
    street.record("people", (1..=3).map(person).collect()).await;
    street.house.designate(&operator(), &key("old"), vec![nemkonto(3)]).await.unwrap();
    let until = date(2026, 3, 7);
    for (n, day) in [(1, TODAY), (2, TODAY), (3, until)] {
        let BankOutcome::InForce { effective_from, .. } = street.by_bank(n, account(99)).await else { panic!("in force") };
        assert_eq!(effective_from, day, "{n}");
    }
    assert_eq!(street.account_on(3, date(2026, 3, 6)).await, Some(account(3)), "the old account meanwhile");
    assert_eq!(street.account_on(3, until).await, Some(account(99)), "nobody has stopped it");
    let holds = street.house.holds(&operator(), number(3)).await.unwrap();
    assert_eq!((holds.len(), holds[0].signals.clone(), holds[0].until), (1, vec!["shared_account".to_owned()], until));
    assert!(street.house.holds(&operator(), number(1)).await.unwrap().is_empty());
    assert_eq!(street.house.holds(&citizen(3), number(3)).await.unwrap_err().code, ProblemCode::Forbidden);
}

/// It takes two people to release a change, and the second brings it into force at once.
#[tokio::test(flavor = "multi_thread")]
async fn two_people_release_a_change() {
    let street = street_with(strict()).await;
    street.record("people", vec![person(1)]).await;
    street.house.designate(&operator(), &key("old"), vec![nemkonto(1)]).await.unwrap();
    street.moves(1, date(2026, 2, 20)).await;
    let abroad = Account::from_iban(Iban::parse("DE89370400440532013000").unwrap(), None);
    let BankOutcome::InForce { entry, effective_from } = street.by_bank(1, abroad.clone()).await else { panic!("in force") };
    assert_eq!((effective_from, street.account_on(1, TODAY).await), (date(2026, 3, 7), Some(account(1))));
    let release = async |who: &str, name: &str| {
        let item = HoldRelease { identifier: number(1), entry, expected: None, reason: "called back".into() };
        street.house.release_holds(&caseworker(who), &key(name), vec![item]).await.unwrap().remove(0)
    };
    assert_eq!(release("anne", "1").await.unwrap(), HoldReleased::First);
    assert_eq!(release("anne", "2").await.unwrap_err().code, ProblemCode::Conflict, "one person twice is one person");
    assert_eq!(street.account_on(1, TODAY).await, Some(account(1)));
    assert_eq!(release("bo", "3").await.unwrap(), HoldReleased::Released { effective_from: TODAY });
    assert_eq!(street.paid(1, TODAY).await, Some((abroad, entry)));
    assert_eq!(release("ib", "4").await.unwrap_err().code, ProblemCode::NotFound, "there is nothing left to release");
}

/// Wrong codes on the letter are a signal when the right one comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_guessed_code_makes_the_change_wait() {
    let street = street_with(strict()).await;
    street.record("people", vec![person(1)]).await;
    let wish = Designation { route: DesignationRoute::SelfService, valid_from: TODAY, ..nemkonto(1) };
    street.house.designate(&citizen(1), &key("wish"), vec![wish]).await.unwrap();
    let code = street.house.letters_to_print(&operator(), 1).await.unwrap().remove(0).code;
    let enter = async |name: &str, code: &str| {
        let item = Activation { identifier: number(1), code: code.into() };
        street.house.activate(&operator(), &key(name), vec![item]).await.unwrap().remove(0)
    };
    assert!(enter("wrong", "no code").await.is_err());
    assert_eq!(enter("right", &code).await.unwrap().effective_from, Some(date(2026, 3, 7)));
}

/// A change that comes later than the cooling-off anyway is not put off by it, but it is there to be looked at.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_late_anyway_is_held_all_the_same() {
    let settings = Settings { payment_effect_bank_days: 5, ..strict() };
    let street = street_with(settings).await;
    street.record("people", (1..=3).map(person).collect()).await;
    let until = date(2026, 3, 9);
    let mut held = None;
    for n in 1..=3 {
        let BankOutcome::InForce { entry, effective_from } = street.by_bank(n, account(99)).await else { panic!("in force") };
        assert_eq!(effective_from, until, "{n}: five bank days");
        held = Some(entry);
    }
    let holds = street.house.holds(&operator(), number(3)).await.unwrap();
    assert_eq!((holds.len(), holds[0].until, holds[0].wished, Some(holds[0].entry)), (1, until, until, held));
    for (who, expect) in [("anne", HoldReleased::First), ("bo", HoldReleased::Released { effective_from: until })] {
        let item = HoldRelease { identifier: number(3), entry: holds[0].entry, expected: None, reason: "called back".into() };
        let released = street.house.release_holds(&caseworker(who), &key(who), vec![item]).await.unwrap().remove(0);
        assert_eq!(released.unwrap(), expect);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn payers_ask_without_being_told_more() {
    let street = street_with(Settings { verification_misses_a_day: 2, ..Settings::default() }).await;
    let closed = HolderRecord { status: HolderStatus::Closed, ..person(3) };
    street.record("people", vec![person(1), person(2), closed]).await;
    street.house.designate(&operator(), &key("account"), vec![nemkonto(1)]).await.unwrap();
    let who = caseworker("anne");
    let presence = street.house.have_accounts(&who, [1, 2, 3, 4].map(number).to_vec()).await.unwrap();
    use AccountPresence::{HasNemKonto, NoNemKonto, Unknown};
    assert_eq!(presence, [HasNemKonto, NoNemKonto, NoNemKonto, Unknown]);
    let ask = |n, of| Verification { identifier: number(n), account: account(of) };
    let asked = vec![ask(1, 1), ask(1, 2), ask(9, 1)];
    assert_eq!(street.house.verify(&who, asked).await.unwrap(), [true, false, false]);
    let scanning = street.house.verify(&who, vec![ask(1, 3)]).await.unwrap_err();
    assert_eq!(scanning.code, ProblemCode::Forbidden, "too many wrong ones");
    assert_eq!(street.house.verify(&who, vec![ask(1, 1)]).await.unwrap_err().code, ProblemCode::Forbidden, "for the day");
    assert_eq!(street.house.verify(&caseworker("bo"), vec![ask(1, 1)]).await.unwrap(), [true], "others are not stopped");
    street.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(street.house.verify(&who, vec![ask(1, 1)]).await.unwrap(), [true], "a new day");
    assert_eq!(street.house.payees_of_account(&operator(), account(1)).await.unwrap(), [number(1)]);
    assert_eq!(street.house.payees_of_account(&who, account(1)).await.unwrap_err().code, ProblemCode::Forbidden);
}

/// A payer that got no account hears of it when there is one, until it says it has heard.
#[tokio::test(flavor = "multi_thread")]
async fn an_awaited_account_is_told_until_it_is_heard() {
    let street = street().await;
    street.record("people", vec![person(1), person(2)]).await;
    let wait = |n| Subscription { payer: payer(), identifier: number(n) };
    let who = caseworker("anne");
    let subscribed = street.house.subscribe(&who, &key("wait"), vec![wait(1), wait(2), wait(9)]).await.unwrap();
    assert_eq!(subscribed.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false]);
    let query = AwaitedQuery { payer: payer(), limit: 10 };
    assert!(street.house.awaited(&who, query.clone()).await.unwrap().is_empty());
    let future = Designation { valid_from: TODAY.tomorrow().unwrap(), ..nemkonto(2) };
    street.house.designate(&operator(), &key("accounts"), vec![nemkonto(1), future]).await.unwrap();
    assert_eq!(street.house.awaited(&who, query.clone()).await.unwrap(), [number(1)]);
    street.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(street.house.awaited(&who, query.clone()).await.unwrap().len(), 2, "told again, and when its day has come");
    let heard = street.house.unsubscribe(&who, &key("heard"), vec![wait(1), wait(9)]).await.unwrap();
    assert_eq!(heard, [Ok(true), Ok(false)]);
    assert_eq!(street.house.awaited(&who, query.clone()).await.unwrap(), [number(2)]);
    let other = context(Actor::Caseworker { user: "bo".into(), authority: AgreementNumber::parse("87654321").unwrap() });
    assert_eq!(street.house.awaited(&other, query).await.unwrap_err().code, ProblemCode::Forbidden);
}

/// A private payer gets an account once for each payout, none against an opt-out, and pays its levy.
#[tokio::test(flavor = "multi_thread")]
async fn private_payers_ask_once_for_each_payout() {
    let street = street().await;
    street.record("people", (1..=4).map(person).collect()).await;
    street.house.designate(&operator(), &key("accounts"), vec![nemkonto(1), nemkonto(2), nemkonto(3)]).await.unwrap();
    let supplier = Context {
        on_behalf_of: Some(payer()),
        ..context(Actor::DataSupplier { id: primitives::DataSupplierId::parse("DS1").unwrap() })
    };
    let choose = async |who: &Context, name: &str, n, choice| {
        let item = PrivateChoice { payer: payer(), identifier: number(n), choice };
        street.house.choose_private(who, &key(name), vec![item]).await.unwrap().remove(0)
    };
    choose(&citizen(2), "out", 2, PayeeChoice::OptOut).await.unwrap();
    assert_eq!(choose(&citizen(3), "not mine", 2, PayeeChoice::OptIn).await.unwrap_err().code, ProblemCode::Forbidden);
    assert_eq!(choose(&supplier, "not theirs", 2, PayeeChoice::OptIn).await.unwrap_err().code, ProblemCode::Forbidden);
    let ask = async |name: &str, messages: &[(&str, u32, PrivateBasis)]| {
        let message = |(payout, n, basis): &(&str, u32, PrivateBasis)| PrivateMessage {
            payout: (*payout).into(),
            identifier: number(*n),
            basis: *basis,
        };
        let bundle = PrivateBundle { payer: payer(), on: TODAY, messages: messages.iter().map(message).collect() };
        let answers = street.house.complete_bundle(&supplier, &key(name), bundle).await.unwrap();
        answers.into_iter().map(|answer| answer.map(|found| found.account).map_err(|problem| problem.code)).collect::<Vec<_>>()
    };
    use PrivateBasis::{Consent, Statute};
    let first =
        [("p1", 1, Statute), ("p2", 2, Statute), ("p3", 3, Consent), ("p4", 4, Statute), ("p9", 9, Statute), ("p1", 3, Statute)];
    let answers = ask("first", &first).await;
    use ProblemCode::{Conflict, Forbidden, NotFound};
    assert_eq!(answers, [Ok(account(1)), Err(Forbidden), Err(Forbidden), Err(NotFound), Err(NotFound), Err(Conflict)]);
    assert_eq!(ask("first", &first).await, answers, "the same bundle again");
    assert_eq!(ask("again", &[("p1", 1, Statute)]).await, [Err(Conflict)], "one lookup for each payout");
    choose(&supplier, "consent", 3, PayeeChoice::Consent).await.unwrap();
    choose(&citizen(2), "in", 2, PayeeChoice::OptIn).await.unwrap();
    assert_eq!(ask("second", &[("p3", 3, Consent), ("p2", 2, Statute)]).await, [Ok(account(3)), Ok(account(2))]);
    choose(&citizen(3), "withdrawn", 3, PayeeChoice::WithdrawConsent).await.unwrap();
    assert_eq!(ask("third", &[("p5", 3, Consent)]).await, [Err(Forbidden)]);
    let levy = street.house.levy(&supplier, LevyQuery { payer: payer(), month: TODAY }).await.unwrap();
    // Answered: p1, p4 (no account), p3, p2.
    assert_eq!((levy.lookups, levy.rate.minor(), levy.amount.minor()), (4, 4, 16));
    assert_eq!((levy.first, levy.last), (date(2026, 3, 1), date(2026, 3, 31)));
    let next = street.house.levy(&supplier, LevyQuery { payer: payer(), month: date(2026, 4, 1) }).await.unwrap();
    assert_eq!(next.lookups, 0);
    let accesses = contracts::register::AccessQuery { identifier: number(1), limit: 100 };
    let asked = street.house.accesses(&citizen(1), accesses).await.unwrap();
    assert!(
        asked.iter().any(|access| access.operation == "complete-bundle" && access.on_behalf_of == Some(payer())),
        "the payee sees who asked"
    );
}

fn supplier() -> Context {
    Context {
        on_behalf_of: Some(payer()),
        ..context(Actor::DataSupplier { id: primitives::DataSupplierId::parse("DS1").unwrap() })
    }
}

impl Street {
    async fn choose(&self, n: u32, choice: PayeeChoice) {
        let item = PrivateChoice { payer: payer(), identifier: number(n), choice };
        let name = format!("choice {n} {choice:?}");
        self.house.choose_private(&citizen(n), &key(&name), vec![item]).await.unwrap().remove(0).unwrap();
    }

    async fn ask_privately(&self, payout: &str, n: u32, basis: PrivateBasis) -> Result<Account, ProblemCode> {
        let messages = vec![PrivateMessage { payout: payout.into(), identifier: number(n), basis }];
        let bundle = PrivateBundle { payer: payer(), on: TODAY, messages };
        let answer = self.house.complete_bundle(&supplier(), &key(payout), bundle).await.unwrap().remove(0);
        answer.map(|found| found.account).map_err(|problem| problem.code)
    }

    async fn count_logged(&self, operation: &str) -> i64 {
        let mut admin = self.database.admin().await;
        let sql = "select count(*) from register.access_log where operation = $1";
        sqlx::query_scalar(sql).bind(operation).fetch_one(&mut admin).await.unwrap()
    }
}

/// What a payee has chosen about a private payer goes along when the holder becomes part of another; the latest choice counts.
#[tokio::test(flavor = "multi_thread")]
async fn choices_go_along_in_a_merge() {
    let street = street().await;
    street.record("people", (1..=6).map(person).collect()).await;
    street.house.designate(&operator(), &key("accounts"), [2, 4, 6].map(nemkonto).to_vec()).await.unwrap();
    street.choose(1, PayeeChoice::OptOut).await;
    street.choose(3, PayeeChoice::Consent).await;
    street.choose(5, PayeeChoice::OptOut).await;
    street.choose(6, PayeeChoice::OptIn).await;
    for from in [1, 3, 5] {
        street.merge(from, from + 1).await;
    }
    use PrivateBasis::{Consent, Statute};
    assert_eq!(street.ask_privately("p2", 2, Statute).await, Err(ProblemCode::Forbidden), "opted out");
    assert_eq!(street.ask_privately("p4", 4, Consent).await, Ok(account(4)), "consented");
    assert_eq!(street.ask_privately("p6", 6, Statute).await, Ok(account(6)), "opted in later");
}

/// A change that waits can be released also after its holder has become part of another, and who has released it counts on.
#[tokio::test(flavor = "multi_thread")]
async fn a_hold_goes_along_in_a_merge() {
    let street = street_with(strict()).await;
    street.record("people", (1..=4).map(person).collect()).await;
    for n in 1..=3 {
        street.by_bank(n, account(99)).await;
    }
    let release = async |who: &str, n| {
        let entry = street.house.holds(&operator(), number(n)).await.unwrap().remove(0).entry;
        let item = HoldRelease { identifier: number(n), entry, expected: None, reason: "called back".into() };
        street.house.release_holds(&caseworker(who), &key(&format!("{who} {n}")), vec![item]).await.unwrap().remove(0)
    };
    assert_eq!(release("anne", 3).await.unwrap(), HoldReleased::First);
    street.merge(3, 4).await;
    assert_eq!(street.account_on(4, TODAY).await, None);
    assert_eq!(release("anne", 4).await.unwrap_err().code, ProblemCode::Conflict, "she has released it already");
    assert_eq!(release("bo", 4).await.unwrap(), HoldReleased::Released { effective_from: TODAY });
    assert_eq!(street.account_on(4, TODAY).await, Some(account(99)));
}

/// Payers' questions wait for no writer: they change nothing that has a recorded time.
#[tokio::test(flavor = "multi_thread")]
async fn payers_wait_for_no_writer() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    street.house.designate(&operator(), &key("account"), vec![nemkonto(1)]).await.unwrap();
    let mut admin = street.database.admin().await;
    sqlx::query("begin").execute(&mut admin).await.unwrap();
    sqlx::query("select from register.head for update").execute(&mut admin).await.unwrap();
    let asking = async {
        let wait = vec![Subscription { payer: payer(), identifier: number(1) }];
        street.house.subscribe(&supplier(), &key("wait"), wait.clone()).await.unwrap().remove(0).unwrap();
        street.house.unsubscribe(&supplier(), &key("heard"), wait).await.unwrap().remove(0).unwrap();
        street.ask_privately("p1", 1, PrivateBasis::Statute).await
    };
    let answer = tokio::time::timeout(LONG, asking).await;
    assert_eq!(answer.expect("nobody holds it up"), Ok(account(1)));
}

/// Two bundles at once that ask for the same payouts, in opposite orders: each payout is answered once.
#[tokio::test(flavor = "multi_thread")]
async fn bundles_at_once_ask_for_a_payout_once() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    street.house.designate(&operator(), &key("account"), vec![nemkonto(1)]).await.unwrap();
    let payouts: Vec<String> = (0..200).map(|n| format!("p{n}")).collect();
    let ask = async |name: String, payouts: Vec<String>| {
        let message = |payout| PrivateMessage { payout, identifier: number(1), basis: PrivateBasis::Statute };
        let bundle = PrivateBundle { payer: payer(), on: TODAY, messages: payouts.into_iter().map(message).collect() };
        street.house.complete_bundle(&supplier(), &key(&name), bundle).await.unwrap()
    };
    for round in 0..5 {
        let named: Vec<String> = payouts.iter().map(|payout| format!("{round} {payout}")).collect();
        let backwards = named.iter().rev().cloned().collect();
        let (one, other) = tokio::join!(ask(format!("{round} one"), named), ask(format!("{round} other"), backwards));
        assert!(one.iter().zip(other.iter().rev()).all(|(one, other)| one.is_ok() != other.is_ok()), "round {round}");
    }
}

/// A bundle's answer given again is a lookup again, and not given against an opt-out since.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_given_again_is_logged_again() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    street.house.designate(&operator(), &key("account"), vec![nemkonto(1)]).await.unwrap();
    for times in 1..=2 {
        assert_eq!(street.ask_privately("p1", 1, PrivateBasis::Statute).await, Ok(account(1)));
        assert_eq!(street.count_logged("complete-bundle").await, times);
    }
    street.choose(1, PayeeChoice::OptOut).await;
    assert_eq!(street.ask_privately("p1", 1, PrivateBasis::Statute).await, Err(ProblemCode::Forbidden));
    assert_eq!(street.count_logged("complete-bundle").await, 3);
}

/// Hundreds of branches that move at once are moved in one pass, an account through all its moves, and a pass that moves nothing keeps no writer
/// waiting.
#[tokio::test(flavor = "multi_thread")]
async fn branches_that_move_at_once_are_moved_in_one_pass() {
    let street = street().await;
    street.record("people", (1..=40).map(person).collect()).await;
    street.house.designate(&operator(), &key("accounts"), (1..=20).map(nemkonto).collect()).await.unwrap();
    let wanted = |from: u32, into: u32, on| BranchMove {
        from: format!("{from:04}"),
        into: format!("{into:04}"),
        on,
        reason: "merger".into(),
    };
    let mut moves: Vec<BranchMove> = (2000..2300).map(|n| wanted(n, n + 1000, TODAY)).collect();
    moves.push(wanted(5479, 6610, date(2026, 3, 10)));
    moves.push(wanted(6610, 7710, date(2026, 3, 20)));
    moves.push(wanted(7710, 5479, date(2026, 3, 5)));
    street.house.move_branches(&operator(), &key("moves"), moves).await.unwrap();
    let mut steps = 0;
    while street.house.move_accounts(10).await.unwrap() > 0 {
        steps += 1;
    }
    assert!(steps <= 5, "{steps} steps of 10 holders for 40");
    let in_branch = |branch, n| Some(Account::Danish(DanishAccount::new(branch, &account_digits(n)).unwrap()));
    for n in [1, 20] {
        for (day, branch) in [(9, "5479"), (10, "6610"), (19, "6610"), (20, "7710")] {
            assert_eq!(street.account_on(n, date(2026, 3, day)).await, in_branch(branch, n), "{n} on {day} March");
        }
    }
    let later = vec![wanted(4000, 4001, TODAY)];
    street.house.move_branches(&operator(), &key("later"), later).await.unwrap();
    let mut admin = street.database.admin().await;
    sqlx::query("begin").execute(&mut admin).await.unwrap();
    sqlx::query("select from register.head for update").execute(&mut admin).await.unwrap();
    let moving = tokio::time::timeout(LONG, street.house.move_accounts(100)).await;
    assert_eq!(moving.expect("nobody holds it up").unwrap(), 40);
}
