//! Calls that change state: done once for each key, by one writer at a time.

use std::time::Duration;

use contracts::{Actor, Context, IdempotencyKey, Problem};
use jiff::Timestamp;
use platform::idempotency::{self, Begun, Key};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::PgConnection;

use crate::House;
use crate::fault::Fault;
use crate::store::head;

const SCHEMA: &str = "register";
const SECONDS_A_DAY: u64 = 86_400;

/// A call that changes state.
#[derive(Debug)]
pub(crate) struct KeyedCall {
    caller: String,
    operation: &'static str,
    key: String,
    digest: [u8; 32],
    keep: Duration,
}

/// How a call begins.
pub(crate) enum Opened<T> {
    /// It was made before: the first answer again.
    Answered(T),
    /// It is new, and this transaction is the only writer; its changes are recorded at the time given.
    At(Timestamp),
}

impl KeyedCall {
    /// Names the call and digests its input.
    pub(crate) fn new(
        house: &House, context: &Context, operation: &'static str, key: &IdempotencyKey, input: &impl Serialize,
    ) -> Result<Self, Problem> {
        let canonical = serde_json::to_vec(input).map_err(|_| Problem::unavailable())?;
        Ok(Self {
            caller: caller(house, context),
            operation,
            key: key.as_str().to_owned(),
            digest: house.vault.digest_input(&canonical),
            keep: Duration::from_secs(u64::from(house.settings.answer_days) * SECONDS_A_DAY),
        })
    }

    fn key(&self) -> Key<'_> {
        Key { caller: &self.caller, operation: self.operation, key: &self.key }
    }

    /// Begins the call in its transaction.
    pub(crate) async fn open<T: DeserializeOwned>(&self, conn: &mut PgConnection, now: Timestamp) -> Result<Opened<T>, Fault> {
        match idempotency::begin(conn, SCHEMA, &self.key(), &self.digest, self.keep).await? {
            Begun::Started => Ok(Opened::At(head::advance(conn, now).await?)),
            Begun::Replay(answer) => {
                let answer = serde_json::from_slice(&answer).map_err(|_| Fault::Corrupt("kept answer"))?;
                Ok(Opened::Answered(answer))
            }
            Begun::Mismatch => Err(Problem::idempotency_mismatch().into()),
        }
    }

    /// Keeps the answer in the same transaction.
    pub(crate) async fn close<T: Serialize>(&self, conn: &mut PgConnection, answer: T) -> Result<T, Fault> {
        let kept = serde_json::to_vec(&answer).map_err(|_| Fault::Corrupt("answer"))?;
        idempotency::complete(conn, SCHEMA, &self.key(), &kept).await?;
        Ok(answer)
    }
}

/// All payees share a label; a digest tells them apart, so that nobody's key meets somebody else's.
fn caller(house: &House, context: &Context) -> String {
    let label = context.caller();
    match &context.actor {
        Actor::Payee { identifier } => {
            let digest = u128::from_be_bytes(house.vault.digest_caller(identifier));
            format!("{label}:{digest:032x}")
        }
        _ => label,
    }
}
