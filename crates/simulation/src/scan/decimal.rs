//! Decimal amounts, read without any code of the product.

use std::fmt;

/// An amount in hundred-thousandths of its currency's unit, the finest step ISO 20022 has. Not negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Fine(i64);

impl Fine {
    /// Decimals an amount can have.
    pub(crate) const DECIMALS: u32 = 5;

    /// Reads digits with an optional point; `None` when it is no such number or does not fit.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let fraction = fraction.trim_end_matches('0');
        if whole.len() + fraction.len() == 0 || fraction.len() > Self::DECIMALS as usize {
            return None;
        }
        let digits = whole.bytes().chain(fraction.bytes());
        let padding = Self::DECIMALS - u32::try_from(fraction.len()).ok()?;
        let value = digits
            .map(|byte| byte.is_ascii_digit().then(|| i64::from(byte - b'0')))
            .try_fold(0_i64, |sum, digit| sum.checked_mul(10)?.checked_add(digit?))?;
        value.checked_mul(10_i64.pow(padding)).map(Self)
    }

    /// The number of hundred-thousandths.
    pub(crate) fn steps(self) -> i64 {
        self.0
    }

    /// Whether the amount is nothing.
    pub(crate) fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it needs no more decimals than these.
    pub(crate) fn fits(self, decimals: u32) -> bool {
        self.0 % 10_i64.pow(Self::DECIMALS.saturating_sub(decimals)) == 0
    }
}

impl fmt::Display for Fine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:05}", self.0 % 100_000);
        let needed = fraction.trim_end_matches('0').len().max(2);
        write!(f, "{}.{}", self.0 / 100_000, &fraction[..needed])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_read_to_the_hundred_thousandth() {
        let check = |text: &str, steps: Option<i64>| assert_eq!(Fine::parse(text).map(Fine::steps), steps, "{text}");
        check("1", Some(100_000));
        check("0.01", Some(1_000));
        check("1234.503", Some(123_450_300));
        check("1.100000", Some(110_000));
        check(".5", Some(50_000));
        check("5.", Some(500_000));
        for text in ["", ".", "-1", "+1", "1,5", "1e3", " 1", "0.000001", "92233720368548", "1.2.3"] {
            check(text, None);
        }
    }

    #[test]
    fn kroner_have_two_decimals() {
        assert!(Fine::parse("1.23").is_some_and(|amount| amount.fits(2)));
        assert!(!Fine::parse("1.234").is_some_and(|amount| amount.fits(2)));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(steps in 0_i64..i64::MAX) {
            let text = Fine(steps).to_string();
            prop_assert_eq!(Fine::parse(&text), Some(Fine(steps)));
        }
    }
}
