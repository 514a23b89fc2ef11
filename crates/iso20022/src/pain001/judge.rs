//! Judges a collected payment by the rules beyond the schema.

use super::account::{self, BankFacts};
use super::collect::{OtherSlices, RowFields};
use super::duplicates::{self, ReferenceKind, Seen};
use super::fault::{Fault, Reporter, row_path, words};
use super::payee::{self, CreditorId, IdPlace, Reading};
use super::references;
use super::rules::Rules;
use super::{amount, benefit};
use crate::finding::{Finding, Level};
use crate::reason::ReasonCode;
use crate::text_store::Slice;
use primitives::{Account, BenefitCode, Bic, Identifier, Money};

/// Findings kept of one payment; more say nothing more.
const MOST_FINDINGS: usize = 50;

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
    pub fn judge(
        &mut self, row: &mut RowFields, position: (u32, u64), block_benefit: Option<BenefitCode>, rules: &Rules, seen: &mut Seen,
    ) {
        let mut findings = std::mem::take(&mut self.findings);
        findings.clear();
        let mut identifiers = std::mem::take(&mut self.identifiers);
        identifiers.clear();
        *self = Judged { findings, identifiers, position, ..Judged::default() };
        self.judge_references(row, rules);
        if seen.is_wanted() {
            self.judge_repetitions(row, rules, seen);
        }
        self.judge_texts(row, rules);
        row.remittance = row.texts.join(&row.unstructured, "\n");
        self.judge_amount(row, rules);
        self.judge_benefit(row, block_benefit);
        self.judge_bank(row);
        self.judge_payee(row);
        if let Err((line, fault)) = row.address.judge(&row.texts) {
            self.fault(line, "/Cdtr/PstlAdr", fault);
        }
    }

    fn fault(&mut self, line: u64, below: &str, fault: Fault) {
        if self.findings.len() >= MOST_FINDINGS {
            return;
        }
        let path = row_path(self.position.0, self.position.1);
        let reporter = Reporter { level: Level::Payment, path: &path };
        self.findings.push(reporter.report(line, below, fault));
    }

    fn judge_references(&mut self, row: &RowFields, rules: &Rules) {
        let references = [(row.instruction_id, "/PmtId/InstrId"), (row.end_to_end_id, "/PmtId/EndToEndId")];
        for (slice, below) in references {
            let Some(slice) = slice else { continue };
            if !rules.characters.allows_reference(row.texts.get(slice)) {
                self.fault(slice.line, below, references::CHARACTERS);
            }
        }
        if let Some(slice) = row.end_to_end_id
            && references::is_too_long(row.texts.get(slice))
        {
            self.fault(slice.line, "/PmtId/EndToEndId", references::TOO_LONG);
        }
    }

    fn judge_repetitions(&mut self, row: &RowFields, rules: &Rules, seen: &mut Seen) {
        let end_to_end_id = row.end_to_end_id.filter(|_| rules.remembers_end_to_end);
        let references = [
            (row.uetr, ReferenceKind::Uetr, "/PmtId/UETR", duplicates::TRANSACTION),
            (end_to_end_id, ReferenceKind::EndToEnd, "/PmtId/EndToEndId", duplicates::END_TO_END),
            (row.instruction_id, ReferenceKind::Instruction, "/PmtId/InstrId", duplicates::INSTRUCTION),
        ];
        for (slice, kind, below, fault) in references {
            let Some(slice) = slice else { continue };
            if let Some(first) = seen.note(kind, row.texts.get(slice), slice.line) {
                let path = row_path(self.position.0, self.position.1);
                let reporter = Reporter { level: Level::Payment, path: &path };
                self.findings.push(reporter.repeated(slice.line, below, fault, first));
            }
        }
    }

    /// The texts a bank is to carry. Nearly all payments' texts are looked through in one go and need no second look.
    fn judge_texts(&mut self, row: &RowFields, rules: &Rules) {
        if !rules.characters.can_convert(row.texts.all()) {
            self.judge_each_text(row, rules);
        }
    }

    #[cold]
    fn judge_each_text(&mut self, row: &RowFields, rules: &Rules) {
        let fields = [
            (row.creditor_name, "/Cdtr/Nm"),
            (row.agent_name, "/CdtrAgt/FinInstnId/Nm"),
            (row.reference, "/RmtInf/Strd/CdtrRefInf/Ref"),
        ];
        let lists = [(&row.address.lines, "/Cdtr/PstlAdr/AdrLine"), (&row.unstructured, "/RmtInf/Ustrd")];
        for (part, slice) in &row.address.parts {
            if !rules.characters.can_convert(row.texts.get(*slice)) {
                self.fault(slice.line, &format!("/Cdtr/PstlAdr/{}", part.element()), references::TEXT);
            }
        }
        for (extra, slice) in &row.rare.extras {
            if !rules.characters.can_convert(row.texts.get(*slice)) {
                self.fault(slice.line, &format!("/{}", extra.path()), references::TEXT);
            }
        }
        let single = fields.into_iter().filter_map(|(slice, below)| Some((slice?, below)));
        let listed = lists.into_iter().flat_map(|(slices, below)| slices.iter().map(move |slice| (*slice, below)));
        for (slice, below) in single.chain(listed) {
            if !rules.characters.can_convert(row.texts.get(slice)) {
                self.fault(slice.line, below, references::TEXT);
            }
        }
    }

    fn judge_amount(&mut self, row: &RowFields, rules: &Rules) {
        let (Some(slice), Some(currency)) = (row.amount, row.currency) else {
            let line = row.equivalent.map_or(row.line, |slice| slice.line);
            return self.fault(line, "/Amt/EqvtAmt", amount::EQUIVALENT);
        };
        match amount::read(row.texts.get(slice), row.texts.get(currency), rules.largest_amount) {
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
        if known || self.payee_is_faulty() {
            return;
        }
        match self.unknown_scheme {
            Some(line) => self.fault(line, "/Cdtr/Id", payee::UNKNOWN_SCHEME),
            None => {
                let line = row.creditor_name.map_or(row.line, |name| name.line);
                self.fault(line, "/Cdtr/Id", payee::MISSING);
            }
        }
    }

    /// Whether it is said already that the payee's number or account is wrong.
    fn payee_is_faulty(&self) -> bool {
        let of_payee = |finding: &Finding| matches!(finding.code, ReasonCode::BE17 | ReasonCode::BE01 | ReasonCode::AC03);
        self.findings.iter().any(of_payee)
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
            IdPlace::Proxy => "/CdtrAcct/Prxy",
        };
        let value = row.texts.get(slice);
        let id = CreditorId {
            place: other.place,
            value,
            code: row.text(other.code),
            proprietary: row.text(other.proprietary),
            issuer: row.text(other.issuer),
        };
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
            Reading::UnknownScheme if other.place == IdPlace::Proxy => {
                self.fault(slice.line, below, account::UNKNOWN_PROXY);
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
    text: words("Modtagerbankens BIC er ikke gyldig.", "The creditor bank's BIC is not valid."),
    expected: words("en BIC", "a BIC"),
    found: words("en anden tekst", "another text"),
};
