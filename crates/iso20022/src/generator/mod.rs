//! Turns an official XML Schema of ISO 20022 into our grammar notation.
//!
//! Reads only the small part of XML Schema that the published messages use. A construct outside
//! it is an error, never skipped: a rule that the tables do not know would be a rule not checked.

mod markup;
mod schema;

pub use schema::schema_from_xsd;

/// Why a schema cannot be turned into a grammar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct GeneratorError {
    /// The type or element it stands in.
    pub place: String,
    /// What is not understood.
    pub problem: String,
}

impl GeneratorError {
    fn new(place: &str, problem: impl Into<String>) -> Self {
        GeneratorError { place: place.to_owned(), problem: problem.into() }
    }
}
