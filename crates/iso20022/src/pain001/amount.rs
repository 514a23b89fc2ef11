//! The amount of a payment.

use super::fault::{Fault, words};
use crate::reason::ReasonCode;
use primitives::{Currency, Money, MoneyError};

/// Reads an amount that the schema has already let through, of at most so many minor units.
pub(super) fn read(amount: &str, currency: &str, largest: i64) -> Result<Money, Fault> {
    let currency = Currency::parse(currency).map_err(|_| UNKNOWN_CURRENCY)?;
    let digits = amount.strip_prefix(['+', '-']).unwrap_or(amount);
    let money = Money::parse_decimal(digits, currency).map_err(|error| match error {
        MoneyError::TooManyDecimals => TOO_MANY_DECIMALS,
        _ => TOO_LARGE,
    })?;
    match money.minor() {
        0 => Err(ZERO),
        minor if minor > largest => Err(TOO_LARGE),
        _ => Ok(money),
    }
}

/// An amount to be converted by the bank.
pub(super) const EQUIVALENT: Fault = Fault {
    code: ReasonCode::CH17,
    text: words(
        "Et modværdibeløb kan ikke formidles; angiv beløbet i betalingens valuta.",
        "An equivalent amount cannot be mediated; give the amount in the payment's currency.",
    ),
    expected: words("elementet InstdAmt", "element InstdAmt"),
    found: words("elementet EqvtAmt", "element EqvtAmt"),
};

const UNKNOWN_CURRENCY: Fault = Fault {
    code: ReasonCode::AM03,
    text: words("Valutaen er ukendt.", "The currency is unknown."),
    expected: words("en gældende valutakode i ISO 4217", "an active currency code of ISO 4217"),
    found: words("en anden kode", "another code"),
};

const TOO_MANY_DECIMALS: Fault = Fault {
    code: ReasonCode::CH20,
    text: words("Beløbet har flere decimaler end valutaen.", "The amount has more decimals than its currency."),
    expected: words("højst så mange decimaler, som valutaen har", "at most as many decimals as the currency has"),
    found: words("flere decimaler", "more decimals"),
};

const ZERO: Fault = Fault {
    code: ReasonCode::AM01,
    text: words("Beløbet er nul.", "The amount is zero."),
    expected: words("et beløb over nul", "an amount greater than zero"),
    found: words("nul", "zero"),
};

const TOO_LARGE: Fault = Fault {
    code: ReasonCode::AM02,
    text: words("Beløbet er større, end der kan udbetales.", "The amount is larger than can be paid."),
    expected: words("et beløb under grænsen", "an amount below the limit"),
    found: words("et større beløb", "a larger amount"),
};

#[cfg(test)]
mod tests {
    use super::*;

    fn check(amount: &str, currency: &str, expect: Result<i64, ReasonCode>) {
        let read = read(amount, currency, 1_000_000).map(Money::minor).map_err(|fault| fault.code);
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
        check("10000", "DKK", Ok(1_000_000));
        check("10000.01", "DKK", Err(ReasonCode::AM02));
        check("999999999999999999", "DKK", Err(ReasonCode::AM02));
    }
}
