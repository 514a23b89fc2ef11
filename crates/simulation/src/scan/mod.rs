//! Reading ISO 20022 files for the simulated banks and the auditor: its own eyes, so that they share no blind spot with mediation.

mod account;
mod booking;
mod decimal;
mod elements;
mod pain001;
mod pain002;
mod recall;
mod resolution;

pub(crate) use account::AccountKey;
pub(crate) use booking::scan_returns;
pub(crate) use decimal::Fine;
pub(crate) use pain001::{AccountIn, BlockHead, CreditTransfers, Group, Row, scan_pain001};
pub(crate) use pain002::{NOT_PROVIDED, StatusReports, Statuses, scan_pain002};
pub(crate) use recall::{Recall, Recalls, is_recall, scan_recall};
pub(crate) use resolution::scan_resolution;

use std::io::{self, BufRead};

use elements::Elements;

/// The name of the message in a file, also in an envelope; empty where there is none that can be read.
pub(crate) fn message_in(input: impl BufRead) -> io::Result<String> {
    match Elements::new(input).find_message() {
        Ok(name) => Ok(name.to_owned()),
        Err(ScanError::NotXml) => Ok(String::new()),
        Err(ScanError::Io(error)) => Err(error),
    }
}

/// Why a file could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScanError {
    /// The file system's answer.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file is not well-formed XML, or breaks off.
    #[error("the file is not well-formed XML")]
    NotXml,
}
