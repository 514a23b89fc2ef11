//! From the feed to the queues: what happened to a payee is told to each payer that waits for it.

use std::collections::BTreeMap;

use contracts::register::{AccountPurpose, RegisterEvent, WebhookKind};
use contracts::{Actor, Context, LegalBasis, Problem, Purpose};
use jiff::Timestamp;
use platform::feed;
use primitives::{FeedPosition, HolderRef};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::House;
use crate::fault::Fault;
use crate::store::webhook::{self, Message, Waiting};
use crate::vault::SealedNumber;

/// A fact a payer may wait for.
struct News {
    holder: HolderRef,
    kind: WebhookKind,
    at: Timestamp,
}

impl House {
    /// Queues what at most `limit` facts of the feed mean to those who wait; answers how many facts were read. One worker reads at a time.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database fails.
    pub async fn tell_webhooks(&self, limit: u32) -> Result<u64, Problem> {
        let telling = self.database.transaction("register.tell_webhooks", async |mut tx| {
            let Some(position) = webhook::lock_head(&mut tx).await? else { return Ok::<_, Fault>(0) };
            if let Some(end) = webhook::untold_end(&mut tx).await? {
                // Nobody is to be told. The place is kept up with, so that who comes tomorrow is not told what happened yesterday.
                if end != position {
                    webhook::set_head(&mut tx, end).await?;
                }
                return Ok(0);
            }
            let items = feed::read(&mut tx, "register", FeedPosition(position), i64::from(limit)).await?;
            let Some(last) = items.last().map(|item| item.position) else { return Ok(0) };
            let mut news = BTreeMap::new();
            for item in &items {
                if let Some((holder, kind)) = news_in(&self.vault.open_event(&item.payload)?) {
                    news.insert(item.position, News { holder, kind, at: item.recorded_at });
                }
            }
            self.queue(&mut tx, &news).await?;
            webhook::set_head(&mut tx, last).await?;
            Ok(items.len() as u64)
        });
        Ok(telling.await?)
    }

    async fn queue(&self, conn: &mut PgConnection, news: &BTreeMap<i64, News>) -> Result<(), Fault> {
        let positions: Vec<i64> = news.keys().copied().collect();
        let holders: Vec<Uuid> = news.values().map(|news| news.holder.get()).collect();
        let waiting = webhook::waiting(conn, &positions, &holders).await?;
        let message = |waiting: &Waiting| {
            let News { kind, at, .. } = *news.get(&waiting.position)?;
            let Waiting { webhook, position, holder, .. } = *waiting;
            Some(Message { message: self.ids.uuid_v4(), webhook, position, holder, kind, at })
        };
        let messages: Vec<Message> = waiting.iter().filter_map(message).collect();
        webhook::queue(conn, &messages).await?;
        self.log_telling(conn, &waiting).await
    }

    /// To be told of a payee is an access to it, under the legal basis on which the webhook was added.
    async fn log_telling(&self, conn: &mut PgConnection, waiting: &[Waiting]) -> Result<(), Fault> {
        let now = self.clock.now();
        for told in waiting.chunk_by(|one, other| one.webhook == other.webhook) {
            let Some(first) = told.first() else { continue };
            let context = Context {
                actor: Actor::House { name: "register".to_owned() },
                on_behalf_of: Some(first.payer),
                legal_basis: LegalBasis::new(first.legal_basis.clone()).map_err(|_| Fault::Corrupt("legal basis"))?,
                purpose: Purpose::new(first.purpose.clone()).map_err(|_| Fault::Corrupt("purpose"))?,
                trace: first.webhook,
                acting: None,
            };
            let numbers: Vec<SealedNumber> = told.iter().map(|waiting| waiting.number.clone()).collect();
            self.log_access(conn, &context, "webhook", &numbers, now).await?;
        }
        Ok(())
    }
}

/// What a fact is to a payer that waits: news of the NemKonto. A specific account is the payer's own work, and merges and splits change no account.
fn news_in(event: &RegisterEvent) -> Option<(HolderRef, WebhookKind)> {
    match event {
        RegisterEvent::AccountDesignated { holder, purpose: AccountPurpose::NemKonto, .. } => {
            Some((*holder, WebhookKind::AccountAvailable))
        }
        RegisterEvent::AccountEnded { holder, purpose: AccountPurpose::NemKonto, .. } => {
            Some((*holder, WebhookKind::AccountEnded))
        }
        _ => None,
    }
}
