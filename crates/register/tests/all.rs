//! The register on a real PostgreSQL: a file per subject.
#![allow(clippy::unwrap_used, reason = "a test may panic, also in its helpers")]

mod access;
mod accounts;
mod changes;
mod conformance;
mod gathered;
mod history;
mod holds;
mod letters;
mod messages;
mod model;
mod population;
mod races;
mod routes;
mod shadow;
mod step;
mod storage;
mod support;
mod webhooks;
