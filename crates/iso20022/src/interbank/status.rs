//! `pacs.002`: the status of payments between banks.

use crate::parts::GivenReason;
use crate::record::{List, RecordReader, RecordWriter, message, record};
use jiff::Timestamp;
use uuid::Uuid;

message! {
    /// `pacs.002`, the status of payments between banks.
    ///
    /// ```
    /// use iso20022::*;
    ///
    /// let file = br#"<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"><FIToFIPmtStsRpt>
    ///   <GrpHdr><MsgId>S</MsgId><CreDtTm>2026-03-02T10:00:00Z</CreDtTm></GrpHdr>
    ///   <TxInfAndSts><OrgnlEndToEndId>E2E-1</OrgnlEndToEndId><TxSts>RJCT</TxSts>
    ///     <StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts></FIToFIPmtStsRpt></Document>"#;
    /// let report = Whole::<InterbankStatus>::read(&file[..], Limits::default())?.expect("valid");
    /// let Some(InterbankStatusRecord::Transfer(transfer)) = report.records().last().map(|told| told.record) else { panic!() };
    /// assert_eq!(transfer.status.and_then(Status::parse), Some(Status::Rjct));
    /// assert_eq!(transfer.reasons.first().and_then(|reason| reason.code), Some("AC04"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub struct InterbankStatus, "pacs.002.001.10" [Pacs002V10];
    /// A record of an [`InterbankStatus`].
    pub enum InterbankStatusRecord {
        /// The head of the message.
        Head(InterbankStatusHead) Group at "FIToFIPmtStsRpt",
        /// The status of a whole message.
        Message(MessageStatus) Group at "FIToFIPmtStsRpt/OrgnlGrpInfAndSts",
        /// The status of a payment.
        Transfer(TransferStatus) Payment at "FIToFIPmtStsRpt/TxInfAndSts",
    }
}

/// Reads a `pacs.002` as a stream.
pub type InterbankStatusReader<R> = RecordReader<InterbankStatus, R>;
/// Writes a `pacs.002`.
pub type InterbankStatusWriter<W> = RecordWriter<InterbankStatus, W>;

record! {
    /// The head of the message.
    #[derive(Debug)]
    pub struct InterbankStatusHead<'a> {
        /// `MsgId`.
        message_id: &'a str => "GrpHdr/MsgId",
        /// When the message was made.
        created: Option<Timestamp> => "GrpHdr/CreDtTm",
    }
}

record! {
    /// The status of a whole message.
    #[derive(Debug)]
    pub struct MessageStatus<'a> {
        /// Its `MsgId`.
        original_message_id: &'a str => "OrgnlMsgId",
        /// Its name, such as `pacs.008.001.08`.
        original_message_name: &'a str => "OrgnlMsgNmId",
        /// Its status; see [`Status`](crate::Status).
        status: Option<&'a str> => "GrpSts",
        /// Why.
        reasons: List<'a, GivenReason<'a>> => "StsRsnInf",
    }
}

record! {
    /// The status of a payment.
    #[derive(Debug)]
    pub struct TransferStatus<'a> {
        /// Identification of the status.
        id: Option<&'a str> => "StsId",
        /// `MsgId` of the message it came in.
        original_message_id: Option<&'a str> => "OrgnlGrpInf/OrgnlMsgId",
        /// `InstrId` of the payment.
        instruction_id: Option<&'a str> => "OrgnlInstrId",
        /// `EndToEndId` of the payment.
        end_to_end_id: Option<&'a str> => "OrgnlEndToEndId",
        /// `TxId` of the payment.
        transaction_id: Option<&'a str> => "OrgnlTxId",
        /// `UETR` of the payment.
        uetr: Option<Uuid> => "OrgnlUETR",
        /// Its status; see [`Status`](crate::Status).
        status: Option<&'a str> => "TxSts",
        /// Why.
        reasons: List<'a, GivenReason<'a>> => "StsRsnInf",
        /// When it was accepted.
        accepted: Option<Timestamp> => "AccptncDtTm",
    }
}
