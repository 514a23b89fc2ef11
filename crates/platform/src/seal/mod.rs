//! Sealing of identifiers, account numbers and originals at rest.
//!
//! Deterministic authenticated encryption: AES-SIV (RFC 5297) with 256-bit keys. Equal values of one kind, in one house, have equal sealed
//! bytes, so that a sealed column is at once the equality key and the value; nothing else can be learnt without the key, and a changed
//! byte is detected. Each house has keys of its own, derived from the ring, so that sealed columns of two houses cannot be matched.

mod derived;
mod key_ring;
mod sealer;
mod siv;

pub use key_ring::KeyRing;
pub use sealer::{Sealer, index_key};

use std::path::PathBuf;

use thiserror::Error;

/// Why sealing, opening or the key file failed. The text never contains a value or a key.
#[derive(Debug, Error)]
pub enum SealError {
    /// The sealed bytes were changed, or sealed as another kind, by another house or with another key.
    #[error("the sealed value is not authentic")]
    NotAuthentic,
    /// The value was sealed with a key version the ring does not hold.
    #[error("the sealed value names key version {0}, which the key ring does not hold")]
    UnknownKeyVersion(u8),
    /// Sealed bytes are at least 17 bytes long.
    #[error("the sealed value is shorter than its own header")]
    TooShort,
    /// The opened value is not text.
    #[error("the opened value is not UTF-8")]
    NotText,
    /// The key file cannot be read or written.
    #[error("the key file {path} cannot be used")]
    KeyFile {
        /// Which file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The key file can be read or written by others than its owner.
    #[error("the key file {0} must be readable by its owner only (mode 0600)")]
    KeyFileOpenToOthers(PathBuf),
    /// The key file's content is not of the expected form.
    #[error("the key file {0} is malformed: each line is a version (1-255) and 128 hexadecimal digits")]
    KeyFileMalformed(PathBuf),
    /// The key file has more than one version. Numbers are found by their sealed form, so under another key nothing that is stored would be
    /// found any more; values are not sealed anew yet.
    #[error(
        "the key file {0} holds several versions: what is stored would not be found under a new key, and is not sealed anew by this program"
    )]
    SeveralKeys(PathBuf),
}
