//! The creditor's side of a leg: what the bank is told of who gets the money.
//!
//! A bank gets no number and no benefit of a payee, unless its profile needs the number. Money for the recovery authority and the holding
//! account names neither payee nor payer's reference: the leg's own reference tells the receiver which advice or deposit it is.

use std::fmt::Write;

use contracts::mediation::Destination;
use iso20022::{AddressParts, Agent, CreditTransfer, Extras, Pain001Version, Party, PaymentTerms};
use primitives::{Account, AgreementNumber, Bic, Currency, LegRef, Money, PaymentRef};

use super::legs::SealedLeg;
use crate::error::Error;
use crate::leg::destination_from_code;
use crate::payment::Carry;
use crate::vault::Vault;

/// What all legs of a file have in common.
#[derive(Clone, Debug)]
pub(super) struct Common {
    pub agreement: AgreementNumber,
    pub version: Pain001Version,
    pub payer_name: Option<String>,
    pub recovery_name: String,
    pub holding_name: String,
}

/// One leg, opened; its texts are kept so that the transfer can borrow them.
#[derive(Default)]
pub(super) struct OpenLeg {
    /// Agreement number and leg reference: the reference that comes back from the bank.
    instruction_id: String,
    carry: Vec<u8>,
}

/// Length of the agreement number that comes first in an instruction's reference.
const AGREEMENT_DIGITS: usize = 8;

impl OpenLeg {
    /// Opens the leg and gives it to `write` as a transfer.
    pub fn transfer<T>(
        &mut self, common: &Common, vault: &Vault, place: (i64, &SealedLeg<'_>), currency: Currency,
        write: impl FnOnce(&CreditTransfer<'_>) -> std::io::Result<T>,
    ) -> Result<T, Error> {
        let (slice, leg) = place;
        let reference = PaymentRef::new(slice, leg.row).leg(leg.leg);
        self.instruction_id.clear();
        write!(self.instruction_id, "{}{reference}", common.agreement.digits()).expect("a String takes any text");
        let own_reference = &self.instruction_id[AGREEMENT_DIGITS..];
        let account = vault.open_account(leg.account)?;
        self.carry = vault.open_carry(leg.carry)?;
        let carry = Carry::decode(&self.carry)?;
        let payee = leg.payee.map(|(kind, sealed)| vault.open_payee(kind, sealed)).transpose()?;
        let destination = destination_from_code(leg.destination)?;
        let lines: Vec<&str> = carry.address_lines().collect();
        let side = Side::of(destination, common, &carry, own_reference)?;
        let to_payee = destination == Destination::Payee;
        let transfer = CreditTransfer {
            instruction_id: Some(&self.instruction_id),
            end_to_end_id: side.end_to_end_id,
            terms: if to_payee { carry.terms } else { PaymentTerms::default() },
            extras: if to_payee { carry.extras } else { Extras::default() },
            uetr: (common.version == Pain001Version::V09).then(|| vault.uetr(reference)),
            amount: Money::new(leg.amount_minor, currency),
            creditor: Party {
                name: side.name,
                identifiers: if to_payee { payee.as_slice() } else { &[] },
                address_parts: if to_payee { carry.address_parts } else { AddressParts::default() },
                address_lines: if to_payee { &lines } else { &[] },
                country: if to_payee { carry.country } else { None },
                ..Party::default()
            },
            account: Some(&account),
            agent: if to_payee { agent(&account, &carry) } else { None },
            benefit: None,
            purpose: side.purpose,
            remittance: side.remittance,
            structured_reference: if to_payee { carry.structured_reference } else { None },
        };
        Ok(write(&transfer)?)
    }
}

/// The texts that depend on where a leg goes.
struct Side<'t> {
    end_to_end_id: &'t str,
    name: Option<&'t str>,
    purpose: Option<&'t str>,
    remittance: Option<&'t str>,
}

impl<'t> Side<'t> {
    fn of(destination: Destination, common: &'t Common, carry: &Carry<'t>, own_reference: &'t str) -> Result<Self, Error> {
        let ours = |name| Self { end_to_end_id: own_reference, name: Some(name), purpose: None, remittance: Some(own_reference) };
        match destination {
            Destination::Payee => Ok(Self {
                end_to_end_id: carry.end_to_end_id,
                name: carry.creditor_name,
                purpose: carry.purpose,
                remittance: carry.remittance,
            }),
            // The payer's own account: its own reference tells which payment came back.
            Destination::ErrorAccount => Ok(Self {
                end_to_end_id: carry.end_to_end_id,
                name: common.payer_name.as_deref(),
                purpose: None,
                remittance: Some(carry.end_to_end_id),
            }),
            Destination::Recovery => Ok(ours(&common.recovery_name)),
            Destination::Holding => Ok(ours(&common.holding_name)),
            Destination::Payer => Err(Error::Corrupt("a leg back to the payer is in a batch")),
        }
    }
}

/// The payee's bank by the payer's word, for an account that does not say it itself.
fn agent<'t>(account: &Account, carry: &Carry<'_>) -> Option<Agent<'t>> {
    let Account::Iban { bic: None, .. } = account else { return None };
    let bic = Bic::parse(carry.agent_bic?).ok()?;
    Some(Agent { bic: Some(bic), ..Agent::default() })
}

/// Reads what comes back from the bank: the agreement number and the leg it was sent for.
pub(crate) fn parse_instruction_id(text: &str) -> Option<(AgreementNumber, LegRef)> {
    let (agreement, leg) = text.split_at_checked(AGREEMENT_DIGITS)?;
    Some((AgreementNumber::parse(agreement).ok()?, leg.parse().ok()?))
}
