#![doc = include_str!("../README.md")]

pub mod auditor;
pub mod banks;
pub mod denmark;
pub mod payers;

mod dice;
mod markup;
#[cfg(test)]
mod official;
mod permutation;
mod scan;

pub use denmark::{World, WorldError, WorldSize};
