//! Parties: payers and their agreements, units, benefits, banks, data suppliers, users and role profiles.

use async_trait::async_trait;
use jiff::civil::Date;
use primitives::{Account, AgreementNumber, BankCode, BenefitCode, Bic, Currency, Cvr, DataSupplierId, ShiftRule, UnitCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Context, IdempotencyKey, ItemResult, Problem, operation::operations};

mod agreements;
mod network;
mod oversight;
mod rights;
mod routing;
mod terms;

pub use agreements::*;
pub use network::{Network, NetworkError};
pub use oversight::*;
pub use rights::*;
pub use routing::*;
pub use terms::*;

/// The whole house: who takes part, how agreements change, and who may do what. Whoever keeps the four contracts keeps this one.
pub trait PartiesHouse: Parties + Agreements + Rights + Oversight {}

impl<H: Parties + Agreements + Rights + Oversight + ?Sized> PartiesHouse for H {}

/// What parties promises.
#[async_trait]
pub trait Parties: Send + Sync {
    /// Records parties: banks, payers, users. A known bank or user gets a new dated version; nothing is overwritten. A known payer's
    /// agreement is changed by two persons, through [`Agreements`]: another profile than the known one is refused here.
    async fn record(
        &self, context: &Context, key: &IdempotencyKey, changes: Vec<PartyChange>,
    ) -> Result<Vec<ItemResult<()>>, Problem>;

    /// The payers' profiles as they apply on a day, in order; `None` where there is no agreement in force.
    async fn payers(&self, context: &Context, query: PayerQuery) -> Result<Vec<Option<PayerProfile>>, Problem>;

    /// All banks as they apply on a day.
    async fn banks(&self, context: &Context, on: Date) -> Result<Vec<BankProfile>, Problem>;

    /// The users by id, in order, with all they hold on a day, by recorded profile and by grants; `None` where that is nothing.
    async fn users(&self, context: &Context, query: UserQuery) -> Result<Vec<Option<UserProfile>>, Problem>;

    /// Every agreement in force on a day, by number.
    async fn directory(&self, context: &Context, on: Date) -> Result<Vec<DirectoryEntry>, Problem>;

    /// Takes that payments were handed to a bank: who looks up and pays is not who goes through numbers, so each gives a token back
    /// ([`Oversight`]). Where lookups are not counted there is nothing to give back.
    async fn payments_sent(&self, _context: &Context, _key: &IdempotencyKey, _sent: SentPayments) -> Result<(), Problem> {
        Ok(())
    }

    /// Which system pays the payers on a day, in order; `None` where the actor may not see it. Whoever runs beside no other system pays
    /// everybody.
    async fn routing(&self, _context: &Context, query: RoutingQuery) -> Result<Vec<Option<Routing>>, Problem> {
        Ok(vec![Some(Routing::default()); query.payers.len()])
    }
}

operations! { "parties";
    Record = "record" (true) "Record banks, payers and users" : Vec<PartyChange> => Vec<ItemResult<()>>;
    Payers = "payers" (false) "Profiles of payers on a day" : PayerQuery => Vec<Option<PayerProfile>>;
    Banks = "banks" (false) "All banks on a day" : Date => Vec<BankProfile>;
    Users = "users" (false) "Users by id on a day" : UserQuery => Vec<Option<UserProfile>>;
    Directory = "directory" (false) "Agreements in force on a day" : Date => Vec<DirectoryEntry>;
    RoutingOf = "routing" (false) "Which system pays payers on a day" : RoutingQuery => Vec<Option<Routing>>;
}

/// A party to record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "party", rename_all = "snake_case")]
pub enum PartyChange {
    /// A bank.
    Bank(BankProfile),
    /// A payer with its agreement.
    Payer(PayerProfile),
    /// A user with grants.
    User(UserProfile),
}

/// How a payer is looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum PayerKey {
    /// By agreement number (NKS-aftalenummer).
    Agreement {
        /// The number.
        number: AgreementNumber,
    },
    /// By the payer's CVR number, when it has exactly one agreement in force.
    Cvr {
        /// The number.
        number: Cvr,
    },
}

/// Asks for payers on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayerQuery {
    /// The day.
    pub on: Date,
    /// The payers.
    pub payers: Vec<PayerKey>,
}

/// Asks for users on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserQuery {
    /// The day.
    pub on: Date,
    /// The user ids.
    pub users: Vec<String>,
    /// At which authority: ids are unique only within one. Absent: where the user has a recorded profile, or the only one where something is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<PayerKey>,
}

/// The kind of a payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayerKind {
    /// A public authority (myndighed).
    Authority,
    /// A private payer (privat udbetaler) with legal basis.
    Private,
    /// The recovery authority (RIM); its payouts of a rest are exempt from its own markers.
    RecoveryAuthority,
    /// The system itself, where a house must pay (release from the holding account).
    System,
}

/// A payer and its agreement (tilslutningsaftale) as it applies on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayerProfile {
    /// The agreement number (NKS-aftalenummer).
    pub agreement: AgreementNumber,
    /// The payer's CVR number.
    pub cvr: Cvr,
    /// The payer's name, 1 to 140 characters.
    pub name: String,
    /// The payer's kind.
    pub kind: PayerKind,
    /// First day of this version of the agreement.
    pub valid_from: Date,
    /// First day it no longer applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// The units (LOS-enheder).
    pub units: Vec<Unit>,
    /// The accounts the payer pays from.
    pub debtor_accounts: Vec<DebtorAccount>,
    /// The benefits (ydelsesarter) the payer pays: central codes and its own.
    pub benefits: Vec<BenefitTerms>,
    /// What happens to a payout whose payee has no account (return answer 7).
    pub without_account: WithoutAccount,
    /// Whether a payment to an SE or P number may fall back to the CVR number's account; default no.
    #[serde(default)]
    pub fall_back_to_cvr: bool,
    /// What the payer's `ReqdExctnDt` means.
    pub date_meaning: DateMeaning,
    /// What becomes of payments whose `ReqdExctnDt` is no bank day. Default: they are moved.
    #[serde(default)]
    pub closed_days: ClosedDays,
    /// The data suppliers (dataleverandører) that may send for the payer.
    pub data_suppliers: Vec<DataSupplierId>,
}

/// A paying unit (LOS-enhed).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unit {
    /// Its code.
    pub code: UnitCode,
    /// Its name.
    pub name: String,
}

/// An account a payer pays from, in its own bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DebtorAccount {
    /// The account.
    pub account: Account,
    /// The bank that keeps it and executes the payments.
    pub bank: BankCode,
    /// Its currency.
    pub currency: Currency,
    /// The unit it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitCode>,
}

/// The terms of a benefit (ydelsesart) at one payer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BenefitTerms {
    /// Its code.
    pub code: BenefitCode,
    /// Its name.
    pub name: String,
    /// "Lås for kontoændringer": the payee may not change a specific account of this benefit.
    #[serde(default)]
    pub locked: bool,
    /// Where a due day that is no bank day is moved.
    pub shift: ShiftRule,
}

/// The agreement's choice for a payout whose payee has no account; dated by the profile's version. The default is `Return`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum WithoutAccount {
    /// Rejected back to the authority.
    Return,
    /// Transferred to the authority's own error account (fejlkonto).
    ErrorAccount {
        /// The error account.
        account: Account,
    },
    /// Transferred to the holding account (ventekonto), which discharges the payer.
    Holding,
}

/// What the date of a payer's order means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateMeaning {
    /// The day the money is at the payee's disposal (dispositionsdato).
    Disposal,
    /// The day the payer's bank executes, as ISO 20022 defines `ReqdExctnDt`.
    Execution,
}

/// What an agreement says of a requested date that is no bank day; dated by the profile's version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosedDays {
    /// The date moves by the benefit's rule.
    #[default]
    Move,
    /// The payments are refused (DT03): the payer wants to name the day itself.
    Refuse,
}

/// A bank (pengeinstitut) and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BankProfile {
    /// Its code in this system.
    pub code: BankCode,
    /// Its name.
    pub name: String,
    /// Its BIC.
    pub bic: Bic,
    /// Its registration numbers (registreringsnumre), 4 digits each.
    pub registration_numbers: Vec<String>,
    /// The version of pain.001 it takes.
    pub pain_version: PainVersion,
    /// Bank days between execution and disposal for a domestic credit transfer; no public source, default 0.
    #[serde(default)]
    pub domestic_lag: u8,
    /// Bank days between execution and disposal for a foreign transfer; no public source, default 1.
    #[serde(default)]
    pub foreign_lag: u8,
    /// Whether the bank's files carry the payee's number. Default no.
    #[serde(default)]
    pub needs_payee_number: bool,
    /// The characters its files are written in. Default: those the payer wrote.
    #[serde(default)]
    pub characters: BankCharacters,
}

/// The characters a bank takes. Names, addresses and texts are converted to them by the table in `HOW_TO_SEND.md`; references never are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BankCharacters {
    /// All that XML allows: nothing is converted.
    #[default]
    Unicode,
    /// The SWIFT X characters and the Danish letters.
    Danish,
    /// The SWIFT X characters alone, as the SEPA schemes have it.
    Sepa,
}

/// A version of pain.001 that can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum PainVersion {
    /// pain.001.001.03 with pain.002.001.03.
    #[serde(rename = "03")]
    V03,
    /// pain.001.001.09 with pain.002.001.10.
    #[serde(rename = "09")]
    V09,
}

/// What a caseworker may do: the function level. Both levels are required.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// NKS-Søg-Bet: search payments.
    SearchPayments,
    /// Stop payments.
    StopPayments,
    /// See and designate accounts.
    DesignateAccounts,
    /// Create specific accounts.
    SpecificAccounts,
    /// See control lists.
    ControlLists,
    /// Administer users of the own authority.
    AdministerUsers,
    /// Propose changes of the own authority's benefits.
    ManageBenefits,
    /// Propose any change of the own authority's agreement.
    ProposeChanges,
    /// Approve changes of the own authority's agreement that another proposed.
    ApproveChanges,
    /// See protected names and addresses.
    SeeProtected,
}

impl Function {
    /// All functions.
    pub const ALL: [Self; 10] = [
        Self::SearchPayments,
        Self::StopPayments,
        Self::DesignateAccounts,
        Self::SpecificAccounts,
        Self::ControlLists,
        Self::AdministerUsers,
        Self::ManageBenefits,
        Self::ProposeChanges,
        Self::ApproveChanges,
        Self::SeeProtected,
    ];

    /// Whether the function shows or touches data of benefits, so that the unit level is asked too. The others concern
    /// the authority itself, or whoever it works for.
    #[must_use]
    pub fn concerns_benefits(self) -> bool {
        !matches!(self, Self::AdministerUsers | Self::ProposeChanges | Self::ApproveChanges | Self::SeeProtected)
    }
}

/// Which benefits' data a caseworker may see: the unit level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum BenefitScope {
    /// VIS999: all benefits of the own authority, and payments without one.
    All,
    /// NKS-VISxxx per benefit; `without` is VISUYD, those without benefit.
    Only {
        /// The benefits.
        benefits: Vec<BenefitCode>,
        /// Whether payments without a benefit are seen too.
        without: bool,
    },
}

impl BenefitScope {
    /// No benefit, and no payment without one.
    #[must_use]
    pub fn nothing() -> Self {
        Self::Only { benefits: Vec::new(), without: false }
    }

    /// Adds what the other scope allows.
    pub fn widen(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::All, _) => {}
            (_, Self::All) => *self = Self::All,
            (Self::Only { benefits, without }, Self::Only { benefits: more, without: also }) => {
                benefits.extend(more.iter().filter(|benefit| !benefits.contains(benefit)).copied().collect::<Vec<_>>());
                *without |= *also;
            }
        }
    }

    /// Whether data of the benefit (or of none) may be seen.
    pub fn allows(&self, benefit: Option<&BenefitCode>) -> bool {
        match (self, benefit) {
            (Self::All, _) => true,
            (Self::Only { benefits, .. }, Some(code)) => benefits.contains(code),
            (Self::Only { without, .. }, None) => *without,
        }
    }
}

/// The benefits whose data may be seen of one unit (LOS-enhed).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnitScope {
    /// The unit.
    pub unit: UnitCode,
    /// The benefits.
    pub benefits: BenefitScope,
}

impl UnitScope {
    /// Whether one of the scopes allows data of the benefit (or of none) at the unit. What is of no unit is of none of them.
    #[must_use]
    pub fn allow(scopes: &[Self], unit: Option<UnitCode>, benefit: Option<&BenefitCode>) -> bool {
        scopes.iter().any(|scope| Some(scope.unit) == unit && scope.benefits.allows(benefit))
    }
}

/// A caseworker (sagsbehandler) and the role profile at the authority: everything the user holds there on a day, recorded or granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserProfile {
    /// The user's id, 1 to 64 characters.
    pub user: String,
    /// The user's name.
    pub name: String,
    /// The authority.
    pub authority: AgreementNumber,
    /// The functions granted.
    pub functions: Vec<Function>,
    /// The benefits whose data may be seen at every unit.
    pub scope: BenefitScope,
    /// What may be seen of single units beside. Told, not recorded: it is granted ([`Rights::grant`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<UnitScope>,
    /// First day of the grant; of a profile that is told, the first on which it is just this.
    pub valid_from: Date,
    /// First day it no longer applies: grants expire.
    pub valid_until: Date,
}

/// One line of the directory of agreements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DirectoryEntry {
    /// The agreement number.
    pub agreement: AgreementNumber,
    /// The payer's name.
    pub name: String,
    /// The payer's kind.
    pub kind: PayerKind,
}
