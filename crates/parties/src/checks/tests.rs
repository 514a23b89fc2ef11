use jiff::civil::date;
use primitives::{Account, AgreementNumber, BankCode, BenefitCode, Bic, Currency, Cvr, DanishAccount, ShiftRule, UnitCode};

use contracts::parties::{
    BankCharacters, BenefitTerms, ClosedDays, DateMeaning, DebtorAccount, Function, PainVersion, PayerKind, Unit, WithoutAccount,
};

use super::*;

fn bank() -> BankProfile {
    BankProfile {
        code: BankCode::parse("B1").unwrap(),
        name: "Bank 1".into(),
        bic: Bic::parse("DABADKKK").unwrap(),
        registration_numbers: vec!["0040".into()],
        pain_version: PainVersion::V03,
        domestic_lag: 0,
        foreign_lag: 1,
        needs_payee_number: false,
        characters: BankCharacters::Unicode,
    }
}

fn debtor(number: &str, unit: Option<&str>) -> DebtorAccount {
    DebtorAccount {
        account: Account::Danish(DanishAccount::new("0040", number).unwrap()),
        bank: BankCode::parse("B1").unwrap(),
        currency: Currency::DKK,
        unit: unit.map(|code| UnitCode::parse(code).unwrap()),
    }
}

fn benefit(code: &str) -> BenefitTerms {
    BenefitTerms { code: BenefitCode::parse(code).unwrap(), name: code.into(), locked: false, shift: ShiftRule::Next }
}

fn payer() -> PayerProfile {
    PayerProfile {
        agreement: AgreementNumber::parse("00000001").unwrap(),
        cvr: Cvr::parse("10103940").unwrap(),
        name: "Myndighed".into(),
        kind: PayerKind::Authority,
        valid_from: date(2026, 1, 1),
        valid_until: None,
        units: vec![Unit { code: UnitCode::parse("U1").unwrap(), name: "Enhed".into() }],
        debtor_accounts: vec![debtor("1", Some("U1"))],
        benefits: vec![benefit("NKSBFY")],
        without_account: WithoutAccount::Return,
        fall_back_to_cvr: false,
        date_meaning: DateMeaning::Disposal,
        closed_days: ClosedDays::Move,
        data_suppliers: vec![],
    }
}

fn user() -> UserProfile {
    UserProfile {
        user: "u1".into(),
        name: "Bruger".into(),
        authority: AgreementNumber::parse("00000001").unwrap(),
        functions: vec![Function::SearchPayments],
        scope: BenefitScope::All,
        units: vec![],
        valid_from: date(2026, 1, 1),
        valid_until: date(2027, 1, 1),
    }
}

/// The field the change is refused for, `None` when it is good.
#[track_caller]
fn expect(change: &PartyChange, field: Option<&str>) {
    let result = check(change);
    assert_eq!(result.err().and_then(|problem| problem.field).as_deref(), field);
}

#[track_caller]
fn check_bank_with(change: impl FnOnce(&mut BankProfile), field: Option<&str>) {
    let mut bank = bank();
    change(&mut bank);
    expect(&PartyChange::Bank(bank), field);
}

#[track_caller]
fn check_payer_with(change: impl FnOnce(&mut PayerProfile), field: Option<&str>) {
    let mut payer = payer();
    change(&mut payer);
    expect(&PartyChange::Payer(payer), field);
}

#[track_caller]
fn check_user_with(change: impl FnOnce(&mut UserProfile), field: Option<&str>) {
    let mut user = user();
    change(&mut user);
    expect(&PartyChange::User(user), field);
}

#[test]
fn banks() {
    check_bank_with(|_| {}, None);
    check_bank_with(|bank| bank.name = "  ".into(), Some("name"));
    check_bank_with(|bank| bank.name = "å".repeat(140), None);
    check_bank_with(|bank| bank.name = "å".repeat(141), Some("name"));
    check_bank_with(|bank| bank.registration_numbers = vec!["040".into()], Some("registration_numbers"));
    check_bank_with(|bank| bank.registration_numbers = vec!["004x".into()], Some("registration_numbers"));
    check_bank_with(|bank| bank.registration_numbers = vec!["0040".into(); 2], Some("registration_numbers"));
    check_bank_with(
        |bank| bank.registration_numbers = (0..1001).map(|n| format!("{n:04}")).collect(),
        Some("registration_numbers"),
    );
}

#[test]
fn payers() {
    check_payer_with(|_| {}, None);
    check_payer_with(|payer| payer.valid_until = Some(date(2026, 1, 2)), None);
    check_payer_with(|payer| payer.valid_until = Some(date(2026, 1, 1)), Some("valid_until"));
    check_payer_with(|payer| payer.name = String::new(), Some("name"));
    check_payer_with(|payer| payer.units[0].name = String::new(), Some("units"));
    check_payer_with(|payer| payer.units = vec![payer.units[0].clone(); 2], Some("units"));
    check_payer_with(|payer| payer.benefits = vec![benefit("A"), benefit("A")], Some("benefits"));
    check_payer_with(|payer| payer.debtor_accounts = vec![debtor("1", None), debtor("01", None)], Some("debtor_accounts"));
    check_payer_with(|payer| payer.debtor_accounts = vec![debtor("1", None), debtor("2", None)], None);
    check_payer_with(|payer| payer.debtor_accounts = vec![debtor("1", Some("U2"))], Some("debtor_accounts"));
    check_payer_with(|payer| payer.data_suppliers = vec!["S".parse().unwrap(); 2], Some("data_suppliers"));
}

#[test]
fn users() {
    let only = |codes: &[&str]| BenefitScope::Only {
        benefits: codes.iter().map(|code| BenefitCode::parse(code).unwrap()).collect(),
        without: false,
    };
    check_user_with(|_| {}, None);
    check_user_with(|user| user.user = "u".repeat(65), Some("user"));
    check_user_with(|user| user.name = String::new(), Some("name"));
    check_user_with(|user| user.functions = vec![Function::StopPayments; 2], Some("functions"));
    check_user_with(|user| user.valid_until = user.valid_from, Some("valid_until"));
    check_user_with(|user| user.scope = only(&["A", "B"]), None);
    check_user_with(|user| user.scope = only(&["A", "A"]), Some("scope"));
}
