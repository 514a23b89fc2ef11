//! The judgement of a payment row.

use iso20022::{Level, PaymentRow, ReasonCode};
use primitives::{Bic, Identifier, Money, ShiftRule, Text};

use super::block::TakenBlock;
use super::fault::{Fault, Place};
use super::payer::Payer;
use super::slice_rows::RowPlace;
use super::unfit;
use crate::delivery::RowReference;
use crate::payment::Carry;

/// The largest payment taken, in minor units: 10¹³, a hundred billion kroner. No public source: chosen by us, so that sums of a slice and
/// of a delivery fit in 64 bits with room to spare.
pub(crate) const LARGEST_MINOR: i64 = 10_000_000_000_000;

/// A row that can be taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct GoodRow<'r> {
    pub amount: Money,
    pub payee: Option<&'r Identifier>,
    pub fallback: Option<&'r Identifier>,
    pub shift: ShiftRule,
}

/// Where the row stands.
pub(super) fn place(row: &PaymentRow<'_>) -> RowPlace {
    RowPlace {
        block: i32::try_from(row.block).unwrap_or(i32::MAX),
        position: i64::try_from(row.position).unwrap_or(i64::MAX),
        position_in_block: row.position_in_block,
        line: row.line,
    }
}

/// Where a fault of the row stands, in the element given.
pub(crate) fn fault_place(row: RowPlace, element: &str) -> Place {
    let RowPlace { block, position, position_in_block, line } = row;
    let path = format!("/Document/CstmrCdtTrfInitn/PmtInf[{block}]/CdtTrfTxInf[{position_in_block}]/{element}");
    Place { block: Some(block), row: Some(position), line, path }
}

/// Judges a row by the payer's agreement. Its faults reject the row alone.
pub(super) fn judge<'r>(row: &'r PaymentRow<'_>, payer: &Payer, block: &TakenBlock) -> Result<GoodRow<'r>, Vec<Fault>> {
    let benefit = row.benefit.as_ref().or(block.benefit.as_ref());
    let good = || {
        let amount = row.amount.filter(|amount| (1..=LARGEST_MINOR).contains(&amount.minor()))?;
        let payee = row.payee();
        let shift = payer.shift(benefit)?;
        (payee.is_some() || row.account.is_some()).then_some(GoodRow { amount, payee, fallback: fallback(row, payer), shift })
    };
    match good() {
        Some(good) if row.findings.is_empty() && unfit::fits(row, block.characters) => Ok(good),
        _ => Err(faults(row, payer, block)),
    }
}

/// The CVR number that a payment to a P or SE number may fall back to, where the agreement allows it.
fn fallback<'r>(row: &'r PaymentRow<'_>, payer: &Payer) -> Option<&'r Identifier> {
    if !payer.fall_back_to_cvr || !matches!(row.payee()?, Identifier::P(_) | Identifier::Se(_)) {
        return None;
    }
    row.identifiers.iter().find(|identifier| matches!(identifier, Identifier::Cvr(_)))
}

/// All that is wrong with a row.
fn faults(row: &PaymentRow<'_>, payer: &Payer, block: &TakenBlock) -> Vec<Fault> {
    let place = place(row);
    let mut faults: Vec<Fault> = row.findings.iter().map(Fault::of_finding).collect();
    for fault in &mut faults {
        (fault.place.block, fault.place.row) = (Some(place.block), Some(place.position));
    }
    let mut fault = |element: &str, code, text| {
        faults.push(Fault { level: Level::Payment, place: fault_place(place, element), code, text, reference: None });
    };
    if row.amount.is_some_and(|amount| amount.minor() > LARGEST_MINOR) {
        fault(
            "Amt",
            ReasonCode::AM02,
            Text::new("Beløbet er større, end der kan udbetales.", "The amount is larger than can be paid."),
        );
    }
    if row.amount.is_some_and(|amount| amount.minor() < 1) {
        fault("Amt", ReasonCode::AM01, Text::new("Beløbet er ikke over nul.", "The amount is not above zero."));
    }
    let benefit = row.benefit.as_ref().or(block.benefit.as_ref());
    if let Some(code) = benefit.filter(|code| payer.shift(Some(code)).is_none()) {
        let text = Text::new(
            format!("Udbetaleren har ikke ydelsesarten {}.", code.as_str()),
            format!("The payer does not have the benefit {}.", code.as_str()),
        );
        fault("Purp", ReasonCode::FF07, text);
    }
    if row.findings.is_empty() && row.payee().is_none() && row.account.is_none() {
        let text = Text::new("Der er hverken en modtager eller en konto.", "There is neither a payee nor an account.");
        fault("Cdtr", ReasonCode::BE17, text);
    }
    for (element, code, text) in unfit::faults(row, block.characters) {
        fault(element, code, text);
    }
    faults
}

/// By which the payer knows the row again.
pub(super) fn reference(row: &PaymentRow<'_>) -> RowReference {
    RowReference {
        end_to_end_id: row.end_to_end_id.to_owned(),
        instruction_id: row.instruction_id.map(str::to_owned),
        amount: row.amount,
    }
}

/// What only passes through.
pub(super) fn carry<'a>(row: &'a PaymentRow<'_>, address: &'a str) -> Carry<'a> {
    Carry {
        end_to_end_id: row.end_to_end_id,
        instruction_id: row.instruction_id,
        uetr: row.uetr,
        creditor_name: row.creditor_name,
        country: row.country,
        address_parts: row.address_parts(),
        address: (!address.is_empty()).then_some(address),
        agent_bic: row.agent_bic.as_ref().map(Bic::as_str),
        agent_clearing_member: row.agent_clearing_member,
        agent_name: row.agent_name,
        purpose: row.purpose,
        remittance: row.remittance,
        structured_reference: row.structured_reference,
        terms: row.terms,
        extras: row.extras,
    }
}
