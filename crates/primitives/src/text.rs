//! Texts for people, in Danish and English.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A text in both languages of the user interfaces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text {
    /// The Danish text.
    pub da: String,
    /// The English text.
    pub en: String,
}

/// A language of the user interfaces. Danish is the default, the language of the administration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Language {
    /// Danish.
    #[default]
    Da,
    /// English.
    En,
}

/// The text names no language of the user interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the language is neither 'da' nor 'en'")]
pub struct UnknownLanguage;

impl Text {
    /// A text from its Danish and its English wording.
    #[must_use]
    pub fn new(da: impl Into<String>, en: impl Into<String>) -> Self {
        Self { da: da.into(), en: en.into() }
    }

    /// The wording in this language.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Da => &self.da,
            Language::En => &self.en,
        }
    }
}

impl Language {
    /// The ISO 639-1 code: `da` or `en`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Da => "da",
            Self::En => "en",
        }
    }

    /// Reads `da` or `en`.
    ///
    /// # Errors
    /// [`UnknownLanguage`] for any other text.
    pub fn parse(text: &str) -> Result<Self, UnknownLanguage> {
        match text {
            "da" => Ok(Self::Da),
            "en" => Ok(Self::En),
            _ => Err(UnknownLanguage),
        }
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
