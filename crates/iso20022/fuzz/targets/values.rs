//! Any text as one of the values that are read beyond the schema. What is read is written as it can be read again.
#![no_main]

use iso20022::ControlSum;
use libfuzzer_sys::fuzz_target;
use primitives::{Bic, Country, Cpr, Currency, Cvr, DanishAccount, Iban, Money, PNumber, Se};

fuzz_target!(|text: &str| {
    if let Some(sum) = ControlSum::parse(text) {
        assert_eq!(ControlSum::parse(&sum.to_string()), Some(sum));
        assert_eq!(ControlSum::ZERO.checked_add(sum), Some(sum));
    }
    for currency in [Currency::DKK, Currency::parse("JPY").expect("a currency"), Currency::parse("KWD").expect("a currency")] {
        if let Ok(money) = Money::parse_decimal(text, currency) {
            assert_eq!(ControlSum::ZERO.add_money(money), ControlSum::parse(text));
        }
    }
    if let Ok(iban) = Iban::parse(text) {
        assert_eq!(Iban::parse(iban.as_str()), Ok(iban));
    }
    let (registration, number) = text.split_at(text.char_indices().nth(4).map_or(text.len(), |(place, _)| place));
    let _ = (DanishAccount::new(registration, number), Bic::parse(text), Country::parse(text), Currency::parse(text));
    let _ = (Cpr::parse(text), Cvr::parse(text), PNumber::parse(text), Se::parse(text));
});
