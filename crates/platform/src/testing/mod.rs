//! Real databases for tests: each test gets a fresh one, on a shared private server whose data may be lost (fsync off).
//!
//! The server lives in `target/test-postgres` (`NEMKONTO_TEST_POSTGRES` moves it), is started by the first test process and stops itself some
//! seconds after the last one. A template per set of migrations is made once, so that a fresh database costs milliseconds. Works with threads
//! and with a process per test.

mod folder;
mod recorded;
mod server;
mod watch;

pub use folder::TemporaryFolder;
pub use recorded::check_recorded_queries;
pub use server::TEST_POSTGRES;

use std::str::FromStr;
use std::thread;
use std::time::Duration;

use primitives::hex;
use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use uuid::Uuid;

use crate::database::{Database, HouseSchema, PoolOptions, provision};
use crate::local_postgres::LocalPostgres;

use server::server;

/// How long a test waits for a connection: what takes longer waits for itself, also where the machine has ten times as much to do as it can.
const PATIENCE: Duration = Duration::from_secs(300);

/// A fresh database with the schemas of some houses, dropped with this value.
///
/// Its functions panic on failure, as a test's preparations should.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
}

impl TestDatabase {
    /// Makes a database and runs the houses' migrations in it.
    ///
    /// # Panics
    /// When the server cannot be started or a migration fails.
    pub async fn new(houses: &[HouseSchema]) -> Self {
        let server = server();
        let mut maintenance = connect(&server.url("postgres")).await;
        // Roles belong to the whole server, so templates are made one at a time.
        execute(&mut maintenance, "select pg_advisory_lock(1)").await;
        let template = template(&mut maintenance, server, houses).await;
        execute(&mut maintenance, "select pg_advisory_unlock(1)").await;
        let name = format!("test_{}", random_name());
        execute(&mut maintenance, &format!("create database {name} template {template}")).await;
        maintenance.close().await.expect("closing the maintenance connection");
        Self { url: server.url(&name), name }
    }

    /// The database's URL, as superuser.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The database as `house` sees it at run time (`connect("register")` acts as `nemkonto_register`).
    ///
    /// # Panics
    /// When the connection fails.
    pub async fn connect(&self, house: &str) -> Database {
        let options = PoolOptions { application: "test", acquire_timeout: PATIENCE, ..PoolOptions::default() };
        let role = format!("nemkonto_{house}");
        Database::connect(&server().url_as(&role, &self.name), &role, &options)
            .await
            .expect("connecting as the house's runtime role")
    }

    /// A connection as superuser, to look behind the scenes.
    ///
    /// # Panics
    /// When the connection fails.
    pub async fn admin(&self) -> PgConnection {
        connect(&self.url).await
    }
}

impl Drop for TestDatabase {
    /// Best effort: what a killed test leaves behind is removed when the server starts next.
    fn drop(&mut self) {
        let (url, name) = (server().url("postgres"), self.name.clone());
        // The test's own runtime may be gone or busy with this very drop.
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&url).await?;
                let statement = format!("drop database if exists {name} with (force)");
                sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
                connection.close().await
            })
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            tracing::warn!(database = self.name, "the test database could not be dropped");
        }
    }
}

/// The template database of these houses; it is made under another name first, so that it is there whole or not at all.
async fn template(maintenance: &mut PgConnection, server: &LocalPostgres, houses: &[HouseSchema]) -> String {
    let name = format!("template_{}", fingerprint(houses));
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(&name)
        .fetch_one(&mut *maintenance)
        .await
        .expect("looking for the template");
    if !exists {
        let draft = format!("draft_{}", random_name());
        execute(maintenance, &format!("create database {draft}")).await;
        provision(&server.url(&draft), houses).await.expect("the houses' migrations run on an empty database");
        execute(maintenance, &format!("alter database {draft} rename to {name}")).await;
    }
    name
}

/// Tells sets of migrations apart, and versions of our own provisioning.
fn fingerprint(houses: &[HouseSchema]) -> String {
    let mut digest = Sha256::new_with_prefix(include_str!("../database/provision.rs"));
    for house in houses {
        digest.update(house.name);
        for migration in house.migrator.iter() {
            digest.update(&migration.checksum);
        }
    }
    hex::encode(&digest.finalize()[..8])
}

fn random_name() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    Uuid::from_bytes(bytes).simple().to_string()
}

async fn connect(url: &str) -> PgConnection {
    let options = PgConnectOptions::from_str(url).expect("our own URL is well-formed");
    // The server may have every connection taken for a moment when many tests run at once.
    for _ in 0..50 {
        match options.connect().await {
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("53300") => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            connection => return connection.expect("connecting to the tests' private PostgreSQL"),
        }
    }
    panic!("the tests' private PostgreSQL has had no free connection for 5 s");
}

async fn execute(connection: &mut PgConnection, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(connection)
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
}
