//! Adding webhooks, changing their secrets, and looking after them.

use contracts::register::{MAX_WEBHOOKS, NewWebhook, Webhook, WebhookRef, WebhookSecret};
use contracts::{Context, IdempotencyKey, Problem, ProblemCode};
use jiff::{SignedDuration, Timestamp};
use primitives::AgreementNumber;
use serde_json::{Value, json};
use uuid::Uuid;

use super::endpoint::endpoint;
use super::sign::Secret;
use crate::House;
use crate::changes::Change;
use crate::fault::Fault;
use crate::keyed::{KeyedCall, Opened};
use crate::store::webhook::{self, Added};
use crate::subscribe::check_payer;

impl House {
    pub(crate) async fn add_one_webhook(
        &self, context: &Context, key: &IdempotencyKey, wanted: NewWebhook,
    ) -> Result<WebhookSecret, Problem> {
        check_payer(context, wanted.payer)?;
        endpoint(&wanted.url, self.settings.webhook_private_networks)?;
        self.check_sending()?;
        let call = KeyedCall::new(self, context, "add-webhook", key, &wanted)?;
        let now = self.clock.now();
        let answer = self.database.transaction("register.add_webhook", async |mut tx| {
            if let Opened::Answered(answer) = call.open(&mut tx, now).await? {
                return Ok::<_, Fault>(answer);
            }
            if webhook::of_payer(&mut tx, wanted.payer).await?.len() >= MAX_WEBHOOKS {
                return Err(too_many().into());
            }
            let (id, secret) = (self.ids.uuid_v4(), Secret::random(&*self.ids));
            let added = Added {
                webhook: id,
                wanted: &wanted,
                secret: self.vault.seal_webhook_secret(id, secret.bytes()),
                legal_basis: context.legal_basis.as_str(),
                purpose: context.purpose.as_str(),
                by: context.actor.label(),
                at: now,
            };
            webhook::insert(&mut tx, &added).await?;
            let subject = subject(wanted.payer, id);
            let change = Change::new(subject, Value::Null, json!({ "url": wanted.url }));
            self.log_changes(&mut tx, context, "add-webhook", now, vec![change]).await?;
            call.close(&mut tx, WebhookSecret { webhook: id, secret: secret.text() }).await
        });
        Ok(answer.await?)
    }

    pub(crate) async fn rotate_secret(
        &self, context: &Context, key: &IdempotencyKey, wanted: WebhookRef,
    ) -> Result<WebhookSecret, Problem> {
        check_payer(context, wanted.payer)?;
        let call = KeyedCall::new(self, context, "rotate-webhook-secret", key, &wanted)?;
        let now = self.clock.now();
        let hours = SignedDuration::from_hours(i64::from(self.settings.webhook_old_secret_hours));
        let old_until = now.checked_add(hours).unwrap_or(Timestamp::MAX);
        let answer = self.database.transaction("register.rotate_webhook_secret", async |mut tx| {
            if let Opened::Answered(answer) = call.open(&mut tx, now).await? {
                return Ok::<_, Fault>(answer);
            }
            let secret = Secret::random(&*self.ids);
            let sealed = self.vault.seal_webhook_secret(wanted.webhook, secret.bytes());
            if !webhook::rotate(&mut tx, &wanted, &sealed, old_until).await? {
                return Err(unknown_webhook().into());
            }
            let change =
                Change::new(subject(wanted.payer, wanted.webhook), Value::Null, json!({ "old_secret_until": old_until }));
            self.log_changes(&mut tx, context, "rotate-webhook-secret", now, vec![change]).await?;
            call.close(&mut tx, WebhookSecret { webhook: wanted.webhook, secret: secret.text() }).await
        });
        Ok(answer.await?)
    }

    pub(crate) async fn remove_one_webhook(
        &self, context: &Context, key: &IdempotencyKey, wanted: WebhookRef,
    ) -> Result<bool, Problem> {
        check_payer(context, wanted.payer)?;
        let call = KeyedCall::new(self, context, "remove-webhook", key, &wanted)?;
        let now = self.clock.now();
        let answer = self.database.transaction("register.remove_webhook", async |mut tx| {
            if let Opened::Answered(answer) = call.open(&mut tx, now).await? {
                return Ok::<_, Fault>(answer);
            }
            let was_there = webhook::remove(&mut tx, &wanted).await?;
            if was_there {
                let change = Change::new(subject(wanted.payer, wanted.webhook), json!("there"), Value::Null);
                self.log_changes(&mut tx, context, "remove-webhook", now, vec![change]).await?;
            }
            call.close(&mut tx, was_there).await
        });
        Ok(answer.await?)
    }

    pub(crate) async fn enable_one_webhook(
        &self, context: &Context, key: &IdempotencyKey, wanted: WebhookRef,
    ) -> Result<bool, Problem> {
        check_payer(context, wanted.payer)?;
        let call = KeyedCall::new(self, context, "enable-webhook", key, &wanted)?;
        let now = self.clock.now();
        let answer = self.database.transaction("register.enable_webhook", async |mut tx| {
            if let Opened::Answered(answer) = call.open(&mut tx, now).await? {
                return Ok::<_, Fault>(answer);
            }
            let is_there = webhook::enable(&mut tx, &wanted, now).await?;
            if is_there {
                let change = Change::new(subject(wanted.payer, wanted.webhook), Value::Null, json!("enabled"));
                self.log_changes(&mut tx, context, "enable-webhook", now, vec![change]).await?;
            }
            call.close(&mut tx, is_there).await
        });
        Ok(answer.await?)
    }

    pub(crate) async fn webhooks_of(&self, context: &Context, payer: AgreementNumber) -> Result<Vec<Webhook>, Problem> {
        check_payer(context, payer)?;
        let reading = self
            .database
            .transaction("register.webhooks", async |mut tx| Ok::<_, Fault>(webhook::of_payer(&mut tx, payer).await?));
        Ok(reading.await?)
    }

    fn check_sending(&self) -> Result<(), Problem> {
        if self.webhooks.is_some() {
            return Ok(());
        }
        Err(Problem::new(
            ProblemCode::Conflict,
            "Webhooks er ikke sat op her: driften har ikke sagt, hvem der indestår for modtageres adresser.",
            "Webhooks are not set up here: operations have not said who vouches for receivers' addresses.",
        ))
    }
}

fn subject(payer: AgreementNumber, webhook: Uuid) -> String {
    format!("webhook:{payer}/{webhook}")
}

fn too_many() -> Problem {
    Problem::new(
        ProblemCode::TooLarge,
        format!("En udbetaler kan højst have {MAX_WEBHOOKS} webhooks."),
        format!("A payer may have at most {MAX_WEBHOOKS} webhooks."),
    )
}

fn unknown_webhook() -> Problem {
    Problem::new(ProblemCode::NotFound, "Udbetaleren har ikke den webhook.", "The payer has no such webhook.").in_field("webhook")
}
