//! How the rules beyond the schema report.

use crate::finding::{Finding, Level};
use crate::reason::ReasonCode;
use primitives::Text;

/// The same words in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    pub da: &'static str,
    pub en: &'static str,
}

/// Words in Danish and in English.
pub(crate) const fn words(da: &'static str, en: &'static str) -> Words {
    Words { da, en }
}

impl Words {
    fn text(self) -> Text {
        Text::new(self.da, self.en)
    }
}

/// A broken rule without its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub code: ReasonCode,
    pub text: Words,
    pub expected: Words,
    pub found: Words,
}

/// What the findings of one element of the file have in common.
#[derive(Debug, Clone)]
pub(crate) struct Reporter<'p> {
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
            offset: 0,
            path: format!("{}{below}", self.path),
            code: fault.code,
            expected: fault.expected.text(),
            found: fault.found.text(),
            text: fault.text.text(),
        }
    }

    /// Makes a finding on a reference that stood on an earlier line already.
    #[cold]
    pub fn repeated(&self, line: u64, below: &str, fault: Fault, first: u64) -> Finding {
        let found = Text::new(format!("den samme som på linje {first}"), format!("the same as on line {first}"));
        Finding { found, ..self.report(line, below, fault) }
    }

    /// Makes a finding on a number that differs from what was counted or summed up.
    #[cold]
    pub fn differs(&self, line: u64, below: &str, code: ReasonCode, numbers: [String; 2]) -> Finding {
        let [expected, found] = numbers;
        Finding {
            level: self.level,
            line,
            offset: 0,
            path: format!("{}{below}", self.path),
            code,
            expected: Text::new(expected.clone(), expected),
            found: Text::new(found.clone(), found),
            text: Text::new(
                "Det angivne antal eller den angivne sum passer ikke med betalingerne.",
                "The stated number or sum does not agree with the payments.",
            ),
        }
    }
}

/// The path of a block.
pub(crate) fn block_path(block: u32) -> String {
    format!("/Document/CstmrCdtTrfInitn/PmtInf[{block}]")
}

/// The path of a payment.
pub(crate) fn row_path(block: u32, position: u64) -> String {
    format!("/Document/CstmrCdtTrfInitn/PmtInf[{block}]/CdtTrfTxInf[{position}]")
}

/// Says of findings in which part of the file they stand.
pub(crate) fn place_at(findings: &mut [Finding], offset: u64) {
    for finding in findings {
        finding.offset = offset;
    }
}
