//! What the owner of the register may choose. Where no public source says what is practised, the default is ours and says so.

use jiff::civil::Date;
use primitives::add_bank_days;

use crate::end_rules::EndRules;
use crate::fraud::FraudRules;

/// The choices of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Bank days from a bank's report until the account is active. The law's bound is 2 (BEK 788/2025 § 10). How long it takes in
    /// practice is not public: the default, 0, is chosen by us.
    pub bank_activation_bank_days: u8,
    /// Bank days from the registration as active or ended until payments follow it. The law's bound is the 5th bank day. How long it
    /// takes in practice is not public: the default, 0, is chosen by us.
    pub payment_effect_bank_days: u8,
    /// Days a letter's code can be used: 60 (published).
    pub letter_days: u16,
    /// Wrong codes after which a letter is void. No public source: the default, 5, is chosen by us.
    pub letter_attempts: u8,
    /// Days in which a repeated call with the same key gets the same answer. No public source: the default, 30, is chosen by us.
    pub answer_days: u16,
    /// When accounts are end-marked and holders deleted.
    pub end_rules: EndRules,
    /// Which changes of accounts wait, and how long.
    pub fraud_rules: FraudRules,
    /// Accounts that are not the payee's that a caller may ask about a day, before it is refused. No public source: the default, 100, is
    /// chosen by us.
    pub verification_misses_a_day: u32,
    /// The levy of a private payer's lookup, in øre. The law's bound is 4 (0.04 kr.). What is charged is not public: the default is the bound.
    pub levy_ore: u8,
    /// Days after which a webhook that fails is disabled. No public source: the default, 5, is chosen by us.
    pub webhook_days: u16,
    /// Hours in which messages are signed with the secret of before too. No public source: the default, 24, is chosen by us.
    pub webhook_old_secret_hours: u16,
    /// Whether webhooks may lead into private networks. No.
    pub webhook_private_networks: bool,
}

/// The latest a bank's report may become active (BEK 788/2025 § 10).
pub const LATEST_BANK_ACTIVATION: u8 = 2;
/// The latest bank day after registration on which payments must follow a change.
pub const LATEST_PAYMENT_EFFECT: u8 = 5;

/// The highest levy of a lookup, in øre.
pub const HIGHEST_LEVY_ORE: u8 = 4;

/// A setting the law does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// More bank days than the law's bound.
    #[error("{setting} is {value} bank days; the law allows at most {bound}")]
    TooLate {
        /// The setting's name.
        setting: &'static str,
        /// What was asked for.
        value: u8,
        /// What the law allows.
        bound: u8,
    },
    /// A higher levy than the law allows.
    #[error("levy_ore is {value}; the law allows at most {HIGHEST_LEVY_ORE}")]
    TooDear {
        /// What was asked for.
        value: u8,
    },
    /// A number that must be positive is zero.
    #[error("{setting} must be at least 1")]
    Zero {
        /// The setting's name.
        setting: &'static str,
    },
    /// Dated rules do not say what holds on every day.
    #[error("{setting}: the first rule holds since ever, and the days of the others grow")]
    NotWhole {
        /// The setting's name.
        setting: &'static str,
    },
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bank_activation_bank_days: 0,
            payment_effect_bank_days: 0,
            letter_days: 60,
            letter_attempts: 5,
            answer_days: 30,
            end_rules: EndRules::default(),
            fraud_rules: FraudRules::default(),
            verification_misses_a_day: 100,
            levy_ore: HIGHEST_LEVY_ORE,
            webhook_days: 5,
            webhook_old_secret_hours: 24,
            webhook_private_networks: false,
        }
    }
}

impl Settings {
    /// Refuses what the law does not allow.
    ///
    /// # Errors
    /// Names the first setting out of bounds.
    pub fn check(&self) -> Result<(), SettingsError> {
        let bounded = [
            ("bank_activation_bank_days", self.bank_activation_bank_days, LATEST_BANK_ACTIVATION),
            ("payment_effect_bank_days", self.payment_effect_bank_days, LATEST_PAYMENT_EFFECT),
        ];
        for (setting, value, bound) in bounded {
            if value > bound {
                return Err(SettingsError::TooLate { setting, value, bound });
            }
        }
        if self.levy_ore > HIGHEST_LEVY_ORE {
            return Err(SettingsError::TooDear { value: self.levy_ore });
        }
        if !self.fraud_rules.are_whole() {
            return Err(SettingsError::NotWhole { setting: "fraud_rules" });
        }
        if !self.end_rules.are_whole() {
            return Err(SettingsError::NotWhole { setting: "end_rules" });
        }
        let positive = [
            ("letter_days", self.letter_days),
            ("letter_attempts", u16::from(self.letter_attempts)),
            ("answer_days", self.answer_days),
            ("webhook_days", self.webhook_days),
        ];
        match positive.iter().find(|(_, value)| *value == 0) {
            Some((setting, _)) => Err(SettingsError::Zero { setting }),
            None => Ok(()),
        }
    }

    /// First day payments follow a change that is registered as active or ended on `registered`.
    pub(crate) fn effect_of(&self, registered: Date) -> Date {
        after_bank_days(registered, self.payment_effect_bank_days)
    }

    /// First day payments follow an account a bank reports on `reported`.
    pub(crate) fn effect_of_bank_report(&self, reported: Date) -> Date {
        self.effect_of(after_bank_days(reported, self.bank_activation_bank_days))
    }
}

/// The day itself, also when it is no bank day, for a count of zero.
fn after_bank_days(day: Date, count: u8) -> Date {
    if count == 0 { day } else { add_bank_days(day, i32::from(count)) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_defaults_keep_the_law() {
        assert_eq!(Settings::default().check(), Ok(()));
    }

    #[test]
    fn the_laws_bounds_are_kept() {
        let check = |change: fn(&mut Settings), expect: Result<(), SettingsError>| {
            let mut settings = Settings::default();
            change(&mut settings);
            assert_eq!(settings.check(), expect);
        };
        check(|s| s.bank_activation_bank_days = 2, Ok(()));
        check(
            |s| s.bank_activation_bank_days = 3,
            Err(SettingsError::TooLate { setting: "bank_activation_bank_days", value: 3, bound: 2 }),
        );
        check(|s| s.payment_effect_bank_days = 5, Ok(()));
        check(
            |s| s.payment_effect_bank_days = 6,
            Err(SettingsError::TooLate { setting: "payment_effect_bank_days", value: 6, bound: 5 }),
        );
        check(|s| s.letter_attempts = 0, Err(SettingsError::Zero { setting: "letter_attempts" }));
    }

    #[test]
    fn effect_counts_bank_days() {
        let latest = Settings { bank_activation_bank_days: 2, payment_effect_bank_days: 5, ..Settings::default() };
        // Thursday 2 April 2026 is Maundy Thursday; Easter Monday is 6 April.
        assert_eq!(latest.effect_of(date(2026, 4, 1)), date(2026, 4, 13));
        assert_eq!(latest.effect_of_bank_report(date(2026, 3, 30)), date(2026, 4, 13));
        assert_eq!(Settings::default().effect_of_bank_report(date(2026, 4, 4)), date(2026, 4, 4));
    }
}
