//! Answering a recall: what a bank gives back and what it does not.

use std::io::{self, BufRead, Write};

use super::{Answer, BankError, Banks};
use crate::dice::mix;
use crate::markup::Markup;
use crate::scan::{Recall, Recalls, scan_recall};

/// Why a bank does not give a payment back: its own decision, a reason that both versions of camt.029 have.
const REFUSAL: &str = "AGNT";

/// Reads the recall twice: first to count, then to answer payment by payment.
pub(super) fn answer<R: BufRead>(banks: &Banks, open: impl Fn() -> io::Result<R>, out: impl Write) -> Result<Answer, BankError> {
    let mut count = Count { banks, head: Recall::default(), payments: 0, refused: 0 };
    scan_recall(open()?, &mut count)?;
    let Count { head, payments, refused, .. } = count;
    let version = if head.message_name.ends_with(".01") { "03" } else { "09" };
    let mut markup = Markup::document(out, &format!("urn:iso:std:iso:20022:tech:xsd:camt.029.001.{version}"))?;
    markup.open("RsltnOfInvstgtn")?;
    header(&mut markup, &head, (payments, refused))?;
    let mut writer = Writer { banks, markup, file: String::new(), block: String::new() };
    scan_recall(open()?, &mut writer)?;
    writer.leave_file()?;
    writer.markup.finish()?;
    Ok(Answer { payments, refused, refused_whole: false })
}

/// The answer is made at the moment the recall was: a simulated bank has no clock.
fn header<W: Write>(markup: &mut Markup<W>, head: &Recall, (payments, refused): (u64, u64)) -> io::Result<()> {
    let id = head.id.bytes().fold(2, |id, byte| mix(id ^ u64::from(byte)));
    markup.within(&["Assgnmt"], |markup| {
        markup.leaf("Id", &format!("SVAR-{id:016X}"))?;
        for party in ["Assgnr", "Assgne"] {
            markup.within(&[party, "Pty"], |markup| markup.leaf("Nm", if party == "Assgnr" { "Banken" } else { "NemKonto" }))?;
        }
        markup.leaf("CreDtTm", &head.created)
    })?;
    if !head.case.is_empty() {
        markup.within(&["RslvdCase"], |markup| {
            markup.leaf("Id", &head.case)?;
            markup.within(&["Cretr", "Pty"], |markup| markup.leaf("Nm", "NemKonto"))
        })?;
    }
    let confirmation = match refused {
        0 => "CNCL",
        refused if refused == payments => "RJCR",
        _ => "PECR",
    };
    markup.within(&["Sts"], |markup| markup.leaf("Conf", confirmation))
}

impl Banks {
    /// Whether a bank keeps a payment that it is asked to give back: every other one, by its reference alone, so that a repeated run is
    /// answered the same.
    fn keeps(&self, instruction: &str) -> bool {
        instruction.bytes().fold(mix(self.seed), |drawn, byte| mix(drawn ^ u64::from(byte))).is_multiple_of(2)
    }
}

/// The first reading.
struct Count<'b> {
    banks: &'b Banks,
    head: Recall,
    payments: u64,
    refused: u64,
}

impl Recalls for Count<'_> {
    fn payment(&mut self, recall: &Recall) -> io::Result<()> {
        self.head.clone_from(recall);
        self.payments += 1;
        self.refused += u64::from(self.banks.keeps(&recall.instruction));
        Ok(())
    }
}

/// The second reading.
struct Writer<'b, W: Write> {
    banks: &'b Banks,
    markup: Markup<W>,
    /// The original message and block whose payments are answered now.
    file: String,
    block: String,
}

impl<W: Write> Writer<'_, W> {
    fn enter(&mut self, recall: &Recall) -> io::Result<()> {
        if self.file != recall.original_id {
            self.leave_file()?;
            self.file.clone_from(&recall.original_id);
            self.markup.open("CxlDtls")?;
            self.markup.within(&["OrgnlGrpInfAndSts"], |markup| {
                markup.leaf("OrgnlMsgId", &recall.original_id)?;
                markup.leaf("OrgnlMsgNmId", &recall.original_name)
            })?;
        }
        if self.block != recall.block_id {
            self.leave_block()?;
            self.block.clone_from(&recall.block_id);
            self.markup.open("OrgnlPmtInfAndSts")?;
            self.markup.leaf("OrgnlPmtInfId", &recall.block_id)?;
        }
        Ok(())
    }

    fn leave_block(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.block).is_empty() { Ok(()) } else { self.markup.close() }
    }

    fn leave_file(&mut self) -> io::Result<()> {
        self.leave_block()?;
        if std::mem::take(&mut self.file).is_empty() { Ok(()) } else { self.markup.close() }
    }
}

impl<W: Write> Recalls for Writer<'_, W> {
    fn payment(&mut self, recall: &Recall) -> io::Result<()> {
        self.enter(recall)?;
        let keeps = self.banks.keeps(&recall.instruction);
        self.markup.within(&["TxInfAndSts"], |markup| {
            markup.leaf("OrgnlInstrId", &recall.instruction)?;
            markup.leaf("OrgnlEndToEndId", &recall.reference)?;
            markup.leaf("TxCxlSts", if keeps { "RJCR" } else { "ACCR" })?;
            if keeps { markup.within(&["CxlStsRsnInf", "Rsn"], |markup| markup.leaf("Cd", REFUSAL)) } else { Ok(()) }
        })
    }
}
