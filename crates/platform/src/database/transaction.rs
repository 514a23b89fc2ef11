//! The one named transaction door.

use std::error::Error as StdError;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use sqlx::PgConnection;
use sqlx::postgres::PgDatabaseError;

use super::Database;

/// After this many attempts the last error is the answer.
const MAX_ATTEMPTS: u32 = 10;

/// The first wait lies below this; each further one may be twice as long, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(5);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// How long to wait before a transaction is tried again: random between nothing and a bound that doubles, so that two transactions that met
/// once do not meet again in step.
#[derive(Clone)]
pub struct Backoff {
    random: Arc<Mutex<ChaCha8Rng>>,
}

impl fmt::Debug for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backoff").finish_non_exhaustive()
    }
}

impl Backoff {
    /// Waits that are the same in every run with the same seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { random: Arc::new(Mutex::new(ChaCha8Rng::seed_from_u64(seed))) }
    }

    /// Waits from the operating system's randomness, or a fixed seed where it has none: uneven waits are a courtesy, not a need.
    #[must_use]
    pub fn from_system_randomness() -> Self {
        Self::seeded(getrandom::u64().unwrap_or_default())
    }

    /// The wait after failed attempt number `attempt`, counted from 1.
    fn wait(&self, attempt: u32) -> Duration {
        let bound = FIRST_WAIT.saturating_mul(1 << (attempt - 1).min(16)).min(LONGEST_WAIT);
        let random = self.random.lock().unwrap_or_else(PoisonError::into_inner).next_u32();
        fraction(bound, random)
    }
}

/// `bound` × `random` / 2³², in integers.
fn fraction(bound: Duration, random: u32) -> Duration {
    let nanoseconds = (bound.as_nanos() * u128::from(random)) >> 32;
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

/// A transaction under way, lent by value to the work done in it. It is used as the connection it stands for: `&mut tx`.
///
/// When the work lets go of it, it returns to [`Database::transaction`], which alone commits. (A plain `&mut` would be simpler, but the
/// compiler cannot yet see that an async closure over a borrowed argument may move between threads.)
#[derive(Debug)]
pub struct Transaction {
    /// `Some` until dropped.
    inner: Option<sqlx::PgTransaction<'static>>,
    door: Arc<Mutex<Option<sqlx::PgTransaction<'static>>>>,
}

/// Why `inner` is there.
const HELD: &str = "a transaction is held until it is dropped";

impl Deref for Transaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.inner.as_ref().expect(HELD)
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.inner.as_mut().expect(HELD)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        *self.door.lock().unwrap_or_else(PoisonError::into_inner) = self.inner.take();
    }
}

impl Database {
    /// Does `work` in one transaction and commits it; an error rolls it back.
    ///
    /// The isolation is READ COMMITTED. When the server gives the transaction up for the sake of others (serialization failure 40001,
    /// deadlock 40P01), `work` is done again from the start, at most ten times in all: it must have no effect outside the database.
    /// `name` (`house.verb`) is what the transaction is counted and timed under in the log.
    ///
    /// ```no_run
    /// # async fn example(database: platform::database::Database, ids: &[i64]) -> Result<(), sqlx::Error> {
    /// database
    ///     .transaction("register.close", async |mut tx| {
    ///         let done = sqlx::query("update register.entry set open = false where id = any($1)").bind(ids).execute(&mut *tx).await?;
    ///         platform::database::expect_rows(done.rows_affected(), ids.len(), "close entries")
    ///     })
    ///     .await
    /// # }
    /// ```
    ///
    /// # Errors
    /// The error of `work`, or of beginning or committing. When the connection is lost during the commit itself, the outcome is unknown to
    /// the caller: calls are made idempotent for that.
    pub async fn transaction<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(Transaction) -> Result<T, E> + Clone,
        E: StdError + From<sqlx::Error> + 'static,
    {
        self.begun_with("BEGIN ISOLATION LEVEL READ COMMITTED", name, work).await
    }

    /// As [`transaction`](Self::transaction), but all its statements see one state of the database (REPEATABLE READ).
    ///
    /// # Errors
    /// As [`transaction`](Self::transaction).
    pub async fn snapshot<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(Transaction) -> Result<T, E> + Clone,
        E: StdError + From<sqlx::Error> + 'static,
    {
        self.begun_with("BEGIN ISOLATION LEVEL REPEATABLE READ", name, work).await
    }

    async fn begun_with<T, E, F>(&self, begin: &'static str, name: &'static str, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(Transaction) -> Result<T, E> + Clone,
        E: StdError + From<sqlx::Error> + 'static,
    {
        let started = Instant::now();
        let mut attempt = 1;
        loop {
            let outcome = self.attempt(begin, name, work.clone()).await;
            match outcome {
                Err(error) if attempt < MAX_ATTEMPTS && may_be_retried(&error) => {
                    tracing::debug!(transaction = name, attempt, "given up for others, trying again");
                    tokio::time::sleep(self.backoff.wait(attempt)).await;
                    attempt += 1;
                }
                outcome => {
                    let microseconds = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
                    tracing::debug!(transaction = name, attempt, microseconds, committed = outcome.is_ok());
                    return outcome;
                }
            }
        }
    }

    async fn attempt<T, E, F>(&self, begin: &'static str, name: &'static str, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(Transaction) -> Result<T, E>,
        E: From<sqlx::Error>,
    {
        let inner = self.pool.begin_with(begin).await?;
        let door = Arc::new(Mutex::new(None));
        let answer = work(Transaction { inner: Some(inner), door: Arc::clone(&door) }).await?;
        let returned = door.lock().unwrap_or_else(PoisonError::into_inner).take();
        match returned {
            Some(transaction) => commit(name, transaction).await?,
            None => return Err(sqlx::Error::Protocol("the work kept its transaction, so it is rolled back".into()).into()),
        }
        Ok(answer)
    }
}

#[cfg(not(feature = "crash-points"))]
async fn commit(_name: &'static str, transaction: sqlx::PgTransaction<'static>) -> Result<(), sqlx::Error> {
    transaction.commit().await
}

/// With the moments at which a test may kill the process.
#[cfg(feature = "crash-points")]
async fn commit(name: &'static str, mut transaction: sqlx::PgTransaction<'static>) -> Result<(), sqlx::Error> {
    let has_written = crate::crash::committing(name, &mut transaction).await?;
    transaction.commit().await?;
    if has_written {
        crate::crash::committed(name);
    }
    Ok(())
}

/// Whether the server itself asks for the transaction to be tried again (PostgreSQL manual, 13.5 "Serialization Failure Handling").
fn may_be_retried(error: &(dyn StdError + 'static)) -> bool {
    let mut link = Some(error);
    while let Some(error) = link {
        if let Some(state) = sql_state(error) {
            return matches!(state.as_str(), "40001" | "40P01");
        }
        link = error.source();
    }
    false
}

fn sql_state(error: &(dyn StdError + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<sqlx::Error>() {
        return error.as_database_error()?.code().map(Into::into);
    }
    // An error marked `transparent` skips itself in the chain and shows the driver's error at once.
    error.downcast_ref::<PgDatabaseError>().map(|error| error.code().to_owned())
}
