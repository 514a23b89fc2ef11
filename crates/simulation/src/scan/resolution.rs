//! Reading answers to recalls (camt.029, any version), those of banks and those to payers.

use std::io::BufRead;

use super::ScanError;
use super::elements::{Elements, Step};

/// What is said of one payment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// The sender's own reference, where it is repeated.
    pub(crate) instruction: String,
    pub(crate) reference: String,
    /// `ACCR`, `PDCR`, `RJCR`.
    pub(crate) status: String,
}

const ROW: &str = "/Document/RsltnOfInvstgtn/CxlDtls/OrgnlPmtInfAndSts/TxInfAndSts";

/// Reads an answer to its end.
pub(crate) fn scan_resolution(input: impl BufRead, mut out: impl FnMut(&Resolved)) -> Result<(), ScanError> {
    let mut elements = Elements::new(input);
    let mut row = Resolved::default();
    loop {
        match elements.step()? {
            Step::Done => return Ok(()),
            Step::Begin if elements.path() == ROW => row = Resolved::default(),
            Step::Begin => {}
            Step::End if elements.path() == ROW => out(&row),
            Step::End => {
                let field = match elements.path().strip_prefix(ROW) {
                    Some("/OrgnlInstrId") => &mut row.instruction,
                    Some("/OrgnlEndToEndId") => &mut row.reference,
                    Some("/TxCxlSts") => &mut row.status,
                    _ => continue,
                };
                elements.text().clone_into(field);
            }
        }
    }
}
