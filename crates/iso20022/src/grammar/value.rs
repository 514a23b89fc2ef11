//! Checking a value against its type and facets.

use super::lexical;
use super::model::{Base, Facets};
use super::pattern::Pattern;
use primitives::Text;

/// A value type's rule, arranged for checking.
#[derive(Debug)]
pub(crate) enum ValueCheck {
    Text(TextCheck),
    Decimal {
        total: u32,
        fraction: u32,
        not_negative: bool,
    },
    /// Any other built-in type; the schemas give them no facets but lengths of base64.
    Plain {
        base: Base,
        min_length: usize,
        max_length: usize,
    },
}

/// Facets of a text.
#[derive(Debug)]
pub(crate) struct TextCheck {
    min_length: usize,
    max_length: usize,
    pattern: Option<Pattern>,
    /// Sorted.
    enumeration: Vec<String>,
}

/// What is wrong with a value; says nothing of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueFault {
    TooShort { characters: usize, min: usize },
    TooLong { characters: usize, max: usize },
    Pattern { characters: usize },
    NotInList { characters: usize },
    Lexical { base: Base, characters: usize },
    TotalDigits { digits: usize, max: u32 },
    FractionDigits { digits: usize, max: u32 },
    Negative,
}

impl ValueCheck {
    pub fn new(base: Base, facets: &Facets) -> Self {
        let min_length = facets.min_length.map_or(0, |length| length as usize);
        let max_length = facets.max_length.map_or(usize::MAX, |length| length as usize);
        match base {
            Base::Text => {
                let mut enumeration = facets.enumeration.clone();
                enumeration.sort_unstable();
                ValueCheck::Text(TextCheck { min_length, max_length, pattern: facets.pattern.clone(), enumeration })
            }
            Base::Decimal => ValueCheck::Decimal {
                total: facets.total_digits.unwrap_or(u32::MAX),
                fraction: facets.fraction_digits.unwrap_or(u32::MAX),
                not_negative: facets.not_negative,
            },
            base => ValueCheck::Plain { base, min_length, max_length },
        }
    }

    /// Whether white space around the value is not part of it. XML Schema says so of days and
    /// times too, but libxml2 and with it many receivers refuse them with blanks, and so do we.
    #[inline]
    pub fn collapses(&self) -> bool {
        match self {
            ValueCheck::Text(_) => false,
            ValueCheck::Decimal { .. } => true,
            ValueCheck::Plain { base, .. } => matches!(base, Base::Boolean | Base::Base64),
        }
    }

    /// Checks a value, which must be valid UTF-8. White space around a collapsing type must already be removed.
    #[inline]
    pub fn check(&self, value: &[u8]) -> Result<(), ValueFault> {
        match self {
            ValueCheck::Text(text) => text.check(value),
            ValueCheck::Decimal { total, fraction, not_negative } => check_decimal(value, *total, *fraction, *not_negative),
            ValueCheck::Plain { base, min_length, max_length } => check_plain(value, *base, *min_length, *max_length),
        }
    }

    /// The greatest length of a text, in characters.
    pub fn max_characters(&self) -> usize {
        match self {
            ValueCheck::Text(text) => text.max_length,
            ValueCheck::Decimal { .. } | ValueCheck::Plain { .. } => usize::MAX,
        }
    }

    /// Says in words what the type expects, for a finding.
    pub fn describe(&self) -> Text {
        match self {
            ValueCheck::Text(text) => text.describe(),
            ValueCheck::Decimal { total, fraction, not_negative } => {
                let (da, en) = if *not_negative { (", ikke negativt", ", not negative") } else { ("", "") };
                Text::new(
                    format!("et decimaltal med højst {total} cifre, heraf {fraction} decimaler{da}"),
                    format!("a decimal number of at most {total} digits, {fraction} of them decimals{en}"),
                )
            }
            ValueCheck::Plain { base, .. } => {
                Text::new(format!("en værdi af typen {}", base.name()), format!("a value of type {}", base.name()))
            }
        }
    }
}

impl TextCheck {
    #[inline]
    fn check(&self, value: &[u8]) -> Result<(), ValueFault> {
        self.check_length(value)?;
        if let Some(pattern) = &self.pattern
            && !pattern.matches(value)
        {
            return Err(ValueFault::Pattern { characters: characters(value) });
        }
        if !self.enumeration.is_empty() && self.enumeration.binary_search_by(|known| known.as_bytes().cmp(value)).is_err() {
            return Err(ValueFault::NotInList { characters: characters(value) });
        }
        Ok(())
    }

    /// Counts characters only where the number of bytes leaves it open.
    #[inline]
    fn check_length(&self, value: &[u8]) -> Result<(), ValueFault> {
        let bytes = value.len();
        if bytes <= self.max_length && (bytes >= self.min_length.saturating_mul(4) || (self.min_length == 1 && bytes > 0)) {
            return Ok(());
        }
        let characters = characters(value);
        if characters < self.min_length {
            return Err(ValueFault::TooShort { characters, min: self.min_length });
        }
        if characters > self.max_length {
            return Err(ValueFault::TooLong { characters, max: self.max_length });
        }
        Ok(())
    }

    fn describe(&self) -> Text {
        if !self.enumeration.is_empty() {
            let shown: Vec<&str> = self.enumeration.iter().take(12).map(String::as_str).collect();
            let more = if self.enumeration.len() > shown.len() { " …" } else { "" };
            let codes = shown.join(", ");
            return Text::new(format!("en af {codes}{more}"), format!("one of {codes}{more}"));
        }
        if let Some(pattern) = &self.pattern {
            return Text::new(format!("en tekst af formen {pattern}"), format!("a text of the form {pattern}"));
        }
        match (self.min_length, self.max_length) {
            (0, usize::MAX) => Text::new("en tekst", "a text"),
            (min, usize::MAX) => {
                Text::new(format!("en tekst på mindst {min} tegn"), format!("a text of at least {min} characters"))
            }
            (min, max) => Text::new(format!("en tekst på {min} til {max} tegn"), format!("a text of {min} to {max} characters")),
        }
    }
}

fn check_decimal(value: &[u8], total: u32, fraction: u32, not_negative: bool) -> Result<(), ValueFault> {
    let Some(decimal) = lexical::decimal(value) else {
        return Err(ValueFault::Lexical { base: Base::Decimal, characters: characters(value) });
    };
    if decimal.fraction_digits > fraction as usize {
        return Err(ValueFault::FractionDigits { digits: decimal.fraction_digits, max: fraction });
    }
    if decimal.total_digits > total as usize {
        return Err(ValueFault::TotalDigits { digits: decimal.total_digits, max: total });
    }
    if not_negative && decimal.below_zero {
        return Err(ValueFault::Negative);
    }
    Ok(())
}

fn check_plain(value: &[u8], base: Base, min: usize, max: usize) -> Result<(), ValueFault> {
    let valid = match base {
        Base::Boolean => matches!(value, b"true" | b"false" | b"1" | b"0"),
        Base::Date => lexical::date(value),
        Base::DateTime => lexical::date_time(value),
        Base::Time => lexical::time(value),
        Base::Year => lexical::year(value),
        Base::YearMonth => lexical::year_month(value),
        Base::Base64 => return check_base64(value, min, max),
        Base::Text | Base::Decimal => true,
    };
    if valid { Ok(()) } else { Err(ValueFault::Lexical { base, characters: characters(value) }) }
}

fn check_base64(value: &[u8], min: usize, max: usize) -> Result<(), ValueFault> {
    let Some(octets) = lexical::base64_octets(value) else {
        return Err(ValueFault::Lexical { base: Base::Base64, characters: value.len() });
    };
    if octets < min {
        return Err(ValueFault::TooShort { characters: octets, min });
    }
    if octets > max {
        return Err(ValueFault::TooLong { characters: octets, max });
    }
    Ok(())
}

/// Number of characters in valid UTF-8: bytes that do not continue one.
fn characters(value: &[u8]) -> usize {
    value.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}
