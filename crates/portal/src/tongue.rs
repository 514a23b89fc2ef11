//! The language a page is written in.

use primitives::{Language, Text};

/// The language of one page. Both wordings stand side by side where they are used, so that neither is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tongue(pub(crate) Language);

impl Tongue {
    /// The wording in this language.
    pub(crate) fn say<'a>(self, da: &'a str, en: &'a str) -> &'a str {
        match self.0 {
            Language::Da => da,
            Language::En => en,
        }
    }

    /// The wording of a text in this language.
    pub(crate) fn text(self, text: &Text) -> &str {
        text.get(self.0)
    }

    /// The other language, for the switch.
    pub(crate) fn other(self) -> Language {
        match self.0 {
            Language::Da => Language::En,
            Language::En => Language::Da,
        }
    }
}
