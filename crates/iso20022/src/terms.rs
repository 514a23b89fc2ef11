//! How a payer wants payments carried out: what passes on to its bank as it stands.

/// Who bears the charges (`ChrgBr`, `ChargeBearerType1Code`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChargeBearer {
    /// The debtor.
    Debt,
    /// The creditor.
    Cred,
    /// Each side its own.
    Shar,
    /// As the service level says.
    Slev,
}

impl ChargeBearer {
    /// The code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debt => "DEBT",
            Self::Cred => "CRED",
            Self::Shar => "SHAR",
            Self::Slev => "SLEV",
        }
    }

    /// Reads the code; `None` for any other text.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Debt, Self::Cred, Self::Shar, Self::Slev].into_iter().find(|bearer| bearer.as_str() == code)
    }
}

/// The terms of a block or of a payment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PaymentTerms<'t> {
    /// `PmtTpInf/SvcLvl/Cd`, the first: under which rules, and how fast.
    pub service_level: Option<&'t str>,
    /// `PmtTpInf/CtgyPurp/Cd`, such as `SALA`; not together with a benefit on the same level.
    pub category_purpose: Option<&'t str>,
    /// `ChrgBr`.
    pub charge_bearer: Option<ChargeBearer>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_back() {
        for code in ["DEBT", "CRED", "SHAR", "SLEV"] {
            assert_eq!(ChargeBearer::parse(code).map(ChargeBearer::as_str), Some(code));
        }
        assert_eq!(ChargeBearer::parse("debt"), None);
    }
}
