//! Changes that are held because they looked wrong: who looks at them, releases them or refuses them.

use jiff::Timestamp;
use jiff::civil::Date;
use primitives::{Account, EntryRef, HolderRef, Identifier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AccountPurpose, DesignationRoute};

/// The most held changes of one page.
pub const MAX_HELD: u32 = 200;
/// The most held changes one call may refuse: each is followed back to what it had replaced.
pub const MAX_REFUSALS: usize = 100;

/// Why a change looked wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldSignal {
    /// Many payees got the same account in a short time.
    SharedAccount,
    /// An account abroad shortly after a new address.
    AbroadAfterContactChange,
    /// Many wrong codes were entered.
    WrongCodes,
    /// It is an estate's: whoever shows a court's document waits.
    Estate,
}

impl HoldSignal {
    /// All signals.
    pub const ALL: [Self; 4] = [Self::SharedAccount, Self::AbroadAfterContactChange, Self::WrongCodes, Self::Estate];

    /// The signal's name, as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SharedAccount => "shared_account",
            Self::AbroadAfterContactChange => "abroad_after_contact_change",
            Self::WrongCodes => "wrong_codes",
            Self::Estate => "estate",
        }
    }
}

/// A change that waits, because it looked wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hold {
    /// The entry that waits.
    pub entry: EntryRef,
    /// Why: `shared_account`, `abroad_after_contact_change`, `wrong_codes`, `estate`.
    pub signals: Vec<String>,
    /// The day payments follow it, if nobody releases it.
    pub until: Date,
    /// The day they would have followed it.
    pub wished: Date,
    /// Who has released it so far: labels. It takes two, neither of whom has made the change.
    pub released_by: Vec<String>,
    /// Who has refused it: a label. Payments never follow it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_by: Option<String>,
}

/// A person's release of a change that waits. Whoever has made the change, in any of its versions, releases nothing of it: it takes two others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HoldRelease {
    /// The holder, by any of its numbers.
    pub identifier: Identifier,
    /// The entry that waits.
    pub entry: EntryRef,
    /// How many had released it when the caller saw it. When given and no longer so, the item is refused with `CONFLICT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<u32>,
    /// Why, 1 to 200 characters.
    pub reason: String,
}

/// What a release has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "released", rename_all = "snake_case")]
pub enum HoldReleased {
    /// A second person must release it too.
    First,
    /// Two people have: payments follow it.
    Released {
        /// From this day.
        effective_from: Date,
    },
}

/// A person's refusal of a change that waits: it never comes into force, and what it would have replaced stays. One person is enough, since
/// nothing changes for payments; it is never who made the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HoldRefusal {
    /// The holder, by any of its numbers.
    pub identifier: Identifier,
    /// The entry that waits.
    pub entry: EntryRef,
    /// How many had released it when the caller saw it. When given and no longer so, the item is refused with `CONFLICT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<u32>,
    /// Why, 1 to 200 characters.
    pub reason: String,
}

/// Asks for the changes that wait, of all holders. A caseworker is shown those of NemKonti, and of specific accounts those of the own authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldQuery {
    /// Only those with this signal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<HoldSignal>,
    /// Only this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntryRef>,
    /// The last one of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<HeldPosition>,
    /// At most this many, 1 to [`MAX_HELD`].
    pub limit: u32,
}

/// Where a change stands among those that wait: by the day it waits until, then by entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldPosition {
    /// The day it waits until.
    pub until: Date,
    /// Its entry.
    pub entry: EntryRef,
}

/// A page of the changes that wait, those first whose time is over first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldPage {
    /// The changes.
    pub held: Vec<HeldChange>,
    /// Whether there are more.
    pub more: bool,
}

/// A change that waits, with what somebody needs who decides on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldChange {
    /// The holder.
    pub holder: HolderRef,
    /// The holder's number in use now.
    pub identifier: Identifier,
    /// What the account is for.
    pub purpose: AccountPurpose,
    /// The account payments would follow.
    pub account: Account,
    /// By which route it came.
    pub route: DesignationRoute,
    /// Who has made the change, in all its versions until it was held: labels. None of them releases or refuses it.
    pub made_by: Vec<String>,
    /// When it was held.
    pub placed_at: Timestamp,
    /// Why and until when it waits, and who has released it.
    pub hold: Hold,
}

impl HeldChange {
    /// Where it stands: to go on after it.
    #[must_use]
    pub const fn position(&self) -> HeldPosition {
        HeldPosition { until: self.hold.until, entry: self.hold.entry }
    }
}
