//! A dossier: everything the register holds of one holder now. Changes are decided here, in memory, and written afterwards in bulk.

use contracts::register::{AccountPurpose, HolderStatus};
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::{EntryRef, HolderRef};

use crate::entry::{Entry, Stamp, State};
use crate::fact::{Fact, Facts};
use crate::span::{Cut, Span};
use crate::vault::{FOREIGN, SealedNumber};

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
    /// Versions no longer believed, as they were.
    pub closed: Vec<Entry>,
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

    /// Whether the holder has a newer number of this kind. Numbers of other countries stand beside each other.
    pub(crate) fn is_replaced(&self, number: &SealedNumber) -> bool {
        let newer = |facts: &Facts| facts.current.kind == number.kind && facts.current != *number;
        number.kind != FOREIGN && self.latest_facts().is_some_and(newer)
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
        self.withdraw_pending_of(purpose, stamp.at, stamp, changes)
    }

    /// As [`withdraw_pending`](Self::withdraw_pending), for a wish that was said at a time: what was wished later goes on waiting for its code.
    pub(crate) fn withdraw_pending_of(
        &mut self, purpose: &AccountPurpose, said: Timestamp, stamp: &Stamp, changes: &mut EntryChanges,
    ) -> Vec<EntryRef> {
        let mut withdrawn = Vec::new();
        for entry in &mut self.entries {
            if matches!(entry.state, State::Pending { .. }) && entry.purpose == *purpose && entry.recorded_from <= said {
                let next = entry.next_version(State::Withdrawn, entry.valid, stamp);
                withdrawn.push(entry.entry);
                changes.replace(entry, next);
            }
        }
        withdrawn
    }

    /// Withdraws one entry that is in force or to come; answers it as it was.
    pub(crate) fn withdraw(&mut self, entry: EntryRef, stamp: &Stamp, changes: &mut EntryChanges) -> Option<Entry> {
        let open = self.entries.iter_mut().find(|open| open.entry == entry && open.state == State::Active)?;
        let was = open.clone();
        changes.replace(open, was.next_version(State::Withdrawn, was.valid, stamp));
        Some(was)
    }

    /// Withdraws everything; answers what was in force or to come.
    pub(crate) fn withdraw_all(&mut self, stamp: &Stamp, changes: &mut EntryChanges) -> Vec<Entry> {
        let open: Vec<EntryRef> = self.entries.iter().map(|entry| entry.entry).collect();
        for purpose in self.entries.iter().map(|entry| entry.purpose.clone()).collect::<Vec<_>>() {
            self.withdraw_pending(&purpose, stamp, changes);
        }
        open.into_iter().filter_map(|entry| self.withdraw(entry, stamp, changes)).collect()
    }

    /// Takes an entry over from another holder, as a new one on the same days.
    pub(crate) fn adopt(&mut self, entry: EntryRef, from: &Entry, stamp: &Stamp, changes: &mut EntryChanges) {
        let adopted = Entry {
            holder: self.holder,
            entry,
            version: 1,
            recorded_from: stamp.at,
            recorded_by: stamp.by.clone(),
            reason: stamp.reason.clone(),
            ..from.clone()
        };
        self.add(adopted, changes);
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

    /// The NemKonto in force on the day.
    pub(crate) fn nemkonto_on(&self, day: Date) -> Option<&Entry> {
        self.in_force(&AccountPurpose::NemKonto, day).filter(|_| self.is_payable(day))
    }

    /// The entry that is in force for the purpose on the day.
    pub(crate) fn in_force(&self, purpose: &AccountPurpose, day: Date) -> Option<&Entry> {
        let is_in_force = |entry: &&Entry| entry.state == State::Active && entry.purpose == *purpose && entry.valid.contains(day);
        self.entries.iter().find(is_in_force)
    }

    /// Brings an entry that is to come into force earlier, in place of what was in force until then; answers whether it was to come.
    pub(crate) fn advance(&mut self, entry: EntryRef, day: Date, stamp: &Stamp, changes: &mut EntryChanges) -> bool {
        let to_come = |open: &&Entry| open.entry == entry && open.state == State::Active && open.valid.from > Some(day);
        let Some(held) = self.entries.iter().find(to_come).cloned() else { return false };
        for open in &mut self.entries {
            let is_before = open.valid.from < held.valid.from && !open.valid.is_over(day);
            if open.state == State::Active && open.purpose == held.purpose && open.entry != entry && is_before {
                let next = match open.valid.cut_from(day) {
                    Cut::Untouched => continue,
                    Cut::Shortened(valid) => open.next_version(State::Active, valid, stamp),
                    Cut::Gone => open.next_version(State::Withdrawn, open.valid, stamp),
                };
                changes.replace(open, next);
            }
        }
        for open in self.entries.iter_mut().filter(|open| open.entry == entry) {
            let next = open.next_version(State::Active, Span { from: Some(day), ..open.valid }, stamp);
            changes.replace(open, next);
        }
        true
    }

    /// Puts another account in an entry's place from a day on: in the entry itself, where that is all of it, else as a new entry. Answers which
    /// entry has it now.
    pub(crate) fn move_account(
        &mut self, entry: EntryRef, account: Vec<u8>, (day, number): (Date, EntryRef), stamp: &Stamp, changes: &mut EntryChanges,
    ) -> EntryRef {
        let Some(open) = self.entries.iter_mut().find(|open| open.entry == entry) else { return entry };
        let rest = Span { from: open.valid.from.max(Some(day)), ..open.valid };
        match open.valid.cut_from(day) {
            Cut::Untouched => entry,
            Cut::Gone => {
                let next = Entry { account, ..open.next_version(State::Active, open.valid, stamp) };
                changes.amend(open, next);
                entry
            }
            Cut::Shortened(valid) => {
                let moved = Entry {
                    entry: number,
                    version: 1,
                    account,
                    valid: rest,
                    recorded_from: stamp.at,
                    recorded_by: stamp.by.clone(),
                    reason: stamp.reason.clone(),
                    ..open.clone()
                };
                let next = open.next_version(State::Active, valid, stamp);
                changes.amend(open, next);
                self.add(moved, changes);
                number
            }
        }
    }

    /// Gives an entry in force other days.
    pub(crate) fn respan(&mut self, entry: EntryRef, valid: Span, stamp: &Stamp, changes: &mut EntryChanges) {
        for open in self.entries.iter_mut().filter(|open| open.entry == entry && open.state == State::Active) {
            let next = open.next_version(State::Active, valid, stamp);
            changes.replace(open, next);
        }
    }

    /// Brings an entry into force on these days again, also one that was withdrawn.
    pub(crate) fn reinstate(&mut self, entry: EntryRef, valid: Span, stamp: &Stamp, changes: &mut EntryChanges) {
        for open in self.entries.iter_mut().filter(|open| open.entry == entry) {
            let next = open.next_version(State::Active, valid, stamp);
            changes.replace(open, next);
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
    /// As `replace`; a version of this very moment, which nobody has ever known, is changed in its place.
    fn amend(&mut self, open: &mut Entry, next: Entry) {
        let same = |added: &&mut Entry| (added.entry, added.version) == (open.entry, open.version);
        match self.added.iter_mut().find(same) {
            Some(added) => {
                *added = Entry { version: open.version, ..next };
                *open = added.clone();
            }
            None => self.replace(open, next),
        }
    }

    /// Books the next version of an open entry and puts it in its place.
    fn replace(&mut self, open: &mut Entry, next: Entry) {
        self.added.push(next.clone());
        self.closed.push(std::mem::replace(open, next));
    }
}
