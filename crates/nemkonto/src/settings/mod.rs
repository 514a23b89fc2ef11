//! What the operator decides: a TOML file and the environment, which wins. `SETTINGS.md` lists everything (see [`catalogue`]).
//!
//! ```toml
//! [state]
//! recovery_account = "DK…"        # IBAN: the recovery authority's account
//! holding_account = "DK…"         # IBAN: the holding account
//! holding_agreement = "99000001"  # the agreement under which the holding account pays
//!
//! [channel]
//! folder = "/srv/nemkonto/out"    # bank files and reports are handed over here
//! ```

pub mod catalogue;
mod file;
pub mod gaps;
mod houses;
mod register;
mod sign_in;

use std::path::{Path, PathBuf};

use platform::settings::{
    DatabaseSettings, LocalPostgresSettings, SealSettings, SettingsError, TelemetrySettings, WorkerSettings, load,
};

pub use houses::{HoldingChoices, HouseSettings, SetoffChoices};
pub use sign_in::SignIn;

use crate::street::StateAccounts;
use file::File;

/// The file that is read when none is named, where there is one.
pub const DEFAULT_FILE: &str = "nemkonto.toml";

/// All settings of the program, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The database in production.
    pub database: DatabaseSettings,
    /// The private server, used when no database is given.
    pub local_postgres: LocalPostgresSettings,
    /// Sealing at rest.
    pub seal: SealSettings,
    /// Where the anchors of the change logs stand.
    pub anchor_file: PathBuf,
    /// The workers that drive the rooms.
    pub workers: WorkerSettings,
    /// Logging.
    pub telemetry: TelemetrySettings,
    /// Who says who somebody is, where people sign in by proof.
    pub sign_in: Option<SignIn>,
    /// The state's accounts, which have no defaults.
    pub state: Option<StateAccounts>,
    /// Where bank files and reports are handed over.
    pub folder: Option<PathBuf>,
    /// The houses' own.
    pub houses: HouseSettings,
}

impl Settings {
    /// Reads the file, or [`DEFAULT_FILE`] in the folder the program was started from if there is one, and the environment
    /// (`std::env::vars()` in a program).
    ///
    /// # Errors
    /// When the named file is missing, or a setting is wrong or unknown: says which.
    pub fn load(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>) -> Result<Self, SettingsError> {
        let file = file.or_else(|| Some(Path::new(DEFAULT_FILE)).filter(|file| file.is_file()));
        load::<File>(file, environment)?.checked()
    }
}

impl Default for Settings {
    fn default() -> Self {
        File::default().checked().expect("the defaults are in order")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use platform::testing::TemporaryFolder;

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
        slice_payments = 40
        [gap.register]
        letter_attempts = 3
    "#;

    fn read(text: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let folder = TemporaryFolder::new();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, text).unwrap();
        Settings::load(Some(&path), environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn a_full_file_is_read() {
        let settings = read(GOOD, &[]).unwrap();
        assert_eq!(settings.state.unwrap().holding_agreement.digits(), "99000001");
        assert_eq!(settings.folder.unwrap(), Path::new("out"));
        let HouseSettings { mediation, register, .. } = settings.houses;
        assert_eq!((mediation.lease.duration, mediation.slice_payments), (Duration::from_secs(2), 40));
        assert_eq!(register.letter_attempts, 3);
    }

    #[test]
    fn each_data_folder_has_anchors_of_its_own() {
        for folder in ["data", "data.1", "data.2"] {
            let settings = read(GOOD, &[("NEMKONTO_LOCAL_POSTGRES__DATA_DIR", folder)]).unwrap();
            assert_eq!(settings.anchor_file, Path::new(&format!("{folder}.anchors")));
        }
    }

    #[test]
    fn the_environment_alone_is_enough_and_wins() {
        let environment = [
            ("NEMKONTO_STATE__RECOVERY_ACCOUNT", "DK5000400440116243"),
            ("NEMKONTO_STATE__HOLDING_ACCOUNT", "DK5000400440116243"),
            // An agreement number looks like a number to TOML.
            ("NEMKONTO_STATE__HOLDING_AGREEMENT", "99000002"),
            ("NEMKONTO_MEDIATION__LEASE_SECONDS", "7"),
            ("NEMKONTO_GAP__MEDIATION__HOLDING_NAME", "Statens ventekonto"),
        ];
        for file in ["", GOOD] {
            let settings = read(file, &environment).unwrap();
            assert_eq!(settings.state.unwrap().holding_agreement.digits(), "99000002");
            assert_eq!(settings.houses.mediation.lease.duration, Duration::from_secs(7));
            assert_eq!(settings.houses.mediation.holding_name, "Statens ventekonto");
        }
    }

    #[test]
    fn sections_may_be_missing_and_a_named_file_may_not() {
        let settings = read("", &[]).unwrap();
        assert!(settings.state.is_none() && settings.folder.is_none());
        let error = Settings::load(Some(Path::new("/nowhere/at.all")), std::iter::empty()).unwrap_err();
        assert!(error.to_string().contains("/nowhere/at.all"), "{error}");
    }

    #[test]
    fn what_is_missing_wrong_or_unknown_is_named() {
        for (from, to, named) in [
            ("recovery_account", "recover_account", "recover_account"),
            ("\"99000001\"", "\"9900\"", "state.holding_agreement"),
            ("holding_agreement = \"99000001\"", "", "holding_agreement"),
            ("folder", "folders", "folders"),
            ("\"DK5000400440116243\"\n        holding_agreement", "\"DK51\"\n        holding_agreement", "holding_account"),
            ("lease_seconds = 2", "lease_seconds = 0", "mediation.lease_seconds"),
            ("slice_payments = 40", "slice_payments = 32001", "mediation.slice_payments"),
            ("letter_attempts = 3", "letter_attempt = 3", "gap.register.letter_attempt"),
            ("letter_attempts = 3", "bank_activation_bank_days = 3", "bank_activation_bank_days"),
        ] {
            let error = read(&GOOD.replacen(from, to, 1), &[]).unwrap_err().to_string();
            assert!(error.contains(named), "{named}: {error}");
        }
    }

    #[test]
    fn an_account_is_in_no_error() {
        let error = read(&GOOD.replacen("DK5000400440116243", "DK5000400440116244", 1), &[]).unwrap_err();
        assert!(!format!("{error:?}").contains("440116"), "{error:?}");
    }
}
