//! `pacs.004`: payments that come back between banks.

use crate::parts::GivenReason;
use crate::record::{List, RecordReader, RecordWriter, message, record};
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::Money;
use uuid::Uuid;

message! {
    /// `pacs.004`, payments that come back between banks.
    ///
    /// ```
    /// use iso20022::*;
    ///
    /// let file = br#"<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.004.001.09"><PmtRtr>
    ///   <GrpHdr><MsgId>R</MsgId><CreDtTm>2026-03-02T10:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs>
    ///     <SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>
    ///   <TxInf><OrgnlEndToEndId>E2E-1</OrgnlEndToEndId><RtrdIntrBkSttlmAmt Ccy="DKK">100.00</RtrdIntrBkSttlmAmt>
    ///     <RtrRsnInf><Rsn><Cd>AC04</Cd></Rsn></RtrRsnInf></TxInf></PmtRtr></Document>"#;
    /// let returned = Whole::<InterbankReturn>::read(&file[..], Limits::default())?.expect("valid");
    /// let Some(InterbankReturnRecord::Transfer(transfer)) = returned.records().last().map(|told| told.record) else { panic!() };
    /// assert_eq!(transfer.amount.map(|amount| amount.minor()), Some(100_00));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub struct InterbankReturn, "pacs.004.001.09" [Pacs004V09];
    /// A record of an [`InterbankReturn`].
    pub enum InterbankReturnRecord {
        /// The head of the message.
        Head(ReturnHead) Group at "PmtRtr",
        /// A payment that comes back.
        Transfer(ReturnedTransfer) Payment at "PmtRtr/TxInf",
    }
}

/// Reads a `pacs.004` as a stream.
pub type InterbankReturnReader<R> = RecordReader<InterbankReturn, R>;
/// Writes a `pacs.004`.
pub type InterbankReturnWriter<W> = RecordWriter<InterbankReturn, W>;

record! {
    /// The head of the message.
    #[derive(Debug)]
    pub struct ReturnHead<'a> {
        /// `MsgId`.
        message_id: &'a str => "GrpHdr/MsgId",
        /// When the message was made.
        created: Option<Timestamp> => "GrpHdr/CreDtTm",
        /// Number of its payments.
        payments: u64 => "GrpHdr/NbOfTxs",
        /// Day of settlement of all its payments.
        settled: Option<Date> => "GrpHdr/IntrBkSttlmDt",
        /// How it is settled: `CLRG` in the clearing, `INDA` or `INGA` on an account of one bank with the other, `COVE` by a cover payment.
        settlement: &'a str => "GrpHdr/SttlmInf/SttlmMtd",
        /// `MsgId` of the message all its payments came in.
        original_message_id: Option<&'a str> => "OrgnlGrpInf/OrgnlMsgId",
    }
}

record! {
    /// A payment that comes back.
    #[derive(Debug)]
    pub struct ReturnedTransfer<'a> {
        /// Identification of the return.
        id: Option<&'a str> => "RtrId",
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
        /// The amount that was paid.
        original_amount: Option<Money> => "OrgnlIntrBkSttlmAmt",
        /// The amount that comes back.
        amount: Option<Money> => "RtrdIntrBkSttlmAmt",
        /// Day of settlement.
        settled: Option<Date> => "IntrBkSttlmDt",
        /// Why.
        reasons: List<'a, GivenReason<'a>> => "RtrRsnInf",
    }
}
