//! Reading `pain.001`: a customer's order to pay.

mod account;
mod address;
mod amount;
mod benefit;
mod block;
mod collect;
mod dates;
mod fields;
mod group;
mod judge;
mod party;
mod payee;
mod reader;
mod row;
mod rules;

pub use block::{BlockTotals, PaymentInformation};
pub use group::GroupHeader;
pub use party::InitiatingParty;
pub use reader::{Event, Outcome, Pain001Reader, Totals};
pub use row::{PaymentRow, Span};
