//! Reading `pain.002`: what became of an order.

mod collect;
mod fields;
mod reader;
mod report;

pub use reader::{Pain002Reader, StatusEvent, StatusTotals};
pub use report::{BlockReport, GroupReport, Reason, StatusCount, TransactionReport};
