use std::fmt::Debug;

use primitives::{
    Account, AgreementNumber, BenefitCode, Bic, Country, Cpr, Currency, DanishAccount, FeedPosition, ForeignAccount,
    ForeignAccountParts, ForeignId, HolderRef, Iban, Identifier, IdentifierKind, Language, LegRef, Money, PaymentRef, ShiftRule,
    Text,
};
use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, from_value, json, to_value};
use uuid::Uuid;

#[track_caller]
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, expect: Value) {
    assert_eq!(to_value(value).unwrap(), expect);
    assert_eq!(&from_value::<T>(expect).unwrap(), value);
}

#[test]
fn texts_travel_as_strings() {
    check(&Cpr::parse("0707614285").unwrap(), json!("0707614285"));
    check(&Country::DK, json!("DK"));
    check(&Currency::DKK, json!("DKK"));
    check(&Bic::parse("DABADKKK").unwrap(), json!("DABADKKK"));
    check(&AgreementNumber::parse("00012345").unwrap(), json!("00012345"));
    check(&BenefitCode::parse("NKSLØN").unwrap(), json!("NKSLØN"));
    check(&PaymentRef::new(36, 1), json!("P-10-1"));
    check(&PaymentRef::new(36, 1).leg(2), json!("P-10-1/2"));
    check(&IdentifierKind::Foreign, json!("FOREIGN"));
    check(&Language::En, json!("en"));
    check(&ShiftRule::Next, json!("next"));
}

#[test]
fn ids_travel_bare() {
    check(&FeedPosition(7), json!(7));
    check(&HolderRef(Uuid::from_u128(1)), json!("00000000-0000-0000-0000-000000000001"));
}

#[test]
fn money_travels_in_minor_units() {
    check(&Money::new(123_450, Currency::DKK), json!({"minor": 123_450, "currency": "DKK"}));
    check(&Money::new(-5, Currency::JPY), json!({"minor": -5, "currency": "JPY"}));
    for refused in [
        json!({"minor": 1234.5, "currency": "DKK"}),
        json!({"minor": "1", "currency": "DKK"}),
        json!({"minor": 1, "currency": "XXX"}),
        json!({"minor": 1}),
        json!({"minor": 1, "currency": "DKK", "sign": "-"}),
    ] {
        assert!(from_value::<Money>(refused.clone()).is_err(), "{refused}");
    }
}

#[test]
fn identifiers_travel_by_kind() {
    let cpr = Cpr::parse("0707614285").unwrap();
    check(&Identifier::Cpr(cpr), json!({"kind": "CPR", "number": "0707614285"}));
    let foreign = ForeignId::new(Country::parse("SE").unwrap(), "PNR", "1").unwrap();
    check(&Identifier::Foreign(foreign), json!({"kind": "FOREIGN", "number": "SE|PNR|1"}));
    for kind in ["CVR", "FOREIGN", "cpr"] {
        let refused = json!({"kind": kind, "number": "0707614285"});
        assert!(from_value::<Identifier>(refused).is_err(), "{kind}");
    }
}

#[test]
fn accounts_travel_by_type() {
    let danish = DanishAccount::new("0040", "0440116243").unwrap();
    check(&Account::Danish(danish), json!({"type": "danish", "registration": "0040", "number": "0440116243"}));
    let iban = Iban::parse("DE89370400440532013000").unwrap();
    check(&Account::from_iban(iban, None), json!({"type": "iban", "iban": "DE89370400440532013000"}));
    let foreign = ForeignAccount::new(ForeignAccountParts {
        number: "12345".to_owned(),
        bank_code: None,
        bic: Bic::parse("CHASUS33").ok(),
        bank_name: None,
        country: Country::parse("US").unwrap(),
        currency: Some(Currency::USD),
    });
    check(
        &Account::Foreign(foreign.unwrap()),
        json!({"type": "foreign", "number": "12345", "bic": "CHASUS33", "country": "US", "currency": "USD"}),
    );
    let danish_iban = json!({"type": "iban", "iban": "DK5000400440116243", "bic": "DABADKKK"});
    assert_eq!(from_value::<Account>(danish_iban).unwrap(), Account::Danish(danish));
    let unknown_part = json!({"type": "danish", "registration": "0040", "number": "1", "owner": "x"});
    assert!(from_value::<Account>(unknown_part).is_err());
}

#[test]
fn bilingual_texts_travel_as_objects() {
    check(&Text::new("Ja", "Yes"), json!({"da": "Ja", "en": "Yes"}));
}

/// serde's own errors would quote the number they found in the wrong place.
#[test]
fn errors_never_echo() {
    let number = 707_614_285;
    let text = "0707614285";
    let errors = [
        from_value::<Cpr>(json!(number)).unwrap_err(),
        from_value::<Cpr>(json!("07076142850")).unwrap_err(),
        from_value::<Cpr>(json!({text: text})).unwrap_err(),
        from_value::<Identifier>(json!(text)).unwrap_err(),
        from_value::<Identifier>(json!({"kind": text, "number": text})).unwrap_err(),
        from_value::<Identifier>(json!({"kind": "CPR", "number": number})).unwrap_err(),
        from_value::<Identifier>(json!({"kind": "CPR", text: text})).unwrap_err(),
        from_value::<Identifier>(json!({"kind": "CVR", "number": text})).unwrap_err(),
        from_value::<Account>(json!(text)).unwrap_err(),
        from_value::<Account>(json!({"type": "danish", "registration": "0040", "number": number})).unwrap_err(),
        from_value::<Account>(json!({"type": "iban", "iban": text})).unwrap_err(),
        from_value::<PaymentRef>(json!(text)).unwrap_err(),
        from_value::<FeedPosition>(json!(text)).unwrap_err(),
    ];
    for error in errors {
        let said = format!("{error} {error:?}");
        assert!(!said.contains("0761428"), "{said}");
    }
}

#[test]
fn schemas_describe_the_wire() {
    fn kind_of<T: JsonSchema>() -> Value {
        schema_for!(T).get("type").cloned().unwrap_or_default()
    }
    assert_eq!(kind_of::<Cpr>(), json!("string"));
    assert_eq!(kind_of::<LegRef>(), json!("string"));
    assert_eq!(kind_of::<HolderRef>(), json!("string"));
    assert_eq!(kind_of::<FeedPosition>(), json!("integer"));
    assert_eq!(kind_of::<Money>(), json!("object"));
    let account = to_value(schema_for!(Account)).unwrap();
    assert_eq!(account["title"], "Account");
    assert_eq!(account["oneOf"].as_array().unwrap().len(), 3);
}
