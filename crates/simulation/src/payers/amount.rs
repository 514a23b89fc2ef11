//! Amounts as a payer writes them, and their control sums.

use std::fmt;
use std::iter::Sum;

/// An amount in hundred-thousandths, the finest step ISO 20022 has; so that a row with too many decimals can be written and summed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount(i128);

impl Amount {
    const PER_UNIT: i128 = 100_000;

    /// An amount of øre or cents.
    pub(crate) fn of_minor(minor: u64) -> Self {
        Self(i128::from(minor) * 1_000)
    }

    /// The same amount and a few tenths of an øre, which kroner cannot have.
    pub(crate) fn with_third_decimal(self) -> Self {
        Self(self.0 + 300)
    }

    /// More by one krone: a wrong control sum.
    pub(crate) fn one_more(self) -> Self {
        Self(self.0 + Self::PER_UNIT)
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.map(|amount| amount.0).sum())
    }
}

impl fmt::Display for Amount {
    /// With two decimals, or as many as are needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:05}", self.0 % Self::PER_UNIT);
        let needed = fraction.trim_end_matches('0').len().max(2);
        write!(f, "{}.{}", self.0 / Self::PER_UNIT, &fraction[..needed])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_with_the_decimals_they_need() {
        let check = |amount: Amount, text: &str| assert_eq!(amount.to_string(), text);
        check(Amount::default(), "0.00");
        check(Amount::of_minor(5), "0.05");
        check(Amount::of_minor(123_450), "1234.50");
        check(Amount::of_minor(123_450).with_third_decimal(), "1234.503");
        check(Amount::of_minor(100).one_more(), "2.00");
        check([Amount::of_minor(1), Amount::of_minor(99)].into_iter().sum(), "1.00");
    }
}
