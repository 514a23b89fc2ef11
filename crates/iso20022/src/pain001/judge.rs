//! Judges a collected payment by the rules beyond the schema.

use super::account::{self, BankFacts};
use super::collect::{OtherSlices, RowFields};
use super::payee::{self, CreditorId, IdPlace, Reading};
use super::rules::{Fault, Reporter, row_path};
use super::{amount, benefit};
use crate::finding::{Finding, Level};
use crate::reason::ReasonCode;
use crate::text_store::Slice;
use primitives::{Account, BenefitCode, Bic, Identifier, Money};

/// What the rules made of a payment; reused for the next one.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub amount: Option<Money>,
    pub identifiers: Vec<Identifier>,
    pub account: Option<Account>,
    pub agent_bic: Option<Bic>,
    pub benefit: Option<BenefitCode>,
    pub findings: Vec<Finding>,
    position: (u32, u64),
    unknown_scheme: Option<u64>,
}

impl Judged {
    /// Judges a payment; `position` is its block's number and its own in the block.
    pub fn judge(&mut self, row: &mut RowFields, position: (u32, u64), block_benefit: Option<BenefitCode>) {
        let mut findings = std::mem::take(&mut self.findings);
        findings.clear();
        let mut identifiers = std::mem::take(&mut self.identifiers);
        identifiers.clear();
        *self = Judged { findings, identifiers, position, ..Judged::default() };
        row.remittance = row.texts.join(&row.unstructured, "\n");
        row.address.arrange(&mut row.texts);
        self.judge_amount(row);
        self.judge_benefit(row, block_benefit);
        self.judge_bank(row);
        self.judge_payee(row);
    }

    fn fault(&mut self, line: u64, below: &str, fault: Fault) {
        let path = row_path(self.position.0, self.position.1);
        let reporter = Reporter { level: Level::Payment, path: &path };
        self.findings.push(reporter.report(line, below, fault));
    }

    fn judge_amount(&mut self, row: &RowFields) {
        let (Some(slice), Some(currency)) = (row.amount, row.currency) else {
            return self.fault(row.line, "/Amt/EqvtAmt", amount::EQUIVALENT);
        };
        match amount::read(row.texts.get(slice), row.texts.get(currency)) {
            Ok(money) => self.amount = Some(money),
            Err(fault) => self.fault(slice.line, "/Amt/InstdAmt", fault),
        }
    }

    /// The payment's own benefit wins over its block's.
    fn judge_benefit(&mut self, row: &RowFields, block_benefit: Option<BenefitCode>) {
        let (slice, below) = match (row.category, row.purpose) {
            (None, None) => return self.benefit = block_benefit,
            (Some(_), Some(second)) => return self.fault(second.line, "/Purp/Prtry", benefit::TWICE),
            (Some(only), None) => (only, "/PmtTpInf/CtgyPurp/Prtry"),
            (None, Some(only)) => (only, "/Purp/Prtry"),
        };
        match benefit::read(row.texts.get(slice)) {
            Ok(code) => self.benefit = Some(code),
            Err(fault) => self.fault(slice.line, below, fault),
        }
    }

    fn judge_bank(&mut self, row: &RowFields) {
        let Some(slice) = row.agent_bic else { return };
        match Bic::parse(row.texts.get(slice)) {
            Ok(bic) => self.agent_bic = Some(bic),
            Err(_) => self.fault(slice.line, "/CdtrAgt/FinInstnId", INVALID_BIC),
        }
    }

    fn judge_payee(&mut self, row: &RowFields) {
        if let Some(slice) = row.iban {
            let account = account::of_iban(row.texts.get(slice), self.agent_bic);
            self.keep_account(account, slice, "/CdtrAcct/Id/IBAN");
        }
        for other in &row.others {
            self.judge_other(row, other);
        }
        let known = self.account.is_some() || !self.identifiers.is_empty();
        if known || !self.findings.is_empty() {
            return;
        }
        match (row.proxy, self.unknown_scheme) {
            (Some(slice), _) => self.fault(slice.line, "/CdtrAcct/Prxy", account::PROXY),
            (None, Some(line)) => self.fault(line, "/Cdtr/Id", payee::UNKNOWN_SCHEME),
            (None, None) => self.fault(row.line, "/Cdtr/Id", payee::MISSING),
        }
    }

    fn keep_account(&mut self, account: Option<Account>, slice: Slice, below: &str) {
        if account.is_none() {
            self.fault(slice.line, below, account::INVALID_CREDITOR);
        }
        self.account = account;
    }

    fn judge_other(&mut self, row: &RowFields, other: &OtherSlices) {
        let Some(slice) = other.value else { return };
        let below = match other.place {
            IdPlace::Private => "/Cdtr/Id/PrvtId/Othr",
            IdPlace::Organisation => "/Cdtr/Id/OrgId/Othr",
            IdPlace::Account => "/CdtrAcct/Id/Othr",
        };
        let value = row.texts.get(slice);
        let id = CreditorId { place: other.place, value, code: row.text(other.code), proprietary: row.text(other.proprietary) };
        match payee::read(id) {
            Reading::Payee(identifier) => {
                if let Err(fault) = payee::add(&mut self.identifiers, identifier) {
                    self.fault(slice.line, below, fault);
                }
            }
            Reading::Account => {
                let account = account::of_bban(value, self.bank(row));
                self.keep_account(account, slice, below);
            }
            Reading::UnknownScheme if other.place == IdPlace::Account => {
                self.fault(slice.line, below, account::UNKNOWN_SCHEME);
            }
            Reading::UnknownScheme => self.unknown_scheme = Some(slice.line),
            Reading::Invalid(fault) => self.fault(slice.line, below, fault),
        }
    }

    fn bank<'r>(&self, row: &'r RowFields) -> BankFacts<'r> {
        BankFacts {
            bic: self.agent_bic,
            clearing_system: row.text(row.agent_system),
            clearing_member: row.text(row.agent_member),
            name: row.text(row.agent_name),
            country: row.text(row.agent_country),
        }
    }
}

const INVALID_BIC: Fault = Fault {
    code: ReasonCode::RC04,
    expected: "a BIC",
    found: "another text",
    da: "Modtagerbankens BIC er ikke gyldig.",
    en: "The creditor bank's BIC is not valid.",
};
