//! `acmt.023`: the question.

use crate::parts::{AccountRef, BankRef, CaseParty, PartyRef};
use crate::record::{RecordReader, RecordWriter, message, record};
use jiff::Timestamp;

message! {
    /// `acmt.023`, a request to verify that accounts and parties belong together.
    ///
    /// ```
    /// use iso20022::*;
    ///
    /// let payer = CaseParty::of_party(PartyRef { name: Some(Prose("A payer")), ..PartyRef::default() });
    /// let head = VerificationRequestHead {
    ///     message_id: "V-1",
    ///     created: Some(jiff::Timestamp::UNIX_EPOCH),
    ///     assigner: payer,
    ///     assignee: payer,
    /// };
    /// let numbers = [OtherId::named("CVR", "12345674")];
    /// let party = PartyRef { organisation: List::of(&numbers), ..PartyRef::default() };
    /// let account = AccountRef::of_bban("00400440116243");
    ///
    /// let mut writer = VerificationRequestWriter::new(Vec::new(), MessageKind::Acmt023V03)?;
    /// writer.write(&VerificationRequestRecord::Head(head))?;
    /// writer.write(&VerificationRequestRecord::Verification(Verification { id: "1", party, account, bank: BankRef::default() }))?;
    /// let file = writer.finish()?;
    ///
    /// let request = Whole::<VerificationRequest>::read(file.as_slice(), Limits::default())?.expect("valid");
    /// let told = request.records().nth(1).expect("two records");
    /// let VerificationRequestRecord::Verification(question) = told.record else { panic!("the question is second") };
    /// assert_eq!(question.party.identifiers().count(), 1);
    /// assert!(question.account.account(&question.bank).is_some());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub struct VerificationRequest, "acmt.023.001.03" [Acmt023V03];
    /// A record of a [`VerificationRequest`].
    pub enum VerificationRequestRecord {
        /// The head of the message.
        Head(VerificationRequestHead) Group at "IdVrfctnReq",
        /// A party and an account.
        Verification(Verification) Payment at "IdVrfctnReq/Vrfctn",
    }
}

/// Reads an `acmt.023` as a stream.
pub type VerificationRequestReader<R> = RecordReader<VerificationRequest, R>;
/// Writes an `acmt.023`.
pub type VerificationRequestWriter<W> = RecordWriter<VerificationRequest, W>;

record! {
    /// Who asks whom.
    #[derive(Debug)]
    pub struct VerificationRequestHead<'a> {
        /// `MsgId`.
        message_id: &'a str => "Assgnmt/MsgId",
        /// When the message was made.
        created: Option<Timestamp> => "Assgnmt/CreDtTm",
        /// Who asks.
        assigner: CaseParty<'a> => "Assgnmt/Assgnr",
        /// Who is asked.
        assignee: CaseParty<'a> => "Assgnmt/Assgne",
    }
}

record! {
    /// A party and an account that are said to belong together.
    #[derive(Debug)]
    pub struct Verification<'a> {
        /// Identification of the question.
        id: &'a str => "Id",
        /// The party.
        party: PartyRef<'a> => "PtyAndAcctId/Pty",
        /// The account.
        account: AccountRef<'a> => "PtyAndAcctId/Acct",
        /// The account's bank.
        bank: BankRef<'a> => "PtyAndAcctId/Agt",
    }
}
