//! All SQL of the house, a file per noun.

pub(crate) mod agreement;
mod agreement_parts;
pub(crate) mod bank;
pub(crate) mod user;
