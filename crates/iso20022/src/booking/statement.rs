//! An account and its balances.

use crate::parts::{AccountRef, BankRef, CreditDebit, DateChoice};
use crate::record::{Prose, record};
use jiff::Timestamp;
use primitives::Money;

record! {
    /// The head of the message.
    #[derive(Debug)]
    pub struct BookingsHead<'a> {
        /// `MsgId`.
        message_id: &'a str => "GrpHdr/MsgId",
        /// When the message was made.
        created: Option<Timestamp> => "GrpHdr/CreDtTm",
        /// Number of the page, where the message is one of several.
        page: Option<u64> => "GrpHdr/MsgPgntn/PgNb",
        /// Whether it is the last page.
        last_page: Option<bool> => "GrpHdr/MsgPgntn/LastPgInd",
    }
}

record! {
    /// An account whose bookings follow.
    #[derive(Debug)]
    pub struct Statement<'a> {
        /// Identification of the statement, report or notification.
        id: &'a str => "Id",
        /// The bank's number of it, which grows by one each time; as written.
        sequence: Option<&'a str> => "ElctrncSeqNb",
        /// When it was made.
        created: Option<Timestamp> => "CreDtTm",
        /// Begin of the time it covers.
        from: Option<Timestamp> => "FrToDt/FrDtTm",
        /// End of the time it covers.
        to: Option<Timestamp> => "FrToDt/ToDtTm",
        /// The account.
        account: AccountRef<'a> => "Acct",
        /// Currency of the account.
        currency: Option<&'a str> => "Acct/Ccy",
        /// Name of the account's owner.
        owner: Option<Prose<'a>> => "Acct/Ownr/Nm",
        /// The bank that keeps the account.
        bank: BankRef<'a> => "Acct/Svcr",
    }
}

record! {
    /// A balance.
    #[derive(Debug)]
    pub struct Balance<'a> {
        /// Which balance: `OPBD` opening, `CLBD` closing, and others.
        code: Option<&'a str> => "Tp/CdOrPrtry/Cd",
        /// Which balance, in the bank's own words.
        text: Option<&'a str> => "Tp/CdOrPrtry/Prtry",
        /// The amount, without a sign.
        amount: Option<Money> => "Amt",
        /// Whether it is to the owner's credit or debit.
        direction: CreditDebit => "CdtDbtInd",
        /// When it was so.
        date: DateChoice => "Dt",
    }
}
