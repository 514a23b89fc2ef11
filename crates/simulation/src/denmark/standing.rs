//! What the register ought to answer: the truth the auditor compares with.

use contracts::register::HolderStatus;

use super::{Payee, Standing, World};

impl World {
    /// Where a payout of a payer's benefit to a payee belongs. For an SE unit or production unit the `fallback` company counts where
    /// the payer's agreement allows it.
    #[must_use]
    pub fn standing(&self, payer: usize, benefit: Option<&str>, payee: Option<Payee>, fallback: Option<Payee>) -> Standing {
        let own = payee.map_or(Standing::Unknown, |payee| self.own_standing(payer, benefit, payee));
        let may_fall_back = self.falls_back(payer) && matches!(own, Standing::WithoutAccount | Standing::Unknown);
        match fallback.filter(|_| may_fall_back).map(|company| self.own_standing(payer, benefit, company)) {
            Some(Standing::Account(account)) => Standing::Account(account),
            _ => own,
        }
    }

    fn own_standing(&self, payer: usize, benefit: Option<&str>, payee: Payee) -> Standing {
        let status = match payee {
            Payee::Person(index) => self.person_status(index).0,
            unit => self.unit_status(unit).0,
        };
        if status != HolderStatus::Active {
            return Standing::Closed;
        }
        let agreement = Self::agreement_of(payer);
        let specific = self
            .specific_account(payee)
            .filter(|specific| specific.payer == agreement && benefit == Some(specific.benefit.as_str()));
        match specific.map(|specific| specific.account).or_else(|| self.nemkonto(payee)) {
            Some(account) => Standing::Account(account),
            None => Standing::WithoutAccount,
        }
    }
}
