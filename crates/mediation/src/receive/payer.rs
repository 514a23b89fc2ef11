//! The payer of a delivery, as far as reading needs it.

use contracts::parties::{BankProfile, DateMeaning, DebtorAccount, PayerKind, PayerProfile, Unit};
use jiff::civil::Date;
use primitives::{Account, AgreementNumber, BankCode, BenefitCode, DataSupplierId, ShiftRule, UnitCode};

use crate::due_date::DateTerms;

/// The payer's agreement with what follows from it.
#[derive(Clone, Debug)]
pub(crate) struct Payer {
    pub agreement: AgreementNumber,
    /// Its payouts are never caught by the recovery authority's markers: it is that authority.
    pub exempt: bool,
    pub fall_back_to_cvr: bool,
    pub today: Date,
    /// Who may send for it.
    pub data_suppliers: Vec<DataSupplierId>,
    date_meaning: DateMeaning,
    benefits: Vec<(BenefitCode, ShiftRule)>,
    units: Vec<Unit>,
    debtor_accounts: Vec<DebtorAccount>,
    domestic_lags: Vec<(BankCode, u8)>,
}

impl Payer {
    /// The payer by its profile and the banks'.
    pub fn new(profile: PayerProfile, banks: &[BankProfile], today: Date) -> Self {
        Self {
            agreement: profile.agreement,
            exempt: profile.kind == PayerKind::RecoveryAuthority,
            fall_back_to_cvr: profile.fall_back_to_cvr,
            today,
            data_suppliers: profile.data_suppliers,
            date_meaning: profile.date_meaning,
            benefits: profile.benefits.into_iter().map(|terms| (terms.code, terms.shift)).collect(),
            units: profile.units,
            debtor_accounts: profile.debtor_accounts,
            domestic_lags: banks.iter().map(|bank| (bank.code, bank.domestic_lag)).collect(),
        }
    }

    /// The rule by which due days of the benefit move, or of no benefit; `None` when the payer does not pay the benefit.
    pub fn shift(&self, benefit: Option<&BenefitCode>) -> Option<ShiftRule> {
        match benefit {
            None => Some(ShiftRule::Next),
            Some(code) => self.benefits.iter().find(|(known, _)| known == code).map(|(_, shift)| *shift),
        }
    }

    /// How the payer's dates are understood for payments through the bank.
    pub fn date_terms(&self, bank: &BankCode, shift: ShiftRule) -> DateTerms {
        let lag = self.domestic_lags.iter().find(|(code, _)| code == bank).map_or(0, |(_, lag)| *lag);
        DateTerms { meaning: self.date_meaning, lag, shift }
    }

    /// The payer's own account with this number, and so its bank.
    pub fn debtor_account(&self, account: &Account) -> Option<&DebtorAccount> {
        self.debtor_accounts.iter().find(|known| known.account == *account)
    }

    pub fn has_unit(&self, unit: &UnitCode) -> bool {
        self.units.iter().any(|known| known.code == *unit)
    }
}
