//! The benefit a payment is for.

use super::rules::Fault;
use crate::reason::ReasonCode;
use primitives::BenefitCode;

/// Reads the code of a benefit.
pub(super) fn read(text: &str) -> Result<BenefitCode, Fault> {
    BenefitCode::parse(text).map_err(|_| INVALID)
}

/// The same level names the benefit in two places.
pub(super) const TWICE: Fault = Fault {
    code: ReasonCode::FF07,
    expected: "the benefit in one place",
    found: "one in PmtTpInf/CtgyPurp/Prtry and one in Purp/Prtry",
    da: "Ydelsesarten er angivet to steder på samme betaling.",
    en: "The benefit is given in two places of the same payment.",
};

const INVALID: Fault = Fault {
    code: ReasonCode::FF07,
    expected: "a benefit code of at most 10 capital letters and digits",
    found: "another text",
    da: "Ydelsesarten er ikke en gyldig kode.",
    en: "The benefit is not a valid code.",
};
