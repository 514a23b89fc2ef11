//! Section `[register]`: what is published, what is dated, and webhooks.

use std::path::PathBuf;

use jiff::civil::Date;
use platform::settings::SettingsError;
use register::{EndRule, FraudRule};
use serde::Deserialize;

use super::houses::HouseSettings;

/// The section.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    letter_days: Option<u16>,
    levy_ore: Option<u8>,
    after_death_years: Option<u16>,
    after_cessation_days: Option<u16>,
    deletion_years: Option<u16>,
    end_rules: Vec<DatedEnd>,
    fraud_rules: Vec<DatedFraud>,
    step_key_file: Option<PathBuf>,
    webhook_ca_file: Option<PathBuf>,
    webhook_private_networks: Option<bool>,
}

/// Where the operator's own rules stand.
const OPERATOR: &str = "the operator's settings";

/// End rules from a day on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatedEnd {
    from: Date,
    after_death_years: u16,
    after_cessation_days: u16,
    deletion_years: u16,
}

/// Fraud rules from a day on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatedFraud {
    from: Date,
    shared_payees: u32,
    shared_days: u16,
    contact_days: u16,
    wrong_codes: u8,
    cooling_off_days: u16,
}

impl Section {
    /// Puts what is set in place of the defaults.
    pub(super) fn decide(&self, houses: &mut HouseSettings) -> Result<(), SettingsError> {
        let register = &mut houses.register;
        super::file::set(&mut register.letter_days, self.letter_days);
        super::file::set(&mut register.levy_ore, self.levy_ore);
        super::file::set(&mut register.webhook_private_networks, self.webhook_private_networks);
        for first in &mut register.end_rules.0 {
            let published = first.clone();
            super::file::set(&mut first.after_death_years, self.after_death_years);
            super::file::set(&mut first.after_cessation_days, self.after_cessation_days);
            super::file::set(&mut first.deletion_years, self.deletion_years);
            if *first != published {
                first.source = OPERATOR;
            }
        }
        register.end_rules.0.extend(self.end_rules.iter().map(EndRule::from));
        register.fraud_rules.0.extend(self.fraud_rules.iter().map(FraudRule::from));
        houses.webhook_ca_file.clone_from(&self.webhook_ca_file);
        houses.register_step_key.clone_from(&self.step_key_file);
        houses.register.check().map_err(|error| SettingsError::Invalid(format!("register: {error}")))
    }
}

impl From<&DatedEnd> for EndRule {
    fn from(rule: &DatedEnd) -> Self {
        let DatedEnd { from, after_death_years, after_cessation_days, deletion_years } = *rule;
        Self { from: Some(from), after_death_years, after_cessation_days, deletion_years, source: OPERATOR }
    }
}

impl From<&DatedFraud> for FraudRule {
    fn from(rule: &DatedFraud) -> Self {
        let DatedFraud { from, shared_payees, shared_days, contact_days, wrong_codes, cooling_off_days } = *rule;
        Self { from: Some(from), shared_payees, shared_days, contact_days, wrong_codes, cooling_off_days }
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::File;

    fn read(text: &str) -> Result<register::Settings, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        file.checked().map(|settings| settings.houses.register).map_err(|error| error.to_string())
    }

    #[test]
    fn dated_rules_follow_those_of_since_ever() {
        let settings = read(
            r#"
            [register]
            after_death_years = 2
            [[register.end_rules]]
            from = "2027-01-01"
            after_death_years = 1
            after_cessation_days = 30
            deletion_years = 4
            [[register.fraud_rules]]
            from = "2027-01-01"
            shared_payees = 2
            shared_days = 1
            contact_days = 1
            wrong_codes = 1
            cooling_off_days = 9
            "#,
        )
        .unwrap();
        let [first, later] = &settings.end_rules.0[..] else { panic!("two rules") };
        assert_eq!((first.from, first.after_death_years, first.after_cessation_days), (None, 2, 360));
        assert_eq!((later.from, later.after_death_years), (Some(jiff::civil::date(2027, 1, 1)), 1));
        let [first, later] = &settings.fraud_rules.0[..] else { panic!("two rules") };
        assert_eq!((first.cooling_off_days, later.cooling_off_days), (5, 9));
    }

    #[test]
    fn rules_that_do_not_follow_each_other_and_a_levy_beyond_the_law_are_refused() {
        let rule = |from: &str| {
            format!(
                "[[register.end_rules]]\nfrom = \"{from}\"\nafter_death_years = 1\nafter_cessation_days = 1\ndeletion_years = 1\n"
            )
        };
        assert!(read(&(rule("2027-01-01") + &rule("2028-01-01"))).is_ok());
        assert!(read(&(rule("2028-01-01") + &rule("2027-01-01"))).unwrap_err().contains("end_rules"));
        assert!(read("[register]\nlevy_ore = 5").unwrap_err().contains("levy_ore"));
    }
}
