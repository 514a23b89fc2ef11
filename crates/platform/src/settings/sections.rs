//! The sections that are not business.

use std::path::PathBuf;

use serde::Deserialize;

use crate::local_postgres::LocalPostgresOptions;
use crate::telemetry::LogFormat;

/// Section `[database]`.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSettings {
    /// URL of the database, with the right to act as the houses' roles. Without it the program starts a private server.
    pub url: Option<String>,
    /// URL of the same database with the right to make roles and schemas, for `migrate`. Default: `url`.
    pub admin_url: Option<String>,
    /// The most connections of one house. No public source: chosen by us (8, for two cores).
    pub max_connections: u32,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self { url: None, admin_url: None, max_connections: 8 }
    }
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
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SealSettings {
    /// The key file, made when missing. Default: `keys` beside the private server's folder, and so never inside the data it protects.
    pub key_file: Option<PathBuf>,
}

impl SealSettings {
    /// The key file, when the private server's folder is this one.
    #[must_use]
    pub fn key_file(&self, local: &LocalPostgresSettings) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| local.data_dir.with_file_name("keys"))
    }
}

/// Section `[workers]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkerSettings {
    /// Tasks for each room. No public source: chosen by us (2, one for each core of the smallest machine).
    pub count: usize,
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self { count: 2 }
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
