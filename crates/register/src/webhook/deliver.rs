//! From the queues to the receivers: a webhook is claimed, and what waits for it is sent, oldest first, until it has all or an attempt fails.

use contracts::Problem;
use contracts::register::{WebhookData, WebhookMessage};
use jiff::{SignedDuration, Timestamp};
use platform::lease::LeaseTerms;

use super::backoff;
use super::endpoint::endpoint;
use super::send::{Attempt, Letter, Sender};
use super::sign::{Secret, signatures};
use crate::House;
use crate::fault::Fault;
use crate::store::webhook::{self, Claimed, Failure, Message};

/// Messages sent to a webhook under one claim.
const MESSAGES_A_CLAIM: i64 = 50;

impl House {
    /// Sends what waits for one webhook; answers how many attempts were made. Without anybody to trust nothing is sent.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database fails.
    pub async fn deliver_webhooks(&self) -> Result<u64, Problem> {
        let Some(sender) = &self.webhooks else { return Ok(0) };
        Ok(self.deliver(sender).await?)
    }

    async fn deliver(&self, sender: &Sender) -> Result<u64, Fault> {
        // Longer than one attempt may take, so that the lease of a worker that lives does not run out.
        let terms = LeaseTerms::default();
        let (worker, now) = (self.ids.uuid_v4(), self.clock.now());
        let claiming = self.database.transaction("register.claim_webhook", async |mut tx| {
            let Some(claimed) = webhook::claim(&mut tx, worker, terms, now).await? else { return Ok::<_, Fault>(None) };
            let messages = webhook::oldest(&mut tx, claimed.webhook, MESSAGES_A_CLAIM).await?;
            Ok(Some((claimed, messages)))
        });
        let Some((claimed, messages)) = claiming.await? else { return Ok(0) };
        let secrets = self.secrets(&claimed)?;
        let mut attempts = 0;
        for message in &messages {
            attempts += 1;
            let outcome = match self.letter(&claimed, &secrets, message)? {
                Some(letter) => sender.send(letter).await,
                None => Attempt::Failed(None),
            };
            if outcome != Attempt::Taken {
                self.note_failure(&claimed, outcome).await?;
                return Ok(attempts);
            }
            let noting = self.database.transaction("register.webhook_took", async |mut tx| {
                Ok::<_, Fault>(webhook::taken(&mut tx, &claimed, message, terms, self.clock.now()).await?)
            });
            noting.await?;
        }
        let releasing = self
            .database
            .transaction("register.release_webhook", async |mut tx| Ok::<_, Fault>(webhook::release(&mut tx, &claimed).await?));
        releasing.await?;
        Ok(attempts)
    }

    fn secrets(&self, claimed: &Claimed) -> Result<Vec<Secret>, Fault> {
        let sealed = [Some(&claimed.secret), claimed.old_secret.as_ref()];
        let open = |sealed: &Vec<u8>| {
            let bytes = self.vault.open_webhook_secret(claimed.webhook, sealed)?;
            Secret::of_bytes(&bytes).ok_or(Fault::Corrupt("secret of a webhook"))
        };
        sealed.into_iter().flatten().map(open).collect()
    }

    /// The message, signed as of now. None, where the settings no longer allow the address.
    fn letter(&self, claimed: &Claimed, secrets: &[Secret], message: &Message) -> Result<Option<Letter>, Fault> {
        let Ok(url) = endpoint(&claimed.url, self.settings.webhook_private_networks) else { return Ok(None) };
        let told = WebhookMessage { kind: message.kind, timestamp: message.at, data: WebhookData { holder: message.holder } };
        let body = serde_json::to_string(&told).map_err(|_| Fault::Corrupt("message of a webhook"))?;
        let id = format!("msg_{}", message.message.simple());
        let seconds = self.clock.now().as_second();
        let signatures = signatures(secrets, &id, seconds, &body);
        Ok(Some(Letter { url, id, seconds, signatures, body }))
    }

    async fn note_failure(&self, claimed: &Claimed, outcome: Attempt) -> Result<(), Fault> {
        let now = self.clock.now();
        let failure = self.failure(claimed, outcome, now);
        let noting = self.database.transaction("register.webhook_failed", async |mut tx| {
            Ok::<_, Fault>(webhook::failed(&mut tx, claimed, &failure).await?)
        });
        noting.await?;
        if failure.disabled_at.is_some() {
            let (webhook, payer) = (claimed.webhook, &claimed.payer);
            tracing::error!(house = "register", %webhook, payer, "a webhook has been disabled: it is gone, or has failed for too long");
        }
        Ok(())
    }

    fn failure(&self, claimed: &Claimed, outcome: Attempt, now: Timestamp) -> Failure {
        let asked = match outcome {
            Attempt::Failed(asked) => asked,
            Attempt::Gone | Attempt::Taken => None,
        };
        let failures = u32::try_from(claimed.attempts).unwrap_or_default() + 1;
        let chance = self.ids.uuid_v4().as_u64_pair().1;
        let pause = SignedDuration::try_from(backoff::pause(failures, asked, chance)).unwrap_or(SignedDuration::MAX);
        let since = claimed.failing_since.unwrap_or(now);
        let longest = SignedDuration::from_hours(24 * i64::from(self.settings.webhook_days));
        let is_over = outcome == Attempt::Gone || now.duration_since(since) >= longest;
        Failure { since, next_attempt: now.checked_add(pause).unwrap_or(Timestamp::MAX), disabled_at: is_over.then_some(now) }
    }
}
