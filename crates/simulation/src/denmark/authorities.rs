//! Twelve authorities that do not exist, and the payer that stands for the system itself.

use contracts::parties::PayerKind;

/// What an authority's agreement says of payouts without an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Return,
    ErrorAccount,
    Holding,
}

/// How an authority writes the payee's number in its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberStyle {
    /// `Cdtr/Id` with proprietary schemes CPR, CVR, SE and P.
    Proprietary,
    /// `Cdtr/Id` with the ISO code NIDN for persons and COID for companies.
    NationalId,
    /// `Cdtr/Id` with the ISO code SOSE for persons and COID for companies.
    SocialSecurity,
    /// `CdtrAcct/Id/Othr` with the number and its scheme: an identification, not an account.
    InAccount,
    /// `CdtrAcct/Prxy`, the alias of an account, with the number and its type: the same.
    Alias,
}

/// The version of an authority's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V03,
    V09,
    V12,
}

/// An authority of the seeded Denmark.
#[derive(Debug)]
pub(crate) struct AuthoritySpec {
    pub(crate) name: &'static str,
    pub(crate) kind: PayerKind,
    /// Codes of its benefits; those in [`COMPANY_BENEFITS`] go to companies.
    pub(crate) benefits: &'static [&'static str],
    pub(crate) choice: Choice,
    pub(crate) fall_back: bool,
    pub(crate) bank: usize,
    pub(crate) pays_euro: bool,
    pub(crate) version: Version,
    /// Whether its files stand in an envelope behind a business application header (`head.001`).
    pub(crate) in_envelope: bool,
    pub(crate) style: NumberStyle,
    /// Its share of all payments.
    pub(crate) weight: u64,
}

/// An authority that returns what has no account, pays kroner and writes version 09.
const ORDINARY: AuthoritySpec = AuthoritySpec {
    name: "",
    kind: PayerKind::Authority,
    benefits: &[],
    choice: Choice::Return,
    fall_back: false,
    bank: 0,
    pays_euro: false,
    version: Version::V09,
    in_envelope: false,
    style: NumberStyle::Proprietary,
    weight: 6,
};

const MUNICIPAL: &[&str] = &["NKSKOH", "NKSLØN", "NKSLEV"];

pub(crate) const AUTHORITIES: [AuthoritySpec; 12] = [
    AuthoritySpec { name: "Kommune Nordstrand (demo)", benefits: MUNICIPAL, ..ORDINARY },
    AuthoritySpec { name: "Kommune Søndermose (demo)", benefits: MUNICIPAL, bank: 1, version: Version::V03, ..ORDINARY },
    AuthoritySpec { name: "Kommune Vesterlund (demo)", benefits: MUNICIPAL, bank: 2, fall_back: true, ..ORDINARY },
    AuthoritySpec { name: "Kommune Østerbæk (demo)", benefits: MUNICIPAL, bank: 3, style: NumberStyle::NationalId, ..ORDINARY },
    AuthoritySpec { name: "Kommune Klitbjerg (demo)", benefits: MUNICIPAL, bank: 4, style: NumberStyle::InAccount, ..ORDINARY },
    AuthoritySpec {
        name: "Region Havkyst (demo)",
        benefits: &["NKSLØN", "NKSLEV"],
        bank: 1,
        version: Version::V12,
        style: NumberStyle::Alias,
        ..ORDINARY
    },
    AuthoritySpec {
        name: "Tilskudsstyrelsen (demo)",
        benefits: &["TILSKUD", "NKSLEV"],
        bank: 2,
        fall_back: true,
        pays_euro: true,
        in_envelope: true,
        weight: 3,
        ..ORDINARY
    },
    AuthoritySpec {
        name: "Studiestøttekontoret (demo)",
        benefits: &["NKSUDD"],
        bank: 3,
        version: Version::V03,
        style: NumberStyle::SocialSecurity,
        weight: 12,
        ..ORDINARY
    },
    AuthoritySpec {
        name: "Pensionshuset (demo)",
        benefits: &["NKSSOP"],
        choice: Choice::ErrorAccount,
        bank: 4,
        weight: 20,
        ..ORDINARY
    },
    AuthoritySpec { name: "Familieydelser (demo)", benefits: &["NKSBFY"], version: Version::V03, weight: 14, ..ORDINARY },
    AuthoritySpec { name: "Skat (demo)", benefits: &["NKSOST"], choice: Choice::Holding, weight: 20, ..ORDINARY },
    AuthoritySpec {
        name: "Gældsinddrivelsen (demo)",
        kind: PayerKind::RecoveryAuthority,
        benefits: &["RESTBELØB"],
        bank: 1,
        weight: 1,
        ..ORDINARY
    },
];

/// Benefits that are paid to companies and not to persons.
pub(crate) const COMPANY_BENEFITS: [&str; 2] = ["NKSLEV", "TILSKUD"];

/// A benefit and its terms in the seeded Denmark.
#[derive(Debug)]
pub(crate) struct BenefitSpec {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) locked: bool,
    /// Whether a due day that is no bank day moves forward; else it moves back.
    pub(crate) forward: bool,
    /// Whether general markers of the recovery authority catch it.
    pub(crate) takes_part: bool,
}

pub(crate) const BENEFITS: [BenefitSpec; 9] = [
    benefit("NKSKOH", "Kontanthjælp", false, true),
    benefit("NKSLØN", "Løn", false, true),
    BenefitSpec { forward: true, ..benefit("NKSLEV", "Leverandørbetaling", false, true) },
    BenefitSpec { forward: true, ..benefit("TILSKUD", "Tilskud", false, true) },
    benefit("NKSUDD", "Uddannelsesstøtte", true, true),
    benefit("NKSSOP", "Social pension", false, true),
    benefit("NKSBFY", "Børne- og ungeydelse", false, false),
    BenefitSpec { forward: true, ..benefit("NKSOST", "Overskydende skat", false, true) },
    BenefitSpec { forward: true, ..benefit("RESTBELØB", "Restbeløb fra inddrivelse", false, false) },
];

const fn benefit(code: &'static str, name: &'static str, locked: bool, takes_part: bool) -> BenefitSpec {
    BenefitSpec { code, name, locked, forward: false, takes_part }
}
