//! Settings from a TOML file and the environment; the environment wins.
//!
//! `NEMKONTO_HTTP__LISTEN=127.0.0.1:8080` sets `listen` in section `[http]`. `DATABASE_URL` sets `url` in `[database]`. A setting that nobody
//! knows is an error, so that a misspelt one does not pass unnoticed.

mod environment;
mod gap;

pub use gap::Gap;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;
use toml::Table;

use crate::local_postgres::{LocalPostgresOptions, default_data_dir};
use crate::telemetry::LogFormat;

/// Why the settings cannot be used. The texts name settings, never their values, which may be secret.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("the settings file {path} cannot be read")]
    File {
        /// Which file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("the settings file is not TOML: {0}")]
    Syntax(String),
    /// A setting has a value of the wrong kind, or is unknown.
    #[error("{0}")]
    Invalid(String),
    /// An environment variable does not name a setting.
    #[error("the environment variable {0} is not of the form NEMKONTO_SECTION__KEY")]
    Variable(String),
}

/// All settings of the program that are not business.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The database in production.
    pub database: DatabaseSettings,
    /// The private server, used when no database is given.
    pub local_postgres: LocalPostgresSettings,
    /// Sealing at rest.
    pub seal: SealSettings,
    /// The workers that drive the rooms.
    pub workers: WorkerSettings,
    /// The web server.
    pub http: HttpSettings,
    /// Logging.
    pub telemetry: TelemetrySettings,
    /// What has no public source: labelled defaults of the houses that an operator replaces. See [`Gap`].
    gap: Table,
}

/// Section `[database]`.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSettings {
    /// URL of the database, with the right to act as the houses' roles. Without it the program starts a private server.
    pub url: Option<String>,
    /// URL of the same database with the right to make roles and schemas, for `migrate`. Default: `url`.
    pub admin_url: Option<String>,
    /// The most connections of one house. No public source: chosen by us (8, for two cores).
    pub max_connections: Option<u32>,
}

impl std::fmt::Debug for DatabaseSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URLs may hold passwords.
        f.debug_struct("DatabaseSettings").field("url", &self.url.as_ref().map(|_| "••••")).finish_non_exhaustive()
    }
}

/// Section `[local_postgres]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LocalPostgresSettings {
    /// Its folder. Default: `nemkonto/postgres` under the user's data home; `/var/lib/nemkonto/postgres` for root.
    pub data_dir: PathBuf,
    /// Whether commits wait for the disk. Default yes; no is for data that may be lost.
    pub fsync: bool,
    /// The most connections of all processes together. No public source: chosen by us (100, PostgreSQL's own default).
    pub max_connections: u16,
}

impl Default for LocalPostgresSettings {
    fn default() -> Self {
        let LocalPostgresOptions { data_dir, fsync, max_connections } = LocalPostgresOptions::default();
        Self { data_dir, fsync, max_connections }
    }
}

impl LocalPostgresSettings {
    /// The options to start the server with.
    #[must_use]
    pub fn options(&self) -> LocalPostgresOptions {
        LocalPostgresOptions { data_dir: self.data_dir.clone(), fsync: self.fsync, max_connections: self.max_connections }
    }
}

/// Section `[seal]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SealSettings {
    /// The key file, made when missing. Default: `keys` beside the private server's folder, and so never inside the data it protects.
    pub key_file: PathBuf,
}

impl Default for SealSettings {
    fn default() -> Self {
        Self { key_file: default_data_dir().with_file_name("keys") }
    }
}

/// Section `[workers]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkerSettings {
    /// Tasks for each room. No public source: chosen by us (2, one for each core of the smallest machine).
    pub count: usize,
    /// Seconds a worker's claim on a slice lasts without renewal. No public source: chosen by us (60).
    pub lease_seconds: u32,
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self { count: 2, lease_seconds: 60 }
    }
}

/// Section `[http]`.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSettings {
    /// Where the web server listens. Default: only on this machine.
    pub listen: SocketAddr,
    /// The secret that services of the system show each other; at least 32 characters. Needed when houses run in different processes.
    pub service_token: Option<String>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8080)), service_token: None }
    }
}

impl std::fmt::Debug for HttpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpSettings").field("listen", &self.listen).finish_non_exhaustive()
    }
}

/// Section `[telemetry]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetrySettings {
    /// `text` for people, `json` for a log collector.
    pub format: LogFormat,
    /// What is logged, for example `info,mediation=debug`. Default `warn`.
    pub filter: String,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "warn".into() }
    }
}

impl Settings {
    /// The settings of `file`, overridden by those of `environment` (`std::env::vars()` in a program).
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn load(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>) -> Result<Self, SettingsError> {
        let text = match file {
            Some(path) => {
                std::fs::read_to_string(path).map_err(|source| SettingsError::File { path: path.to_owned(), source })?
            }
            None => String::new(),
        };
        let mut table: Table =
            toml::from_str(&text).map_err(|error: toml::de::Error| SettingsError::Syntax(error.message().to_owned()))?;
        environment::overlay(&mut table, environment)?;
        serde_path_to_error::deserialize(table).map_err(|error| invalid(&error))
    }

    /// The value of a gap: the operator's, or the labelled default.
    ///
    /// # Errors
    /// When the operator's value is of another kind.
    pub fn gap<T: serde::de::DeserializeOwned + Clone>(&self, gap: &Gap<T>) -> Result<T, SettingsError> {
        gap.value(&self.gap)
    }

    /// Checks that the operator has set no gap that does not exist; `known` are the keys of all houses.
    ///
    /// # Errors
    /// Names the first unknown one.
    pub fn check_gaps(&self, known: &[&str]) -> Result<(), SettingsError> {
        gap::keys(&self.gap)
            .into_iter()
            .find(|key| !known.contains(&key.as_str()))
            .map_or(Ok(()), |key| Err(SettingsError::Invalid(format!("the setting gap.{key} is unknown"))))
    }
}

/// Names the setting. The parser's own words are kept only where they do not quote a value.
fn invalid(error: &serde_path_to_error::Error<toml::de::Error>) -> SettingsError {
    let (setting, reason) = (error.path(), error.inner().message());
    if reason.starts_with("unknown field") {
        return SettingsError::Invalid(format!("the setting {setting} is not known: {reason}"));
    }
    SettingsError::Invalid(format!("the setting {setting} has a value of the wrong kind"))
}

#[cfg(test)]
mod tests;
