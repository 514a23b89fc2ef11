//! Banks.

use contracts::parties::{BankCharacters, BankProfile, PainVersion};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::fault::Fault;
use primitives::{BankCode, Bic};
use sqlx::PgConnection;

use crate::{record::Recorded, words::Spelled};

/// Records a version that applies from the day of the record.
pub(crate) async fn insert(connection: &mut PgConnection, bank: &BankProfile, recorded: &Recorded) -> Result<(), sqlx::Error> {
    let done = sqlx::query!(
        "insert into parties.bank (code, name, bic, registration_numbers, pain_version, domestic_lag, foreign_lag, needs_payee_number,
             characters, valid_from, recorded_at, recorded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        bank.code.as_str(),
        bank.name,
        bank.bic.as_str(),
        &bank.registration_numbers,
        bank.pain_version.word(),
        i16::from(bank.domestic_lag),
        i16::from(bank.foreign_lag),
        bank.needs_payee_number,
        bank.characters.word(),
        recorded.day().to_sqlx(),
        recorded.at.to_sqlx(),
        recorded.by,
    )
    .execute(connection)
    .await?;
    expect_rows(done.rows_affected(), 1, "bank")
}

/// The banks as they apply on the day, by code.
pub(crate) async fn on(connection: &mut PgConnection, on: Date) -> Result<Vec<BankProfile>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select distinct on (code) code, name, bic, registration_numbers, pain_version, domestic_lag, foreign_lag, needs_payee_number,
             characters
         from parties.bank where valid_from <= $1 order by code, version desc",
        on.to_sqlx(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::into_profile).collect()
}

/// The bank as it was recorded last.
pub(crate) async fn latest(connection: &mut PgConnection, code: BankCode) -> Result<Option<BankProfile>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select code, name, bic, registration_numbers, pain_version, domestic_lag, foreign_lag, needs_payee_number,
             characters
         from parties.bank where code = $1 order by version desc limit 1",
        code.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(Row::into_profile).transpose()
}

struct Row {
    code: String,
    name: String,
    bic: String,
    registration_numbers: Vec<String>,
    pain_version: String,
    domestic_lag: i16,
    foreign_lag: i16,
    needs_payee_number: bool,
    characters: String,
}

impl Row {
    fn into_profile(self) -> Result<BankProfile, Fault> {
        Ok(BankProfile {
            code: BankCode::parse(&self.code).map_err(|_| Fault::Stored("bank code"))?,
            name: self.name,
            bic: Bic::parse(&self.bic).map_err(|_| Fault::Stored("BIC"))?,
            registration_numbers: self.registration_numbers,
            pain_version: PainVersion::read(&self.pain_version)?,
            domestic_lag: bank_days(self.domestic_lag)?,
            foreign_lag: bank_days(self.foreign_lag)?,
            needs_payee_number: self.needs_payee_number,
            characters: BankCharacters::read(&self.characters)?,
        })
    }
}

fn bank_days(stored: i16) -> Result<u8, Fault> {
    u8::try_from(stored).map_err(|_| Fault::Stored("lag"))
}

/// Whether each of the banks has been recorded.
pub(crate) async fn all_known(connection: &mut PgConnection, banks: &[BankCode]) -> Result<bool, sqlx::Error> {
    let codes: Vec<String> = banks.iter().map(ToString::to_string).collect();
    sqlx::query_scalar!(
        r#"select not exists (
               select from unnest($1::text[]) asked (code)
               where not exists (select from parties.bank where bank.code = asked.code)
           ) as "all_known!""#,
        &codes,
    )
    .fetch_one(connection)
    .await
}
