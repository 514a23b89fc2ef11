//! The rules of a profile that need no other party to be checked.

use std::{collections::HashSet, hash::Hash};

use contracts::{
    Problem, ProblemCode,
    parties::{BankProfile, BenefitScope, PartyChange, PayerProfile, UserProfile},
};
use platform::limits::check_count;

use crate::limits::{MAX_NAME, MAX_PARTS, MAX_USER_ID};

mod access;

pub(crate) use access::{check_conflict, check_grant, check_mandate, check_terms, check_why};

/// Checks the change on its own.
pub(crate) fn check(change: &PartyChange) -> Result<(), Problem> {
    match change {
        PartyChange::Bank(bank) => check_bank(bank),
        PartyChange::Payer(payer) => check_payer(payer),
        PartyChange::User(user) => check_user(user),
    }
}

fn check_bank(bank: &BankProfile) -> Result<(), Problem> {
    check_text(&bank.name, MAX_NAME, "name")?;
    check_count(bank.registration_numbers.len(), MAX_PARTS, "registration_numbers")?;
    check_distinct(&bank.registration_numbers, "registration_numbers")?;
    if bank.registration_numbers.iter().all(|number| is_registration_number(number)) {
        return Ok(());
    }
    Err(invalid("registration_numbers", "Et registreringsnummer har 4 cifre.", "A registration number has 4 digits."))
}

fn is_registration_number(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(crate) fn check_payer(payer: &PayerProfile) -> Result<(), Problem> {
    check_text(&payer.name, MAX_NAME, "name")?;
    if payer.valid_until.is_some_and(|until| until <= payer.valid_from) {
        return Err(ends_before_it_begins());
    }
    check_count(payer.units.len(), MAX_PARTS, "units")?;
    check_count(payer.debtor_accounts.len(), MAX_PARTS, "debtor_accounts")?;
    check_count(payer.benefits.len(), MAX_PARTS, "benefits")?;
    check_count(payer.data_suppliers.len(), MAX_PARTS, "data_suppliers")?;
    payer.units.iter().try_for_each(|unit| check_text(&unit.name, MAX_NAME, "units"))?;
    payer.benefits.iter().try_for_each(|benefit| check_text(&benefit.name, MAX_NAME, "benefits"))?;
    check_distinct(payer.units.iter().map(|unit| unit.code), "units")?;
    check_distinct(payer.benefits.iter().map(|benefit| benefit.code), "benefits")?;
    check_distinct(&payer.data_suppliers, "data_suppliers")?;
    check_distinct(payer.debtor_accounts.iter().map(|debtor| (&debtor.account, debtor.currency)), "debtor_accounts")?;
    check_units_of_accounts(payer)
}

fn check_units_of_accounts(payer: &PayerProfile) -> Result<(), Problem> {
    let units: HashSet<_> = payer.units.iter().map(|unit| unit.code).collect();
    if payer.debtor_accounts.iter().filter_map(|debtor| debtor.unit).all(|unit| units.contains(&unit)) {
        return Ok(());
    }
    Err(invalid(
        "debtor_accounts",
        "En konto hører til en enhed, som ikke er blandt aftalens enheder.",
        "An account belongs to a unit that is not among the agreement's units.",
    ))
}

fn check_user(user: &UserProfile) -> Result<(), Problem> {
    check_text(&user.user, MAX_USER_ID, "user")?;
    check_text(&user.name, MAX_NAME, "name")?;
    check_distinct(&user.functions, "functions")?;
    if user.valid_until <= user.valid_from {
        return Err(ends_before_it_begins());
    }
    if !user.units.is_empty() {
        return Err(invalid(
            "units",
            "Ret til en enkelt enheds ydelsesarter tildeles; den registreres ikke med brugeren.",
            "A right to the benefits of a single unit is granted; it is not recorded with the user.",
        ));
    }
    check_scope(&user.scope)
}

fn check_scope(scope: &BenefitScope) -> Result<(), Problem> {
    match scope {
        BenefitScope::All => Ok(()),
        BenefitScope::Only { benefits, .. } => {
            check_count(benefits.len(), MAX_PARTS, "scope")?;
            check_distinct(benefits, "scope")
        }
    }
}

pub(crate) fn check_text(text: &str, most: usize, field: &str) -> Result<(), Problem> {
    if !text.trim().is_empty() && text.chars().count() <= most {
        return Ok(());
    }
    Err(invalid(field, &format!("Feltet skal have 1 til {most} tegn."), &format!("The field must have 1 to {most} characters.")))
}

fn check_distinct<T: Eq + Hash>(items: impl IntoIterator<Item = T>, field: &str) -> Result<(), Problem> {
    let mut seen = HashSet::new();
    if items.into_iter().all(|item| seen.insert(item)) {
        return Ok(());
    }
    Err(invalid(field, "Noget står der to gange.", "Something stands there twice."))
}

fn ends_before_it_begins() -> Problem {
    invalid(
        "valid_until",
        "Den første dag efter perioden skal ligge efter periodens første dag.",
        "The first day after the period must lie after the period's first day.",
    )
}

/// A field that breaks its rules.
pub(crate) fn invalid(field: &str, da: &str, en: &str) -> Problem {
    Problem::new(ProblemCode::InvalidInput, da, en).in_field(field)
}

#[cfg(test)]
mod tests;
