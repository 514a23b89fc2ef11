//! Set-off on a real PostgreSQL: a file per subject.
#![allow(clippy::unwrap_used, reason = "a test may panic, also in its helpers")]

mod chores;
mod conformance;
mod races;
mod storage;
mod support;
