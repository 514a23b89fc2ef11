//! `register.bank_report`: accounts reported by banks.

use std::collections::HashMap;

use contracts::register::{BankOutcome, BankReceipt, BankReport};
use contracts::{Problem, ProblemCode};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::{BankCode, EntryRef, HolderRef};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::fault::Fault;
use crate::vault::SealedNumber;

/// A report by its bank and that bank's number.
pub(crate) type ReportId = (BankCode, String);

/// A report as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub id: ReportId,
    /// Whose account it became.
    pub holder: HolderRef,
    /// The number it was about; reports of before this was kept have none.
    pub number: Option<SealedNumber>,
    pub signed_at: Timestamp,
    /// Sealed.
    pub account: Vec<u8>,
    pub outcome: BankOutcome,
}

impl Kept {
    pub(crate) fn receipt(&self) -> BankReceipt {
        BankReceipt { report: self.id.1.clone(), holder: self.holder, outcome: self.outcome }
    }

    /// The first receipt again, if the report is the same: about the same number, for whoever it is now.
    pub(crate) fn receipt_of_repeated(
        &self, report: &BankReport, (holder, number): (HolderRef, &SealedNumber), account: &[u8],
    ) -> Result<BankReceipt, Problem> {
        let same_payee = self.number.as_ref().map_or(self.holder == holder, |before| before == number);
        // The database keeps microseconds.
        let same_time = self.signed_at.as_microsecond() == report.signed_at.as_microsecond();
        if same_payee && same_time && self.account == account {
            return Ok(self.receipt());
        }
        Err(Problem::new(
            ProblemCode::Conflict,
            "Banken har allerede indberettet noget andet under det nummer.",
            "The bank has already reported something else under that number.",
        )
        .in_field("report"))
    }
}

/// Those of the reports that came before.
pub(crate) async fn known(conn: &mut PgConnection, reports: &[&BankReport]) -> Result<HashMap<ReportId, Kept>, Fault> {
    let banks: Vec<&str> = reports.iter().map(|report| report.bank.as_str()).collect();
    let numbers: Vec<&str> = reports.iter().map(|report| &report.report[..]).collect();
    let rows = sqlx::query!(
        "select r.bank, r.report, r.holder_ref, r.kind, r.number, r.signed_at, r.account, r.entry_id, r.effective_from
         from register.bank_report r join unnest($1::text[], $2::text[]) as told (bank, report)
           on r.bank = told.bank and r.report = told.report",
        &banks as _,
        &numbers as _,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let id = (BankCode::parse(&row.bank).map_err(|_| Fault::Corrupt("bank"))?, row.report);
            let outcome = match (row.entry_id, row.effective_from) {
                (Some(entry), Some(day)) => BankOutcome::InForce { entry: EntryRef(entry), effective_from: day.to_jiff() },
                _ => BankOutcome::Overtaken,
            };
            let holder = HolderRef(row.holder_ref);
            let number = row.kind.zip(row.number).map(|(kind, number)| SealedNumber { kind, number });
            Ok((id.clone(), Kept { id, holder, number, signed_at: row.signed_at.to_jiff(), account: row.account, outcome }))
        })
        .collect()
}

/// Keeps reports.
pub(crate) async fn insert(conn: &mut PgConnection, kept: &[Kept], at: Timestamp) -> Result<(), sqlx::Error> {
    let banks: Vec<&str> = kept.iter().map(|kept| kept.id.0.as_str()).collect();
    let numbers: Vec<&str> = kept.iter().map(|kept| &kept.id.1[..]).collect();
    let holders: Vec<Uuid> = kept.iter().map(|kept| kept.holder.get()).collect();
    let signed: Vec<jiff_sqlx::Timestamp> = kept.iter().map(|kept| kept.signed_at.to_sqlx()).collect();
    let accounts: Vec<&[u8]> = kept.iter().map(|kept| &kept.account[..]).collect();
    let effects = kept.iter().map(|kept| match kept.outcome {
        BankOutcome::InForce { entry, effective_from } => (Some(entry.get()), Some(effective_from.to_sqlx())),
        BankOutcome::Overtaken => (None, None),
    });
    let kinds: Vec<Option<i16>> = kept.iter().map(|kept| kept.number.as_ref().map(|number| number.kind)).collect();
    let payees: Vec<Option<&[u8]>> = kept.iter().map(|kept| kept.number.as_ref().map(|number| &number.number[..])).collect();
    let (entries, days): (Vec<Option<i64>>, Vec<Option<jiff_sqlx::Date>>) = effects.unzip();
    let done = sqlx::query!(
        "insert into register.bank_report (bank, report, holder_ref, signed_at, account, entry_id, effective_from, kind, number, recorded_at)
         select told.*, $10::timestamptz
         from unnest($1::text[], $2::text[], $3::uuid[], $4::timestamptz[], $5::bytea[], $6::bigint[], $7::date[], $8::smallint[],
                     $9::bytea[]) as told",
        &banks as _,
        &numbers as _,
        &holders,
        &signed,
        &accounts as _,
        &entries as _,
        &days as _,
        &kinds as _,
        &payees as _,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), kept.len(), "keep reports of banks")
}
