//! Writing a bank's answer while reading the file a second time.

use std::io::{self, Write};

use super::refusal::Findings;
use super::returns::Returns;
use super::{Answer, AnswerDetail, Banks};
use crate::dice::mix;
use crate::markup::Markup;
use crate::scan::{BlockHead, CreditTransfers, Group, Row};

/// The second reading.
pub(super) struct Writer<'b, W: Write> {
    banks: &'b Banks,
    findings: Findings,
    markup: Markup<W>,
    block: BlockHead,
    returns: Returns,
}

impl<'b, W: Write> Writer<'b, W> {
    /// Begins the answer: header and group status.
    pub(super) fn new(banks: &'b Banks, findings: Findings, out: W) -> io::Result<Self> {
        let version = match findings.group.message_name.ends_with(".03") {
            true => "03",
            false if banks.newest.contains(findings.bank.as_str()) => "14",
            false => "10",
        };
        let group = &findings.group;
        let returns = Returns::of_file(&group.message_id, &group.message_name, &group.created);
        let mut markup = Markup::document(out, &format!("urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"))?;
        markup.open("CstmrPmtStsRpt")?;
        header(&mut markup, &findings)?;
        Ok(Self { banks, findings, markup, block: BlockHead::default(), returns })
    }

    /// Ends the answer.
    pub(super) fn finish(self) -> io::Result<(Answer, Returns)> {
        self.markup.finish()?;
        Ok((self.findings.answer(), self.returns))
    }

    fn is_refused_whole(&self) -> bool {
        self.findings.whole.is_some()
    }
}

/// The answer is made at the moment the file was: a simulated bank has no clock, so the same file has the same answer.
fn header<W: Write>(markup: &mut Markup<W>, findings: &Findings) -> io::Result<()> {
    let group = &findings.group;
    let id = group.message_id.bytes().fold(1, |id, byte| mix(id ^ u64::from(byte)));
    markup.within(&["GrpHdr"], |markup| {
        markup.leaf("MsgId", &format!("SVAR-{id:016X}"))?;
        markup.leaf("CreDtTm", &group.created)
    })?;
    markup.within(&["OrgnlGrpInfAndSts"], |markup| {
        markup.leaf("OrgnlMsgId", &group.message_id)?;
        markup.leaf("OrgnlMsgNmId", &group.message_name)?;
        markup.leaf("OrgnlNbOfTxs", &findings.payments.to_string())?;
        let status = match (findings.whole, findings.refused) {
            (Some(_), _) => "RJCT",
            (None, 0) => "ACSC",
            (None, _) => "PART",
        };
        markup.leaf("GrpSts", status)?;
        findings.whole.map_or(Ok(()), |code| reason(markup, code))
    })
}

fn reason<W: Write>(markup: &mut Markup<W>, code: &str) -> io::Result<()> {
    markup.within(&["StsRsnInf", "Rsn"], |markup| markup.leaf("Cd", code))
}

impl<W: Write> CreditTransfers for Writer<'_, W> {
    fn group(&mut self, _: &Group) -> io::Result<()> {
        Ok(())
    }

    fn block(&mut self, block: &BlockHead) -> io::Result<()> {
        if self.is_refused_whole() {
            return Ok(());
        }
        self.block.clone_from(block);
        self.markup.open("OrgnlPmtInfAndSts")?;
        self.markup.leaf("OrgnlPmtInfId", &block.id)
    }

    fn row(&mut self, row: &Row) -> io::Result<()> {
        let refusal = self.banks.refusal(row);
        if let Some(reason) = self.banks.return_reason(row).filter(|_| refusal.is_none() && !self.is_refused_whole()) {
            self.returns.add(&self.block, row, reason);
        }
        let listed = refusal.is_some() || self.banks.detail == AnswerDetail::Every;
        if self.is_refused_whole() || !listed {
            return Ok(());
        }
        self.markup.within(&["TxInfAndSts"], |markup| {
            if !row.instruction.is_empty() {
                markup.leaf("OrgnlInstrId", &row.instruction)?;
            }
            markup.leaf("OrgnlEndToEndId", &row.reference)?;
            markup.leaf("TxSts", if refusal.is_some() { "RJCT" } else { "ACSC" })?;
            refusal.map_or(Ok(()), |code| reason(markup, code))
        })
    }

    fn block_end(&mut self) -> io::Result<()> {
        if self.is_refused_whole() { Ok(()) } else { self.markup.close() }
    }
}
