//! No personal number and no account number in any `Debug` or error text.

use std::fmt::Debug;

use primitives::{
    Account, Country, Cpr, Cvr, DanishAccount, ForeignAccount, ForeignAccountParts, ForeignId, Iban, Identifier, PNumber, Se,
};
use proptest::prelude::*;

#[track_caller]
fn check(value: &impl Debug, expect: &str) {
    assert_eq!(format!("{value:?}"), expect);
    assert_eq!(format!("{value:#?}"), expect);
}

#[test]
fn numbers_are_masked() {
    let cpr = Cpr::parse("0707614285").unwrap();
    check(&cpr, "Cpr(••••••••••)");
    check(&Identifier::Cpr(cpr), "Cpr(••••••••••)");
    check(&Cvr::parse("13585628").unwrap(), "Cvr(••••••••)");
    check(&Se::parse("13585628").unwrap(), "Se(••••••••)");
    check(&PNumber::parse("1234567890").unwrap(), "PNumber(••••••••••)");
    let foreign = ForeignId::new(Country::parse("SE").unwrap(), "PNR", "196408233234").unwrap();
    check(&foreign, "ForeignId(SE••••)");
    check(&Identifier::Foreign(foreign), "ForeignId(SE••••)");
}

#[test]
fn accounts_are_masked() {
    let danish = DanishAccount::new("0040", "0440116243").unwrap();
    check(&danish, "DanishAccount(••••)");
    check(&Account::Danish(danish), "DanishAccount(••••)");
    let iban = Iban::parse("DE89370400440532013000").unwrap();
    check(&iban, "Iban(DE••••)");
    check(&Account::from_iban(iban, None), "Iban(DE••••)");
    let parts = ForeignAccountParts {
        number: "123456789".to_owned(),
        bank_code: Some("021000021".to_owned()),
        bic: None,
        bank_name: None,
        country: Country::parse("US").unwrap(),
        currency: None,
    };
    check(&parts, "ForeignAccountParts(US••••)");
    let foreign = ForeignAccount::new(parts).unwrap();
    check(&foreign, "ForeignAccount(US••••)");
    check(&Account::Foreign(foreign), "ForeignAccount(US••••)");
}

/// Four digits of what was given may not appear together in what is said about it.
fn repeats(said: &str, given: &str) -> bool {
    given
        .as_bytes()
        .windows(4)
        .filter(|window| window.iter().all(u8::is_ascii_digit))
        .any(|window| said.as_bytes().windows(4).any(|other| other == window))
}

proptest! {
    #[test]
    fn errors_never_echo(text in "[0-9]{9,11}|[0-9]{6}-[0-9]{3,5}|DK[0-9]{15,17}") {
        let said = [
            Cpr::parse(&text).map_err(|error| format!("{error} {error:?}")).err(),
            Cvr::parse(&text).map_err(|error| format!("{error} {error:?}")).err(),
            PNumber::parse(&text).map_err(|error| format!("{error} {error:?}")).err(),
            Iban::parse(&text).map_err(|error| format!("{error} {error:?}")).err(),
            DanishAccount::new(&text, &text).map_err(|error| format!("{error} {error:?}")).err(),
            Account::from_canonical(&text).map_err(|error| format!("{error} {error:?}")).err(),
        ];
        for said in said.into_iter().flatten() {
            prop_assert!(!repeats(&said, &text), "{}", said);
        }
    }
}
