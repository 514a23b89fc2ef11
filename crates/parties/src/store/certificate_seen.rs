//! Certificates that are in use.

use contracts::parties::{PartyKey, PartyKind, SeenCertificate};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::fault::Fault;
use sqlx::PgConnection;

use crate::words::Spelled;

/// Notes the certificate, unless it has been noted.
pub(crate) async fn note(connection: &mut PgConnection, seen: &SeenCertificate, at: Timestamp) -> Result<(), sqlx::Error> {
    // Whether it was known is nobody's concern, so no number of rows is expected.
    sqlx::query!(
        "insert into parties.certificate_seen (name, kind, id, good_until, seen_at) values ($1, $2, $3, $4, $5) on conflict do nothing",
        seen.name,
        seen.party.as_ref().map(|party| party.kind.word()),
        seen.party.as_ref().map(|party| &party.id),
        seen.good_until.to_sqlx(),
        at.to_sqlx(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Of each name the certificate that ends last, where it ends before the moment; with when it was first seen.
pub(crate) async fn ending(connection: &mut PgConnection, before: Timestamp) -> Result<Vec<(Timestamp, SeenCertificate)>, Fault> {
    let rows = sqlx::query!(
        "select name, kind, id, good_until, seen_at
         from (select distinct on (name) * from parties.certificate_seen order by name, good_until desc) latest
         where good_until < $1 order by good_until",
        before.to_sqlx(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let party = match (row.kind, row.id) {
                (Some(kind), Some(id)) => Some(PartyKey { kind: PartyKind::read(&kind)?, id }),
                _ => None,
            };
            let seen = SeenCertificate { party, name: row.name, good_until: row.good_until.to_jiff() };
            Ok((row.seen_at.to_jiff(), seen))
        })
        .collect()
}
