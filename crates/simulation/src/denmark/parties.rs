//! The parties as contract types: banks, payers with their agreements, caseworkers.

use contracts::parties::{
    BenefitScope, BenefitTerms, ClosedDays, DateMeaning, DebtorAccount, Function, PartyChange, PayerKind, PayerProfile, Unit,
    UserProfile, WithoutAccount,
};
use jiff::{ToSpan, civil::Date};
use primitives::{Account, AgreementNumber, BankCode, BenefitCode, Currency, DanishAccount, DataSupplierId, ShiftRule, UnitCode};

use super::World;
use super::authorities::{AUTHORITIES, AuthoritySpec, BENEFITS, Choice};
use super::banks::BANKS;

/// The system's own payer stands after the authorities.
const SYSTEM: usize = AUTHORITIES.len();
/// Agreement numbers of the demo begin after this one.
const AGREEMENT_BASE: usize = 90_000_000;
/// The bank that keeps the state's accounts.
const STATE_BANK: usize = 0;

/// The accounts of an authority, by their place among its own.
#[derive(Clone, Copy)]
enum Purse {
    Kroner,
    Euro,
    Error,
    Received,
}

impl World {
    /// How many authorities there are.
    #[must_use]
    pub fn authorities(&self) -> usize {
        AUTHORITIES.len()
    }

    /// The agreement numbers of the authorities, in order.
    pub fn agreements(&self) -> impl Iterator<Item = AgreementNumber> + use<> {
        (0..AUTHORITIES.len()).map(Self::agreement_of)
    }

    /// The place of an authority by its agreement number.
    #[must_use]
    pub fn authority(&self, agreement: AgreementNumber) -> Option<usize> {
        (0..AUTHORITIES.len()).find(|authority| Self::agreement_of(*authority) == agreement)
    }

    /// The agreement number of the payer that stands for the system: it pays out of the holding account.
    #[must_use]
    pub fn system_agreement(&self) -> AgreementNumber {
        Self::agreement_of(SYSTEM)
    }

    /// The data supplier that sends an authority's files.
    #[must_use]
    pub fn data_supplier(&self, authority: usize) -> DataSupplierId {
        DataSupplierId::parse(&format!("DEMO-LEV-{}", 1 + authority % 3)).expect("within 35 characters")
    }

    /// The account of the recovery authority that redirected payouts go to.
    #[must_use]
    pub fn recovery_account(&self) -> Account {
        let authority = (0..AUTHORITIES.len()).find(|&payer| AUTHORITIES[payer].kind == PayerKind::RecoveryAuthority);
        let authority = authority.expect("the table has a recovery authority");
        self.purse(authority, Purse::Received).into()
    }

    /// The state-owned holding account (ventekonto).
    #[must_use]
    pub fn holding_account(&self) -> Account {
        self.accounts.institution(STATE_BANK, place(SYSTEM, Purse::Kroner)).into()
    }

    /// The error account (fejlkonto) of an authority that has chosen one.
    #[must_use]
    pub fn error_account(&self, authority: usize) -> Option<Account> {
        (AUTHORITIES[authority].choice == Choice::ErrorAccount).then(|| self.purse(authority, Purse::Error).into())
    }

    /// Whether an authority's payouts without an account go to the holding account.
    #[must_use]
    pub fn uses_holding(&self, authority: usize) -> bool {
        AUTHORITIES[authority].choice == Choice::Holding
    }

    /// Whether an authority's payments to SE and P numbers may fall back to the CVR number's account.
    #[must_use]
    pub fn falls_back(&self, authority: usize) -> bool {
        AUTHORITIES[authority].fall_back
    }

    /// The account an authority pays from, in kroner or in euro.
    #[must_use]
    pub fn debtor_account(&self, authority: usize, euro: bool) -> DanishAccount {
        self.purse(authority, if euro { Purse::Euro } else { Purse::Kroner })
    }

    /// Every account an authority pays from.
    pub(crate) fn debtor_accounts_of(&self, authority: usize) -> impl Iterator<Item = DanishAccount> + use<> {
        let euro = AUTHORITIES[authority].pays_euro.then(|| self.debtor_account(authority, true));
        std::iter::once(self.debtor_account(authority, false)).chain(euro)
    }

    /// The BIC of the bank an authority pays from.
    pub(crate) fn bank_bic(&self, authority: usize) -> &'static str {
        BANKS[AUTHORITIES[authority].bank].bic
    }

    /// The CVR number of an authority.
    pub(crate) fn authority_cvr(&self, authority: usize) -> primitives::Cvr {
        self.numbers.authority_cvr(authority as u64)
    }

    /// Every party: the banks first, then the payers, then the caseworkers.
    #[must_use]
    pub fn parties(&self) -> Vec<PartyChange> {
        let banks = BANKS.iter().map(|bank| PartyChange::Bank(bank.profile()));
        let payers = (0..AUTHORITIES.len()).map(|authority| PartyChange::Payer(self.payer(authority)));
        let system = std::iter::once(PartyChange::Payer(self.system_payer()));
        let users = (0..AUTHORITIES.len()).flat_map(|authority| self.users(authority)).map(PartyChange::User);
        banks.chain(payers).chain(system).chain(users).collect()
    }

    /// The codes of the banks.
    #[must_use]
    pub fn bank_codes(&self) -> Vec<BankCode> {
        BANKS.iter().map(super::banks::BankSpec::bank_code).collect()
    }

    /// The day the demo's agreements and rules begin: 1 January of last year.
    pub(super) fn opening_day(&self) -> Date {
        Date::new(self.today.year() - 1, 1, 1).expect("the first of January of a year within the calendar")
    }

    pub(crate) fn agreement_of(payer: usize) -> AgreementNumber {
        AgreementNumber::parse(&(AGREEMENT_BASE + 1 + payer).to_string()).expect("eight digits")
    }

    fn purse(&self, authority: usize, purse: Purse) -> DanishAccount {
        self.accounts.institution(AUTHORITIES[authority].bank, place(authority, purse))
    }

    fn payer(&self, authority: usize) -> PayerProfile {
        let spec = &AUTHORITIES[authority];
        let unit = Unit { code: unit_code("1001"), name: "Udbetaling".to_owned() };
        PayerProfile {
            agreement: Self::agreement_of(authority),
            cvr: self.authority_cvr(authority),
            name: spec.name.to_owned(),
            kind: spec.kind,
            valid_from: self.opening_day(),
            valid_until: None,
            debtor_accounts: self.debtor_accounts(authority, spec, &unit.code),
            units: vec![unit],
            benefits: spec.benefits.iter().map(|code| terms(code)).collect(),
            without_account: self.without_account(authority, spec),
            fall_back_to_cvr: spec.fall_back,
            date_meaning: DateMeaning::Disposal,
            closed_days: ClosedDays::Move,
            data_suppliers: vec![self.data_supplier(authority)],
        }
    }

    fn debtor_accounts(&self, authority: usize, spec: &AuthoritySpec, unit: &UnitCode) -> Vec<DebtorAccount> {
        let account = |purse, currency| DebtorAccount {
            account: self.purse(authority, purse).into(),
            bank: BANKS[spec.bank].bank_code(),
            currency,
            unit: Some(*unit),
        };
        let kroner = account(Purse::Kroner, Currency::DKK);
        let euro = spec.pays_euro.then(|| account(Purse::Euro, Currency::EUR));
        std::iter::once(kroner).chain(euro).collect()
    }

    fn without_account(&self, authority: usize, spec: &AuthoritySpec) -> WithoutAccount {
        match spec.choice {
            Choice::Return => WithoutAccount::Return,
            Choice::ErrorAccount => WithoutAccount::ErrorAccount { account: self.purse(authority, Purse::Error).into() },
            Choice::Holding => WithoutAccount::Holding,
        }
    }

    fn system_payer(&self) -> PayerProfile {
        PayerProfile {
            agreement: self.system_agreement(),
            cvr: self.numbers.authority_cvr(SYSTEM as u64),
            name: "Ventekontoen (demo)".to_owned(),
            kind: PayerKind::System,
            valid_from: self.opening_day(),
            valid_until: None,
            units: Vec::new(),
            debtor_accounts: vec![DebtorAccount {
                account: self.holding_account(),
                bank: BANKS[STATE_BANK].bank_code(),
                currency: Currency::DKK,
                unit: None,
            }],
            benefits: BENEFITS.iter().map(|benefit| terms(benefit.code)).collect(),
            without_account: WithoutAccount::Return,
            fall_back_to_cvr: false,
            date_meaning: DateMeaning::Disposal,
            closed_days: ClosedDays::Move,
            data_suppliers: vec![DataSupplierId::parse("NEMKONTO").expect("within 35 characters")],
        }
    }

    /// Two caseworkers per authority: one with every right, one who may only search payments of the first benefit.
    fn users(&self, authority: usize) -> [UserProfile; 2] {
        use Function::{AdministerUsers, ControlLists, DesignateAccounts, SearchPayments, SpecificAccounts, StopPayments};
        let all = vec![SearchPayments, StopPayments, DesignateAccounts, SpecificAccounts, ControlLists, AdministerUsers];
        let spec = &AUTHORITIES[authority];
        let first = BenefitCode::parse(spec.benefits[0]).expect("a code of the table");
        let user = |suffix: &str, title: &str, functions, scope| UserProfile {
            user: format!("sag-{:02}-{suffix}", authority + 1),
            name: format!("{title}, {}", spec.name),
            authority: Self::agreement_of(authority),
            functions,
            scope,
            units: Vec::new(),
            valid_from: self.opening_day(),
            valid_until: self.today.checked_add(1.years()).expect("a year ahead is within the calendar"),
        };
        let narrow = BenefitScope::Only { benefits: vec![first], without: false };
        [user("a", "Sagsbehandler A", all, BenefitScope::All), user("b", "Sagsbehandler B", vec![SearchPayments], narrow)]
    }
}

fn place(payer: usize, purse: Purse) -> u64 {
    payer as u64 * 4 + purse as u64
}

fn unit_code(text: &str) -> UnitCode {
    UnitCode::parse(text).expect("within 20 characters")
}

fn terms(code: &str) -> BenefitTerms {
    let spec = BENEFITS.iter().find(|benefit| benefit.code == code).expect("every benefit is in the table");
    BenefitTerms {
        code: BenefitCode::parse(spec.code).expect("a code of the table"),
        name: spec.name.to_owned(),
        locked: spec.locked,
        shift: if spec.forward { ShiftRule::Next } else { ShiftRule::Previous },
    }
}
