//! The amount of a payment.

use super::rules::Fault;
use crate::reason::ReasonCode;
use primitives::{Currency, Money, MoneyError};

/// Reads an amount that the schema has already let through.
pub(super) fn read(amount: &str, currency: &str) -> Result<Money, Fault> {
    let currency = Currency::parse(currency).map_err(|_| UNKNOWN_CURRENCY)?;
    let digits = amount.strip_prefix(['+', '-']).unwrap_or(amount);
    let money = Money::parse_decimal(digits, currency).map_err(|error| match error {
        MoneyError::TooManyDecimals => TOO_MANY_DECIMALS,
        _ => INVALID,
    })?;
    if money.is_zero() { Err(ZERO) } else { Ok(money) }
}

/// An amount to be converted by the bank.
pub(super) const EQUIVALENT: Fault = Fault {
    code: ReasonCode::CH17,
    expected: "element InstdAmt",
    found: "element EqvtAmt",
    da: "Et modværdibeløb kan ikke formidles; angiv beløbet i betalingens valuta.",
    en: "An equivalent amount cannot be mediated; give the amount in the payment's currency.",
};

const UNKNOWN_CURRENCY: Fault = Fault {
    code: ReasonCode::AM03,
    expected: "an active currency code of ISO 4217",
    found: "another code",
    da: "Valutaen er ukendt.",
    en: "The currency is unknown.",
};

const TOO_MANY_DECIMALS: Fault = Fault {
    code: ReasonCode::CH20,
    expected: "at most as many decimals as the currency has",
    found: "more decimals",
    da: "Beløbet har flere decimaler end valutaen.",
    en: "The amount has more decimals than its currency.",
};

const ZERO: Fault = Fault {
    code: ReasonCode::AM01,
    expected: "an amount greater than zero",
    found: "zero",
    da: "Beløbet er nul.",
    en: "The amount is zero.",
};

const INVALID: Fault = Fault {
    code: ReasonCode::AM12,
    expected: "an amount below 92 thousand million million",
    found: "a larger amount",
    da: "Beløbet er for stort.",
    en: "The amount is too large.",
};

#[cfg(test)]
mod tests {
    use super::*;

    fn check(amount: &str, currency: &str, expect: Result<i64, ReasonCode>) {
        let read = read(amount, currency).map(Money::minor).map_err(|fault| fault.code);
        assert_eq!(read, expect, "{amount} {currency}");
    }

    #[test]
    fn amounts() {
        check("100.5", "DKK", Ok(10050));
        check("+7.", "DKK", Ok(700));
        check("100", "JPY", Ok(100));
        check("100.5", "JPY", Err(ReasonCode::CH20));
        check("0.001", "DKK", Err(ReasonCode::CH20));
        check("0.00", "DKK", Err(ReasonCode::AM01));
        check("-0", "DKK", Err(ReasonCode::AM01));
        check("1", "XQQ", Err(ReasonCode::AM03));
        check("999999999999999999", "DKK", Err(ReasonCode::AM12));
    }
}
