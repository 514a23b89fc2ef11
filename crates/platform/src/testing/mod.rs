//! Real databases for tests: each test gets a fresh one, on a shared private server whose data may be lost (fsync off).
//!
//! The server lives in `target/test-postgres`, is started by the first test process and stops itself some seconds after the last one. A
//! template per set of migrations is made once, so that a fresh database costs milliseconds. Works with threads and with a process per test.

mod folder;
mod recorded;

pub use folder::TemporaryFolder;
pub use recorded::check_recorded_queries;

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use uuid::Uuid;

use crate::database::{Database, HouseSchema, PoolOptions, provision};
use crate::local_postgres::{LocalPostgres, LocalPostgresOptions};

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
        let options = PoolOptions { application: "test", ..PoolOptions::default() };
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

/// The server of this process's tests. It is never dropped: see [`stop_when_unused`].
fn server() -> &'static LocalPostgres {
    static SERVER: OnceLock<LocalPostgres> = OnceLock::new();
    SERVER.get_or_init(|| {
        let data_dir = data_dir();
        let options = LocalPostgresOptions { data_dir: data_dir.clone(), fsync: false, max_connections: 300 };
        let server = LocalPostgres::start(&options).expect("starting the tests' private PostgreSQL");
        if !server.adopted() {
            drop_leftovers(server.url("postgres"));
            stop_when_unused(&data_dir, server.server_pid().expect("a started server has a pid"));
        }
        server
    })
}

/// `test-postgres` in the build's target folder, or under the temporary folder when the server's user could not get there.
fn data_dir() -> PathBuf {
    let program = env::current_exe().expect("a test knows its own program");
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    if let Some(target) = target.filter(|target| target.ancestors().all(anyone_may_pass)) {
        return target.join("test-postgres");
    }
    let digest = hex(&Sha256::digest(program.parent().unwrap_or(&program).as_os_str().as_encoded_bytes())[..6]);
    env::temp_dir().join(format!("nemkonto-test-postgres-{digest}"))
}

fn anyone_may_pass(folder: &Path) -> bool {
    folder.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o001 != 0)
}

/// Leaves a shell behind that stops the server once no test process has used it for a while, under the same two locks as the processes
/// themselves use. Test processes end without a chance to do it, and starting the server anew for each would be slow.
fn stop_when_unused(data_dir: &Path, pid: u32) {
    let script = "while sleep 15; do \
         kill -0 \"$2\" 2>/dev/null || exit 0; \
         flock -x \"$1/start.lock\" flock -n -x \"$1/users.lock\" kill -INT \"$2\" && exit 0; \
         done";
    let mut command = Command::new("sh");
    command.args(["-c", script, "stop-test-postgres"]).arg(data_dir).arg(pid.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).current_dir("/");
    // Without it the server merely runs on until the next tests.
    match command.spawn() {
        Ok(mut child) => drop(thread::spawn(move || child.wait())),
        Err(error) => tracing::warn!(%error, "nobody will stop the tests' private PostgreSQL"),
    }
}

/// Drops databases that killed tests left, before anyone uses the server.
fn drop_leftovers(url: String) {
    let dropping = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut connection = connect(&url).await;
            let query = "select datname::text from pg_database where datname ~ '^(test|template|draft)_'";
            let names: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut connection).await.expect("listing databases");
            for name in names {
                execute(&mut connection, &format!("drop database {name} with (force)")).await;
            }
        });
    });
    dropping.join().expect("dropping leftover test databases");
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
    hex(&digest.finalize()[..8])
}

fn random_name() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    Uuid::from_bytes(bytes).simple().to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
