//! Takes records of an extract over: makes holders what the records say, in bulk.

use std::collections::{HashMap, HashSet};

use contracts::register::{ExtractInput, ExtractOutcome, ExtractRecord, MAX_RECORDS, RegisterEvent};
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::{EntryRef, HolderRef, Identifier, copenhagen_date};
use sqlx::PgConnection;
use uuid::Uuid;

use super::check_step;
use super::line::line_of;
use super::record::{Wish, WishedAccount, prepare};
use crate::House;
use crate::batch::append_events;
use crate::changes::{self, Change, Holders};
use crate::designate::item_result;
use crate::dossier::{Dossier, EntryChanges};
use crate::entry::{Entry, Stamp, State};
use crate::fact::{Fact, Facts};
use crate::fault::{Fault, twice_in_one_call};
use crate::keyed::{KeyedCall, Opened};
use crate::merge;
use crate::span::Span;
use crate::store::dossier::Dossiers;
use crate::store::{self, head, identifier, projection, source_event, step};
use crate::vault::{SealedNumber, Vault};

/// Documented with what is changed.
const REASON: &str = "Taken over from another register";

/// A record that keeps the rules.
enum Prepared {
    Holder(Box<Wish>),
    Removed(Vec<SealedNumber>),
}

impl Prepared {
    fn numbers(&self) -> &[SealedNumber] {
        match self {
            Self::Holder(wish) => &wish.numbers,
            Self::Removed(numbers) => numbers,
        }
    }
}

/// A call under way.
struct Putting<'p> {
    vault: &'p Vault,
    stamp: Stamp,
    today: Date,
    dossiers: Dossiers,
    touched: HashSet<HolderRef>,
    claimed: HashSet<SealedNumber>,
    /// The numbers of all records.
    said: HashSet<&'p SealedNumber>,
    writes: Writes,
}

/// What a call writes.
#[derive(Default)]
struct Writes {
    holders: Vec<Uuid>,
    unlinked: Vec<SealedNumber>,
    links: Vec<(HolderRef, SealedNumber)>,
    closed: Vec<(HolderRef, i32)>,
    /// What held last of holders whose facts are others now.
    was: HashMap<HolderRef, Facts>,
    facts: Vec<Fact>,
    entries: EntryChanges,
    /// Accounts that get an entry of their own, and the place of their dossier in `changed`.
    new: Vec<(usize, WishedAccount)>,
    /// What the holders are now.
    changed: Vec<Dossier>,
    /// Numbers whose rows in the projection no longer hold.
    stale: Vec<SealedNumber>,
    ended: Vec<RegisterEvent>,
}

impl House {
    pub(crate) async fn put_records(
        &self, context: &Context, key: &IdempotencyKey, input: ExtractInput,
    ) -> Result<Vec<ItemResult<ExtractOutcome>>, Problem> {
        check_step(context)?;
        if input.records.len() > MAX_RECORDS {
            return Err(too_many());
        }
        let call = KeyedCall::new(self, context, "put-extract", key, &input)?;
        let prepared: Vec<ItemResult<Prepared>> = input.records.iter().map(|record| self.prepare(record)).collect();
        let by = context.actor.label();
        let answer = self.database.transaction("register.put_extract", async |mut tx| {
            let at = match call.open(&mut tx, self.clock.now()).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let (outcomes, changes) = self.put_prepared(&mut tx, &prepared, (at, &by)).await?;
            self.log_changes(&mut tx, context, "put-extract", at, changes).await?;
            if let Some(as_known) = input.as_known {
                let latest = head::latest(&mut tx).await?;
                step::note_taken(&mut tx, as_known, latest).await?;
            }
            call.close(&mut tx, outcomes).await
        });
        Ok(answer.await?)
    }

    fn prepare(&self, record: &ExtractRecord) -> ItemResult<Prepared> {
        match record {
            ExtractRecord::Holder(line) => Ok(Prepared::Holder(Box::new(prepare(&self.vault, line)?))),
            ExtractRecord::Removed(identifiers) => {
                let seal = |number: &Identifier| self.vault.seal_number(number);
                Ok(Prepared::Removed(identifiers.iter().map(seal).collect()))
            }
        }
    }

    async fn put_prepared(
        &self, conn: &mut PgConnection, prepared: &[ItemResult<Prepared>], (at, by): (Timestamp, &str),
    ) -> Result<(Vec<ItemResult<ExtractOutcome>>, Vec<Change>), Fault> {
        let (joined, mut changes, at) = self.join_holders(conn, prepared, (at, by)).await?;
        let found = identifier::holders_of(conn, &numbers_of(prepared)).await?;
        let dossiers = store::dossier::load(conn, found.iter().copied().flatten()).await?;
        let mut putting = Putting {
            vault: &self.vault,
            stamp: Stamp { at, by: by.to_owned(), reason: self.vault.seal_reason(REASON) },
            today: copenhagen_date(at),
            dossiers,
            touched: HashSet::new(),
            claimed: HashSet::new(),
            said: prepared.iter().flatten().flat_map(Prepared::numbers).collect(),
            writes: Writes::default(),
        };
        let mut found = found.into_iter();
        let mut outcomes = Vec::with_capacity(prepared.len());
        for (place, record) in prepared.iter().enumerate() {
            let outcome = match record {
                Ok(record) => {
                    let holders: Vec<Option<HolderRef>> = found.by_ref().take(record.numbers().len()).collect();
                    let outcome = putting.put(record, &holders, || HolderRef(self.ids.uuid_v4()));
                    item_result(outcome)?.map(|outcome| if joined.contains(&place) { ExtractOutcome::Changed } else { outcome })
                }
                Err(problem) => Err(problem.clone()),
            };
            outcomes.push(outcome);
        }
        let Putting { stamp, today, writes, .. } = putting;
        let links = writes.links.clone();
        changes.extend(writes.write(conn, &self.vault, &stamp, today).await?);
        if !links.is_empty() && source_event::any(conn).await? {
            changes.extend(self.take_waiting(conn, &links, (at, by)).await?);
        }
        Ok((outcomes, changes))
    }

    /// Holders that are one in a record become one here; answers the records' places, what is to be told of it, and
    /// the time from which changes are recorded.
    async fn join_holders(
        &self, conn: &mut PgConnection, prepared: &[ItemResult<Prepared>], (mut at, by): (Timestamp, &str),
    ) -> Result<(HashSet<usize>, Vec<Change>, Timestamp), Fault> {
        let found = identifier::holders_of(conn, &numbers_of(prepared)).await?;
        let (mut found, mut joined, mut changes) = (found.into_iter(), HashSet::new(), Vec::new());
        for (place, record) in prepared.iter().enumerate() {
            let Ok(record) = record else { continue };
            let holders: Vec<HolderRef> = found.by_ref().take(record.numbers().len()).flatten().collect();
            let (Prepared::Holder(wish), Some(into)) = (record, holders.first().copied()) else { continue };
            let others: HashSet<HolderRef> = holders.iter().copied().filter(|holder| *holder != into).collect();
            for from in others {
                // A number that stays with another holder says that the two are not one.
                let numbers = identifier::numbers_of(conn, &[from.get()]).await?;
                if !numbers.is_empty() && numbers.iter().all(|(_, number)| wish.numbers.contains(number)) {
                    let stamp = Stamp { at, by: by.to_owned(), reason: self.vault.seal_reason(REASON) };
                    changes.push(merge::join(conn, &self.vault, from, into, &stamp).await?.change);
                    // What was recorded a moment ago may be changed by the record itself: that takes a moment of its own.
                    at = head::advance(conn, at).await?;
                    joined.insert(place);
                }
            }
        }
        Ok((joined, changes, at))
    }
}

fn numbers_of(prepared: &[ItemResult<Prepared>]) -> crate::vault::NumberColumns {
    prepared.iter().flatten().flat_map(Prepared::numbers).collect()
}

impl Putting<'_> {
    fn put(
        &mut self, record: &Prepared, found: &[Option<HolderRef>], new: impl FnOnce() -> HolderRef,
    ) -> Result<ExtractOutcome, Fault> {
        let mut known: Vec<HolderRef> = found.iter().copied().flatten().collect();
        known.sort_unstable();
        known.dedup();
        if known.iter().any(|holder| self.touched.contains(holder)) || record.numbers().iter().any(|n| self.claimed.contains(n)) {
            return Err(twice_in_one_call().into());
        }
        match (record, &known[..]) {
            (_, [_, _, ..]) => Err(several_holders().into()),
            (Prepared::Removed(_), []) => Ok(ExtractOutcome::Unchanged),
            (Prepared::Removed(numbers), [holder]) => self.remove(*holder, numbers),
            (Prepared::Holder(wish), []) => {
                let dossier = Dossier::empty(new());
                self.writes.holders.push(dossier.holder.get());
                self.change(dossier, wish)
            }
            (Prepared::Holder(wish), [holder]) => {
                let dossier = self.dossiers.get(holder).cloned().ok_or(Fault::Corrupt("holder"))?;
                // Whom another record names by its current number is meant there, and this is somebody else.
                let current =
                    dossier.latest_facts().map(|facts| &facts.current).filter(|current| !wish.numbers.contains(current));
                if current.is_some_and(|current| self.said.contains(current)) {
                    return Err(several_holders().into());
                }
                if line_of(self.vault, &dossier)?.as_ref() == Some(&wish.line) {
                    return Ok(ExtractOutcome::Unchanged);
                }
                self.change(dossier, wish)
            }
        }
    }

    /// Makes the holder what the record says.
    fn change(&mut self, mut dossier: Dossier, wish: &Wish) -> Result<ExtractOutcome, Fault> {
        self.touched.insert(dossier.holder);
        self.claimed.extend(wish.numbers.iter().cloned());
        self.writes.stale.extend(dossier.numbers.iter().filter(|_| dossier.is_projected()).cloned());
        self.renumber(&mut dossier, wish);
        self.revise(&mut dossier, wish);
        let missing = self.settle(&mut dossier, wish)?;
        let place = self.writes.changed.len();
        self.writes.new.extend(missing.into_iter().map(|account| (place, account)));
        self.writes.changed.push(dossier);
        Ok(ExtractOutcome::Changed)
    }

    fn renumber(&mut self, dossier: &mut Dossier, wish: &Wish) {
        let gone = dossier.numbers.iter().filter(|number| !wish.numbers.contains(number)).cloned();
        self.writes.unlinked.extend(gone);
        let new = wish.numbers.iter().filter(|number| !dossier.numbers.contains(number));
        self.writes.links.extend(new.map(|number| (dossier.holder, number.clone())));
        dossier.numbers = wish.numbers.clone();
    }

    /// Closes the facts the record does not have, and adds those it has.
    fn revise(&mut self, dossier: &mut Dossier, wish: &Wish) {
        self.writes.was.extend(dossier.latest_facts().map(|facts| (dossier.holder, facts.clone())));
        let mut version = dossier.facts.iter().map(|fact| fact.version).max().unwrap_or(0);
        let is_wished = |fact: &Fact| wish.facts.iter().any(|(facts, valid)| fact.facts == *facts && fact.valid == *valid);
        let (kept, closed): (Vec<Fact>, Vec<Fact>) = dossier.facts.drain(..).partition(is_wished);
        self.writes.closed.extend(closed.iter().map(|fact| (fact.holder, fact.version)));
        for (facts, valid) in &wish.facts {
            if kept.iter().any(|fact| fact.facts == *facts && fact.valid == *valid) {
                continue;
            }
            version += 1;
            let fact = Fact {
                holder: dossier.holder,
                version,
                facts: facts.clone(),
                valid: *valid,
                recorded_from: self.stamp.at,
                recorded_by: self.stamp.by.clone(),
            };
            self.writes.facts.push(fact.clone());
            dossier.facts.push(fact);
        }
        dossier.facts.extend(kept);
    }

    /// Ends what the record does not have; answers what it has and the holder does not.
    fn settle(&mut self, dossier: &mut Dossier, wish: &Wish) -> Result<Vec<WishedAccount>, Fault> {
        let mut missing = wish.accounts.clone();
        let active: Vec<Entry> = dossier.entries.iter().filter(|entry| entry.state == State::Active).cloned().collect();
        for entry in active {
            let same = |wished: &WishedAccount| {
                wished.purpose == entry.purpose && wished.account == entry.account && wished.valid.from == entry.valid.from
            };
            let wished = missing.iter().position(same).map(|place| missing.swap_remove(place));
            match wished {
                Some(wished) if wished.valid == entry.valid => {}
                Some(wished) => {
                    dossier.respan(entry.entry, wished.valid, &self.stamp, &mut self.writes.entries);
                    self.tell_days(&entry, wished.valid)?;
                }
                None => {
                    dossier.withdraw(entry.entry, &self.stamp, &mut self.writes.entries);
                    self.tell_ended(&entry, entry.valid.from);
                }
            }
        }
        Ok(missing)
    }

    fn remove(&mut self, holder: HolderRef, numbers: &[SealedNumber]) -> Result<ExtractOutcome, Fault> {
        let mut dossier = self.dossiers.get(&holder).cloned().ok_or(Fault::Corrupt("holder"))?;
        if !dossier.numbers.iter().all(|number| numbers.contains(number)) {
            return Err(several_holders().into());
        }
        self.touched.insert(holder);
        self.claimed.extend(numbers.iter().cloned());
        for lost in dossier.withdraw_all(&self.stamp, &mut self.writes.entries) {
            self.tell_ended(&lost, lost.valid.from);
        }
        self.writes.stale.extend(dossier.numbers.iter().cloned());
        self.writes.unlinked.append(&mut dossier.numbers);
        Ok(ExtractOutcome::Changed)
    }

    fn tell_ended(&mut self, entry: &Entry, from: Option<Date>) {
        if let Some(from) = from.filter(|_| !entry.valid.is_over(self.today)) {
            let (holder, purpose, entry) = (entry.holder, entry.purpose.clone(), entry.entry);
            self.writes.ended.push(RegisterEvent::AccountEnded { holder, purpose, entry, from });
        }
    }

    /// The days of an account have changed: it ends on a day, or goes on.
    fn tell_days(&mut self, entry: &Entry, valid: Span) -> Result<(), Fault> {
        match valid.until {
            Some(until) => self.tell_ended(entry, Some(until)),
            None => {
                let holder = self.dossiers.get(&entry.holder).and_then(Dossier::latest_facts);
                let current = &holder.ok_or(Fault::Corrupt("holder without facts"))?.current;
                self.writes.ended.push(RegisterEvent::AccountDesignated {
                    holder: entry.holder,
                    identifier: self.vault.open_number(current)?,
                    purpose: entry.purpose.clone(),
                    entry: entry.entry,
                    effective_from: valid.from.ok_or(Fault::Corrupt("entry without first day"))?,
                });
            }
        }
        Ok(())
    }
}

impl Writes {
    /// Writes everything; answers what the change log is to tell of it.
    async fn write(mut self, conn: &mut PgConnection, vault: &Vault, stamp: &Stamp, today: Date) -> Result<Vec<Change>, Fault> {
        let entries = head::take_entries(conn, self.new.len()).await?;
        let mut events = std::mem::take(&mut self.ended);
        for ((place, account), entry) in std::mem::take(&mut self.new).into_iter().zip(entries) {
            let dossier = &mut self.changed[place];
            let new = new_entry(dossier.holder, account, entry, stamp);
            if !new.valid.is_over(today) {
                events.extend(merge::tell_adopted(vault, dossier, std::slice::from_ref(&new), stamp)?);
            }
            dossier.add(new, &mut self.entries);
        }
        identifier::insert_holders(conn, &self.holders, stamp.at).await?;
        identifier::unlink(conn, &self.unlinked, stamp.at).await?;
        identifier::link(conn, &self.links, stamp.at).await?;
        store::fact::close(conn, &self.closed, stamp.at).await?;
        store::fact::insert(conn, &self.facts).await?;
        store::entry::write(conn, &self.entries, stamp.at).await?;
        projection::clear(conn, &self.stale).await?;
        projection::write(conn, &self.changed.iter().collect::<Vec<_>>()).await?;
        append_events(conn, vault, &events).await?;
        let written = Holders { was: &self.was, facts: &self.facts, links: &self.links, unlinked: &self.unlinked };
        let mut told = changes::of_holders(vault, &written, &stamp.by)?;
        told.extend(changes::of_entries(vault, &self.entries, &[], stamp.at)?);
        Ok(told)
    }
}

fn new_entry(holder: HolderRef, account: WishedAccount, entry: EntryRef, stamp: &Stamp) -> Entry {
    Entry {
        holder,
        entry,
        version: 1,
        purpose: account.purpose,
        account: account.account,
        state: State::Active,
        valid: account.valid,
        recorded_from: stamp.at,
        route: contracts::register::DesignationRoute::Migration,
        recorded_by: stamp.by.clone(),
        reason: stamp.reason.clone(),
    }
}

fn several_holders() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Et af numrene tilhører en anden kontohaver, som også har andre numre.",
        "One of the numbers belongs to another holder, which has other numbers too.",
    )
    .in_field("identifiers")
}

fn too_many() -> Problem {
    Problem::new(
        ProblemCode::TooLarge,
        format!("Et kald kan højst have {MAX_RECORDS} poster."),
        format!("A call may carry at most {MAX_RECORDS} records."),
    )
    .in_field("records")
}
