//! A delivery (leverance): its states and what is kept of its faults.

use contracts::mediation::DeliveryState;
use primitives::{Currency, Money};

use crate::error::Error;
use crate::fields::{FieldReader, FieldWriter};

/// Where a delivery came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A file of a data supplier.
    File,
    /// Orders of another house.
    Orders,
}

impl Origin {
    /// The code in the database.
    pub fn code(self) -> i16 {
        match self {
            Self::File => 1,
            Self::Orders => 2,
        }
    }
}

/// The code of a delivery's state in the database.
pub(crate) fn state_code(state: DeliveryState) -> i16 {
    match state {
        DeliveryState::Kept => 1,
        DeliveryState::Received => 2,
        DeliveryState::Refused => 3,
        DeliveryState::Repeated => 4,
    }
}

/// The state of a delivery by its code in the database.
pub(crate) fn state_from_code(code: i16) -> Result<DeliveryState, Error> {
    match code {
        1 => Ok(DeliveryState::Kept),
        2 => Ok(DeliveryState::Received),
        3 => Ok(DeliveryState::Refused),
        4 => Ok(DeliveryState::Repeated),
        _ => Err(Error::Corrupt("a delivery's state")),
    }
}

/// By which a payer knows a rejected row again. Kept sealed with the finding, since the row itself is not taken in.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct RowReference {
    /// The payer's reference (EndToEndId).
    pub end_to_end_id: String,
    /// The payer's instruction reference (InstrId).
    pub instruction_id: Option<String>,
    /// The amount, where it could be read.
    pub amount: Option<Money>,
}

mod tag {
    pub const END_TO_END_ID: u8 = 1;
    pub const INSTRUCTION_ID: u8 = 2;
    pub const MINOR: u8 = 3;
    pub const CURRENCY: u8 = 4;
}

impl RowReference {
    /// The stored form, before sealing.
    pub fn encode(&self) -> Vec<u8> {
        let mut stored = Vec::new();
        let mut fields = FieldWriter::new(&mut stored);
        fields.text(tag::END_TO_END_ID, Some(&self.end_to_end_id));
        fields.text(tag::INSTRUCTION_ID, self.instruction_id.as_deref());
        if let Some(amount) = self.amount {
            fields.text(tag::MINOR, Some(&amount.minor().to_string()));
            fields.text(tag::CURRENCY, Some(amount.currency().code()));
        }
        stored
    }

    /// Reads the stored form.
    pub fn decode(stored: &[u8]) -> Result<Self, Error> {
        let mut reference = Self::default();
        let (mut minor, mut currency) = (None, None);
        let mut fields = FieldReader::new(stored)?;
        while let Some((number, text)) = fields.next_text()? {
            match number {
                tag::END_TO_END_ID => text.clone_into(&mut reference.end_to_end_id),
                tag::INSTRUCTION_ID => reference.instruction_id = Some(text.to_owned()),
                tag::MINOR => minor = text.parse().ok(),
                tag::CURRENCY => currency = Currency::parse(text).ok(),
                _ => {}
            }
        }
        reference.amount = minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency));
        Ok(reference)
    }
}

/// Masked: references are the payer's own texts.
impl std::fmt::Debug for RowReference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowReference").field("amount", &self.amount).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_references_come_back() {
        for reference in [
            RowReference { end_to_end_id: "NOTPROVIDED".to_owned(), ..RowReference::default() },
            RowReference {
                end_to_end_id: "Ø-1".to_owned(),
                instruction_id: Some("I".to_owned()),
                amount: Some(Money::new(123, Currency::EUR)),
            },
        ] {
            assert_eq!(RowReference::decode(&reference.encode()).unwrap(), reference);
        }
    }
}
