//! Accounts reported by banks: the last valid report wins, in whatever order they come, and each gets its receipt.

use std::collections::HashMap;

use contracts::register::{AccountPurpose, BankOutcome, BankReceipt, BankReport, Designation, DesignationRoute};
use contracts::{Actor, Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::Timestamp;
use primitives::{EntryRef, HolderRef, copenhagen_date};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::House;
use crate::batch::Batch;
use crate::changes::Change;
use crate::designate::{Prepared, item_result, prepare};
use crate::fault::{Fault, check_size, check_text, forbidden};
use crate::keyed::{KeyedCall, Opened};
use crate::store::bank_report::{self, Kept, ReportId};
use crate::store::{head, last_word};
use crate::vault::Vault;

/// Documented with what a report changes.
const REASON: &str = "Reported by the bank";
/// Longest number of a report, in characters.
const REPORT_LIMIT: usize = 35;

/// A report with the designation it asks for.
struct Filed<'f> {
    report: &'f BankReport,
    wish: Prepared<'f>,
}

/// Reports under way.
struct Desk<'d> {
    context: &'d Context,
    batch: Batch<'d>,
    /// When each holder has said last where its NemKonto is.
    latest: HashMap<HolderRef, Timestamp>,
    known: HashMap<ReportId, Kept>,
    kept: Vec<Kept>,
}

impl House {
    pub(crate) async fn report_all_accounts(
        &self, context: &Context, key: &IdempotencyKey, reports: Vec<BankReport>,
    ) -> Result<Vec<ItemResult<BankReceipt>>, Problem> {
        check_size(reports.len())?;
        let call = KeyedCall::new(self, context, "report-accounts", key, &reports)?;
        let vault = self.vault.clone();
        let now = self.clock.now();
        let wishes: Vec<ItemResult<Designation>> = reports.iter().map(|report| wish(context, report, now)).collect();
        let filed = |(report, wish)| file(context, &vault, report, wish);
        let filed: Vec<ItemResult<Filed<'_>>> = reports.iter().zip(&wishes).map(filed).collect();
        let answer = self.database.transaction("register.report_accounts", async |mut tx| {
            let at = match call.open(&mut tx, now).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let (receipts, changes) = self.report_filed(&mut tx, (&vault, context), &filed, at).await?;
            self.log_changes(&mut tx, context, "report-accounts", at, changes).await?;
            call.close(&mut tx, receipts).await
        });
        Ok(answer.await?)
    }

    async fn report_filed(
        &self, conn: &mut PgConnection, (vault, context): (&Vault, &Context), filed: &[ItemResult<Filed<'_>>], at: Timestamp,
    ) -> Result<(Vec<ItemResult<BankReceipt>>, Vec<Change>), Fault> {
        let mut batch = Batch::load(conn, vault, context, at, filed.iter().flatten().map(|filed| &filed.wish.number)).await?;
        let accounts: Vec<&[u8]> = filed.iter().flatten().map(|filed| &filed.wish.account[..]).collect();
        self.look_for_sharing(conn, &mut batch, &accounts).await?;
        let holders: Vec<Uuid> = batch.holders().into_iter().map(HolderRef::get).collect();
        let latest = last_word::of(conn, &holders).await?;
        let reports: Vec<&BankReport> = filed.iter().flatten().map(|filed| filed.report).collect();
        let known = bank_report::known(conn, &reports).await?;
        let filed: Vec<ItemResult<(HolderRef, &Filed<'_>)>> = filed
            .iter()
            .map(|filed| {
                let filed = filed.as_ref().map_err(Clone::clone)?;
                Ok((batch.next_holder()?, filed))
            })
            .collect();
        let last = last_of_each(&filed);
        let mut desk = Desk { context, batch, latest, known, kept: Vec::new() };
        let mut entries = head::take_entries(conn, filed.len()).await?;
        let mut receipts = Vec::with_capacity(filed.len());
        for (place, filed) in filed.into_iter().enumerate() {
            let entry = entries.next().ok_or(Fault::Corrupt("entry numbers"))?;
            receipts.push(match filed {
                Ok((holder, filed)) => {
                    let is_last = last.get(&holder) == Some(&place);
                    item_result(self.report_one(&mut desk, holder, filed, is_last, entry))?
                }
                Err(problem) => Err(problem),
            });
        }
        bank_report::insert(conn, &desk.kept, at).await?;
        Ok((receipts, desk.batch.write(conn).await?))
    }

    fn report_one(
        &self, desk: &mut Desk<'_>, holder: HolderRef, filed: &Filed<'_>, is_last: bool, entry: EntryRef,
    ) -> Result<BankReceipt, Fault> {
        let report = filed.report;
        let id = (report.bank, report.report.clone());
        if let Some(before) = desk.known.get(&id) {
            return Ok(before.receipt_of_repeated(report, (holder, &filed.wish.number), &filed.wish.account)?);
        }
        let is_overtaken = !is_last || desk.has_said_more(holder, report)?;
        let outcome = if is_overtaken {
            BankOutcome::Overtaken
        } else {
            desk.batch.signed.insert(holder, report.signed_at);
            let made = self.designate_for(&mut desk.batch, (desk.context, &filed.wish), holder, entry)?;
            let effective_from = made.effective_from.ok_or(Fault::Corrupt("report without effect"))?;
            desk.latest.insert(holder, report.signed_at);
            BankOutcome::InForce { entry, effective_from }
        };
        let (number, account) = (Some(filed.wish.number.clone()), filed.wish.account.clone());
        let kept = Kept { id: id.clone(), holder, number, signed_at: report.signed_at, account, outcome };
        let receipt = kept.receipt();
        desk.known.insert(id, kept.clone());
        desk.kept.push(kept);
        Ok(receipt)
    }
}

impl Desk<'_> {
    /// Whether the holder has said later than in the report where its NemKonto is, or that there is none. What was taken over from the old system
    /// was said there at the latest on its first day.
    fn has_said_more(&mut self, holder: HolderRef, report: &BankReport) -> Result<bool, Problem> {
        let today = self.batch.today;
        let (dossier, _) = self.batch.open(holder)?;
        let current = dossier.current(&AccountPurpose::NemKonto, today);
        let taken_over = current.filter(|entry| entry.route == DesignationRoute::Migration);
        let since = taken_over.and_then(|entry| Some(entry.valid.from?.min(copenhagen_date(entry.recorded_from))));
        let said_later = self.latest.get(&holder).is_some_and(|said| *said > report.signed_at);
        Ok(said_later || since > Some(copenhagen_date(report.signed_at)))
    }
}

/// Of the reports of one call about a holder, the one that was signed last; of two at the same moment, the later in the call.
fn last_of_each(filed: &[ItemResult<(HolderRef, &Filed<'_>)>]) -> HashMap<HolderRef, usize> {
    let mut last: HashMap<HolderRef, (Timestamp, usize)> = HashMap::new();
    for (place, filed) in filed.iter().enumerate() {
        let Ok((holder, filed)) = filed else { continue };
        let this = (filed.report.signed_at, place);
        last.entry(*holder).and_modify(|known| *known = this.max(*known)).or_insert(this);
    }
    last.into_iter().map(|(holder, (_, place))| (holder, place)).collect()
}

/// The designation a report asks for.
fn wish(context: &Context, report: &BankReport, now: Timestamp) -> ItemResult<Designation> {
    check_text(&report.report, REPORT_LIMIT, "report")?;
    if let Actor::Bank { code } = &context.actor
        && *code != report.bank
    {
        return Err(forbidden("En bank indberetter kun for sig selv.", "A bank reports for itself only.").in_field("bank"));
    }
    if report.signed_at > now {
        return Err(Problem::new(
            ProblemCode::InvalidInput,
            "Anvisningen kan ikke være fra fremtiden.",
            "The designation cannot be of the future.",
        )
        .in_field("signed_at"));
    }
    Ok(Designation {
        identifier: report.identifier.clone(),
        purpose: AccountPurpose::NemKonto,
        account: report.account.clone(),
        valid_from: copenhagen_date(now),
        route: DesignationRoute::Bank { bank: report.bank },
        expected: None,
        reason: REASON.to_owned(),
    })
}

fn file<'f>(
    context: &Context, vault: &Vault, report: &'f BankReport, wish: &'f ItemResult<Designation>,
) -> ItemResult<Filed<'f>> {
    let wish = wish.as_ref().map_err(Clone::clone)?;
    Ok(Filed { report, wish: prepare(context, vault, wish)? })
}
