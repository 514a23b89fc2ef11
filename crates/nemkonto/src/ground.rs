//! What the houses stand on: a database server and the keys, given by the operator or made by the program itself.

mod sole_use;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use platform::database::{create_database, options_of};
use platform::local_postgres::LocalPostgres;
use platform::seal::KeyRing;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

pub use sole_use::SoleUse;

use crate::Failure;
use crate::settings::Settings;

/// A database server and a key ring.
#[derive(Debug)]
pub struct Ground {
    server: Server,
    /// The keys that seal identifiers at rest.
    pub keys: KeyRing,
    /// The databases nobody else may use while this lives.
    held: Mutex<Vec<SoleUse>>,
}

#[derive(Debug)]
enum Server {
    /// The operator's.
    Given(DatabaseUrls),
    /// Our own private one, and its folder.
    Local(LocalPostgres, PathBuf),
}

/// A database. The URLs may hold passwords.
#[derive(Clone)]
pub struct DatabaseUrls {
    /// As a user that may act as the houses' roles.
    pub url: String,
    /// As a user that may make roles and schemas.
    pub admin: String,
}

/// One URL for both.
impl From<String> for DatabaseUrls {
    fn from(url: String) -> Self {
        Self { admin: url.clone(), url }
    }
}

impl fmt::Debug for DatabaseUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseUrls").finish_non_exhaustive()
    }
}

impl Ground {
    /// As [`Ground::on`], by the settings of the environment and of the default file.
    ///
    /// # Errors
    /// As [`Ground::on`], and when a setting is wrong.
    pub fn open() -> Result<Self, Failure> {
        Self::on(&Settings::load(None, std::env::vars())?)
    }

    /// Takes the operator's server if the settings name one, or starts (or joins) the private one; reads the keys, or makes them at the
    /// first start.
    ///
    /// # Errors
    /// When the private server cannot be started or the key file cannot be read or made.
    pub fn on(settings: &Settings) -> Result<Self, Failure> {
        let local = &settings.local_postgres;
        let server = match settings.database.url.clone() {
            Some(url) => {
                let admin = settings.database.admin_url.clone().unwrap_or_else(|| url.clone());
                Server::Given(DatabaseUrls { url, admin })
            }
            None => Server::Local(LocalPostgres::start(&local.options())?, local.data_dir.clone()),
        };
        let key_file = settings.seal.key_file(local);
        if let Some(folder) = key_file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(Self { server, keys: KeyRing::load_or_create(&key_file)?, held: Mutex::default() })
    }

    /// The operator's own database, or the database `name` on the private server, made if it is missing.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn database(&self, name: &str) -> Result<DatabaseUrls, Failure> {
        match &self.server {
            Server::Given(urls) => Ok(urls.clone()),
            Server::Local(server, _) => {
                create_database(&server.url("postgres"), name).await?;
                Ok(server.url(name).into())
            }
        }
    }

    /// As [`Ground::database`]; on the private server no other process may use it at the same time.
    ///
    /// # Errors
    /// As [`Ground::database`], and when another process has it: says which.
    pub async fn own_database(&self, name: &str) -> Result<DatabaseUrls, Failure> {
        self.hold(name)?;
        self.database(name).await
    }

    /// An empty database `name` on the private server, for this process alone: what was in it before is gone. Never on an operator's server.
    ///
    /// # Errors
    /// When the server is the operator's, or cannot be reached, or another process has the database: says which.
    pub async fn fresh_database(&self, name: &str) -> Result<String, Failure> {
        let Server::Local(server, _) = &self.server else {
            return Err(
                "this command empties its database and so never uses the operator's: unset DATABASE_URL (database.url)".into()
            );
        };
        self.hold(name)?;
        let mut connection = options_of(&server.url("postgres"))?.connect().await?;
        connection.execute(AssertSqlSafe(format!("drop database if exists {name} with (force)"))).await?;
        connection.close().await?;
        Ok(self.database(name).await?.url)
    }

    fn hold(&self, name: &str) -> Result<(), Failure> {
        if let Server::Local(_, folder) = &self.server {
            let held = SoleUse::take(&folder.join(format!("{name}.lock")))?;
            self.held.lock().unwrap_or_else(PoisonError::into_inner).push(held);
        }
        Ok(())
    }

    /// The process id of the private server, if there is one.
    #[must_use]
    pub fn server_pid(&self) -> Option<u32> {
        match &self.server {
            Server::Given(_) => None,
            Server::Local(server, _) => server.server_pid(),
        }
    }
}
