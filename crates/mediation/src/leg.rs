//! A leg (delbetaling): a part of a payment and where it goes.

use contracts::mediation::Destination;
use primitives::{Account, DepositRef, EntryRef, HolderRef, Money, ReservationRef};

use crate::error::Error;

/// A part of a payment with its destination. Accounts are borrowed from the facts that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leg<'f> {
    /// How much: positive.
    pub amount: Money,
    /// Where it goes, with the evidence.
    pub target: Target<'f>,
}

/// Where a leg goes, with the evidence kept for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target<'f> {
    /// The account of a complete order (komplet betalingsordre): the payer's word.
    Given {
        /// The account.
        account: &'f Account,
    },
    /// The payee's account by the register.
    Payee {
        /// The account.
        account: &'f Account,
        /// The payee.
        holder: HolderRef,
        /// The register's entry.
        entry: EntryRef,
    },
    /// The recovery authority.
    Recovery {
        /// The authority's account.
        account: &'f Account,
        /// The reservation at set-off.
        reservation: ReservationRef,
        /// The rules that decided.
        rule_version: i32,
    },
    /// The holding account (ventekonto).
    Holding {
        /// The state-owned account.
        account: &'f Account,
        /// The payee.
        holder: HolderRef,
        /// The reserved deposit.
        deposit: DepositRef,
        /// Why the payee cannot be paid: ISO reason.
        reason: Reason,
    },
    /// The payer's own error account (fejlkonto).
    ErrorAccount {
        /// The account.
        account: &'f Account,
        /// Why the payee cannot be paid: ISO reason.
        reason: Reason,
    },
    /// Back to the payer: no money moves.
    Payer {
        /// Why the payee cannot be paid: ISO reason.
        reason: Reason,
    },
}

/// Why a payee could not be paid (return answer 7), as an ISO 20022 status reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// AC03, invalid creditor account number: the payee is known and has no account.
    NoAccount,
    /// AC04, closed account number: the payee is end-marked (slutmarkeret) or deleted.
    Closed,
    /// BE17, invalid creditor identification code: the number is not in the register.
    UnknownPayee,
}

impl Reason {
    /// The ISO code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoAccount => "AC03",
            Self::Closed => "AC04",
            Self::UnknownPayee => "BE17",
        }
    }
}

impl<'f> Target<'f> {
    /// The destination as the contract names it.
    pub fn destination(&self) -> Destination {
        match self {
            Self::Given { .. } | Self::Payee { .. } => Destination::Payee,
            Self::Recovery { .. } => Destination::Recovery,
            Self::Holding { .. } => Destination::Holding,
            Self::ErrorAccount { .. } => Destination::ErrorAccount,
            Self::Payer { .. } => Destination::Payer,
        }
    }

    /// The account the money goes to; none where no money moves.
    pub fn account(&self) -> Option<&'f Account> {
        match self {
            Self::Given { account }
            | Self::Payee { account, .. }
            | Self::Recovery { account, .. }
            | Self::Holding { account, .. }
            | Self::ErrorAccount { account, .. } => Some(account),
            Self::Payer { .. } => None,
        }
    }

    /// The payee, where the register knew it.
    pub fn holder(&self) -> Option<HolderRef> {
        match self {
            Self::Payee { holder, .. } | Self::Holding { holder, .. } => Some(*holder),
            _ => None,
        }
    }

    /// The register's entry.
    pub fn entry(&self) -> Option<EntryRef> {
        match self {
            Self::Payee { entry, .. } => Some(*entry),
            _ => None,
        }
    }

    /// What is reserved at another house: at set-off for a redirect, at the holding account for a deposit.
    pub fn reservation(&self) -> Option<i64> {
        match self {
            Self::Recovery { reservation, .. } => Some(reservation.get()),
            Self::Holding { deposit, .. } => Some(deposit.get()),
            _ => None,
        }
    }

    /// The rules that decided a redirect.
    pub fn rule_version(&self) -> Option<i32> {
        match self {
            Self::Recovery { rule_version, .. } => Some(*rule_version),
            _ => None,
        }
    }

    /// Why the payee could not be paid.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Holding { reason, .. } | Self::ErrorAccount { reason, .. } | Self::Payer { reason } => Some(*reason),
            _ => None,
        }
    }
}

/// The code of a destination in the database.
pub(crate) fn destination_code(destination: Destination) -> i16 {
    match destination {
        Destination::Payee => 1,
        Destination::Recovery => 2,
        Destination::Holding => 3,
        Destination::ErrorAccount => 4,
        Destination::Payer => 5,
    }
}

/// The destination with this code.
pub(crate) fn destination_from_code(code: i16) -> Result<Destination, Error> {
    match code {
        1 => Ok(Destination::Payee),
        2 => Ok(Destination::Recovery),
        3 => Ok(Destination::Holding),
        4 => Ok(Destination::ErrorAccount),
        5 => Ok(Destination::Payer),
        _ => Err(Error::Corrupt("a leg's destination")),
    }
}

/// Which way a leg's money travels: decides batches and clearing lag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Route {
    /// Kroner to a Danish account.
    Domestic,
    /// Anything else.
    Foreign,
}

impl Route {
    /// The route of an amount to an account.
    pub fn of(amount: Money, account: &Account) -> Self {
        match account {
            Account::Danish(_) if amount.currency() == primitives::Currency::DKK => Self::Domestic,
            _ => Self::Foreign,
        }
    }

    /// The code in the database.
    pub fn code(self) -> i16 {
        match self {
            Self::Domestic => 1,
            Self::Foreign => 2,
        }
    }

    /// The route with this code.
    pub fn from_code(code: i16) -> Result<Self, Error> {
        match code {
            1 => Ok(Self::Domestic),
            2 => Ok(Self::Foreign),
            _ => Err(Error::Corrupt("a route")),
        }
    }
}

#[cfg(test)]
mod tests {
    use primitives::{Currency, DanishAccount, Iban};

    use super::*;

    #[test]
    fn codes_come_back() {
        for code in 1..=5 {
            assert_eq!(destination_code(destination_from_code(code).unwrap()), code);
        }
        for code in 1..=2 {
            assert_eq!(Route::from_code(code).unwrap().code(), code);
        }
        assert!(destination_from_code(6).is_err() && Route::from_code(0).is_err());
    }

    #[test]
    fn only_kroner_to_a_danish_account_are_domestic() {
        let danish = Account::from(DanishAccount::new("0040", "0440116243").unwrap());
        let german = Account::from_iban(Iban::parse("DE89370400440532013000").unwrap(), None);
        for (currency, account, expect) in [
            (Currency::DKK, &danish, Route::Domestic),
            (Currency::EUR, &danish, Route::Foreign),
            (Currency::DKK, &german, Route::Foreign),
        ] {
            assert_eq!(Route::of(Money::new(1, currency), account), expect);
        }
    }
}
