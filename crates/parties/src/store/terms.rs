//! Terms of parties of every kind.

use std::collections::HashSet;

use contracts::parties::{AllowedCertificate, Contact, PartyKey, PartyKind, PartyTerms, SetoffAgreement};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use platform::fault::Fault;
use platform::vault::Vault;
use primitives::Cvr;
use sqlx::PgConnection;
use uuid::Uuid;

use super::terms_parts::{self, Parts};
use crate::{record::Recorded, words::Spelled};

/// What a contact is sealed as.
const CONTACT: &str = "contact";

/// Records a version of the terms with its parts, from an approved proposal.
pub(crate) async fn insert(
    connection: &mut PgConnection, vault: &Vault, terms: &PartyTerms, proposal: Uuid, recorded: &Recorded,
) -> Result<(), Fault> {
    let contact = terms.contact.as_ref().map(|contact| seal_contact(vault, contact)).transpose()?;
    let set_off = terms.set_off.as_ref();
    let version = sqlx::query_scalar!(
        "insert into parties.party_terms (kind, id, name, cvr, valid_from, valid_until, set_off_takes_part, set_off_own_claims,
             set_off_reference, contact, proposal_id, recorded_at, recorded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         returning version",
        terms.party.kind.word(),
        terms.party.id,
        terms.name,
        terms.cvr.as_ref().map(Cvr::digits),
        terms.valid_from.to_sqlx(),
        terms.valid_until.map(ToSqlx::to_sqlx) as Option<jiff_sqlx::Date>,
        set_off.map(|set_off| set_off.takes_part),
        set_off.map(|set_off| set_off.own_claims),
        set_off.and_then(|set_off| set_off.reference.as_deref()),
        contact,
        proposal,
        recorded.at.to_sqlx(),
        recorded.by,
    )
    .fetch_one(&mut *connection)
    .await?;
    Ok(terms_parts::insert(connection, version, terms).await?)
}

/// The terms of the parties as of the day, by what had been recorded at the time; now when there is none.
pub(crate) async fn on(
    connection: &mut PgConnection, vault: &Vault, on: Date, known_at: Option<Timestamp>, parties: &[PartyKey],
) -> Result<Vec<PartyTerms>, Fault> {
    let (kinds, ids): (Vec<String>, Vec<String>) =
        parties.iter().map(|party| (party.kind.word().to_owned(), party.id.clone())).unzip();
    let heads = sqlx::query_as!(
        Head,
        "select version, kind, id, name, cvr, valid_from, valid_until, set_off_takes_part, set_off_own_claims, set_off_reference, contact
         from (select distinct on (t.kind, t.id) t.* from parties.party_terms t
               join unnest($2::text[], $3::text[]) asked (kind, id) on t.kind = asked.kind and t.id = asked.id
               where valid_from <= $1 and ($4::timestamptz is null or recorded_at <= $4)
               order by t.kind, t.id, version desc) latest
         where valid_until is null or valid_until > $1",
        on.to_sqlx(),
        &kinds,
        &ids,
        known_at.map(ToSqlx::to_sqlx) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(&mut *connection)
    .await?;
    complete(connection, vault, heads).await
}

/// The terms in force on the day that allow the certificate.
pub(crate) async fn allowing(
    connection: &mut PgConnection, vault: &Vault, on: Date, certificate: &AllowedCertificate,
) -> Result<Vec<PartyTerms>, Fault> {
    // A party whose earlier terms allowed it may not do so now, so the version that applies is looked at.
    let heads = sqlx::query_as!(
        Head,
        "select version, kind, id, name, cvr, valid_from, valid_until, set_off_takes_part, set_off_own_claims, set_off_reference, contact
         from (select distinct on (t.kind, t.id) t.* from parties.party_terms t
               where valid_from <= $1 and (t.kind, t.id) in (
                   select named.kind, named.id from parties.party_terms named join parties.allowed_certificate c using (version)
                   where c.organisation = $2 and c.serial = $3)
               order by t.kind, t.id, version desc) latest
         where (valid_until is null or valid_until > $1)
           and exists (select from parties.allowed_certificate c
                       where c.version = latest.version and c.organisation = $2 and c.serial = $3)",
        on.to_sqlx(),
        certificate.organisation,
        certificate.serial,
    )
    .fetch_all(&mut *connection)
    .await?;
    complete(connection, vault, heads).await
}

/// The parties of which a version that has begun by the day has named a certificate, whatever applies now.
pub(crate) async fn naming(
    connection: &mut PgConnection, on: Date, known_at: Option<Timestamp>, parties: &[PartyKey],
) -> Result<HashSet<PartyKey>, Fault> {
    let (kinds, ids): (Vec<String>, Vec<String>) =
        parties.iter().map(|party| (party.kind.word().to_owned(), party.id.clone())).unzip();
    let rows = sqlx::query!(
        "select distinct t.kind, t.id from parties.party_terms t
         join unnest($2::text[], $3::text[]) asked (kind, id) on t.kind = asked.kind and t.id = asked.id
         where valid_from <= $1 and ($4::timestamptz is null or recorded_at <= $4)
           and exists (select from parties.allowed_certificate c where c.version = t.version)",
        on.to_sqlx(),
        &kinds,
        &ids,
        known_at.map(ToSqlx::to_sqlx) as Option<jiff_sqlx::Timestamp>,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| Ok(PartyKey { kind: PartyKind::read(&row.kind)?, id: row.id })).collect()
}

/// The version of the party's terms that was recorded last, with its number.
pub(crate) async fn latest(
    connection: &mut PgConnection, vault: &Vault, party: &PartyKey,
) -> Result<Option<(i64, PartyTerms)>, Fault> {
    let head = sqlx::query_as!(
        Head,
        "select version, kind, id, name, cvr, valid_from, valid_until, set_off_takes_part, set_off_own_claims, set_off_reference, contact
         from parties.party_terms where kind = $1 and id = $2 order by version desc limit 1",
        party.kind.word(),
        party.id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(head) = head else { return Ok(None) };
    let version = head.version;
    let terms = complete(connection, vault, vec![head]).await?.pop();
    Ok(terms.map(|terms| (version, terms)))
}

async fn complete(connection: &mut PgConnection, vault: &Vault, heads: Vec<Head>) -> Result<Vec<PartyTerms>, Fault> {
    let versions: Vec<i64> = heads.iter().map(|head| head.version).collect();
    let mut parts = terms_parts::of_versions(connection, &versions).await?;
    heads
        .into_iter()
        .map(|head| {
            let parts = parts.remove(&head.version).unwrap_or_default();
            head.into_terms(vault, parts)
        })
        .collect()
}

fn seal_contact(vault: &Vault, contact: &Contact) -> Result<Vec<u8>, Fault> {
    let text = serde_json::to_vec(contact).map_err(|_| Fault::Stored(CONTACT))?;
    Ok(vault.sealer().seal(CONTACT, &text))
}

fn open_contact(vault: &Vault, sealed: &[u8]) -> Result<Contact, Fault> {
    let text = vault.sealer().open(CONTACT, sealed)?;
    serde_json::from_slice(&text).map_err(|_| Fault::Stored(CONTACT))
}

/// A row of the table of terms.
struct Head {
    version: i64,
    kind: String,
    id: String,
    name: String,
    cvr: Option<String>,
    valid_from: jiff_sqlx::Date,
    valid_until: Option<jiff_sqlx::Date>,
    set_off_takes_part: Option<bool>,
    set_off_own_claims: Option<bool>,
    set_off_reference: Option<String>,
    contact: Option<Vec<u8>>,
}

impl Head {
    fn into_terms(self, vault: &Vault, parts: Parts) -> Result<PartyTerms, Fault> {
        let cvr = self.cvr.as_deref().map(|cvr| Cvr::parse(cvr).map_err(|_| Fault::Stored("CVR number"))).transpose()?;
        let set_off = match (self.set_off_takes_part, self.set_off_own_claims) {
            (Some(takes_part), Some(own_claims)) => {
                Some(SetoffAgreement { takes_part, own_claims, reference: self.set_off_reference })
            }
            _ => None,
        };
        Ok(PartyTerms {
            party: PartyKey { kind: PartyKind::read(&self.kind)?, id: self.id },
            name: self.name,
            cvr,
            valid_from: self.valid_from.to_jiff(),
            valid_until: self.valid_until.map(jiff_sqlx::Date::to_jiff),
            set_off,
            contact: self.contact.as_deref().map(|sealed| open_contact(vault, sealed)).transpose()?,
            certificates: parts.certificates,
            networks: parts.networks,
            limits: parts.limits,
            client: parts.client,
        })
    }
}
