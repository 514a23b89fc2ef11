//! What is known of a holder, from its dossier.

use contracts::register::{ExtractAccount, ExtractHolder, ExtractStatus, HolderStatus};
use primitives::Identifier;

use crate::dossier::Dossier;
use crate::entry::State;
use crate::fact::Fact;
use crate::fault::Fault;
use crate::store::entry::purpose_columns;
use crate::vault::{SealedNumber, Vault};

/// The holder in the form registers exchange; nothing when it has no number any more.
pub(crate) fn line_of(vault: &Vault, dossier: &Dossier) -> Result<Option<ExtractHolder>, Fault> {
    let Some(latest) = dossier.latest_facts() else { return Ok(None) };
    if dossier.numbers.is_empty() {
        return Ok(None);
    }
    Ok(Some(ExtractHolder {
        identifiers: identifiers(vault, &dossier.numbers, &latest.current)?,
        kind: latest.kind,
        name: vault.open_name(&latest.name)?,
        born: latest.born,
        statuses: statuses(&dossier.facts),
        accounts: accounts(vault, dossier)?,
    }))
}

/// The current number first, then the others by kind and number.
fn identifiers(vault: &Vault, numbers: &[SealedNumber], current: &SealedNumber) -> Result<Vec<Identifier>, Fault> {
    let mut opened = Vec::with_capacity(numbers.len());
    for number in numbers {
        opened.push((number != current, vault.open_number(number)?));
    }
    opened.sort_unstable();
    Ok(opened.into_iter().map(|(_, number)| number).collect())
}

/// The statuses by day, each until the next; nothing when it is active since ever.
fn statuses(facts: &[Fact]) -> Vec<ExtractStatus> {
    let mut statuses: Vec<ExtractStatus> =
        facts.iter().map(|fact| ExtractStatus { status: fact.facts.status, from: fact.valid.from }).collect();
    statuses.sort_unstable_by_key(|status| status.from);
    statuses.dedup_by_key(|status| status.status);
    if statuses.iter().all(|status| status.status == HolderStatus::Active) { Vec::new() } else { statuses }
}

fn accounts(vault: &Vault, dossier: &Dossier) -> Result<Vec<ExtractAccount>, Fault> {
    let mut accounts = Vec::new();
    for entry in dossier.entries.iter().filter(|entry| entry.state == State::Active) {
        accounts.push(ExtractAccount {
            purpose: entry.purpose.clone(),
            account: vault.open_account(&entry.account)?,
            valid_from: entry.valid.from.ok_or(Fault::Corrupt("entry without first day"))?,
            valid_until: entry.valid.until,
        });
    }
    sort_accounts(&mut accounts);
    Ok(accounts)
}

/// The order accounts have in a record: the NemKonto first, then by payer and benefit, each by day.
pub(crate) fn sort_accounts(accounts: &mut [ExtractAccount]) {
    let key = |account: &ExtractAccount| {
        let (payer, benefit) = purpose_columns(&account.purpose);
        (payer.to_owned(), benefit.to_owned(), account.valid_from)
    };
    if accounts.len() > 1 {
        accounts.sort_by_cached_key(key);
    }
}
