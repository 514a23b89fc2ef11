//! Findings of the engine before they know their place.

use super::phrases::in_both;
use crate::finding::{Finding, Level};
use crate::grammar::value::{ValueCheck, ValueFault};
use crate::reason::ReasonCode;
use primitives::Text;

/// A finding without line and path.
#[derive(Debug)]
pub(crate) struct Problem {
    level: Level,
    code: ReasonCode,
    expected: Text,
    found: Text,
    da: &'static str,
    en: &'static str,
}

/// Why the engine cannot go on at this byte.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The construct goes on beyond the bytes at hand.
    More,
    /// The file is not well-formed, or goes beyond a limit.
    Bad(Box<Problem>),
}

impl Problem {
    /// Gives the problem its place.
    pub fn at(self, line: u64, path: String) -> Finding {
        Finding {
            level: self.level,
            line,
            offset: 0,
            path,
            code: self.code,
            expected: self.expected,
            found: self.found,
            text: Text::new(self.da, self.en),
        }
    }

    #[cold]
    fn unreadable(da: &'static str, en: &'static str, expected: &str, found: &str) -> Problem {
        Problem { level: Level::Unreadable, code: ReasonCode::FF01, expected: in_both(expected), found: in_both(found), da, en }
    }

    #[cold]
    fn schema(code: ReasonCode, da: &'static str, en: &'static str, expected: Text, found: Text) -> Problem {
        Problem { level: Level::Schema, code, expected, found, da, en }
    }

    /// A construct that XML does not allow.
    #[cold]
    pub fn syntax(expected: &str, found: &str) -> Problem {
        Self::unreadable("Filen er ikke velformet XML.", "The file is not well-formed XML.", expected, found)
    }

    /// The file ends inside an element or a construct.
    #[cold]
    pub fn ends_too_early() -> Problem {
        Self::unreadable(
            "Filen slutter for tidligt.",
            "The file ends too early.",
            "the rest of the document",
            "the end of the file",
        )
    }

    /// The bytes are not what the encoding says.
    #[cold]
    pub fn encoding(found: &str) -> Problem {
        Self::unreadable(
            "Filens tegnsæt kan ikke læses.",
            "The file's encoding cannot be read.",
            "UTF-8, US-ASCII, ISO-8859-1 or ISO-8859-15, as declared",
            found,
        )
    }

    /// A character that may not stand in XML.
    #[cold]
    pub fn character() -> Problem {
        Self::unreadable(
            "Filen har et tegn, der ikke må stå i XML.",
            "The file has a character that may not stand in XML.",
            "characters allowed in XML",
            "a control character or a non-character",
        )
    }

    /// A document type declaration.
    #[cold]
    pub fn doctype() -> Problem {
        Self::unreadable(
            "En dokumenttype (DOCTYPE) er ikke tilladt.",
            "A document type declaration (DOCTYPE) is not allowed.",
            "the root element",
            "DOCTYPE",
        )
    }

    /// Something goes beyond [`crate::Limits`].
    #[cold]
    pub fn limit(what: &str) -> Problem {
        Self::unreadable("Filen overskrider en grænse.", "The file goes beyond a limit.", what, "more")
    }

    /// The root element belongs to no message we know.
    #[cold]
    pub fn unknown_message(expected: &str) -> Problem {
        Self::unreadable(
            "Filen er ikke en meddelelse, vi kender.",
            "The file is no message we know.",
            expected,
            "another root element or namespace",
        )
    }

    /// The header before a message names another one: nobody can say which of the two was meant.
    #[cold]
    pub fn other_message(name: &str) -> Problem {
        Problem {
            level: Level::Unreadable,
            code: ReasonCode::FF01,
            expected: Text::new(name, name),
            found: Text::new("en anden meddelelse", "another message"),
            da: "Headeren angiver en anden meddelelse end den, der følger.",
            en: "The header names another message than the one that follows.",
        }
    }

    /// An element where the grammar has another one, or none.
    #[cold]
    pub fn unexpected_element(expected: String, name: &str) -> Problem {
        Self::schema(
            ReasonCode::CH17,
            "Elementet er ikke tilladt på dette sted.",
            "The element is not allowed in this place.",
            in_both(&expected),
            in_both(&format!("element {name}")),
        )
    }

    /// An element ends before a required one.
    #[cold]
    pub fn missing_element(expected: String) -> Problem {
        Self::schema(
            ReasonCode::CH21,
            "Et krævet element mangler.",
            "A required element is missing.",
            in_both(&expected),
            in_both("the end of the element"),
        )
    }

    /// Text where only elements may stand, or an element where only text may.
    #[cold]
    pub fn content_kind(expected: &str, found: &str) -> Problem {
        Self::schema(
            ReasonCode::CH16,
            "Indholdet er af en forkert slags.",
            "The content is of the wrong kind.",
            in_both(expected),
            in_both(found),
        )
    }

    /// An attribute that is missing or not allowed.
    #[cold]
    pub fn attribute(expected: &str, found: &str) -> Problem {
        Self::schema(
            ReasonCode::CH16,
            "En attribut mangler eller er ikke tilladt.",
            "An attribute is missing or not allowed.",
            in_both(expected),
            in_both(found),
        )
    }

    /// A value breaks its type.
    #[cold]
    pub fn value(check: &ValueCheck, fault: ValueFault) -> Problem {
        Self::schema(
            ReasonCode::CH16,
            "Værdien overholder ikke meddelelsens regler.",
            "The value breaks the message's rules.",
            check.describe(),
            describe_fault(fault),
        )
    }
}

fn describe_fault(fault: ValueFault) -> Text {
    match fault {
        ValueFault::TooShort { characters, .. } | ValueFault::TooLong { characters, .. } => {
            Text::new(format!("{characters} tegn"), format!("{characters} characters"))
        }
        ValueFault::Pattern { characters } | ValueFault::NotInList { characters } => {
            Text::new(format!("en anden tekst på {characters} tegn"), format!("another text of {characters} characters"))
        }
        ValueFault::Lexical { base, characters } => Text::new(
            format!("{characters} tegn, der ikke er {}", base.name()),
            format!("{characters} characters that are no {}", base.name()),
        ),
        ValueFault::TotalDigits { digits, .. } => Text::new(format!("{digits} cifre"), format!("{digits} digits")),
        ValueFault::FractionDigits { digits, .. } => Text::new(format!("{digits} decimaler"), format!("{digits} decimals")),
        ValueFault::Negative => Text::new("et negativt tal", "a negative number"),
    }
}
