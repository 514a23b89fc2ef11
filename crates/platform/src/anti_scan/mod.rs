//! Anti-scan: nobody goes through numbers to see which of them exist.
//!
//! Each user and each party has a bucket of tokens. What a lookup finds is what it costs: a hit 1, a miss 20; a payment that is really sent
//! gives one back. Tokens come back with time, up to the bucket's size. Who has not enough is blocked: the answer is withheld, the caller gets
//! `TOO_MANY` (HTTP 429) and an alert is raised, one for each time a bucket becomes blocked.
//!
//! A house makes the tables with [`ddl`] and calls, in the transaction of the lookup,
//!
//! 1. [`admit`] before it looks anything up: who is blocked already is told so and learns nothing;
//! 2. [`charge`] with what was found, *before* the answer leaves; a call that costs more than there is left is refused too, and still charged.
//!    Commit also then: the charge and the alert must stay.
//!
//! and [`give_back`] when a payment to somebody looked up has been sent. The buckets of one call are locked in one order, so that calls of
//! one party wait for each other and never for ever. Limits are dated rows of `<schema>.scan_limit`; the defaults of the program
//! ([`DEFAULT_USER`], [`DEFAULT_PARTY`]) have no public source.

mod bucket;
mod store;

pub use bucket::{Bucket, Cost, DEFAULT_PARTY, DEFAULT_USER, Limit};
pub use store::{ALERTS, Asker, admit, charge, ddl, give_back};
