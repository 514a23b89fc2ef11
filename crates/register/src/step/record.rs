//! A record to take over: its rules, its one spelling, and its values sealed.

use contracts::register::{AccountPurpose, ExtractAccount, ExtractHolder, HolderStatus};
use contracts::{ItemResult, Problem, ProblemCode};

use super::line::sort_accounts;
use crate::day::check_day;
use crate::fact::Facts;
use crate::fault::check_text;
use crate::record_holders::{NAME_LIMIT, NUMBERS_LIMIT};
use crate::span::Span;
use crate::vault::{SealedNumber, Vault};

/// The most accounts a record may have.
const ACCOUNTS_LIMIT: usize = 1_000;

/// A holder's record that keeps the rules.
pub(crate) struct Wish {
    /// In its one spelling.
    pub line: ExtractHolder,
    /// The current one first.
    pub numbers: Vec<SealedNumber>,
    /// What holds of it on which days, without a gap.
    pub facts: Vec<(Facts, Span)>,
    pub accounts: Vec<WishedAccount>,
}

/// An account to be in force.
#[derive(Clone, Debug)]
pub(crate) struct WishedAccount {
    pub purpose: AccountPurpose,
    /// Sealed.
    pub account: Vec<u8>,
    pub valid: Span,
}

/// Checks a record and seals its values.
pub(crate) fn prepare(vault: &Vault, line: &ExtractHolder) -> ItemResult<Wish> {
    check(line)?;
    let line = normal(line);
    let numbers: Vec<SealedNumber> = line.identifiers.iter().map(|number| vault.seal_number(number)).collect();
    let name = vault.seal_name(&line.name);
    let facts = |status| Facts { kind: line.kind, current: numbers[0].clone(), name: name.clone(), born: line.born, status };
    let facts = if line.statuses.is_empty() {
        vec![(facts(HolderStatus::Active), Span::ALWAYS)]
    } else {
        let until = line.statuses.iter().skip(1).map(|next| next.from).chain([None]);
        let steps = line.statuses.iter().zip(until);
        steps.map(|(step, until)| (facts(step.status), Span { from: step.from, until })).collect()
    };
    let accounts = line.accounts.iter().map(|account| WishedAccount {
        purpose: account.purpose.clone(),
        account: vault.seal_account(&account.account),
        valid: Span { from: Some(account.valid_from), until: account.valid_until },
    });
    let accounts = accounts.collect();
    Ok(Wish { line, numbers, facts, accounts })
}

/// The record in its one spelling: lists in their order, nothing said twice.
pub(crate) fn normal(line: &ExtractHolder) -> ExtractHolder {
    let mut line = line.clone();
    let current = line.identifiers[0].clone();
    line.identifiers.retain(|number| *number != current);
    line.identifiers.sort_unstable();
    line.identifiers.dedup();
    line.identifiers.insert(0, current);
    line.statuses.dedup_by_key(|step| step.status);
    if line.statuses.iter().all(|step| step.status == HolderStatus::Active) {
        line.statuses.clear();
    }
    sort_accounts(&mut line.accounts);
    line
}

fn check(line: &ExtractHolder) -> Result<(), Problem> {
    if line.identifiers.is_empty() || line.identifiers.len() > NUMBERS_LIMIT {
        return Err(invalid("identifiers", format!("1 til {NUMBERS_LIMIT} numre"), format!("1 to {NUMBERS_LIMIT} numbers")));
    }
    check_text(&line.name, NAME_LIMIT, "name")?;
    line.born.map_or(Ok(()), |day| check_day(day, "born"))?;
    check_statuses(line)?;
    check_accounts(line)
}

fn check_statuses(line: &ExtractHolder) -> Result<(), Problem> {
    for from in line.statuses.iter().filter_map(|step| step.from) {
        check_day(from, "statuses")?;
    }
    let first = line.statuses.first().is_none_or(|step| step.from.is_none());
    if first && line.statuses.is_sorted_by(|before, after| before.from < after.from) {
        return Ok(());
    }
    Err(invalid(
        "statuses",
        "den første siden altid, de andre fra voksende dage",
        "the first since ever, the others from growing days",
    ))
}

fn check_accounts(line: &ExtractHolder) -> Result<(), Problem> {
    if line.accounts.len() > ACCOUNTS_LIMIT {
        return Err(invalid("accounts", format!("højst {ACCOUNTS_LIMIT}"), format!("at most {ACCOUNTS_LIMIT}")));
    }
    for account in &line.accounts {
        check_day(account.valid_from, "accounts.valid_from")?;
        account.valid_until.map_or(Ok(()), |day| check_day(day, "accounts.valid_until"))?;
        if account.valid_until.is_some_and(|until| until <= account.valid_from) {
            return Err(invalid("accounts.valid_until", "en dag efter valid_from", "a day after valid_from"));
        }
    }
    let mut sorted: Vec<ExtractAccount> = line.accounts.clone();
    sort_accounts(&mut sorted);
    let follows = |before: &ExtractAccount, after: &ExtractAccount| {
        before.purpose != after.purpose || before.valid_until.is_some_and(|until| until <= after.valid_from)
    };
    if sorted.is_sorted_by(follows) {
        return Ok(());
    }
    Err(invalid("accounts", "én konto til et formål på en dag", "one account for a purpose on a day"))
}

fn invalid(field: &'static str, da: impl AsRef<str>, en: impl AsRef<str>) -> Problem {
    let (da, en) = (format!("Der ventes {}.", da.as_ref()), format!("Expected {}.", en.as_ref()));
    Problem::new(ProblemCode::InvalidInput, da, en).in_field(field)
}
