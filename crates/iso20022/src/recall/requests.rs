//! What a recall asks for.

use super::{BlockRecall, GroupRecall, PaymentRecall, Recall, RecallRecord};
use crate::finding::{Finding, Level};
use crate::pain001::fault::{Fault, Reporter, words};
use crate::parts::GivenReason;
use crate::reason::ReasonCode;
use crate::record::{List, Told, Whole};

/// One thing that is to be cancelled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecallRequest<'a> {
    /// `MsgId` of the delivery; `None` where the recall does not name it.
    pub message_id: Option<&'a str>,
    /// Message of the delivery, where the recall names it.
    pub message_name: Option<&'a str>,
    /// How much of the delivery.
    pub target: RecallTarget<'a>,
    /// Why: the reasons given for it, else those of the block or delivery around it.
    pub reasons: List<'a, GivenReason<'a>>,
}

/// What is to be cancelled.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "the payment is the target that nearly all targets are")]
pub enum RecallTarget<'a> {
    /// The whole delivery.
    Delivery(GroupRecall<'a>),
    /// A whole block.
    Block(BlockRecall<'a>),
    /// A payment of a block.
    Payment(BlockRecall<'a>, PaymentRecall<'a>),
}

impl Whole<Recall> {
    /// What is asked to be cancelled, in the order of the file, and findings on what asks for nothing or cannot be found.
    ///
    /// A delivery or a block is asked for as a whole only where the recall says so (`GrpCxl`, `PmtInfCxl`): what is doubtful
    /// cancels nothing.
    #[must_use]
    pub fn requests(&self) -> (Vec<RecallRequest<'_>>, Vec<Finding>) {
        let mut reading = Reading::default();
        for told in self.records() {
            match told.record {
                RecallRecord::Head(_) => {}
                RecallRecord::Group(group) => reading.group(group, told),
                RecallRecord::Block(block) => reading.block(block, told),
                RecallRecord::Payment(payment) => reading.payment(payment, &told),
            }
        }
        reading.leave_group();
        (reading.requests, reading.findings)
    }
}

/// The delivery and the block at hand, and whether they ask for something.
#[derive(Default)]
struct Reading<'a> {
    group: Option<(GroupRecall<'a>, Told<'a, RecallRecord<'a>>)>,
    block: Option<(BlockRecall<'a>, Told<'a, RecallRecord<'a>>)>,
    group_asks: bool,
    block_asks: bool,
    requests: Vec<RecallRequest<'a>>,
    findings: Vec<Finding>,
}

impl<'a> Reading<'a> {
    fn group(&mut self, group: GroupRecall<'a>, told: Told<'a, RecallRecord<'a>>) {
        self.leave_group();
        (self.group, self.group_asks) = (Some((group, told)), group.whole == Some(true));
        if self.group_asks {
            self.ask(None, RecallTarget::Delivery(group), &[group.reasons]);
        }
    }

    fn block(&mut self, block: BlockRecall<'a>, told: Told<'a, RecallRecord<'a>>) {
        self.leave_block();
        self.group_asks = true;
        (self.block, self.block_asks) = (Some((block, told)), block.whole == Some(true));
        if self.block_asks {
            self.ask(Some(&block), RecallTarget::Block(block), &[block.reasons]);
        }
    }

    fn payment(&mut self, payment: PaymentRecall<'a>, told: &Told<'a, RecallRecord<'a>>) {
        let Some((block, _)) = self.block else { return };
        self.block_asks = true;
        if payment.end_to_end_id.is_none() && payment.instruction_id.is_none() && payment.uetr.is_none() {
            return self.report(Level::Payment, told, NO_REFERENCE);
        }
        self.ask(Some(&block), RecallTarget::Payment(block, payment), &[payment.reasons, block.reasons]);
    }

    fn ask(&mut self, block: Option<&BlockRecall<'a>>, target: RecallTarget<'a>, reasons: &[List<'a, GivenReason<'a>>]) {
        let group = self.group.map(|(group, _)| group).unwrap_or_default();
        let given = reasons.iter().find(|reasons| !reasons.is_empty()).copied();
        // A block names the delivery with its message, or leaves both to the group around it.
        let of_group = (group.original_message_id, group.original_message_name);
        let of_block = block.map(|block| (block.original_message_id, block.original_message_name));
        let (message_id, message_name) = of_block.filter(|(id, _)| id.is_some()).unwrap_or(of_group);
        self.requests.push(RecallRequest { message_id, message_name, target, reasons: given.unwrap_or(group.reasons) });
    }

    fn leave_block(&mut self) {
        if let Some((_, told)) = self.block.take().filter(|_| !self.block_asks) {
            self.report(Level::PaymentInformation, &told, ASKS_NOTHING);
        }
    }

    fn leave_group(&mut self) {
        self.leave_block();
        if let Some((_, told)) = self.group.take().filter(|_| !self.group_asks) {
            self.report(Level::Group, &told, ASKS_NOTHING);
        }
    }

    fn report(&mut self, level: Level, told: &Told<'a, RecallRecord<'a>>, fault: Fault) {
        self.findings.push(Reporter { level, path: &told.path() }.report(told.line, "", fault));
    }
}

const NO_REFERENCE: Fault = Fault {
    code: ReasonCode::CH21,
    text: words("Betalingen kan ikke findes uden en reference.", "The payment cannot be found without a reference."),
    expected: words(
        "elementet OrgnlEndToEndId, OrgnlInstrId eller OrgnlUETR",
        "element OrgnlEndToEndId, OrgnlInstrId or OrgnlUETR",
    ),
    found: words("ingen af dem", "none of them"),
};

const ASKS_NOTHING: Fault = Fault {
    code: ReasonCode::CH21,
    text: words("Det fremgår ikke, hvad der skal annulleres.", "It is not said what is to be cancelled."),
    expected: words(
        "en annullering af det hele, eller hvad der skal annulleres",
        "a cancellation of the whole, or what is to be cancelled",
    ),
    found: words("ingen af delene", "neither"),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    /// A recall with this after its head; gives a line for each request and the paths of the findings.
    fn check(underlying: &str, requests: &[&str], findings: &[&str]) {
        let file = format!(
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.055.001.08\"><CstmrPmtCxlReq><Assgnmt><Id>A</Id>\
             <Assgnr><Pty/></Assgnr><Assgne><Pty/></Assgne><CreDtTm>2026-03-02T10:00:00Z</CreDtTm></Assgnmt>{underlying}\
             </CstmrPmtCxlReq></Document>"
        );
        let recall = Whole::<Recall>::read(file.as_bytes(), Limits::default()).expect("no I/O error").expect("valid");
        let (asked, found) = recall.requests();
        let line = |request: &RecallRequest<'_>| {
            let target = match request.target {
                RecallTarget::Delivery(_) => "*".to_owned(),
                RecallTarget::Block(block) => format!("{} *", block.original_id),
                RecallTarget::Payment(block, payment) => format!("{} {:?}", block.original_id, payment.end_to_end_id),
            };
            let reason = request.reasons.first().and_then(|reason| reason.code);
            format!("{} {target} {}", request.message_id.unwrap_or("?"), reason.unwrap_or("-"))
        };
        assert_eq!(asked.iter().map(line).collect::<Vec<_>>(), requests);
        let paths: Vec<&str> = found.iter().map(|finding| finding.path.trim_start_matches("/Document/CstmrPmtCxlReq/")).collect();
        assert_eq!(paths, findings);
    }

    #[test]
    fn what_is_asked() {
        let reason = |code: &str| format!("<CxlRsnInf><Rsn><Cd>{code}</Cd></Rsn></CxlRsnInf>");
        let (custom, double) = (reason("CUST"), reason("DUPL"));
        let group = |whole: &str| {
            format!(
                "<OrgnlGrpInfAndCxl><OrgnlMsgId>M</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{whole}{custom}</OrgnlGrpInfAndCxl>"
            )
        };
        let block = |rest: &str| format!("<OrgnlPmtInfAndCxl><OrgnlPmtInfId>B</OrgnlPmtInfId>{rest}</OrgnlPmtInfAndCxl>");
        let payment = format!("<TxInf><OrgnlEndToEndId>E</OrgnlEndToEndId>{double}</TxInf>");
        check(&format!("<Undrlyg>{}</Undrlyg>", group("<GrpCxl>true</GrpCxl>")), &["M * CUST"], &[]);
        check(&format!("<Undrlyg>{}</Undrlyg>", group("")), &[], &["Undrlyg[1]"]);
        check(&format!("<Undrlyg>{}</Undrlyg>", group("<GrpCxl>false</GrpCxl>")), &[], &["Undrlyg[1]"]);
        let whole_block = block("<PmtInfCxl>1</PmtInfCxl>");
        check(&format!("<Undrlyg>{}{whole_block}</Undrlyg>", group("")), &["M B * CUST"], &[]);
        check(&format!("<Undrlyg>{whole_block}</Undrlyg>"), &["? B * -"], &[]);
        check(&format!("<Undrlyg>{}</Undrlyg>", block(&payment)), &["? B Some(\"E\") DUPL"], &[]);
        check(&format!("<Undrlyg>{}{}</Undrlyg>", group(""), block(&payment)), &["M B Some(\"E\") DUPL"], &[]);
        check(&format!("<Undrlyg>{}</Undrlyg>", block(&custom)), &[], &["Undrlyg[1]/OrgnlPmtInfAndCxl[1]"]);
        check(&format!("<Undrlyg>{}</Undrlyg>", block("<TxInf/>")), &[], &["Undrlyg[1]/OrgnlPmtInfAndCxl[1]/TxInf[1]"]);
        // The delivery of one part of the recall is not that of the next.
        let two = format!("<Undrlyg>{}{whole_block}</Undrlyg><Undrlyg>{whole_block}</Undrlyg>", group(""));
        check(&two, &["M B * CUST", "? B * -"], &[]);
        let first_asks_nothing = format!("<Undrlyg>{}</Undrlyg><Undrlyg>{whole_block}</Undrlyg>", group(""));
        check(&first_asks_nothing, &["? B * -"], &["Undrlyg[1]"]);
    }
}
