use std::cmp::Ordering;

use primitives::{Currency, Money, MoneyError};
use proptest::prelude::*;

fn kroner(minor: i64) -> Money {
    Money::new(minor, Currency::DKK)
}

fn bhd() -> Currency {
    Currency::parse("BHD").unwrap()
}

#[track_caller]
fn check_read(text: &str, currency: Currency, expect: Result<i64, MoneyError>) {
    let read = Money::parse_decimal(text, currency);
    assert_eq!(read, expect.map(|minor| Money::new(minor, currency)), "{text:?}");
}

#[test]
fn reads_the_decimal_text_of_a_message() {
    let dkk = Currency::DKK;
    check_read("1234.50", dkk, Ok(123_450));
    check_read("1234.5", dkk, Ok(123_450));
    check_read("1234", dkk, Ok(123_400));
    check_read("1234.", dkk, Ok(123_400));
    check_read(".05", dkk, Ok(5));
    check_read("0", dkk, Ok(0));
    check_read("0.00", dkk, Ok(0));
    check_read("000000000000000000000001.00", dkk, Ok(100));
    check_read("500", Currency::JPY, Ok(500));
    check_read("500.", Currency::JPY, Ok(500));
    check_read("1.234", bhd(), Ok(1_234));
    check_read("1.2", bhd(), Ok(1_200));
    check_read("9999999999999999.99", dkk, Ok(999_999_999_999_999_999));
}

#[test]
fn refuses_what_is_no_amount() {
    let dkk = Currency::DKK;
    for text in
        ["", ".", "-1", "+1", "1,50", "1.234,50", "1 000", " 1", "1 ", "1e3", "1..0", "1.0.0", "NaN", "１", "0x10", "1_000"]
    {
        check_read(text, dkk, Err(MoneyError::NotANumber));
    }
    check_read("1.005", dkk, Err(MoneyError::TooManyDecimals));
    check_read("100.000", dkk, Err(MoneyError::TooManyDecimals));
    check_read("1.0", Currency::JPY, Err(MoneyError::TooManyDecimals));
    check_read("1.0000", bhd(), Err(MoneyError::TooManyDecimals));
    check_read("99999999999999999.99", dkk, Err(MoneyError::TooManyDigits));
    check_read(&"9".repeat(400), dkk, Err(MoneyError::TooManyDigits));
    // 18 digits are allowed, but as whole kroner they are more øre than 64 bits hold.
    check_read("999999999999999999", dkk, Err(MoneyError::Overflow));
}

#[test]
fn writes_all_decimals_of_the_currency() {
    let check = |money: Money, expect: &str| assert_eq!(money.to_decimal(), expect);
    check(kroner(123_450), "1234.50");
    check(kroner(5), "0.05");
    check(kroner(50), "0.50");
    check(kroner(100), "1.00");
    check(kroner(0), "0.00");
    check(kroner(-7), "-0.07");
    check(kroner(-123_450), "-1234.50");
    check(kroner(i64::MAX), "92233720368547758.07");
    check(kroner(i64::MIN), "-92233720368547758.08");
    check(Money::new(0, Currency::JPY), "0");
    check(Money::new(1_500, Currency::ISK), "1500");
    check(Money::new(1, bhd()), "0.001");
    check(Money::new(i64::MIN, bhd()), "-9223372036854775.808");
    assert_eq!(kroner(123_450).to_string(), "1234.50 DKK");
    assert_eq!(format!("{:?}", kroner(-5)), "Money(-0.05 DKK)");
}

#[test]
fn write_appends() {
    let mut text = String::from("<InstdAmt>");
    kroner(100).write_decimal(&mut text);
    assert_eq!(text, "<InstdAmt>1.00");
}

#[test]
fn arithmetic_is_checked() {
    let euro = Money::new(1, Currency::EUR);
    assert_eq!(kroner(2).checked_add(kroner(3)), Ok(kroner(5)));
    assert_eq!(kroner(2).checked_sub(kroner(3)), Ok(kroner(-1)));
    assert_eq!(kroner(2).checked_neg(), Ok(kroner(-2)));
    assert_eq!(kroner(2).checked_add(euro), Err(MoneyError::CurrencyMismatch));
    assert_eq!(kroner(2).checked_sub(euro), Err(MoneyError::CurrencyMismatch));
    assert_eq!(kroner(2).checked_cmp(euro), Err(MoneyError::CurrencyMismatch));
    assert_eq!(kroner(2).checked_cmp(kroner(3)), Ok(Ordering::Less));
    assert_eq!(kroner(i64::MAX).checked_add(kroner(1)), Err(MoneyError::Overflow));
    assert_eq!(kroner(i64::MIN).checked_sub(kroner(1)), Err(MoneyError::Overflow));
    assert_eq!(kroner(i64::MIN).checked_neg(), Err(MoneyError::Overflow));
}

#[test]
fn sums_amounts_of_one_currency() {
    let sum = |amounts: &[Money]| Money::checked_sum(Currency::DKK, amounts.iter().copied());
    assert_eq!(sum(&[]), Ok(kroner(0)));
    assert_eq!(sum(&[kroner(1), kroner(2), kroner(-4)]), Ok(kroner(-1)));
    assert_eq!(sum(&[kroner(1), Money::zero(Currency::EUR)]), Err(MoneyError::CurrencyMismatch));
    assert_eq!(sum(&[kroner(i64::MAX), kroner(1)]), Err(MoneyError::Overflow));
}

#[test]
fn knows_its_sign() {
    let signs = |money: Money| (money.is_negative(), money.is_zero(), money.is_positive());
    assert_eq!(signs(kroner(-1)), (true, false, false));
    assert_eq!(signs(kroner(0)), (false, true, false));
    assert_eq!(signs(kroner(1)), (false, false, true));
}

fn any_currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["DKK", "EUR", "JPY", "BHD", "TND", "ISK"]).prop_map(|code| Currency::parse(code).unwrap())
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(minor in 0_i64..1_000_000_000_000_000_000, currency in any_currency()) {
        let money = Money::new(minor, currency);
        prop_assert_eq!(Money::parse_decimal(&money.to_decimal(), currency), Ok(money));
    }

    #[test]
    fn a_negative_amount_is_the_positive_one_with_a_sign(minor in 1..i64::MAX, currency in any_currency()) {
        let positive = Money::new(minor, currency).to_decimal();
        prop_assert_eq!(Money::new(-minor, currency).to_decimal(), format!("-{positive}"));
    }

    #[test]
    fn subtraction_undoes_addition(left in any::<i64>(), right in any::<i64>()) {
        if let Ok(sum) = kroner(left).checked_add(kroner(right)) {
            prop_assert_eq!(sum.checked_sub(kroner(right)), Ok(kroner(left)));
        } else {
            prop_assert!(left.checked_add(right).is_none());
        }
    }

    #[test]
    fn no_text_makes_reading_panic_or_give_less_than_nothing(text in "[0-9.+\\-,eE ]{0,40}|\\PC{0,40}") {
        if let Ok(money) = Money::parse_decimal(&text, Currency::DKK) {
            prop_assert!(!money.is_negative());
        }
    }
}
