//! What leaves the register for its holders: letters with activation codes on paper, and notices by Digital Post.

use std::fmt;

use jiff::Timestamp;
use primitives::{EntryRef, HolderRef, Identifier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PostalAddress;

/// The most letters one call tells: each is a PDF.
pub const MAX_LETTERS: u32 = 100;
/// The most notices one call tells.
pub const MAX_NOTICES: u32 = 10_000;

/// Which letter: the holder and the pending entry its code activates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct LetterRef {
    /// The holder.
    pub holder: HolderRef,
    /// The pending entry.
    pub entry: EntryRef,
}

/// A letter that waits to be printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutgoingLetter {
    /// Which letter.
    pub letter: LetterRef,
    /// The holder's number in use now, by which the address is found where the register has not been told it.
    pub identifier: Identifier,
    /// The holder's name.
    pub name: String,
    /// The registered address, where the civil or business register has told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<PostalAddress>,
    /// When the code no longer counts.
    pub expires_at: Timestamp,
    /// The letter with its code: one page of A4 as PDF, in base64 (RFC 4648).
    pub pdf: String,
}

impl fmt::Debug for OutgoingLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingLetter").field("letter", &self.letter).finish_non_exhaustive()
    }
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeText {
    /// The Danish text.
    pub da: String,
    /// The English text.
    pub en: String,
}

/// A message that waits to be sent by Digital Post. No account stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutgoingNotice {
    /// Its number in the outbox.
    pub notice: i64,
    /// The holder.
    pub holder: HolderRef,
    /// The number in use now, by which Digital Post is addressed.
    pub identifier: Identifier,
    /// The subject.
    pub subject: NoticeText,
    /// The text.
    pub body: NoticeText,
}
