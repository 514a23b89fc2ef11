//! Messages as records: one declaration of the wanted elements serves reader, view and writer.
//!
//! A *record* is an element that is told as a whole, such as an entry of a statement or a payment to be stopped. Its
//! struct is a [`Shape`]: it names the paths of its values in the order of the grammar, takes them from what
//! the engine told, and puts them where they came from. So the reader asks the engine for nothing else, the
//! [`Whole`] view keeps nothing else, and what the [`RecordWriter`] writes is read as it was meant.
//!
//! A path that a version does not have is left out there; a path that no version has fails a test.

mod collect;
mod layout;
mod leaf;
mod list;
mod macros;
mod message;
mod prose;
mod reader;
mod shape;
mod whole;
mod writer;

pub(crate) use collect::Collector;
pub(crate) use layout::RecordSpec;
pub(crate) use leaf::{Single, UNKNOWN_CODE, codes, required};
pub(crate) use macros::{message, optional, record};
pub(crate) use reader::told;
pub(crate) use shape::NameKind;

pub use layout::Layout;
pub use list::{Items, List};
pub use message::Message;
pub use prose::Prose;
pub use reader::{RecordEvent, RecordReader, RecordTotals, Told};
pub use shape::{Names, Paths, Putting, Shape, Values};
pub use whole::{Refused, Whole};
pub use writer::RecordWriter;
