//! Where a payment belongs, by what the seeded Denmark knows; and whether it went there.

use super::key::Key;
use super::numbers::{is_complete, is_faulty, numbers};
use crate::denmark::{Payee, Redirected, Standing, World};
use crate::scan::{AccountIn, AccountKey, Row};

/// An account as a number that says nothing of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct AccountHash(u64);

impl AccountHash {
    pub(super) fn of(account: &AccountKey) -> Self {
        Self(Key::of(&[account.as_str()]).half())
    }
}

/// Where a payment belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    /// Nobody here knows.
    Unjudged,
    /// The row has a fault and may be refused.
    Faulty,
    /// To this account.
    Account(AccountHash),
    /// The payee has no account.
    WithoutAccount,
    /// The payee is closed or unknown.
    NotPayable,
}

/// Where a payment belongs, and whether the recovery authority comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) right: Right,
    pub(super) redirected: Redirected,
    pub(super) choice: Choice,
}

/// What the payer's agreement says of payouts without an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Unknown,
    Return,
    ErrorAccount,
    Holding,
}

/// Which purse a payment went into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Purse {
    Accounts,
    Recovery,
    Holding,
    ErrorAccount,
}

/// Judges the rows of one payer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judge<'w> {
    world: Option<(&'w World, usize)>,
    /// Whether there is a world at all.
    informed: bool,
}

impl<'w> Judge<'w> {
    /// The judge of a payer's rows; knows nothing without a world, or when the payer is not of it.
    /// Without `refusals_judged` every refusal is believed.
    pub(super) fn new(world: Option<&'w World>, agreement: &str, refusals_judged: bool) -> Self {
        let known = world.and_then(|world| Some((world, world.authority(agreement.parse().ok()?)?)));
        Self { world: known, informed: world.is_some() && refusals_judged }
    }

    /// Whether it is known who the payers are, and so when a refusal is without reason.
    pub(super) fn is_informed(&self) -> bool {
        self.informed
    }

    /// Whether the payer is one of this world.
    pub(super) fn knows_payer(&self) -> bool {
        self.world.is_some()
    }

    /// Whether the payer pays from the account.
    pub(super) fn is_payers_account(&self, account: &AccountIn) -> bool {
        let (Some((world, payer)), Some(key)) = (self.world, account.key()) else { return false };
        world.debtor_accounts_of(payer).any(|own| AccountKey::of_account(&own.into()) == key)
    }

    /// Where a row belongs; `block_benefit` holds unless the row names its own.
    pub(super) fn verdict(&self, row: &Row, block_benefit: Option<&str>) -> Verdict {
        let Some((world, payer)) = self.world else {
            let right = if is_faulty(row) { Right::Faulty } else { Right::Unjudged };
            return Verdict { right, redirected: Redirected::Unsaid, choice: Choice::Unknown };
        };
        let choice = if world.uses_holding(payer) {
            Choice::Holding
        } else if world.error_account(payer).is_some() {
            Choice::ErrorAccount
        } else {
            Choice::Return
        };
        let benefit = row.benefit.as_deref().or(block_benefit);
        let found: Vec<Option<Payee>> = numbers(row).into_iter().map(|(kind, digits)| world.find(kind, digits)).collect();
        let payee = found.first().copied().flatten();
        let redirected = payee.map_or(Redirected::No, |payee| world.redirected(payer, benefit, payee));
        let right = if is_faulty(row) {
            Right::Faulty
        } else if is_complete(row) {
            row.account.key().map_or(Right::Faulty, |account| Right::Account(AccountHash::of(&account)))
        } else {
            match world.standing(payer, benefit, payee, found.get(1).copied().flatten()) {
                Standing::Account(account) => Right::Account(AccountHash::of(&AccountKey::of_account(&account))),
                Standing::WithoutAccount => Right::WithoutAccount,
                Standing::Closed | Standing::Unknown => Right::NotPayable,
            }
        };
        Verdict { right, redirected, choice }
    }
}

impl Verdict {
    /// What is wrong with a payment that went into a purse, to an account; `None` when it went where it belongs.
    pub(super) fn objection(&self, purse: Purse, account: AccountHash) -> Option<&'static str> {
        if self.right == Right::Unjudged {
            return None;
        }
        match purse {
            Purse::Recovery => (self.redirected == Redirected::No).then_some("went to the recovery authority without a marker"),
            _ if self.redirected == Redirected::Yes => Some("was not redirected to the recovery authority"),
            Purse::Accounts => match self.right {
                Right::Account(right) if right == account => None,
                Right::Account(_) => Some("went to a wrong account"),
                Right::Faulty => Some("was paid though the row has a fault"),
                _ => Some("was paid to an account though the payee has none"),
            },
            Purse::Holding => {
                let allowed = self.right == Right::WithoutAccount || self.right == Right::NotPayable;
                (!allowed || self.choice != Choice::Holding).then_some("went to the holding account and does not belong there")
            }
            Purse::ErrorAccount => {
                let allowed = self.right == Right::WithoutAccount || self.right == Right::NotPayable;
                (!allowed || self.choice != Choice::ErrorAccount).then_some("went to the error account and does not belong there")
            }
        }
    }

    /// What is wrong with a payment that went back to the payer as not payable.
    pub(super) fn objection_to_return(&self) -> Option<&'static str> {
        let other_choice = self.right == Right::WithoutAccount && matches!(self.choice, Choice::Holding | Choice::ErrorAccount);
        if self.redirected == Redirected::Yes {
            Some("was returned and not redirected to the recovery authority")
        } else {
            other_choice.then_some("was returned though the agreement says otherwise")
        }
    }

    /// The purses it may be in without carrying the payer's reference.
    pub(super) fn possible_purses(&self) -> Vec<Purse> {
        match (self.right, self.redirected, self.choice) {
            (Right::Unjudged, _, _) => vec![Purse::Recovery, Purse::Holding, Purse::ErrorAccount],
            (_, Redirected::Yes, _) => vec![Purse::Recovery],
            (Right::WithoutAccount | Right::NotPayable, redirected, choice) => {
                let own = match choice {
                    Choice::Holding => Some(Purse::Holding),
                    Choice::ErrorAccount => Some(Purse::ErrorAccount),
                    Choice::Return | Choice::Unknown => None,
                };
                own.into_iter().chain((redirected == Redirected::Unsaid).then_some(Purse::Recovery)).collect()
            }
            (_, Redirected::Unsaid, _) => vec![Purse::Recovery],
            _ => Vec::new(),
        }
    }
}
