//! Record holders with their numbers and facts.

use std::collections::{HashMap, HashSet};

use contracts::register::HolderRecord;
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::{ForeignSchemeError, HolderRef, Identifier, copenhagen_date};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::House;
use crate::changes::{self, Change, Holders};
use crate::day::check_day;
use crate::dossier::Dossier;
use crate::fact::{self, Fact, Facts, Revision};
use crate::fault::{Fault, check_size, check_text, twice_in_one_call};
use crate::fold::Fresh;
use crate::keyed::{KeyedCall, Opened};
use crate::rights::check_not_self_service;
use crate::store::dossier::Dossiers;
use crate::store::{self, identifier, projection, source_event};
use crate::vault::{SealedNumber, Vault};

/// The most numbers one holder may have.
pub(crate) const NUMBERS_LIMIT: usize = 20;
/// Longest name, in characters.
pub(crate) const NAME_LIMIT: usize = 140;

/// A record that keeps the rules, with its personal values sealed.
pub(crate) struct Prepared {
    /// Each once; the first is the current one.
    pub numbers: Vec<SealedNumber>,
    pub facts: Facts,
    pub status_from: Option<Date>,
}

/// What a call writes.
#[derive(Default)]
pub(crate) struct Writes {
    holders: Vec<Uuid>,
    links: Vec<(HolderRef, SealedNumber)>,
    closed: Vec<(HolderRef, i32)>,
    /// What held last of holders whose facts are others now.
    was: HashMap<HolderRef, Facts>,
    facts: Vec<Fact>,
    /// Holders whose steps changed, with what they are now.
    changed: Vec<Dossier>,
    /// Numbers whose rows in the projection no longer hold.
    stale: Vec<SealedNumber>,
}

/// What a call has recorded.
pub(crate) struct Recorded {
    answers: Vec<ItemResult<HolderRef>>,
    writes: Writes,
    /// Holders that became one by what had been told of their numbers before.
    pub merged: Vec<Change>,
}

/// A call under way.
struct Recording<'r> {
    stamp: (Timestamp, &'r str),
    dossiers: Dossiers,
    claimed_numbers: HashSet<&'r SealedNumber>,
    claimed_holders: HashSet<HolderRef>,
    writes: Writes,
}

impl House {
    pub(crate) async fn record_all_holders(
        &self, context: &Context, key: &IdempotencyKey, records: Vec<HolderRecord>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        check_size(records.len())?;
        check_not_self_service(context)?;
        let call = KeyedCall::new(self, context, "record-holders", key, &records)?;
        let vault = self.vault.clone();
        let prepared: Vec<ItemResult<Prepared>> = records.iter().map(|record| prepare(&vault, record)).collect();
        let by = context.actor.label();
        let answer = self.database.transaction("register.record_holders", async |mut tx| {
            let at = match call.open(&mut tx, self.clock.now()).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let recorded = self.record_prepared(&mut tx, &prepared, (at, &by)).await?;
            let mut changes = recorded.writes.changes(&vault, &by)?;
            changes.extend(recorded.merged);
            self.log_changes(&mut tx, context, "record-holders", at, changes).await?;
            call.close(&mut tx, recorded.answers).await
        });
        Ok(answer.await?)
    }

    pub(crate) async fn record_prepared(
        &self, conn: &mut PgConnection, prepared: &[ItemResult<Prepared>], stamp: (Timestamp, &str),
    ) -> Result<Recorded, Fault> {
        let numbers = prepared.iter().flatten().flat_map(|record| &record.numbers).collect();
        let found = identifier::holders_of(conn, &numbers).await?;
        let dossiers = store::dossier::load(conn, found.iter().copied().flatten()).await?;
        let mut found = found.into_iter();
        let mut recording = Recording {
            stamp,
            dossiers,
            claimed_numbers: HashSet::new(),
            claimed_holders: HashSet::new(),
            writes: Writes::default(),
        };
        let mut answers = Vec::with_capacity(prepared.len());
        for record in prepared {
            answers.push(match record {
                Ok(record) => {
                    let holders: Vec<Option<HolderRef>> = found.by_ref().take(record.numbers.len()).collect();
                    self.record_one(&mut recording, record, &holders)
                }
                Err(problem) => Err(problem.clone()),
            });
        }
        let writes = recording.writes;
        writes.write(conn, stamp.0).await?;
        let mut merged = Vec::new();
        if !writes.links.is_empty() && source_event::any(conn).await? {
            merged = self.take_waiting(conn, &writes.links, stamp).await?;
        }
        Ok(Recorded { answers, writes, merged })
    }

    /// What was told of numbers before they were known has its effect now.
    pub(crate) async fn take_waiting(
        &self, conn: &mut PgConnection, links: &[(HolderRef, SealedNumber)], stamp: (Timestamp, &str),
    ) -> Result<Vec<Change>, Fault> {
        let numbers: Vec<&SealedNumber> = links.iter().map(|(_, number)| number).collect();
        let told = source_event::of_numbers(conn, &self.vault, &numbers).await?;
        let told: HashSet<SealedNumber> = told.into_iter().map(|(number, _)| number).collect();
        let holders: HashSet<HolderRef> =
            links.iter().filter(|(_, number)| told.contains(number)).map(|(holder, _)| *holder).collect();
        if holders.is_empty() {
            return Ok(Vec::new());
        }
        let fresh = Fresh { numbers: told, follows_numbers: true, ..Fresh::default() };
        self.fold(conn, holders, fresh, stamp).await
    }

    fn record_one<'r>(
        &self, recording: &mut Recording<'r>, record: &'r Prepared, found: &[Option<HolderRef>],
    ) -> ItemResult<HolderRef> {
        let mut known: Vec<HolderRef> = found.iter().copied().flatten().collect();
        known.sort_unstable();
        known.dedup();
        if known.len() > 1 {
            return Err(two_holders());
        }
        recording.claim(record, known.first().copied())?;
        match known.first() {
            Some(holder) => recording.update(*holder, record, found),
            None => Ok(recording.create(HolderRef(self.ids.uuid_v4()), record)),
        }
    }
}

impl<'r> Recording<'r> {
    /// One call records a holder once.
    fn claim(&mut self, record: &'r Prepared, known: Option<HolderRef>) -> Result<(), Problem> {
        let taken = record.numbers.iter().any(|number| self.claimed_numbers.contains(number))
            || known.is_some_and(|holder| self.claimed_holders.contains(&holder));
        if taken {
            return Err(twice_in_one_call());
        }
        self.claimed_numbers.extend(&record.numbers);
        self.claimed_holders.extend(known);
        Ok(())
    }

    fn create(&mut self, holder: HolderRef, record: &Prepared) -> HolderRef {
        let facts = fact::first(holder, record.facts.clone(), record.status_from, self.stamp);
        let writes = &mut self.writes;
        writes.holders.push(holder.get());
        writes.links.extend(record.numbers.iter().map(|number| (holder, number.clone())));
        writes.facts.extend_from_slice(&facts);
        let dossier = Dossier { holder, numbers: record.numbers.clone(), facts, entries: Vec::new() };
        if dossier.is_projected() {
            writes.changed.push(dossier);
        }
        holder
    }

    fn update(&mut self, holder: HolderRef, record: &Prepared, found: &[Option<HolderRef>]) -> ItemResult<HolderRef> {
        let mut dossier = self.dossiers.remove(&holder).ok_or_else(Problem::unavailable)?;
        let revision = fact::revise(&dossier.facts, &record.facts, record.status_from, copenhagen_date(self.stamp.0), self.stamp);
        let new_numbers = record.numbers.iter().zip(found).filter(|(_, found)| found.is_none());
        let links: Vec<SealedNumber> = new_numbers.map(|(number, _)| number.clone()).collect();
        if revision.added.is_empty() && links.is_empty() {
            return Ok(holder);
        }
        let writes = &mut self.writes;
        writes.links.extend(links.iter().map(|number| (holder, number.clone())));
        writes.forget_steps(&dossier);
        dossier.numbers.extend(links);
        writes.revise(dossier, revision);
        Ok(holder)
    }
}

impl Writes {
    /// The holder's rows in the projection no longer hold.
    fn forget_steps(&mut self, dossier: &Dossier) {
        if dossier.is_projected() {
            self.stale.extend_from_slice(&dossier.numbers);
        }
    }

    /// Books revised facts; the steps of before must be forgotten already.
    fn revise(&mut self, mut dossier: Dossier, revision: Revision) {
        self.was.extend(dossier.latest_facts().map(|facts| (dossier.holder, facts.clone())));
        self.closed.extend(revision.closed.iter().map(|version| (dossier.holder, *version)));
        self.facts.extend_from_slice(&revision.added);
        dossier.facts.retain(|fact| !revision.closed.contains(&fact.version));
        dossier.facts.extend(revision.added);
        self.changed.push(dossier);
    }

    /// Books a change of a holder that is stored as the dossier says, whose facts are revised.
    pub(crate) fn change(&mut self, dossier: Dossier, revision: Revision) {
        self.forget_steps(&dossier);
        self.revise(dossier, revision);
    }

    /// What the change log is to tell of it.
    pub(crate) fn changes(&self, vault: &Vault, by: &str) -> Result<Vec<Change>, Fault> {
        let written = Holders { was: &self.was, facts: &self.facts, links: &self.links, unlinked: &[] };
        changes::of_holders(vault, &written, by)
    }

    pub(crate) async fn write(&self, conn: &mut PgConnection, at: Timestamp) -> Result<(), Fault> {
        identifier::insert_holders(conn, &self.holders, at).await?;
        identifier::link(conn, &self.links, at).await?;
        store::fact::close(conn, &self.closed, at).await?;
        store::fact::insert(conn, &self.facts).await?;
        projection::clear(conn, &self.stale).await?;
        projection::write(conn, &self.changed.iter().collect::<Vec<_>>()).await?;
        Ok(())
    }
}

/// A number of another country must be of a scheme that is known, and have its form.
pub(crate) fn check_scheme(identifier: &Identifier) -> Result<(), Problem> {
    let Identifier::Foreign(id) = identifier else { return Ok(()) };
    id.check().map_err(|error| {
        let da = match error {
            ForeignSchemeError::Unknown => "Det udenlandske nummers art er en af EIDAS, VAT, LEI, EUID, NIN.".to_owned(),
            ForeignSchemeError::Country => "Landets momsnumre har ingen offentliggjort form.".to_owned(),
            ForeignSchemeError::CheckDigits(scheme) => format!("Det udenlandske nummers kontrolcifre passer ikke: {scheme}."),
            ForeignSchemeError::Form(scheme) => format!("Det udenlandske nummer har ikke artens form: {scheme}."),
            ForeignSchemeError::Parts(_) => "Det udenlandske nummer kan ikke læses.".to_owned(),
        };
        Problem::new(ProblemCode::InvalidInput, da, error.to_string()).in_field("identifiers")
    })
}

fn prepare(vault: &Vault, record: &HolderRecord) -> ItemResult<Prepared> {
    if record.identifiers.is_empty() || record.identifiers.len() > NUMBERS_LIMIT {
        return Err(Problem::new(
            ProblemCode::InvalidInput,
            format!("En kontohaver har 1 til {NUMBERS_LIMIT} numre."),
            format!("A holder has 1 to {NUMBERS_LIMIT} numbers."),
        )
        .in_field("identifiers"));
    }
    record.identifiers.iter().try_for_each(check_scheme)?;
    check_text(&record.name, NAME_LIMIT, "name")?;
    record.born.map_or(Ok(()), |day| check_day(day, "born"))?;
    record.status_from.map_or(Ok(()), |day| check_day(day, "status_from"))?;
    let mut numbers: Vec<SealedNumber> = Vec::with_capacity(record.identifiers.len());
    for number in record.identifiers.iter().map(|identifier| vault.seal_number(identifier)) {
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    let facts = Facts {
        kind: record.kind,
        current: numbers[0].clone(),
        name: vault.seal_name(&record.name),
        born: record.born,
        status: record.status,
    };
    Ok(Prepared { numbers, facts, status_from: record.status_from })
}

fn two_holders() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Numrene tilhører to kontohavere, som ikke er samlet til én.",
        "The numbers belong to two holders that have not been merged.",
    )
    .in_field("identifiers")
}
