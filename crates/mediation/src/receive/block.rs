//! The judgement of a payment information block.

use contracts::parties::DebtorAccount;
use iso20022::{ChargeBearer, Level, PaymentInformation, ReasonCode};
use jiff::civil::Date;
use platform::copy::CopyBuffer;
use primitives::{Account, BankCode, BenefitCode, DeliveryId, Text, UnitCode};

use super::fault::{Fault, Place};
use super::payer::Payer;
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
    }
}

/// Judges a block by the payer's agreement. Its faults reject all its rows.
pub(super) fn judge(block: &PaymentInformation, payer: &Payer) -> Result<TakenBlock, Vec<Fault>> {
    let number = i32::try_from(block.position).unwrap_or(i32::MAX);
    let mut faults: Vec<Fault> = block.findings.iter().map(Fault::of_finding).collect();
    let mut fault = |element: &str, code, text| {
        let path = format!("/Document/CstmrCdtTrfInitn/PmtInf[{}]/{element}", block.position);
        let place = Place { line: block.line, path, ..Place::default() };
        faults.push(Fault { level: Level::PaymentInformation, place, code, text, reference: None });
    };
    if block.debtor.agreement.is_some_and(|agreement| agreement != payer.agreement) {
        fault(
            "Dbtr",
            ReasonCode::BE16,
            Text::new("Debitor er en anden udbetaler end afsenderen.", "The debtor is another payer than the initiator."),
        );
    }
    if let Some(unit) = block.debtor.unit.as_ref().filter(|unit| !payer.has_unit(unit)) {
        let text = Text::new(
            format!("Enheden {} hører ikke til aftalen.", unit.as_str()),
            format!("The unit {} is not part of the agreement.", unit.as_str()),
        );
        fault("Dbtr", ReasonCode::BE16, text);
    }
    let account = block.debtor_account.as_ref().and_then(|account| payer.debtor_account(account));
    // An account that is not valid at all is a finding of the reader already.
    if account.is_none() && block.debtor_account.is_some() {
        let text = Text::new(
            "Kontoen er ikke en af udbetalerens konti i aftalen.",
            "The account is none of the payer's accounts in the agreement.",
        );
        fault("DbtrAcct", ReasonCode::AC02, text);
    }
    if let Some((of_account, of_debtor)) = account.and_then(|account| account.unit.zip(block.debtor.unit))
        && of_account != of_debtor
    {
        let text = Text::new(
            format!("Kontoen må kun bruges af enheden {}.", of_account.as_str()),
            format!("The account may only be used by the unit {}.", of_account.as_str()),
        );
        fault("DbtrAcct", ReasonCode::AG01, text);
    }
    match (account, block.requested_date) {
        (Some(account), Some(requested)) if faults.is_empty() => Ok(taken(block, number, account, requested)),
        _ => Err(placed(faults, number)),
    }
}

fn taken(block: &PaymentInformation, number: i32, account: &DebtorAccount, requested: Date) -> TakenBlock {
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
    }
}

fn placed(mut faults: Vec<Fault>, number: i32) -> Vec<Fault> {
    for fault in &mut faults {
        fault.place.block = Some(number);
    }
    faults
}
