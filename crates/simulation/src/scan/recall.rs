//! Reading requests to give payments back (camt.055).

use std::io::{self, BufRead};

use super::elements::{Elements, Step};
use super::{ScanError, message_in};

/// A payment that is to be given back, with what it stands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recall {
    /// The recall's own id, its case, when it was made, and the message it is.
    pub(crate) id: String,
    pub(crate) case: String,
    pub(crate) created: String,
    pub(crate) message_name: String,
    /// The original message's id and name.
    pub(crate) original_id: String,
    pub(crate) original_name: String,
    /// The original block's id.
    pub(crate) block_id: String,
    pub(crate) instruction: String,
    pub(crate) reference: String,
}

/// Takes what is read, in the order of the file.
pub(crate) trait Recalls {
    /// A payment has been read.
    fn payment(&mut self, recall: &Recall) -> io::Result<()>;
}

const ROOT: &str = "/Document/CstmrPmtCxlReq";
const ROW: &str = "/Document/CstmrPmtCxlReq/Undrlyg/OrgnlPmtInfAndCxl/TxInf";

/// Whether a file is a recall, by its root element. A file that is no XML is none.
pub(crate) fn is_recall(input: impl BufRead) -> Result<bool, ScanError> {
    Ok(message_in(input)?.starts_with("camt.055."))
}

/// Reads a recall to its end.
pub(crate) fn scan_recall(input: impl BufRead, out: &mut impl Recalls) -> Result<(), ScanError> {
    let mut elements = Elements::new(input);
    let mut recall = Recall::default();
    loop {
        match elements.step()? {
            Step::Done => return Ok(()),
            Step::Begin if elements.path() == ROW => (recall.instruction, recall.reference) = Default::default(),
            Step::Begin => {}
            Step::End if elements.path() == ROW => out.payment(&recall)?,
            Step::End => {
                if recall.message_name.is_empty() {
                    elements.message_name().clone_into(&mut recall.message_name);
                }
                if let Some(path) = elements.path().strip_prefix(ROOT) {
                    recall.leaf(path, elements.text());
                }
            }
        }
    }
}

impl Recall {
    fn leaf(&mut self, path: &str, text: &str) {
        let field = match path {
            "/Assgnmt/Id" => &mut self.id,
            "/Assgnmt/CreDtTm" => &mut self.created,
            "/Case/Id" => &mut self.case,
            "/Undrlyg/OrgnlGrpInfAndCxl/OrgnlMsgId" => &mut self.original_id,
            "/Undrlyg/OrgnlGrpInfAndCxl/OrgnlMsgNmId" => &mut self.original_name,
            "/Undrlyg/OrgnlPmtInfAndCxl/OrgnlPmtInfId" => &mut self.block_id,
            "/Undrlyg/OrgnlPmtInfAndCxl/TxInf/OrgnlInstrId" => &mut self.instruction,
            "/Undrlyg/OrgnlPmtInfAndCxl/TxInf/OrgnlEndToEndId" => &mut self.reference,
            _ => return,
        };
        text.clone_into(field);
    }
}
