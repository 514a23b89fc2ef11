//! `register.resolve_current`: what payments are resolved from.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::seal::index_key;
use primitives::{AgreementNumber, EntryRef, HolderRef};
use sqlx::PgConnection;
use uuid::Uuid;

use super::entry::purpose_columns;
use crate::dossier::{Dossier, Step};
use crate::vault::{NumberColumns, SealedNumber};

/// A row in force on the day asked about.
#[derive(Clone, Debug)]
pub(crate) struct CurrentRow {
    /// Index key of the number.
    pub number_key: i64,
    /// Kind of the number.
    pub kind: i16,
    /// Sealed number.
    pub number: Vec<u8>,
    /// Agreement number of the payer of a specific account; empty for the NemKonto.
    pub payer: String,
    /// Benefit of a specific account; empty for the NemKonto.
    pub benefit: String,
    /// Whose number it is.
    pub holder: Uuid,
    /// Without entry, the holder is end-marked or deleted.
    pub entry: Option<i64>,
    /// Sealed.
    pub account: Option<Vec<u8>>,
    /// Whether the holder has a newer number.
    pub is_replaced: bool,
}

/// The rows in force on day `on` for any of the numbers' keys: of the NemKonto, and of specific accounts of `payer`.
pub(crate) async fn in_force(
    conn: &mut PgConnection, payer: AgreementNumber, on: Date, keys: &[i64],
) -> Result<Vec<CurrentRow>, sqlx::Error> {
    sqlx::query_as!(
        CurrentRow,
        "select number_key, kind, number, payer, benefit, holder_ref as holder, entry_id as entry, account, is_replaced
         from register.resolve_current
         where number_key = any($1::bigint[]) and (payer = '' or payer = $2)
           and valid_from <= $3 and (valid_until is null or valid_until > $3)",
        keys,
        payer.digits(),
        on.to_sqlx() as _,
    )
    .fetch_all(conn)
    .await
}

/// The columns of new rows.
#[derive(Default)]
struct Columns<'s> {
    keys: Vec<i64>,
    kinds: Vec<i16>,
    numbers: Vec<&'s [u8]>,
    payers: Vec<&'s str>,
    benefits: Vec<&'s str>,
    valid_from: Vec<Option<jiff_sqlx::Date>>,
    valid_until: Vec<Option<jiff_sqlx::Date>>,
    holders: Vec<Uuid>,
    entries: Vec<Option<i64>>,
    accounts: Vec<Option<&'s [u8]>>,
    replaced: Vec<bool>,
}

impl<'s> Columns<'s> {
    fn push(&mut self, holder: HolderRef, (number, is_replaced): (&'s SealedNumber, bool), step: &'s Step) {
        let (payer, benefit) = purpose_columns(&step.purpose);
        self.keys.push(index_key(&number.number));
        self.kinds.push(number.kind);
        self.numbers.push(&number.number);
        self.payers.push(payer);
        self.benefits.push(benefit);
        self.valid_from.push(step.valid.from.map(ToSqlx::to_sqlx));
        self.valid_until.push(step.valid.until.map(ToSqlx::to_sqlx));
        self.holders.push(holder.get());
        self.entries.push(step.paid_on.as_ref().map(|(entry, _): &(EntryRef, _)| entry.get()));
        self.accounts.push(step.paid_on.as_ref().map(|(_, account)| &account[..]));
        self.replaced.push(is_replaced);
    }
}

/// Takes the rows of numbers away.
pub(crate) async fn clear<'n>(
    conn: &mut PgConnection, numbers: impl IntoIterator<Item = &'n SealedNumber>,
) -> Result<(), sqlx::Error> {
    let columns: NumberColumns = numbers.into_iter().collect();
    if columns.kinds.is_empty() {
        return Ok(());
    }
    let keys: Vec<i64> = columns.numbers.iter().map(|number| index_key(number)).collect();
    sqlx::query!(
        "delete from register.resolve_current c using unnest($1::bigint[], $2::smallint[], $3::bytea[]) as gone (number_key, kind, number)
         where c.number_key = gone.number_key and c.kind = gone.kind and c.number = gone.number",
        &keys,
        &columns.kinds,
        &columns.numbers,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes the rows of dossiers, after [`clear`].
pub(crate) async fn write(conn: &mut PgConnection, dossiers: &[&Dossier]) -> Result<(), sqlx::Error> {
    let steps: Vec<(&Dossier, Vec<Step>)> = dossiers.iter().map(|dossier| (*dossier, dossier.steps())).collect();
    let mut columns = Columns::default();
    for (dossier, steps) in &steps {
        for number in &dossier.numbers {
            let is_replaced = dossier.is_replaced(number);
            steps.iter().for_each(|step| columns.push(dossier.holder, (number, is_replaced), step));
        }
    }
    let rows = columns.kinds.len();
    if rows == 0 {
        return Ok(());
    }
    let done = sqlx::query!(
        "insert into register.resolve_current
             (number_key, kind, number, payer, benefit, valid_from, valid_until, holder_ref, entry_id, account,
              is_replaced)
         select number_key, kind, number, payer, benefit, coalesce(valid_from, '-infinity'), valid_until, holder_ref, entry_id, account,
                is_replaced
         from unnest($1::bigint[], $2::smallint[], $3::bytea[], $4::text[], $5::text[], $6::date[], $7::date[], $8::uuid[], $9::bigint[],
                     $10::bytea[], $11::bool[])
             as step (number_key, kind, number, payer, benefit, valid_from, valid_until, holder_ref, entry_id, account, is_replaced)",
        &columns.keys,
        &columns.kinds,
        &columns.numbers as _,
        &columns.payers as _,
        &columns.benefits as _,
        &columns.valid_from as _,
        &columns.valid_until as _,
        &columns.holders,
        &columns.entries as _,
        &columns.accounts as _,
        &columns.replaced,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), rows, "project entries")
}
