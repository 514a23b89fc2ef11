//! The benefit a payment is for.

use super::fault::{Fault, words};
use crate::reason::ReasonCode;
use primitives::BenefitCode;

/// Reads the code of a benefit.
pub(super) fn read(text: &str) -> Result<BenefitCode, Fault> {
    BenefitCode::parse(text).map_err(|_| INVALID)
}

/// The same level names the benefit in two places.
pub(super) const TWICE: Fault = Fault {
    code: ReasonCode::FF07,
    text: words(
        "Ydelsesarten er angivet to steder på samme betaling.",
        "The benefit is given in two places of the same payment.",
    ),
    expected: words("ydelsesarten ét sted", "the benefit in one place"),
    found: words("én i PmtTpInf/CtgyPurp/Prtry og én i Purp/Prtry", "one in PmtTpInf/CtgyPurp/Prtry and one in Purp/Prtry"),
};

const INVALID: Fault = Fault {
    code: ReasonCode::FF07,
    text: words("Ydelsesarten er ikke en gyldig kode.", "The benefit is not a valid code."),
    expected: words(
        "en ydelsesart på højst 10 store bogstaver og cifre",
        "a benefit code of at most 10 capital letters and digits",
    ),
    found: words("en anden tekst", "another text"),
};
