//! What a recall asks for.

use super::control::{Declared, Listed};
use super::{BlockRecall, GroupRecall, PaymentRecall, Recall, RecallHead, RecallRecord};
use crate::finding::{Finding, Level};
use crate::pain001::fault::{Fault, Reporter, words};
use crate::pain001::party::INVALID_INITIATOR;
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
    /// What is asked to be cancelled, in the order of the file, and findings on what asks for nothing or cannot be found, and on counts and
    /// sums that are not those of the payments listed.
    ///
    /// A delivery or a block is asked for as a whole only where the recall says so (`GrpCxl`, `PmtInfCxl`): what is doubtful
    /// cancels nothing.
    #[must_use]
    pub fn requests(&self) -> (Vec<RecallRequest<'_>>, Vec<Finding>) {
        let mut reading = Reading::default();
        for told in self.records() {
            match told.record {
                RecallRecord::Head(head) => reading.head = Some((head, told)),
                RecallRecord::Group(group) => reading.group(group, told),
                RecallRecord::Block(block) => reading.block(block, told),
                RecallRecord::Payment(payment) => reading.payment(payment, &told),
            }
        }
        reading.leave_group();
        reading.judge_message();
        (reading.requests, reading.findings)
    }
}

/// The delivery and the block at hand, and whether they ask for something.
#[derive(Default)]
struct Reading<'a> {
    head: Option<(RecallHead<'a>, Told<'a, RecallRecord<'a>>)>,
    group: Option<(GroupRecall<'a>, Told<'a, RecallRecord<'a>>)>,
    block: Option<(BlockRecall<'a>, Told<'a, RecallRecord<'a>>)>,
    group_asks: bool,
    block_asks: bool,
    /// The payments of the message, of the delivery at hand and of the block at hand.
    listed: Listed,
    listed_of_group: Listed,
    listed_of_block: Listed,
    requests: Vec<RecallRequest<'a>>,
    findings: Vec<Finding>,
}

impl<'a> Reading<'a> {
    fn group(&mut self, group: GroupRecall<'a>, told: Told<'a, RecallRecord<'a>>) {
        self.leave_group();
        (self.group, self.group_asks) = (Some((group, told)), group.whole == Some(true));
        self.listed_of_group = Listed::default();
        if self.group_asks {
            self.listed.add_whole();
            self.listed_of_group.add_whole();
            self.ask(None, RecallTarget::Delivery(group), &[group.reasons]);
        }
    }

    fn block(&mut self, block: BlockRecall<'a>, told: Told<'a, RecallRecord<'a>>) {
        self.leave_block();
        self.group_asks = true;
        (self.block, self.block_asks) = (Some((block, told)), block.whole == Some(true));
        self.listed_of_block = Listed::default();
        if self.block_asks {
            self.tally(Listed::add_whole);
            self.ask(Some(&block), RecallTarget::Block(block), &[block.reasons]);
        }
    }

    fn payment(&mut self, payment: PaymentRecall<'a>, told: &Told<'a, RecallRecord<'a>>) {
        let Some((block, _)) = self.block else { return };
        self.block_asks = true;
        self.tally(|listed| listed.add(payment.amount));
        if payment.end_to_end_id.is_none() && payment.instruction_id.is_none() && payment.uetr.is_none() {
            return self.report(Level::Payment, told, NO_REFERENCE);
        }
        self.ask(Some(&block), RecallTarget::Payment(block, payment), &[payment.reasons, block.reasons]);
    }

    /// What is listed of the block at hand is so of its delivery and of the message too.
    fn tally(&mut self, note: impl Fn(&mut Listed)) {
        [&mut self.listed, &mut self.listed_of_group, &mut self.listed_of_block].into_iter().for_each(note);
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
        let Some((block, told)) = self.block.take() else { return };
        if !self.block_asks {
            return self.report(Level::PaymentInformation, &told, ASKS_NOTHING);
        }
        self.findings.append(&mut self.listed_of_block.judge(Declared::of_block(&block), &told));
    }

    fn leave_group(&mut self) {
        self.leave_block();
        let Some((group, told)) = self.group.take() else { return };
        if !self.group_asks {
            return self.report(Level::Group, &told, ASKS_NOTHING);
        }
        self.findings.append(&mut self.listed_of_group.judge(Declared::of_group(&group), &told));
    }

    /// The recall as a whole, once all of it is read.
    fn judge_message(&mut self) {
        let Some((head, told)) = self.head.take() else { return };
        self.findings.append(&mut self.listed.judge(Declared::of_message(&head), &told));
        if head.assignment.assigner.party.is_some_and(|party| party.initiating().is_none()) {
            let reporter = Reporter { level: Level::Group, path: &told.path() };
            self.findings.push(reporter.report(told.line, "/Assgnmt/Assgnr/Pty/Id/OrgId/Othr", INVALID_INITIATOR));
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

    #[test]
    fn who_asks_is_never_in_doubt() {
        let id = |scheme: &str, value: &str| format!("<Othr><Id>{value}</Id><SchmeNm><Prtry>{scheme}</Prtry></SchmeNm></Othr>");
        let check = |ids: &[String], expect: &[&str]| {
            let file = format!(
                "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.055.001.08\"><CstmrPmtCxlReq><Assgnmt><Id>A</Id>\
                 <Assgnr><Pty><Id><OrgId>{}</OrgId></Id></Pty></Assgnr><Assgne><Pty/></Assgne><CreDtTm>2026-03-02T10:00:00Z</CreDtTm>\
                 </Assgnmt><Undrlyg><OrgnlPmtInfAndCxl><OrgnlPmtInfId>B</OrgnlPmtInfId><PmtInfCxl>true</PmtInfCxl></OrgnlPmtInfAndCxl>\
                 </Undrlyg></CstmrPmtCxlReq></Document>",
                ids.concat()
            );
            let recall = Whole::<Recall>::read(file.as_bytes(), Limits::default()).expect("no I/O error").expect("valid");
            let (_, findings) = recall.requests();
            let short = |finding: &Finding| format!("{} {}", finding.code, finding.path);
            assert_eq!(findings.iter().map(short).collect::<Vec<_>>(), expect);
        };
        let doubt = "BE05 /Document/CstmrPmtCxlReq/Assgnmt/Assgnr/Pty/Id/OrgId/Othr";
        check(&[id("NKS", "00000001"), id("LOS", "L-1"), id("OTHER", "x")], &[]);
        check(&[id("NKS", "00000001"), id("NKS", "00000001")], &[]);
        check(&[id("NKS", "00000001"), id("NKS", "00000002")], &[doubt]);
        check(&[id("NKS", "00000001"), id("CVR", "12345678")], &[doubt]);
    }

    #[test]
    fn counts_and_sums() {
        let file = |control: &str, group: &str, block: &str, amount: &str| {
            format!(
                "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.055.001.08\"><CstmrPmtCxlReq><Assgnmt><Id>A</Id>\
                 <Assgnr><Pty/></Assgnr><Assgne><Pty/></Assgne><CreDtTm>2026-03-02T10:00:00Z</CreDtTm></Assgnmt>\n\
                 <CtrlData>{control}</CtrlData><Undrlyg><OrgnlGrpInfAndCxl><OrgnlMsgId>M</OrgnlMsgId>\
                 <OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{group}</OrgnlGrpInfAndCxl><OrgnlPmtInfAndCxl>\
                 <OrgnlPmtInfId>B</OrgnlPmtInfId>{block}<TxInf><OrgnlEndToEndId>E</OrgnlEndToEndId>\
                 <OrgnlInstdAmt Ccy=\"DKK\">1.50</OrgnlInstdAmt></TxInf><TxInf><OrgnlEndToEndId>F</OrgnlEndToEndId>{amount}</TxInf>\
                 </OrgnlPmtInfAndCxl></Undrlyg></CstmrPmtCxlReq></Document>"
            )
        };
        let check = |file: String, expect: &[&str]| {
            let recall = Whole::<Recall>::read(file.as_bytes(), Limits::default()).expect("no I/O error").expect("valid");
            let short = |finding: &Finding| {
                let path = finding.path.trim_start_matches("/Document/CstmrPmtCxlReq");
                format!("{} {} {path}", finding.line, finding.code)
            };
            assert_eq!(recall.requests().1.iter().map(short).collect::<Vec<_>>(), expect, "{file}");
        };
        let amount = "<OrgnlInstdAmt Ccy=\"EUR\">2.00</OrgnlInstdAmt>";
        let said = |count: u32, sum: &str| format!("<NbOfTxs>{count}</NbOfTxs><CtrlSum>{sum}</CtrlSum>");
        let (good, count, sum) = (said(2, "3.50"), said(3, "3.50"), said(2, "3.51"));
        let one = "<NbOfTxs>2</NbOfTxs>";
        let block = "/Undrlyg[1]/OrgnlPmtInfAndCxl[1]";
        let group = "/Undrlyg[1]/OrgnlGrpInfAndCxl";
        for (control, of_group, of_block, expect) in [
            (&good, good.as_str(), good.as_str(), vec![]),
            (&good, "", "", vec![]),
            (&count, "", "", vec!["2 AM19 /CtrlData/NbOfTxs".to_owned()]),
            (&sum, "", "", vec!["2 AM16 /CtrlData/CtrlSum".to_owned()]),
            (&good, &count, one, vec![format!("2 AM19 {group}/NbOfTxs")]),
            (&good, &sum, one, vec![format!("2 AM16 {group}/CtrlSum")]),
            (&good, &good, &count, vec![format!("2 AM20 {block}/NbOfTxs")]),
            (&good, &good, &sum, vec![format!("2 AM17 {block}/CtrlSum")]),
        ] {
            let expect: Vec<&str> = expect.iter().map(String::as_str).collect();
            check(file(control, of_group, of_block, amount), &expect);
        }
        // Without all amounts no sum is known, and of what is cancelled whole the payments are not listed.
        check(file(&sum, &sum, &sum, ""), &[]);
        check(file(&count, &format!("{count}<GrpCxl>true</GrpCxl>"), &good, amount), &[]);
        check(file(&count, &count, &format!("{count}<PmtInfCxl>true</PmtInfCxl>"), amount), &[]);
    }
}
