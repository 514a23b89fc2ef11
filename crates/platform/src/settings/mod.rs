//! Settings from a TOML file and the environment; the environment wins.
//!
//! `NEMKONTO_WORKERS__COUNT=4` sets `count` in section `[workers]`; a few settings have a shorter name too (see [`SHORT_NAMES`]). A setting that
//! nobody knows is an error, so that a misspelt one does not pass unnoticed.
//!
//! Here are the sections that are not business. The program puts them and its own together in one struct and reads it with [`load`].

mod environment;
mod gap;
mod sections;

pub use environment::{NOT_SETTINGS, SHORT_NAMES};
pub use gap::{Gap, Gaps};
pub use sections::{DatabaseSettings, LocalPostgresSettings, SealSettings, TelemetrySettings, WorkerSettings};

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use thiserror::Error;
use toml::Table;

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

/// The settings of `file`, overridden by those of `environment` (`std::env::vars()` in a program).
///
/// # Errors
/// See [`SettingsError`].
pub fn load<S: DeserializeOwned>(
    file: Option<&Path>, environment: impl Iterator<Item = (String, String)>,
) -> Result<S, SettingsError> {
    let text = match file {
        Some(path) => std::fs::read_to_string(path).map_err(|source| SettingsError::File { path: path.to_owned(), source })?,
        None => String::new(),
    };
    let mut table: Table =
        toml::from_str(&text).map_err(|error: toml::de::Error| SettingsError::Syntax(error.message().to_owned()))?;
    environment::overlay(&mut table, environment)?;
    serde_path_to_error::deserialize(table).map_err(|error| invalid(&error))
}

/// Names the setting. The parser's own words are kept only where they do not quote a value.
fn invalid(error: &serde_path_to_error::Error<toml::de::Error>) -> SettingsError {
    let (setting, reason) = (error.path(), error.inner().message());
    if reason.starts_with("unknown field") {
        return SettingsError::Invalid(format!("the setting {setting} is not known: {reason}"));
    }
    if reason.starts_with("missing field") {
        return SettingsError::Invalid(format!("in the settings' section {setting}: {reason}"));
    }
    SettingsError::Invalid(format!("the setting {setting} has a value of the wrong kind"))
}

#[cfg(test)]
mod tests;
