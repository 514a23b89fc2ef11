//! Reading `pain.001`: a customer's order to pay.

mod account;
mod address;
mod amount;
mod benefit;
mod block;
mod collect;
mod dates;
mod duplicates;
pub(crate) mod fault;
mod fields;
mod group;
mod judge;
pub(crate) mod party;
mod payee;
mod rare;
mod reader;
mod references;
mod row;
mod rules;
mod tape;
mod way;

pub use block::{BlockTotals, PaymentInformation};
pub use dates::Horizon;
pub(crate) use dates::day_of_time;
pub use group::GroupHeader;
pub use party::InitiatingParty;
pub use reader::{Event, Outcome, Pain001Reader, Totals};
pub use row::{PaymentRow, Span};
pub use rules::Rules;
pub use way::Threads;
