use primitives::{Country, Currency};

#[test]
fn knows_the_decimals_of_currencies() {
    for (code, decimals) in [
        ("DKK", 2),
        ("EUR", 2),
        ("SEK", 2),
        ("PLN", 2),
        ("USD", 2),
        ("MGA", 2),
        ("XCG", 2),
        ("ZWG", 2),
        ("JPY", 0),
        ("ISK", 0),
        ("KRW", 0),
        ("CLP", 0),
        ("VND", 0),
        ("XOF", 0),
        ("UGX", 0),
        ("BHD", 3),
        ("KWD", 3),
        ("TND", 3),
        ("JOD", 3),
        ("OMR", 3),
        ("IQD", 3),
        ("LYD", 3),
    ] {
        let currency = Currency::parse(code).unwrap();
        assert_eq!((currency.code(), currency.decimals()), (code, decimals));
    }
}

#[test]
fn constants_agree_with_the_table() {
    for constant in
        [Currency::DKK, Currency::EUR, Currency::GBP, Currency::ISK, Currency::JPY, Currency::NOK, Currency::SEK, Currency::USD]
    {
        assert_eq!(Currency::parse(constant.code()), Ok(constant));
    }
    for constant in [Country::DK, Country::FO, Country::GL] {
        assert_eq!(Country::parse(constant.code()), Ok(constant));
    }
}

#[test]
fn refuses_other_currencies() {
    // Not upper case; not three letters; gold, test and no currency; withdrawn; never assigned.
    for text in ["dkk", "Dkk", "", "DK", "DKKK", "XAU", "XTS", "XXX", "HRK", "DEM", "QQQ", "Kč", "kr."] {
        assert!(Currency::parse(text).is_err(), "{text}");
    }
}

#[test]
fn knows_countries() {
    for text in ["DK", "FO", "GL", "SE", "NO", "IS", "DE", "GB", "US", "AD", "ZW", "XK"] {
        assert_eq!(Country::parse(text).unwrap().to_string(), text);
    }
    for text in ["dk", "", "D", "DNK", "ZZ", "AA", "EU", "UK", "12"] {
        assert!(Country::parse(text).is_err(), "{text}");
    }
}
