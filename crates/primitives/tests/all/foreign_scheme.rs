use primitives::{Country, ForeignId, ForeignScheme, ForeignSchemeError};

fn check(scheme: ForeignScheme, country: &str, value: &str, expect: Result<(), ForeignSchemeError>) {
    let outcome = scheme.id(Country::parse(country).unwrap(), value).map(|id| assert_eq!(id.value(), value));
    assert_eq!(outcome, expect, "{scheme} {country} {value}");
}

/// Legal entity identifiers that GLEIF publishes: its own, and those of banks and companies.
#[test]
fn legal_entity_identifiers_have_check_digits() {
    use ForeignScheme::Lei;
    for (country, lei) in [
        ("CH", "506700GE1G29325QX363"),
        ("DE", "54930084UKLVMY22DS16"),
        ("GB", "213800WSGIIZCXF1P572"),
        ("DE", "529900T8BM49AURSDO55"),
    ] {
        check(Lei, country, lei, Ok(()));
        // Any other last digit is a slip.
        let slipped = format!("{}{}", &lei[..19], (lei[19..].parse::<u8>().unwrap() + 1) % 10);
        check(Lei, country, &slipped, Err(ForeignSchemeError::CheckDigits(Lei)));
    }
    for malformed in ["506700ge1g29325qx363", "506700GE1G29325QX36", "506700GE1G29325QX3633", "506700GE1G29325QX3A3"] {
        check(Lei, "CH", malformed, Err(ForeignSchemeError::Form(Lei)));
    }
}

/// One line for each form that VIES publishes, and what is nearly it.
#[test]
fn vat_numbers_have_the_form_of_their_country() {
    use ForeignScheme::Vat;
    for (country, good, bad) in [
        ("AT", "U12345678", "12345678"),
        ("BE", "0123456789", "2123456789"),
        ("BG", "1234567890", "12345678"),
        ("CY", "12345678X", "123456789"),
        ("CZ", "123456789", "1234567"),
        ("DE", "123456789", "12345678"),
        ("DK", "12345678", "DK12345678"),
        ("EE", "123456789", "1234567890"),
        ("ES", "X1234567X", "123456789"),
        ("ES", "12345678X", "X123456X"),
        ("FI", "12345678", "1234567"),
        ("FR", "XX123456789", "X123456789"),
        ("GR", "123456789", "12345678"),
        ("HR", "12345678901", "1234567890"),
        ("HU", "12345678", "123456789"),
        ("IE", "1X23456X", "1X234567"),
        ("IE", "1234567WA", "12345678A"),
        ("IT", "12345678901", "123456789012"),
        ("LT", "123456789012", "1234567890"),
        ("LU", "12345678", "1234567"),
        ("LV", "12345678901", "123456789"),
        ("MT", "12345678", "123456789"),
        ("NL", "123456789B01", "123456789C01"),
        ("PL", "1234567890", "123456789"),
        ("PT", "123456789", "12345678"),
        ("RO", "12", "1"),
        ("RO", "1234567890", "12345678901"),
        ("SE", "123456789001", "1234567890"),
        ("SI", "12345678", "SI12345678"),
        ("SK", "1234567890", "123 456789"),
    ] {
        check(Vat, country, good, Ok(()));
        check(Vat, country, bad, Err(ForeignSchemeError::Form(Vat)));
    }
    check(Vat, "US", "123456789", Err(ForeignSchemeError::Country));
}

#[test]
fn person_identifiers_are_told_to_denmark() {
    use ForeignScheme::Eidas;
    let malformed = Err(ForeignSchemeError::Form(Eidas));
    // The specification's own example is told to Austria.
    check(Eidas, "ES", "ES/DK/02635542Y", Ok(()));
    check(Eidas, "ES", "ES/AT/02635542Y", malformed);
    check(Eidas, "PT", "ES/DK/02635542Y", malformed);
    check(Eidas, "ES", "ES/DK/", malformed);
    check(Eidas, "ES", "ES/DK/02 635542Y", malformed);
    check(Eidas, "SE", "SE/DK/a/b", Ok(()));
}

#[test]
fn unique_identifiers_name_country_and_register() {
    use ForeignScheme::Euid;
    let malformed = Err(ForeignSchemeError::Form(Euid));
    check(Euid, "DE", "DEK1101R.HRB116737", Ok(()));
    check(Euid, "RO", "ROONRC.J40/2845/1998", Ok(()));
    check(Euid, "GR", "ELGEMI.123204604000", Ok(()));
    check(Euid, "GR", "GRGEMI.123204604000", malformed);
    check(Euid, "FR", "DEK1101R.HRB116737", malformed);
    check(Euid, "DE", "DE.HRB116737", malformed);
    check(Euid, "DE", "DEK1101R", malformed);
    check(Euid, "DE", "DEK1101R.", malformed);
}

#[test]
fn what_is_not_known_is_said_to_be_so() {
    check(ForeignScheme::National, "SE", "19640823-3234", Ok(()));
    let unknown = ForeignId::new(Country::parse("SE").unwrap(), "PNR", "1").unwrap();
    assert_eq!(unknown.check(), Err(ForeignSchemeError::Unknown));
    for scheme in ForeignScheme::ALL {
        assert_eq!(ForeignScheme::parse(scheme.as_str()), Ok(scheme));
    }
    assert_eq!(ForeignScheme::parse("lei"), Err(ForeignSchemeError::Unknown));
    let too_long = ForeignScheme::National.id(Country::DK, "x".repeat(36));
    assert!(matches!(too_long, Err(ForeignSchemeError::Parts(_))), "{too_long:?}");
}
