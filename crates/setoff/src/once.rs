//! A call that changes something has its effect once, however often it is repeated.

use std::time::Duration;

use contracts::{Context, IdempotencyKey, Problem};
use platform::idempotency::{self, Begun, Key};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::PgConnection;

use crate::{fault::Fault, house::House, vault::Vault};

/// One call, as it is known by when it comes again.
pub(crate) struct Once {
    caller: String,
    operation: &'static str,
    key: String,
    input_digest: [u8; 32],
    keep: Duration,
    vault: Vault,
}

impl Once {
    /// A call of this operation; `canonical` is one text of its input.
    pub(crate) fn new(house: &House, context: &Context, operation: &'static str, key: &IdempotencyKey, canonical: &[u8]) -> Self {
        Self {
            caller: context.caller(),
            operation,
            key: key.as_str().to_owned(),
            input_digest: house.vault.input_digest(canonical),
            keep: house.settings.answers_kept,
            vault: house.vault.clone(),
        }
    }

    /// A call whose input is written as JSON.
    pub(crate) fn of_input(
        house: &House, context: &Context, operation: &'static str, key: &IdempotencyKey, input: &impl Serialize,
    ) -> Result<Self, Fault> {
        let canonical = serde_json::to_vec(input).map_err(|_| Fault::Stored("input"))?;
        Ok(Self::new(house, context, operation, key, &canonical))
    }

    /// The answer given before, if the call was made before; else the call is begun. A call made at the same time is waited for.
    pub(crate) async fn replay<T: DeserializeOwned>(&self, conn: &mut PgConnection) -> Result<Option<T>, Fault> {
        match idempotency::begin(conn, "setoff", &self.key(), &self.input_digest, self.keep).await? {
            Begun::Started => Ok(None),
            Begun::Mismatch => Err(Problem::idempotency_mismatch().into()),
            Begun::Replay(sealed) => {
                let answer = self.vault.open_answer(&sealed)?;
                serde_json::from_slice(&answer).map(Some).map_err(|_| Fault::Stored("answer"))
            }
        }
    }

    /// Keeps the answer, in the transaction of the work.
    pub(crate) async fn remember<T: Serialize>(&self, conn: &mut PgConnection, answer: T) -> Result<T, Fault> {
        let text = serde_json::to_vec(&answer).map_err(|_| Fault::Stored("answer"))?;
        idempotency::complete(conn, "setoff", &self.key(), &self.vault.seal_answer(&text)).await?;
        Ok(answer)
    }

    fn key(&self) -> Key<'_> {
        Key { caller: &self.caller, operation: self.operation, key: &self.key }
    }
}
