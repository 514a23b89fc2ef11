//! A message as records.

use super::layout::Layout;
use super::shape::{Putting, Values};
use crate::message::MessageKind;
use std::fmt::Debug;

/// A message that is read and written as records. The messages of this crate are all there are.
pub trait Message: Debug {
    /// One of its records.
    type Record<'a>: Copy + Debug + PartialEq;
    /// Its versions.
    const KINDS: &'static [MessageKind];
    /// Its versions in words.
    const EXPECTED: &'static str;

    /// Where a version has its records and their values; `None` for any other message.
    #[doc(hidden)]
    fn layout(kind: MessageKind) -> Option<&'static Layout>;

    /// The record of a position among the message's kinds of record, from its values.
    #[doc(hidden)]
    fn read<'a>(position: usize, values: &mut Values<'a>) -> Self::Record<'a>;

    /// Puts a record's values.
    ///
    /// # Errors
    /// A value that breaks the type of its element.
    #[doc(hidden)]
    fn write(record: &Self::Record<'_>, to: &mut Putting<'_>) -> std::io::Result<()>;

    /// The position of a record among the message's kinds of record.
    #[doc(hidden)]
    fn position(record: &Self::Record<'_>) -> usize;
}
