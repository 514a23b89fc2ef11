//! A call that changes something has its effect once, however often it is repeated: the houses' way to [`idempotency`].
//!
//! What was answered is kept sealed, and the input only as a keyed digest: without the house's key nobody reads an answer, or finds a number by
//! trying them all.

use std::time::Duration;

use contracts::{Context, IdempotencyKey, Problem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::idempotency::{self, Begun, Key};
use crate::seal::Sealer;

const ANSWER: &str = "answer";
const INPUT: &str = "input";

/// What one house keeps of the calls it has answered.
#[derive(Clone, Debug)]
pub struct Answers {
    schema: &'static str,
    sealer: Sealer,
    keep: Duration,
}

impl Answers {
    /// Answers in the house's own schema (see [`idempotency::ddl`]), sealed with its own keys and kept this long for a repetition.
    #[must_use]
    pub fn new(schema: &'static str, sealer: Sealer, keep: Duration) -> Self {
        Self { schema, sealer, keep }
    }

    /// A call of this operation; `canonical` is one text of its input.
    #[must_use]
    pub fn call(&self, context: &Context, operation: &'static str, key: &IdempotencyKey, canonical: &[u8]) -> Once {
        self.call_of(context.caller(), operation, key, canonical)
    }

    /// As [`call`](Self::call), for a caller whom the context's label does not tell from others.
    #[must_use]
    pub fn call_of(&self, caller: String, operation: &'static str, key: &IdempotencyKey, canonical: &[u8]) -> Once {
        let input_digest = idempotency::digest(&self.sealer.digest(INPUT, &[canonical]));
        Once { caller, operation, key: key.as_str().to_owned(), input_digest, answers: self.clone() }
    }

    /// A call whose input is written as JSON.
    ///
    /// # Errors
    /// When the input cannot be written.
    pub fn call_with(
        &self, context: &Context, operation: &'static str, key: &IdempotencyKey, input: &impl Serialize,
    ) -> Result<Once, Fault> {
        let canonical = serde_json::to_vec(input).map_err(|_| Fault::Stored(INPUT))?;
        Ok(self.call(context, operation, key, &canonical))
    }
}

/// One call, as it is known by when it comes again.
#[derive(Debug)]
pub struct Once {
    caller: String,
    operation: &'static str,
    key: String,
    input_digest: [u8; 32],
    answers: Answers,
}

impl Once {
    /// The answer given before, if the call was made before; else the call is begun. A call made at the same time is waited for.
    ///
    /// # Errors
    /// `IDEMPOTENCY_MISMATCH` when the key was used with another input.
    pub async fn replay<T: DeserializeOwned>(&self, connection: &mut PgConnection) -> Result<Option<T>, Fault> {
        let Answers { schema, sealer, keep } = &self.answers;
        let begun = idempotency::begin(connection, schema, &self.key(), &self.input_digest, *keep).await?;
        opened(sealer, begun)
    }

    /// The answer given before, if the call was made before. The call is not begun: for what must be asked of others first.
    ///
    /// # Errors
    /// `IDEMPOTENCY_MISMATCH` when the key was used with another input.
    pub async fn known<T: DeserializeOwned>(&self, connection: &mut PgConnection) -> Result<Option<T>, Fault> {
        let Answers { schema, sealer, .. } = &self.answers;
        let found = idempotency::find(connection, schema, &self.key(), &self.input_digest).await?;
        opened(sealer, found)
    }

    /// Keeps the answer, in the transaction of the work.
    ///
    /// # Errors
    /// When the database fails, or the call was not begun in this transaction.
    pub async fn remember<T: Serialize>(&self, connection: &mut PgConnection, answer: T) -> Result<T, Fault> {
        let text = serde_json::to_vec(&answer).map_err(|_| Fault::Stored(ANSWER))?;
        let sealed = self.answers.sealer.seal(ANSWER, &text);
        idempotency::complete(connection, self.answers.schema, &self.key(), &sealed).await?;
        Ok(answer)
    }

    fn key(&self) -> Key<'_> {
        Key { caller: &self.caller, operation: self.operation, key: &self.key }
    }
}

/// The answer in what was found of the call, opened.
fn opened<T: DeserializeOwned>(sealer: &Sealer, begun: Begun) -> Result<Option<T>, Fault> {
    match begun {
        Begun::Started => Ok(None),
        Begun::Mismatch => Err(Problem::idempotency_mismatch().into()),
        Begun::Replay(sealed) => {
            let answer = sealer.open(ANSWER, &sealed)?;
            serde_json::from_slice(&answer).map(Some).map_err(|_| Fault::Stored(ANSWER))
        }
    }
}
