//! `camt.029`: the answer to a request to cancel.

use crate::control_sum::ControlSum;
use crate::parts::{Assignment, CaseRef, GivenReason};
use crate::record::{List, RecordReader, RecordWriter, codes, message, record};
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::Money;
use uuid::Uuid;

message! {
    /// `camt.029`, the answer to a [`Recall`](crate::Recall): on the case, a delivery, a block, or single payments.
    ///
    /// ```
    /// use iso20022::*;
    ///
    /// let us = CaseParty::of_party(PartyRef { name: Some(Prose("NemKonto")), ..PartyRef::default() });
    /// let assignment = Assignment { id: "ANSWER-1", assigner: us, assignee: us, created: Some(jiff::Timestamp::UNIX_EPOCH) };
    /// let payment = PaymentResolution {
    ///     end_to_end_id: Some("E2E-1"),
    ///     status: Some(CancellationStatus::Accepted),
    ///     ..PaymentResolution::default()
    /// };
    ///
    /// let mut writer = ResolutionWriter::new(Vec::new(), MessageKind::Camt029V09)?;
    /// let head = ResolutionHead { assignment, confirmation: Some("CNCL"), ..ResolutionHead::default() };
    /// writer.write(&ResolutionRecord::Head(head))?;
    /// writer.write(&ResolutionRecord::Block(BlockResolution { original_id: "BLOCK-1", ..BlockResolution::default() }))?;
    /// writer.write(&ResolutionRecord::Payment(payment))?;
    /// let file = writer.finish()?;
    ///
    /// let answer = Whole::<Resolution>::read(file.as_slice(), Limits::default())?.expect("valid");
    /// let last = answer.records().last().expect("three records");
    /// assert!(matches!(last.record, ResolutionRecord::Payment(PaymentResolution { status: Some(CancellationStatus::Accepted), .. })));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub struct Resolution, "camt.029.001.03 or .09" [Camt029V03, Camt029V09];
    /// A record of a [`Resolution`].
    pub enum ResolutionRecord {
        /// The head of the message, with the answer on the case.
        Head(ResolutionHead) Group at "RsltnOfInvstgtn",
        /// The answer on a delivery; those on its blocks and payments follow.
        Group(GroupResolution) Group at "RsltnOfInvstgtn/CxlDtls",
        /// The answer on a block; those on its payments follow.
        Block(BlockResolution) PaymentInformation at "RsltnOfInvstgtn/CxlDtls/OrgnlPmtInfAndSts",
        /// The answer on a payment.
        Payment(PaymentResolution) Payment at "RsltnOfInvstgtn/CxlDtls/OrgnlPmtInfAndSts/TxInfAndSts",
        /// The answer on a payment as it went between banks.
        Transfer(TransferResolution) Payment at "RsltnOfInvstgtn/CxlDtls/TxInfAndSts",
    }
}

/// Reads a `camt.029` as a stream.
pub type ResolutionReader<R> = RecordReader<Resolution, R>;
/// Writes a `camt.029`.
pub type ResolutionWriter<W> = RecordWriter<Resolution, W>;

codes! {
    /// What became of a request to cancel.
    pub enum CancellationStatus {
        /// Not decided yet.
        Pending "PDCR",
        /// Cancelled.
        Accepted "ACCR",
        /// Not cancelled.
        Rejected "RJCR",
        /// Some payments cancelled, others not; of a delivery or block only.
        Partial "PACR",
    }
}

record! {
    /// Who answers whom, and on what.
    #[derive(Debug)]
    pub struct ResolutionHead<'a> {
        /// The message, its sender and its receiver.
        assignment: Assignment<'a> => "Assgnmt",
        /// The case that is answered.
        case: CaseRef<'a> => "RslvdCase",
        /// The answer on the case: `CNCL` cancelled, `RJCR` rejected, `PDCR` pending, `PECR` cancelled in part, or another
        /// code of *ExternalInvestigationExecutionConfirmation1Code*. The file may answer otherwise, with one of the next two.
        confirmation: Option<&'a str> => "Sts/Conf",
        /// The case that this one is a duplicate of.
        duplicate_of: Option<&'a str> => "Sts/DplctOf/Id",
        /// Whether the assignment was cancelled.
        assignment_cancelled: Option<bool> => "Sts/AssgnmtCxlConf",
    }
}

record! {
    /// The answer on a delivery, or on blocks and payments of one. It names no delivery where its blocks do.
    #[derive(Debug)]
    pub struct GroupResolution<'a> {
        /// Identification of the request.
        request_id: Option<&'a str> => "OrgnlGrpInfAndSts/OrgnlGrpCxlId",
        /// Its case.
        case: CaseRef<'a> => "OrgnlGrpInfAndSts/RslvdCase",
        /// `MsgId` of the delivery.
        original_message_id: Option<&'a str> => "OrgnlGrpInfAndSts/OrgnlMsgId",
        /// Message of the delivery, such as `pain.001.001.09`.
        original_message_name: Option<&'a str> => "OrgnlGrpInfAndSts/OrgnlMsgNmId",
        /// When the delivery was made.
        original_created: Option<Timestamp> => "OrgnlGrpInfAndSts/OrgnlCreDtTm",
        /// Number of the delivery's payments.
        payments: Option<u64> => "OrgnlGrpInfAndSts/OrgnlNbOfTxs",
        /// Sum of the delivery's payments.
        sum: Option<ControlSum> => "OrgnlGrpInfAndSts/OrgnlCtrlSum",
        /// The answer on the whole delivery.
        status: Option<CancellationStatus> => "OrgnlGrpInfAndSts/GrpCxlSts",
        /// Why.
        reasons: List<'a, GivenReason<'a>> => "OrgnlGrpInfAndSts/CxlStsRsnInf",
    }
}

record! {
    /// The answer on a payment information block.
    #[derive(Debug)]
    pub struct BlockResolution<'a> {
        /// Identification of the request.
        request_id: Option<&'a str> => "OrgnlPmtInfCxlId",
        /// Its case.
        case: CaseRef<'a> => "RslvdCase",
        /// `PmtInfId` of the block.
        original_id: &'a str => "OrgnlPmtInfId",
        /// `MsgId` of the delivery, where no group names it.
        original_message_id: Option<&'a str> => "OrgnlGrpInf/OrgnlMsgId",
        /// Message of that delivery.
        original_message_name: Option<&'a str> => "OrgnlGrpInf/OrgnlMsgNmId",
        /// Number of the block's payments.
        payments: Option<u64> => "OrgnlNbOfTxs",
        /// Sum of the block's payments.
        sum: Option<ControlSum> => "OrgnlCtrlSum",
        /// The answer on the whole block.
        status: Option<CancellationStatus> => "PmtInfCxlSts",
        /// Why.
        reasons: List<'a, GivenReason<'a>> => "CxlStsRsnInf",
    }
}

record! {
    /// The answer on a payment of the block before it.
    #[derive(Debug)]
    pub struct PaymentResolution<'a> {
        /// Identification of the answer.
        id: Option<&'a str> => "CxlStsId",
        /// Its case.
        case: CaseRef<'a> => "RslvdCase",
        /// `InstrId` of the payment.
        instruction_id: Option<&'a str> => "OrgnlInstrId",
        /// `EndToEndId` of the payment.
        end_to_end_id: Option<&'a str> => "OrgnlEndToEndId",
        /// `UETR` of the payment.
        uetr: Option<Uuid> => "UETR",
        /// The answer.
        status: Option<CancellationStatus> => "TxCxlSts",
        /// Why.
        reasons: List<'a, GivenReason<'a>> => "CxlStsRsnInf",
        /// Amount of the payment.
        amount: Option<Money> => "OrgnlInstdAmt",
    }
}

record! {
    /// The answer on a payment as it went between banks.
    #[derive(Debug)]
    pub struct TransferResolution<'a> {
        /// Identification of the answer.
        id: Option<&'a str> => "CxlStsId",
        /// Its case.
        case: CaseRef<'a> => "RslvdCase",
        /// `MsgId` of the message it came in.
        original_message_id: Option<&'a str> => "OrgnlGrpInf/OrgnlMsgId",
        /// Name of that message.
        original_message_name: Option<&'a str> => "OrgnlGrpInf/OrgnlMsgNmId",
        /// `InstrId` of the payment.
        instruction_id: Option<&'a str> => "OrgnlInstrId",
        /// `EndToEndId` of the payment.
        end_to_end_id: Option<&'a str> => "OrgnlEndToEndId",
        /// `TxId` of the payment.
        transaction_id: Option<&'a str> => "OrgnlTxId",
        /// `UETR` of the payment.
        uetr: Option<Uuid> => "OrgnlUETR",
        /// The answer.
        status: Option<CancellationStatus> => "TxCxlSts",
        /// Why.
        reasons: List<'a, GivenReason<'a>> => "CxlStsRsnInf",
        /// Amount settled between the banks.
        amount: Option<Money> => "OrgnlIntrBkSttlmAmt",
        /// Day it was settled between the banks.
        settled: Option<Date> => "OrgnlIntrBkSttlmDt",
    }
}
