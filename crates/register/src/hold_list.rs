//! The changes that wait, page by page: for those who decide on them.

use contracts::register::{HeldChange, HeldPage, HeldQuery, MAX_HELD};
use contracts::{Actor, Context, Problem};
use primitives::{EntryRef, HolderRef, copenhagen_date};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::House;
use crate::dossier::Dossier;
use crate::fault::Fault;
use crate::hold::{check_releaser, describe};
use crate::lookup::limit_out_of_range;
use crate::store::hold::{self, Waiting};
use crate::store::{self, dossier::Dossiers};
use crate::vault::SealedNumber;

impl House {
    pub(crate) async fn held_page(&self, context: &Context, query: HeldQuery) -> Result<HeldPage, Problem> {
        check_releaser(context)?;
        if !(1..=MAX_HELD).contains(&query.limit) {
            return Err(limit_out_of_range(MAX_HELD));
        }
        let now = self.clock.now();
        let payer = match &context.actor {
            Actor::Caseworker { authority, .. } => Some(authority.digits().to_owned()),
            _ => None,
        };
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let reading = self.database.transaction("register.held_changes", async |mut tx| {
            let asked = Waiting {
                today: copenhagen_date(now),
                signal: query.signal,
                entry: query.entry,
                payer: payer.as_deref(),
                after: query.after,
                // One more than is told: whether there is one.
                limit: i64::from(query.limit) + 1,
            };
            let mut found = hold::waiting(&mut tx, &asked).await?;
            let more = found.len() > limit;
            found.truncate(limit);
            let dossiers = store::dossier::load(&mut tx, found.iter().map(|(holder, _)| *holder)).await?;
            let numbers: Vec<SealedNumber> =
                dossiers.values().filter_map(Dossier::latest_facts).map(|facts| facts.current.clone()).collect();
            self.log_access(&mut tx, context, "held-changes", &numbers, now).await?;
            Ok::<_, Fault>(HeldPage { held: self.tell_held(&mut tx, &found, &dossiers).await?, more })
        });
        Ok(reading.await?)
    }

    async fn tell_held(
        &self, conn: &mut PgConnection, found: &[(HolderRef, EntryRef)], dossiers: &Dossiers,
    ) -> Result<Vec<HeldChange>, Fault> {
        let holders: Vec<Uuid> = found.iter().map(|(holder, _)| holder.get()).collect();
        let holds = hold::of_holders(conn, &holders).await?;
        let releases = hold::releases_of(conn, &holders).await?;
        let one = |id: &(HolderRef, EntryRef)| {
            let dossier = dossiers.get(&id.0);
            let entry = dossier.and_then(|dossier| dossier.entries.iter().find(|entry| entry.entry == id.1));
            let facts = dossier.and_then(Dossier::latest_facts);
            let (Some(entry), Some(facts), Some(kept)) = (entry, facts, holds.get(id)) else {
                return Err(Fault::Corrupt("hold without entry"));
            };
            Ok(HeldChange {
                holder: id.0,
                identifier: self.vault.open_number(&facts.current)?,
                purpose: entry.purpose.clone(),
                account: self.vault.open_account(&entry.account)?,
                route: entry.route.clone(),
                made_by: kept.made_by.clone(),
                placed_at: kept.placed_at,
                hold: describe(kept, &releases),
            })
        };
        found.iter().map(one).collect()
    }
}
