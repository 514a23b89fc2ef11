//! The site over all houses, from page to database: a file per subject.
#![allow(clippy::unwrap_used, reason = "a test may panic, also in its helpers")]

mod accessibility;
mod authorization;
mod caseworker;
mod common;
mod grants;
mod isolation;
mod mitid;
mod payee;
mod payments;
#[path = "../../access/tests/peer/mod.rs"]
mod peer;
mod sign_in;
