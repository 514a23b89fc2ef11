//! An entry: one designation, in the version the register holds now or held at a time.

use contracts::register::{AccountPurpose, DesignationRoute, EntryState, HistoryEntry};
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::{EntryRef, HolderRef, copenhagen_date};

use crate::fault::Fault;
use crate::span::Span;
use crate::vault::Vault;

/// One version of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub holder: HolderRef,
    pub entry: EntryRef,
    /// Counted from 1.
    pub version: i32,
    pub purpose: AccountPurpose,
    /// Sealed.
    pub account: Vec<u8>,
    pub state: State,
    /// Civil days; always has a first one.
    pub valid: Span,
    pub recorded_from: Timestamp,
    pub route: DesignationRoute,
    pub recorded_by: String,
    /// Sealed.
    pub reason: Vec<u8>,
}

/// What is stored. "Ended" is not: it is what an active entry is when its days are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Waits for the code of the letter until the time given.
    Pending { expires_at: Timestamp },
    /// In force on its days.
    Active,
    /// Never came, or no longer comes, into force.
    Withdrawn,
}

/// When, by whom and why a change is made.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    pub at: Timestamp,
    pub by: String,
    /// Sealed.
    pub reason: Vec<u8>,
}

impl Entry {
    /// The state as known at `at`.
    pub(crate) fn state_at(&self, at: Timestamp) -> EntryState {
        match self.state {
            State::Pending { expires_at } if at < expires_at => EntryState::Pending,
            State::Pending { .. } | State::Withdrawn => EntryState::Ended,
            State::Active if self.valid.is_over(copenhagen_date(at)) => EntryState::Ended,
            State::Active => EntryState::Active,
        }
    }

    /// The next version, as a change leaves it.
    pub(crate) fn next_version(&self, state: State, valid: Span, stamp: &Stamp) -> Self {
        Self {
            version: self.version + 1,
            state,
            valid,
            recorded_from: stamp.at,
            recorded_by: stamp.by.clone(),
            reason: stamp.reason.clone(),
            ..self.clone()
        }
    }

    /// The entry in the words of the contract, as known at `at`. Whatever was learned after that is not told.
    pub(crate) fn as_known(&self, at: Timestamp, vault: &Vault) -> Result<HistoryEntry, Fault> {
        Ok(HistoryEntry {
            entry: self.entry,
            purpose: self.purpose.clone(),
            account: vault.open_account(&self.account)?,
            state: self.state_at(at),
            valid_from: self.first_day()?,
            valid_until: self.valid.until,
            recorded_from: self.recorded_from,
            recorded_until: None,
            route: self.route.clone(),
            recorded_by: self.recorded_by.clone(),
            reason: vault.open_reason(&self.reason)?,
        })
    }

    fn first_day(&self) -> Result<Date, Fault> {
        self.valid.from.ok_or(Fault::Corrupt("entry without first day"))
    }
}
