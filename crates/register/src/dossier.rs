//! A dossier: everything the register holds of one holder now. Changes are decided here, in memory, and written afterwards in bulk.

use contracts::register::{AccountPurpose, HolderStatus};
use jiff::civil::Date;
use primitives::{EntryRef, HolderRef};

use crate::entry::{Entry, Stamp, State};
use crate::fact::{Fact, Facts};
use crate::span::{Cut, Span};
use crate::vault::SealedNumber;

/// The open versions of one holder.
#[derive(Clone, Debug)]
pub(crate) struct Dossier {
    pub holder: HolderRef,
    /// All numbers, old ones too.
    pub numbers: Vec<SealedNumber>,
    /// Open facts, without a gap.
    pub facts: Vec<Fact>,
    /// Open versions of every entry.
    pub entries: Vec<Entry>,
}

/// Versions to close and to add.
#[derive(Debug, Default)]
pub(crate) struct EntryChanges {
    /// Versions no longer believed.
    pub closed: Vec<(HolderRef, EntryRef, i32)>,
    /// New versions.
    pub added: Vec<Entry>,
}

/// One row of the projection for each number of the holder: who is paid where on the days of `valid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// `None`: end-marked or deleted on these days.
    pub paid_on: Option<(EntryRef, Vec<u8>)>,
    pub purpose: AccountPurpose,
    pub valid: Span,
}

impl Dossier {
    /// A holder nothing is known of yet.
    pub(crate) fn empty(holder: HolderRef) -> Self {
        Self { holder, numbers: Vec::new(), facts: Vec::new(), entries: Vec::new() }
    }

    /// The facts that are known to hold last.
    pub(crate) fn latest_facts(&self) -> Option<&Facts> {
        self.facts.iter().find(|fact| fact.valid.until.is_none()).map(|fact| &fact.facts)
    }

    /// Whether the holder can be paid on the day.
    pub(crate) fn is_payable(&self, day: Date) -> bool {
        let on_that_day = |fact: &&Fact| fact.valid.from.is_none_or(|from| from <= day) && !fact.valid.is_over(day);
        self.facts.iter().find(on_that_day).is_some_and(|fact| fact.facts.status == HolderStatus::Active)
    }

    /// The entry that counts as current for the purpose: the last one in force today or later.
    pub(crate) fn current(&self, purpose: &AccountPurpose, today: Date) -> Option<&Entry> {
        self.entries
            .iter()
            .filter(|entry| entry.state == State::Active && entry.purpose == *purpose && !entry.valid.is_over(today))
            .max_by_key(|entry| entry.valid.from)
    }

    /// Ends what is in force for the purpose from the day on; answers the entries it ended.
    pub(crate) fn end_from(
        &mut self, purpose: &AccountPurpose, day: Date, stamp: &Stamp, changes: &mut EntryChanges,
    ) -> Vec<EntryRef> {
        let mut ended = Vec::new();
        for entry in &mut self.entries {
            if entry.state != State::Active || entry.purpose != *purpose {
                continue;
            }
            let next = match entry.valid.cut_from(day) {
                Cut::Untouched => continue,
                Cut::Shortened(valid) => entry.next_version(State::Active, valid, stamp),
                Cut::Gone => entry.next_version(State::Withdrawn, entry.valid, stamp),
            };
            ended.push(entry.entry);
            changes.replace(entry, next);
        }
        ended
    }

    /// Withdraws what waits for a code for the purpose; answers the entries it withdrew.
    pub(crate) fn withdraw_pending(
        &mut self, purpose: &AccountPurpose, stamp: &Stamp, changes: &mut EntryChanges,
    ) -> Vec<EntryRef> {
        let mut withdrawn = Vec::new();
        for entry in &mut self.entries {
            if matches!(entry.state, State::Pending { .. }) && entry.purpose == *purpose {
                let next = entry.next_version(State::Withdrawn, entry.valid, stamp);
                withdrawn.push(entry.entry);
                changes.replace(entry, next);
            }
        }
        withdrawn
    }

    /// Brings a pending entry into force from `day`, in place of what was in force for its purpose.
    pub(crate) fn activate(&mut self, entry: EntryRef, day: Date, stamp: &Stamp, changes: &mut EntryChanges) {
        let Some(purpose) = self.entries.iter().find(|e| e.entry == entry).map(|e| e.purpose.clone()) else {
            return;
        };
        self.end_from(&purpose, day, stamp, changes);
        for pending in self.entries.iter_mut().filter(|e| e.entry == entry) {
            let next = pending.next_version(State::Active, Span::starting(day), stamp);
            changes.replace(pending, next);
        }
    }

    /// Adds a new entry.
    pub(crate) fn add(&mut self, entry: Entry, changes: &mut EntryChanges) {
        changes.added.push(entry.clone());
        self.entries.push(entry);
    }

    /// The steps payments are resolved by: at most one for a purpose and day. Where the holder is not payable, one step for all purposes.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let payable = |fact: &&Fact| fact.facts.status == HolderStatus::Active;
        let mut steps = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.state == State::Active) {
            for fact in self.facts.iter().filter(payable) {
                if let Some(valid) = entry.valid.intersect(fact.valid) {
                    let paid_on = Some((entry.entry, entry.account.clone()));
                    steps.push(Step { paid_on, purpose: entry.purpose.clone(), valid });
                }
            }
        }
        for fact in self.facts.iter().filter(|fact| !payable(fact)) {
            steps.push(Step { paid_on: None, purpose: AccountPurpose::NemKonto, valid: fact.valid });
        }
        steps
    }

    /// Whether the projection holds rows of this holder.
    pub(crate) fn is_projected(&self) -> bool {
        self.entries.iter().any(|entry| entry.state == State::Active)
            || self.facts.iter().any(|fact| fact.facts.status != HolderStatus::Active)
    }
}

impl EntryChanges {
    /// Books the next version of an open entry and puts it in its place.
    fn replace(&mut self, open: &mut Entry, next: Entry) {
        self.closed.push((open.holder, open.entry, open.version));
        self.added.push(next.clone());
        *open = next;
    }
}
