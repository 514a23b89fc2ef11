//! What an operator decides for each house. The state's accounts come on top: they have no defaults.

use std::path::PathBuf;
use std::time::Duration;

use primitives::{Account, AgreementNumber};

use super::gaps;

/// The houses' settings.
#[derive(Clone, Debug)]
pub struct HouseSettings {
    /// NKR.
    pub register: register::Settings,
    /// The file of the key under which the register is compared with another; its own key when not given.
    pub register_step_key: Option<PathBuf>,
    /// Betalingsformidling.
    pub mediation: mediation::Settings,
    /// Ventekonto.
    pub holding: HoldingChoices,
    /// Gældsmodregning.
    pub setoff: SetoffChoices,
    /// How long parties keep the answer of a call: see [`parties::House::keeping_answers`].
    pub parties_answers_kept: Duration,
    /// How long is waited between two looks for what is due now and then in any house.
    pub chores_every: Duration,
    /// The authorities that vouch for the servers webhooks are sent to. None: there are no webhooks.
    pub webhook_ca_file: Option<PathBuf>,
}

impl Default for HouseSettings {
    fn default() -> Self {
        gaps::decided(&Default::default()).expect("the defaults are in order")
    }
}

/// The holding account's settings but for its account.
#[derive(Clone, Debug)]
pub struct HoldingChoices {
    /// See [`holding::Settings::wind_down`].
    pub wind_down: bool,
    /// See [`holding::Settings::expiry_years`].
    pub expiry_years: i16,
    /// See [`holding::Settings::answers_kept`].
    pub answers_kept: Duration,
    /// See [`holding::ReleaseSettings::ask_again_after`].
    pub ask_again_after: Duration,
    /// See [`holding::ReleaseSettings::watch_returns`].
    pub watch_returns: Duration,
}

impl HoldingChoices {
    /// The house's settings, on this account.
    #[must_use]
    pub fn of_house(&self, account: Account) -> holding::Settings {
        let Self { wind_down, expiry_years, answers_kept, .. } = *self;
        holding::Settings { wind_down, expiry_years, answers_kept, ..holding::Settings::new(account) }
    }

    /// The settings of release, under this agreement from this account.
    #[must_use]
    pub fn of_release(&self, agreement: AgreementNumber, account: Account) -> holding::ReleaseSettings {
        holding::ReleaseSettings {
            ask_again_after: self.ask_again_after,
            watch_returns: self.watch_returns,
            ..holding::ReleaseSettings::new(agreement, account)
        }
    }
}

/// Set-off's settings but for the recovery authority's account.
#[derive(Clone, Debug)]
pub struct SetoffChoices {
    /// See [`setoff::Settings::reservation_lifetime`].
    pub reservation_lifetime: Duration,
    /// See [`setoff::Settings::answers_kept`].
    pub answers_kept: Duration,
}

impl SetoffChoices {
    /// The house's settings, with this account.
    #[must_use]
    pub fn of_house(&self, recovery_account: Account) -> setoff::Settings {
        let Self { reservation_lifetime, answers_kept } = *self;
        setoff::Settings { recovery_account, reservation_lifetime, answers_kept }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The defaults of the houses and ours are the same, so that a house behaves here as its own documentation says.
    #[test]
    fn the_defaults_are_the_houses_own() {
        let account = Account::from_iban(primitives::Iban::parse("DK5000400440116243").unwrap(), None);
        let agreement = AgreementNumber::parse("99000001").unwrap();
        let ours = HouseSettings::default();
        let check = |ours: &dyn std::fmt::Debug, own: &dyn std::fmt::Debug| assert_eq!(format!("{ours:?}"), format!("{own:?}"));
        check(&ours.register, &register::Settings::default());
        check(&ours.mediation, &mediation::Settings::default());
        check(&ours.holding.of_house(account.clone()), &holding::Settings::new(account.clone()));
        check(&ours.holding.of_release(agreement, account.clone()), &holding::ReleaseSettings::new(agreement, account.clone()));
        check(&ours.setoff.of_house(account.clone()), &setoff::Settings::new(account));
    }
}
