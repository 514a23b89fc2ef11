//! Agreements: the head of a payer's profile.

use contracts::parties::{ClosedDays, DateMeaning, DirectoryEntry, PayerKey, PayerKind, PayerProfile, WithoutAccount};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use platform::fault::Fault;
use platform::vault::Vault;
use primitives::{AgreementNumber, Cvr};
use sqlx::PgConnection;

use super::agreement_parts::{self, Parts};
use crate::{record::Recorded, words::Spelled};

/// Records a version of the agreement with all its parts.
pub(crate) async fn insert(
    connection: &mut PgConnection, vault: &Vault, payer: &PayerProfile, recorded: &Recorded,
) -> Result<(), sqlx::Error> {
    let (without_account, error_account) = match &payer.without_account {
        WithoutAccount::Return => ("return", None),
        WithoutAccount::ErrorAccount { account } => ("error_account", Some(vault.seal_account(account))),
        WithoutAccount::Holding => ("holding", None),
    };
    let version = sqlx::query_scalar!(
        "insert into parties.agreement (agreement, cvr, name, kind, valid_from, valid_until, without_account, error_account,
             fall_back_to_cvr, date_meaning, closed_days, recorded_at, recorded_by, proposal_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         returning version",
        payer.agreement.digits(),
        payer.cvr.digits(),
        payer.name,
        payer.kind.word(),
        payer.valid_from.to_sqlx(),
        payer.valid_until.map(ToSqlx::to_sqlx) as Option<jiff_sqlx::Date>,
        without_account,
        error_account,
        payer.fall_back_to_cvr,
        payer.date_meaning.word(),
        payer.closed_days.word(),
        recorded.at.to_sqlx(),
        recorded.by,
        recorded.proposal,
    )
    .fetch_one(&mut *connection)
    .await?;
    agreement_parts::insert(connection, vault, version, payer).await
}

/// The agreements in force on the day that any of the keys names.
pub(crate) async fn on(
    connection: &mut PgConnection, vault: &Vault, on: Date, keys: &[PayerKey],
) -> Result<Vec<PayerProfile>, Fault> {
    let (agreements, cvrs) = numbers(keys);
    // An agreement that once had the CVR number may have another one now, so the number is compared in the version that applies.
    let heads = sqlx::query_as!(
        Head,
        "select version, agreement, cvr, name, kind, valid_from, valid_until, without_account, error_account, fall_back_to_cvr, date_meaning,
             closed_days
         from (select distinct on (agreement) * from parties.agreement
               where valid_from <= $1
                 and (agreement = any($2) or agreement in (select named.agreement from parties.agreement named where named.cvr = any($3)))
               order by agreement, version desc) latest
         where (valid_until is null or valid_until > $1) and (agreement = any($2) or cvr = any($3))",
        on.to_sqlx(),
        &agreements,
        &cvrs,
    )
    .fetch_all(&mut *connection)
    .await?;
    complete(connection, vault, heads).await
}

/// The agreements in force on the day that any of the keys names, by what had been recorded at the time.
pub(crate) async fn as_known(
    connection: &mut PgConnection, vault: &Vault, on: Date, known_at: Timestamp, keys: &[PayerKey],
) -> Result<Vec<PayerProfile>, Fault> {
    let (agreements, cvrs) = numbers(keys);
    let heads = sqlx::query_as!(
        Head,
        "select version, agreement, cvr, name, kind, valid_from, valid_until, without_account, error_account, fall_back_to_cvr, date_meaning,
             closed_days
         from (select distinct on (agreement) * from parties.agreement
               where valid_from <= $1 and recorded_at <= $4
                 and (agreement = any($2) or agreement in (select named.agreement from parties.agreement named where named.cvr = any($3)))
               order by agreement, version desc) latest
         where (valid_until is null or valid_until > $1) and (agreement = any($2) or cvr = any($3))",
        on.to_sqlx(),
        &agreements,
        &cvrs,
        known_at.to_sqlx(),
    )
    .fetch_all(&mut *connection)
    .await?;
    complete(connection, vault, heads).await
}

/// The version of the agreement that was recorded last, with its number.
pub(crate) async fn latest(
    connection: &mut PgConnection, vault: &Vault, agreement: AgreementNumber,
) -> Result<Option<(i64, PayerProfile)>, Fault> {
    let head = sqlx::query_as!(
        Head,
        "select version, agreement, cvr, name, kind, valid_from, valid_until, without_account, error_account, fall_back_to_cvr, date_meaning,
             closed_days
         from parties.agreement where agreement = $1 order by version desc limit 1",
        agreement.digits(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(head) = head else { return Ok(None) };
    let version = head.version;
    let profile = complete(connection, vault, vec![head]).await?.pop();
    Ok(profile.map(|profile| (version, profile)))
}

/// The numbers of the keys: agreements and CVR numbers.
fn numbers(keys: &[PayerKey]) -> (Vec<String>, Vec<String>) {
    let mut agreements = Vec::new();
    let mut cvrs = Vec::new();
    for key in keys {
        match key {
            PayerKey::Agreement { number } => agreements.push(number.to_string()),
            PayerKey::Cvr { number } => cvrs.push(number.digits().to_owned()),
        }
    }
    (agreements, cvrs)
}

/// The profiles of the versions, with their parts.
async fn complete(connection: &mut PgConnection, vault: &Vault, heads: Vec<Head>) -> Result<Vec<PayerProfile>, Fault> {
    let versions: Vec<i64> = heads.iter().map(|head| head.version).collect();
    let mut parts = agreement_parts::of_versions(connection, vault, &versions).await?;
    heads
        .into_iter()
        .map(|head| {
            let parts = parts.remove(&head.version).unwrap_or_default();
            head.into_profile(vault, parts)
        })
        .collect()
}

/// Whether the agreement number has ever been recorded.
pub(crate) async fn is_known(connection: &mut PgConnection, agreement: AgreementNumber) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select exists (select from parties.agreement where agreement = $1) as "known!""#, agreement.digits(),)
        .fetch_one(connection)
        .await
}

/// The agreements that have the CVR number, or once had it.
pub(crate) async fn of_cvr(connection: &mut PgConnection, cvr: &Cvr) -> Result<Vec<AgreementNumber>, Fault> {
    let numbers = sqlx::query_scalar!("select distinct agreement from parties.agreement where cvr = $1", cvr.digits())
        .fetch_all(connection)
        .await?;
    numbers.iter().map(|number| read_agreement(number)).collect()
}

/// Every agreement in force on the day, by number.
pub(crate) async fn directory(connection: &mut PgConnection, on: Date) -> Result<Vec<DirectoryEntry>, Fault> {
    let rows = sqlx::query!(
        "select agreement, name, kind
         from (select distinct on (agreement) agreement, name, kind, valid_until from parties.agreement
               where valid_from <= $1 order by agreement, version desc) latest
         where valid_until is null or valid_until > $1
         order by agreement",
        on.to_sqlx(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(DirectoryEntry { agreement: read_agreement(&row.agreement)?, name: row.name, kind: PayerKind::read(&row.kind)? })
        })
        .collect()
}

/// A row of the agreement table.
struct Head {
    version: i64,
    agreement: String,
    cvr: String,
    name: String,
    kind: String,
    valid_from: jiff_sqlx::Date,
    valid_until: Option<jiff_sqlx::Date>,
    without_account: String,
    error_account: Option<Vec<u8>>,
    fall_back_to_cvr: bool,
    date_meaning: String,
    closed_days: String,
}

impl Head {
    fn into_profile(self, vault: &Vault, parts: Parts) -> Result<PayerProfile, Fault> {
        Ok(PayerProfile {
            agreement: read_agreement(&self.agreement)?,
            cvr: Cvr::parse(&self.cvr).map_err(|_| Fault::Stored("CVR number"))?,
            kind: PayerKind::read(&self.kind)?,
            valid_from: self.valid_from.to_jiff(),
            valid_until: self.valid_until.map(jiff_sqlx::Date::to_jiff),
            units: parts.units,
            debtor_accounts: parts.debtor_accounts,
            benefits: parts.benefits,
            without_account: self.without_account(vault)?,
            fall_back_to_cvr: self.fall_back_to_cvr,
            date_meaning: DateMeaning::read(&self.date_meaning)?,
            closed_days: ClosedDays::read(&self.closed_days)?,
            data_suppliers: parts.data_suppliers,
            name: self.name,
        })
    }

    fn without_account(&self, vault: &Vault) -> Result<WithoutAccount, Fault> {
        match (self.without_account.as_str(), &self.error_account) {
            ("return", None) => Ok(WithoutAccount::Return),
            ("holding", None) => Ok(WithoutAccount::Holding),
            ("error_account", Some(sealed)) => Ok(WithoutAccount::ErrorAccount { account: vault.open_account(sealed)? }),
            _ => Err(Fault::Stored("choice without account")),
        }
    }
}

fn read_agreement(digits: &str) -> Result<AgreementNumber, Fault> {
    AgreementNumber::parse(digits).map_err(|_| Fault::Stored("agreement number"))
}
