#![doc = include_str!("../README.md")]

mod access;
pub mod context;
pub mod holding;
pub mod mediation;
pub mod operation;
pub mod parties;
pub mod problem;
pub mod register;
pub mod setoff;

#[cfg(feature = "conformance")]
pub mod conformance;

pub use access::{AccessQuery, AccessRecord, AccessResult};
pub use context::{ActingPerson, Actor, ActsBy, Context, IdempotencyKey, LegalBasis, Purpose};
pub use operation::{Call, Operation, OperationName};
pub use problem::{ItemResult, Problem, ProblemCode};
