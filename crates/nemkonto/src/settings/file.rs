//! The settings as they are written, and their check.

use std::path::{Path, PathBuf};
use std::time::Duration;

use platform::lease::LeaseTerms;
use platform::settings::{
    DatabaseSettings, Gaps, LocalPostgresSettings, SealSettings, SettingsError, TelemetrySettings, WorkerSettings,
};
use primitives::{Account, AgreementNumber, Iban};
use serde::{Deserialize, Deserializer, de};

use super::houses::HouseSettings;
use super::register::Section as Register;
use super::sign_in::Section as SignIn;
use super::{Settings, gaps};
use crate::street::StateAccounts;

/// Section by section.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    database: DatabaseSettings,
    local_postgres: LocalPostgresSettings,
    seal: SealSettings,
    audit: Audit,
    workers: WorkerSettings,
    telemetry: TelemetrySettings,
    sign_in: Option<SignIn>,
    state: Option<State>,
    channel: Option<Channel>,
    mediation: Mediation,
    register: Register,
    holding: Holding,
    gap: Gaps,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    recovery_account: String,
    holding_account: String,
    #[serde(deserialize_with = "digits")]
    holding_agreement: String,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Audit {
    anchor_file: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Channel {
    folder: PathBuf,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Mediation {
    lease_seconds: Option<u64>,
    slice_payments: Option<usize>,
    longest_file_bytes: Option<u64>,
    recovery_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Holding {
    wind_down: Option<bool>,
    expiry_years: Option<i16>,
}

/// The most payments of a slice: see [`mediation::Settings::slice_payments`].
const MOST_SLICE_PAYMENTS: usize = 32_000;

/// Where the anchors stand, unless a setting says: beside the data, under its whole name.
fn beside(data_dir: &Path) -> PathBuf {
    let mut name = data_dir.as_os_str().to_owned();
    name.push(".anchors");
    name.into()
}

impl File {
    pub(super) fn checked(self) -> Result<Settings, SettingsError> {
        self.gap.check(&gaps::keys())?;
        let houses = self.houses()?;
        let beside = beside(&self.local_postgres.data_dir);
        Ok(Settings {
            anchor_file: self.audit.anchor_file.unwrap_or(beside),
            database: self.database,
            local_postgres: self.local_postgres,
            seal: self.seal,
            workers: self.workers,
            telemetry: self.telemetry,
            sign_in: self.sign_in.map(SignIn::checked).transpose()?,
            state: self.state.map(State::accounts).transpose()?,
            folder: self.channel.map(|channel| channel.folder),
            houses,
        })
    }

    fn houses(&self) -> Result<HouseSettings, SettingsError> {
        let mut houses = gaps::decided(&self.gap)?;
        let Mediation { lease_seconds, slice_payments, longest_file_bytes, recovery_name } = &self.mediation;
        if let Some(seconds) = *lease_seconds {
            within("mediation.lease_seconds", (1..=3_600).contains(&seconds), "1 to 3,600")?;
            houses.mediation.lease = LeaseTerms { duration: Duration::from_secs(seconds) };
        }
        if let Some(payments) = *slice_payments {
            within("mediation.slice_payments", (1..=MOST_SLICE_PAYMENTS).contains(&payments), "1 to 32,000")?;
            houses.mediation.slice_payments = payments;
        }
        set(&mut houses.mediation.longest_file, *longest_file_bytes);
        set(&mut houses.mediation.recovery_name, recovery_name.clone());
        set(&mut houses.holding.wind_down, self.holding.wind_down);
        set(&mut houses.holding.expiry_years, self.holding.expiry_years);
        self.register.decide(&mut houses)?;
        Ok(houses)
    }
}

impl State {
    fn accounts(self) -> Result<StateAccounts, SettingsError> {
        let agreement = AgreementNumber::parse(&self.holding_agreement);
        Ok(StateAccounts {
            recovery: account("recovery_account", &self.recovery_account)?,
            holding: account("holding_account", &self.holding_account)?,
            holding_agreement: agreement.map_err(|_| wrong("state.holding_agreement", "expected 8 digits"))?,
        })
    }
}

fn account(setting: &str, iban: &str) -> Result<Account, SettingsError> {
    let iban = Iban::parse(iban).map_err(|_| wrong(&format!("state.{setting}"), "expected an IBAN"))?;
    Ok(Account::from_iban(iban, None))
}

fn within(setting: &str, is: bool, range: &str) -> Result<(), SettingsError> {
    if is { Ok(()) } else { Err(wrong(setting, &format!("expected {range}"))) }
}

fn wrong(setting: &str, expected: &str) -> SettingsError {
    SettingsError::Invalid(format!("the setting {setting}: {expected}"))
}

pub(super) fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

/// Digits, also where they were written as a number, as they are in an environment variable.
fn digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match toml::Value::deserialize(deserializer)? {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(number) => Ok(number.to_string()),
        _ => Err(de::Error::custom("expected digits")),
    }
}
