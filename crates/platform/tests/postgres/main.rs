//! The platform against a real PostgreSQL.
#![allow(clippy::unwrap_used, reason = "clippy takes only functions marked as tests for tests, not their helpers")]

mod access_log;
mod anti_scan;
mod change_log;
mod copy;
mod database;
mod feed;
mod four_eyes;
mod houses;
mod idempotency;
mod local_postgres;
mod recorded;
mod runs;
mod testing;
