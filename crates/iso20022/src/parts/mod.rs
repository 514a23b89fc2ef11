//! Parts that several messages have in common.

mod account;
mod bank;
mod case;
mod date;
mod national;
mod party;
mod reason;

pub use account::AccountRef;
pub use bank::BankRef;
pub use case::{Assignment, CaseParty, CaseRef};
pub use date::DateChoice;
pub(crate) use national::{NationalNumber, national_number};
pub use party::{OtherId, PartyRef};
pub use reason::GivenReason;

use crate::record::codes;

codes! {
    /// Which way money went over an account.
    pub enum CreditDebit {
        /// To the account.
        Credit "CRDT",
        /// From the account.
        Debit "DBIT",
    }
}
