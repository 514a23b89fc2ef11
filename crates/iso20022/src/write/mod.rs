//! Writing messages as streams.

pub(crate) mod address;
mod charset;
mod envelope;
mod extras;
pub(crate) mod output;
mod pain001;
mod pain002;
mod party;

pub use charset::CharacterSet;
pub use envelope::Envelope;
pub use pain001::{CreditTransfer, DebtorBlock, MessageHeader, Pain001Version, Pain001Writer};
pub use pain002::{BlockStatus, Pain002Version, Pain002Writer, ReportHeader, StatusReason, TransactionStatus};
pub use party::{AccountForm, Agent, Party};
