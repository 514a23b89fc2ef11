//! Reading status reports (pain.002, any version): those to payers and those of banks.

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
                    _ => {
                        if let Some(rest) = path.strip_prefix(ROW) {
                            row.leaf(rest, text);
                        } else if let Some(rest) = path.strip_prefix(BLOCK) {
                            block.leaf(rest, text);
                        } else if let Some(rest) = path.strip_prefix(GROUP) {
                            group.leaf(rest, text);
                        }
                    }
                }
            }
        }
    }
}

impl Statuses {
    fn leaf(&mut self, path: &str, text: &str) {
        match path {
            "/OrgnlMsgId" => text.clone_into(&mut self.message_id),
            "/OrgnlPmtInfId" => text.clone_into(&mut self.block_id),
            "/OrgnlInstrId" => text.clone_into(&mut self.instruction),
            "/OrgnlEndToEndId" => text.clone_into(&mut self.reference),
            "/GrpSts" | "/PmtInfSts" | "/TxSts" => text.clone_into(&mut self.status),
            "/StsRsnInf/Rsn/Cd" | "/StsRsnInf/Rsn/Prtry" => self.reasons.push(text.to_owned()),
            _ => {}
        }
    }
}
