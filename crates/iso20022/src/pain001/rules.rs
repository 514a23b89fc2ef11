//! How the rules beyond the schema report.

use crate::finding::{Finding, Level};
use crate::reason::ReasonCode;
use primitives::Text;

/// A broken rule without its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    pub code: ReasonCode,
    pub expected: &'static str,
    pub found: &'static str,
    pub da: &'static str,
    pub en: &'static str,
}

/// What the findings of one element of the file have in common.
#[derive(Debug, Clone)]
pub(super) struct Reporter<'p> {
    pub level: Level,
    pub path: &'p str,
}

impl Reporter<'_> {
    /// Makes a finding at a line and a path below the element.
    #[cold]
    pub fn report(&self, line: u64, below: &str, fault: Fault) -> Finding {
        Finding {
            level: self.level,
            line,
            path: format!("{}{below}", self.path),
            code: fault.code,
            expected: fault.expected.to_owned(),
            found: fault.found.to_owned(),
            text: Text::new(fault.da, fault.en),
        }
    }

    /// Makes a finding on a number that differs from what was counted or summed up.
    #[cold]
    pub fn differs(&self, line: u64, below: &str, code: ReasonCode, numbers: [String; 2]) -> Finding {
        let [expected, found] = numbers;
        Finding {
            level: self.level,
            line,
            path: format!("{}{below}", self.path),
            code,
            expected,
            found,
            text: Text::new(
                "Det angivne antal eller den angivne sum passer ikke med betalingerne.",
                "The stated number or sum does not agree with the payments.",
            ),
        }
    }
}

/// The path of a block.
pub(super) fn block_path(block: u32) -> String {
    format!("/Document/CstmrCdtTrfInitn/PmtInf[{block}]")
}

/// The path of a payment.
pub(super) fn row_path(block: u32, position: u64) -> String {
    format!("/Document/CstmrCdtTrfInitn/PmtInf[{block}]/CdtTrfTxInf[{position}]")
}
