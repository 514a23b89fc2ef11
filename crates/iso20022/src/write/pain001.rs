//! Writing `pain.001`.

use super::charset::CharacterSet;
use super::extras;
use super::output::{self, Output, invalid, shorten};
use super::party::{self, AccountForm, Agent, Party, Style};
use crate::control_sum::ControlSum;
use crate::extras::{Extra, Extras};
use crate::message::MessageKind;
use crate::terms::PaymentTerms;
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::{Account, Money};
use std::io::{self, Write};
use uuid::Uuid;

/// The versions that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pain001Version {
    /// `pain.001.001.03`.
    V03,
    /// `pain.001.001.09`.
    V09,
    /// `pain.001.001.12`.
    V12,
}

/// The head of the message, with what will follow.
#[derive(Clone, Copy)]
pub struct MessageHeader<'a> {
    /// `MsgId`, at most 35 characters.
    pub message_id: &'a str,
    /// `CreDtTm`.
    pub created: Timestamp,
    /// Number of all payments.
    pub payments: u64,
    /// Sum of all payments, whatever their currencies.
    pub sum: ControlSum,
    /// `InitgPty`.
    pub initiator: Party<'a>,
}

/// The head of a block of payments from one account.
#[derive(Clone, Copy)]
pub struct DebtorBlock<'a> {
    /// `PmtInfId`, at most 35 characters.
    pub id: &'a str,
    /// `BtchBookg`.
    pub batch_booking: Option<bool>,
    /// Number of the block's payments.
    pub payments: u64,
    /// Sum of the block's payments.
    pub sum: ControlSum,
    /// `ReqdExctnDt`.
    pub requested_date: Date,
    /// `Dbtr`.
    pub debtor: Party<'a>,
    /// `DbtrAcct`.
    pub account: &'a Account,
    /// `DbtrAgt`.
    pub agent: Agent<'a>,
    /// Benefit of all its payments: `PmtTpInf/CtgyPurp/Prtry`.
    pub benefit: Option<&'a str>,
    /// `PmtTpInf` and `ChrgBr`, of all its payments.
    pub terms: PaymentTerms<'a>,
    /// What few blocks have, such as `UltmtDbtr`.
    pub extras: Extras<'a>,
}

/// One payment.
#[derive(Clone, Copy)]
pub struct CreditTransfer<'a> {
    /// `InstrId`, at most 35 characters.
    pub instruction_id: Option<&'a str>,
    /// `EndToEndId`, at most 35 characters.
    pub end_to_end_id: &'a str,
    /// `UETR`; version 03 has no place for it and leaves it out.
    pub uetr: Option<Uuid>,
    /// `PmtTpInf` and `ChrgBr`, where they are the payment's own.
    pub terms: PaymentTerms<'a>,
    /// What few payments have, such as `UltmtCdtr`.
    pub extras: Extras<'a>,
    /// `InstdAmt`, greater than zero.
    pub amount: Money,
    /// `Cdtr`.
    pub creditor: Party<'a>,
    /// `CdtrAcct`; `None` in an incomplete order.
    pub account: Option<&'a Account>,
    /// `CdtrAgt`; where it is not given, what the account says of its bank.
    pub agent: Option<Agent<'a>>,
    /// Benefit: `Purp/Prtry`.
    pub benefit: Option<&'a str>,
    /// `Purp/Cd`; not together with a benefit.
    pub purpose: Option<&'a str>,
    /// `RmtInf/Ustrd`, one for each line; a line of more than 140 characters goes on in the next.
    pub remittance: Option<&'a str>,
    /// `RmtInf/Strd/CdtrRefInf/Ref`, never converted; of more than 35 characters it is a line of `Ustrd`, which is.
    pub structured_reference: Option<&'a str>,
}

impl Pain001Version {
    /// The message.
    #[must_use]
    pub fn message(self) -> MessageKind {
        match self {
            Pain001Version::V03 => MessageKind::Pain001V03,
            Pain001Version::V09 => MessageKind::Pain001V09,
            Pain001Version::V12 => MessageKind::Pain001V12,
        }
    }
}

/// Payments declared and payments written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tally {
    payments: u64,
    sum: ControlSum,
}

/// Writes a `pain.001` payment by payment, in memory that does not grow with it.
///
/// Errors of kind [`io::ErrorKind::InvalidInput`] say that a field breaks its type or that what
/// was declared does not agree with what was written; the output is then to be thrown away.
pub struct Pain001Writer<W> {
    out: Output<W>,
    version: Pain001Version,
    style: Style,
    declared: Tally,
    written: Tally,
    block_declared: Option<Tally>,
    block_written: Tally,
    /// `InstrForDbtrAgt` of the open block, where the version has it on payments only.
    of_block: Option<String>,
}

const NOTHING: Tally = Tally { payments: 0, sum: ControlSum::ZERO };

impl<W: Write> Pain001Writer<W> {
    /// Begins a message with Danish accounts as IBANs and any characters.
    ///
    /// # Errors
    /// A header field that breaks its type, or the output's error.
    pub fn new(out: W, version: Pain001Version, header: &MessageHeader<'_>) -> io::Result<Self> {
        Self::with_style(out, version, header, CharacterSet::Unicode, AccountForm::Iban)
    }

    /// Begins a message for a receiver that wants other characters or accounts.
    ///
    /// # Errors
    /// As [`Pain001Writer::new`].
    pub fn with_style(
        out: W, version: Pain001Version, header: &MessageHeader<'_>, characters: CharacterSet, danish_accounts: AccountForm,
    ) -> io::Result<Self> {
        let mut writer = Pain001Writer {
            out: Output::new(out, &version.message().namespace()),
            version,
            style: Style { characters, danish_accounts, version },
            declared: Tally { payments: header.payments, sum: header.sum },
            written: NOTHING,
            block_declared: None,
            block_written: NOTHING,
            of_block: None,
        };
        writer.header(header)?;
        Ok(writer)
    }

    fn header(&mut self, header: &MessageHeader<'_>) -> io::Result<()> {
        let out = &mut self.out;
        out.open("CstmrCdtTrfInitn");
        out.open_line("GrpHdr");
        out.element("MsgId", header.message_id, 35)?;
        out.plain("CreDtTm", header.created);
        out.plain("NbOfTxs", header.payments);
        out.plain("CtrlSum", header.sum);
        out.open("InitgPty");
        party::party(out, &header.initiator, self.style)?;
        out.raw("</InitgPty></GrpHdr>");
        Ok(())
    }

    /// Begins a block; ends the one before.
    ///
    /// # Errors
    /// A field that breaks its type, a block before whose numbers do not agree, or the output's error.
    pub fn payment_information(&mut self, block: &DebtorBlock<'_>) -> io::Result<()> {
        self.end_block()?;
        self.block_declared = Some(Tally { payments: block.payments, sum: block.sum });
        self.block_written = NOTHING;
        let out = &mut self.out;
        out.open_line("PmtInf");
        out.element("PmtInfId", block.id, 35)?;
        out.raw("<PmtMtd>TRF</PmtMtd>");
        if let Some(batch) = block.batch_booking {
            out.plain("BtchBookg", batch);
        }
        out.plain("NbOfTxs", block.payments);
        out.plain("CtrlSum", block.sum);
        extras::payment_type(out, &block.terms, block.benefit, &block.extras)?;
        match self.version {
            Pain001Version::V03 => out.plain("ReqdExctnDt", block.requested_date),
            Pain001Version::V09 | Pain001Version::V12 => {
                out.raw("<ReqdExctnDt>");
                out.plain("Dt", block.requested_date);
                out.raw("</ReqdExctnDt>");
            }
        }
        out.raw("<Dbtr>");
        party::party(out, &block.debtor, self.style)?;
        out.raw("</Dbtr><DbtrAcct>");
        party::account(out, block.account, self.style)?;
        out.raw("</DbtrAcct><DbtrAgt>");
        party::agent(out, &block.agent, self.style)?;
        out.raw("</DbtrAgt>");
        let for_bank = block.extras.get(Extra::DebtorAgentText);
        if self.version == Pain001Version::V03 {
            self.of_block = for_bank.map(str::to_owned);
        } else if let Some(text) = for_bank {
            out.prose("InstrForDbtrAgt", &self.style.characters.convert(text), 140)?;
        }
        extras::ultimate(out, "UltmtDbtr", block.extras.get(Extra::UltimateDebtor), self.style.characters)?;
        charge_bearer(out, &block.terms);
        out.flush_chunk()
    }

    /// Writes a payment of the open block.
    ///
    /// # Errors
    /// No open block, a field that breaks its type, or the output's error.
    pub fn payment(&mut self, payment: &CreditTransfer<'_>) -> io::Result<()> {
        if self.block_declared.is_none() {
            return Err(invalid("CdtTrfTxInf", "stands outside a block"));
        }
        self.count(payment.amount)?;
        let out = &mut self.out;
        out.open_line("CdtTrfTxInf");
        out.raw("<PmtId>");
        out.optional("InstrId", payment.instruction_id, 35)?;
        out.element("EndToEndId", payment.end_to_end_id, 35)?;
        if let (Some(uetr), Pain001Version::V09 | Pain001Version::V12) = (payment.uetr, self.version) {
            output::uetr(out, "UETR", uetr)?;
        }
        out.raw("</PmtId>");
        extras::payment_type(out, &payment.terms, None, &payment.extras)?;
        out.raw("<Amt><InstdAmt Ccy=\"");
        out.raw(payment.amount.currency().code());
        out.raw("\">");
        payment.amount.write_decimal(out.text());
        out.raw("</InstdAmt></Amt>");
        charge_bearer(out, &payment.terms);
        extras::ultimate(out, "UltmtDbtr", payment.extras.get(Extra::UltimateDebtor), self.style.characters)?;
        if let Some(agent) = payment.agent.or_else(|| payment.account.and_then(Agent::of_account)) {
            out.raw("<CdtrAgt>");
            party::agent(out, &agent, self.style)?;
            out.raw("</CdtrAgt>");
        }
        self.creditor(payment)?;
        self.out.flush_chunk()
    }

    fn creditor(&mut self, payment: &CreditTransfer<'_>) -> io::Result<()> {
        let out = &mut self.out;
        out.raw("<Cdtr>");
        party::party(out, &payment.creditor, self.style)?;
        out.raw("</Cdtr>");
        if let Some(account) = payment.account {
            out.raw("<CdtrAcct>");
            party::account(out, account, self.style)?;
            out.raw("</CdtrAcct>");
        }
        let style = (self.version, self.style.characters);
        extras::ultimate(out, "UltmtCdtr", payment.extras.get(Extra::UltimateCreditor), style.1)?;
        extras::instructions(out, &payment.extras, self.of_block.as_deref(), style)?;
        code_or_text(out, "Purp", payment.purpose, payment.benefit)?;
        remittance(out, payment, style)?;
        out.raw("</CdtTrfTxInf>");
        Ok(())
    }

    fn count(&mut self, amount: Money) -> io::Result<()> {
        if !amount.is_positive() {
            return Err(invalid("InstdAmt", "is not greater than zero"));
        }
        let add = |sum: ControlSum| sum.add_money(amount).ok_or_else(|| invalid("CtrlSum", "is too large"));
        self.block_written.payments += 1;
        self.block_written.sum = add(self.block_written.sum)?;
        self.written.payments += 1;
        self.written.sum = add(self.written.sum)?;
        Ok(())
    }

    fn end_block(&mut self) -> io::Result<()> {
        let Some(declared) = self.block_declared.take() else { return Ok(()) };
        if declared != self.block_written || declared.payments == 0 {
            return Err(invalid("PmtInf", "does not hold the payments it declared"));
        }
        self.out.close("PmtInf");
        Ok(())
    }

    /// Ends the message and gives the output back.
    ///
    /// # Errors
    /// Numbers that do not agree with the header, or the output's error.
    pub fn finish(mut self) -> io::Result<W> {
        self.end_block()?;
        if self.declared != self.written || self.written.payments == 0 {
            return Err(invalid("GrpHdr", "does not declare the payments that were written"));
        }
        self.out.raw("\n</CstmrCdtTrfInitn>");
        self.out.finish()
    }
}

fn charge_bearer<W: Write>(out: &mut Output<W>, terms: &PaymentTerms<'_>) {
    if let Some(bearer) = terms.charge_bearer {
        out.plain("ChrgBr", bearer.as_str());
    }
}

fn remittance<W: Write>(
    out: &mut Output<W>, payment: &CreditTransfer<'_>, (version, characters): (Pain001Version, CharacterSet),
) -> io::Result<()> {
    let lines = payment.remittance.into_iter().flat_map(str::lines).map(|line| characters.convert(line));
    let (reference, too_long) = match payment.structured_reference {
        Some(reference) if reference.chars().count() > 35 => (None, Some(characters.convert(reference))),
        reference => (reference.filter(|reference| !reference.trim().is_empty()), None),
    };
    let mut lines = lines.chain(too_long).filter(|line| !line.trim().is_empty()).peekable();
    let has_document = extras::has_document(&payment.extras, version);
    if lines.peek().is_none() && reference.is_none() && !has_document {
        return Ok(());
    }
    out.raw("<RmtInf>");
    for line in lines {
        let mut rest = line.as_ref();
        while !rest.is_empty() {
            let piece = shorten(rest, 140);
            out.element("Ustrd", piece, 140)?;
            rest = &rest[piece.len()..];
        }
    }
    if has_document || reference.is_some() {
        out.raw("<Strd>");
        extras::document(out, &payment.extras, version)?;
        if let Some(reference) = reference {
            extras::reference(out, &payment.extras, reference, version)?;
        }
        out.raw("</Strd>");
    }
    out.raw("</RmtInf>");
    Ok(())
}

/// An element that holds a code of 4 characters or a proprietary text of 35.
pub(super) fn code_or_text<W: Write>(
    out: &mut Output<W>, element: &str, code: Option<&str>, text: Option<&str>,
) -> io::Result<()> {
    match (code, text) {
        (None, None) => return Ok(()),
        (Some(_), Some(_)) => return Err(invalid(element, "cannot hold a code and a benefit")),
        (Some(code), None) => {
            out.open(element);
            out.element("Cd", code, 4)?;
        }
        (None, Some(text)) => {
            out.open(element);
            out.element("Prtry", text, 35)?;
        }
    }
    out.close(element);
    Ok(())
}
