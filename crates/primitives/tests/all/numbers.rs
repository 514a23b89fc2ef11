//! CPR, CVR, SE and P numbers.

use jiff::civil::date;
use primitives::{BusinessNumberError, Cpr, CprError, Cvr, PNumber, Se};
use proptest::prelude::*;

/// The example in the CPR office's own description of the personal identification number.
const PUBLISHED_CPR: &str = "0707614285";

#[track_caller]
fn refuse_cpr(text: &str, expect: CprError) {
    assert_eq!(Cpr::parse(text), Err(expect), "{text:?}");
}

#[test]
fn reads_cpr_with_and_without_hyphen() {
    let plain = Cpr::parse(PUBLISHED_CPR).unwrap();
    assert_eq!(plain.digits(), "0707614285");
    assert_eq!(Cpr::parse("070761-4285"), Ok(plain));
    assert!(plain.passes_modulus_11());
}

#[test]
fn refuses_what_is_no_cpr() {
    for text in ["", "070761428", "07076142850", "0707614-285", "070761--4285", "070761 4285", " 0707614285", "070761428５"] {
        refuse_cpr(text, CprError::Length);
    }
    for text in ["O707614285", "070761-428", "0707x1-4285", "070761-42x5", "----------"] {
        refuse_cpr(text, CprError::NotDigits);
    }
    for text in ["0007614285", "3207614285", "0700614285", "0713614285", "3104614285", "3002614285", "0000000000", "9999999999"] {
        refuse_cpr(text, CprError::NoSuchDate);
    }
    refuse_cpr("6707614285", CprError::AdministrativeNumber);
    refuse_cpr("9107614285", CprError::AdministrativeNumber);
    refuse_cpr("6007614285", CprError::NoSuchDate);
}

#[test]
fn the_seventh_digit_decides_the_century() {
    let check = |text: &str, year: i16| {
        assert_eq!(Cpr::parse(text).unwrap().date_in_number().year(), year, "{text}");
    };
    for (seventh, first, last) in [(0, 1900, 1999), (1, 1900, 1999), (2, 1900, 1999), (3, 1900, 1999)] {
        check(&format!("010100{seventh}000"), first);
        check(&format!("010199{seventh}000"), last);
    }
    for seventh in [4, 9] {
        check(&format!("010100{seventh}000"), 2000);
        check(&format!("010136{seventh}000"), 2036);
        check(&format!("010137{seventh}000"), 1937);
        check(&format!("010199{seventh}000"), 1999);
    }
    for seventh in 5..=8 {
        check(&format!("010100{seventh}000"), 2000);
        check(&format!("010157{seventh}000"), 2057);
        check(&format!("010158{seventh}000"), 1858);
        check(&format!("010199{seventh}000"), 1899);
    }
    assert_eq!(Cpr::parse(PUBLISHED_CPR).unwrap().date_in_number(), date(1961, 7, 7));
}

#[test]
fn leap_days_depend_on_the_century() {
    // 1900 had no 29 February, 2000 had one.
    refuse_cpr("2902000000", CprError::NoSuchDate);
    assert_eq!(Cpr::parse("2902004000").unwrap().date_in_number(), date(2000, 2, 29));
}

#[test]
fn a_number_that_fails_modulus_11_is_still_a_number() {
    let cpr = Cpr::parse("0707614286").unwrap();
    assert!(!cpr.passes_modulus_11());
}

#[test]
fn reads_cvr_and_se() {
    // 13585628 is the example in the documentation of the stdnum library; the sum is 143 = 13 × 11.
    assert_eq!(Cvr::parse("13585628").unwrap().digits(), "13585628");
    assert_eq!(Se::parse("13585628").unwrap().digits(), "13585628");
    for (text, expect) in [
        ("1358562", BusinessNumberError::Length { expected: 8 }),
        ("135856280", BusinessNumberError::Length { expected: 8 }),
        ("DK13585628", BusinessNumberError::Length { expected: 8 }),
        ("1358562x", BusinessNumberError::NotDigits),
        ("13585627", BusinessNumberError::CheckDigit),
        ("31585628", BusinessNumberError::CheckDigit),
        ("00000000", BusinessNumberError::LeadingZero),
    ] {
        assert_eq!(Cvr::parse(text), Err(expect), "{text}");
        assert_eq!(Se::parse(text), Err(expect), "{text}");
    }
}

#[test]
fn reads_p_numbers() {
    assert_eq!(PNumber::parse("1234567890").unwrap().digits(), "1234567890");
    assert_eq!(PNumber::parse("123456789"), Err(BusinessNumberError::Length { expected: 10 }));
    assert_eq!(PNumber::parse("12345678-0"), Err(BusinessNumberError::NotDigits));
}

proptest! {
    #[test]
    fn every_cpr_date_reads_back(day in 1_i8..=28, month in 1_i8..=12, year in 0_u8..=99, serial in 0_u16..=9999) {
        let text = format!("{day:02}{month:02}{year:02}{serial:04}");
        let cpr = Cpr::parse(&text).unwrap();
        prop_assert_eq!(cpr.digits(), text.as_str());
        let born = cpr.date_in_number();
        prop_assert_eq!((born.day(), born.month(), born.year() % 100), (day, month, i16::from(year)));
        prop_assert!((1858..=2057).contains(&born.year()));
    }

    #[test]
    fn one_wrong_digit_of_a_cvr_is_always_found(place in 0_usize..8, digit in b'0'..=b'9') {
        let right = "13585628";
        let mut wrong = right.as_bytes().to_vec();
        wrong[place] = digit;
        let wrong = String::from_utf8(wrong).unwrap();
        prop_assert_eq!(Cvr::parse(&wrong).is_ok(), wrong == right);
    }

    #[test]
    fn no_text_makes_parsing_panic(text in "\\PC{0,14}|[0-9-]{8,11}") {
        if let Ok(cpr) = Cpr::parse(&text) {
            prop_assert_eq!(cpr.digits(), text.replace('-', ""));
        }
        if let Ok(cvr) = Cvr::parse(&text) {
            prop_assert_eq!(cvr.digits(), text.as_str());
        }
        if let Ok(p) = PNumber::parse(&text) {
            prop_assert_eq!(p.digits(), text.as_str());
        }
    }
}
