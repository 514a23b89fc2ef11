//! What the houses stand on: a database server and the keys, given by the operator or made by the program itself.

use std::path::PathBuf;

use platform::local_postgres::{LocalPostgres, LocalPostgresOptions, default_data_dir};
use platform::seal::KeyRing;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, postgres::PgConnectOptions};

use crate::Failure;

/// The name of the operator's own server, as PostgreSQL's programs know it too.
const DATABASE_URL: &str = "DATABASE_URL";

/// A database server and a key ring.
#[derive(Debug)]
pub struct Ground {
    server: Server,
    /// The keys that seal identifiers at rest.
    pub keys: KeyRing,
}

#[derive(Debug)]
enum Server {
    /// The operator's, by `DATABASE_URL`.
    Given(String),
    /// Our own private one.
    Local(LocalPostgres),
}

impl Ground {
    /// Takes the server of `DATABASE_URL`, or starts (or joins) the private one; reads the keys, or makes them at the first start.
    /// `NEMKONTO_DATA_DIR` moves the private server's folder, `NEMKONTO_KEY_FILE` the keys.
    ///
    /// # Errors
    /// When the private server cannot be started or the key file cannot be read or made.
    pub fn open() -> Result<Self, Failure> {
        let folder = std::env::var_os("NEMKONTO_DATA_DIR").map_or_else(default_data_dir, PathBuf::from);
        Self::in_folder(folder, true)
    }

    /// As [`Ground::open`], with the private server and the keys in this folder. Only throw-away data may do without `fsync`.
    ///
    /// # Errors
    /// As [`Ground::open`].
    pub fn in_folder(data_dir: PathBuf, fsync: bool) -> Result<Self, Failure> {
        let key_file = std::env::var_os("NEMKONTO_KEY_FILE").map(PathBuf::from);
        let key_file = key_file.unwrap_or_else(|| data_dir.with_file_name("keys"));
        let server = match std::env::var(DATABASE_URL) {
            Ok(url) if !url.is_empty() => Server::Given(url),
            _ => Server::Local(LocalPostgres::start(&LocalPostgresOptions { data_dir, fsync, ..Default::default() })?),
        };
        if let Some(folder) = key_file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(Self { server, keys: KeyRing::load_or_create(&key_file)? })
    }

    /// The URL of the operator's own database, or of the database `name` on the private server, made if it is missing.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn database(&self, name: &str) -> Result<String, Failure> {
        match &self.server {
            Server::Given(url) => Ok(url.clone()),
            Server::Local(server) => {
                let mut connection = server.url("postgres").parse::<PgConnectOptions>()?.connect().await?;
                let known: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
                    .bind(name)
                    .fetch_one(&mut connection)
                    .await?;
                if !known {
                    connection.execute(AssertSqlSafe(format!("create database {name}"))).await?;
                }
                connection.close().await?;
                Ok(server.url(name))
            }
        }
    }

    /// An empty database `name` on the private server: what was in it before is gone. Never on an operator's server.
    ///
    /// # Errors
    /// When the server is the operator's, or cannot be reached.
    pub async fn fresh_database(&self, name: &str) -> Result<String, Failure> {
        let Server::Local(server) = &self.server else {
            return Err(format!("this command empties its database and so never uses {DATABASE_URL}; unset it").into());
        };
        let mut connection = server.url("postgres").parse::<PgConnectOptions>()?.connect().await?;
        connection.execute(AssertSqlSafe(format!("drop database if exists {name} with (force)"))).await?;
        connection.close().await?;
        self.database(name).await
    }

    /// The process id of the private server, if there is one.
    #[must_use]
    pub fn server_pid(&self) -> Option<u32> {
        match &self.server {
            Server::Given(_) => None,
            Server::Local(server) => server.server_pid(),
        }
    }
}
