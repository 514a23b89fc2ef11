//! The holding account on a real PostgreSQL: a file per subject.
#![allow(clippy::unwrap_used, reason = "a test may panic, also in its helpers")]

mod changes;
mod chores;
mod conformance;
mod ledger;
mod release;
mod storage;
mod support;
