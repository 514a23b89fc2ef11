//! The names by which a recall speaks of what it asks for; its answer repeats them.

use crate::error::Error;
use crate::fields::{FieldReader, FieldWriter};

/// References of a delivery, a block and a payment, as the recall gives them, and its own identifications of the requests.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// `MsgId` of the delivery.
    pub message_id: Option<String>,
    /// Message of the delivery, such as `pain.001.001.09`.
    pub message_name: Option<String>,
    /// `PmtInfId` of the block.
    pub block_id: Option<String>,
    /// `InstrId` of the payment.
    pub instruction_id: Option<String>,
    /// `EndToEndId` of the payment.
    pub end_to_end_id: Option<String>,
    /// `UETR` of the payment.
    pub uetr: Option<String>,
    /// The recall's own name of the request on the delivery.
    pub group_request: Option<String>,
    /// That of the request on the block.
    pub block_request: Option<String>,
}

impl Names {
    fn fields(&self) -> [(u8, &Option<String>); 8] {
        [
            (1, &self.message_id),
            (2, &self.message_name),
            (3, &self.block_id),
            (4, &self.instruction_id),
            (5, &self.end_to_end_id),
            (6, &self.uetr),
            (7, &self.group_request),
            (8, &self.block_request),
        ]
    }

    /// The stored form, before sealing.
    pub fn encode(&self) -> Vec<u8> {
        let mut stored = Vec::new();
        let mut fields = FieldWriter::new(&mut stored);
        for (number, text) in self.fields() {
            fields.text(number, text.as_deref());
        }
        stored
    }

    /// Reads the stored form.
    pub fn decode(stored: &[u8]) -> Result<Self, Error> {
        let mut names = Self::default();
        let mut fields = FieldReader::new(stored)?;
        while let Some((number, text)) = fields.next_text()? {
            let field = match number {
                1 => &mut names.message_id,
                2 => &mut names.message_name,
                3 => &mut names.block_id,
                4 => &mut names.instruction_id,
                5 => &mut names.end_to_end_id,
                6 => &mut names.uetr,
                7 => &mut names.group_request,
                8 => &mut names.block_request,
                _ => continue,
            };
            *field = Some(text.to_owned());
        }
        Ok(names)
    }
}

/// Masked: references are the payer's own texts.
impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Names").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        let text = |number: u32| Some(format!("Ø-{number}"));
        let all = Names {
            message_id: text(1),
            message_name: text(2),
            block_id: text(3),
            instruction_id: text(4),
            end_to_end_id: text(5),
            uetr: text(6),
            group_request: text(7),
            block_request: text(8),
        };
        for names in [Names::default(), Names { uetr: None, ..all.clone() }, all] {
            assert!(Names::decode(&names.encode()).unwrap() == names);
            assert_eq!(format!("{names:?}"), "Names { .. }");
        }
    }
}
