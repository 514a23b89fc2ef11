//! All SQL of the house: a file per table or pair of tables. Every statement is set-based.

pub(crate) mod access;
pub(crate) mod dossier;
pub(crate) mod entry;
pub(crate) mod fact;
pub(crate) mod head;
pub(crate) mod identifier;
pub(crate) mod letter;
pub(crate) mod projection;
