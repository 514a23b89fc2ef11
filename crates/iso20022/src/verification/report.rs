//! `acmt.024`: the answer.

use crate::parts::CaseParty;
use crate::record::{RecordReader, RecordWriter, message, record};
use jiff::Timestamp;

message! {
    /// `acmt.024`, the answers to a [`VerificationRequest`](crate::VerificationRequest).
    ///
    /// ```
    /// use iso20022::*;
    ///
    /// let us = CaseParty::of_party(PartyRef { name: Some(Prose("NemKonto")), ..PartyRef::default() });
    /// let head = VerificationReportHead {
    ///     message_id: "R-1",
    ///     created: Some(jiff::Timestamp::UNIX_EPOCH),
    ///     assigner: us,
    ///     assignee: us,
    ///     original_message_id: Some("V-1"),
    ///     ..VerificationReportHead::default()
    /// };
    /// let result = VerificationResult { original_id: "1", verified: false, code: Some("AC01"), text: None };
    ///
    /// let mut writer = VerificationReportWriter::new(Vec::new(), MessageKind::Acmt024V03)?;
    /// writer.write(&VerificationReportRecord::Head(head))?;
    /// writer.write(&VerificationReportRecord::Result(result))?;
    /// let file = writer.finish()?;
    ///
    /// let report = Whole::<VerificationReport>::read(file.as_slice(), Limits::default())?.expect("valid");
    /// assert_eq!(report.records().last().map(|told| told.record), Some(VerificationReportRecord::Result(result)));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub struct VerificationReport, "acmt.024.001.03" [Acmt024V03];
    /// A record of a [`VerificationReport`].
    pub enum VerificationReportRecord {
        /// The head of the message.
        Head(VerificationReportHead) Group at "IdVrfctnRpt",
        /// An answer.
        Result(VerificationResult) Payment at "IdVrfctnRpt/Rpt",
    }
}

/// Reads an `acmt.024` as a stream.
pub type VerificationReportReader<R> = RecordReader<VerificationReport, R>;
/// Writes an `acmt.024`.
pub type VerificationReportWriter<W> = RecordWriter<VerificationReport, W>;

record! {
    /// Who answers whom.
    #[derive(Debug)]
    pub struct VerificationReportHead<'a> {
        /// `MsgId`.
        message_id: &'a str => "Assgnmt/MsgId",
        /// When the message was made.
        created: Option<Timestamp> => "Assgnmt/CreDtTm",
        /// Who answers.
        assigner: CaseParty<'a> => "Assgnmt/Assgnr",
        /// Who asked.
        assignee: CaseParty<'a> => "Assgnmt/Assgne",
        /// `MsgId` of the request.
        original_message_id: Option<&'a str> => "OrgnlAssgnmt/MsgId",
        /// When the request was made.
        original_created: Option<Timestamp> => "OrgnlAssgnmt/CreDtTm",
    }
}

record! {
    /// Whether a party and an account belong together. Neither is repeated.
    #[derive(Debug)]
    pub struct VerificationResult<'a> {
        /// Identification of the question.
        original_id: &'a str => "OrgnlId",
        /// Whether they belong together.
        verified: bool => "Vrfctn",
        /// Why not, by a code of *ExternalVerificationReason1Code*.
        code: Option<&'a str> => "Rsn/Cd",
        /// Why not, in the sender's own words.
        text: Option<&'a str> => "Rsn/Prtry",
    }
}
