//! Lookups by person: facts, history, and who has looked. Each is logged before it is answered.

use std::collections::HashSet;

use contracts::register::{AccessQuery, AccessRecord, EntryState, HistoryEntry, HistoryQuery, Holder};
use contracts::{Actor, Context, Problem, ProblemCode};
use jiff::Timestamp;
use primitives::{HolderRef, Identifier};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::House;
use crate::dossier::Dossier;
use crate::fault::{Fault, check_size, forbidden};
use crate::rights::Reach;
use crate::store::{self, access, circumstance, entry, identifier};
use crate::vault::{SealedNumber, Vault};

/// The most accesses one call tells.
const ACCESS_LIMIT: u32 = 1_000;

impl House {
    pub(crate) async fn find_holders(
        &self, context: &Context, identifiers: Vec<Identifier>,
    ) -> Result<Vec<Option<Holder>>, Problem> {
        check_size(identifiers.len())?;
        let vault = self.vault.clone();
        let now = self.clock.now();
        let numbers: Vec<SealedNumber> = identifiers.iter().map(|identifier| vault.seal_number(identifier)).collect();
        let holders = self.database.transaction("register.holders", async |mut tx| {
            let reach = Reach::of(&mut tx, &vault, context).await?;
            let found = identifier::holders_of(&mut tx, &numbers.iter().collect()).await?;
            if reach != Reach::Anybody {
                found.iter().try_for_each(|holder| reach.check(*holder).map(drop))?;
            }
            let dossiers = store::dossier::load(&mut tx, found.iter().copied().flatten()).await?;
            let protected = protected(&mut tx, &vault, &found).await?;
            self.log_found(&mut tx, (context, "holders", now), &numbers, &found).await?;
            let holder = |holder: Option<HolderRef>| {
                let dossier = holder.and_then(|holder| dossiers.get(&holder));
                dossier.map(|dossier| describe(&vault, dossier, now)).transpose()
            };
            let told = found.into_iter().map(holder).collect::<Result<Vec<_>, Fault>>()?;
            Ok::<_, Fault>(told.into_iter().map(|holder| Some(guard(holder?, &protected, reach))).collect())
        });
        self.told(context, "holders", &numbers, holders.await.map_err(Problem::from)).await
    }

    /// Names also of those who are protected. Whether a caseworker may ask is decided where role profiles are known; the log has an operation of
    /// its own for it, so that the holder sees who was told.
    pub(crate) async fn find_names(
        &self, context: &Context, identifiers: Vec<Identifier>,
    ) -> Result<Vec<Option<String>>, Problem> {
        check_size(identifiers.len())?;
        let vault = self.vault.clone();
        let now = self.clock.now();
        let numbers: Vec<SealedNumber> = identifiers.iter().map(|identifier| vault.seal_number(identifier)).collect();
        self.told(context, "protected-names", &numbers, check_may_ask_for_names(context)).await?;
        let names = self.database.transaction("register.protected_names", async |mut tx| {
            let found = identifier::holders_of(&mut tx, &numbers.iter().collect()).await?;
            let dossiers = store::dossier::load(&mut tx, found.iter().copied().flatten()).await?;
            self.log_found(&mut tx, (context, "protected-names", now), &numbers, &found).await?;
            let name = |holder: Option<HolderRef>| {
                let facts = holder.and_then(|holder| dossiers.get(&holder)).and_then(Dossier::latest_facts);
                facts.map(|facts| vault.open_name(&facts.name)).transpose()
            };
            found.into_iter().map(name).collect::<Result<_, Fault>>()
        });
        Ok(names.await?)
    }

    pub(crate) async fn history_of(&self, context: &Context, query: HistoryQuery) -> Result<Vec<HistoryEntry>, Problem> {
        let vault = self.vault.clone();
        let now = self.clock.now();
        let number = vault.seal_number(&query.identifier);
        let history = self.database.transaction("register.history", async |mut tx| {
            if let Some(at) = query.as_known {
                if at > now.max(store::head::latest(&mut tx).await?) {
                    return Err(not_known_yet().into());
                }
                store::head::close_until(&mut tx, at).await?;
            }
            let holder = reachable(&mut tx, &vault, context, &number).await?;
            self.log_access(&mut tx, context, "history", std::slice::from_ref(&number), now).await?;
            // Changes made in the same instant as the question are part of the answer: the latest recorded time may be just ahead of the clock.
            let at = match query.as_known {
                Some(at) => at,
                None => now.max(store::head::latest(&mut tx).await?),
            };
            // A number that has moved since then was another holder's then. What that holder had is not for whoever has the number now.
            let holder = match (&context.actor, query.as_known) {
                (Actor::Payee { .. }, _) | (_, None) => holder,
                (_, Some(at)) => identifier::holder_known_at(&mut tx, &number, at).await?.unwrap_or(holder),
            };
            let holders = store::link::merged_into(&mut tx, holder, at).await?;
            let entries = entry::known_at(&mut tx, &holders, at).await?;
            entries.iter().map(|entry| entry.as_known(at, &vault)).collect::<Result<_, Fault>>()
        });
        self.told(context, "history", std::slice::from_ref(&number), history.await.map_err(Problem::from)).await
    }

    pub(crate) async fn accesses_to(&self, context: &Context, query: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
        if !(1..=ACCESS_LIMIT).contains(&query.limit) {
            return Err(limit_out_of_range(ACCESS_LIMIT));
        }
        let vault = self.vault.clone();
        let now = self.clock.now();
        let number = vault.seal_number(&query.identifier);
        let accesses = self.database.transaction("register.accesses", async |mut tx| {
            let holder = reachable(&mut tx, &vault, context, &number).await?;
            let numbers = identifier::numbers_of(&mut tx, &[holder.get()]).await?;
            let subjects: Vec<Vec<u8>> = numbers.iter().map(|(_, number)| number.subject_key().to_vec()).collect();
            let accesses = access::of_subjects(&mut tx, &vault, &subjects, i64::from(query.limit)).await?;
            self.log_access(&mut tx, context, "accesses", std::slice::from_ref(&number), now).await?;
            Ok::<_, Fault>(accesses)
        });
        self.told(context, "accesses", std::slice::from_ref(&number), accesses.await.map_err(Problem::from)).await
    }
}

/// The holder of the number, if the caller may know it.
pub(crate) async fn reachable(
    conn: &mut PgConnection, vault: &Vault, context: &Context, number: &SealedNumber,
) -> Result<HolderRef, Fault> {
    let reach = Reach::of(conn, vault, context).await?;
    let found = identifier::holders_of(conn, &[number].into_iter().collect()).await?;
    Ok(reach.check(found.into_iter().flatten().next())?)
}

fn describe(vault: &Vault, dossier: &Dossier, now: Timestamp) -> Result<Holder, Fault> {
    let latest = dossier.facts.iter().find(|fact| fact.valid.until.is_none()).ok_or(Fault::Corrupt("holder without facts"))?;
    let mut current: Vec<HistoryEntry> = Vec::new();
    for entry in &dossier.entries {
        if entry.state_at(now) != EntryState::Ended {
            current.push(entry.as_known(now, vault)?);
        }
    }
    current.sort_by_key(|entry| std::cmp::Reverse(entry.entry));
    Ok(Holder {
        holder: dossier.holder,
        kind: latest.facts.kind,
        name: Some(vault.open_name(&latest.facts.name)?),
        is_protected: false,
        born: latest.facts.born,
        status: latest.facts.status,
        status_from: latest.valid.from,
        current,
    })
}

/// Those of the holders whose names and addresses are protected.
async fn protected(conn: &mut PgConnection, vault: &Vault, found: &[Option<HolderRef>]) -> Result<HashSet<HolderRef>, Fault> {
    let holders: Vec<Uuid> = found.iter().flatten().map(|holder| holder.get()).collect();
    let known = circumstance::load(conn, vault, &holders).await?;
    Ok(known.into_iter().filter(|(_, standing)| standing.details.is_protected).map(|(holder, _)| holder).collect())
}

/// Tells a protected name to its holder alone.
fn guard(holder: Holder, protected: &HashSet<HolderRef>, reach: Reach) -> Holder {
    let is_protected = protected.contains(&holder.holder);
    let is_told = !is_protected || reach != Reach::Anybody;
    Holder { name: holder.name.filter(|_| is_told), is_protected, ..holder }
}

/// A payee sees the own name with the own facts; banks, suppliers and the recovery authority have no business with protected names.
fn check_may_ask_for_names(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::House { .. } | Actor::Operator { .. } | Actor::Caseworker { .. } => Ok(()),
        Actor::Payee { .. } | Actor::DataSupplier { .. } | Actor::Bank { .. } | Actor::RecoveryAuthority => Err(forbidden(
            "Beskyttede navne vises kun for dem med ret til det.",
            "Protected names are shown only to those with that right.",
        )),
    }
}

fn not_known_yet() -> Problem {
    Problem::new(ProblemCode::InvalidInput, "Tidspunktet er ikke kommet endnu.", "The time has not come yet.")
        .in_field("as_known")
}

/// A limit outside its range.
pub(crate) fn limit_out_of_range(most: u32) -> Problem {
    Problem::new(
        ProblemCode::InvalidInput,
        format!("Antallet skal være fra 1 til {most}."),
        format!("The number must be from 1 to {most}."),
    )
    .in_field("limit")
}
