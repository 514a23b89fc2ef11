//! A call that changes something has its effect once, however often it is repeated.

use std::time::Duration;

use contracts::{Context, IdempotencyKey, Problem};
use platform::idempotency::{self, Begun, Key};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::PgConnection;

use crate::{fault::Fault, vault::Vault};

/// How long an answer is kept for the repetition of its call. No public source: 90 days chosen by us.
const ANSWERS_KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// One call, as it is known by when it comes again.
pub(crate) struct Once {
    caller: String,
    operation: &'static str,
    key: String,
    input_digest: [u8; 32],
}

impl Once {
    pub(crate) fn new(
        vault: &Vault, context: &Context, operation: &'static str, key: &IdempotencyKey, input: &impl Serialize,
    ) -> Result<Self, Fault> {
        let canonical = serde_json::to_vec(input).map_err(|_| Fault::Stored("input"))?;
        Ok(Self {
            caller: context.caller(),
            operation,
            key: key.as_str().to_owned(),
            input_digest: vault.input_digest(&canonical),
        })
    }

    /// The answer given before, if the call was made before; else the call is begun. A call made at the same time is waited for.
    pub(crate) async fn replay<T: DeserializeOwned>(&self, connection: &mut PgConnection) -> Result<Option<T>, Fault> {
        let begun = idempotency::begin(connection, "parties", &self.key(), &self.input_digest, ANSWERS_KEPT).await?;
        match begun {
            Begun::Started => Ok(None),
            Begun::Mismatch => Err(Problem::idempotency_mismatch().into()),
            Begun::Replay(answer) => serde_json::from_slice(&answer).map(Some).map_err(|_| Fault::Stored("answer")),
        }
    }

    /// Keeps the answer, in the transaction of the work.
    pub(crate) async fn remember<T: Serialize>(&self, connection: &mut PgConnection, answer: T) -> Result<T, Fault> {
        let text = serde_json::to_vec(&answer).map_err(|_| Fault::Stored("answer"))?;
        idempotency::complete(connection, "parties", &self.key(), &text).await?;
        Ok(answer)
    }

    fn key(&self) -> Key<'_> {
        Key { caller: &self.caller, operation: self.operation, key: &self.key }
    }
}
