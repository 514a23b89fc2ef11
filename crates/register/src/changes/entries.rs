//! Versions of entries as changes.

use std::collections::HashMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;
use primitives::{EntryRef, HolderRef, hex};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Change, SINGLY, content};
use crate::dossier::EntryChanges;
use crate::entry::Entry;
use crate::fault::Fault;
use crate::store::entry::{purpose_columns, route_columns, state_columns};
use crate::store::hold::Held;
use crate::vault::Vault;

/// The changes of entries, with what holds them back.
pub(crate) fn of_entries(vault: &Vault, changes: &EntryChanges, holds: &[Held], at: Timestamp) -> Result<Vec<Change>, Fault> {
    if changes.added.len() > SINGLY {
        return Ok(vec![many(changes, holds)]);
    }
    let before: HashMap<(HolderRef, EntryRef, i32), &Entry> =
        changes.closed.iter().map(|entry| ((entry.holder, entry.entry, entry.version), entry)).collect();
    let one = |entry: &Entry| {
        let was = before.get(&(entry.holder, entry.entry, entry.version - 1));
        let from = was.map_or(Ok(Value::Null), |was| content(&was.as_known(at, vault)?))?;
        let known = entry.as_known(at, vault)?;
        let mut to = content(&known)?;
        if let Some(held) = holds.iter().find(|held| (held.holder, held.entry) == (entry.holder, entry.entry)) {
            let signals: Vec<&str> = held.signals.iter().map(|signal| signal.as_str()).collect();
            to["held"] = json!({ "signals": signals, "until": held.until, "wished": held.wished });
        }
        Ok(Change::new(super::entry(entry.holder, entry.entry), from, to).by(&entry.recorded_by, &known.reason))
    };
    changes.added.iter().map(one).collect()
}

fn many(changes: &EntryChanges, holds: &[Held]) -> Change {
    let to = json!({
        "versions": changes.added.len(), "closed": changes.closed.len(), "held": holds.len(), "sha256": digest(&changes.added),
    });
    let by = changes.added.first().map(|entry| entry.recorded_by.clone());
    Change { by, ..Change::new("entries".to_owned(), Value::Null, to) }
}

/// SHA-256 over the versions by entry and version: reference of the holder (16 bytes), entry (8), version (4), sealed account, and payer, benefit,
/// state, days, route and recorder as text. In SQL: `versions_by_sql` of `tests/changes.rs`.
fn digest(versions: &[Entry]) -> String {
    let mut sorted: Vec<&Entry> = versions.iter().collect();
    sorted.sort_unstable_by_key(|entry| (entry.entry, entry.version));
    let (mut digest, mut text) = (Sha256::new(), String::new());
    for entry in sorted {
        let (payer, benefit) = purpose_columns(&entry.purpose);
        let (state, _) = state_columns(entry.state);
        let (route, _) = route_columns(&entry.route);
        let (from, until) = (day(entry.valid.from), day(entry.valid.until));
        text.clear();
        // Writing to a string cannot fail.
        let _ = write!(text, "{payer}|{benefit}|{state}|{from}|{until}|{route}|{}", entry.recorded_by);
        digest.update(entry.holder.get().as_bytes());
        digest.update(entry.entry.get().to_be_bytes());
        digest.update(entry.version.to_be_bytes());
        digest.update(&entry.account);
        digest.update(&text);
    }
    hex::encode(digest.finalize())
}

/// A day as PostgreSQL writes it; nothing where there is none.
pub(super) fn day(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}
