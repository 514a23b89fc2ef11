//! Which benefits take part in set-off on a day.

use std::collections::HashSet;

use primitives::BenefitCode;

/// The rules in force on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BenefitRules {
    /// The version that decided; 0 before the first rule.
    pub(crate) version: i32,
    exempt: HashSet<BenefitCode>,
}

impl BenefitRules {
    pub(crate) fn new(version: i32, exempt: impl IntoIterator<Item = BenefitCode>) -> Self {
        Self { version, exempt: exempt.into_iter().collect() }
    }

    /// Whether general and common markers catch a payout of the benefit. The law's main rule is that what the recovery authority has
    /// requested is transferred to it (lov 696/2025 § 16, stk. 1): a benefit without a rule, and a payout without a benefit, take part.
    pub(crate) fn take_part(&self, benefit: Option<BenefitCode>) -> bool {
        benefit.is_none_or(|benefit| !self.exempt.contains(&benefit))
    }
}
