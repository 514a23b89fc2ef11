//! A text travels as `{"da": "…", "en": "…"}`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::travels_as;
use crate::Text;

/// A text in Danish and English.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PlainText {
    /// The Danish text.
    da: String,
    /// The English text.
    en: String,
}

impl From<&Text> for PlainText {
    fn from(text: &Text) -> Self {
        Self { da: text.da.clone(), en: text.en.clone() }
    }
}

impl From<PlainText> for Text {
    fn from(plain: PlainText) -> Self {
        Self::new(plain.da, plain.en)
    }
}

travels_as!(Text, PlainText, "expected an object with the strings da and en");
