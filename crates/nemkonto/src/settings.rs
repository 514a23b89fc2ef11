//! What the operator must say before the system can pay anybody: the state's accounts, and where files go.
//!
//! ```toml
//! [state]
//! recovery_account = "DK…"        # IBAN: the recovery authority's account
//! holding_account = "DK…"         # IBAN: the holding account
//! holding_agreement = "99000001"  # the agreement under which the holding account pays
//!
//! [channel]
//! folder = "/srv/nemkonto/out"    # bank files and reports are handed over here
//!
//! [mediation]
//! lease_seconds = 10              # how long a worker may be silent before another takes its work
//! slice_payments = 20000          # payments in a unit of work
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use platform::lease::LeaseTerms;
use primitives::{Account, AgreementNumber, Iban};
use serde::Deserialize;

use crate::{Failure, street::StateAccounts};

/// The settings file, read.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The state's accounts.
    pub state: StateAccounts,
    /// Where bank files and reports are handed over.
    pub folder: PathBuf,
    /// Mediation's settings.
    pub mediation: mediation::Settings,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    state: State,
    channel: Channel,
    #[serde(default)]
    mediation: Mediation,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    recovery_account: String,
    holding_account: String,
    holding_agreement: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Channel {
    folder: PathBuf,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mediation {
    lease_seconds: Option<u64>,
    slice_payments: Option<usize>,
}

impl Settings {
    /// Reads the file `--settings` names, or else `nemkonto.toml` in the folder the program is started from.
    ///
    /// # Errors
    /// When the file is missing or a setting is: says which.
    pub fn load(file: Option<&Path>) -> Result<Self, Failure> {
        let path = file.unwrap_or(Path::new("nemkonto.toml"));
        let text = std::fs::read_to_string(path).map_err(|error| format!("settings file {}: {error}", path.display()))?;
        Self::parse(&text).map_err(|error| format!("settings file {}: {error}", path.display()).into())
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let File { state, channel, mediation } = toml::from_str(text)?;
        let account = |setting: &str, iban: &str| -> Result<Account, Failure> {
            Ok(Account::from_iban(Iban::parse(iban).map_err(|_| format!("state.{setting}: expected an IBAN"))?, None))
        };
        let mut settings = mediation::Settings::default();
        if let Some(seconds) = mediation.lease_seconds {
            settings.lease = LeaseTerms { duration: Duration::from_secs(seconds) };
        }
        if let Some(payments) = mediation.slice_payments {
            settings.slice_payments = payments;
        }
        Ok(Self {
            state: StateAccounts {
                recovery: account("recovery_account", &state.recovery_account)?,
                holding: account("holding_account", &state.holding_account)?,
                holding_agreement: AgreementNumber::parse(&state.holding_agreement)
                    .map_err(|_| "state.holding_agreement: expected 8 digits")?,
            },
            folder: channel.folder,
            mediation: settings,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [state]
        recovery_account = "DK5000400440116243"
        holding_account = "DK5000400440116243"
        holding_agreement = "99000001"
        [channel]
        folder = "out"
        [mediation]
        lease_seconds = 2
    "#;

    #[test]
    fn a_full_file_is_read() {
        let settings = Settings::parse(GOOD).unwrap();
        assert_eq!(settings.state.holding_agreement.digits(), "99000001");
        assert_eq!(settings.mediation.lease.duration, Duration::from_secs(2));
    }

    #[test]
    fn what_is_missing_wrong_or_unknown_is_named() {
        for (from, to, named) in [
            ("recovery_account", "recover_account", "recover_account"),
            ("\"99000001\"", "\"9900\"", "holding_agreement"),
            ("folder", "#", "folder"),
            ("\"DK5000400440116243\"\n        holding_agreement", "\"DK51\"\n        holding_agreement", "holding_account"),
        ] {
            let error = Settings::parse(&GOOD.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(named), "{named}: {error}");
        }
    }
}
