//! Any number a payer may know a payee by.

use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

use crate::business_number::{BusinessNumberError, Cvr, PNumber, Se};
use crate::country::{Country, CountryError};
use crate::cpr::{Cpr, CprError};
use crate::foreign_id::{ForeignId, ForeignIdError};

/// The identification of a payee: a person or a unit.
///
/// `Debug` is masked in every variant and there is no `Display`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identifier {
    /// A person in the Danish civil register.
    Cpr(Cpr),
    /// A legal unit in the Central Business Register.
    Cvr(Cvr),
    /// A tax unit of a legal unit.
    Se(Se),
    /// A place of production of a legal unit.
    P(PNumber),
    /// A person or unit known by another country's number.
    Foreign(ForeignId),
}

/// Which kind of number an [`Identifier`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentifierKind {
    /// CPR number.
    Cpr,
    /// CVR number.
    Cvr,
    /// SE number.
    Se,
    /// P number.
    P,
    /// A number issued by another country.
    Foreign,
}

/// Why a text is no identifier of the wanted kind. The text itself is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IdentifierError {
    /// The kind is not one of `CPR`, `CVR`, `SE`, `P`, `FOREIGN`.
    #[error("unknown kind of identifier")]
    UnknownKind,
    /// No CPR number.
    #[error(transparent)]
    Cpr(#[from] CprError),
    /// No CVR, SE or P number.
    #[error(transparent)]
    BusinessNumber(#[from] BusinessNumberError),
    /// The country of a foreign identification is unknown.
    #[error(transparent)]
    Country(#[from] CountryError),
    /// The parts of a foreign identification were refused.
    #[error(transparent)]
    Foreign(#[from] ForeignIdError),
    /// The text is a valid identifier, or nearly, but not in its canonical form.
    #[error("the identifier is not in its canonical form")]
    NotCanonical,
}

impl IdentifierKind {
    /// All kinds, in their order.
    pub const ALL: [Self; 5] = [Self::Cpr, Self::Cvr, Self::Se, Self::P, Self::Foreign];

    /// The code used in the database and the open interfaces: `CPR`, `CVR`, `SE`, `P` or `FOREIGN`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpr => "CPR",
            Self::Cvr => "CVR",
            Self::Se => "SE",
            Self::P => "P",
            Self::Foreign => "FOREIGN",
        }
    }

    /// The kind with this code.
    ///
    /// # Errors
    /// [`IdentifierError::UnknownKind`] for any other text, also in lower case.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(IdentifierError::UnknownKind)
    }
}

impl fmt::Display for IdentifierKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Identifier {
    /// Which kind of number this is.
    #[must_use]
    pub fn kind(&self) -> IdentifierKind {
        match self {
            Self::Cpr(_) => IdentifierKind::Cpr,
            Self::Cvr(_) => IdentifierKind::Cvr,
            Self::Se(_) => IdentifierKind::Se,
            Self::P(_) => IdentifierKind::P,
            Self::Foreign(_) => IdentifierKind::Foreign,
        }
    }

    /// The one text of this identifier within its kind: the digits, or `CC|scheme|value` for a foreign one.
    ///
    /// Together with [`kind`](Self::kind) it identifies: equal texts of a kind are equal identifiers.
    #[must_use]
    pub fn canonical(&self) -> Cow<'_, str> {
        match self {
            Self::Cpr(cpr) => Cow::Borrowed(cpr.digits()),
            Self::Cvr(cvr) => Cow::Borrowed(cvr.digits()),
            Self::Se(se) => Cow::Borrowed(se.digits()),
            Self::P(p) => Cow::Borrowed(p.digits()),
            Self::Foreign(id) => Cow::Owned([id.country().code(), id.scheme(), id.value()].join("|")),
        }
    }

    /// Reads back what [`canonical`](Self::canonical) wrote.
    ///
    /// # Errors
    /// [`IdentifierError`] when the text is no identifier of this kind, or is another spelling than the canonical one.
    pub fn from_canonical(kind: IdentifierKind, text: &str) -> Result<Self, IdentifierError> {
        match kind {
            // The hyphenated spelling has eleven characters.
            IdentifierKind::Cpr if text.len() == 11 => Err(IdentifierError::NotCanonical),
            IdentifierKind::Cpr => Ok(Self::Cpr(Cpr::parse(text)?)),
            IdentifierKind::Cvr => Ok(Self::Cvr(Cvr::parse(text)?)),
            IdentifierKind::Se => Ok(Self::Se(Se::parse(text)?)),
            IdentifierKind::P => Ok(Self::P(PNumber::parse(text)?)),
            IdentifierKind::Foreign => Ok(Self::Foreign(foreign_from_canonical(text)?)),
        }
    }
}

/// A scheme holds no `|`, so the third part is the whole rest, whatever it contains.
fn foreign_from_canonical(text: &str) -> Result<ForeignId, IdentifierError> {
    let mut parts = text.splitn(3, '|');
    let (Some(country), Some(scheme), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(IdentifierError::NotCanonical);
    };
    Ok(ForeignId::new(Country::parse(country)?, scheme, value)?)
}

impl From<Cpr> for Identifier {
    fn from(cpr: Cpr) -> Self {
        Self::Cpr(cpr)
    }
}

impl From<Cvr> for Identifier {
    fn from(cvr: Cvr) -> Self {
        Self::Cvr(cvr)
    }
}

impl From<Se> for Identifier {
    fn from(se: Se) -> Self {
        Self::Se(se)
    }
}

impl From<PNumber> for Identifier {
    fn from(p: PNumber) -> Self {
        Self::P(p)
    }
}

impl From<ForeignId> for Identifier {
    fn from(id: ForeignId) -> Self {
        Self::Foreign(id)
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpr(cpr) => cpr.fmt(f),
            Self::Cvr(cvr) => cvr.fmt(f),
            Self::Se(se) => se.fmt(f),
            Self::P(p) => p.fmt(f),
            Self::Foreign(id) => id.fmt(f),
        }
    }
}
