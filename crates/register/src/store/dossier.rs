//! Loads dossiers: the open versions of many holders in three statements.

use std::collections::HashMap;

use primitives::HolderRef;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{entry, fact, identifier};
use crate::dossier::Dossier;
use crate::fault::Fault;

/// Dossiers by holder.
pub(crate) type Dossiers = HashMap<HolderRef, Dossier>;

/// Loads the dossiers of holders; a holder may be named more than once.
pub(crate) async fn load(conn: &mut PgConnection, holders: impl IntoIterator<Item = HolderRef>) -> Result<Dossiers, Fault> {
    let mut dossiers: Dossiers = holders.into_iter().map(|holder| (holder, Dossier::empty(holder))).collect();
    let asked: Vec<Uuid> = dossiers.keys().map(|holder| holder.get()).collect();
    if asked.is_empty() {
        return Ok(dossiers);
    }
    for (holder, number) in identifier::numbers_of(conn, &asked).await? {
        dossiers.entry(holder).and_modify(|dossier| dossier.numbers.push(number));
    }
    for fact in fact::open_of(conn, &asked).await? {
        dossiers.entry(fact.holder).and_modify(|dossier| dossier.facts.push(fact));
    }
    for entry in entry::open_of(conn, &asked).await? {
        dossiers.entry(entry.holder).and_modify(|dossier| dossier.entries.push(entry));
    }
    Ok(dossiers)
}
