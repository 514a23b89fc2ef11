//! Reading ISO 20022 files for the simulated banks and the auditor: its own eyes, so that they share no blind spot with mediation.

mod account;
mod decimal;
mod elements;
mod pain001;
mod pain002;
mod recall;

pub(crate) use account::AccountKey;
pub(crate) use decimal::Fine;
pub(crate) use pain001::{AccountIn, BlockHead, CreditTransfers, Group, Row, scan_pain001};
pub(crate) use pain002::{NOT_PROVIDED, StatusReports, Statuses, scan_pain002};

pub(crate) use recall::{Recall, Recalls, is_recall, scan_recall};

use std::io;

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
