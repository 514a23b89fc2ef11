//! A `pain.001` of one version as the same order in another version.
//!
//! Element by element, as a stream: what both versions have under the same name is carried over as it stands, the elements
//! that the standard renamed or wrapped are renamed and wrapped (`plan`), and each is put where the new version's grammar
//! has it, each value judged by the new version's type. So what is written is valid, or nothing is.
//!
//! Between 03 and 09 there is little that has no place: a UETR, an LEI, an alias of an account, a second service level, a
//! point in time where the older version has a day; between 09 and 12 the kinds of documents in structured remittance. Such a thing is an obstacle, named by line and path, and the conversion
//! is void. With [`ConvertOptions::lossy`] it is left out and named instead, unless it says who is paid, what, from and to
//! where, or what for: amounts, accounts, identifications, references and remittance are never left out.

mod emit;
mod plan;
mod run;

pub use run::{Conversion, ConvertOptions, Loss, convert};
