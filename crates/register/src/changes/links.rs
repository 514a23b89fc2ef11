//! Merges and splits of holders as changes.

use primitives::{EntryRef, HolderRef};
use serde_json::{Value, json};

use super::{Change, holder};
use crate::entry::{Entry, Stamp};
use crate::fault::Fault;
use crate::vault::{SealedNumber, Vault};

/// A holder that has become part of another, with what it lost and the other has taken over.
pub(crate) fn merged(
    vault: &Vault, from: HolderRef, into: HolderRef, (lost, adopted): (&[Entry], &[Entry]), stamp: &Stamp,
) -> Result<Change, Fault> {
    let to = json!({ "into": into.get(), "entries": references(adopted) });
    Ok(Change::new(holder(from), json!({ "entries": references(lost) }), to).by(&stamp.by, &vault.open_reason(&stamp.reason)?))
}

/// Another holder that is what numbers and entries of a holder were.
pub(crate) fn split(
    vault: &Vault, from: HolderRef, into: HolderRef, numbers: &[SealedNumber], (lost, adopted): (&[EntryRef], &[Entry]),
    stamp: &Stamp,
) -> Result<Change, Fault> {
    let numbers = numbers.iter().map(|number| vault.open_number(number)).collect::<Result<Vec<_>, _>>()?;
    let lost: Vec<i64> = lost.iter().map(|entry| entry.get()).collect();
    let to: Value = json!({ "into": into.get(), "numbers": numbers, "entries": references(adopted) });
    Ok(Change::new(holder(from), json!({ "entries": lost }), to).by(&stamp.by, &vault.open_reason(&stamp.reason)?))
}

fn references(entries: &[Entry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.entry.get()).collect()
}
