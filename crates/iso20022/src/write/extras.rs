//! What few payments and blocks have, in its places.

use super::charset::CharacterSet;
use super::output::Output;
use super::pain001::{Pain001Version, code_or_text};
use crate::extras::{Extra, Extras};
use crate::terms::PaymentTerms;
use std::io::{self, Write};

/// The most characters of a name or of a text for a bank.
const TEXT: usize = 140;

/// The codes of a document's type that version 03 has; 09 has one more, and what a version does not have is written as a text.
const DOCUMENTS: [&str; 15] =
    ["MSIN", "CNFA", "DNFA", "CINV", "CREN", "DEBN", "HIRI", "SBIN", "CMCN", "SOAC", "DISP", "BOLD", "VCHR", "AROI", "TSUT"];
const NEWER_DOCUMENT: &str = "PUOR";

/// `PmtTpInf`.
pub(super) fn payment_type<W: Write>(
    out: &mut Output<W>, terms: &PaymentTerms<'_>, benefit: Option<&str>, extras: &Extras<'_>,
) -> io::Result<()> {
    let priority = extras.get(Extra::InstructionPriority);
    let local = (extras.get(Extra::LocalInstrumentCode), extras.get(Extra::LocalInstrument));
    let given = [terms.service_level, terms.category_purpose, benefit, priority, local.0, local.1];
    if given.iter().all(Option::is_none) {
        return Ok(());
    }
    out.raw("<PmtTpInf>");
    out.optional("InstrPrty", priority, 4)?;
    if let Some(level) = terms.service_level {
        out.raw("<SvcLvl>");
        out.element("Cd", level, 4)?;
        out.raw("</SvcLvl>");
    }
    if local.0.or(local.1).is_some() {
        out.raw("<LclInstrm>");
        out.optional("Cd", local.0, 35)?;
        out.optional("Prtry", local.1, 35)?;
        out.raw("</LclInstrm>");
    }
    code_or_text(out, "CtgyPurp", terms.category_purpose, benefit)?;
    out.raw("</PmtTpInf>");
    Ok(())
}

/// An ultimate party, by its name.
pub(super) fn ultimate<W: Write>(
    out: &mut Output<W>, element: &str, name: Option<&str>, characters: CharacterSet,
) -> io::Result<()> {
    let Some(name) = name.map(|name| characters.convert(name)).filter(|name| !name.trim().is_empty()) else { return Ok(()) };
    out.open(element);
    out.prose("Nm", &name, TEXT)?;
    out.close(element);
    Ok(())
}

/// The payment's instructions for the two banks. `of_block`: for the debtor's, where the version has it on payments only.
pub(super) fn instructions<W: Write>(
    out: &mut Output<W>, extras: &Extras<'_>, of_block: Option<&str>, (version, characters): (Pain001Version, CharacterSet),
) -> io::Result<()> {
    let (code, text) = (extras.get(Extra::CreditorAgentCode), extras.get(Extra::CreditorAgentText));
    if code.or(text).is_some() {
        out.raw("<InstrForCdtrAgt>");
        out.optional("Cd", code, 4)?;
        if let Some(text) = text {
            out.prose("InstrInf", &characters.convert(text), TEXT)?;
        }
        out.raw("</InstrForCdtrAgt>");
    }
    let Some(text) = extras.get(Extra::DebtorAgentText).or(of_block) else { return Ok(()) };
    let text = characters.convert(text);
    match version {
        Pain001Version::V03 | Pain001Version::V09 => out.prose("InstrForDbtrAgt", &text, TEXT),
        Pain001Version::V12 => {
            out.raw("<InstrForDbtrAgt>");
            out.prose("InstrInf", &text, TEXT)?;
            out.raw("</InstrForDbtrAgt>");
            Ok(())
        }
    }
}

/// The codes of a reference's type that versions 03 and 09 have; 12 has any of an external list.
const REFERENCES: [&str; 6] = ["RADM", "RPIN", "FXDR", "DISP", "PUOR", "SCOR"];

/// `CdtrRefInf`.
pub(super) fn reference<W: Write>(
    out: &mut Output<W>, extras: &Extras<'_>, reference: &str, version: Pain001Version,
) -> io::Result<()> {
    out.raw("<CdtrRefInf>");
    let (code, text) = (extras.get(Extra::ReferenceCode), extras.get(Extra::ReferenceType));
    if let Some(kind) = code.or(text) {
        let is_code = code.is_some() && (version == Pain001Version::V12 || REFERENCES.contains(&kind));
        out.raw("<Tp><CdOrPrtry>");
        out.element(if is_code { "Cd" } else { "Prtry" }, kind, 35)?;
        out.raw("</CdOrPrtry>");
        out.optional("Issr", extras.get(Extra::ReferenceIssuer), 35)?;
        out.raw("</Tp>");
    }
    out.element("Ref", reference, 35)?;
    out.raw("</CdtrRefInf>");
    Ok(())
}

/// Whether there is a document that the version can name.
pub(super) fn has_document(extras: &Extras<'_>, version: Pain001Version) -> bool {
    let elements = [Extra::DocumentType, Extra::DocumentNumber, Extra::DocumentDate];
    let written = if version == Pain001Version::V12 { &elements[1..2] } else { &elements[..] };
    written.iter().any(|element| extras.get(*element).is_some())
}

/// `RfrdDocInf`; version 12 says type and day in ways of its own, so it gets the number alone.
pub(super) fn document<W: Write>(out: &mut Output<W>, extras: &Extras<'_>, version: Pain001Version) -> io::Result<()> {
    if !has_document(extras, version) {
        return Ok(());
    }
    out.raw("<RfrdDocInf>");
    let is_older = version != Pain001Version::V12;
    if let Some(code) = extras.get(Extra::DocumentType).filter(|_| is_older) {
        let is_listed = DOCUMENTS.contains(&code) || code == NEWER_DOCUMENT && version == Pain001Version::V09;
        out.raw("<Tp><CdOrPrtry>");
        out.element(if is_listed { "Cd" } else { "Prtry" }, code, 35)?;
        out.raw("</CdOrPrtry></Tp>");
    }
    out.optional("Nb", extras.get(Extra::DocumentNumber), 35)?;
    out.optional("RltdDt", extras.get(Extra::DocumentDate).filter(|_| is_older), 35)?;
    out.raw("</RfrdDocInf>");
    Ok(())
}
