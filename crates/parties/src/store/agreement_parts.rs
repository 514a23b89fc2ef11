//! The parts of an agreement's version: units, debtor accounts, benefits and data suppliers.

use std::collections::HashMap;

use contracts::parties::{BenefitTerms, DebtorAccount, PayerProfile, Unit};
use platform::database::expect_rows;
use platform::fault::Fault;
use platform::vault::Vault;
use primitives::{BankCode, BenefitCode, Currency, DataSupplierId, ShiftRule, UnitCode};
use sqlx::PgConnection;

/// The parts of one version, each in the order it was recorded in.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) units: Vec<Unit>,
    pub(super) debtor_accounts: Vec<DebtorAccount>,
    pub(super) benefits: Vec<BenefitTerms>,
    pub(super) data_suppliers: Vec<DataSupplierId>,
}

type PartsByVersion = HashMap<i64, Parts>;

/// Records all parts of a version.
pub(super) async fn insert(
    connection: &mut PgConnection, vault: &Vault, version: i64, payer: &PayerProfile,
) -> Result<(), sqlx::Error> {
    insert_units(connection, version, &payer.units).await?;
    insert_debtor_accounts(connection, vault, version, &payer.debtor_accounts).await?;
    insert_benefits(connection, version, &payer.benefits).await?;
    insert_data_suppliers(connection, version, &payer.data_suppliers).await
}

/// The parts of the versions.
pub(super) async fn of_versions(connection: &mut PgConnection, vault: &Vault, versions: &[i64]) -> Result<PartsByVersion, Fault> {
    let mut parts = PartsByVersion::new();
    read_units(connection, versions, &mut parts).await?;
    read_debtor_accounts(connection, vault, versions, &mut parts).await?;
    read_benefits(connection, versions, &mut parts).await?;
    read_data_suppliers(connection, versions, &mut parts).await?;
    Ok(parts)
}

async fn insert_units(connection: &mut PgConnection, version: i64, units: &[Unit]) -> Result<(), sqlx::Error> {
    let codes: Vec<String> = units.iter().map(|unit| unit.code.to_string()).collect();
    let names: Vec<String> = units.iter().map(|unit| unit.name.clone()).collect();
    let done = sqlx::query!(
        "insert into parties.unit (version, ordinal, code, name)
         select $1, ordinal, code, name from unnest($2::text[], $3::text[]) with ordinality given (code, name, ordinal)",
        version,
        &codes,
        &names,
    )
    .execute(connection)
    .await?;
    expect_rows(done.rows_affected(), units.len(), "units")
}

async fn read_units(connection: &mut PgConnection, versions: &[i64], parts: &mut PartsByVersion) -> Result<(), Fault> {
    let rows =
        sqlx::query!("select version, code, name from parties.unit where version = any($1) order by version, ordinal", versions,)
            .fetch_all(connection)
            .await?;
    for row in rows {
        let unit = Unit { code: read_unit(&row.code)?, name: row.name };
        parts.entry(row.version).or_default().units.push(unit);
    }
    Ok(())
}

async fn insert_debtor_accounts(
    connection: &mut PgConnection, vault: &Vault, version: i64, debtors: &[DebtorAccount],
) -> Result<(), sqlx::Error> {
    let accounts: Vec<Vec<u8>> = debtors.iter().map(|debtor| vault.seal_account(&debtor.account)).collect();
    let banks: Vec<String> = debtors.iter().map(|debtor| debtor.bank.to_string()).collect();
    let currencies: Vec<String> = debtors.iter().map(|debtor| debtor.currency.code().to_owned()).collect();
    let units: Vec<Option<String>> = debtors.iter().map(|debtor| debtor.unit.map(|unit| unit.to_string())).collect();
    let done = sqlx::query!(
        "insert into parties.debtor_account (version, ordinal, account, bank, currency, unit)
         select $1, ordinal, account, bank, currency, unit
         from unnest($2::bytea[], $3::text[], $4::text[], $5::text[]) with ordinality given (account, bank, currency, unit, ordinal)",
        version,
        &accounts,
        &banks,
        &currencies,
        &units as _,
    )
    .execute(connection)
    .await?;
    expect_rows(done.rows_affected(), debtors.len(), "debtor accounts")
}

async fn read_debtor_accounts(
    connection: &mut PgConnection, vault: &Vault, versions: &[i64], parts: &mut PartsByVersion,
) -> Result<(), Fault> {
    let rows = sqlx::query!(
        "select version, account, bank, currency, unit from parties.debtor_account where version = any($1) order by version, ordinal",
        versions,
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        let debtor = DebtorAccount {
            account: vault.open_account(&row.account)?,
            bank: BankCode::parse(&row.bank).map_err(|_| Fault::Stored("bank code"))?,
            currency: Currency::parse(&row.currency).map_err(|_| Fault::Stored("currency"))?,
            unit: row.unit.as_deref().map(read_unit).transpose()?,
        };
        parts.entry(row.version).or_default().debtor_accounts.push(debtor);
    }
    Ok(())
}

async fn insert_benefits(connection: &mut PgConnection, version: i64, benefits: &[BenefitTerms]) -> Result<(), sqlx::Error> {
    let codes: Vec<String> = benefits.iter().map(|benefit| benefit.code.to_string()).collect();
    let names: Vec<String> = benefits.iter().map(|benefit| benefit.name.clone()).collect();
    let locked: Vec<bool> = benefits.iter().map(|benefit| benefit.locked).collect();
    let shifts: Vec<String> = benefits.iter().map(|benefit| benefit.shift.as_str().to_owned()).collect();
    let done = sqlx::query!(
        "insert into parties.benefit_terms (version, ordinal, code, name, locked, shift)
         select $1, ordinal, code, name, locked, shift
         from unnest($2::text[], $3::text[], $4::boolean[], $5::text[]) with ordinality given (code, name, locked, shift, ordinal)",
        version,
        &codes,
        &names,
        &locked,
        &shifts,
    )
    .execute(connection)
    .await?;
    expect_rows(done.rows_affected(), benefits.len(), "benefits")
}

async fn read_benefits(connection: &mut PgConnection, versions: &[i64], parts: &mut PartsByVersion) -> Result<(), Fault> {
    let rows = sqlx::query!(
        "select version, code, name, locked, shift from parties.benefit_terms where version = any($1) order by version, ordinal",
        versions,
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        let benefit = BenefitTerms {
            code: BenefitCode::parse(&row.code).map_err(|_| Fault::Stored("benefit"))?,
            name: row.name,
            locked: row.locked,
            shift: ShiftRule::parse(&row.shift).ok_or(Fault::Stored("shift rule"))?,
        };
        parts.entry(row.version).or_default().benefits.push(benefit);
    }
    Ok(())
}

async fn insert_data_suppliers(
    connection: &mut PgConnection, version: i64, suppliers: &[DataSupplierId],
) -> Result<(), sqlx::Error> {
    let ids: Vec<String> = suppliers.iter().map(ToString::to_string).collect();
    let done = sqlx::query!(
        "insert into parties.data_supplier (version, ordinal, supplier)
         select $1, ordinal, supplier from unnest($2::text[]) with ordinality given (supplier, ordinal)",
        version,
        &ids,
    )
    .execute(connection)
    .await?;
    expect_rows(done.rows_affected(), suppliers.len(), "data suppliers")
}

async fn read_data_suppliers(connection: &mut PgConnection, versions: &[i64], parts: &mut PartsByVersion) -> Result<(), Fault> {
    let rows = sqlx::query!(
        "select version, supplier from parties.data_supplier where version = any($1) order by version, ordinal",
        versions,
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        let supplier = DataSupplierId::parse(&row.supplier).map_err(|_| Fault::Stored("data supplier"))?;
        parts.entry(row.version).or_default().data_suppliers.push(supplier);
    }
    Ok(())
}

fn read_unit(code: &str) -> Result<UnitCode, Fault> {
    UnitCode::parse(code).map_err(|_| Fault::Stored("unit"))
}
