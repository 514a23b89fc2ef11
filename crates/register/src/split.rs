//! Make one holder two.

use std::collections::HashSet;

use contracts::register::{HolderSplit, HolderStatus, LinkKind, RegisterEvent};
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use primitives::{HolderRef, copenhagen_date};
use sqlx::PgConnection;

use crate::House;
use crate::batch::append_events;
use crate::branch;
use crate::changes::{self, Change};
use crate::day::check_day;
use crate::designate::{REASON_LIMIT, item_result};
use crate::dossier::{Dossier, EntryChanges};
use crate::entry::{Entry, Stamp};
use crate::fact::{self, Facts};
use crate::fault::{Fault, check_text, twice_in_one_call, unknown_number};
use crate::fold::{Departed, Fresh};
use crate::keyed::{KeyedCall, Opened};
use crate::merge::{adopt_all, check_few, tell_adopted};
use crate::record_holders::NAME_LIMIT;
use crate::rights::check_population;
use crate::store::{self, identifier, link, projection};
use crate::vault::SealedNumber;

/// A holder about to be two.
struct Parting {
    stays: Dossier,
    leaves: Dossier,
    changes: EntryChanges,
}

impl House {
    pub(crate) async fn split_all(
        &self, context: &Context, key: &IdempotencyKey, splits: Vec<HolderSplit>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        check_few(splits.len())?;
        check_population(context)?;
        let call = KeyedCall::new(self, context, "split-holders", key, &splits)?;
        let by = context.actor.label();
        let answer = self.database.transaction("register.split_holders", async |mut tx| {
            let at = match call.open(&mut tx, self.clock.now()).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let mut parted = Vec::with_capacity(splits.len());
            let mut changes = Vec::new();
            let mut touched = HashSet::new();
            for split in &splits {
                let stamp = Stamp { at, by: by.clone(), reason: self.vault.seal_reason(&split.reason) };
                let outcome = item_result(self.split_one(&mut tx, split, &mut touched, &stamp).await)?;
                parted.push(outcome.map(|(into, told)| {
                    changes.extend(told);
                    into
                }));
            }
            self.log_changes(&mut tx, context, "split-holders", at, changes).await?;
            call.close(&mut tx, parted).await
        });
        Ok(answer.await?)
    }

    async fn split_one(
        &self, conn: &mut PgConnection, split: &HolderSplit, touched: &mut HashSet<HolderRef>, stamp: &Stamp,
    ) -> Result<(HolderRef, Vec<Change>), Fault> {
        check_text(&split.reason, REASON_LIMIT, "reason")?;
        check_text(&split.name, NAME_LIMIT, "name")?;
        split.born.map_or(Ok(()), |day| check_day(day, "born"))?;
        let leaving: Vec<SealedNumber> = split.identifiers.iter().map(|number| self.vault.seal_number(number)).collect();
        let from = one_holder_of(conn, &leaving).await?;
        if !touched.insert(from) {
            return Err(twice_in_one_call().into());
        }
        let into = HolderRef(self.ids.uuid_v4());
        let parting = self.part(conn, split, from, into, leaving, stamp).await?;
        write(conn, &parting, stamp).await?;
        self.tell(conn, split, &parting, stamp).await?;
        let leaves = &parting.leaves;
        let change = changes::split(&self.vault, from, into, &leaves.numbers, (&split.entries, &leaves.entries), stamp)?;
        let departed = Departed::load(conn, &self.vault, from, &parting.leaves.numbers).await?;
        let fresh = Fresh {
            numbers: parting.leaves.numbers.into_iter().collect(),
            relinked: parting.stays.numbers.into_iter().collect(),
            departed: Some(departed),
            ..Fresh::default()
        };
        let mut changes = vec![change];
        changes.extend(self.fold(conn, HashSet::from([from, into]), fresh, (stamp.at, &stamp.by)).await?);
        Ok((into, changes))
    }

    async fn part(
        &self, conn: &mut PgConnection, split: &HolderSplit, from: HolderRef, into: HolderRef, leaving: Vec<SealedNumber>,
        stamp: &Stamp,
    ) -> Result<Parting, Fault> {
        let mut stays = store::dossier::load(conn, [from]).await?.remove(&from).ok_or_else(unknown_number)?;
        stays.numbers.retain(|number| !leaving.contains(number));
        if stays.numbers.is_empty() {
            return Err(nobody_stays().into());
        }
        let facts = Facts {
            kind: split.kind,
            current: leaving[0].clone(),
            name: self.vault.seal_name(&split.name),
            born: split.born,
            status: HolderStatus::Active,
        };
        let facts = fact::first(into, facts, None, (stamp.at, &stamp.by));
        let mut leaves = Dossier { holder: into, numbers: leaving, facts, entries: Vec::new() };
        let mut changes = EntryChanges::default();
        let taken: Option<Vec<Entry>> = split.entries.iter().map(|entry| stays.withdraw(*entry, stamp, &mut changes)).collect();
        let taken = taken.ok_or_else(not_in_force)?;
        adopt_all(conn, &mut leaves, &taken, stamp, &mut changes).await?;
        branch::follow_known(conn, &self.vault, &mut leaves, (stamp.at, &stamp.by), &mut changes).await?;
        Ok(Parting { stays, leaves, changes })
    }

    async fn tell(&self, conn: &mut PgConnection, split: &HolderSplit, parting: &Parting, stamp: &Stamp) -> Result<(), Fault> {
        let Parting { stays, leaves, .. } = parting;
        let identifier = split.identifiers.first().cloned().ok_or_else(no_numbers)?;
        let mut events = vec![RegisterEvent::HolderSplit { from: stays.holder, into: leaves.holder, identifier }];
        events.extend(tell_adopted(&self.vault, leaves, &leaves.entries, stamp)?);
        append_events(conn, &self.vault, &events).await
    }
}

async fn write(conn: &mut PgConnection, parting: &Parting, stamp: &Stamp) -> Result<(), Fault> {
    let Parting { stays, leaves, changes } = parting;
    let at = stamp.at;
    identifier::insert_holders(conn, &[leaves.holder.get()], at).await?;
    store::fact::insert(conn, &leaves.facts).await?;
    store::entry::write(conn, changes, at).await?;
    identifier::unlink(conn, &leaves.numbers, at).await?;
    let links: Vec<(HolderRef, SealedNumber)> = leaves.numbers.iter().map(|number| (leaves.holder, number.clone())).collect();
    identifier::link(conn, &links, at).await?;
    let stays = keep_a_number(conn, stays, stamp).await?;
    projection::clear(conn, stays.numbers.iter().chain(&leaves.numbers)).await?;
    projection::write(conn, &[&stays, leaves]).await?;
    Ok(link::insert(conn, LinkKind::Split, stays.holder, leaves.holder, stamp).await?)
}

/// Where the number in use has left, one that stays takes its place.
async fn keep_a_number(conn: &mut PgConnection, stays: &Dossier, stamp: &Stamp) -> Result<Dossier, Fault> {
    let mut stays = stays.clone();
    let last = stays.latest_facts().cloned().ok_or(Fault::Corrupt("holder without facts"))?;
    if stays.numbers.contains(&last.current) {
        return Ok(stays);
    }
    let facts = Facts { current: stays.numbers[0].clone(), ..last };
    let from = stays.facts.iter().find(|fact| fact.valid.until.is_none()).and_then(|fact| fact.valid.from);
    let revision = fact::revise(&stays.facts, &facts, from, copenhagen_date(stamp.at), (stamp.at, &stamp.by));
    let closed: Vec<(HolderRef, i32)> = revision.closed.iter().map(|version| (stays.holder, *version)).collect();
    store::fact::close(conn, &closed, stamp.at).await?;
    store::fact::insert(conn, &revision.added).await?;
    stays.facts.retain(|fact| !revision.closed.contains(&fact.version));
    stays.facts.extend(revision.added);
    Ok(stays)
}

/// The one holder the numbers belong to.
async fn one_holder_of(conn: &mut PgConnection, numbers: &[SealedNumber]) -> Result<HolderRef, Fault> {
    if numbers.is_empty() {
        return Err(no_numbers().into());
    }
    let distinct: HashSet<&SealedNumber> = numbers.iter().collect();
    if distinct.len() != numbers.len() {
        return Err(twice_in_one_call().into());
    }
    let found = identifier::holders_of(conn, &numbers.iter().collect()).await?;
    let holders: Option<HashSet<HolderRef>> = found.into_iter().collect();
    let holders: Vec<HolderRef> = holders.ok_or_else(unknown_number)?.into_iter().collect();
    match holders[..] {
        [holder] => Ok(holder),
        _ => Err(several_holders().into()),
    }
}

fn no_numbers() -> Problem {
    Problem::new(ProblemCode::InvalidInput, "Mindst ét nummer skal følge med.", "At least one number must leave.")
        .in_field("identifiers")
}

fn nobody_stays() -> Problem {
    Problem::new(ProblemCode::Conflict, "Mindst ét nummer skal blive tilbage.", "At least one number must stay.")
        .in_field("identifiers")
}

fn several_holders() -> Problem {
    Problem::new(ProblemCode::Conflict, "Numrene tilhører flere kontohavere.", "The numbers belong to several holders.")
        .in_field("identifiers")
}

fn not_in_force() -> Problem {
    Problem::new(
        ProblemCode::NotFound,
        "En af kontiene er ikke en gældende konto hos kontohaveren.",
        "One of the accounts is not an account in force of the holder.",
    )
    .in_field("entries")
}
