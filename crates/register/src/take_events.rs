//! Take events of the civil and the business register: once each, in any order.

use std::collections::{HashMap, HashSet};

use contracts::register::{
    EventOutcome, HolderKind, HolderStatus, PostalAddress, SourceEvent, SourceFact, SourceProgress, SourceRegister,
};
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::Timestamp;
use primitives::{HolderRef, IdentifierKind};
use serde_json::Value;
use sqlx::PgConnection;

use crate::House;
use crate::changes::{self, Change, content};
use crate::day::check_day;
use crate::fact::Facts;
use crate::fault::{Fault, check_size, check_text, twice_in_one_call};
use crate::fold::Fresh;
use crate::keyed::{KeyedCall, Opened};
use crate::record_holders::{NAME_LIMIT, Prepared, check_scheme};
use crate::rights::check_source;
use crate::store::source_event::{self, EventKey, Sealed};
use crate::store::{identifier, progress};
use crate::vault::{SealedNumber, Vault};

/// The most guardians of one person.
const GUARDIANS_LIMIT: usize = 10;
/// The most lines of an address.
const LINES_LIMIT: usize = 5;
/// Longest line of an address, in characters.
const LINE_LIMIT: usize = 70;

impl House {
    pub(crate) async fn take_all_events(
        &self, context: &Context, key: &IdempotencyKey, events: Vec<SourceEvent>,
    ) -> Result<Vec<ItemResult<EventOutcome>>, Problem> {
        check_size(events.len())?;
        check_source(context)?;
        let call = KeyedCall::new(self, context, "take-events", key, &events)?;
        let vault = self.vault.clone();
        let mut seen = HashSet::new();
        let sealed: Vec<ItemResult<Sealed<'_>>> = events.iter().map(|event| seal(&vault, event, &mut seen)).collect();
        let by = context.actor.label();
        let answer = self.database.transaction("register.take_events", async |mut tx| {
            let at = match call.open(&mut tx, self.clock.now()).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let (outcomes, changes) = self.take_sealed(&mut tx, &sealed, (at, &by)).await?;
            self.log_changes(&mut tx, context, "take-events", at, changes).await?;
            call.close(&mut tx, outcomes).await
        });
        Ok(answer.await?)
    }

    async fn take_sealed(
        &self, conn: &mut PgConnection, sealed: &[ItemResult<Sealed<'_>>], stamp: (Timestamp, &str),
    ) -> Result<(Vec<ItemResult<EventOutcome>>, Vec<Change>), Fault> {
        let good: Vec<&Sealed<'_>> = sealed.iter().flatten().collect();
        let new = source_event::insert(conn, &good, stamp.0).await?;
        progress::note(conn, &new).await?;
        let known: Vec<&Sealed<'_>> = good.iter().copied().filter(|sealed| !new.contains(&key_of(sealed.event))).collect();
        let repeated = source_event::same(conn, &known).await?;
        let fresh: Vec<&Sealed<'_>> = good.into_iter().filter(|sealed| new.contains(&key_of(sealed.event))).collect();
        let (holders, mut changes) = self.take_fresh(conn, &fresh, &new, stamp).await?;
        for sealed in &fresh {
            changes.push(told(sealed, holders.get(&sealed.number))?);
        }
        let waiting = fresh.iter().filter(|sealed| !holders.contains_key(&sealed.number));
        progress::wait(conn, &waiting.map(|sealed| (key_of(sealed.event), &sealed.number)).collect::<Vec<_>>()).await?;
        let outcome = |sealed: &Sealed<'_>| {
            let event = key_of(sealed.event);
            match holders.get(&sealed.number) {
                _ if repeated.contains(&event) => Ok(EventOutcome::Repeated),
                _ if !new.contains(&event) => Err(other_event()),
                Some(holder) => Ok(EventOutcome::Applied { holder: *holder }),
                None => Ok(EventOutcome::Waiting),
            }
        };
        Ok((sealed.iter().map(|item| item.as_ref().map_err(Clone::clone).and_then(outcome)).collect(), changes))
    }

    /// Applies new events; answers the holders of their numbers, and what is to be told of holders that became one.
    async fn take_fresh(
        &self, conn: &mut PgConnection, events: &[&Sealed<'_>], new: &HashSet<EventKey>, stamp: (Timestamp, &str),
    ) -> Result<(HashMap<SealedNumber, HolderRef>, Vec<Change>), Fault> {
        let mut merged = self.make_born(conn, events, stamp).await?;
        let holders = holders_by_number(conn, events).await?;
        let fresh = Fresh { events: new.clone(), follows_numbers: true, ..Fresh::default() };
        merged.extend(self.fold(conn, holders.values().copied().collect(), fresh, stamp).await?);
        // Holders may have been merged meanwhile.
        Ok((holders_by_number(conn, events).await?, merged))
    }

    /// Makes the holders that are told to be born and are not known yet.
    async fn make_born(
        &self, conn: &mut PgConnection, events: &[&Sealed<'_>], stamp: (Timestamp, &str),
    ) -> Result<Vec<Change>, Fault> {
        let known = holders_by_number(conn, events).await?;
        let mut made = HashSet::new();
        let mut records = Vec::new();
        for sealed in events {
            let SourceFact::Born { name, .. } = &sealed.event.fact else { continue };
            if known.contains_key(&sealed.number) || !made.insert(&sealed.number) {
                continue;
            }
            let kind = match sealed.event.identifier.kind() {
                IdentifierKind::Cpr | IdentifierKind::Foreign => HolderKind::Person,
                IdentifierKind::Cvr | IdentifierKind::Se | IdentifierKind::P => HolderKind::Unit,
            };
            let (current, name) = (sealed.number.clone(), self.vault.seal_name(name));
            let facts = Facts { kind, current, name, born: Some(sealed.event.on), status: HolderStatus::Active };
            records.push(Ok(Prepared { numbers: vec![sealed.number.clone()], facts, status_from: None }));
        }
        // What else was told of these numbers is taken there.
        Ok(self.record_prepared(conn, &records, stamp).await?.merged)
    }

    pub(crate) async fn progress_of(&self, context: &Context, source: SourceRegister) -> Result<SourceProgress, Problem> {
        check_source(context)?;
        let reading = self.database.transaction("register.source_progress", async |mut tx| progress::of(&mut tx, source).await);
        Ok(reading.await?)
    }
}

async fn holders_by_number(conn: &mut PgConnection, events: &[&Sealed<'_>]) -> Result<HashMap<SealedNumber, HolderRef>, Fault> {
    let numbers: Vec<&SealedNumber> = events.iter().map(|sealed| &sealed.number).collect();
    let holders = identifier::holders_of(conn, &numbers.iter().copied().collect()).await?;
    let known = numbers.into_iter().zip(holders).filter_map(|(number, holder)| Some((number.clone(), holder?)));
    Ok(known.collect())
}

/// An event as a change, also one whose number is nobody's yet.
fn told(sealed: &Sealed<'_>, holder: Option<&HolderRef>) -> Result<Change, Fault> {
    let event = sealed.event;
    let source = match event.source {
        SourceRegister::Cpr => "cpr",
        SourceRegister::Cvr => "cvr",
    };
    let whose = holder.map_or_else(String::new, |holder| format!("{}/", changes::holder(*holder)));
    Ok(Change::new(format!("{whose}event:{source}:{}", event.position), Value::Null, content(event)?))
}

fn key_of(event: &SourceEvent) -> EventKey {
    (event.source, event.position)
}

fn seal<'e>(vault: &Vault, event: &'e SourceEvent, seen: &mut HashSet<EventKey>) -> ItemResult<Sealed<'e>> {
    if event.position == 0 || i64::try_from(event.position).is_err() {
        return Err(
            Problem::new(ProblemCode::InvalidInput, "Positioner tælles fra 1.", "Positions count from 1.").in_field("position")
        );
    }
    check_day(event.on, "on")?;
    check_fact(event)?;
    if !seen.insert(key_of(event)) {
        return Err(twice_in_one_call());
    }
    let fact = vault.seal_fact(&event.fact)?;
    Ok(Sealed { event, number: vault.seal_number(&event.identifier), fact })
}

fn check_fact(event: &SourceEvent) -> Result<(), Problem> {
    match &event.fact {
        SourceFact::Born { name, guardians } => {
            check_text(name, NAME_LIMIT, "name")?;
            check_guardians(guardians.len())
        }
        SourceFact::NameChanged { name } => check_text(name, NAME_LIMIT, "name"),
        SourceFact::GuardianshipBegan { guardians } => check_guardians(guardians.len()),
        SourceFact::AddressChanged { address } => check_address(address),
        SourceFact::NumberChanged { new } if *new == event.identifier => Err(Problem::new(
            ProblemCode::InvalidInput,
            "Det nye nummer er det samme som det gamle.",
            "The new number is the old one.",
        )
        .in_field("new")),
        SourceFact::NumberChanged { new } => check_scheme(new),
        _ => Ok(()),
    }
}

fn check_guardians(guardians: usize) -> Result<(), Problem> {
    if guardians <= GUARDIANS_LIMIT {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::InvalidInput,
        format!("En person har højst {GUARDIANS_LIMIT} værger."),
        format!("A person has at most {GUARDIANS_LIMIT} guardians."),
    )
    .in_field("guardians"))
}

fn check_address(address: &PostalAddress) -> Result<(), Problem> {
    if address.lines.is_empty() || address.lines.len() > LINES_LIMIT {
        return Err(Problem::new(
            ProblemCode::InvalidInput,
            format!("En adresse har 1 til {LINES_LIMIT} linjer."),
            format!("An address has 1 to {LINES_LIMIT} lines."),
        )
        .in_field("address"));
    }
    address.lines.iter().try_for_each(|line| check_text(line, LINE_LIMIT, "address"))
}

fn other_event() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Der er allerede en anden hændelse på den position.",
        "There is another event at that position already.",
    )
    .in_field("position")
}
