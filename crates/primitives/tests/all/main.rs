//! Published examples and properties of the primitives, a file per noun.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking, also in its helpers")]

mod account;
mod calendar;
mod clock;
mod code;
mod country_and_currency;
mod foreign_scheme;
mod iban;
mod identifier;
mod ids;
mod masking;
mod money;
mod numbers;
mod text;
#[cfg(feature = "wire")]
mod wire;
