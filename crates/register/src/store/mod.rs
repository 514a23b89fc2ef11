//! All SQL of the house: a file per table or pair of tables. Every statement is set-based.

pub(crate) mod access;
pub(crate) mod bank_report;
pub(crate) mod branch;
pub(crate) mod circumstance;
pub(crate) mod dossier;
pub(crate) mod entry;
pub(crate) mod fact;
pub(crate) mod head;
pub(crate) mod hold;
pub(crate) mod identifier;
pub(crate) mod last_word;
pub(crate) mod letter;
pub(crate) mod link;
pub(crate) mod notice;
pub(crate) mod payout;
pub(crate) mod private;
pub(crate) mod progress;
pub(crate) mod projection;
pub(crate) mod source_event;
pub(crate) mod specific_rule;
pub(crate) mod step;
pub(crate) mod step_known;
pub(crate) mod subscription;
pub(crate) mod verification;
pub(crate) mod webhook;
