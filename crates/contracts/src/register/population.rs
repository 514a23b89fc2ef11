//! Who is in the register: what the civil and the business register tell, and holders that turn out to be one, or two.

use jiff::{Timestamp, civil::Date};
use primitives::{Country, EntryRef, HolderRef, Identifier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::HolderKind;

/// A register that tells events of holders, as a feed with positions of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceRegister {
    /// The civil register (CPR).
    Cpr,
    /// The business register (CVR).
    Cvr,
}

/// An event of a source register. Applied once for each position, whenever it comes; what holds is decided by `on`, then by `position`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceEvent {
    /// Who tells it.
    pub source: SourceRegister,
    /// Its place in the source's feed, from 1.
    pub position: u64,
    /// Whom it is about, by the number the source told it under.
    pub identifier: Identifier,
    /// The day it happened.
    pub on: Date,
    /// What happened.
    pub fact: SourceFact,
}

/// What happened to a holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum SourceFact {
    /// A person was born (CPR) or got its first number, or a unit was founded (CVR). Makes the holder where it is not known yet.
    Born {
        /// Full name, 1 to 140 characters.
        name: String,
        /// Who acts for the person until it is 18: usually the holders of custody.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        guardians: Vec<Identifier>,
    },
    /// The person died. Its account is end-marked three years later, so that the estate can be paid.
    Died,
    /// The death was told by mistake.
    DeathAnnulled,
    /// The person left the country. Ends no account.
    Emigrated,
    /// The person came back.
    Immigrated,
    /// The person got a new number; the old one stays linked.
    NumberChanged {
        /// The new number.
        new: Identifier,
    },
    /// Others act for the person. Ends no account.
    GuardianshipBegan {
        /// Who acts.
        guardians: Vec<Identifier>,
    },
    /// The person acts for itself again.
    GuardianshipEnded,
    /// A new name.
    NameChanged {
        /// Full name, 1 to 140 characters.
        name: String,
    },
    /// A new registered address.
    AddressChanged {
        /// The address.
        address: PostalAddress,
    },
    /// Name and address are protected from now on, or no longer.
    ProtectionChanged {
        /// Whether they are.
        is_protected: bool,
    },
    /// A bankruptcy decree was made: the unit's account is end-marked on that day.
    BankruptcyDecreed,
    /// The decree was lifted or told by mistake.
    BankruptcyLifted,
    /// The unit ceased: its account is end-marked 360 days later.
    Ceased,
    /// The unit was resumed, or its end was told by mistake.
    Resumed,
}

/// A postal address as a source register writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PostalAddress {
    /// The lines below the name, in order: 1 to 5 of 1 to 70 characters.
    pub lines: Vec<String>,
    /// The country.
    pub country: Country,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum EventOutcome {
    /// It is part of what is known of the holder.
    Applied {
        /// The holder.
        holder: HolderRef,
    },
    /// The number is not known yet: the event is kept, and applied when the number is recorded.
    Waiting,
    /// The same event was told before; it had its effect then.
    Repeated,
}

/// How far a source register's feed has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceProgress {
    /// The highest position that has come; 0 before the first.
    pub highest: u64,
    /// How many events wait for their number to be recorded.
    pub waiting: u64,
    /// The first gaps: ranges of positions that have not come, both ends included; at most 100.
    pub missing: Vec<(u64, u64)>,
}

/// The latest payout to a holder, which decides when an unused holder is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LastPayout {
    /// The holder.
    pub holder: HolderRef,
    /// The day of the payout.
    pub on: Date,
}

/// Two holders that are one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HolderMerge {
    /// A number of the holder whose reference is no longer used.
    pub from: Identifier,
    /// A number of the holder that stands for both. Its accounts win; where it has none for a purpose, the other's are taken over.
    pub into: Identifier,
    /// Why, 1 to 200 characters.
    pub reason: String,
}

/// A holder that is two: some of its numbers are somebody else's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HolderSplit {
    /// The numbers that leave; the first is the new holder's current one. At least one stays.
    pub identifiers: Vec<Identifier>,
    /// Person or unit.
    pub kind: HolderKind,
    /// The new holder's name, 1 to 140 characters.
    pub name: String,
    /// Its date of birth, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Date>,
    /// Entries in force that are the new holder's and leave with it. All others stay: nobody is paid on an account by a guess.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<EntryRef>,
    /// Why, 1 to 200 characters.
    pub reason: String,
}

/// Whether holders became one or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// `from` became part of `into`.
    Merge,
    /// `into` came out of `from`.
    Split,
}

/// How two holders are linked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HolderLink {
    /// Merge or split.
    pub kind: LinkKind,
    /// The holder before.
    pub from: HolderRef,
    /// The holder after.
    pub into: HolderRef,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who recorded it: a label.
    pub by: String,
    /// Why.
    pub reason: String,
}
