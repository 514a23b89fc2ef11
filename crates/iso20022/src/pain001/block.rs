//! Payment information: what a block of payments has in common.

use super::account::{self, BankFacts};
use super::duplicates;
use super::fault::{Fault, Reporter, block_path, words};
use super::group::HeadPlaces;
use super::party::{self, InitiatingParty, OtherId};
use super::references;
use super::rules::Rules;
use super::{benefit, dates};
use crate::control_sum::ControlSum;
use crate::extras::{AllLeftOut, Extra};
use crate::finding::{Finding, Level};
use crate::reason::ReasonCode;
use crate::terms::{ChargeBearer, PaymentTerms};
use jiff::civil::Date;
use primitives::{Account, BenefitCode, Bic};

/// `PmtInf` of a `pain.001`, without its payments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentInformation {
    /// Its number in the file, from 1.
    pub position: u32,
    /// Line of its start tag.
    pub line: u64,
    /// `PmtInfId`.
    pub id: String,
    pub(super) places: HeadPlaces,
    /// `PmtMtd`: `TRF`, `CHK` or `TRA`.
    pub method: String,
    /// `BtchBookg`.
    pub batch_booking: Option<bool>,
    /// `NbOfTxs`.
    pub declared_payments: Option<u64>,
    /// `CtrlSum`.
    pub declared_sum: Option<ControlSum>,
    /// `CtrlSum` is given and can be no sum of amounts; told at the block's end like one that is another.
    pub(super) impossible_sum: bool,
    /// `ReqdExctnDt`; a point in time with an offset counts as its day in Copenhagen. `None`
    /// comes with a finding.
    pub requested_date: Option<Date>,
    /// `Dbtr`.
    pub debtor: InitiatingParty,
    /// `DbtrAcct`, when it is a valid account.
    pub debtor_account: Option<Account>,
    /// BIC of `DbtrAgt`.
    pub debtor_bic: Option<Bic>,
    /// Clearing member number of `DbtrAgt`.
    pub debtor_clearing_member: Option<String>,
    /// Benefit of all payments that name none themselves: `PmtTpInf/CtgyPurp/Prtry`.
    pub benefit: Option<BenefitCode>,
    /// `PmtTpInf/CtgyPurp/Cd`.
    pub category_purpose: Option<String>,
    /// `PmtTpInf/SvcLvl/Cd`, the first.
    pub service_level: Option<String>,
    /// `ChrgBr`.
    pub charge_bearer: Option<ChargeBearer>,
    /// What few blocks have; it passes on.
    pub extras: Vec<(Extra, String)>,
    /// What does not.
    pub left_out: AllLeftOut,
    /// Findings on the block; if there are any, none of its payments can be made.
    pub findings: Vec<Finding>,
}

/// A block at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockTotals {
    /// The block's number in the file, from 1.
    pub position: u32,
    /// Number of its payments.
    pub payments: u64,
    /// Sum of its payments' amounts as written.
    pub sum: ControlSum,
    /// AM17 and AM20, when the block declared otherwise.
    pub findings: Vec<Finding>,
}

/// The debtor's account as collected.
#[derive(Debug, Default)]
pub(super) struct DebtorAccount {
    pub iban: Option<String>,
    pub number: Option<String>,
    pub is_bban: bool,
}

impl PaymentInformation {
    /// How its payments are to be carried out.
    #[must_use]
    pub fn terms(&self) -> PaymentTerms<'_> {
        PaymentTerms {
            service_level: self.service_level.as_deref(),
            category_purpose: self.category_purpose.as_deref(),
            charge_bearer: self.charge_bearer,
        }
    }

    fn fault(&mut self, line: u64, below: &str, fault: Fault) {
        let path = block_path(self.position);
        let reporter = Reporter { level: Level::PaymentInformation, path: &path };
        self.findings.push(reporter.report(line, below, fault));
    }

    pub(super) fn read_id(&mut self, value: &str, line: u64, rules: &Rules) {
        value.clone_into(&mut self.id);
        self.places.id = line;
        if !rules.characters.allows_reference(value) {
            self.fault(line, "/PmtInfId", references::CHARACTERS);
        }
    }

    /// The block's identification stood on an earlier line already.
    #[cold]
    pub(super) fn repeats(&mut self, first: u64) {
        let path = block_path(self.position);
        let reporter = Reporter { level: Level::PaymentInformation, path: &path };
        self.findings.push(reporter.repeated(self.places.id, "/PmtInfId", duplicates::BLOCK, first));
    }

    pub(super) fn read_charges_account(&mut self, value: &str, line: u64) {
        if account::of_iban(value, None).is_none() {
            self.fault(line, "/ChrgsAcct/Id/IBAN", account::INVALID_CHARGES);
        }
    }

    pub(super) fn read_count(&mut self, value: &str, line: u64) {
        self.places.count = line;
        self.declared_payments = Some(value.parse().unwrap_or(u64::MAX));
    }

    pub(super) fn read_method(&mut self, value: &str, line: u64) {
        self.places.method = line;
        value.clone_into(&mut self.method);
    }

    pub(super) fn read_sum(&mut self, value: &str, line: u64) {
        self.places.sum = line;
        self.declared_sum = ControlSum::parse(value);
        self.impossible_sum = self.declared_sum.is_none();
    }

    pub(super) fn read_benefit(&mut self, value: &str, line: u64) {
        match benefit::read(value) {
            Ok(code) => self.benefit = Some(code),
            Err(fault) => self.fault(line, "/PmtTpInf/CtgyPurp/Prtry", fault),
        }
    }

    pub(super) fn read_date(&mut self, value: &str, line: u64, rules: &Rules) {
        self.keep_date(dates::day(value), line, "/ReqdExctnDt", rules);
    }

    pub(super) fn read_date_time(&mut self, value: &str, line: u64, rules: &Rules) {
        self.keep_date(dates::day_of_time(value), line, "/ReqdExctnDt/DtTm", rules);
    }

    fn keep_date(&mut self, day: Option<Date>, line: u64, below: &str, rules: &Rules) {
        self.requested_date = day;
        let judged = match (day, rules.received) {
            (None, _) => Err(dates::INVALID),
            (Some(day), Some(received)) => rules.horizon.judge(day, received),
            (Some(_), None) => Ok(()),
        };
        if let Err(fault) = judged {
            self.fault(line, below, fault);
        }
    }

    pub(super) fn read_bic(&mut self, value: &str, line: u64) {
        match Bic::parse(value) {
            Ok(bic) => self.debtor_bic = Some(bic),
            Err(_) => self.fault(line, "/DbtrAgt/FinInstnId", INVALID_BIC),
        }
    }

    pub(super) fn take_up(&mut self, other: &OtherId) {
        if !self.debtor.take_up(other) {
            self.fault(other.line, "/Dbtr/Id/OrgId/Othr", party::INVALID_DEBTOR);
        }
    }

    /// Judges what only shows when the whole head of the block is read.
    pub(super) fn judge(&mut self, account: &DebtorAccount) {
        let bank =
            BankFacts { bic: self.debtor_bic, clearing_member: self.debtor_clearing_member.as_deref(), ..BankFacts::default() };
        self.debtor_account = match (&account.iban, &account.number) {
            (Some(iban), _) => account::of_iban(iban, self.debtor_bic),
            (None, Some(number)) if account.is_bban => account::of_bban(number, bank),
            _ => None,
        };
        if self.debtor_account.is_none() {
            self.fault(self.places.account.max(self.line), "/DbtrAcct/Id", account::INVALID_DEBTOR);
        }
        if self.method == "CHK" {
            self.fault(self.places.method, "/PmtMtd", NO_TRANSFER);
        }
    }
}

impl BlockTotals {
    /// Compares what the block declared with what was found.
    pub(super) fn judge(&mut self, block: &PaymentInformation) {
        let path = block_path(block.position);
        let reporter = Reporter { level: Level::PaymentInformation, path: &path };
        if let Some(declared) = block.declared_payments.filter(|declared| *declared != self.payments) {
            let numbers = [self.payments.to_string(), declared.to_string()];
            self.findings.push(reporter.differs(block.places.count, "/NbOfTxs", ReasonCode::AM20, numbers));
        }
        if block.impossible_sum {
            self.findings.push(reporter.report(block.places.sum, "/CtrlSum", IMPOSSIBLE_SUM));
        }
        if let Some(declared) = block.declared_sum.filter(|declared| *declared != self.sum) {
            let numbers = [self.sum.to_string(), declared.to_string()];
            self.findings.push(reporter.differs(block.places.sum, "/CtrlSum", ReasonCode::AM17, numbers));
        }
    }
}

const IMPOSSIBLE_SUM: Fault = Fault {
    code: ReasonCode::AM17,
    text: words("Kontrolsummen kan ikke være en sum af beløb.", "The control sum cannot be a sum of amounts."),
    expected: words("en sum af beløb, som har højst fem decimaler", "a sum of amounts, which has at most five decimals"),
    found: words("flere decimaler", "more decimals"),
};

const INVALID_BIC: Fault = Fault {
    code: ReasonCode::RC01,
    text: words("Bankens BIC er ikke gyldig.", "The bank's BIC is not valid."),
    expected: words("en BIC", "a BIC"),
    found: words("en anden tekst", "another text"),
};

const NO_TRANSFER: Fault = Fault {
    code: ReasonCode::CH16,
    text: words("Checks kan ikke formidles.", "Cheques cannot be mediated."),
    expected: words("TRF eller TRA", "TRF or TRA"),
    found: words("CHK", "CHK"),
};
