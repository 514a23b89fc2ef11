//! `register.resolve_current`: what payments are resolved from.

use contracts::register::ResolveRequest;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::{EntryRef, HolderRef};
use sqlx::PgConnection;
use uuid::Uuid;

use super::entry::purpose_columns;
use crate::dossier::{Dossier, Step};
use crate::vault::{NumberColumns, SealedNumber};

/// What one number, or its fallback, was found to be.
pub(crate) struct FoundRow {
    /// The time of the latest change the statement saw.
    pub as_known: jiff_sqlx::Timestamp,
    /// The holder of the number given, if it is known.
    pub known: Option<Uuid>,
    /// The holder of the row found, if there is one.
    pub holder: Option<Uuid>,
    /// Without entry, the holder is end-marked or deleted.
    pub entry: Option<i64>,
    /// Sealed.
    pub account: Option<Vec<u8>>,
    /// Whether the row is of a specific account.
    pub specific: Option<bool>,
    /// The same of the fallback number, looked at only where the number given has no row.
    pub fallback_holder: Option<Uuid>,
    /// Entry of the fallback number.
    pub fallback_entry: Option<i64>,
    /// Sealed account of the fallback number.
    pub fallback_account: Option<Vec<u8>>,
    /// Whether the fallback's row is of a specific account.
    pub fallback_specific: Option<bool>,
}

/// The payees of a bulk lookup as columns.
#[derive(Debug, Default)]
pub(crate) struct PayeeColumns<'r> {
    /// The numbers given.
    pub numbers: NumberColumns,
    /// Benefits; empty for none.
    pub benefits: Vec<&'r str>,
    /// Kinds of the fallback numbers.
    pub fallback_kinds: Vec<Option<i16>>,
    /// Fallback numbers.
    pub fallback_numbers: Vec<Option<Vec<u8>>>,
}

/// Looks up all payees in one statement and so in one state of the register. Two index probes for a number without row, one for the others.
pub(crate) async fn resolve(
    conn: &mut PgConnection, request: &ResolveRequest, payees: &PayeeColumns<'_>,
) -> Result<Vec<FoundRow>, sqlx::Error> {
    sqlx::query_as!(
        FoundRow,
        r#"select (select h.recorded_at from register.head h) as "as_known!",
                  coalesce(found.holder_ref, known.holder_ref) as "known?",
                  found.holder_ref as "holder?", found.entry_id as "entry?", found.account as "account?", found.payer <> '' as "specific?",
                  fallback.holder_ref as "fallback_holder?", fallback.entry_id as "fallback_entry?",
                  fallback.account as "fallback_account?", fallback.payer <> '' as "fallback_specific?"
           from unnest($3::smallint[], $4::bytea[], $5::text[], $6::smallint[], $7::bytea[])
               with ordinality as asked (kind, number, benefit, fallback_kind, fallback_number, place)
           left join lateral (
               select c.holder_ref, c.entry_id, c.account, c.payer from register.resolve_current c
               where c.kind = asked.kind and c.number = asked.number
                 and (c.payer = '' or (c.payer = $1 and c.benefit = asked.benefit))
                 and c.valid_from <= $2 and (c.valid_until is null or c.valid_until > $2)
               order by c.payer desc limit 1
           ) found on true
           left join lateral (
               select i.holder_ref from register.identifier i
               where found.holder_ref is null and i.kind = asked.kind and i.number = asked.number and i.unlinked_at is null limit 1
           ) known on true
           left join lateral (
               select c.holder_ref, c.entry_id, c.account, c.payer from register.resolve_current c
               where found.holder_ref is null and asked.fallback_number is not null
                 and c.kind = asked.fallback_kind and c.number = asked.fallback_number
                 and (c.payer = '' or (c.payer = $1 and c.benefit = asked.benefit))
                 and c.valid_from <= $2 and (c.valid_until is null or c.valid_until > $2)
               order by c.payer desc limit 1
           ) fallback on true
           order by asked.place"#,
        request.payer.digits(),
        request.on.to_sqlx() as _,
        &payees.numbers.kinds,
        &payees.numbers.numbers,
        &payees.benefits as _,
        &payees.fallback_kinds as _,
        &payees.fallback_numbers as _,
    )
    .fetch_all(conn)
    .await
}

/// The columns of new rows.
#[derive(Default)]
struct Columns<'s> {
    kinds: Vec<i16>,
    numbers: Vec<&'s [u8]>,
    payers: Vec<&'s str>,
    benefits: Vec<&'s str>,
    valid_from: Vec<Option<jiff_sqlx::Date>>,
    valid_until: Vec<Option<jiff_sqlx::Date>>,
    holders: Vec<Uuid>,
    entries: Vec<Option<i64>>,
    accounts: Vec<Option<&'s [u8]>>,
}

impl<'s> Columns<'s> {
    fn push(&mut self, holder: HolderRef, number: &'s SealedNumber, step: &'s Step) {
        let (payer, benefit) = purpose_columns(&step.purpose);
        self.kinds.push(number.kind);
        self.numbers.push(&number.number);
        self.payers.push(payer);
        self.benefits.push(benefit);
        self.valid_from.push(step.valid.from.map(ToSqlx::to_sqlx));
        self.valid_until.push(step.valid.until.map(ToSqlx::to_sqlx));
        self.holders.push(holder.get());
        self.entries.push(step.paid_on.as_ref().map(|(entry, _): &(EntryRef, _)| entry.get()));
        self.accounts.push(step.paid_on.as_ref().map(|(_, account)| &account[..]));
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
    sqlx::query!(
        "delete from register.resolve_current c using unnest($1::smallint[], $2::bytea[]) as gone (kind, number)
         where c.kind = gone.kind and c.number = gone.number",
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
            steps.iter().for_each(|step| columns.push(dossier.holder, number, step));
        }
    }
    let rows = columns.kinds.len();
    if rows == 0 {
        return Ok(());
    }
    let done = sqlx::query!(
        "insert into register.resolve_current (kind, number, payer, benefit, valid_from, valid_until, holder_ref, entry_id, account)
         select kind, number, payer, benefit, coalesce(valid_from, '-infinity'), valid_until, holder_ref, entry_id, account
         from unnest($1::smallint[], $2::bytea[], $3::text[], $4::text[], $5::date[], $6::date[], $7::uuid[], $8::bigint[], $9::bytea[])
             as step (kind, number, payer, benefit, valid_from, valid_until, holder_ref, entry_id, account)",
        &columns.kinds,
        &columns.numbers as _,
        &columns.payers as _,
        &columns.benefits as _,
        &columns.valid_from as _,
        &columns.valid_until as _,
        &columns.holders,
        &columns.entries as _,
        &columns.accounts as _,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), rows, "project entries")
}
