//! A payment, and what of it only passes through the house.

use iso20022::{AddressPart, AddressParts, ChargeBearer, Extra, Extras, PaymentTerms};

use crate::error::Error;
use crate::fields::{FieldReader, FieldWriter};

/// What of a payment only passes through: nothing here decides where the money goes. Stored as one sealed bundle, so that a payment costs
/// one sealing and not ten. Borrowed from the message on the way in and from the opened bundle on the way out.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Carry<'a> {
    /// The payer's reference (EndToEndId).
    pub end_to_end_id: &'a str,
    /// The payer's instruction reference (InstrId).
    pub instruction_id: Option<&'a str>,
    /// The payer's UETR, repeated in reports.
    pub uetr: Option<&'a str>,
    pub creditor_name: Option<&'a str>,
    /// The creditor's country code.
    pub country: Option<&'a str>,
    /// The creditor's address: what has a field of its own, and its lines, joined by a line feed.
    pub address_parts: AddressParts<'a>,
    pub address: Option<&'a str>,
    /// The creditor's bank.
    pub agent_bic: Option<&'a str>,
    pub agent_clearing_member: Option<&'a str>,
    pub agent_name: Option<&'a str>,
    /// ISO purpose code (Purp/Cd).
    pub purpose: Option<&'a str>,
    /// Unstructured remittance information.
    pub remittance: Option<&'a str>,
    /// Structured creditor reference.
    pub structured_reference: Option<&'a str>,
    /// How the payer wants this payment carried out, where it is not as its block.
    pub terms: PaymentTerms<'a>,
    /// What few payments have.
    pub extras: Extras<'a>,
}

/// Field numbers of the stored form: never given another meaning.
mod tag {
    pub const END_TO_END_ID: u8 = 1;
    pub const INSTRUCTION_ID: u8 = 2;
    pub const UETR: u8 = 3;
    pub const CREDITOR_NAME: u8 = 4;
    pub const COUNTRY: u8 = 5;
    pub const ADDRESS: u8 = 6;
    pub const AGENT_BIC: u8 = 7;
    pub const AGENT_CLEARING_MEMBER: u8 = 8;
    pub const AGENT_NAME: u8 = 9;
    pub const PURPOSE: u8 = 10;
    pub const REMITTANCE: u8 = 11;
    pub const STRUCTURED_REFERENCE: u8 = 12;
    pub const SERVICE_LEVEL: u8 = 13;
    pub const CATEGORY_PURPOSE: u8 = 14;
    pub const CHARGE_BEARER: u8 = 15;

    /// The parts of an address.
    pub const ADDRESS_PARTS: [(u8, super::AddressPart); 15] = {
        use super::AddressPart::*;
        [
            (32, CareOf),
            (33, Department),
            (34, SubDepartment),
            (35, Street),
            (36, Building),
            (37, BuildingName),
            (38, Floor),
            (39, Unit),
            (40, PostBox),
            (41, Room),
            (42, PostCode),
            (43, Town),
            (44, TownLocation),
            (45, District),
            (46, Subdivision),
        ]
    };

    /// What few payments have.
    pub const EXTRAS: [(u8, super::Extra); 14] = {
        use super::Extra::*;
        [
            (48, InstructionPriority),
            (49, LocalInstrumentCode),
            (50, LocalInstrument),
            (51, UltimateDebtor),
            (52, UltimateCreditor),
            (53, CreditorAgentCode),
            (54, CreditorAgentText),
            (55, DebtorAgentText),
            (56, DocumentType),
            (57, DocumentNumber),
            (58, DocumentDate),
            (59, ReferenceCode),
            (60, ReferenceType),
            (61, ReferenceIssuer),
        ]
    };

    /// What few payments have, under this number.
    pub fn extra(number: u8) -> Option<super::Extra> {
        EXTRAS.iter().find(|(known, _)| *known == number).map(|(_, extra)| *extra)
    }

    /// The part of an address under this number.
    pub fn address_part(number: u8) -> Option<super::AddressPart> {
        ADDRESS_PARTS.iter().find(|(known, _)| *known == number).map(|(_, part)| *part)
    }
}

impl<'a> Carry<'a> {
    /// Appends the stored form.
    pub fn encode_into(&self, into: &mut Vec<u8>) {
        let mut fields = FieldWriter::new(into);
        fields.text(tag::END_TO_END_ID, Some(self.end_to_end_id));
        fields.text(tag::INSTRUCTION_ID, self.instruction_id);
        fields.text(tag::UETR, self.uetr);
        fields.text(tag::CREDITOR_NAME, self.creditor_name);
        fields.text(tag::COUNTRY, self.country);
        fields.text(tag::ADDRESS, self.address);
        for (number, part) in tag::ADDRESS_PARTS {
            fields.text(number, self.address_parts.get(part));
        }
        fields.text(tag::AGENT_BIC, self.agent_bic);
        fields.text(tag::AGENT_CLEARING_MEMBER, self.agent_clearing_member);
        fields.text(tag::AGENT_NAME, self.agent_name);
        fields.text(tag::PURPOSE, self.purpose);
        fields.text(tag::REMITTANCE, self.remittance);
        fields.text(tag::STRUCTURED_REFERENCE, self.structured_reference);
        fields.text(tag::SERVICE_LEVEL, self.terms.service_level);
        fields.text(tag::CATEGORY_PURPOSE, self.terms.category_purpose);
        fields.text(tag::CHARGE_BEARER, self.terms.charge_bearer.map(ChargeBearer::as_str));
        if !self.extras.is_empty() {
            for (number, extra) in tag::EXTRAS {
                fields.text(number, self.extras.get(extra));
            }
        }
    }

    /// Reads the stored form. A field this version does not know is passed over: a later release may write more.
    pub fn decode(stored: &'a [u8]) -> Result<Self, Error> {
        let mut carry = Self::default();
        let mut fields = FieldReader::new(stored)?;
        while let Some((number, text)) = fields.next_text()? {
            let field = match number {
                tag::END_TO_END_ID => {
                    carry.end_to_end_id = text;
                    continue;
                }
                tag::INSTRUCTION_ID => &mut carry.instruction_id,
                tag::UETR => &mut carry.uetr,
                tag::CREDITOR_NAME => &mut carry.creditor_name,
                tag::COUNTRY => &mut carry.country,
                tag::ADDRESS => &mut carry.address,
                tag::AGENT_BIC => &mut carry.agent_bic,
                tag::AGENT_CLEARING_MEMBER => &mut carry.agent_clearing_member,
                tag::AGENT_NAME => &mut carry.agent_name,
                tag::PURPOSE => &mut carry.purpose,
                tag::REMITTANCE => &mut carry.remittance,
                tag::STRUCTURED_REFERENCE => &mut carry.structured_reference,
                tag::SERVICE_LEVEL => &mut carry.terms.service_level,
                tag::CATEGORY_PURPOSE => &mut carry.terms.category_purpose,
                tag::CHARGE_BEARER => {
                    carry.terms.charge_bearer = ChargeBearer::parse(text);
                    continue;
                }
                other => {
                    if let Some(part) = tag::address_part(other) {
                        carry.address_parts.set(part, text);
                    } else if let Some(extra) = tag::extra(other) {
                        carry.extras.set(extra, text);
                    }
                    continue;
                }
            };
            *field = Some(text);
        }
        Ok(carry)
    }

    /// The lines of the creditor's address.
    pub fn address_lines(&self) -> impl Iterator<Item = &'a str> {
        self.address.into_iter().flat_map(|lines| lines.split('\n'))
    }
}

/// Masked: names, addresses and texts are personal.
impl std::fmt::Debug for Carry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Carry").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(carry: Carry<'_>) {
        let mut stored = Vec::new();
        carry.encode_into(&mut stored);
        assert!(Carry::decode(&stored).unwrap() == carry);
    }

    #[test]
    fn the_least_and_the_most_come_back() {
        check(Carry { end_to_end_id: "A-1", ..Carry::default() });
        check(Carry {
            end_to_end_id: "A-1",
            instruction_id: Some("I-1"),
            uetr: Some("8a562c67-ca16-48ba-b074-65581be6f011"),
            creditor_name: Some("Ærlig Ø. Åkjær"),
            country: Some("DK"),
            address_parts: AddressPart::ALL.into_iter().map(|part| (part, part.element())).collect(),
            address: Some("Vej 1\n8000 Aarhus C"),
            agent_bic: Some("DABADKKK"),
            agent_clearing_member: Some("0040"),
            agent_name: Some("Bank"),
            purpose: Some("SALA"),
            remittance: Some("Løn\njuli"),
            structured_reference: Some("RF18539007547034"),
            terms: PaymentTerms {
                service_level: Some("SDVA"),
                category_purpose: Some("SALA"),
                charge_bearer: Some(ChargeBearer::Debt),
            },
            extras: Extra::ALL.into_iter().map(|extra| (extra, extra.path())).collect(),
        });
    }

    #[test]
    fn address_lines_are_split() {
        let carry = Carry { address: Some("Vej 1\n8000 Aarhus C"), ..Carry::default() };
        assert_eq!(carry.address_lines().collect::<Vec<_>>(), ["Vej 1", "8000 Aarhus C"]);
        assert_eq!(Carry::default().address_lines().count(), 0);
    }

    #[test]
    fn a_cut_bundle_is_refused() {
        let mut stored = Vec::new();
        Carry { end_to_end_id: "A-1", remittance: Some("text"), ..Carry::default() }.encode_into(&mut stored);
        for cut in [0, stored.len() - 1, stored.len() - 5] {
            assert!(matches!(Carry::decode(&stored[..cut]), Err(Error::Corrupt(_))), "cut at {cut}");
        }
    }

    #[test]
    fn a_field_of_a_later_release_is_passed_over() {
        let mut stored = Vec::new();
        Carry { end_to_end_id: "A-1", ..Carry::default() }.encode_into(&mut stored);
        stored.extend_from_slice(&[99, 2, b'x', b'y']);
        assert_eq!(Carry::decode(&stored).unwrap().end_to_end_id, "A-1");
    }

    proptest! {
        #[test]
        fn any_texts_come_back(id in ".{0,35}", name in proptest::option::of(".{0,200}"), text in proptest::option::of(".{0,600}")) {
            check(Carry { end_to_end_id: &id, creditor_name: name.as_deref(), remittance: text.as_deref(), ..Carry::default() });
        }
    }
}
