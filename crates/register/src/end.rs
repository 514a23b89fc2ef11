//! End designations.

use contracts::register::EndDesignation;
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use primitives::EntryRef;

use crate::House;
use crate::batch::Batch;
use crate::day::check_day;
use crate::designate::{REASON_LIMIT, item_result};
use crate::fault::{Fault, changed_since, check_size, check_text};
use crate::keyed::{KeyedCall, Opened};
use crate::notice::{Kind, Note};
use crate::rights::check_own_change;
use crate::specific::check_lock;
use crate::vault::{SealedNumber, Vault};

/// An item that keeps the rules, with its personal values sealed.
struct Prepared<'i> {
    item: &'i EndDesignation,
    number: SealedNumber,
    reason: Vec<u8>,
}

impl House {
    pub(crate) async fn end_all(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<EndDesignation>,
    ) -> Result<Vec<ItemResult<EntryRef>>, Problem> {
        check_size(items.len())?;
        let call = KeyedCall::new(self, context, "end", key, &items)?;
        let vault = self.vault.clone();
        let prepared: Vec<ItemResult<Prepared<'_>>> = items.iter().map(|item| prepare(&vault, item)).collect();
        let answer = self.database.transaction("register.end", async |mut tx| {
            let at = match call.open(&mut tx, self.clock.now()).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let numbers = prepared.iter().flatten().map(|item| &item.number);
            let mut batch = Batch::load(&mut tx, &vault, context, at, numbers).await?;
            let mut ended = Vec::with_capacity(prepared.len());
            for prepared in &prepared {
                ended.push(match prepared {
                    Ok(item) => item_result(self.end_one(&mut batch, context, item))?,
                    Err(problem) => Err(problem.clone()),
                });
            }
            let changes = batch.write(&mut tx).await?;
            self.log_changes(&mut tx, context, "end", at, changes).await?;
            call.close(&mut tx, ended).await
        });
        Ok(answer.await?)
    }

    /// Ends what is in force, and withdraws what waits for a code.
    fn end_one(&self, batch: &mut Batch<'_>, context: &Context, prepared: &Prepared<'_>) -> Result<EntryRef, Fault> {
        let item = prepared.item;
        let holder = batch.next_holder()?;
        let (today, stamp) = (batch.today, batch.stamp(prepared.reason.clone()));
        let from = item.from.max(self.settings.effect_of(today));
        let (dossier, _) = batch.open(holder)?;
        check_own_change(context, dossier.latest_facts().and_then(|facts| facts.born), today)?;
        let current = dossier.current(&item.purpose, today).map(|entry| entry.entry);
        if item.expected.is_some() && item.expected != current {
            return Err(changed_since(current).into());
        }
        check_lock(context, &batch.rules, &item.purpose, today)?;
        batch.claim(holder, &item.purpose)?;
        let (dossier, changes) = batch.open(holder)?;
        let ended = dossier.end_from(&item.purpose, from, &stamp, changes);
        let withdrawn = dossier.withdraw_pending(&item.purpose, &stamp, changes);
        for entry in &ended {
            batch.tell_ended(holder, &item.purpose, *entry, from);
        }
        if !ended.is_empty() {
            batch.tell_holder(Note::new(holder, Kind::Ended, &item.purpose, Some(from)));
        }
        // The entry the caller saw as current; else the one that was to come.
        let named = current.filter(|entry| ended.contains(entry));
        named.or(ended.first().copied()).or(withdrawn.first().copied()).ok_or_else(|| nothing_to_end().into())
    }
}

fn prepare<'i>(vault: &Vault, item: &'i EndDesignation) -> ItemResult<Prepared<'i>> {
    check_text(&item.reason, REASON_LIMIT, "reason")?;
    check_day(item.from, "from")?;
    Ok(Prepared { item, number: vault.seal_number(&item.identifier), reason: vault.seal_reason(&item.reason) })
}

fn nothing_to_end() -> Problem {
    Problem::new(ProblemCode::NotFound, "Der er ingen konto at ophæve fra den dag.", "There is no account to end from that day.")
        .in_field("purpose")
}
