//! When a holder's account is end-marked (slutmarkeret) and when it is deleted (slettet): dated rules.

use jiff::ToSpan;
use jiff::civil::Date;

/// The rules for what happens from a day on, until the next rules' first day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndRule {
    /// First day of the events they are for; `None` is since ever.
    pub from: Option<Date>,
    /// Years from a death to the end-mark: so long the estate can be paid.
    pub after_death_years: u16,
    /// Days from a unit's cessation to the end-mark.
    pub after_cessation_days: u16,
    /// Years from the last payout to deletion.
    pub deletion_years: u16,
    /// Where the rules stand.
    pub source: &'static str,
}

/// The end rules, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndRules(pub Vec<EndRule>);

impl Default for EndRules {
    /// What the authority published of the practice before 2025: 3 years after death, on the day of the bankruptcy decree, 360 days after
    /// cessation, deletion 5 years after the last payout. No change of it has been published since.
    fn default() -> Self {
        Self(vec![EndRule {
            from: None,
            after_death_years: 3,
            after_cessation_days: 360,
            deletion_years: 5,
            source: "practice published before 2025; no later change published",
        }])
    }
}

impl EndRules {
    /// Whether every day has one rule: the first holds since ever, the days of the others grow.
    pub(crate) fn are_whole(&self) -> bool {
        self.0.first().is_some_and(|rule| rule.from.is_none()) && self.0.is_sorted_by(|a, b| a.from < b.from)
    }

    /// The day a person's account is end-marked.
    pub(crate) fn after_death(&self, died: Date) -> Date {
        let years = self.on(died).map_or(0, |rule| rule.after_death_years);
        died.saturating_add(i64::from(years).years())
    }

    /// The day a ceased unit's account is end-marked.
    pub(crate) fn after_cessation(&self, ceased: Date) -> Date {
        let days = self.on(ceased).map_or(0, |rule| rule.after_cessation_days);
        ceased.saturating_add(i64::from(days).days())
    }

    /// The day before which a last payout makes a holder deleted on `today`.
    pub(crate) fn oldest_payout(&self, today: Date) -> Date {
        let years = self.on(today).map_or(u16::MAX, |rule| rule.deletion_years);
        today.saturating_sub(i64::from(years.min(5_000)).years())
    }

    fn on(&self, day: Date) -> Option<&EndRule> {
        self.0.iter().rev().find(|rule| rule.from.is_none_or(|from| from <= day))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_published_rules_are_the_default() {
        let rules = EndRules::default();
        assert!(rules.are_whole());
        assert_eq!(rules.after_death(date(2024, 2, 29)), date(2027, 2, 28));
        assert_eq!(rules.after_cessation(date(2026, 1, 1)), date(2026, 12, 27));
        assert_eq!(rules.oldest_payout(date(2026, 3, 2)), date(2021, 3, 2));
    }

    #[test]
    fn a_rule_is_for_what_happens_on_its_days() {
        let mut rules = EndRules::default();
        let new = EndRule { from: Some(date(2027, 1, 1)), after_death_years: 2, ..rules.0[0].clone() };
        rules.0.push(new.clone());
        assert!(rules.are_whole());
        assert_eq!(rules.after_death(date(2026, 12, 31)), date(2029, 12, 31));
        assert_eq!(rules.after_death(date(2027, 1, 1)), date(2029, 1, 1));
        rules.0.push(new);
        assert!(!rules.are_whole(), "two rules from one day");
        assert!(!EndRules(vec![]).are_whole(), "no rule at all");
    }
}
