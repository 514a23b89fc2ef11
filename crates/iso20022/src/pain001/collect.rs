//! Takes up what the engine tells, element by element.

use super::address::Address;
use super::block::{BlockTotals, PaymentInformation};
use super::duplicates::{ReferenceKind, Seen};
use super::fault::{Fault, Reporter, place_at, row_path, words};
use super::fields::F;
use super::group::{GroupHeader, HeadPlaces};
use super::party::{InitiatingParty, OtherId};
use super::payee::IdPlace;
use super::rare::{self, RareFields};
use super::row::Span;
use super::rules::Rules;
use super::{address, block, judge};
use crate::control_sum::ControlSum;
use crate::engine::{Flow, Place, Sink, valid};
use crate::extras::{AllLeftOut, LeftOut};
use crate::finding::{Finding, Level};
use crate::grammar::binding::Field;
use crate::message::MessageKind;
use crate::reason::ReasonCode;
use crate::terms::ChargeBearer;
use crate::text_store::{Intake, Slice, TextStore};
use std::collections::VecDeque;

/// An `Othr` entry of the creditor as collected.
#[derive(Debug, Clone, Copy)]
pub(super) struct OtherSlices {
    pub place: IdPlace,
    pub value: Option<Slice>,
    pub code: Option<Slice>,
    pub proprietary: Option<Slice>,
    pub issuer: Option<Slice>,
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
    /// The amount of an equivalent, which counts in the sums.
    pub equivalent: Option<Slice>,
    pub service_level: Option<Slice>,
    pub category_code: Option<Slice>,
    pub category: Option<Slice>,
    pub charge_bearer: Option<Slice>,
    pub purpose: Option<Slice>,
    pub purpose_code: Option<Slice>,
    pub agent_bic: Option<Slice>,
    pub agent_system: Option<Slice>,
    pub agent_member: Option<Slice>,
    pub agent_name: Option<Slice>,
    pub agent_country: Option<Slice>,
    pub creditor_name: Option<Slice>,
    pub iban: Option<Slice>,
    pub reference: Option<Slice>,
    pub remittance: Option<Slice>,
    pub others: Vec<OtherSlices>,
    pub unstructured: Vec<Slice>,
    pub address: Address,
    /// What few payments have.
    pub rare: RareFields,
    /// Texts of a payment that has not ended.
    intake: Intake,
    /// Texts of one that has.
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
    pub row: Box<RowFields>,
    pub judged: judge::Judged,
    pub ready: Option<Ready>,
    pub findings: VecDeque<Finding>,
    /// The file is refused: nothing but findings is told any more.
    pub refused: bool,
    pub payments: u64,
    pub sum: ControlSum,
    /// What stands behind all blocks and does not pass on.
    pub left_out: AllLeftOut,
    /// References of payments seen so far.
    pub seen: Seen,
    seen_blocks: Seen,
    rules: Rules,
    /// The most bytes that are kept of one payment.
    limit: usize,
    block_told: bool,
    other: OtherId,
    debtor_account: block::DebtorAccount,
}

impl RowFields {
    /// Begins a payment.
    pub fn begin(&mut self, place: Place) {
        self.clear();
        (self.line, self.span.start) = (place.line, place.offset);
    }

    /// Ends the payment before this offset.
    pub fn end(&mut self, end: u64) {
        self.span.len = end - self.span.start;
        self.texts.take_in(&mut self.intake);
    }

    /// Takes up the beginning of an element below the payment.
    pub fn open(&mut self, field: F) {
        let place = match field {
            F::OrganisationOther => IdPlace::Organisation,
            F::PrivateOther => IdPlace::Private,
            _ => return self.rare.open(field),
        };
        self.others.push(OtherSlices { place, value: None, code: None, proprietary: None, issuer: None });
    }

    /// Forgets the payment, and keeps the memory.
    pub fn clear(&mut self) {
        let kept = RowFields {
            others: std::mem::take(&mut self.others),
            unstructured: std::mem::take(&mut self.unstructured),
            address: std::mem::take(&mut self.address),
            rare: std::mem::take(&mut self.rare),
            intake: std::mem::take(&mut self.intake),
            texts: std::mem::take(&mut self.texts),
            ..RowFields::default()
        };
        *self = kept;
        self.others.clear();
        self.unstructured.clear();
        self.address.clear();
        self.rare.clear();
        self.intake.clear();
        self.texts.clear();
    }

    /// What the payment takes of memory, as far as it may grow.
    #[inline]
    fn kept_bytes(&self) -> usize {
        self.intake.len() + self.others.len() * size_of::<OtherSlices>() + self.unstructured.len() * size_of::<Slice>()
    }

    /// Takes up a value of the payment; `false` when that would be more than may be kept of it.
    pub fn value(&mut self, field: F, value: &[u8], attribute: &[u8], line: u64, limit: usize) -> bool {
        let slice = self.intake.add(value, line);
        if self.kept_bytes() > limit {
            return false;
        }
        match field {
            F::Amount => {
                self.amount = Some(slice);
                self.currency = Some(self.intake.add(attribute, line));
            }
            F::Unstructured => self.unstructured.push(slice),
            F::AddressLine => self.address.lines.push(slice),
            _ => match row_field(self, field) {
                // Of a repeated element, such as a reference, the first counts.
                Some(place) if place.is_none() => *place = Some(slice),
                Some(_) => self.rare.repeated(field),
                None => match address::part_of(field) {
                    Some(part) => self.address.parts.push((part, slice)),
                    None if rare::is_rare(field) => self.rare.value(field, slice),
                    None => self.other_value(field, slice),
                },
            },
        }
        true
    }

    fn other_value(&mut self, field: F, slice: Slice) {
        match field {
            F::OrganisationOtherId => self.last_other(IdPlace::Organisation).value = Some(slice),
            F::OrganisationOtherCode => self.last_other(IdPlace::Organisation).code = Some(slice),
            F::OrganisationOtherProprietary => self.last_other(IdPlace::Organisation).proprietary = Some(slice),
            F::PrivateOtherId => self.last_other(IdPlace::Private).value = Some(slice),
            F::PrivateOtherCode => self.last_other(IdPlace::Private).code = Some(slice),
            F::PrivateOtherProprietary => self.last_other(IdPlace::Private).proprietary = Some(slice),
            F::PrivateOtherIssuer => self.last_other(IdPlace::Private).issuer = Some(slice),
            F::ProxyId => self.last_other(IdPlace::Proxy).value = Some(slice),
            F::ProxyCode => self.last_other(IdPlace::Proxy).code = Some(slice),
            F::ProxyProprietary => self.last_other(IdPlace::Proxy).proprietary = Some(slice),
            F::AccountId => self.last_other(IdPlace::Account).value = Some(slice),
            F::AccountCode => self.last_other(IdPlace::Account).code = Some(slice),
            F::AccountProprietary => self.last_other(IdPlace::Account).proprietary = Some(slice),
            _ => {}
        }
    }

    /// The text of a slice.
    pub fn text(&self, slice: Option<Slice>) -> Option<&str> {
        slice.map(|slice| self.texts.get(slice))
    }

    fn last_other(&mut self, place: IdPlace) -> &mut OtherSlices {
        // `CdtrAcct/Id/Othr` and `CdtrAcct/Prxy` occur once and are not announced; the others are.
        let announced = self.others.last().is_some_and(|other| other.place == place);
        if !announced {
            self.others.push(OtherSlices { place, value: None, code: None, proprietary: None, issuer: None });
        }
        self.others.last_mut().expect("one has just been added")
    }
}

impl Collector {
    pub fn new(rules: Rules, limit: usize) -> Self {
        Collector {
            group: GroupHeader {
                message: MessageKind::Pain001V09,
                line: 1,
                places: HeadPlaces::default(),
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
            row: Box::default(),
            judged: judge::Judged::default(),
            ready: None,
            findings: VecDeque::new(),
            refused: false,
            payments: 0,
            sum: ControlSum::ZERO,
            left_out: AllLeftOut::default(),
            seen: Seen::new(rules.remembered_payments),
            seen_blocks: Seen::new(rules.remembered_blocks),
            rules,
            limit,
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
        self.block.places.offset = place.offset;
        self.block_totals = BlockTotals { position, ..BlockTotals::default() };
        self.debtor_account = block::DebtorAccount::default();
        self.block_told = false;
    }

    /// Before the first payment of a block the block is told.
    pub fn tell_block(&mut self) -> Flow {
        if self.block_told {
            return Flow::Continue;
        }
        self.block_told = true;
        self.block.judge(&self.debtor_account);
        if let Some(first) = self.seen_blocks.note(ReferenceKind::Block, &self.block.id, self.block.places.id) {
            self.block.repeats(first);
        }
        place_at(&mut self.block.findings, self.block.places.offset);
        self.tell(Ready::Block)
    }

    fn close_row(&mut self, end: u64) -> Flow {
        self.row.end(end);
        self.judge_row()
    }

    /// Takes up a payment that was collected elsewhere; gives what was here for it.
    pub fn take_row(&mut self, row: &mut Box<RowFields>) -> Flow {
        std::mem::swap(&mut self.row, row);
        self.judge_row()
    }

    fn judge_row(&mut self) -> Flow {
        self.payments += 1;
        self.block_totals.payments += 1;
        if self.refused {
            return Flow::Continue;
        }
        let written = self.row.text(self.row.amount.or(self.row.equivalent)).and_then(ControlSum::parse).unwrap_or_default();
        // Cannot overflow: each amount has at most 18 digits.
        self.sum = self.sum.checked_add(written).unwrap_or(self.sum);
        self.block_totals.sum = self.block_totals.sum.checked_add(written).unwrap_or(self.block_totals.sum);
        let position = (self.block.position, self.block_totals.payments);
        self.judged.judge(&mut self.row, position, self.block.benefit, &self.rules, &mut self.seen);
        place_at(&mut self.judged.findings, self.row.span.start);
        self.tell(Ready::Row)
    }

    fn close_block(&mut self) -> Flow {
        self.block_totals.judge(&self.block);
        place_at(&mut self.block_totals.findings, self.block.places.offset);
        self.tell(Ready::BlockEnd)
    }

    fn row_value(&mut self, field: F, value: &[u8], attribute: &[u8], line: u64) {
        if !self.row.value(field, value, attribute, line, self.limit) {
            self.refuse_row(line);
        }
    }

    fn group_value(&mut self, field: F, value: &str, line: u64) {
        match field {
            F::MessageId => self.group.read_message_id(value, line, &self.rules),
            F::Created => value.clone_into(&mut self.group.created),
            F::GroupCount => self.group.read_count(value, line),
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
            F::BlockId => block.read_id(value, line, &self.rules),
            F::Method => block.read_method(value, line),
            F::BatchBooking => block.batch_booking = Some(matches!(value, "true" | "1")),
            F::BlockCount => block.read_count(value, line),
            F::BlockSum => block.read_sum(value, line),
            F::BlockServiceLevel if block.service_level.is_some() => block.left_out.add(LeftOut::ServiceLevel),
            F::BlockServiceLevel => block.service_level = Some(value.to_owned()),
            F::BlockCategoryCode => block.category_purpose = Some(value.to_owned()),
            F::BlockCategoryProprietary => block.read_benefit(value, line),
            F::RequestedDate => block.read_date(value, line, &self.rules),
            F::RequestedDateTime => block.read_date_time(value, line, &self.rules),
            F::DebtorName => block.debtor.name = Some(value.to_owned()),
            F::DebtorIban => {
                block.places.account = line;
                self.debtor_account.iban = Some(value.to_owned());
            }
            F::DebtorAccountId => {
                block.places.account = line;
                self.debtor_account.number = Some(value.to_owned());
            }
            F::DebtorAccountCode | F::DebtorAccountProprietary => self.debtor_account.is_bban = value == "BBAN",
            F::DebtorBic => block.read_bic(value, line),
            F::DebtorMember => block.debtor_clearing_member = Some(value.to_owned()),
            F::ChargeBearer => block.charge_bearer = ChargeBearer::parse(value),
            F::ChargesIban => block.read_charges_account(value, line),
            _ => {
                if let Some(extra) = rare::of_block(field) {
                    block.extras.push((extra, value.to_owned()));
                } else if let Some(left) = rare::left_out_of_block(field) {
                    block.left_out.add(left);
                }
            }
        }
    }

    /// The payment repeats something without end: the file is refused, and what was kept of the payment is let go.
    #[cold]
    fn refuse_row(&mut self, line: u64) {
        self.row.clear();
        if !self.refused {
            let path = row_path(self.block.position, self.block_totals.payments + 1);
            let reporter = Reporter { level: Level::Unreadable, path: &path };
            self.finding(reporter.report(line, "", TOO_MUCH));
        }
    }
}

/// The place of a payment's field, where it is a single text.
fn row_field(row: &mut RowFields, field: F) -> Option<&mut Option<Slice>> {
    Some(match field {
        F::InstructionId => &mut row.instruction_id,
        F::EndToEndId => &mut row.end_to_end_id,
        F::Uetr => &mut row.uetr,
        F::EquivalentAmount => &mut row.equivalent,
        F::RowServiceLevel => &mut row.service_level,
        F::RowCategoryCode => &mut row.category_code,
        F::RowCategoryProprietary => &mut row.category,
        F::RowChargeBearer => &mut row.charge_bearer,
        F::PurposeProprietary => &mut row.purpose,
        F::PurposeCode => &mut row.purpose_code,
        F::AgentBic => &mut row.agent_bic,
        F::AgentSystem => &mut row.agent_system,
        F::AgentMember => &mut row.agent_member,
        F::AgentName => &mut row.agent_name,
        F::AgentCountry => &mut row.agent_country,
        F::CreditorName => &mut row.creditor_name,
        F::Country => &mut row.address.country,
        F::Iban => &mut row.iban,
        F::Reference => &mut row.reference,
        _ => return None,
    })
}

/// Whether a field belongs to a payment; the payment's fields are declared behind all others.
pub(super) fn is_row_field(field: F) -> bool {
    field as u16 > F::Row as u16
}

impl Sink for Collector {
    fn open(&mut self, field: Field, place: Place) -> Flow {
        match F::of(field) {
            F::GroupHeader => {
                self.group.line = place.line;
                self.group.places.offset = place.offset;
            }
            F::Initiator => self.group.initiator_line = place.line,
            F::Block => self.open_block(place),
            F::Row => {
                self.row.begin(place);
                return self.tell_block();
            }
            F::MessageLeft => self.left_out.add(LeftOut::Supplementary),
            below if is_row_field(below) => self.row.open(below),
            of_block => {
                if let Some(left) = rare::left_out_of_block(of_block) {
                    self.block.left_out.add(left);
                }
            }
        }
        Flow::Continue
    }

    fn value(&mut self, field: Field, value: &str, attribute: &str, line: u64) {
        match F::of(field) {
            of_row if is_row_field(of_row) => self.row_value(of_row, value.as_bytes(), attribute.as_bytes(), line),
            field => self.group_value(field, value, line),
        }
    }

    #[inline]
    fn value_bytes(&mut self, field: Field, value: &[u8], attribute: &[u8], line: u64) {
        match F::of(field) {
            of_row if is_row_field(of_row) => self.row_value(of_row, value, attribute, line),
            _ => self.value(field, valid(value), valid(attribute), line),
        }
    }

    fn close(&mut self, field: Field, end: u64) -> Flow {
        match F::of(field) {
            F::GroupHeader => {
                self.group.judge();
                place_at(&mut self.group.findings, self.group.places.offset);
                return self.tell(Ready::GroupHeader);
            }
            F::Block => return self.close_block(),
            F::Row => return self.close_row(end),
            F::InitiatorOther => self.group.take_up(&self.other),
            F::DebtorOther => self.block.take_up(&self.other),
            _ => {}
        }
        Flow::Continue
    }

    fn finding(&mut self, mut finding: Finding) {
        finding.code = schema_code(&finding);
        self.refused = true;
        self.ready = None;
        self.findings.push_back(finding);
    }
}

/// The code of a finding against the schema: the element's own where the list has one for it.
fn schema_code(finding: &Finding) -> ReasonCode {
    const ELEMENTS: &[(&str, ReasonCode)] = &[
        ("/NbOfTxs", ReasonCode::AM18),
        ("/InstdAmt", ReasonCode::AM12),
        ("/ReqdExctnDt", ReasonCode::DT01),
        ("/ReqdExctnDt/Dt", ReasonCode::DT01),
        ("/ReqdExctnDt/DtTm", ReasonCode::DT01),
        ("/DbtrAcct/Id/IBAN", ReasonCode::AC02),
        ("/CdtrAcct/Id/IBAN", ReasonCode::AC03),
    ];
    if finding.level != Level::Schema {
        return finding.code;
    }
    ELEMENTS.iter().find(|(end, _)| finding.path.ends_with(end)).map_or(finding.code, |(_, code)| *code)
}

const TOO_MUCH: Fault = Fault {
    code: ReasonCode::FF01,
    text: words("Filen overskrider en grænse.", "The file goes beyond a limit."),
    expected: words("en betaling med begrænset indhold", "a payment of bounded content"),
    found: words("mere", "more"),
};
