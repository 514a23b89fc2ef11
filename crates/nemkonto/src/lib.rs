#![doc = include_str!("../README.md")]

pub mod allocator;
pub mod audit;
pub mod bench;
pub mod check;
pub mod cli;
pub mod convert;
pub mod demo;
pub mod ground;
pub mod import;
pub mod in_step;
pub mod openapi;
pub mod operate;
pub mod outgoing;
pub mod parallel;
pub mod places;
pub mod serve;
pub mod settings;
mod shadow;
pub mod show;
pub mod source;
mod spool;
pub mod street;

/// Any failure of a command, for a person to read.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
