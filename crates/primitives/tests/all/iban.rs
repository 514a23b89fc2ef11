//! IBAN, BIC and Danish accounts.

use primitives::{Bic, BicError, Country, DanishAccount, DanishAccountError, Iban, IbanError};
use proptest::prelude::*;

/// The examples of the SWIFT IBAN registry for these countries.
const PUBLISHED: [&str; 10] = [
    "DK5000400440116243",
    "FO6264600001631634",
    "GL8964710001000206",
    "DE89370400440532013000",
    "GB29NWBK60161331926819",
    "MT84MALT011000012345MTLCAST001S",
    "NO9386011117947",
    "PL61109010140000071219812874",
    "SE4550000000058398257466",
    "XK051212012345678906",
];

#[test]
fn reads_published_ibans() {
    for text in PUBLISHED {
        let iban = Iban::parse(text).unwrap();
        assert_eq!(iban.as_str(), text);
        assert_eq!(iban.country(), Country::parse(&text[..2]).unwrap());
        assert_eq!(iban.to_danish().is_some(), text.starts_with("DK"), "{text}");
    }
}

#[test]
fn refuses_what_is_no_iban() {
    let check = |text: &str, expect: IbanError| assert_eq!(Iban::parse(text), Err(expect), "{text}");
    check("", IbanError::Format);
    check("DK", IbanError::Format);
    check("DK50 0040 0440 1162 43", IbanError::Format);
    check("dk5000400440116243", IbanError::Format);
    check("gb29nwbk60161331926819", IbanError::Format);
    check("5000400440116243DK", IbanError::Format);
    check(&"A".repeat(40), IbanError::Format);
    check("DK50ØØ400440116243", IbanError::Format);
    check("DK5100400440116243", IbanError::CheckDigits);
    check("DK5000400440116234", IbanError::CheckDigits);
    // Right check digits, wrong shape: a Danish IBAN has 18 characters.
    check("DK390040044011624", IbanError::Structure);
    // The United States have no IBAN.
    check("US49123456789", IbanError::Country);
}

#[test]
fn danish_accounts_and_ibans_are_two_forms_of_one_thing() {
    let account = DanishAccount::new("0040", "440116243").unwrap();
    assert_eq!((account.registration(), account.number()), ("0040", "0440116243"));
    let iban = account.to_iban();
    assert_eq!(iban.as_str(), "DK5000400440116243");
    assert_eq!(iban.to_danish(), Some(account));
}

#[test]
fn refuses_what_is_no_danish_account() {
    let check = |registration: &str, number: &str, expect: DanishAccountError| {
        assert_eq!(DanishAccount::new(registration, number), Err(expect), "{registration} {number}");
    };
    check("004", "0440116243", DanishAccountError::RegistrationLength);
    check("00400", "0440116243", DanishAccountError::RegistrationLength);
    check("004x", "0440116243", DanishAccountError::NotDigits);
    check("0040", "", DanishAccountError::NumberLength);
    check("0040", "00440116243", DanishAccountError::NumberLength);
    check("0040", "44 116243", DanishAccountError::NotDigits);
    check("0040", "-1", DanishAccountError::NotDigits);
}

#[test]
fn reads_bics() {
    for text in ["DABADKKK", "NDEADKKKXXX", "DEUTDEFF500", "1234DK00"] {
        let bic = Bic::parse(text).unwrap();
        assert_eq!(bic.as_str(), text);
        assert_eq!(bic.to_string(), text);
        assert_eq!(bic.country().code(), &text[4..6]);
    }
    for text in ["", "DABADKK", "DABADKKKX", "DABADKKKXXXX", "dabadkkk", "DABA1KKK", "DABADK K", "DABADKKØ"] {
        assert_eq!(Bic::parse(text), Err(BicError::Format), "{text}");
    }
    assert_eq!(Bic::parse("DABAZZKK"), Err(BicError::Country));
}

proptest! {
    #[test]
    fn every_danish_account_has_a_valid_iban(registration in "[0-9]{4}", number in "[0-9]{1,10}") {
        let account = DanishAccount::new(&registration, &number).unwrap();
        prop_assert_eq!(account.number(), format!("{number:0>10}"));
        let iban = Iban::parse(account.to_iban().as_str()).unwrap();
        prop_assert_eq!(iban.to_danish(), Some(account));
    }

    #[test]
    fn one_wrong_digit_of_an_iban_is_always_found(place in 2_usize..18, digit in b'0'..=b'9') {
        let right = PUBLISHED[0];
        let mut wrong = right.as_bytes().to_vec();
        wrong[place] = digit;
        let wrong = String::from_utf8(wrong).unwrap();
        prop_assert_eq!(Iban::parse(&wrong).is_ok(), wrong == right);
    }

    #[test]
    fn no_text_makes_parsing_panic(text in "\\PC{0,40}|[A-Z0-9]{4,36}") {
        if let Ok(iban) = Iban::parse(&text) {
            prop_assert_eq!(iban.as_str(), text.as_str());
        }
        if let Ok(bic) = Bic::parse(&text) {
            prop_assert_eq!(bic.as_str(), text.as_str());
        }
    }
}
