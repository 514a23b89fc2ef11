//! Takes up what the engine tells, element by element.

use super::address::AddressLines;
use super::block::{BlockTotals, PaymentInformation};
use super::fields::F;
use super::group::GroupHeader;
use super::party::{InitiatingParty, OtherId};
use super::payee::IdPlace;
use super::row::Span;
use super::{block, judge};
use crate::control_sum::ControlSum;
use crate::engine::{Flow, Place, Sink};
use crate::finding::Finding;
use crate::grammar::binding::Field;
use crate::message::MessageKind;
use crate::text_store::{Slice, TextStore};
use std::collections::VecDeque;

/// An `Othr` entry of the creditor as collected.
#[derive(Debug, Clone, Copy)]
pub(super) struct OtherSlices {
    pub place: IdPlace,
    pub value: Option<Slice>,
    pub code: Option<Slice>,
    pub proprietary: Option<Slice>,
}

/// The fields of one payment as collected.
#[derive(Debug, Default)]
pub(super) struct RowFields {
    pub line: u64,
    pub span: Span,
    pub instruction_id: Option<Slice>,
    pub end_to_end_id: Option<Slice>,
    pub uetr: Option<Slice>,
    pub amount: Option<Slice>,
    pub currency: Option<Slice>,
    pub has_equivalent_amount: bool,
    pub category: Option<Slice>,
    pub purpose: Option<Slice>,
    pub purpose_code: Option<Slice>,
    pub agent_bic: Option<Slice>,
    pub agent_system: Option<Slice>,
    pub agent_member: Option<Slice>,
    pub agent_name: Option<Slice>,
    pub agent_country: Option<Slice>,
    pub creditor_name: Option<Slice>,
    pub country: Option<Slice>,
    pub iban: Option<Slice>,
    pub proxy: Option<Slice>,
    pub reference: Option<Slice>,
    pub remittance: Option<Slice>,
    pub others: Vec<OtherSlices>,
    pub unstructured: Vec<Slice>,
    pub address: AddressLines,
    pub texts: TextStore,
}

/// What is ready to be told to the reader's user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ready {
    GroupHeader,
    Block,
    Row,
    BlockEnd,
}

/// The reader's state between the engine's calls.
#[derive(Debug)]
pub(super) struct Collector {
    pub group: GroupHeader,
    pub block: PaymentInformation,
    pub block_totals: BlockTotals,
    pub row: RowFields,
    pub judged: judge::Judged,
    pub ready: Option<Ready>,
    pub findings: VecDeque<Finding>,
    /// The file is refused: nothing but findings is told any more.
    pub refused: bool,
    pub payments: u64,
    pub sum: ControlSum,
    block_told: bool,
    other: OtherId,
    debtor_account: block::DebtorAccount,
}

impl RowFields {
    fn clear(&mut self) {
        let kept = RowFields {
            others: std::mem::take(&mut self.others),
            unstructured: std::mem::take(&mut self.unstructured),
            address: std::mem::take(&mut self.address),
            texts: std::mem::take(&mut self.texts),
            ..RowFields::default()
        };
        *self = kept;
        self.others.clear();
        self.unstructured.clear();
        self.address.clear();
        self.texts.clear();
    }

    /// The text of a slice.
    pub fn text(&self, slice: Option<Slice>) -> Option<&str> {
        slice.map(|slice| self.texts.get(slice))
    }

    fn last_other(&mut self, place: IdPlace) -> &mut OtherSlices {
        // `CdtrAcct/Id/Othr` occurs once and is not announced; the others are.
        let announced = self.others.last().is_some_and(|other| other.place == place);
        if !announced {
            self.others.push(OtherSlices { place, value: None, code: None, proprietary: None });
        }
        self.others.last_mut().expect("one has just been added")
    }
}

impl Collector {
    pub fn new() -> Self {
        Collector {
            group: GroupHeader {
                message: MessageKind::Pain001V09,
                line: 1,
                message_id: String::new(),
                message_id_line: 1,
                created: String::new(),
                declared_payments: 0,
                declared_sum: None,
                initiator_line: 1,
                initiator: InitiatingParty::default(),
                findings: Vec::new(),
            },
            block: PaymentInformation::default(),
            block_totals: BlockTotals::default(),
            row: RowFields::default(),
            judged: judge::Judged::default(),
            ready: None,
            findings: VecDeque::new(),
            refused: false,
            payments: 0,
            sum: ControlSum::ZERO,
            block_told: false,
            other: OtherId::default(),
            debtor_account: block::DebtorAccount::default(),
        }
    }

    fn tell(&mut self, ready: Ready) -> Flow {
        if self.refused {
            return Flow::Continue;
        }
        self.ready = Some(ready);
        Flow::Pause
    }

    fn open_block(&mut self, place: Place) {
        let position = self.block.position + 1;
        self.block = PaymentInformation { position, line: place.line, ..PaymentInformation::default() };
        self.block_totals = BlockTotals { position, ..BlockTotals::default() };
        self.debtor_account = block::DebtorAccount::default();
        self.block_told = false;
    }

    fn open_row(&mut self, place: Place) -> Flow {
        self.row.clear();
        (self.row.line, self.row.span.start) = (place.line, place.offset);
        if self.block_told {
            return Flow::Continue;
        }
        self.block_told = true;
        self.block.judge(&self.debtor_account);
        self.tell(Ready::Block)
    }

    fn close_row(&mut self, end: u64) -> Flow {
        self.row.span.len = end - self.row.span.start;
        self.payments += 1;
        self.block_totals.payments += 1;
        if self.refused {
            return Flow::Continue;
        }
        let written = self.row.text(self.row.amount).and_then(ControlSum::parse).unwrap_or_default();
        // Cannot overflow: each amount has at most 18 digits.
        self.sum = self.sum.checked_add(written).unwrap_or(self.sum);
        self.block_totals.sum = self.block_totals.sum.checked_add(written).unwrap_or(self.block_totals.sum);
        let position = (self.block.position, self.block_totals.payments);
        self.judged.judge(&mut self.row, position, self.block.benefit);
        self.tell(Ready::Row)
    }

    fn close_block(&mut self) -> Flow {
        self.block_totals.judge(&self.block);
        self.tell(Ready::BlockEnd)
    }

    fn group_value(&mut self, field: F, value: &str, line: u64) {
        match field {
            F::MessageId => self.group.read_message_id(value, line),
            F::Created => value.clone_into(&mut self.group.created),
            F::GroupCount => self.group.declared_payments = value.parse().unwrap_or(u64::MAX),
            F::GroupSum => self.group.read_sum(value, line),
            F::InitiatorName => self.group.initiator.name = Some(value.to_owned()),
            F::InitiatorOtherId | F::DebtorOtherId => {
                self.other = OtherId { value: value.to_owned(), line, ..OtherId::default() };
            }
            F::InitiatorOtherCode | F::DebtorOtherCode => self.other.code = Some(value.to_owned()),
            F::InitiatorOtherProprietary | F::DebtorOtherProprietary => self.other.proprietary = Some(value.to_owned()),
            _ => self.block_value(field, value, line),
        }
    }

    fn block_value(&mut self, field: F, value: &str, line: u64) {
        let block = &mut self.block;
        match field {
            F::BlockId => value.clone_into(&mut block.id),
            F::Method => value.clone_into(&mut block.method),
            F::BatchBooking => block.batch_booking = Some(matches!(value, "true" | "1")),
            F::BlockCount => block.declared_payments = Some(value.parse().unwrap_or(u64::MAX)),
            F::BlockSum => block.read_sum(value, line),
            F::BlockServiceLevel => block.service_level = Some(value.to_owned()),
            F::BlockCategoryCode => block.category_purpose = Some(value.to_owned()),
            F::BlockCategoryProprietary => block.read_benefit(value, line),
            F::RequestedDate => block.read_date(value, line),
            F::RequestedDateTime => block.read_date_time(value, line),
            F::DebtorName => block.debtor.name = Some(value.to_owned()),
            F::DebtorIban => self.debtor_account.iban = Some(value.to_owned()),
            F::DebtorAccountId => self.debtor_account.number = Some(value.to_owned()),
            F::DebtorAccountCode | F::DebtorAccountProprietary => self.debtor_account.is_bban = value == "BBAN",
            F::DebtorBic => block.read_bic(value, line),
            F::DebtorMember => block.debtor_clearing_member = Some(value.to_owned()),
            F::ChargeBearer => block.charge_bearer = Some(value.to_owned()),
            _ => {}
        }
    }

    fn other_value(&mut self, field: F, slice: Slice) {
        let row = &mut self.row;
        match field {
            F::OrganisationOtherId => row.last_other(IdPlace::Organisation).value = Some(slice),
            F::OrganisationOtherCode => row.last_other(IdPlace::Organisation).code = Some(slice),
            F::OrganisationOtherProprietary => row.last_other(IdPlace::Organisation).proprietary = Some(slice),
            F::PrivateOtherId => row.last_other(IdPlace::Private).value = Some(slice),
            F::PrivateOtherCode => row.last_other(IdPlace::Private).code = Some(slice),
            F::PrivateOtherProprietary => row.last_other(IdPlace::Private).proprietary = Some(slice),
            F::AccountId => row.last_other(IdPlace::Account).value = Some(slice),
            F::AccountCode => row.last_other(IdPlace::Account).code = Some(slice),
            F::AccountProprietary => row.last_other(IdPlace::Account).proprietary = Some(slice),
            _ => {}
        }
    }
}

/// The place of a payment's field, where it is a single text.
fn row_field(row: &mut RowFields, field: F) -> Option<&mut Option<Slice>> {
    Some(match field {
        F::InstructionId => &mut row.instruction_id,
        F::EndToEndId => &mut row.end_to_end_id,
        F::Uetr => &mut row.uetr,
        F::RowCategoryProprietary => &mut row.category,
        F::PurposeProprietary => &mut row.purpose,
        F::PurposeCode => &mut row.purpose_code,
        F::AgentBic => &mut row.agent_bic,
        F::AgentSystem => &mut row.agent_system,
        F::AgentMember => &mut row.agent_member,
        F::AgentName => &mut row.agent_name,
        F::AgentCountry => &mut row.agent_country,
        F::CreditorName => &mut row.creditor_name,
        F::Country => &mut row.country,
        F::Street => &mut row.address.street,
        F::Building => &mut row.address.building,
        F::PostCode => &mut row.address.post_code,
        F::Town => &mut row.address.town,
        F::Iban => &mut row.iban,
        F::ProxyId => &mut row.proxy,
        F::Reference => &mut row.reference,
        _ => return None,
    })
}

/// Whether a field belongs to a payment; the payment's fields are declared behind all others.
fn is_row_field(field: F) -> bool {
    field as u16 > F::Row as u16
}

impl Sink for Collector {
    fn open(&mut self, field: Field, place: Place) -> Flow {
        match F::of(field) {
            F::GroupHeader => self.group.line = place.line,
            F::Initiator => self.group.initiator_line = place.line,
            F::Block => self.open_block(place),
            F::Row => return self.open_row(place),
            F::EquivalentAmount => self.row.has_equivalent_amount = true,
            F::OrganisationOther => {
                self.row.others.push(OtherSlices { place: IdPlace::Organisation, value: None, code: None, proprietary: None })
            }
            F::PrivateOther => {
                self.row.others.push(OtherSlices { place: IdPlace::Private, value: None, code: None, proprietary: None })
            }
            _ => {}
        }
        Flow::Continue
    }

    fn value(&mut self, field: Field, value: &str, attribute: &str, line: u64) {
        let field = F::of(field);
        if !is_row_field(field) {
            return self.group_value(field, value, line);
        }
        let slice = self.row.texts.add(value, line);
        match field {
            F::Amount => {
                self.row.amount = Some(slice);
                self.row.currency = Some(self.row.texts.add(attribute, line));
            }
            F::Unstructured => self.row.unstructured.push(slice),
            F::AddressLine => self.row.address.written.push(slice),
            _ => match row_field(&mut self.row, field) {
                // Of a repeated element, such as a reference, the first counts.
                Some(place) => *place = place.or(Some(slice)),
                None => self.other_value(field, slice),
            },
        }
    }

    fn close(&mut self, field: Field, end: u64) -> Flow {
        match F::of(field) {
            F::GroupHeader => return self.tell(Ready::GroupHeader),
            F::Block => return self.close_block(),
            F::Row => return self.close_row(end),
            F::InitiatorOther => self.group.take_up(&self.other),
            F::DebtorOther => self.block.take_up(&self.other),
            _ => {}
        }
        Flow::Continue
    }

    fn finding(&mut self, finding: Finding) {
        self.refused = true;
        self.ready = None;
        self.findings.push_back(finding);
    }
}
