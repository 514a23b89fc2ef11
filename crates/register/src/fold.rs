//! Brings holders in line with their events: numbers linked or holders merged, facts and status revised, circumstances recorded.

use std::collections::{HashMap, HashSet};

use contracts::register::{HolderStatus, SourceFact};
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::{HolderRef, Identifier, copenhagen_date};
use sqlx::PgConnection;

use crate::House;
use crate::changes::Change;
use crate::circumstance::{Circumstances, Happened};
use crate::dossier::Dossier;
use crate::entry::Stamp;
use crate::fact::{self, Facts};
use crate::fault::Fault;
use crate::merge::{self, Joined};
use crate::record_holders::Writes;
use crate::store::source_event::{self, EventKey};
use crate::store::{self, circumstance, head, identifier};
use crate::vault::{SealedNumber, Vault};

/// Rounds of new numbers within one call. Each links a number, so more of them is a chain no register has.
const ROUNDS: usize = 20;
/// Documented with what a number change does.
const REASON: &str = "New number told by the civil or business register";

/// Which events may change what was recorded before them.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    /// Events that came with this call.
    pub events: HashSet<EventKey>,
    /// Numbers that were linked in this call: what was told under them had no effect until now.
    pub numbers: HashSet<SealedNumber>,
    /// Numbers whose holder is another one since this call, or has become one with another: what was told under them counts anew, but no number
    /// told before is followed again. It may have been split off since.
    pub relinked: HashSet<SealedNumber>,
    /// Events told under those numbers.
    pub told_again: HashSet<EventKey>,
    /// What has left a holder in this call.
    pub departed: Option<Departed>,
    /// Whether new numbers are followed. Not after a split: what was told wrongly must not be done again.
    pub follows_numbers: bool,
}

impl Fresh {
    fn has(&self, event: EventKey) -> bool {
        self.is_new(event) || self.told_again.contains(&event)
    }

    fn is_new(&self, event: EventKey) -> bool {
        self.events.contains(&event)
    }
}

/// What was told under numbers that have left a holder: it is no longer true of it.
#[derive(Debug)]
pub(crate) struct Departed {
    from: HolderRef,
    told: Circumstances,
    /// Sealed names told under them.
    names: HashSet<Vec<u8>>,
    /// Sealed names and days of birth the holder ever had, newest first.
    had: Vec<(Vec<u8>, Option<Date>)>,
}

impl Departed {
    /// What was told under the numbers, which were the holder's.
    pub(crate) async fn load(
        conn: &mut PgConnection, vault: &Vault, from: HolderRef, numbers: &[SealedNumber],
    ) -> Result<Self, Fault> {
        let events = source_event::of_numbers(conn, vault, &numbers.iter().collect::<Vec<_>>()).await?;
        let events: Vec<Happened> = events.into_iter().map(|(_, event)| event).collect();
        let names = events.iter().filter_map(|event| new_name(&event.fact)).map(|name| vault.seal_name(name)).collect();
        let had = store::fact::names_ever(conn, from).await?;
        Ok(Self { from, told: Circumstances::of(events), names, had })
    }

    /// Puts what the holder was called before in place of what was told of the other.
    fn reset(&self, facts: &mut Facts) {
        if self.names.contains(&facts.name)
            && let Some((name, _)) = self.had.iter().find(|(name, _)| !self.names.contains(name))
        {
            facts.name.clone_from(name);
        }
        let born = self.told.born.as_ref().map(|told| told.value);
        if born.is_some() && facts.born == born {
            facts.born = self.had.iter().map(|(_, born)| *born).find(|had| *had != born).flatten();
        }
    }
}

/// The events of a holder.
struct Folded {
    dossier: Dossier,
    events: Vec<Happened>,
}

impl House {
    /// Brings holders in line with their events; answers what the change log is to tell of holders that became one.
    pub(crate) async fn fold(
        &self, conn: &mut PgConnection, holders: HashSet<HolderRef>, mut fresh: Fresh, stamp: (Timestamp, &str),
    ) -> Result<Vec<Change>, Fault> {
        let mut holders = holders;
        let mut merged = Vec::new();
        for _ in 0..ROUNDS {
            // What was recorded a moment ago in this very transaction may be revised now: that takes a moment of its own.
            let stamp = (head::advance(conn, stamp.0).await?, stamp.1);
            let folded = load(conn, &self.vault, &holders, &mut fresh).await?;
            let changes = new_numbers(&self.vault, &folded, &fresh);
            if changes.is_empty() {
                self.apply(conn, folded, &fresh, stamp).await?;
                return Ok(merged);
            }
            for (holder, number) in changes {
                merged.extend(self.follow_number(conn, (&mut holders, &mut fresh), holder, number, stamp).await?);
            }
        }
        Err(Fault::Corrupt("chain of new numbers"))
    }

    /// A new number joins its holder; when it was somebody else's, the two are one.
    async fn follow_number(
        &self, conn: &mut PgConnection, (holders, fresh): (&mut HashSet<HolderRef>, &mut Fresh), holder: HolderRef,
        number: SealedNumber, (at, by): (Timestamp, &str),
    ) -> Result<Option<Change>, Fault> {
        let known = identifier::holders_of(conn, &[&number].into_iter().collect()).await?.into_iter().flatten().next();
        match known {
            // Merged within this round already.
            _ if !holders.contains(&holder) => Ok(None),
            None => {
                identifier::link(conn, &[(holder, number.clone())], at).await?;
                fresh.numbers.insert(number);
                Ok(None)
            }
            Some(other) if other == holder => Ok(None),
            Some(other) => {
                let stamp = Stamp { at, by: by.to_owned(), reason: self.vault.seal_reason(REASON) };
                let Joined { numbers, change } = merge::join(conn, &self.vault, holder, other, &stamp).await?;
                fresh.relinked.extend(numbers);
                holders.remove(&holder);
                holders.insert(other);
                Ok(Some(change))
            }
        }
    }

    async fn apply(
        &self, conn: &mut PgConnection, folded: Vec<Folded>, fresh: &Fresh, stamp: (Timestamp, &str),
    ) -> Result<(), Fault> {
        let mut writes = Writes::default();
        let mut known = Vec::with_capacity(folded.len());
        for Folded { dossier, events } in folded {
            let circumstances = Circumstances::of(events);
            let holder = dossier.holder;
            self.revise(dossier, &circumstances, fresh, stamp, &mut writes)?;
            known.push((holder, circumstances));
        }
        writes.write(conn, stamp.0).await?;
        circumstance::replace(conn, &self.vault, &known).await
    }

    fn revise(
        &self, dossier: Dossier, known: &Circumstances, fresh: &Fresh, stamp: (Timestamp, &str), writes: &mut Writes,
    ) -> Result<(), Fault> {
        let last = dossier.facts.iter().find(|fact| fact.valid.until.is_none()).ok_or(Fault::Corrupt("holder without facts"))?;
        let mut facts = last.facts.clone();
        let mut status_from = last.valid.from;
        let departed = fresh.departed.as_ref().filter(|departed| departed.from == dossier.holder);
        if let Some(departed) = departed {
            departed.reset(&mut facts);
        }
        self.take_told(&mut facts, known, fresh);
        let has_lost_ends = departed.is_some_and(|departed| !departed.told.ends_told_by.is_empty());
        let has_ends = has_lost_ends || known.ends_told_by.iter().any(|by| fresh.has(*by));
        if has_ends && facts.status != HolderStatus::Deleted {
            let (status, day) = known.status(&self.settings.end_rules);
            (facts.status, status_from) = (status, day.or(status_from));
        }
        let revision = fact::revise(&dossier.facts, &facts, status_from, copenhagen_date(stamp.0), stamp);
        let has_new_number = dossier.numbers.iter().any(|number| fresh.numbers.contains(number));
        if !revision.added.is_empty() || has_new_number {
            writes.change(dossier, revision);
        }
        Ok(())
    }

    /// Name, date of birth and number as events tell them, where the event is newer than what was recorded otherwise.
    fn take_told(&self, facts: &mut Facts, known: &Circumstances, fresh: &Fresh) {
        if let Some(told) = known.name.as_ref().filter(|told| fresh.has(told.by)) {
            facts.name = self.vault.seal_name(&told.value);
        }
        if let Some(told) = known.born.as_ref().filter(|told| fresh.has(told.by)) {
            facts.born = Some(told.value);
        }
        if let Some(told) = known.number.as_ref().filter(|told| fresh.follows_numbers && fresh.is_new(told.by)) {
            facts.current = self.vault.seal_number(&told.value);
        }
    }
}

/// Loads holders and the events of all their numbers; those of newly linked numbers become fresh.
async fn load(
    conn: &mut PgConnection, vault: &Vault, holders: &HashSet<HolderRef>, fresh: &mut Fresh,
) -> Result<Vec<Folded>, Fault> {
    let dossiers = store::dossier::load(conn, holders.iter().copied()).await?;
    let numbers: Vec<&SealedNumber> = dossiers.values().flat_map(|dossier| &dossier.numbers).collect();
    let mut events: HashMap<SealedNumber, Vec<Happened>> = HashMap::new();
    for (number, event) in source_event::of_numbers(conn, vault, &numbers).await? {
        if fresh.numbers.contains(&number) {
            fresh.events.insert((event.source, event.position));
        }
        if fresh.relinked.contains(&number) {
            fresh.told_again.insert((event.source, event.position));
        }
        events.entry(number).or_default().push(event);
    }
    let folded = |dossier: Dossier| {
        let events = dossier.numbers.iter().filter_map(|number| events.remove(number)).flatten().collect();
        Folded { dossier, events }
    };
    Ok(dossiers.into_values().map(folded).collect())
}

/// Numbers that fresh events give to holders, in the order the events happened.
fn new_numbers(vault: &Vault, folded: &[Folded], fresh: &Fresh) -> Vec<(HolderRef, SealedNumber)> {
    if !fresh.follows_numbers {
        return Vec::new();
    }
    let mut found: Vec<(&Happened, HolderRef, SealedNumber)> = Vec::new();
    for Folded { dossier, events } in folded {
        for event in events.iter().filter(|event| fresh.is_new((event.source, event.position))) {
            let Some(number) = new_number(&event.fact).map(|number| vault.seal_number(number)) else { continue };
            if !dossier.numbers.contains(&number) {
                found.push((event, dossier.holder, number));
            }
        }
    }
    found.sort_by_key(|(event, ..)| event.order());
    found.into_iter().map(|(_, holder, number)| (holder, number)).collect()
}

fn new_name(fact: &SourceFact) -> Option<&str> {
    match fact {
        SourceFact::Born { name, .. } | SourceFact::NameChanged { name } => Some(name),
        _ => None,
    }
}

fn new_number(fact: &SourceFact) -> Option<&Identifier> {
    match fact {
        SourceFact::NumberChanged { new } => Some(new),
        _ => None,
    }
}
