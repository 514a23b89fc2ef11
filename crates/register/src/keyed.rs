//! Calls that change state: done once for each key, by one writer at a time.

use contracts::{Actor, Context, IdempotencyKey, Problem};
use jiff::Timestamp;
use platform::once::Once;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::PgConnection;

use crate::House;
use crate::fault::Fault;
use crate::store::head;

/// A call that changes state.
#[derive(Debug)]
pub(crate) struct KeyedCall(Once);

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
        Ok(Self(house.answers.call_of(caller(house, context), operation, key, &canonical)))
    }

    /// Begins the call in its transaction.
    pub(crate) async fn open<T: DeserializeOwned>(&self, conn: &mut PgConnection, now: Timestamp) -> Result<Opened<T>, Fault> {
        match self.0.replay(conn).await? {
            Some(answer) => Ok(Opened::Answered(answer)),
            None => Ok(Opened::At(head::advance(conn, now).await?)),
        }
    }

    /// Begins a call whose changes have no recorded time: it is nobody's writer, and waits for none. Answers what was answered before, if it was made
    /// before.
    pub(crate) async fn replay<T: DeserializeOwned>(&self, conn: &mut PgConnection) -> Result<Option<T>, Fault> {
        Ok(self.0.replay(conn).await?)
    }

    /// Keeps the answer in the same transaction.
    pub(crate) async fn close<T: Serialize>(&self, conn: &mut PgConnection, answer: T) -> Result<T, Fault> {
        Ok(self.0.remember(conn, answer).await?)
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
