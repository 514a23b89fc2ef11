//! The grammar of a message: what the schema says, as a plain model ([`Schema`]), as our own
//! text notation ([`notation`]), and compiled into flat tables for the engine.

pub(crate) mod binding;
mod compile;
mod lexical;
pub mod model;
pub mod notation;
pub mod pattern;
pub(crate) mod tables;
pub(crate) mod value;

pub use compile::CompileError;
pub(crate) use lexical::decimal_digits;
pub use model::Schema;
