//! The program as a whole, and its stories: a file per subject.
#![allow(clippy::unwrap_used, reason = "a test may panic, also in its helpers")]

mod apart;
mod architecture;
mod audit;
mod check;
mod codes;
mod contracts_over_tls;
mod crash;
mod demo;
mod dependencies;
mod fuzzed;
mod how_to_send;
mod memory;
mod messages;
mod openapi;
mod operator;
mod parallel;
mod program;
mod story;
mod support;
