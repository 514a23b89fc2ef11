//! The types that travel as one JSON string.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::read_quietly;
use crate::{
    AgreementNumber, BankCode, BenefitCode, Bic, Country, Cpr, Currency, Cvr, DataSupplierId, HolderRef, Iban, IdentifierKind,
    Language, LegRef, PNumber, PaymentRef, Se, ShiftRule, UnitCode,
};

/// For each type: what it is in words, the pattern of its text, how it is written and how it is read.
macro_rules! travel_as_strings {
    ($($type:ident: $description:literal, $pattern:literal, $write:expr, $read:expr;)+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($write(self).as_ref())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let expected = concat!("expected a string with ", $description);
                let text: String = read_quietly(deserializer, expected)?;
                $read(&text).map_err(D::Error::custom)
            }
        }

        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "pattern": $pattern,
                    "description": $description,
                })
            }
        }
    )+};
}

travel_as_strings! {
    Cpr: "a CPR number of 10 digits", "^[0-9]{6}-?[0-9]{4}$", Cpr::digits, Cpr::parse;
    Cvr: "a CVR number of 8 digits", "^[1-9][0-9]{7}$", Cvr::digits, Cvr::parse;
    Se: "an SE number of 8 digits", "^[1-9][0-9]{7}$", Se::digits, Se::parse;
    PNumber: "a P number of 10 digits", "^[0-9]{10}$", PNumber::digits, PNumber::parse;
    Iban: "an IBAN in electronic form (ISO 13616)", "^[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}$", Iban::as_str, Iban::parse;
    Bic: "a BIC of 8 or 11 characters (ISO 9362)", "^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$", Bic::as_str, Bic::parse;
    Country: "a country code of 2 letters (ISO 3166-1)", "^[A-Z]{2}$", Country::code, Country::parse;
    Currency: "a currency code of 3 letters (ISO 4217)", "^[A-Z]{3}$", Currency::code, Currency::parse;
    AgreementNumber: "an agreement number of 8 digits", "^[0-9]{8}$", AgreementNumber::digits, AgreementNumber::parse;
    BenefitCode: "a benefit code of 1 to 10 capitals and digits", "^[A-ZÆØÅ0-9]{1,10}$", BenefitCode::as_str, BenefitCode::parse;
    UnitCode: "a unit code of 1 to 20 characters", "^[A-Za-zÆØÅæøå0-9._/-]{1,20}$", UnitCode::as_str, UnitCode::parse;
    BankCode: "a bank code of 1 to 20 characters", "^[A-Za-zÆØÅæøå0-9._/-]{1,20}$", BankCode::as_str, BankCode::parse;
    DataSupplierId: "a data supplier id of 1 to 35 characters", "^[A-Za-zÆØÅæøå0-9._/-]{1,35}$", DataSupplierId::as_str, DataSupplierId::parse;
    PaymentRef: "a payment reference", "^P-[0-9A-Z]{1,13}-[0-9A-Z]{1,6}$", ToString::to_string, str::parse::<PaymentRef>;
    LegRef: "a reference to a payment's leg", "^P-[0-9A-Z]{1,13}-[0-9A-Z]{1,6}/[0-9A-Z]{1,3}$", ToString::to_string, str::parse::<LegRef>;
    HolderRef: "a holder reference (UUID)", "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", ToString::to_string, str::parse::<HolderRef>;
    IdentifierKind: "one of CPR, CVR, SE, P, FOREIGN", "^(CPR|CVR|SE|P|FOREIGN)$", as_code(IdentifierKind::as_str), IdentifierKind::parse;
    ShiftRule: "one of previous, next", "^(previous|next)$", as_code(ShiftRule::as_str), read_shift_rule;
    Language: "one of da, en", "^(da|en)$", as_code(Language::as_str), Language::parse;
}

/// Writes a value that is copied to be asked for its code.
fn as_code<T: Copy>(code: impl Fn(T) -> &'static str) -> impl Fn(&T) -> &'static str {
    move |value| code(*value)
}

fn read_shift_rule(text: &str) -> Result<ShiftRule, &'static str> {
    ShiftRule::parse(text).ok_or("expected one of previous, next")
}
