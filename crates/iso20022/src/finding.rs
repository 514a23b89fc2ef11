//! What a reader has to say against a file.

use crate::reason::ReasonCode;
use primitives::{Language, Text};
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
    /// Byte of the file (decoded to UTF-8) where it stands, or where the payment, block or header begins that it
    /// stands in.
    pub offset: u64,
    /// Where it stands, such as `/Document/CstmrCdtTrfInitn/PmtInf[2]/CdtTrfTxInf[17]/Amt/InstdAmt`.
    /// Elements that may be repeated carry their number among their siblings, from 1.
    pub path: String,
    /// Reason code of the ISO 20022 external code list.
    pub code: ReasonCode,
    /// What was expected there; may be empty.
    pub expected: Text,
    /// What was found instead; may be empty.
    pub found: Text,
    /// The finding in one sentence for people.
    pub text: Text,
}

impl Finding {
    /// All that is said, in both languages: the sentence, what was expected and what was found.
    #[must_use]
    pub fn sentence(&self) -> Text {
        let in_language = |language, expected, found| {
            let mut sentence = self.text.get(language).to_owned();
            for (label, part) in [(expected, &self.expected), (found, &self.found)] {
                let part = part.get(language);
                if !part.is_empty() {
                    sentence.extend([" ", label, ": ", part, "."]);
                }
            }
            sentence
        };
        Text::new(in_language(Language::Da, "Forventet", "Fundet"), in_language(Language::En, "Expected", "Found"))
    }
}

impl fmt::Display for Finding {
    /// For the logs of a test or a tool, in English.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}: {} {}", self.line, self.path, self.code, self.text.en)?;
        if !self.expected.en.is_empty() {
            write!(out, "; expected {}", self.expected.en)?;
        }
        if !self.found.en.is_empty() {
            write!(out, "; found {}", self.found.en)?;
        }
        Ok(())
    }
}
