use primitives::{
    Country, Cpr, CprError, Cvr, ForeignId, ForeignIdError, Identifier, IdentifierError, IdentifierKind, PNumber, PlainTextError,
    Se,
};
use proptest::prelude::*;

fn sweden() -> Country {
    Country::parse("SE").unwrap()
}

fn samples() -> [(Identifier, IdentifierKind, &'static str); 5] {
    let foreign = ForeignId::new(sweden(), "PNR", "19640823-3234|x").unwrap();
    [
        (Cpr::parse("070761-4285").unwrap().into(), IdentifierKind::Cpr, "0707614285"),
        (Cvr::parse("13585628").unwrap().into(), IdentifierKind::Cvr, "13585628"),
        (Se::parse("13585628").unwrap().into(), IdentifierKind::Se, "13585628"),
        (PNumber::parse("1234567890").unwrap().into(), IdentifierKind::P, "1234567890"),
        (foreign.into(), IdentifierKind::Foreign, "SE|PNR|19640823-3234|x"),
    ]
}

#[test]
fn canonical_texts_read_back() {
    for (identifier, kind, text) in samples() {
        assert_eq!(identifier.kind(), kind);
        assert_eq!(identifier.canonical(), text);
        assert_eq!(Identifier::from_canonical(kind, text), Ok(identifier));
    }
}

#[test]
fn only_foreign_identifiers_allocate_their_text() {
    for (identifier, kind, _) in samples() {
        let borrowed = matches!(identifier.canonical(), std::borrow::Cow::Borrowed(_));
        assert_eq!(borrowed, kind != IdentifierKind::Foreign);
    }
}

#[test]
fn kinds_read_back() {
    let codes: Vec<_> = IdentifierKind::ALL.map(IdentifierKind::as_str).into();
    assert_eq!(codes, ["CPR", "CVR", "SE", "P", "FOREIGN"]);
    for kind in IdentifierKind::ALL {
        assert_eq!(IdentifierKind::parse(kind.as_str()), Ok(kind));
    }
    assert_eq!(IdentifierKind::parse("cpr"), Err(IdentifierError::UnknownKind));
}

#[test]
fn refuses_other_spellings() {
    let check = |kind, text: &str, expect: IdentifierError| {
        assert_eq!(Identifier::from_canonical(kind, text), Err(expect), "{text}");
    };
    check(IdentifierKind::Cpr, "070761-4285", IdentifierError::NotCanonical);
    check(IdentifierKind::Cpr, "0707", IdentifierError::Cpr(CprError::Length));
    check(IdentifierKind::Foreign, "SE", IdentifierError::NotCanonical);
    check(IdentifierKind::Foreign, "SE|PNR", IdentifierError::NotCanonical);
    let empty = ForeignIdError::Value(PlainTextError::Empty);
    check(IdentifierKind::Foreign, "SE|PNR|", IdentifierError::Foreign(empty));
    assert!(matches!(Identifier::from_canonical(IdentifierKind::Foreign, "ZZ|PNR|1"), Err(IdentifierError::Country(_))));
}

#[test]
fn foreign_ids_have_limits() {
    let longest = "x".repeat(35);
    let too_long = "x".repeat(36);
    assert!(ForeignId::new(sweden(), longest.as_str(), longest.as_str()).is_ok());
    let limit = PlainTextError::TooLong { limit: 35 };
    assert_eq!(ForeignId::new(sweden(), too_long.as_str(), "1"), Err(ForeignIdError::Scheme(limit)));
    assert_eq!(ForeignId::new(sweden(), "PNR", too_long), Err(ForeignIdError::Value(limit)));
    assert_eq!(ForeignId::new(sweden(), "P|R", "1"), Err(ForeignIdError::SchemeSeparator));
}

proptest! {
    #[test]
    fn every_foreign_id_reads_back(scheme in "[A-ZØ.\\\\]{1,35}", value in "[|A-Z0-9\\\\]{1,35}") {
        let identifier = Identifier::from(ForeignId::new(sweden(), scheme, value).unwrap());
        let read = Identifier::from_canonical(IdentifierKind::Foreign, &identifier.canonical());
        prop_assert_eq!(read, Ok(identifier));
    }

    #[test]
    fn whatever_is_read_is_written_the_same(
        kind in prop::sample::select(IdentifierKind::ALL.to_vec()),
        text in "[0-9-]{8,11}|SE[|A-Z]{0,10}",
    ) {
        if let Ok(identifier) = Identifier::from_canonical(kind, &text) {
            prop_assert_eq!(identifier.canonical(), text);
        }
    }
}
