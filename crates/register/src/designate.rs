//! Designate accounts (anvisning).

use contracts::register::{Designation, DesignationReceipt, DesignationRoute, EntryState};
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use primitives::{EntryRef, HolderRef, copenhagen, copenhagen_date};
use sqlx::PgConnection;

use crate::House;
use crate::batch::Batch;
use crate::changes::Change;
use crate::day::check_day;
use crate::entry::{Entry, State};
use crate::estate::{check_document, is_estate};
use crate::fault::{Fault, changed_since, check_size, check_text};
use crate::keyed::{KeyedCall, Opened};
use crate::notice::{Kind, Note};
use crate::rights::{check_age, check_creation, check_designation};
use crate::span::Span;
use crate::specific::check_lock;
use crate::store::circumstance::Standing;
use crate::store::head;
use crate::store::letter::Letter;
use crate::vault::{SealedNumber, Vault};

/// Longest reason, in characters.
pub(crate) const REASON_LIMIT: usize = 200;

/// An item that keeps the rules, with its personal values sealed.
pub(crate) struct Prepared<'i> {
    pub item: &'i Designation,
    pub number: SealedNumber,
    pub account: Vec<u8>,
    pub reason: Vec<u8>,
}

impl House {
    pub(crate) async fn designate_all(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Designation>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem> {
        check_size(items.len())?;
        let call = KeyedCall::new(self, context, "designate", key, &items)?;
        let vault = self.vault.clone();
        let prepared: Vec<ItemResult<Prepared<'_>>> = items.iter().map(|item| prepare(context, &vault, item)).collect();
        let answer = self.database.transaction("register.designate", async |mut tx| {
            let at = match call.open(&mut tx, self.clock.now()).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let (receipts, changes) = self.designate_prepared(&mut tx, &vault, context, &prepared, at).await?;
            self.log_changes(&mut tx, context, "designate", at, changes).await?;
            call.close(&mut tx, receipts).await
        });
        Ok(answer.await?)
    }

    async fn designate_prepared(
        &self, conn: &mut PgConnection, vault: &Vault, context: &Context, prepared: &[ItemResult<Prepared<'_>>], at: Timestamp,
    ) -> Result<(Vec<ItemResult<DesignationReceipt>>, Vec<Change>), Fault> {
        let numbers = prepared.iter().flatten().map(|item| &item.number);
        let mut batch = Batch::load(conn, vault, context, at, numbers).await?;
        let new: Vec<&[u8]> =
            prepared.iter().flatten().filter(|item| is_at_once(item.item)).map(|item| &item.account[..]).collect();
        self.look_for_sharing(conn, &mut batch, &new).await?;
        let mut entries = head::take_entries(conn, prepared.len()).await?;
        let mut receipts = Vec::with_capacity(prepared.len());
        for prepared in prepared {
            let entry = entries.next().ok_or(Fault::Corrupt("entry numbers"))?;
            let receipt = match prepared {
                Ok(item) => self.designate_one(&mut batch, (context, item), entry),
                Err(problem) => Err(problem.clone().into()),
            };
            receipts.push(item_result(receipt)?);
        }
        Ok((receipts, batch.write(conn).await?))
    }

    fn designate_one(
        &self, batch: &mut Batch<'_>, (context, prepared): (&Context, &Prepared<'_>), entry: EntryRef,
    ) -> Result<DesignationReceipt, Fault> {
        let holder = batch.next_holder_by(&prepared.item.route)?;
        self.designate_for(batch, (context, prepared), holder, entry)
    }

    /// Designates for a holder the caller may act for.
    pub(crate) fn designate_for(
        &self, batch: &mut Batch<'_>, (context, prepared): (&Context, &Prepared<'_>), holder: HolderRef, entry: EntryRef,
    ) -> Result<DesignationReceipt, Fault> {
        let item = prepared.item;
        self.check_against_dossier(batch, context, item, holder)?;
        batch.claim(holder, &item.purpose)?;
        let mut new = self.new_entry(batch, prepared, holder, entry)?;
        // What waits for a code is looked at when the code comes.
        if let (true, Some(day)) = (is_at_once(item), new.valid.from) {
            let mut evidence = self.evidence(batch, holder, &item.account, &prepared.account, 0);
            evidence.is_estate = is_estate(&item.route);
            new.valid = Span::starting(self.hold_back(batch, holder, entry, day, evidence));
        }
        let stamp = batch.stamp(prepared.reason.clone());
        let said = batch.said_at(holder);
        let (dossier, changes) = batch.open(holder)?;
        dossier.withdraw_pending_of(&item.purpose, said, &stamp, changes);
        let (state, effective_from) = match (new.state, new.valid.from) {
            (State::Active, Some(day)) => {
                dossier.end_from(&item.purpose, day, &stamp, changes);
                (EntryState::Active, Some(day))
            }
            _ => (EntryState::Pending, None),
        };
        dossier.add(new, changes);
        match effective_from {
            Some(day) => batch.tell_designated(holder, &item.purpose, entry, day)?,
            None => batch.letters.push(Letter { holder, entry, expires_at: self.letter_expiry(batch.at) }),
        }
        self.note(batch, holder, item, effective_from);
        Ok(DesignationReceipt { entry, holder, state, effective_from })
    }

    fn check_against_dossier(
        &self, batch: &mut Batch<'_>, context: &Context, item: &Designation, holder: HolderRef,
    ) -> Result<(), Problem> {
        let today = batch.today;
        if let DesignationRoute::Estate { document } = &item.route {
            check_document(document, batch.standing(holder).and_then(|standing| standing.died), today)?;
        }
        let needs_letter = !is_at_once(item) && item.route != DesignationRoute::Migration;
        if needs_letter && batch.standing(holder).is_some_and(Standing::is_over) {
            return Err(no_letter());
        }
        let (dossier, _) = batch.open(holder)?;
        if !dossier.is_payable(today) {
            return Err(closed_holder());
        }
        check_age(context, &item.route, dossier.latest_facts().and_then(|facts| facts.born), today)?;
        let current = dossier.current(&item.purpose, today).map(|entry| entry.entry);
        if item.expected.is_some() && item.expected != current {
            return Err(changed_since(current));
        }
        let has_current = current.is_some();
        check_lock(context, &batch.rules, &item.purpose, today)?;
        check_creation(context, &item.purpose, has_current)
    }

    /// Active or pending by the route it came (BEK 788/2025 § 10).
    fn new_entry(&self, batch: &Batch<'_>, prepared: &Prepared<'_>, holder: HolderRef, entry: EntryRef) -> Result<Entry, Fault> {
        let item = prepared.item;
        let (state, from) = match item.route {
            DesignationRoute::Migration => (State::Active, item.valid_from),
            DesignationRoute::Bank { .. } => {
                (State::Active, item.valid_from.max(self.settings.effect_of_bank_report(batch.today)))
            }
            DesignationRoute::Estate { .. } => (State::Active, item.valid_from.max(self.settings.effect_of(batch.today))),
            _ => (State::Pending { expires_at: self.letter_expiry(batch.at) }, item.valid_from),
        };
        let stamp = batch.stamp(prepared.reason.clone());
        Ok(Entry {
            holder,
            entry,
            version: 1,
            purpose: item.purpose.clone(),
            account: prepared.account.clone(),
            state,
            valid: Span::starting(from),
            recorded_from: stamp.at,
            route: item.route.clone(),
            recorded_by: stamp.by,
            reason: stamp.reason,
        })
    }

    /// The end of the last day on which the code can be entered: a civil day in Denmark.
    fn letter_expiry(&self, at: Timestamp) -> Timestamp {
        let over = copenhagen_date(at).saturating_add(i64::from(self.settings.letter_days).saturating_add(1).days());
        over.to_zoned(copenhagen().clone()).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
    }

    /// The holder is told of every change; of what is taken over from the old system nothing has changed, and the dead are told nothing.
    fn note(&self, batch: &mut Batch<'_>, holder: HolderRef, item: &Designation, effective_from: Option<Date>) {
        if item.route == DesignationRoute::Migration {
            return;
        }
        let kind = if effective_from.is_some() { Kind::Designated } else { Kind::WaitsForCode };
        batch.tell_holder(Note::new(holder, kind, &item.purpose, effective_from));
    }
}

pub(crate) fn prepare<'i>(context: &Context, vault: &Vault, item: &'i Designation) -> ItemResult<Prepared<'i>> {
    check_text(&item.reason, REASON_LIMIT, "reason")?;
    check_day(item.valid_from, "valid_from")?;
    check_designation(context, item)?;
    Ok(Prepared {
        item,
        number: vault.seal_number(&item.identifier),
        account: vault.seal_account(&item.account),
        reason: vault.seal_reason(&item.reason),
    })
}

fn closed_holder() -> Problem {
    Problem::new(ProblemCode::Conflict, "Kontohaveren er slutmarkeret eller slettet.", "The holder is end-marked or deleted.")
        .in_field("identifier")
}

/// Whether it comes into force without a letter, and so is looked at when it comes.
fn is_at_once(item: &Designation) -> bool {
    matches!(item.route, DesignationRoute::Bank { .. } | DesignationRoute::Estate { .. })
}

fn no_letter() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Kontohaveren er død eller ophørt, så der sendes intet brev med kode. Kontoen anvises gennem en bank, eller for et dødsbo med skifteretsattest.",
        "The holder has died or ceased, so no letter with a code is sent. The account is designated through a bank, or for an estate by the court's document.",
    )
    .in_field("identifier")
}

/// A rule broken by one item is that item's result; anything else ends the call.
pub(crate) fn item_result<T>(outcome: Result<T, Fault>) -> Result<ItemResult<T>, Fault> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(Fault::Refused(problem)) => Ok(Err(problem)),
        Err(fault) => Err(fault),
    }
}
