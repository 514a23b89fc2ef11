//! Find the accounts payees are to be paid on. The hot path of the whole system.

use contracts::register::{PayeeQuery, Resolution, ResolveAnswer, ResolveRequest, ResolvedAccount};
use contracts::{Context, Problem};
use platform::access_log::{AccessRecord, push_subject};
use platform::crash;
use platform::seal::index_key;
use primitives::{BenefitCode, EntryRef, HolderRef};
use sqlx::PgConnection;

use crate::House;
use crate::day::check_day;
use crate::fault::{Fault, check_size};
use crate::rights::check_not_self_service;
use crate::store::identifier::holders_of;
use crate::store::projection::{self, CurrentRow};
use crate::store::{access, head};
use crate::vault::{NumberColumns, SealedNumber, Vault};

/// A payee's numbers as they stand in the database.
struct Asked<'r> {
    own: SealedNumber,
    fallback: Option<SealedNumber>,
    benefit: &'r str,
}

impl House {
    pub(crate) async fn resolve_all(&self, context: &Context, request: ResolveRequest) -> Result<ResolveAnswer, Problem> {
        check_size(request.payees.len())?;
        check_day(request.on, "on")?;
        check_not_self_service(context)?;
        let vault = self.vault.clone();
        let asked: Vec<Asked<'_>> = request.payees.iter().map(|payee| seal(&vault, payee)).collect();
        let keys = keys_of(&asked);
        let subjects = subjects_of(&asked);
        let record = AccessRecord { at: self.clock.now(), context, operation: "resolve", subjects: &subjects };
        // One state of the register: what is found, who is known, and the time it was known at.
        let answer = self.database.snapshot("register.resolve", async |mut tx| {
            let rows = Rows::new(projection::in_force(&mut tx, request.payer, request.on, &keys).await?);
            let known = known(&mut tx, &rows, &asked).await?;
            let as_known = head::latest(&mut tx).await?;
            access::log(&mut tx, &record).await?;
            Ok::<_, Fault>((rows, known, as_known))
        });
        let (rows, known, as_known) = answer.await?;
        crash::point("register.resolve.logged");
        let mut answer = ResolveAnswer { as_known, resolutions: Vec::with_capacity(asked.len()), replaced: Vec::new() };
        for (place, (asked, known)) in (0..).zip(asked.iter().zip(known)) {
            let row = rows.of(asked);
            if row.is_some_and(|row| row.is_replaced && row.account.is_some()) {
                answer.replaced.push(place);
            }
            answer.resolutions.push(resolution(&vault, asked, row, known)?);
        }
        Ok(answer)
    }
}

fn seal<'r>(vault: &Vault, payee: &'r PayeeQuery) -> Asked<'r> {
    Asked {
        own: vault.seal_number(&payee.identifier),
        fallback: payee.fallback.as_ref().map(|number| vault.seal_number(number)),
        benefit: payee.benefit.as_ref().map_or("", BenefitCode::as_str),
    }
}

/// The index keys of all numbers, each once, in the order of the index.
fn keys_of(asked: &[Asked<'_>]) -> Vec<i64> {
    let numbers = asked.iter().flat_map(|asked| std::iter::once(&asked.own).chain(&asked.fallback));
    let mut keys: Vec<i64> = numbers.map(|number| index_key(&number.number)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Everybody who may have been looked at: also a fallback number that was not needed.
fn subjects_of(asked: &[Asked<'_>]) -> Vec<u8> {
    let mut subjects = Vec::with_capacity(asked.len() * platform::access_log::SUBJECT_KEY_BYTES);
    let fallbacks = asked.iter().filter_map(|asked| asked.fallback.as_ref());
    for number in asked.iter().map(|asked| &asked.own).chain(fallbacks) {
        push_subject(&mut subjects, &number.number);
    }
    subjects
}

/// The rows in force, in the order of their keys. The keys stand by themselves too: a search among them stays in the processor's cache.
struct Rows {
    keys: Vec<i64>,
    rows: Vec<CurrentRow>,
}

impl Rows {
    fn new(mut rows: Vec<CurrentRow>) -> Self {
        rows.sort_unstable_by_key(|row| row.number_key);
        Self { keys: rows.iter().map(|row| row.number_key).collect(), rows }
    }

    /// The row the payee is paid by: the own number's, and where that has none, the fallback's, if it has an account. What else is wrong is
    /// told of the number that was given.
    fn of(&self, asked: &Asked<'_>) -> Option<&CurrentRow> {
        let fallback = || self.of_number(asked.fallback.as_ref()?, asked.benefit).filter(|row| row.account.is_some());
        self.of_number(&asked.own, asked.benefit).or_else(fallback)
    }

    /// A specific account of the benefit comes before the NemKonto.
    fn of_number(&self, number: &SealedNumber, benefit: &str) -> Option<&CurrentRow> {
        let key = index_key(&number.number);
        let first = self.keys.partition_point(|known| *known < key);
        let same = self.rows[first..].iter().take_while(|row| row.number_key == key);
        same.filter(|row| row.kind == number.kind && row.number == number.number)
            .filter(|row| row.payer.is_empty() || row.benefit == benefit)
            .max_by_key(|row| !row.payer.is_empty())
    }
}

/// For each payee that nothing was found for: the holder of the number, if it is known at all.
async fn known(conn: &mut PgConnection, rows: &Rows, asked: &[Asked<'_>]) -> Result<Vec<Option<HolderRef>>, sqlx::Error> {
    let mut known = vec![None; asked.len()];
    let missing: Vec<usize> = (0..asked.len()).filter(|place| rows.of(&asked[*place]).is_none()).collect();
    if missing.is_empty() {
        return Ok(known);
    }
    let numbers: NumberColumns = missing.iter().map(|place| &asked[*place].own).collect();
    for (place, holder) in missing.iter().zip(holders_of(conn, &numbers).await?) {
        known[*place] = holder;
    }
    Ok(known)
}

fn resolution(vault: &Vault, asked: &Asked<'_>, row: Option<&CurrentRow>, known: Option<HolderRef>) -> Result<Resolution, Fault> {
    let Some(row) = row else {
        return Ok(known.map_or(Resolution::Unknown, |holder| Resolution::NoAccount { holder }));
    };
    match (row.entry, &row.account) {
        (Some(entry), Some(account)) => Ok(Resolution::Found(ResolvedAccount {
            holder: HolderRef(row.holder),
            entry: EntryRef(entry),
            account: vault.open_account(account)?,
            specific: !row.payer.is_empty(),
            by_fallback: row.number != asked.own.number,
        })),
        (None, None) => Ok(Resolution::Closed { holder: HolderRef(row.holder) }),
        _ => Err(Fault::Corrupt("projection")),
    }
}
