//! Webhooks: a payer is told at an address of its own, signed by the Standard Webhooks (version 1.0.0).
//!
//! A message is a `POST` with the headers `webhook-id`, `webhook-timestamp` and `webhook-signature` and a [`WebhookMessage`] as its body. It comes at
//! least once, each time with the same id; whoever gets it answers 2xx within 20 seconds. It names nobody: what it is about is asked here.

use jiff::Timestamp;
use primitives::{AgreementNumber, HolderRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most webhooks a payer may have.
pub const MAX_WEBHOOKS: usize = 10;

/// An address a payer wants to be told at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewWebhook {
    /// The payer.
    pub payer: AgreementNumber,
    /// The address: `https`, at most 500 characters, in no private network.
    pub url: String,
}

/// One of a payer's webhooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookRef {
    /// The payer.
    pub payer: AgreementNumber,
    /// The webhook.
    pub webhook: Uuid,
}

/// What a webhook's messages are signed with. It is told once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookSecret {
    /// The webhook.
    pub webhook: Uuid,
    /// `whsec_` and the secret in base64.
    pub secret: String,
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookSecret").field("webhook", &self.webhook).finish_non_exhaustive()
    }
}

/// A webhook and how it fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Webhook {
    /// The webhook.
    pub webhook: Uuid,
    /// Its address.
    pub url: String,
    /// Messages it has not taken yet.
    pub waiting: u64,
    /// Since when it has failed, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// When it was disabled, because it had failed for too long or answered 410. Nothing is sent or gathered for it until it is enabled again;
    /// what happened meanwhile is asked by `awaited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Timestamp>,
}

/// The body of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookMessage {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: WebhookKind,
    /// When it happened.
    pub timestamp: Timestamp,
    /// To whom.
    pub data: WebhookData,
}

/// What a payer is told of a payee it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum WebhookKind {
    /// The payee has a NemKonto, or another one than before; it may begin to apply on a later day.
    #[serde(rename = "payee.account_available")]
    AccountAvailable,
    /// The payee's NemKonto was ended.
    #[serde(rename = "payee.account_ended")]
    AccountEnded,
}

/// To whom it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebhookData {
    /// The reference the payer was given when it began to wait.
    pub holder: HolderRef,
}
