//! Writing of changes.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use contracts::Context;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection};

use super::sign::{PublicKey, SigningKey};
use super::{SALT_BYTES, bytes};
use crate::database::expect_rows;
use crate::seal::{KeyRing, SealError, Sealer};

/// What the sealed content of a change is sealed as.
const CONTENT: &str = "change";

/// A change that is being made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewChange<'c> {
    /// What is changed, for example `agreement:12345678`. It stays in the log for ever: never a personal number, name or account.
    pub subject: String,
    /// How it was; `Null` where it is new.
    pub from: Value,
    /// How it is now; `Null` where it is no more.
    pub to: Value,
    /// Why.
    pub why: &'c str,
    /// Who made it, where that is another than the caller: the proposer of what the caller approves. A label free of personal numbers.
    pub by: Option<&'c str>,
    /// Who approved it, where another person had to: a label free of personal numbers.
    pub approved_by: Option<&'c str>,
}

/// The change log of one house. Clones are cheap handles on the same log.
#[derive(Clone)]
pub struct ChangeLog {
    pub(super) schema: &'static str,
    sealer: Sealer,
    pub(super) key: SigningKey,
    salts: Arc<Mutex<ChaCha20Rng>>,
}

impl fmt::Debug for ChangeLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeLog").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl ChangeLog {
    /// The log in the house's schema (see [`ddl`](super::ddl)), with keys of its own and salts from the operating system's randomness.
    #[must_use]
    pub fn new(schema: &'static str, keys: &KeyRing) -> Self {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("every supported operating system provides randomness");
        Self::with_salts(schema, keys, seed)
    }

    /// As [`new`](Self::new), with the same salts for the same seed. Who knows the seed can test guesses of an erased content.
    #[must_use]
    pub fn with_salts(schema: &'static str, keys: &KeyRing, seed: [u8; 32]) -> Self {
        let salts = Arc::new(Mutex::new(ChaCha20Rng::from_seed(seed)));
        Self { schema, sealer: Sealer::new(keys, schema), key: SigningKey::new(keys, schema), salts }
    }

    /// The house's public keys, one for each version of the key ring: with one of them every checkpoint was signed.
    #[must_use]
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.key.public_keys()
    }

    /// Writes the changes in the transaction that makes them; nothing when there are none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn append(
        &self, connection: &mut PgConnection, context: &Context, operation: &str, at: Timestamp, changes: &[NewChange<'_>],
    ) -> Result<(), sqlx::Error> {
        if changes.is_empty() {
            return Ok(());
        }
        let (digests, contents): (Vec<_>, Vec<_>) = changes.iter().map(|change| self.seal(context, change)).unzip();
        let subjects: Vec<&str> = changes.iter().map(|change| change.subject.as_str()).collect();
        let makers: Vec<Option<&str>> = changes.iter().map(|change| change.by).collect();
        let approvers: Vec<Option<&str>> = changes.iter().map(|change| change.approved_by).collect();
        let schema = self.schema;
        let statement = format!(
            "with added as (
                 insert into {schema}.change (at, actor, on_behalf_of, operation, subject, approved_by, trace, digest, content)
                 select $1, coalesce(by, $2), $3, $4, subject, approved_by, $5, digest, content
                 from unnest($6::text[], $7::text[], $8::text[], $9::bytea[], $10::bytea[]) with ordinality
                     as given (subject, by, approved_by, digest, content, place)
                 order by place returning change_id)
             insert into {schema}.change_queue (change_id) select change_id from added"
        );
        let done = sqlx::query(AssertSqlSafe(statement))
            .bind(whole_microseconds(at).to_sqlx())
            .bind(context.actor.label())
            .bind(context.on_behalf_of.map(|agreement| agreement.digits().to_owned()))
            .bind(operation)
            .bind(context.trace)
            .bind(subjects)
            .bind(makers)
            .bind(approvers)
            .bind(digests)
            .bind(contents)
            .execute(connection)
            .await?;
        expect_rows(done.rows_affected(), changes.len(), "append changes")
    }

    /// The digest and the sealed content. The person behind the call is part of it: sealed, and erased with it.
    fn seal(&self, context: &Context, change: &NewChange<'_>) -> (Vec<u8>, Vec<u8>) {
        let mut salted = vec![0; SALT_BYTES];
        self.salts.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut salted);
        let mut content = json!({ "from": change.from, "to": change.to, "why": change.why });
        if let Some(person) = context.person() {
            content["person"] = json!(person);
        }
        salted.extend_from_slice(content.to_string().as_bytes());
        (bytes::content_digest(&salted).to_vec(), self.sealer.seal(CONTENT, &salted))
    }

    /// Salt and content.
    pub(super) fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.sealer.open(CONTENT, sealed)
    }
}

/// PostgreSQL keeps microseconds, and what is hashed must be what is kept.
pub(super) fn whole_microseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}
