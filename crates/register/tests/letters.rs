//! Pending designations and the letters that activate them (BEK 788/2025 § 10).

use contracts::ProblemCode;
use contracts::register::{
    AccountPurpose, Activation, Designation, DesignationReceipt, DesignationRoute, EntryState, HistoryQuery, Register,
    RegisterServices, SourceEvent, SourceFact, SourceRegister,
};
use contracts::{Actor, ItemResult};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use primitives::{AgreementNumber, BankCode, BenefitCode};
use register::Settings;

use crate::support::{
    Street, TODAY, account, citizen, context, is_paid_on, key, nemkonto, number, operator, payer, person, street, street_with,
};

fn wish(n: u32, account_of: u32) -> Designation {
    Designation { route: DesignationRoute::SelfService, account: account(account_of), valid_from: TODAY, ..nemkonto(n) }
}

impl Street {
    async fn wish(&self, name: &str, n: u32, account_of: u32) -> DesignationReceipt {
        let mut receipts = self.house.designate(&citizen(n), &key(name), vec![wish(n, account_of)]).await.unwrap();
        receipts.remove(0).unwrap()
    }

    async fn activate(&self, name: &str, n: u32, code: &str) -> ItemResult<DesignationReceipt> {
        let item = Activation { identifier: number(n), code: code.to_owned() };
        self.house.activate(&operator(), &key(name), vec![item]).await.unwrap().remove(0)
    }

    /// The code of the letter for an entry.
    async fn code_of(&self, receipt: &DesignationReceipt) -> String {
        let letters = self.house.letters_to_print(&operator(), 100).await.unwrap();
        letters.into_iter().find(|letter| letter.entry == receipt.entry).unwrap().code
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_the_letter_brings_the_account_into_force() {
    let street = street().await;
    street.record("people", vec![person(1), person(2)]).await;
    street.house.designate(&operator(), &key("old"), vec![nemkonto(1)]).await.unwrap();
    let pending = street.wish("wish", 1, 77).await;
    assert!(is_paid_on(&street.outcome(1, TODAY).await, 1), "the old account until then");

    let letters = street.house.letters_to_print(&operator(), 10).await.unwrap();
    let [letter] = &letters[..] else { panic!("one letter") };
    assert_eq!((letter.entry, letter.identifier.clone(), letter.name.as_str()), (pending.entry, number(1), "Ingen Nummer 1"));
    assert!(!format!("{letter:?}").contains(&letter.code), "a code is not for the log");
    assert_eq!(street.house.letters_printed(&operator(), &[(letter.holder, letter.entry)]).await.unwrap(), 1);
    assert!(street.house.letters_to_print(&operator(), 10).await.unwrap().is_empty(), "printed once");

    let wrong_person = street.activate("other", 2, &letter.code).await.unwrap_err();
    assert_eq!(wrong_person.code, ProblemCode::NotFound, "a code is its holder's");
    let receipt = street.activate("code", 1, &letter.code).await.unwrap();
    assert_eq!(receipt, DesignationReceipt { state: EntryState::Active, effective_from: Some(TODAY), ..pending });
    assert!(is_paid_on(&street.outcome(1, TODAY).await, 77));
    assert!(is_paid_on(&street.outcome(1, date(2026, 3, 1)).await, 1), "the old account on the days before");
    let again = street.activate("again", 1, &letter.code).await.unwrap_err();
    assert_eq!(again.code, ProblemCode::NotFound, "a code is used once");
    assert_eq!(street.activate("code", 1, &letter.code).await.unwrap(), receipt, "the same call, the same answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_make_a_letter_void() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let pending = street.wish("wish", 1, 77).await;
    let code = street.code_of(&pending).await;
    for attempt in 0..Settings::default().letter_attempts {
        let problem = street.activate(&format!("guess {attempt}"), 1, "00000000").await.unwrap_err();
        assert_eq!(problem.code, ProblemCode::NotFound);
    }
    let problem = street.activate("right, too late", 1, &code).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::NotFound, "the right code no longer counts");
    let pending = street.wish("anew", 1, 77).await;
    let code = street.code_of(&pending).await;
    assert!(street.activate("right", 1, &code).await.is_ok(), "a new wish gets a new letter");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_lives_sixty_days() {
    let street = street().await;
    street.record("people", vec![person(1), person(2)]).await;
    let (first, second) = (street.wish("1", 1, 71).await, street.wish("2", 2, 72).await);
    let (first_code, second_code) = (street.code_of(&first).await, street.code_of(&second).await);
    // Midnight in Copenhagen after the sixtieth day, in summer by then: the letter says "til og med 01.05.2026".
    let over: Timestamp = "2026-05-01T22:00:00Z".parse().unwrap();
    street.clock.set(over - SignedDuration::from_secs(1));
    assert!(street.activate("in time", 1, &first_code).await.is_ok());
    street.clock.set(over + SignedDuration::from_secs(1));
    assert!(street.activate("too late", 2, &second_code).await.is_err());
    let history = street.house.history(&operator(), HistoryQuery { identifier: number(2), as_known: None }).await.unwrap();
    assert_eq!(history[0].state, EntryState::Ended, "what was not activated in time is over");
    assert!(street.house.letters_to_print(&operator(), 10).await.unwrap().is_empty(), "a dead letter is not printed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_wish_takes_the_place_of_an_older_one() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let first = street.wish("first", 1, 71).await;
    let first_code = street.code_of(&first).await;
    let second = street.wish("second", 1, 72).await;
    let second_code = street.code_of(&second).await;
    assert!(street.activate("first code", 1, &first_code).await.is_err(), "the older letter is void");
    assert!(street.activate("second code", 1, &second_code).await.is_ok());
    assert!(is_paid_on(&street.outcome(1, TODAY).await, 72));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_laws_latest_days_can_be_set() {
    let settings = Settings { bank_activation_bank_days: 2, payment_effect_bank_days: 5, ..Settings::default() };
    let street = street_with(settings).await;
    street.record("people", vec![person(1), person(2)]).await;
    let bank = BankCode::parse("TESTBANK").unwrap();
    let report = Designation { route: DesignationRoute::Bank { bank }, ..nemkonto(1) };
    let by_bank = context(Actor::Bank { code: bank });
    let receipt = street.house.designate(&by_bank, &key("report"), vec![report]).await.unwrap().remove(0).unwrap();
    // Monday 2 March, 2 + 5 bank days later.
    assert_eq!(receipt.effective_from, Some(date(2026, 3, 11)));
    let pending = street.wish("wish", 2, 2).await;
    let code = street.code_of(&pending).await;
    assert_eq!(street.activate("code", 2, &code).await.unwrap().effective_from, Some(date(2026, 3, 9)));
}

/// Who may designate by which route, and for what.
#[tokio::test(flavor = "multi_thread")]
async fn routes_belong_to_those_who_may_use_them() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let bank = BankCode::parse("TESTBANK").unwrap();
    let other_bank = BankCode::parse("OTHERBANK").unwrap();
    let caseworker = |authority| context(Actor::Caseworker { user: "anne".into(), authority });
    let other_authority = AgreementNumber::parse("87654321").unwrap();
    let specific = AccountPurpose::Specific { payer: payer(), benefit: BenefitCode::parse("NKSBFY").unwrap() };
    let (nemkonto_only, reported) = (AccountPurpose::NemKonto, DesignationRoute::Bank { bank });
    for (number, (who, route, purpose, allowed)) in [
        (context(Actor::Bank { code: bank }), reported.clone(), &nemkonto_only, true),
        (context(Actor::Bank { code: other_bank }), reported.clone(), &nemkonto_only, false),
        (context(Actor::Bank { code: bank }), reported.clone(), &specific, false),
        (context(Actor::Bank { code: bank }), DesignationRoute::Migration, &nemkonto_only, false),
        (caseworker(payer()), DesignationRoute::Form, &nemkonto_only, true),
        (caseworker(payer()), DesignationRoute::Caseworker, &specific, true),
        (caseworker(other_authority), DesignationRoute::Caseworker, &specific, false),
        (caseworker(payer()), reported, &nemkonto_only, false),
        (caseworker(payer()), DesignationRoute::SelfService, &nemkonto_only, false),
        (citizen(1), DesignationRoute::Migration, &nemkonto_only, false),
        (citizen(1), DesignationRoute::SelfService, &specific, false),
        (context(Actor::RecoveryAuthority), DesignationRoute::Form, &nemkonto_only, false),
    ]
    .into_iter()
    .enumerate()
    {
        let item = Designation { route, purpose: purpose.clone(), ..nemkonto(1) };
        let result = street.house.designate(&who, &key(&format!("case {number}")), vec![item]).await.unwrap().remove(0);
        let refused = result.err().map(|problem| problem.code);
        assert_eq!(refused, (!allowed).then_some(ProblemCode::Forbidden), "case {number}");
    }
}

/// Guesses in one call count like guesses in many: the right code after too many wrong ones comes too late, in that very call.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_of_one_call_count_each() {
    let street = street().await;
    street.record("people", vec![person(1), person(2)]).await;
    let limit = usize::from(Settings::default().letter_attempts);
    for (n, wrong, allowed) in [(1, limit, false), (2, limit - 1, true)] {
        let pending = street.wish(&format!("wish {n}"), n, 70 + n).await;
        let code = street.code_of(&pending).await;
        let guess = |code: &str| Activation { identifier: number(n), code: code.to_owned() };
        let mut items = vec![guess("no code"); wrong];
        items.push(guess(&code));
        let results = street.house.activate(&operator(), &key(&format!("guesses {n}")), items).await.unwrap();
        assert!(results[..wrong].iter().all(Result::is_err));
        assert_eq!(results[wrong].is_ok(), allowed, "after {wrong} wrong codes");
        assert!(street.activate(&format!("later {n}"), n, &code).await.is_err(), "used, or void");
    }
}

/// A letter that was printed before its holder died is opened by somebody else: its code is no longer one.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_dies_with_its_holder() {
    let street = street().await;
    street.record("people", vec![person(1), person(2)]).await;
    let mut codes = Vec::new();
    for n in [1, 2] {
        let pending = street.wish(&format!("wish {n}"), n, 70 + n).await;
        codes.push(street.code_of(&pending).await);
        street.house.letters_printed(&operator(), &[(pending.holder, pending.entry)]).await.unwrap();
    }
    let died = SourceEvent { source: SourceRegister::Cpr, position: 1, identifier: number(1), on: TODAY, fact: SourceFact::Died };
    street.house.take_events(&operator(), &key("died"), vec![died]).await.unwrap().remove(0).unwrap();
    assert_eq!(street.activate("of the dead", 1, &codes[0]).await.unwrap_err().code, ProblemCode::NotFound);
    assert!(!is_paid_on(&street.outcome(1, TODAY).await, 71));
    assert!(street.activate("of the living", 2, &codes[1]).await.is_ok());
}

/// A letter whose wish is no longer there, or whose holder has died since it was written, is not printed; and its code costs the newer one no
/// attempt.
#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_no_longer_counts_is_not_printed() {
    let street = street().await;
    street.record("people", vec![person(1), person(2)]).await;
    let first = street.wish("first", 1, 71).await;
    let of_the_dead = street.wish("of the dead", 2, 72).await;
    let first_code = street.code_of(&first).await;
    street.code_of(&of_the_dead).await;
    let second = street.wish("second", 1, 73).await;
    let died = SourceEvent { source: SourceRegister::Cpr, position: 1, identifier: number(2), on: TODAY, fact: SourceFact::Died };
    street.house.take_events(&operator(), &key("died"), vec![died]).await.unwrap().remove(0).unwrap();
    let letters = street.house.letters_to_print(&operator(), 10).await.unwrap();
    assert_eq!(letters.iter().map(|letter| letter.entry).collect::<Vec<_>>(), [second.entry]);
    let second_code = letters[0].code.clone();
    for attempt in 0..Settings::default().letter_attempts {
        assert!(street.activate(&format!("old code {attempt}"), 1, &first_code).await.is_err());
    }
    assert!(street.activate("new code", 1, &second_code).await.is_ok(), "the older letter was at hand, not a guess");
    let mut admin = street.database.admin().await;
    street.house.write_letters(10).await.unwrap();
    let jobs: i64 = sqlx::query_scalar("select count(*) from register.print_job").fetch_one(&mut admin).await.unwrap();
    assert_eq!(jobs, 0, "codes that no longer count are let go of");
}
