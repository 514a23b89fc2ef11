//! The judgement of a payment information block.

use contracts::parties::DebtorAccount;
use iso20022::{CharacterSet, ChargeBearer, Extra, Level, PaymentInformation, ReasonCode};
use jiff::civil::Date;
use platform::copy::CopyBuffer;
use primitives::{Account, BankCode, BenefitCode, DeliveryId, Text, UnitCode, is_bank_day};

use super::fault::{Fault, Place};
use super::payer::Payer;
use super::unfit::{self, Unfit};
use crate::payment::Carry;
use crate::store;
use crate::terms::BlockTerms;
use crate::vault::Vault;

/// A block that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TakenBlock {
    /// From 1.
    pub number: i32,
    /// The payer's PmtInfId.
    pub id: String,
    pub account: Account,
    pub bank: BankCode,
    pub unit: Option<UnitCode>,
    pub batch_booking: Option<bool>,
    pub benefit: Option<BenefitCode>,
    pub requested: Date,
    pub terms: BlockTerms,
    /// What few blocks have; it passes on to the bank.
    pub extras: Vec<(Extra, String)>,
    /// The characters the bank takes; not stored, for a bank's file is written in those it takes then.
    pub characters: CharacterSet,
}

impl TakenBlock {
    /// Appends the block as a row of the table.
    pub fn encode(&self, delivery: DeliveryId, vault: &Vault, rows: &mut CopyBuffer) {
        rows.begin_row(store::block::COLUMNS);
        rows.i64(delivery.get());
        rows.i32(self.number);
        rows.bytes(&vault.seal_block_id(&self.id));
        rows.bytes(&vault.seal_account(&self.account));
        rows.text(self.bank.as_str());
        rows.opt_text(self.unit.as_ref().map(UnitCode::as_str));
        rows.opt_bool(self.batch_booking);
        rows.opt_text(self.benefit.as_ref().map(BenefitCode::as_str));
        rows.date(self.requested);
        rows.opt_text(self.terms.service_level.as_deref());
        rows.opt_text(self.terms.category_purpose.as_deref());
        rows.opt_text(self.terms.charge_bearer.map(ChargeBearer::as_str));
        rows.opt_bytes(self.sealed_more(vault).as_deref());
    }

    fn sealed_more(&self, vault: &Vault) -> Option<Vec<u8>> {
        if self.extras.is_empty() {
            return None;
        }
        let extras = self.extras.iter().map(|(extra, text)| (*extra, text.as_str())).collect();
        let (mut encoded, mut sealed) = (Vec::new(), Vec::new());
        Carry { extras, ..Carry::default() }.encode_into(&mut encoded);
        vault.seal_carry_into(&encoded, &mut sealed);
        Some(sealed)
    }
}

/// Judges a block by the payer's agreement. Its faults reject all its rows.
pub(super) fn judge(block: &PaymentInformation, payer: &Payer) -> Result<TakenBlock, Vec<Fault>> {
    let number = i32::try_from(block.position).unwrap_or(i32::MAX);
    let account = block.debtor_account.as_ref().and_then(|account| payer.debtor_account(account));
    let mut unfit = debtor_faults(block, payer);
    unfit.extend(account_faults(block, payer, account));
    unfit.extend(date_fault(block, payer));
    match (account, block.requested_date) {
        (Some(account), Some(requested)) if unfit.is_empty() && block.findings.is_empty() => {
            let characters = payer.characters(&account.bank);
            Ok(taken(block, account, (number, requested, characters)))
        }
        _ => {
            let place = |element| {
                let path = format!("/Document/CstmrCdtTrfInitn/PmtInf[{}]/{element}", block.position);
                Place { line: block.line, path, ..Place::default() }
            };
            let level = Level::PaymentInformation;
            let ours = unfit.into_iter().map(|(element, code, text)| Fault {
                level,
                place: place(element),
                code,
                text,
                reference: None,
            });
            Err(placed(block.findings.iter().map(Fault::of_finding).chain(ours).collect(), number))
        }
    }
}

/// Who is to pay, where it is not who sends.
fn debtor_faults(block: &PaymentInformation, payer: &Payer) -> Vec<Unfit> {
    let mut faults = Vec::new();
    if block.debtor.agreement.is_some_and(|agreement| agreement != payer.agreement) {
        let text = Text::new("Debitor er en anden udbetaler end afsenderen.", "The debtor is another payer than the initiator.");
        faults.push(("Dbtr", ReasonCode::BE16, text));
    }
    if block.debtor.cvr.is_some_and(|cvr| cvr != payer.cvr) {
        let text = Text::new("Debitors CVR-nummer er ikke udbetalerens.", "The debtor's CVR number is not the payer's.");
        faults.push(("Dbtr", ReasonCode::BE16, text));
    }
    if let Some(unit) = block.debtor.unit.as_ref().filter(|unit| !payer.has_unit(unit)) {
        let text = Text::new(
            format!("Enheden {} hører ikke til aftalen.", unit.as_str()),
            format!("The unit {} is not part of the agreement.", unit.as_str()),
        );
        faults.push(("Dbtr", ReasonCode::BE16, text));
    }
    faults
}

/// What is wrong with the account, as the payer's agreement and its bank have it.
fn account_faults(block: &PaymentInformation, payer: &Payer, account: Option<&DebtorAccount>) -> Vec<Unfit> {
    let Some(account) = account else {
        // An account that is not valid at all is a finding of the reader already.
        let text = Text::new(
            "Kontoen er ikke en af udbetalerens konti i aftalen.",
            "The account is none of the payer's accounts in the agreement.",
        );
        return block.debtor_account.is_some().then_some(("DbtrAcct", ReasonCode::AC02, text)).into_iter().collect();
    };
    let mut faults = Vec::new();
    if let Some((of_account, of_debtor)) = account.unit.zip(block.debtor.unit)
        && of_account != of_debtor
    {
        let text = Text::new(
            format!("Kontoen må kun bruges af enheden {}.", of_account.as_str()),
            format!("The account may only be used by the unit {}.", of_account.as_str()),
        );
        faults.push(("DbtrAcct", ReasonCode::AG01, text));
    }
    let unit = block.debtor.unit.or(account.unit);
    if let Some(unit) = unit.filter(|unit| !payer.characters(&account.bank).allows_reference(unit.as_str())) {
        faults.push(("Dbtr", ReasonCode::RR10, unfit::unit(&unit)));
    }
    let extras = block.extras.iter().map(|(extra, text)| (*extra, text.as_str()));
    faults.extend(unfit::of_extras(extras, payer.characters(&account.bank)));
    faults
}

/// A day that is no bank day, where the agreement does not want it moved.
fn date_fault(block: &PaymentInformation, payer: &Payer) -> Option<Unfit> {
    block.requested_date.filter(|date| payer.bank_days_only && !is_bank_day(*date))?;
    let text = Text::new(
        "Datoen er ikke en bankdag, og aftalen siger, at den ikke flyttes.",
        "The date is no bank day, and the agreement says that it is not moved.",
    );
    Some(("ReqdExctnDt", ReasonCode::DT03, text))
}

fn taken(
    block: &PaymentInformation, account: &DebtorAccount, (number, requested, characters): (i32, Date, CharacterSet),
) -> TakenBlock {
    TakenBlock {
        number,
        id: block.id.clone(),
        account: account.account.clone(),
        bank: account.bank,
        unit: block.debtor.unit.or(account.unit),
        batch_booking: block.batch_booking,
        benefit: block.benefit,
        requested,
        terms: block.terms().into(),
        extras: block.extras.clone(),
        characters,
    }
}

fn placed(mut faults: Vec<Fault>, number: i32) -> Vec<Fault> {
    for fault in &mut faults {
        fault.place.block = Some(number);
    }
    faults
}
