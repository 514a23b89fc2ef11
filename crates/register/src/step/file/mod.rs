//! Extracts as files: one JSON object a line. REGISTER_EXTRACT.md describes the form.

mod import;
mod progress;
pub(super) mod read;
mod write;

use std::io;

use contracts::Problem;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use import::{ImportReport, import};
pub use write::{Exported, export};

/// The version of the form.
const VERSION: u32 = 1;
/// The longest line, in bytes.
const LONGEST_LINE: usize = 1 << 20;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstLine {
    extract: Header,
}

/// What the file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    version: u32,
    /// The moment it is known at: where changes go on from.
    as_known: Timestamp,
    /// Only changes after this moment; none: everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
}

/// The last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LastLine {
    end: Trailer,
}

/// What was in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trailer {
    holders: u64,
    removed: u64,
    /// SHA-256 of every byte before this line.
    sha256: String,
}

/// Why a file could not be written or taken over.
#[derive(Debug, Error)]
pub enum FileFault {
    /// Reading or writing.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file does not begin as an extract.
    #[error("line 1: expected the header of an extract, version {VERSION}")]
    NoHeader,
    /// The file does not end as an extract.
    #[error("the last line is no end of an extract: the file is not whole")]
    NoEnd,
    /// The file has another number of records than it says.
    #[error("the file has {found} records and says {said}: it is not whole")]
    Count {
        /// In the file.
        found: u64,
        /// By its end.
        said: u64,
    },
    /// The file has other bytes than were written.
    #[error("the file's digest is not what its end says: it was changed on the way")]
    Digest,
    /// A line is longer than any record.
    #[error("line {0} is longer than 1 MiB")]
    LongLine(u64),
    /// More records than can be kept in mind can only be taken over after others.
    #[error("more than 100,000 records were refused as conflicting with others: the file does not fit this register")]
    Conflicts,
    /// The register refused, or could not answer.
    #[error(transparent)]
    Refused(#[from] Problem),
}
