//! What every implementation of a contract must show: suites that our own houses pass in process and over HTTP, and that another
//! implementation passes before it may take a house's place. Each suite panics at the first promise that is not kept.

pub mod holding;
pub mod mediation;
pub mod parties;
pub mod register;
pub mod setoff;
