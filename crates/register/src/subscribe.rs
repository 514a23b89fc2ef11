//! Subscriptions: a payer that got no account for a payee hears of it when the payee has one.

use contracts::register::{AwaitedQuery, Subscription};
use contracts::{Actor, Context, IdempotencyKey, ItemResult, Problem};
use primitives::{AgreementNumber, HolderRef, Identifier, copenhagen_date};
use serde_json::{Value, json};

use crate::House;
use crate::changes::{self, Change, content};
use crate::fault::{Fault, check_size, forbidden, unknown_number};
use crate::keyed::KeyedCall;
use crate::lookup::limit_out_of_range;
use crate::store::identifier;
use crate::store::subscription::{self, Awaited};
use crate::vault::SealedNumber;

/// The most awaited payees one call tells.
const AWAITED_LIMIT: u32 = 10_000;

impl House {
    pub(crate) async fn subscribe_all(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Subscription>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        check_size(items.len())?;
        let call = KeyedCall::new(self, context, "subscribe", key, &items)?;
        let vault = self.vault.clone();
        let now = self.clock.now();
        let numbers: Vec<SealedNumber> = items.iter().map(|item| vault.seal_number(&item.identifier)).collect();
        let answer = self.database.transaction("register.subscribe", async |mut tx| {
            if let Some(answer) = call.replay(&mut tx).await? {
                return Ok::<_, Fault>(answer);
            }
            let found = identifier::holders_of(&mut tx, &numbers.iter().collect()).await?;
            let mut taken = Vec::with_capacity(items.len());
            let mut awaited = Vec::new();
            self.log_found(&mut tx, (context, "subscribe", now), &numbers, &found).await?;
            for ((item, number), holder) in items.iter().zip(&numbers).zip(found) {
                taken.push(match (check_payer(context, item.payer), holder) {
                    (Ok(()), Some(holder)) => {
                        awaited.push(Awaited { payer: item.payer, holder, number: number.clone() });
                        Ok(holder)
                    }
                    (Ok(()), None) => Err(unknown_number()),
                    (Err(problem), _) => Err(problem),
                });
            }
            subscription::insert(&mut tx, &awaited, now).await?;
            let changes = awaited.iter().map(|awaited| {
                Change::new(subject(awaited.payer, &changes::holder(awaited.holder)), Value::Null, json!("awaited"))
            });
            self.log_changes(&mut tx, context, "subscribe", now, changes.collect()).await?;
            call.close(&mut tx, taken).await
        });
        Ok(answer.await?)
    }

    pub(crate) async fn awaited_with_account(&self, context: &Context, query: AwaitedQuery) -> Result<Vec<Identifier>, Problem> {
        check_payer(context, query.payer)?;
        if !(1..=AWAITED_LIMIT).contains(&query.limit) {
            return Err(limit_out_of_range(AWAITED_LIMIT));
        }
        let vault = self.vault.clone();
        let now = self.clock.now();
        let reading = self.database.transaction("register.awaited", async |mut tx| {
            let today = copenhagen_date(now);
            let numbers = subscription::with_account(&mut tx, query.payer, today, i64::from(query.limit)).await?;
            self.log_access(&mut tx, context, "awaited", &numbers, now).await?;
            numbers.iter().map(|number| vault.open_number(number)).collect::<Result<Vec<_>, Fault>>()
        });
        Ok(reading.await?)
    }

    pub(crate) async fn unsubscribe_all(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Subscription>,
    ) -> Result<Vec<ItemResult<bool>>, Problem> {
        check_size(items.len())?;
        let call = KeyedCall::new(self, context, "unsubscribe", key, &items)?;
        let vault = self.vault.clone();
        let answer = self.database.transaction("register.unsubscribe", async |mut tx| {
            if let Some(answer) = call.replay(&mut tx).await? {
                return Ok::<_, Fault>(answer);
            }
            let mut gone = Vec::with_capacity(items.len());
            let mut changes = Vec::new();
            for item in &items {
                gone.push(match check_payer(context, item.payer) {
                    Ok(()) => {
                        let was_there = subscription::delete(&mut tx, item.payer, &vault.seal_number(&item.identifier)).await?;
                        if was_there {
                            changes.push(Change::new(subject(item.payer, "payee"), content(&item.identifier)?, Value::Null));
                        }
                        Ok(was_there)
                    }
                    Err(problem) => Err(problem),
                });
            }
            self.log_changes(&mut tx, context, "unsubscribe", self.clock.now(), changes).await?;
            call.close(&mut tx, gone).await
        });
        Ok(answer.await?)
    }
}

fn subject(payer: AgreementNumber, payee: &str) -> String {
    format!("subscription:{payer}/{payee}")
}

/// A payer's own caseworkers and its data suppliers ask for it; houses and operators for any.
pub(crate) fn check_payer(context: &Context, payer: AgreementNumber) -> Result<(), Problem> {
    let allowed = match &context.actor {
        Actor::House { .. } | Actor::Operator { .. } => true,
        Actor::Caseworker { authority, .. } => *authority == payer,
        Actor::DataSupplier { .. } => context.on_behalf_of == Some(payer),
        _ => false,
    };
    if allowed {
        return Ok(());
    }
    Err(forbidden("Kun udbetaleren selv kan det.", "Only the payer itself may.").in_field("payer"))
}
