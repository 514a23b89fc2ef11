//! Cases: what a request and its answer are about, and who handles it.

use super::bank::BankRef;
use super::party::PartyRef;
use crate::record::record;
use jiff::Timestamp;

record! {
    /// Who sends a case, or gets it: a party or a bank; the schema wants one of them.
    #[derive(Debug)]
    pub struct CaseParty<'a> {
        /// The party.
        party: Option<PartyRef<'a>> => "Pty",
        /// The bank.
        bank: Option<BankRef<'a>> => "Agt",
    }
}

impl<'a> CaseParty<'a> {
    /// A party.
    #[must_use]
    pub const fn of_party(party: PartyRef<'a>) -> Self {
        CaseParty { party: Some(party), bank: None }
    }

    /// A bank.
    #[must_use]
    pub const fn of_bank(bank: BankRef<'a>) -> Self {
        CaseParty { party: None, bank: Some(bank) }
    }
}

record! {
    /// The assignment of a case, which is what its messages are known by.
    #[derive(Debug)]
    pub struct Assignment<'a> {
        /// Identification of the message.
        id: &'a str => "Id",
        /// Who sends it.
        assigner: CaseParty<'a> => "Assgnr",
        /// Who gets it.
        assignee: CaseParty<'a> => "Assgne",
        /// When it was made.
        created: Option<Timestamp> => "CreDtTm",
    }
}

record! {
    /// A case.
    #[derive(Debug)]
    pub struct CaseRef<'a> {
        /// Identification of the case; `None` where no case is named.
        id: Option<&'a str> => "Id",
        /// Who began it.
        creator: CaseParty<'a> => "Cretr",
    }
}
