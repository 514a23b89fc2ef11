//! Reading status reports (pain.002, any version), those to payers and those of banks, and refusals of what is not readable (admi.002).

use std::io::{self, BufRead};

use super::ScanError;
use super::elements::{Elements, Step};

/// A status on one level, with what it is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statuses {
    /// The original message id.
    pub(crate) message_id: String,
    /// The original block id; empty on the group level.
    pub(crate) block_id: String,
    /// The original instruction id; empty above the level of payments, or when it is not given.
    pub(crate) instruction: String,
    /// The original end-to-end id; empty above the level of payments.
    pub(crate) reference: String,
    /// The status: `ACSC`, `RJCT` …; empty when not given.
    pub(crate) status: String,
    /// The reasons' codes.
    pub(crate) reasons: Vec<String>,
}

impl Statuses {
    /// Whether the status says that it will not be paid.
    pub(crate) fn refuses(&self) -> bool {
        matches!(self.status.as_str(), "RJCT" | "CANC")
    }
}

/// Takes what is read, in the order of the file.
pub(crate) trait StatusReports {
    /// The group's status.
    fn group(&mut self, status: &Statuses) -> io::Result<()>;
    /// A block's status, after those of its payments.
    fn block(&mut self, status: &Statuses) -> io::Result<()>;
    /// A payment's status.
    fn payment(&mut self, status: &Statuses) -> io::Result<()>;
}

const GROUP: &str = "/Document/CstmrPmtStsRpt/OrgnlGrpInfAndSts";
const BLOCK: &str = "/Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts";
const ROW: &str = "/Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts";

/// What stands for a message id that could not be read (ISO 20022).
pub(crate) const NOT_PROVIDED: &str = "NOTPROVIDED";

/// What refuses a whole file, where the file is not readable.
const REFUSAL: &str = "/Document/admi.002.001.01";

/// Reads a report to its end.
pub(crate) fn scan_pain002(input: impl BufRead, out: &mut impl StatusReports) -> Result<(), ScanError> {
    let mut elements = Elements::new(input);
    let (mut group, mut block, mut row) = (Statuses::default(), Statuses::default(), Statuses::default());
    loop {
        match elements.step()? {
            Step::Done => return Ok(()),
            Step::Begin if elements.path() == BLOCK => {
                block = Statuses { message_id: group.message_id.clone(), ..Statuses::default() };
            }
            Step::Begin if elements.path() == ROW => {
                row = Statuses { block_id: block.block_id.clone(), message_id: group.message_id.clone(), ..Statuses::default() };
            }
            Step::Begin => {}
            Step::End => {
                let (path, text) = (elements.path(), elements.text());
                match path {
                    ROW => out.payment(&row)?,
                    BLOCK => out.block(&block)?,
                    GROUP => out.group(&group)?,
                    REFUSAL => out.group(&group.refused_file())?,
                    _ => {
                        if let Some(rest) = path.strip_prefix(ROW) {
                            row.leaf(rest, text);
                        } else if let Some(rest) = path.strip_prefix(BLOCK) {
                            block.leaf(rest, text);
                        } else if let Some(rest) = path.strip_prefix(GROUP).or_else(|| path.strip_prefix(REFUSAL)) {
                            group.leaf(rest, text);
                        }
                    }
                }
            }
        }
    }
}

impl Statuses {
    /// What a refusal says of the file. Where the file's message id could not be read, the refusal names it by the number of its receipt.
    fn refused_file(&self) -> Self {
        let by_receipt = self.message_id.bytes().all(|byte| byte.is_ascii_digit());
        let message_id = if by_receipt { NOT_PROVIDED.to_owned() } else { self.message_id.clone() };
        Self { message_id, status: "RJCT".to_owned(), ..self.clone() }
    }

    fn leaf(&mut self, path: &str, text: &str) {
        match path {
            "/OrgnlMsgId" | "/RltdRef/Ref" => text.clone_into(&mut self.message_id),
            "/OrgnlPmtInfId" => text.clone_into(&mut self.block_id),
            "/OrgnlInstrId" => text.clone_into(&mut self.instruction),
            "/OrgnlEndToEndId" => text.clone_into(&mut self.reference),
            "/GrpSts" | "/PmtInfSts" | "/TxSts" => text.clone_into(&mut self.status),
            "/StsRsnInf/Rsn/Cd" | "/StsRsnInf/Rsn/Prtry" | "/Rsn/RjctgPtyRsn" => self.reasons.push(text.to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Told(Vec<String>);

    impl StatusReports for Told {
        fn group(&mut self, status: &Statuses) -> io::Result<()> {
            self.0.push(format!("{} {} {}", status.message_id, status.status, status.reasons.join(" ")));
            Ok(())
        }

        fn block(&mut self, _: &Statuses) -> io::Result<()> {
            Ok(())
        }

        fn payment(&mut self, _: &Statuses) -> io::Result<()> {
            Ok(())
        }
    }

    fn check(reference: &str, expect: &str) {
        let file = format!(
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:admi.002.001.01\"><admi.002.001.01><RltdRef><Ref>{reference}</Ref></RltdRef>\
             <Rsn><RjctgPtyRsn>FF01</RjctgPtyRsn></Rsn></admi.002.001.01></Document>"
        );
        let mut told = Told::default();
        scan_pain002(file.as_bytes(), &mut told).unwrap();
        assert_eq!(told.0, [expect]);
    }

    #[test]
    fn a_refusal_of_what_is_not_readable_refuses_the_file() {
        check("M-1", "M-1 RJCT FF01");
        check("17", "NOTPROVIDED RJCT FF01");
    }
}
