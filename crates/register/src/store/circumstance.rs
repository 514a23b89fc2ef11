//! `register.holder_circumstance`: what a holder's events add up to.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::HolderRef;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::circumstance::{Circumstances, Details};
use crate::fault::Fault;
use crate::vault::Vault;

/// What changes to designations ask about a holder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    /// The day the person died.
    pub died: Option<Date>,
    /// The day the unit ceased or its bankruptcy was decreed.
    pub ended: Option<Date>,
    pub details: Details,
}

impl Standing {
    /// Whether the person has died or the unit has ceased: no letter is sent.
    pub(crate) fn is_over(&self) -> bool {
        self.died.is_some() || self.ended.is_some()
    }
}

/// What is known of holders; those without events are absent.
pub(crate) async fn load(
    conn: &mut PgConnection, vault: &Vault, holders: &[Uuid],
) -> Result<HashMap<HolderRef, Standing>, Fault> {
    let rows = sqlx::query!(
        "select holder_ref, died_on, ended_on, details from register.holder_circumstance where holder_ref = any($1)",
        holders
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let standing = Standing {
                died: row.died_on.map(|day| day.to_jiff()),
                ended: row.ended_on.map(|day| day.to_jiff()),
                details: vault.open_details(&row.details)?,
            };
            Ok((HolderRef(row.holder_ref), standing))
        })
        .collect()
}

/// Puts what is known of holders now in place of what was known.
pub(crate) async fn replace(conn: &mut PgConnection, vault: &Vault, known: &[(HolderRef, Circumstances)]) -> Result<(), Fault> {
    let holders: Vec<Uuid> = known.iter().map(|(holder, _)| holder.get()).collect();
    forget(conn, &holders).await?;
    let day = |day: Option<Date>| day.map(Date::to_sqlx);
    let died: Vec<Option<jiff_sqlx::Date>> = known.iter().map(|(_, known)| day(known.died)).collect();
    let ended: Vec<Option<jiff_sqlx::Date>> = known.iter().map(|(_, known)| day(known.ended())).collect();
    let details: Vec<Vec<u8>> = known.iter().map(|(_, known)| vault.seal_details(&known.details)).collect::<Result<_, _>>()?;
    let done = sqlx::query!(
        "insert into register.holder_circumstance (holder_ref, died_on, ended_on, details)
         select * from unnest($1::uuid[], $2::date[], $3::date[], $4::bytea[])",
        &holders,
        &died as _,
        &ended as _,
        &details,
    )
    .execute(conn)
    .await?;
    Ok(expect_rows(done.rows_affected(), known.len(), "record circumstances")?)
}

/// Forgets what was known of holders that are no longer used.
pub(crate) async fn forget(conn: &mut PgConnection, holders: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from register.holder_circumstance where holder_ref = any($1)", holders).execute(conn).await?;
    Ok(())
}
