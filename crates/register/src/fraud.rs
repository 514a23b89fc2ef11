//! Signals of fraud on a change of account, and what they lead to: dated rules.

use jiff::ToSpan;
use jiff::civil::Date;

pub(crate) use contracts::register::HoldSignal as Signal;

/// The rules for changes made from a day on, until the next rules' first day. No public source says what is practised: all numbers are ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FraudRule {
    /// First day of the changes they are for; `None` is since ever.
    pub from: Option<Date>,
    /// So many other payees on the same account, designated within `shared_days`, are a signal.
    pub shared_payees: u32,
    /// Days in which payees on the same account are counted.
    pub shared_days: u16,
    /// An account abroad so few days after a new address is a signal.
    pub contact_days: u16,
    /// So many wrong codes on the letter are a signal.
    pub wrong_codes: u8,
    /// Days until payments follow a change with a signal.
    pub cooling_off_days: u16,
}

/// The fraud rules, oldest first. None: no change is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FraudRules(pub Vec<FraudRule>);

impl Default for FraudRules {
    fn default() -> Self {
        let ours =
            FraudRule { from: None, shared_payees: 10, shared_days: 7, contact_days: 14, wrong_codes: 3, cooling_off_days: 5 };
        Self(vec![ours])
    }
}

/// What is known of a change when it comes into force.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Evidence {
    /// Other holders whose designation of the same account was recorded within the days that count.
    pub other_payees: u32,
    pub is_abroad: bool,
    /// The day of the latest new address.
    pub contact_changed: Option<Date>,
    pub wrong_codes: u8,
    pub is_estate: bool,
}

impl FraudRules {
    /// Whether the days of the rules grow.
    pub(crate) fn are_whole(&self) -> bool {
        self.0.is_sorted_by(|a, b| a.from < b.from)
    }

    pub(crate) fn on(&self, day: Date) -> Option<&FraudRule> {
        self.0.iter().rev().find(|rule| rule.from.is_none_or(|from| from <= day))
    }
}

impl FraudRule {
    /// What looks wrong about a change of today.
    pub(crate) fn signals(&self, evidence: &Evidence, today: Date) -> Vec<Signal> {
        let is_recent = |day: Date| today <= day.saturating_add(i64::from(self.contact_days).days());
        let checks = [
            (Signal::SharedAccount, evidence.other_payees >= self.shared_payees),
            (Signal::AbroadAfterContactChange, evidence.is_abroad && evidence.contact_changed.is_some_and(is_recent)),
            (Signal::WrongCodes, evidence.wrong_codes >= self.wrong_codes),
            (Signal::Estate, evidence.is_estate),
        ];
        checks.into_iter().filter(|(_, holds)| *holds).map(|(signal, _)| signal).collect()
    }

    /// The day payments follow a change with a signal, that would have had its effect on `day`.
    pub(crate) fn until(&self, day: Date, today: Date) -> Date {
        day.max(today.saturating_add(i64::from(self.cooling_off_days).days()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 3, 2);

    fn check(evidence: Evidence, expect: &[Signal]) {
        assert_eq!(FraudRules::default().0[0].signals(&evidence, TODAY), expect, "{evidence:?}");
    }

    #[test]
    fn each_signal_has_its_border() {
        check(Evidence::default(), &[]);
        check(Evidence { other_payees: 9, ..Evidence::default() }, &[]);
        check(Evidence { other_payees: 10, ..Evidence::default() }, &[Signal::SharedAccount]);
        let moved = |day| Evidence { is_abroad: true, contact_changed: Some(day), ..Evidence::default() };
        check(moved(date(2026, 2, 16)), &[Signal::AbroadAfterContactChange]);
        check(moved(date(2026, 2, 15)), &[]);
        check(Evidence { is_abroad: false, ..moved(TODAY) }, &[]);
        check(Evidence { wrong_codes: 2, ..Evidence::default() }, &[]);
        check(Evidence { wrong_codes: 3, ..Evidence::default() }, &[Signal::WrongCodes]);
        check(Evidence { is_estate: true, ..Evidence::default() }, &[Signal::Estate]);
        check(
            Evidence { wrong_codes: 9, other_payees: 99, ..moved(TODAY) },
            &[Signal::SharedAccount, Signal::AbroadAfterContactChange, Signal::WrongCodes],
        );
    }

    #[test]
    fn rules_are_dated() {
        let mut rules = FraudRules(vec![]);
        assert!(rules.are_whole() && rules.on(TODAY).is_none(), "no rules, no holds");
        let first = FraudRule { from: Some(date(2026, 3, 1)), ..FraudRules::default().0[0].clone() };
        rules.0.push(first.clone());
        assert!(rules.on(date(2026, 2, 28)).is_none() && rules.on(TODAY) == Some(&first));
        assert_eq!(first.until(TODAY, TODAY), date(2026, 3, 7));
        assert_eq!(first.until(date(2026, 4, 1), TODAY), date(2026, 4, 1), "a change that is later anyway");
    }
}
