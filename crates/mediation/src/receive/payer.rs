//! The payer of a delivery, as far as reading needs it.

use contracts::parties::{BankProfile, ClosedDays, DateMeaning, DebtorAccount, PayerKind, PayerProfile, Unit};
use iso20022::CharacterSet;
use jiff::civil::Date;
use primitives::{Account, AgreementNumber, BankCode, BenefitCode, Cvr, DataSupplierId, ShiftRule, UnitCode};

use crate::characters;
use crate::due_date::DateTerms;

/// The payer's agreement with what follows from it.
#[derive(Clone, Debug)]
pub(crate) struct Payer {
    pub agreement: AgreementNumber,
    pub cvr: Cvr,
    /// Its payouts are never caught by the recovery authority's markers: it is that authority.
    pub exempt: bool,
    pub fall_back_to_cvr: bool,
    pub today: Date,
    /// Who may send for it.
    pub data_suppliers: Vec<DataSupplierId>,
    /// Whether a requested date that is no bank day is refused and not moved.
    pub bank_days_only: bool,
    date_meaning: DateMeaning,
    benefits: Vec<(BenefitCode, ShiftRule)>,
    units: Vec<Unit>,
    debtor_accounts: Vec<DebtorAccount>,
    banks: Vec<BankTerms>,
}

/// What reading needs of a bank.
#[derive(Clone, Copy, Debug)]
struct BankTerms {
    code: BankCode,
    domestic_lag: u8,
    characters: CharacterSet,
}

impl Payer {
    /// The payer by its profile and the banks'.
    pub fn new(profile: PayerProfile, banks: &[BankProfile], today: Date) -> Self {
        Self {
            agreement: profile.agreement,
            cvr: profile.cvr,
            exempt: profile.kind == PayerKind::RecoveryAuthority,
            fall_back_to_cvr: profile.fall_back_to_cvr,
            today,
            data_suppliers: profile.data_suppliers,
            bank_days_only: profile.closed_days == ClosedDays::Refuse,
            date_meaning: profile.date_meaning,
            benefits: profile.benefits.into_iter().map(|terms| (terms.code, terms.shift)).collect(),
            units: profile.units,
            debtor_accounts: profile.debtor_accounts,
            banks: banks.iter().map(BankTerms::of).collect(),
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
        let lag = self.bank(bank).map_or(0, |bank| bank.domestic_lag);
        DateTerms { meaning: self.date_meaning, lag, shift }
    }

    /// The characters the bank takes.
    pub fn characters(&self, bank: &BankCode) -> CharacterSet {
        self.bank(bank).map_or(CharacterSet::Unicode, |bank| bank.characters)
    }

    fn bank(&self, code: &BankCode) -> Option<&BankTerms> {
        self.banks.iter().find(|bank| bank.code == *code)
    }

    /// The payer's own account with this number, and so its bank.
    pub fn debtor_account(&self, account: &Account) -> Option<&DebtorAccount> {
        self.debtor_accounts.iter().find(|known| known.account == *account)
    }

    pub fn has_unit(&self, unit: &UnitCode) -> bool {
        self.units.iter().any(|known| known.code == *unit)
    }
}

impl BankTerms {
    fn of(bank: &BankProfile) -> Self {
        Self { code: bank.code, domestic_lag: bank.domestic_lag, characters: characters::of_bank(bank) }
    }
}
