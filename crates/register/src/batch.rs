//! A batch of changes to designations: loads the dossiers, collects the changes decided on them, writes everything in bulk.

use std::collections::{HashMap, HashSet};

use contracts::register::{AccountPurpose, DesignationRoute, RegisterEvent};
use contracts::{Actor, Context, Problem};
use jiff::Timestamp;
use jiff::civil::Date;
use platform::feed::{self, NewEvent};
use primitives::{EntryRef, HolderRef, copenhagen_date};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::branch;
use crate::changes::{self, Change};
use crate::dossier::{Dossier, EntryChanges};
use crate::entry::{Entry, Stamp, State};
use crate::fault::{Fault, twice_in_one_call};
use crate::notice::{Kind, Note};
use crate::rights::{Reach, is_guardian};
use crate::specific::Rules;
use crate::store::branch::Moves;
use crate::store::circumstance::{self, Standing};
use crate::store::dossier::Dossiers;
use crate::store::hold::Held;
use crate::store::letter::Letter;
use crate::store::{self, identifier, projection, specific_rule};
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
    /// The numbers of a payee who acts.
    own: Vec<SealedNumber>,
    dossiers: Dossiers,
    standings: HashMap<HolderRef, Standing>,
    /// Holders with rows in the projection before the changes.
    projected: HashSet<HolderRef>,
    touched: HashSet<(HolderRef, AccountPurpose)>,
    pub changes: EntryChanges,
    pub letters: Vec<Letter>,
    notes: Vec<Note>,
    /// When holders have said where their NemKonto is, or that there is none.
    words: Vec<(HolderRef, Timestamp)>,
    pub holds: Vec<Held>,
    /// Which specific accounts are locked.
    pub rules: Rules,
    moves: Moves,
    /// When holders have signed what changes here, where that was before.
    pub signed: HashMap<HolderRef, Timestamp>,
    /// Who shares accounts that are being designated.
    sharing: HashMap<Vec<u8>, HashSet<Uuid>>,
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
        let holders: Vec<Uuid> = dossiers.keys().map(|holder| holder.get()).collect();
        let standings = circumstance::load(conn, vault, &holders).await?;
        let rules = specific_rule::all(conn).await?;
        let moves = store::branch::all(conn).await?;
        let own = own_numbers(conn, context, reach).await?;
        let projected = dossiers.values().filter(|dossier| dossier.is_projected()).map(|dossier| dossier.holder).collect();
        Ok(Self {
            vault,
            at,
            today: copenhagen_date(at),
            by: label(context, reach),
            reach,
            own,
            standings,
            found: found.into_iter(),
            dossiers,
            projected,
            touched: HashSet::new(),
            changes: EntryChanges::default(),
            letters: Vec::new(),
            notes: Vec::new(),
            words: Vec::new(),
            holds: Vec::new(),
            rules,
            moves,
            signed: HashMap::new(),
            sharing: HashMap::new(),
            events: Vec::new(),
        })
    }

    /// The holder of the next number, in the order the numbers were given.
    pub(crate) fn next_holder(&mut self) -> Result<HolderRef, Problem> {
        self.reach.check(self.found.next().flatten())
    }

    /// The same, for a designation by this route: a guardian acts for another holder, and nobody is the own guardian.
    pub(crate) fn next_holder_by(&mut self, route: &DesignationRoute) -> Result<HolderRef, Problem> {
        let found = self.found.next().flatten();
        match (route, self.reach) {
            (DesignationRoute::Guardian, Reach::Own(_)) => {
                let ward = found.filter(|holder| self.is_ward(*holder));
                ward.map_or_else(|| self.reach.check(None), Ok)
            }
            _ => self.reach.check(found),
        }
    }

    /// The same, for what both the holder and a guardian may do.
    pub(crate) fn next_holder_or_ward(&mut self) -> Result<HolderRef, Problem> {
        match self.found.next().flatten() {
            Some(holder) if self.is_ward(holder) => Ok(holder),
            found => self.reach.check(found),
        }
    }

    fn is_ward(&self, holder: HolderRef) -> bool {
        matches!(self.reach, Reach::Own(Some(own)) if own != holder) && self.is_guarded_by_caller(holder)
    }

    fn is_guarded_by_caller(&self, holder: HolderRef) -> bool {
        let born = self.dossiers.get(&holder).and_then(Dossier::latest_facts).and_then(|facts| facts.born);
        let details = self.standings.get(&holder).map(|standing| &standing.details);
        details.is_some_and(|details| is_guardian(self.vault, details, born, self.today, &self.own))
    }

    /// Looks who shares accounts, designated to begin on or after the day.
    pub(crate) async fn look_for_sharing(
        &mut self, conn: &mut PgConnection, accounts: &[&[u8]], since: Date,
    ) -> Result<(), sqlx::Error> {
        if !accounts.is_empty() {
            self.sharing = store::hold::sharing(conn, accounts, since).await?;
        }
        Ok(())
    }

    /// How many others share an account that is now the holder's too.
    pub(crate) fn share(&mut self, holder: HolderRef, account: &[u8]) -> u32 {
        let holders = self.sharing.entry(account.to_vec()).or_default();
        holders.insert(holder.get());
        u32::try_from(holders.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// The sealed accounts that wait for a code.
    pub(crate) fn pending_accounts(&self) -> Vec<Vec<u8>> {
        let entries = self.dossiers.values().flat_map(|dossier| &dossier.entries);
        entries.filter(|entry| matches!(entry.state, State::Pending { .. })).map(|entry| entry.account.clone()).collect()
    }

    /// The sealed accounts for single benefits.
    pub(crate) fn specific_accounts(&self) -> Vec<Vec<u8>> {
        let entries = self.dossiers.values().flat_map(|dossier| &dossier.entries);
        let is_specific = |entry: &&Entry| entry.state == State::Active && entry.purpose != AccountPurpose::NemKonto;
        entries.filter(is_specific).map(|entry| entry.account.clone()).collect()
    }

    /// The references of all holders.
    pub(crate) fn holder_refs(&self) -> Vec<Uuid> {
        self.dossiers.keys().map(|holder| holder.get()).collect()
    }

    /// What events have told of the holder.
    pub(crate) fn standing(&self, holder: HolderRef) -> Option<&Standing> {
        self.standings.get(&holder)
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

    /// When the holder has said what changes here.
    pub(crate) fn said_at(&self, holder: HolderRef) -> Timestamp {
        self.signed.get(&holder).copied().unwrap_or(self.at)
    }

    /// Tells the holder of a change. What it has said of its NemKonto is remembered even where nobody is told: the dead are told nothing.
    pub(crate) fn tell_holder(&mut self, note: Note) {
        if note.kind != Kind::WaitsForCode && !note.is_specific {
            self.words.push((note.holder, self.said_at(note.holder)));
        }
        if self.standing(note.holder).is_none_or(|standing| standing.died.is_none()) {
            self.notes.push(note);
        }
    }

    /// Tells the holder that a change was refused: nothing the holder has said of its NemKonto.
    pub(crate) fn tell_refused(&mut self, note: Note) {
        if self.standing(note.holder).is_none_or(|standing| standing.died.is_none()) {
            self.notes.push(note);
        }
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

    /// Writes everything; answers what the change log is to tell of it.
    pub(crate) async fn write(mut self, conn: &mut PgConnection) -> Result<Vec<Change>, Fault> {
        self.follow_moves(conn).await?;
        store::entry::write(conn, &self.changes, self.at).await?;
        store::letter::insert(conn, &self.letters).await?;
        store::notice::insert(conn, &self.notes, self.at).await?;
        store::hold::place(conn, &self.holds, self.at).await?;
        store::last_word::note(conn, &self.words).await?;
        let changed: HashSet<HolderRef> = self.changes.added.iter().map(|entry| entry.holder).collect();
        let changed: Vec<&Dossier> = self.dossiers.values().filter(|dossier| changed.contains(&dossier.holder)).collect();
        let stale = changed.iter().filter(|dossier| self.projected.contains(&dossier.holder));
        projection::clear(conn, stale.flat_map(|dossier| &dossier.numbers)).await?;
        projection::write(conn, &changed).await?;
        append_events(conn, self.vault, &self.events).await?;
        changes::of_entries(self.vault, &self.changes, &self.holds, self.at)
    }
}

impl Batch<'_> {
    /// An account in a branch that has moved, or will, follows at once.
    async fn follow_moves(&mut self, conn: &mut PgConnection) -> Result<(), Fault> {
        if self.moves.is_empty() {
            return Ok(());
        }
        let changed: HashSet<HolderRef> = self.changes.added.iter().map(|entry| entry.holder).collect();
        let dossiers = self.dossiers.values_mut().filter(|dossier| changed.contains(&dossier.holder));
        branch::follow_all(conn, (self.vault, &self.moves), dossiers, (self.at, &self.by), &mut self.changes).await
    }
}

/// The numbers of a payee who acts; nobody else's are needed.
async fn own_numbers(conn: &mut PgConnection, context: &Context, reach: Reach) -> Result<Vec<SealedNumber>, Fault> {
    match (&context.actor, reach) {
        (Actor::Payee { .. }, Reach::Own(Some(own))) => {
            let numbers = identifier::numbers_of(conn, &[own.get()]).await?;
            Ok(numbers.into_iter().map(|(_, number)| number).collect())
        }
        _ => Ok(Vec::new()),
    }
}

/// Who makes a change. Payees share a label; the reference tells which of them it was, and is no personal number.
pub(crate) fn label(context: &Context, reach: Reach) -> String {
    let label = context.actor.label();
    match reach {
        Reach::Own(Some(own)) => format!("{label}:{}", own.get()),
        _ => label,
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
        RegisterEvent::HolderSplit { .. } => "holder_split",
    }
}
