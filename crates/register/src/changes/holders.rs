//! Facts and numbers of holders as changes.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use primitives::{HolderRef, hex};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::entries::day;
use super::{Change, SINGLY};
use crate::fact::{Fact, Facts};
use crate::fault::Fault;
use crate::store::fact::{kind_text, status_text};
use crate::vault::{SealedNumber, Vault};

/// What was written of holders.
pub(crate) struct Holders<'w> {
    /// The facts that held last before, of those that have others now.
    pub was: &'w HashMap<HolderRef, Facts>,
    pub facts: &'w [Fact],
    pub links: &'w [(HolderRef, SealedNumber)],
    pub unlinked: &'w [SealedNumber],
}

/// The changes of holders: of each, the facts that hold last, and numbers that are new to it.
pub(crate) fn of_holders(vault: &Vault, written: &Holders<'_>, by: &str) -> Result<Vec<Change>, Fault> {
    if written.facts.len().max(written.links.len()).max(written.unlinked.len()) > SINGLY {
        return Ok(vec![many(written, by)]);
    }
    let mut changes: BTreeMap<HolderRef, Change> = BTreeMap::new();
    let empty = |holder| Change { by: Some(by.to_owned()), ..Change::new(super::holder(holder), Value::Null, json!({})) };
    for fact in written.facts.iter().filter(|fact| fact.valid.until.is_none()) {
        let change = changes.entry(fact.holder).or_insert_with(|| empty(fact.holder));
        change.from = written.was.get(&fact.holder).map_or(Ok(Value::Null), |was| told(vault, was))?;
        change.to = told(vault, &fact.facts)?;
        change.to["from"] = json!(fact.valid.from);
    }
    for (holder, number) in written.links {
        let linked = json!(vault.open_number(number)?);
        let change = changes.entry(*holder).or_insert_with(|| empty(*holder));
        match &mut change.to["numbers"] {
            Value::Array(numbers) => numbers.push(linked),
            none => *none = Value::Array(vec![linked]),
        }
    }
    let mut changes: Vec<Change> = changes.into_values().collect();
    if !written.unlinked.is_empty() {
        let unlinked = written.unlinked.iter().map(|number| vault.open_number(number)).collect::<Result<Vec<_>, _>>()?;
        let change = Change::new("numbers".to_owned(), json!(unlinked), Value::Null);
        changes.push(Change { by: Some(by.to_owned()), ..change });
    }
    Ok(changes)
}

fn told(vault: &Vault, facts: &Facts) -> Result<Value, Fault> {
    Ok(json!({
        "kind": facts.kind,
        "number": vault.open_number(&facts.current)?,
        "name": vault.open_name(&facts.name)?,
        "born": facts.born,
        "status": facts.status,
    }))
}

fn many(written: &Holders<'_>, by: &str) -> Change {
    let to = json!({
        "facts": written.facts.len(), "facts_sha256": facts_digest(written.facts),
        "numbers": written.links.len(), "numbers_sha256": links_digest(written.links), "numbers_unlinked": written.unlinked.len(),
    });
    Change { by: Some(by.to_owned()), ..Change::new("holders".to_owned(), Value::Null, to) }
}

/// SHA-256 over the facts by holder and version: reference of the holder (16 bytes), version (4), sealed number and name, and kind, birth, status,
/// days and recorder as text. In SQL: `facts_by_sql` of `tests/changes.rs`.
fn facts_digest(facts: &[Fact]) -> String {
    let mut sorted: Vec<&Fact> = facts.iter().collect();
    sorted.sort_unstable_by_key(|fact| (fact.holder, fact.version));
    let (mut digest, mut text) = (Sha256::new(), String::new());
    for Fact { holder, version, facts, valid, recorded_by, .. } in sorted {
        let (kind, status) = (kind_text(facts.kind), status_text(facts.status));
        text.clear();
        // Writing to a string cannot fail.
        let _ = write!(text, "{kind}|{}|{status}|{}|{}|{recorded_by}", day(facts.born), day(valid.from), day(valid.until));
        digest.update(holder.get().as_bytes());
        digest.update(version.to_be_bytes());
        digest.update(&facts.current.number);
        digest.update(&facts.name);
        digest.update(&text);
    }
    hex::encode(digest.finalize())
}

/// SHA-256 over numbers by holder, kind and sealed number. In SQL: `numbers_by_sql` of `tests/changes.rs`.
fn links_digest(links: &[(HolderRef, SealedNumber)]) -> String {
    let mut sorted: Vec<&(HolderRef, SealedNumber)> = links.iter().collect();
    sorted.sort_unstable();
    let mut digest = Sha256::new();
    for (holder, number) in sorted {
        digest.update(holder.get().as_bytes());
        digest.update(number.kind.to_be_bytes());
        digest.update(&number.number);
    }
    hex::encode(digest.finalize())
}
