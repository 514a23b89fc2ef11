//! Find the accounts payees are to be paid on. The hot path of the whole system.

use contracts::register::{Resolution, ResolveAnswer, ResolveRequest, ResolvedAccount};
use contracts::{Context, Problem};
use jiff::Timestamp;
use platform::access_log::AccessRecord;
use platform::crash;
use primitives::{EntryRef, HolderRef};
use sqlx::PgConnection;

use crate::House;
use crate::day::check_day;
use crate::fault::{Fault, check_size};
use crate::rights::check_not_self_service;
use crate::store::projection::{self, FoundRow, PayeeColumns};
use crate::store::{access, head};
use crate::vault::Vault;

impl House {
    pub(crate) async fn resolve_all(&self, context: &Context, request: ResolveRequest) -> Result<ResolveAnswer, Problem> {
        check_size(request.payees.len())?;
        check_day(request.on, "on")?;
        check_not_self_service(context)?;
        let vault = self.vault.clone();
        let payees = seal_payees(&vault, &request);
        let subjects = subjects_of(&payees);
        let record = AccessRecord { at: self.clock.now(), context, operation: "resolve", subjects: &subjects };
        let found = self.database.transaction("register.resolve", async |mut tx| {
            let found = projection::resolve(&mut tx, &request, &payees).await?;
            let as_known = known_at(&mut tx, &found).await?;
            access::log(&mut tx, &record).await?;
            Ok::<_, Fault>((found, as_known))
        });
        let (found, as_known) = found.await?;
        crash::point("register.resolve.logged");
        let resolutions = found.into_iter().map(|row| resolution(&vault, row)).collect::<Result<_, Fault>>()?;
        Ok(ResolveAnswer { as_known, resolutions })
    }
}

fn seal_payees<'r>(vault: &Vault, request: &'r ResolveRequest) -> PayeeColumns<'r> {
    let mut columns = PayeeColumns::default();
    for payee in &request.payees {
        let number = vault.seal_number(&payee.identifier);
        let fallback = payee.fallback.as_ref().map(|fallback| vault.seal_number(fallback));
        columns.numbers.kinds.push(number.kind);
        columns.numbers.numbers.push(number.number);
        columns.benefits.push(payee.benefit.as_ref().map_or("", |benefit| benefit.as_str()));
        columns.fallback_kinds.push(fallback.as_ref().map(|number| number.kind));
        columns.fallback_numbers.push(fallback.map(|number| number.number));
    }
    columns
}

/// Everybody who may have been looked at: also a fallback number that was not needed.
fn subjects_of(payees: &PayeeColumns<'_>) -> Vec<u8> {
    let mut subjects = Vec::with_capacity(payees.numbers.numbers.len() * platform::access_log::SUBJECT_KEY_BYTES);
    for number in payees.numbers.numbers.iter().chain(payees.fallback_numbers.iter().flatten()) {
        platform::access_log::push_subject(&mut subjects, number);
    }
    subjects
}

/// Every row carries the state it was read from; without rows, the state is the latest.
async fn known_at(conn: &mut PgConnection, found: &[FoundRow]) -> Result<Timestamp, sqlx::Error> {
    match found.first() {
        Some(row) => Ok(row.as_known.to_jiff()),
        None => head::latest(conn).await,
    }
}

fn resolution(vault: &Vault, row: FoundRow) -> Result<Resolution, Fault> {
    let own = Hit { holder: row.holder, entry: row.entry, account: row.account, specific: row.specific };
    if own.holder.is_some() {
        return own.resolution(vault, false);
    }
    let fallback = Hit {
        holder: row.fallback_holder,
        entry: row.fallback_entry,
        account: row.fallback_account,
        specific: row.fallback_specific,
    };
    // The fallback counts only where it has an account: what else is wrong is told of the number that was given.
    if fallback.account.is_some() {
        return fallback.resolution(vault, true);
    }
    Ok(row.known.map_or(Resolution::Unknown, |holder| Resolution::NoAccount { holder: HolderRef(holder) }))
}

/// A row of the projection.
struct Hit {
    holder: Option<uuid::Uuid>,
    entry: Option<i64>,
    account: Option<Vec<u8>>,
    specific: Option<bool>,
}

impl Hit {
    fn resolution(self, vault: &Vault, by_fallback: bool) -> Result<Resolution, Fault> {
        match (self.holder, self.entry, self.account) {
            (Some(holder), Some(entry), Some(account)) => Ok(Resolution::Found(ResolvedAccount {
                holder: HolderRef(holder),
                entry: EntryRef(entry),
                account: vault.open_account(&account)?,
                specific: self.specific == Some(true),
                by_fallback,
            })),
            (Some(holder), None, None) => Ok(Resolution::Closed { holder: HolderRef(holder) }),
            _ => Err(Fault::Corrupt("projection")),
        }
    }
}
