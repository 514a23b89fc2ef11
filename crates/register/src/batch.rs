//! A batch of changes to designations: loads the dossiers, collects the changes decided on them, writes everything in bulk.

use std::collections::HashSet;

use contracts::register::{AccountPurpose, RegisterEvent};
use contracts::{Context, Problem};
use jiff::Timestamp;
use jiff::civil::Date;
use platform::feed::{self, NewEvent};
use primitives::{EntryRef, HolderRef, copenhagen_date};
use sqlx::PgConnection;

use crate::dossier::{Dossier, EntryChanges};
use crate::entry::Stamp;
use crate::fault::{Fault, twice_in_one_call};
use crate::rights::Reach;
use crate::store::dossier::Dossiers;
use crate::store::letter::Letter;
use crate::store::{self, identifier, projection};
use crate::vault::{NumberColumns, SealedNumber, Vault};

/// The changes of one call under way.
pub(crate) struct Batch<'b> {
    vault: &'b Vault,
    /// When the changes are recorded.
    pub at: Timestamp,
    /// The civil day of that time.
    pub today: Date,
    /// Who makes them: a label.
    by: String,
    reach: Reach,
    found: std::vec::IntoIter<Option<HolderRef>>,
    dossiers: Dossiers,
    /// Holders with rows in the projection before the changes.
    projected: HashSet<HolderRef>,
    touched: HashSet<(HolderRef, AccountPurpose)>,
    pub changes: EntryChanges,
    pub letters: Vec<Letter>,
    events: Vec<RegisterEvent>,
}

impl<'b> Batch<'b> {
    /// Loads the dossiers of the holders the numbers belong to.
    pub(crate) async fn load<'n>(
        conn: &mut PgConnection, vault: &'b Vault, context: &Context, at: Timestamp,
        numbers: impl IntoIterator<Item = &'n SealedNumber>,
    ) -> Result<Self, Fault> {
        let numbers: NumberColumns = numbers.into_iter().collect();
        let reach = Reach::of(conn, vault, context).await?;
        let found = identifier::holders_of(conn, &numbers).await?;
        let dossiers = store::dossier::load(conn, found.iter().copied().flatten()).await?;
        let projected = dossiers.values().filter(|dossier| dossier.is_projected()).map(|dossier| dossier.holder).collect();
        Ok(Self {
            vault,
            at,
            today: copenhagen_date(at),
            by: context.actor.label(),
            reach,
            found: found.into_iter(),
            dossiers,
            projected,
            touched: HashSet::new(),
            changes: EntryChanges::default(),
            letters: Vec::new(),
            events: Vec::new(),
        })
    }

    /// The holder of the next number, in the order the numbers were given.
    pub(crate) fn next_holder(&mut self) -> Result<HolderRef, Problem> {
        self.reach.check(self.found.next().flatten())
    }

    /// The holders of all numbers, those out of reach left out.
    pub(crate) fn holders(&self) -> Vec<HolderRef> {
        self.dossiers.keys().copied().collect()
    }

    /// Holds the purpose for the item at hand. One call changes a purpose of a holder once: what was never in force between two items of one
    /// call would have no time at which it was known.
    pub(crate) fn claim(&mut self, holder: HolderRef, purpose: &AccountPurpose) -> Result<(), Problem> {
        if self.touched.insert((holder, purpose.clone())) { Ok(()) } else { Err(twice_in_one_call()) }
    }

    /// The dossier and the collected changes, to decide on.
    pub(crate) fn open(&mut self, holder: HolderRef) -> Result<(&mut Dossier, &mut EntryChanges), Problem> {
        let dossier = self.dossiers.get_mut(&holder).ok_or_else(crate::fault::unknown_number)?;
        Ok((dossier, &mut self.changes))
    }

    /// The stamp of a change.
    pub(crate) fn stamp(&self, reason: Vec<u8>) -> Stamp {
        Stamp { at: self.at, by: self.by.clone(), reason }
    }

    /// Tells others that an account is in force.
    pub(crate) fn tell_designated(
        &mut self, holder: HolderRef, purpose: &AccountPurpose, entry: EntryRef, effective_from: Date,
    ) -> Result<(), Fault> {
        let facts = self.dossiers.get(&holder).and_then(Dossier::latest_facts).ok_or(Fault::Corrupt("holder without facts"))?;
        self.events.push(RegisterEvent::AccountDesignated {
            holder,
            identifier: self.vault.open_number(&facts.current)?,
            purpose: purpose.clone(),
            entry,
            effective_from,
        });
        Ok(())
    }

    /// Tells others that an account is no longer in force.
    pub(crate) fn tell_ended(&mut self, holder: HolderRef, purpose: &AccountPurpose, entry: EntryRef, from: Date) {
        self.events.push(RegisterEvent::AccountEnded { holder, purpose: purpose.clone(), entry, from });
    }

    /// Writes everything.
    pub(crate) async fn write(self, conn: &mut PgConnection) -> Result<(), Fault> {
        store::entry::write(conn, &self.changes, self.at).await?;
        store::letter::insert(conn, &self.letters).await?;
        let changed: HashSet<HolderRef> = self.changes.added.iter().map(|entry| entry.holder).collect();
        let changed: Vec<&Dossier> = self.dossiers.values().filter(|dossier| changed.contains(&dossier.holder)).collect();
        let stale = changed.iter().filter(|dossier| self.projected.contains(&dossier.holder));
        projection::clear(conn, stale.flat_map(|dossier| &dossier.numbers)).await?;
        projection::write(conn, &changed).await?;
        append_events(conn, self.vault, &self.events).await
    }
}

/// Puts facts for others in the outbox.
pub(crate) async fn append_events(conn: &mut PgConnection, vault: &Vault, events: &[RegisterEvent]) -> Result<(), Fault> {
    let sealed: Result<Vec<NewEvent<'_>>, Fault> =
        events.iter().map(|event| Ok(NewEvent { kind: event_kind(event), payload: vault.seal_event(event)? })).collect();
    feed::append(conn, "register", &sealed?).await?;
    Ok(())
}

fn event_kind(event: &RegisterEvent) -> &'static str {
    match event {
        RegisterEvent::AccountDesignated { .. } => "account_designated",
        RegisterEvent::AccountEnded { .. } => "account_ended",
        RegisterEvent::HolderMerged { .. } => "holder_merged",
    }
}
