//! The door to PostgreSQL: pools that act as one house's runtime role, named transactions, and provisioning of a house's schema.

mod provision;
mod transaction;

pub use provision::{HouseSchema, ProvisionError, create_database, provision};
pub use transaction::{Backoff, Transaction};

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgConnection, PgPool};

/// How a house's pool is sized.
#[derive(Clone, Debug)]
pub struct PoolOptions {
    /// The most connections at a time. Default 8: each working task needs one, and two cores gain nothing from more.
    pub max_connections: u32,
    /// Shown in `pg_stat_activity`. Default `nemkonto`.
    pub application: &'static str,
    /// How long a task waits for a free connection before it fails. Default 30 s.
    pub acquire_timeout: Duration,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self { max_connections: 8, application: "nemkonto", acquire_timeout: Duration::from_secs(30) }
    }
}

/// A pool of connections that all act as one runtime role, so that a house cannot reach another house's schema even by mistake.
#[derive(Clone)]
pub struct Database {
    pool: PgPool,
    backoff: Backoff,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The pool's own Debug shows the connection URL, which may hold a password.
        f.debug_struct("Database").field("connections", &self.pool.size()).finish_non_exhaustive()
    }
}

impl Database {
    /// Connects to `url`, acting as `role` (for example `nemkonto_register`) on every connection.
    ///
    /// The user in the URL must be that role or a member of it: on the private server the role itself
    /// ([`LocalPostgres::url_as`](crate::local_postgres::LocalPostgres::url_as)), elsewhere best a user without rights of its own. The search path holds nothing but the system catalogue: every statement
    /// names its schema.
    ///
    /// # Errors
    /// When the URL is malformed, the server does not answer, or the user may not act as the role.
    pub async fn connect(url: &str, role: &str, options: &PoolOptions) -> Result<Self, sqlx::Error> {
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.acquire_timeout)
            // What waits half its time is told; the driver's own two seconds tell of a busy machine only.
            .acquire_slow_threshold(options.acquire_timeout / 2)
            .test_before_acquire(false)
            .before_acquire(|connection, _| Box::pin(is_in_step(connection)))
            .connect_with(acting_as(url, role)?.application_name(options.application))
            .await?;
        Ok(Self { pool, backoff: Backoff::from_system_randomness() })
    }

    /// The same pool with another wait between the attempts of a transaction.
    #[must_use]
    pub fn with_backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// The pool, for single statements, which are transactions of their own.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Closes every connection and waits until they are.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Whether the connection answers the question that is put to it now, and not one that was put before.
///
/// A COPY given up midway, by an error or because its task was cancelled, leaves answers behind that the driver does not count; the next
/// statement would be given another's answer. So each reuse of a connection begins with a number that must come back; a connection that
/// fails it is closed. It takes the place of the driver's own ping, at the same cost.
async fn is_in_step(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    static QUESTIONS: AtomicI64 = AtomicI64::new(1);
    let question = QUESTIONS.fetch_add(1, Ordering::Relaxed);
    let answer: i64 = sqlx::query_scalar("select $1::bigint").bind(question).fetch_one(connection).await?;
    Ok(answer == question)
}

/// Connection options of `url` for acting as `role`.
fn acting_as(url: &str, role: &str) -> Result<PgConnectOptions, sqlx::Error> {
    // Bulk statements look dear to the planner and are short: compiling them at run time (JIT) was measured to cost ten times what they do,
    // and to share them out among processes, which are given the whole list of keys each as text, twice the processor time.
    let plain = [("jit", "off"), ("max_parallel_workers_per_gather", "0")];
    Ok(options_of(url)?.options([("role", role), ("search_path", "pg_catalog")]).options(plain))
}

/// Connection options of `url`. The driver says nothing of slow statements: a bulk statement is meant to take its time, and a migration's
/// whole text would stand in the log. PostgreSQL's own `log_min_duration_statement` is the place for it.
///
/// # Errors
/// When the URL is malformed.
pub fn options_of(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(PgConnectOptions::from_str(url)?.disable_statement_logging())
}

/// The check behind every write: the statement must have touched exactly the rows it was meant to.
///
/// # Errors
/// A protocol error that names `what`; returned from a transaction, it rolls the transaction back.
pub fn expect_rows(actual: u64, expected: usize, what: &'static str) -> Result<(), sqlx::Error> {
    if u64::try_from(expected) == Ok(actual) {
        return Ok(());
    }
    Err(sqlx::Error::Protocol(format!("{what}: {actual} rows were affected, {expected} expected")))
}
