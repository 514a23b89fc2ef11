//! `camt.055`: a customer asks to cancel what it has ordered.

mod control;
mod requests;

pub use requests::{RecallRequest, RecallTarget};

use crate::control_sum::ControlSum;
use crate::parts::{Assignment, CaseRef, DateChoice, GivenReason};
use crate::record::{List, RecordReader, RecordWriter, message, record};
use jiff::Timestamp;
use primitives::Money;
use uuid::Uuid;

message! {
    /// `camt.055`, a request to cancel payments: of a whole delivery, of a block, or single ones.
    ///
    /// ```
    /// use iso20022::*;
    ///
    /// let bank = CaseParty::of_bank(BankRef { bic: Some("DABADKKK"), ..BankRef::default() });
    /// let us = CaseParty::of_party(PartyRef { name: Some(Prose("NemKonto")), ..PartyRef::default() });
    /// let assignment = Assignment { id: "RECALL-1", assigner: us, assignee: bank, created: Some(jiff::Timestamp::UNIX_EPOCH) };
    /// let reasons = [GivenReason::of("CUST")];
    ///
    /// let mut writer = RecallWriter::new(Vec::new(), MessageKind::Camt055V08)?;
    /// writer.write(&RecallRecord::Head(RecallHead { assignment, ..RecallHead::default() }))?;
    /// writer.write(&RecallRecord::Block(BlockRecall { original_id: "BLOCK-1", ..BlockRecall::default() }))?;
    /// let payment = PaymentRecall { end_to_end_id: Some("E2E-1"), reasons: List::of(&reasons), ..PaymentRecall::default() };
    /// writer.write(&RecallRecord::Payment(payment))?;
    /// let file = writer.finish()?;
    ///
    /// let recall = Whole::<Recall>::read(file.as_slice(), Limits::default())?.expect("valid");
    /// let (requests, findings) = recall.requests();
    /// assert!(matches!(requests[0].target, RecallTarget::Payment(_, asked) if asked == payment));
    /// assert_eq!((requests.len(), findings.len()), (1, 0));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub struct Recall, "camt.055.001.01 or .08" [Camt055V01, Camt055V08];
    /// A record of a [`Recall`].
    pub enum RecallRecord {
        /// The head of the message.
        Head(RecallHead) Group at "CstmrPmtCxlReq",
        /// A delivery of which something is to be cancelled; its blocks follow.
        Group(GroupRecall) Group at "CstmrPmtCxlReq/Undrlyg",
        /// A block of which something is to be cancelled; its payments follow.
        Block(BlockRecall) PaymentInformation at "CstmrPmtCxlReq/Undrlyg/OrgnlPmtInfAndCxl",
        /// A payment that is to be cancelled.
        Payment(PaymentRecall) Payment at "CstmrPmtCxlReq/Undrlyg/OrgnlPmtInfAndCxl/TxInf",
    }
}

/// Reads a `camt.055` as a stream.
pub type RecallReader<R> = RecordReader<Recall, R>;
/// Writes a `camt.055`.
pub type RecallWriter<W> = RecordWriter<Recall, W>;

record! {
    /// Who asks whom.
    #[derive(Debug)]
    pub struct RecallHead<'a> {
        /// The message, its sender and its receiver.
        assignment: Assignment<'a> => "Assgnmt",
        /// The case, where it is one for the whole message.
        case: CaseRef<'a> => "Case",
        /// Number of payments that the recall lists.
        payments: Option<u64> => "CtrlData/NbOfTxs",
        /// Sum of the payments that the recall lists.
        sum: Option<ControlSum> => "CtrlData/CtrlSum",
    }
}

record! {
    /// A request on a delivery, or on blocks and payments of one. It names no delivery where its blocks do.
    #[derive(Debug)]
    pub struct GroupRecall<'a> {
        /// Identification of the request.
        id: Option<&'a str> => "OrgnlGrpInfAndCxl/GrpCxlId",
        /// Its case.
        case: CaseRef<'a> => "OrgnlGrpInfAndCxl/Case",
        /// `MsgId` of the delivery.
        original_message_id: Option<&'a str> => "OrgnlGrpInfAndCxl/OrgnlMsgId",
        /// Message of the delivery, such as `pain.001.001.09`.
        original_message_name: Option<&'a str> => "OrgnlGrpInfAndCxl/OrgnlMsgNmId",
        /// When the delivery was made.
        original_created: Option<Timestamp> => "OrgnlGrpInfAndCxl/OrgnlCreDtTm",
        /// Number of payments that are to be cancelled: those listed or, where it is the whole delivery, all.
        payments: Option<u64> => "OrgnlGrpInfAndCxl/NbOfTxs",
        /// Their sum.
        sum: Option<ControlSum> => "OrgnlGrpInfAndCxl/CtrlSum",
        /// Whether the whole delivery is to be cancelled.
        whole: Option<bool> => "OrgnlGrpInfAndCxl/GrpCxl",
        /// Why.
        reasons: List<'a, GivenReason<'a>> => "OrgnlGrpInfAndCxl/CxlRsnInf",
    }
}

record! {
    /// A request on a payment information block.
    #[derive(Debug)]
    pub struct BlockRecall<'a> {
        /// Identification of the request.
        id: Option<&'a str> => "PmtCxlId",
        /// Its case.
        case: CaseRef<'a> => "Case",
        /// `PmtInfId` of the block.
        original_id: &'a str => "OrgnlPmtInfId",
        /// `MsgId` of the delivery, where no group names it.
        original_message_id: Option<&'a str> => "OrgnlGrpInf/OrgnlMsgId",
        /// Message of that delivery.
        original_message_name: Option<&'a str> => "OrgnlGrpInf/OrgnlMsgNmId",
        /// Number of payments that are to be cancelled: those listed or, where it is the whole block, all.
        payments: Option<u64> => "NbOfTxs",
        /// Their sum.
        sum: Option<ControlSum> => "CtrlSum",
        /// Whether the whole block is to be cancelled.
        whole: Option<bool> => "PmtInfCxl",
        /// Why.
        reasons: List<'a, GivenReason<'a>> => "CxlRsnInf",
    }
}

record! {
    /// A request on a payment of the block before it.
    #[derive(Debug)]
    pub struct PaymentRecall<'a> {
        /// Identification of the request.
        id: Option<&'a str> => "CxlId",
        /// Its case.
        case: CaseRef<'a> => "Case",
        /// `InstrId` of the payment.
        instruction_id: Option<&'a str> => "OrgnlInstrId",
        /// `EndToEndId` of the payment.
        end_to_end_id: Option<&'a str> => "OrgnlEndToEndId",
        /// `UETR` of the payment.
        uetr: Option<Uuid> => "OrgnlUETR",
        /// Amount of the payment.
        amount: Option<Money> => "OrgnlInstdAmt",
        /// Requested execution date of the payment.
        requested_date: DateChoice => "OrgnlReqdExctnDt",
        /// Why.
        reasons: List<'a, GivenReason<'a>> => "CxlRsnInf",
    }
}
