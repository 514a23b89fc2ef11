//! What few payments have: it costs those nothing that do not.

use super::fields::F;
use crate::extras::{AllLeftOut, Extra, Extras, LeftOut};
use crate::text_store::{Slice, TextStore};

/// The rare elements of a payment as collected.
#[derive(Debug, Default)]
pub(super) struct RareFields {
    pub extras: Vec<(Extra, Slice)>,
    pub left_out: AllLeftOut,
    /// How many documents, references, and instructions for the creditor's bank have begun: the first of each is taken.
    documents: u32,
    references: u32,
    instructions: u32,
}

impl RareFields {
    /// Forgets the payment, and keeps the memory.
    pub fn clear(&mut self) {
        let mut extras = std::mem::take(&mut self.extras);
        extras.clear();
        *self = RareFields { extras, ..RareFields::default() };
    }

    /// An element with children begins.
    #[cold]
    pub fn open(&mut self, field: F) {
        match field {
            F::Document => self.documents = self.documents.saturating_add(1),
            F::ReferenceInformation => self.references = self.references.saturating_add(1),
            F::CreditorAgentInstruction => self.instructions = self.instructions.saturating_add(1),
            _ => {
                if let Some(left) = left_out(field) {
                    self.left_out.add(left);
                }
            }
        }
        if self.documents > 1 || self.references > 1 {
            self.left_out.add(LeftOut::Remittance);
        }
        if self.instructions > 1 {
            self.left_out.add(LeftOut::Instructions);
        }
    }

    /// An element of which there was one already.
    #[cold]
    pub fn repeated(&mut self, field: F) {
        if matches!(field, F::RowServiceLevel) {
            self.left_out.add(LeftOut::ServiceLevel);
        }
    }

    /// Takes a value up.
    #[cold]
    pub fn value(&mut self, field: F, slice: Slice) {
        if let Some(left) = left_out(field) {
            self.left_out.add(left);
            return;
        }
        let Some(extra) = of_row(field) else { return };
        let of_later = match extra {
            Extra::DocumentType | Extra::DocumentNumber | Extra::DocumentDate => self.documents > 1,
            Extra::CreditorAgentCode | Extra::CreditorAgentText => self.instructions > 1,
            Extra::ReferenceCode | Extra::ReferenceType | Extra::ReferenceIssuer => self.references > 1,
            _ => false,
        };
        if !of_later {
            self.extras.push((extra, slice));
        }
    }

    /// What passes on.
    pub fn extras<'t>(&self, texts: &'t TextStore) -> Extras<'t> {
        self.extras.iter().map(|(extra, slice)| (*extra, texts.get(*slice))).collect()
    }
}

/// Whether a field of a payment is one of these; they are declared behind all others.
#[inline]
pub(super) fn is_rare(field: F) -> bool {
    field as u16 >= F::Priority as u16
}

/// What an element of a payment is, if it passes on.
fn of_row(field: F) -> Option<Extra> {
    Some(match field {
        F::Priority => Extra::InstructionPriority,
        F::LocalCode => Extra::LocalInstrumentCode,
        F::Local => Extra::LocalInstrument,
        F::UltimateDebtor => Extra::UltimateDebtor,
        F::UltimateCreditor => Extra::UltimateCreditor,
        F::CreditorAgentCode => Extra::CreditorAgentCode,
        F::CreditorAgentText => Extra::CreditorAgentText,
        F::DebtorAgentText => Extra::DebtorAgentText,
        F::DocumentType => Extra::DocumentType,
        F::DocumentNumber => Extra::DocumentNumber,
        F::DocumentDate => Extra::DocumentDate,
        F::ReferenceCode => Extra::ReferenceCode,
        F::ReferenceType => Extra::ReferenceType,
        F::ReferenceIssuer => Extra::ReferenceIssuer,
        _ => return None,
    })
}

/// What an element of a block is, if it passes on.
pub(super) fn of_block(field: F) -> Option<Extra> {
    Some(match field {
        F::BlockPriority => Extra::InstructionPriority,
        F::BlockLocalCode => Extra::LocalInstrumentCode,
        F::BlockLocal => Extra::LocalInstrument,
        F::BlockUltimateDebtor => Extra::UltimateDebtor,
        F::BlockDebtorAgentText => Extra::DebtorAgentText,
        _ => return None,
    })
}

/// What an element of a payment is, if it does not.
fn left_out(field: F) -> Option<LeftOut> {
    Some(match field {
        F::LeftReporting => LeftOut::RegulatoryReporting,
        F::LeftTax => LeftOut::Tax,
        F::LeftRelated => LeftOut::RelatedRemittance,
        F::LeftRemittance => LeftOut::Remittance,
        F::LeftAgents => LeftOut::Agents,
        F::LeftRate => LeftOut::ExchangeRate,
        F::LeftUltimate => LeftOut::UltimateParty,
        F::LeftInstructions => LeftOut::Instructions,
        F::LeftSupplementary => LeftOut::Supplementary,
        F::LeftServiceLevel => LeftOut::ServiceLevel,
        F::LeftMandate => LeftOut::Mandate,
        F::LeftCheque => LeftOut::Cheque,
        F::LeftPayee => LeftOut::Payee,
        F::LeftPayeeAccount => LeftOut::PayeeAccount,
        _ => return None,
    })
}

/// What an element of a block is, if it does not.
pub(super) fn left_out_of_block(field: F) -> Option<LeftOut> {
    Some(match field {
        F::BlockLeftAgents => LeftOut::Agents,
        F::BlockLeftUltimate => LeftOut::UltimateParty,
        F::BlockLeftServiceLevel => LeftOut::ServiceLevel,
        F::BlockLeftCharges => LeftOut::Charges,
        F::BlockLeftPooling => LeftOut::Pooling,
        _ => return None,
    })
}
