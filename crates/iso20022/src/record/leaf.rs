//! Single values.

use super::Prose;
use super::shape::{NameKind, Names, Paths, Putting, Shape, Values};
use crate::control_sum::ControlSum;
use crate::date_time::{instant, local};
use crate::pain001::fault::{Fault, words};
use crate::reason::ReasonCode;
use crate::write::CharacterSet;
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::{Bic, Currency, Money, MoneyError, copenhagen};
use std::io;
use uuid::Uuid;

/// A type that is one value of a message.
pub trait Single<'a>: Sized {
    /// Takes a value that follows the schema.
    ///
    /// # Errors
    /// What is wrong with it all the same.
    fn take(text: &'a str, attribute: &'a str) -> Result<Self, Fault>;

    /// Puts the value.
    ///
    /// # Errors
    /// As [`Shape::write`].
    fn put(&self, to: &mut Putting<'_>) -> io::Result<()>;
}

/// A value that may be absent, or unusable and the cause of a finding.
impl<'a, T: Single<'a>> Shape<'a> for Option<T> {
    const VALUES: u16 = 1;
    const GROUP: bool = false;

    fn name(at: &Paths, names: &mut Names) {
        names.push(at.is(NameKind::Value));
    }

    fn read(values: &mut Values<'a>) -> Self {
        values.next_as(T::take)
    }

    fn write(&self, to: &mut Putting<'_>) -> io::Result<()> {
        match self {
            Some(value) => value.put(to),
            None => {
                to.skip(1);
                Ok(())
            }
        }
    }
}

/// Makes a [`Single`] type a shape that must be there. Where a file lacks it, which only a version without the element
/// can, it is the type's default.
macro_rules! required {
    ($type:ty) => {
        impl<'a> $crate::record::Shape<'a> for $type {
            const VALUES: u16 = 1;
            const GROUP: bool = false;

            fn name(at: &$crate::record::Paths, names: &mut $crate::record::Names) {
                names.push(at.is($crate::record::NameKind::Value));
            }

            fn read(values: &mut $crate::record::Values<'a>) -> Self {
                values.next_as(<$type as $crate::record::Single<'a>>::take).unwrap_or_default()
            }

            fn write(&self, to: &mut $crate::record::Putting<'_>) -> std::io::Result<()> {
                $crate::record::Single::put(self, to)
            }
        }
    };
}

/// Declares an enum of the codes of a closed list; the first is the default.
macro_rules! codes {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident $code:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* #[doc = concat!(" Code `", $code, "`.")] $variant,)* }

        impl $name {
            /// All codes of the list.
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// The code.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $code,)* }
            }

            /// The variant of a code.
            #[must_use]
            pub fn parse(code: &str) -> Option<$name> {
                Self::ALL.iter().copied().find(|variant| variant.as_str() == code)
            }
        }

        impl Default for $name {
            fn default() -> Self { Self::ALL[0] }
        }

        impl<'a> $crate::record::Single<'a> for $name {
            fn take(text: &'a str, _: &'a str) -> Result<Self, $crate::pain001::fault::Fault> {
                Self::parse(text).ok_or($crate::record::UNKNOWN_CODE)
            }

            fn put(&self, to: &mut $crate::record::Putting<'_>) -> std::io::Result<()> {
                to.value(self.as_str(), "")
            }
        }

        $crate::record::required!($name);
    };
}

pub(crate) use {codes, required};

required!(&'a str);
required!(Prose<'a>);
required!(bool);
required!(u64);

impl<'a> Single<'a> for &'a str {
    fn take(text: &'a str, _: &'a str) -> Result<Self, Fault> {
        Ok(text)
    }

    fn put(&self, to: &mut Putting<'_>) -> io::Result<()> {
        to.value(self, "")
    }
}

impl<'a> Single<'a> for Prose<'a> {
    fn take(text: &'a str, _: &'a str) -> Result<Self, Fault> {
        Ok(Prose(text))
    }

    fn put(&self, to: &mut Putting<'_>) -> io::Result<()> {
        to.prose(&CharacterSet::Unicode.convert(self.0))
    }
}

impl<'a> Single<'a> for bool {
    fn take(text: &'a str, _: &'a str) -> Result<Self, Fault> {
        Ok(matches!(text, "true" | "1"))
    }

    fn put(&self, to: &mut Putting<'_>) -> io::Result<()> {
        to.value(if *self { "true" } else { "false" }, "")
    }
}

/// A count; the schemas allow at most 15 digits.
impl<'a> Single<'a> for u64 {
    fn take(text: &'a str, _: &'a str) -> Result<Self, Fault> {
        text.parse().map_err(|_| IMPOSSIBLE_COUNT)
    }

    fn put(&self, to: &mut Putting<'_>) -> io::Result<()> {
        to.value(&self.to_string(), "")
    }
}

impl<'a> Single<'a> for ControlSum {
    fn take(text: &'a str, _: &'a str) -> Result<Self, Fault> {
        ControlSum::parse(text).ok_or(IMPOSSIBLE_SUM)
    }

    fn put(&self, to: &mut Putting<'_>) -> io::Result<()> {
        to.value(&self.to_string(), "")
    }
}

/// An amount with its currency; it may be zero.
impl<'a> Single<'a> for Money {
    fn take(text: &'a str, attribute: &'a str) -> Result<Self, Fault> {
        let currency = Currency::parse(attribute).map_err(|_| UNKNOWN_CURRENCY)?;
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        Money::parse_decimal(digits, currency).map_err(|error| match error {
            MoneyError::TooManyDecimals => TOO_MANY_DECIMALS,
            _ => TOO_LARGE,
        })
    }

    fn put(&self, to: &mut Putting<'_>) -> io::Result<()> {
        let mut decimal = String::new();
        self.write_decimal(&mut decimal);
        to.value(&decimal, self.currency().code())
    }
}

/// A day; its time zone, if any, does not move it.
impl<'a> Single<'a> for Date {
    fn take(text: &'a str, _: &'a str) -> Result<Self, Fault> {
        let day = text.get(..10).filter(|day| day.starts_with(|first: char| first.is_ascii_digit()));
        day.and_then(|day| day.parse().ok()).ok_or(NO_CALENDAR_DAY)
    }

    fn put(&self, to: &mut Putting<'_>) -> io::Result<()> {
        to.value(&self.to_string(), "")
    }
}

/// A point in time; without an offset it is one in Copenhagen.
impl<'a> Single<'a> for Timestamp {
    fn take(text: &'a str, _: &'a str) -> Result<Self, Fault> {
        let in_copenhagen = || local(text)?.to_zoned(copenhagen().clone()).ok();
        instant(text).or_else(|| in_copenhagen().map(|zoned| zoned.timestamp())).ok_or(NO_CALENDAR_DAY)
    }

    fn put(&self, to: &mut Putting<'_>) -> io::Result<()> {
        to.value(&self.to_string(), "")
    }
}

impl<'a> Single<'a> for Uuid {
    fn take(text: &'a str, _: &'a str) -> Result<Self, Fault> {
        Uuid::try_parse(text).map_err(|_| UNKNOWN_CODE)
    }

    fn put(&self, to: &mut Putting<'_>) -> io::Result<()> {
        to.value(self.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()), "")
    }
}

impl<'a> Single<'a> for Bic {
    fn take(text: &'a str, _: &'a str) -> Result<Self, Fault> {
        Bic::parse(text).map_err(|_| UNKNOWN_BIC)
    }

    fn put(&self, to: &mut Putting<'_>) -> io::Result<()> {
        to.value(self.as_str(), "")
    }
}

/// A code outside its list, or a value outside its form.
pub const UNKNOWN_CODE: Fault = Fault {
    code: ReasonCode::CH16,
    text: words("Koden er ukendt.", "The code is unknown."),
    expected: words("en kode fra listen", "a code of the list"),
    found: words("en anden tekst", "another text"),
};

const UNKNOWN_BIC: Fault = Fault {
    code: ReasonCode::RC01,
    text: words("Bankens BIC er ikke gyldig.", "The bank's BIC is not valid."),
    expected: words("en BIC", "a BIC"),
    found: words("en anden tekst", "another text"),
};

const NO_CALENDAR_DAY: Fault = Fault {
    code: ReasonCode::DT01,
    text: words("Datoen er ikke gyldig.", "The date is not valid."),
    expected: words("en dag i årene 0 til 9999", "a day of the years 0 to 9999"),
    found: words("en anden dag", "another day"),
};

const IMPOSSIBLE_COUNT: Fault = Fault {
    code: ReasonCode::AM18,
    text: words("Antallet er for stort.", "The number is too large."),
    expected: words("et antal på højst 15 cifre", "a number of at most 15 digits"),
    found: words("et større tal", "a larger number"),
};

const IMPOSSIBLE_SUM: Fault = Fault {
    code: ReasonCode::AM16,
    text: words("Kontrolsummen kan ikke være en sum af beløb.", "The control sum cannot be a sum of amounts."),
    expected: words("en sum af beløb, som har højst fem decimaler", "a sum of amounts, which has at most five decimals"),
    found: words("flere decimaler", "more decimals"),
};

const UNKNOWN_CURRENCY: Fault = Fault {
    code: ReasonCode::AM03,
    text: words("Valutaen er ukendt.", "The currency is unknown."),
    expected: words("en gældende valutakode i ISO 4217", "an active currency code of ISO 4217"),
    found: words("en anden kode", "another code"),
};

const TOO_MANY_DECIMALS: Fault = Fault {
    code: ReasonCode::CH20,
    text: words("Beløbet har flere decimaler end valutaen.", "The amount has more decimals than its currency."),
    expected: words("højst så mange decimaler, som valutaen har", "at most as many decimals as the currency has"),
    found: words("flere decimaler", "more decimals"),
};

const TOO_LARGE: Fault = Fault {
    code: ReasonCode::AM12,
    text: words("Beløbet er for stort.", "The amount is too large."),
    expected: words("et beløb under 92 billiarder", "an amount below 92 thousand million million"),
    found: words("et større beløb", "a larger amount"),
};
