//! What a reader has to say against a file.

use crate::reason::ReasonCode;
use primitives::Text;
use std::fmt;

/// How much of the file a finding concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// The file is not well-formed XML, or no message we know: return answer 0.
    Unreadable,
    /// The file breaks its message's schema and is refused whole: return answer 1.
    Schema,
    /// The delivery as a whole breaks a rule beyond the schema.
    Group,
    /// A payment information block, and with it all its payments.
    PaymentInformation,
    /// One payment.
    Payment,
}

/// One thing that is wrong, and where. Holds no content of the file: a value is described
/// by its kind and length, for it may be somebody's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it concerns.
    pub level: Level,
    /// Line in the file, from 1.
    pub line: u64,
    /// Where it stands, such as `/Document/CstmrCdtTrfInitn/PmtInf[2]/CdtTrfTxInf[17]/Amt/InstdAmt`.
    /// Elements that may be repeated carry their number among their siblings, from 1.
    pub path: String,
    /// Reason code of the ISO 20022 external code list.
    pub code: ReasonCode,
    /// What was expected there, in English; may be empty.
    pub expected: String,
    /// What was found instead, in English; may be empty.
    pub found: String,
    /// The finding in one sentence for people.
    pub text: Text,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}: {} {}", self.line, self.path, self.code, self.text.en)?;
        if !self.expected.is_empty() {
            write!(out, "; expected {}", self.expected)?;
        }
        if !self.found.is_empty() {
            write!(out, "; found {}", self.found)?;
        }
        Ok(())
    }
}
