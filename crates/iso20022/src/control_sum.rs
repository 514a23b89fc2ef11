//! Control sums of a message: the sum of the written amounts, whatever their currencies.

use crate::grammar::decimal_digits;
use primitives::Money;
use std::fmt;

/// Most decimals of an ISO 20022 amount.
const DECIMALS: u32 = 5;

/// Decimals that are always written.
const WRITTEN_DECIMALS: usize = 2;

/// Most digits, as libxml2 reads of a decimal number: what was read can be written and read again. The schemas allow 18.
const DIGITS: usize = 24;

/// A sum of amounts in units of 10⁻⁵, the finest an ISO 20022 amount can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ControlSum(i128);

impl ControlSum {
    /// Nothing.
    pub const ZERO: ControlSum = ControlSum(0);

    /// Reads a decimal number as XML Schema writes it. `None` when it is none, or has more than
    /// five significant decimals or, written with two at least, 24 digits, which no sum of amounts can have.
    #[must_use]
    pub fn parse(text: &str) -> Option<ControlSum> {
        let (negative, digits) = decimal_digits(text)?;
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fraction = fraction.trim_end_matches('0');
        if whole.trim_start_matches('0').len() + fraction.len().max(WRITTEN_DECIMALS) > DIGITS {
            return None;
        }
        let missing = DECIMALS.checked_sub(u32::try_from(fraction.len()).ok()?)?;
        let digits = whole.bytes().chain(fraction.bytes()).map(|digit| digit - b'0');
        let units = if whole.len() + fraction.len() < 19 {
            // So many digits fit in 64 bits.
            i128::from(digits.fold(0, |units, digit| units * 10 + u64::from(digit)))
        } else {
            let mut digits = digits;
            digits.try_fold(0i128, |units, digit| units.checked_mul(10)?.checked_add(i128::from(digit)))?
        };
        let units = units.checked_mul(10i128.pow(missing))?;
        Some(ControlSum(if negative { -units } else { units }))
    }

    /// The sum with another one added; `None` beyond 10³³.
    #[must_use]
    pub fn checked_add(self, other: ControlSum) -> Option<ControlSum> {
        self.0.checked_add(other.0).map(ControlSum)
    }

    /// The sum with an amount added.
    #[must_use]
    pub fn add_money(self, amount: Money) -> Option<ControlSum> {
        let missing = DECIMALS.checked_sub(u32::from(amount.currency().decimals()))?;
        let units = i128::from(amount.minor()).checked_mul(10i128.pow(missing))?;
        self.0.checked_add(units).map(ControlSum)
    }
}

impl fmt::Display for ControlSum {
    /// A plain decimal number, with two decimals unless more are needed.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = 10u128.pow(DECIMALS);
        let units = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let fraction = format!("{:05}", units % scale);
        let kept = fraction.trim_end_matches('0').len().max(WRITTEN_DECIMALS);
        write!(out, "{sign}{}.{}", units / scale, &fraction[..kept])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::Currency;

    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(ControlSum::parse(text).map(|sum| sum.to_string()).as_deref(), expect, "{text}");
    }

    #[test]
    fn reads_and_writes() {
        check("0", Some("0.00"));
        check("12.5", Some("12.50"));
        check("+1.23456000", Some("1.23456"));
        check("-.5", Some("-0.50"));
        check("1.000001", None);
        check("99999999999999999", Some("99999999999999999.00"));
        check("1,5", None);
        check("8155555551151616551151", Some("8155555551151616551151.00"));
        check("81555555511516165511516", None);
        check("8155555551151616551.12345", Some("8155555551151616551.12345"));
        check("81555555511516165511.12345", None);
        check("00000000000000000000000000007", Some("7.00"));
    }

    #[test]
    fn adds_amounts_of_any_decimals() {
        let sum = ControlSum::ZERO.add_money(Money::new(1050, Currency::DKK)).expect("small");
        let sum = sum.add_money(Money::new(7, Currency::JPY)).expect("small");
        assert_eq!(Some(sum), ControlSum::parse("17.5"));
    }
}
