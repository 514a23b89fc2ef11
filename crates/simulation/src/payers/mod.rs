//! The files the authorities deliver: pain.001 with the payees' numbers and, mostly, no account; and their recalls.

mod amount;
mod bench;
mod deliveries;
mod file;
mod mix;
mod order;
mod pain001;
mod recalls;
mod samples;

#[cfg(test)]
mod tests;

pub use bench::{BenchFile, bench_file};
pub use deliveries::{DeliveryKind, PlannedDelivery, PlannedFiles};
pub use mix::PaymentMix;
pub use recalls::PlannedRecall;

#[cfg(test)]
pub(crate) use file::Block;
#[cfg(test)]
pub(crate) use order::{GivenAccount, Kind, Order};
