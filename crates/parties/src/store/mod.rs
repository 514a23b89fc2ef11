//! All SQL of the house, a file per noun.

use sqlx::PgConnection;

pub(crate) mod agreement;
mod agreement_parts;
pub(crate) mod bank;
pub(crate) mod certificate_seen;
pub(crate) mod conflict;
pub(crate) mod grant;
pub(crate) mod lookups;
pub(crate) mod mandate;
pub(crate) mod routing;
mod scope;
pub(crate) mod terms;
mod terms_parts;
pub(crate) mod user;

/// Holds everybody else who changes the same thing until the transaction ends, so that versions are recorded one after the other.
///
/// There are 1,024 locks for all things: a call that records thousands must not fill the server's lock table, and two things that share one only wait
/// for each other. Where two calls take them in different orders, one is tried again.
pub(crate) async fn lock(connection: &mut PgConnection, subject: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('parties'), hashtext($1) & 1023)", subject).execute(connection).await?;
    Ok(())
}
