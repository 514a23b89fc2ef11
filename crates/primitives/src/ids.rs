//! Identifiers of the program's own records: each is its own type, so that one cannot be passed for another.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use uuid::Uuid;

/// The text is no identifier of this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the identifier is not well formed")]
pub struct IdError;

/// Declares a newtype over `i64` or `Uuid`, written and read as the inner value is.
macro_rules! typed_id {
    ($(#[$documentation:meta])* $name:ident($inner:ty)) => {
        $(#[$documentation])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl $name {
            /// Wraps the bare value, as it comes from the database.
            #[must_use]
            pub const fn new(value: $inner) -> Self {
                Self(value)
            }

            /// The bare value, for the database.
            #[must_use]
            pub const fn get(self) -> $inner {
                self.0
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }

        impl From<$name> for $inner {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self).map_err(|_| IdError)
            }
        }
    };
}

typed_id! {
    /// The register's opaque, stable reference to an account holder. It says nothing about the person and survives a new CPR number.
    HolderRef(Uuid)
}

typed_id! {
    /// An entry of the register: the evidence of which account was answered.
    EntryRef(i64)
}

typed_id! {
    /// A delivery of payments received from a payer.
    DeliveryId(i64)
}

typed_id! {
    /// A deposit on the holding account.
    DepositRef(i64)
}

typed_id! {
    /// A reservation for set-off.
    ReservationRef(i64)
}

typed_id! {
    /// A position in a feed: gapless, counted from 1, never used again.
    FeedPosition(i64)
}
