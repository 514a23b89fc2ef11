//! Who has which account, for what.

use contracts::register::{AccountPurpose, Designation, DesignationRoute};
use primitives::{Account, AgreementNumber, BenefitCode};

use super::accounts::{self, AccountKind};
use super::authorities::{AUTHORITIES, COMPANY_BENEFITS};
use super::{Payee, World};
use crate::dice::Stream;

/// Designations were taken over at most this many days ago.
const OLDEST_DESIGNATION_DAYS: u64 = 7_000;
/// Half of the SE units and production units have an account of their own.
const UNITS_WITH_ACCOUNT: u32 = 5_000;

/// A specific account: one payer, one benefit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecificAccount {
    /// The payer.
    pub payer: AgreementNumber,
    /// The benefit.
    pub benefit: BenefitCode,
    /// The account.
    pub account: Account,
}

impl World {
    /// The holder's NemKonto, if there is one. A closed holder may still have one; it is not paid to.
    #[must_use]
    pub fn nemkonto(&self, payee: Payee) -> Option<Account> {
        let danish = |kind, index| Some(self.accounts.danish(kind, index).into());
        match payee {
            Payee::Person(index) => self.drawn_account(Stream::PersonAccount, AccountKind::PersonNemKonto, index),
            Payee::Company(index) => self.drawn_account(Stream::CompanyAccount, AccountKind::Company, index),
            Payee::SeUnit(index) if self.unit_has_account(index) => danish(AccountKind::SeUnit, index),
            Payee::ProductionUnit(index) if self.unit_has_account(!index) => danish(AccountKind::ProductionUnit, index),
            Payee::SeUnit(_) | Payee::ProductionUnit(_) => None,
        }
    }

    /// The holder's specific account, if there is one: only persons with a NemKonto have any.
    #[must_use]
    pub fn specific_account(&self, payee: Payee) -> Option<SpecificAccount> {
        let Payee::Person(index) = payee else { return None };
        let mut dice = self.dice(Stream::PersonSpecific, index);
        if !dice.falls(self.rates.specific) || self.nemkonto(payee).is_none() {
            return None;
        }
        let payer = usize::try_from(dice.below(AUTHORITIES.len() as u64)).expect("an index of the table");
        let benefit = *dice.pick(AUTHORITIES[payer].benefits);
        (!COMPANY_BENEFITS.contains(&benefit)).then(|| SpecificAccount {
            payer: Self::agreement_of(payer),
            benefit: BenefitCode::parse(benefit).expect("a code of the table"),
            account: self.accounts.danish(AccountKind::PersonSpecific, index).into(),
        })
    }

    /// Every designation of the holder: none, the NemKonto, or the NemKonto and a specific account.
    pub fn designations_of(&self, payee: Payee) -> impl Iterator<Item = Designation> + use<> {
        let identifier = self.identifier(payee);
        let specific = self.specific_account(payee).map(|specific| {
            let purpose = AccountPurpose::Specific { payer: specific.payer, benefit: specific.benefit };
            (purpose, specific.account)
        });
        let valid_from = self.days_ago(self.dice(Stream::AccountNumber, payee.place()).below(OLDEST_DESIGNATION_DAYS));
        let nemkonto = self.nemkonto(payee).map(|account| (AccountPurpose::NemKonto, account));
        nemkonto.into_iter().chain(specific).map(move |(purpose, account)| Designation {
            identifier: identifier.clone(),
            purpose,
            account,
            valid_from,
            route: DesignationRoute::Migration,
            expected: None,
            reason: "Overtaget fra det hidtidige register (demo)".to_owned(),
        })
    }

    fn drawn_account(&self, stream: Stream, kind: AccountKind, index: u64) -> Option<Account> {
        let mut dice = self.dice(stream, index);
        if dice.falls(self.rates.without_account) {
            None
        } else if dice.falls(self.rates.foreign_account) {
            Some(accounts::foreign(&mut dice))
        } else {
            Some(self.accounts.danish(kind, index).into())
        }
    }

    fn unit_has_account(&self, key: u64) -> bool {
        self.dice(Stream::ProductionUnitNumber, key).falls(UNITS_WITH_ACCOUNT)
    }
}
