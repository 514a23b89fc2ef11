//! The parties on the paying side.

use super::fault::{Fault, words};
use crate::reason::ReasonCode;
use primitives::{AgreementNumber, Cvr, DataSupplierId, UnitCode};

/// The initiating party or the debtor, as far as it says who it is.
///
/// ISO 20022 leaves the schemes of `OrgId/Othr` to the parties' agreement. Ours are
/// `SchmeNm/Prtry` = `NKS` (agreement number, 8 digits), `CVR` (or `SchmeNm/Cd` = `COID`),
/// `LOS` (the paying unit) and `DLV` (the data supplier); other schemes are left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InitiatingParty {
    /// Name.
    pub name: Option<String>,
    /// Agreement number.
    pub agreement: Option<AgreementNumber>,
    /// CVR number.
    pub cvr: Option<Cvr>,
    /// Paying unit.
    pub unit: Option<UnitCode>,
    /// Data supplier that sends for the authority.
    pub data_supplier: Option<DataSupplierId>,
}

/// An `Othr` entry as collected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OtherId {
    pub value: String,
    pub code: Option<String>,
    pub proprietary: Option<String>,
    pub line: u64,
}

impl InitiatingParty {
    /// Takes an `Othr` entry up; `false` when it is of a known scheme and not valid in it.
    pub(super) fn take_up(&mut self, other: &OtherId) -> bool {
        self.take_up_number(&other.value, (other.code.as_deref(), other.proprietary.as_deref()))
    }

    /// The same of a number with its scheme, as code and as text.
    pub(crate) fn take_up_number(&mut self, value: &str, scheme: (Option<&str>, Option<&str>)) -> bool {
        match scheme {
            (_, Some("NKS")) => keep(&mut self.agreement, AgreementNumber::parse(value)),
            (_, Some("CVR")) | (Some("COID"), _) => keep(&mut self.cvr, Cvr::parse(value)),
            (_, Some("LOS")) => keep(&mut self.unit, UnitCode::parse(value)),
            (_, Some("DLV")) => keep(&mut self.data_supplier, DataSupplierId::parse(value)),
            _ => true,
        }
    }
}

/// Keeps a value; a second one that differs is as wrong as an invalid one.
fn keep<T: PartialEq, E>(place: &mut Option<T>, parsed: Result<T, E>) -> bool {
    match (parsed, place.as_ref()) {
        (Ok(value), None) => {
            *place = Some(value);
            true
        }
        (Ok(value), Some(known)) => value == *known,
        (Err(_), _) => false,
    }
}

/// The initiating party's identification breaks its scheme.
pub(crate) const INVALID_INITIATOR: Fault = Fault {
    code: ReasonCode::BE05,
    text: words("Afsenderens identifikation er ikke gyldig.", "The initiating party's identification is not valid."),
    expected: words(
        "ét gyldigt nummer for hver af arterne NKS, CVR, LOS og DLV",
        "one valid number for each of the schemes NKS, CVR, LOS and DLV",
    ),
    found: words("en anden tekst, eller to forskellige", "another text, or two that differ"),
};

/// The debtor's identification breaks its scheme.
pub(super) const INVALID_DEBTOR: Fault = Fault {
    code: ReasonCode::BE16,
    text: words("Udbetalers identifikation er ikke gyldig.", "The debtor's identification is not valid."),
    expected: words(
        "ét gyldigt nummer for hver af arterne NKS, CVR, LOS og DLV",
        "one valid number for each of the schemes NKS, CVR, LOS and DLV",
    ),
    found: words("en anden tekst, eller to forskellige", "another text, or two that differ"),
};

/// Nobody knows whose agreement the delivery comes under.
pub(super) const NAMELESS_INITIATOR: Fault = Fault {
    code: ReasonCode::BE05,
    text: words(
        "Afsenderen er hverken angivet med NKS-aftalenummer eller CVR-nummer.",
        "The initiator is named neither by NKS agreement number nor by CVR number.",
    ),
    expected: words("InitgPty/Id/OrgId/Othr med arten NKS eller CVR", "InitgPty/Id/OrgId/Othr with scheme NKS or CVR"),
    found: words("ingen af delene", "neither"),
};
