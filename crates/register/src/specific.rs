//! Specific accounts (ydelsesspecifikke konti): which are locked, and promotion of one to NemKonto.

use std::collections::HashMap;

use contracts::register::{AccountPurpose, DesignationReceipt, EntryState, Promotion, SpecificRule};
use contracts::{Actor, Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::civil::Date;
use primitives::EntryRef;
use serde_json::Value;

use crate::House;
use crate::batch::Batch;
use crate::changes::{Change, content};
use crate::day::check_day;
use crate::designate::{REASON_LIMIT, item_result};
use crate::entry::Entry;
use crate::fault::{Fault, check_size, check_text, forbidden};
use crate::keyed::{KeyedCall, Opened};
use crate::notice::{Kind, Note};
use crate::rights::check_own_change;
use crate::span::Span;
use crate::store::{head, specific_rule};
use crate::vault::SealedNumber;

/// The rules of purposes, oldest first.
pub(crate) type Rules = HashMap<AccountPurpose, Vec<(Date, bool)>>;

/// Whether only the authority may change the account on the day.
pub(crate) fn is_locked(rules: &Rules, purpose: &AccountPurpose, today: Date) -> bool {
    let rules = rules.get(purpose).map_or(&[][..], |rules| &rules[..]);
    rules.iter().rev().find(|(from, _)| *from <= today).is_some_and(|(_, is_locked)| *is_locked)
}

/// A payee changes no locked account.
pub(crate) fn check_lock(context: &Context, rules: &Rules, purpose: &AccountPurpose, today: Date) -> Result<(), Problem> {
    match context.actor {
        Actor::Payee { .. } if is_locked(rules, purpose, today) => Err(forbidden(
            "Kontoen er låst; kun myndigheden kan ændre den.",
            "The account is locked; only the authority can change it.",
        )
        .in_field("purpose")),
        _ => Ok(()),
    }
}

impl House {
    pub(crate) async fn set_rules(
        &self, context: &Context, key: &IdempotencyKey, rules: Vec<SpecificRule>,
    ) -> Result<Vec<ItemResult<Date>>, Problem> {
        check_size(rules.len())?;
        let call = KeyedCall::new(self, context, "set-specific-rules", key, &rules)?;
        let by = context.actor.label();
        let answer = self.database.transaction("register.set_specific_rules", async |mut tx| {
            let at = match call.open(&mut tx, self.clock.now()).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let known = specific_rule::all(&mut tx).await?;
            let mut set = Vec::with_capacity(rules.len());
            let mut changes = Vec::new();
            for rule in &rules {
                set.push(match check_rule(context, rule) {
                    Ok(()) if is_followed(context, &known, rule) => Ok(rule.valid_from),
                    Ok(()) if specific_rule::insert(&mut tx, rule, (at, &by)).await? => {
                        let subject = format!("specific-rule:{}:{}", rule.payer, rule.benefit);
                        changes.push(Change::new(subject, Value::Null, content(rule)?));
                        Ok(rule.valid_from)
                    }
                    Ok(()) => Err(ruled_before()),
                    Err(problem) => Err(problem),
                });
            }
            self.log_changes(&mut tx, context, "set-specific-rules", at, changes).await?;
            call.close(&mut tx, set).await
        });
        Ok(answer.await?)
    }

    pub(crate) async fn promote_all(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Promotion>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem> {
        check_size(items.len())?;
        let call = KeyedCall::new(self, context, "promote", key, &items)?;
        let vault = self.vault.clone();
        let numbers: Vec<SealedNumber> = items.iter().map(|item| vault.seal_number(&item.identifier)).collect();
        let answer = self.database.transaction("register.promote", async |mut tx| {
            let at = match call.open(&mut tx, self.clock.now()).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let mut batch = Batch::load(&mut tx, &vault, context, at, &numbers).await?;
            let specific = batch.specific_accounts();
            let specific: Vec<&[u8]> = specific.iter().map(|account| &account[..]).collect();
            self.look_for_sharing(&mut tx, &mut batch, &specific).await?;
            let mut entries = head::take_entries(&mut tx, items.len()).await?;
            let mut promoted = Vec::with_capacity(items.len());
            for item in &items {
                let entry = entries.next().ok_or(Fault::Corrupt("entry numbers"))?;
                promoted.push(item_result(self.promote_one(&mut batch, context, item, entry))?);
            }
            let changes = batch.write(&mut tx).await?;
            self.log_changes(&mut tx, context, "promote", at, changes).await?;
            call.close(&mut tx, promoted).await
        });
        Ok(answer.await?)
    }

    /// The specific account, which was activated when it was designated, becomes the NemKonto of a holder that has none.
    fn promote_one(
        &self, batch: &mut Batch<'_>, context: &Context, item: &Promotion, entry: EntryRef,
    ) -> Result<DesignationReceipt, Fault> {
        let holder = batch.next_holder()?;
        check_text(&item.reason, REASON_LIMIT, "reason")?;
        check_day(item.valid_from, "valid_from")?;
        let today = batch.today;
        let specific = AccountPurpose::Specific { payer: item.payer, benefit: item.benefit };
        check_promoter(context, item)?;
        let (dossier, _) = batch.open(holder)?;
        check_own_change(context, dossier.latest_facts().and_then(|facts| facts.born), today)?;
        if is_locked(&batch.rules, &specific, today) {
            return Err(locked().into());
        }
        let day = item.valid_from.max(self.settings.effect_of(today));
        let stamp = batch.stamp(self.vault.seal_reason(&item.reason));
        batch.claim(holder, &AccountPurpose::NemKonto)?;
        let (dossier, changes) = batch.open(holder)?;
        if !dossier.is_payable(today) || dossier.current(&AccountPurpose::NemKonto, day).is_some() {
            return Err(has_nemkonto().into());
        }
        // What is in force on the day: a change that is held back, or has another first day, is not promoted before it.
        let from = dossier.in_force(&specific, day).cloned().ok_or_else(nothing_to_promote)?;
        dossier.withdraw_pending(&AccountPurpose::NemKonto, &stamp, changes);
        let evidence = self.evidence(batch, holder, &self.vault.open_account(&from.account)?, &from.account, 0);
        let day = self.hold_back(batch, holder, entry, day, evidence);
        let (dossier, changes) = batch.open(holder)?;
        let promoted = Entry {
            entry,
            version: 1,
            purpose: AccountPurpose::NemKonto,
            valid: Span::starting(day),
            recorded_from: stamp.at,
            recorded_by: stamp.by,
            reason: stamp.reason,
            ..from
        };
        dossier.add(promoted, changes);
        batch.tell_designated(holder, &AccountPurpose::NemKonto, entry, day)?;
        batch.tell_holder(Note::new(holder, Kind::Designated, &AccountPurpose::NemKonto, Some(day)));
        Ok(DesignationReceipt { entry, holder, state: EntryState::Active, effective_from: Some(day) })
    }
}

/// The holder itself, and the authority that pays the benefit.
fn check_promoter(context: &Context, item: &Promotion) -> Result<(), Problem> {
    match &context.actor {
        Actor::Payee { .. } | Actor::House { .. } | Actor::Operator { .. } => Ok(()),
        Actor::Caseworker { authority, .. } if *authority == item.payer => Ok(()),
        _ => Err(forbidden("Den konto kan du ikke gøre til NemKonto.", "You cannot make that account the NemKonto.")),
    }
}

fn check_rule(context: &Context, rule: &SpecificRule) -> Result<(), Problem> {
    check_day(rule.valid_from, "valid_from")?;
    match &context.actor {
        Actor::House { .. } | Actor::Operator { .. } => Ok(()),
        Actor::Caseworker { authority, .. } if *authority == rule.payer => Ok(()),
        _ => {
            Err(forbidden("Kun myndigheden låser sine egne ydelser.", "Only the authority locks its own benefits.")
                .in_field("payer"))
        }
    }
}

/// A house that follows the agreements tells every day what they lock: what is so already is no new rule.
fn is_followed(context: &Context, known: &Rules, rule: &SpecificRule) -> bool {
    let purpose = AccountPurpose::Specific { payer: rule.payer, benefit: rule.benefit };
    matches!(context.actor, Actor::House { .. }) && is_locked(known, &purpose, rule.valid_from) == rule.is_locked
}

fn ruled_before() -> Problem {
    Problem::new(ProblemCode::Conflict, "Der er allerede en regel fra den dag.", "There is a rule from that day already.")
        .in_field("valid_from")
}

fn locked() -> Problem {
    forbidden("Kontoen er låst.", "The account is locked.").in_field("benefit")
}

fn has_nemkonto() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Kontohaveren har en NemKonto på den dag, eller er slutmarkeret.",
        "The holder has a NemKonto on that day, or is end-marked.",
    )
    .in_field("identifier")
}

fn nothing_to_promote() -> Problem {
    Problem::new(ProblemCode::NotFound, "Der er ingen sådan konto den dag.", "There is no such account on that day.")
        .in_field("benefit")
}
