#![doc = include_str!("../README.md")]

mod check;
mod control_sum;
mod engine;
mod fields;
mod finding;
pub mod generator;
pub mod grammar;
mod limits;
mod message;
mod pain001;
mod pain002;
mod reason;
mod status;
mod text_store;
mod write;

pub use check::{Verdict, validate};
pub use control_sum::ControlSum;
pub use finding::{Finding, Level};
pub use limits::Limits;
pub use message::MessageKind;
pub use pain001::{
    BlockTotals, Event, GroupHeader, InitiatingParty, Outcome, Pain001Reader, PaymentInformation, PaymentRow, Span, Totals,
};
pub use pain002::{BlockReport, GroupReport, Pain002Reader, Reason, StatusCount, StatusEvent, StatusTotals, TransactionReport};
pub use reason::ReasonCode;
pub use status::{Status, StatusScope};
pub use write::{
    AccountForm, Agent, BlockStatus, CharacterSet, ChargeBearer, CreditTransfer, DebtorBlock, MessageHeader, Pain001Version,
    Pain001Writer, Pain002Version, Pain002Writer, Party, ReportHeader, StatusReason, TransactionStatus,
};
