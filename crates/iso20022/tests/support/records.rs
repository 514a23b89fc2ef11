//! Records of every message that is written, with all their values.

use iso20022::*;
use jiff::Timestamp;
use jiff::civil::date;
use primitives::{Currency, Money};
use uuid::{Uuid, uuid};

const UETR: Uuid = uuid!("8a562c67-ca16-48ba-b074-65581be6f001");
const INFORMATION: &[Prose<'static>] = &[Prose("Fejl & mangler"), Prose("anden linje")];
const REASONS: &[GivenReason<'static>] = &[
    GivenReason { originator: Some(Prose("NemKonto")), code: Some("CUST"), text: None, information: List::of(INFORMATION) },
    GivenReason { originator: None, code: None, text: Some("EGEN"), information: List::of(&[]) },
];
const NUMBERS: &[OtherId<'static>] = &[OtherId::named("NKS", "12345678"), OtherId::named("CVR", "12345674")];
const PERSON: &[OtherId<'static>] = &[OtherId::coded("SOSE", "0101587003")];
const BIC: &str = "DABADKKK";

fn amount() -> Option<Money> {
    Some(Money::new(12_345, Currency::DKK))
}

fn organisation() -> PartyRef<'static> {
    let name = Some(Prose("Kommunen \"Nord\""));
    PartyRef { name, bic: Some("KOMMDKKKXXX"), organisation: List::of(NUMBERS), person: List::default() }
}

fn payer() -> CaseParty<'static> {
    CaseParty::of_party(organisation())
}

fn bank() -> BankRef<'static> {
    BankRef {
        bic: Some(BIC),
        clearing_system: Some("DKBBK"),
        clearing_member: Some("0040"),
        name: Some(Prose("Banken")),
        country: Some("DK"),
    }
}

fn assignment(id: &'static str) -> Assignment<'static> {
    Assignment { id, assigner: payer(), assignee: CaseParty::of_bank(bank()), created: Some(Timestamp::UNIX_EPOCH) }
}

fn case() -> CaseRef<'static> {
    CaseRef { id: Some("C-1"), creator: payer() }
}

/// A recall of a delivery, of a block with two payments and of another block; in all its values or those of version 01.
pub fn recall(newer: bool) -> Vec<RecallRecord<'static>> {
    let sum = ControlSum::parse("123.45");
    let group = GroupRecall {
        id: Some("G-1"),
        case: case(),
        original_message_id: Some("M-1"),
        original_message_name: Some("pain.001.001.09"),
        original_created: Some(Timestamp::UNIX_EPOCH),
        payments: Some(1),
        sum,
        whole: Some(true),
        reasons: List::of(REASONS),
    };
    let block = BlockRecall {
        id: Some("B-1"),
        case: case(),
        original_id: "P-1",
        original_message_id: Some("M-1"),
        original_message_name: Some("pain.001.001.09"),
        payments: Some(2),
        sum,
        whole: Some(false),
        reasons: List::of(REASONS),
    };
    let payment = PaymentRecall {
        id: Some("T-1"),
        case: case(),
        instruction_id: Some("I-1"),
        end_to_end_id: Some("E-1"),
        uetr: newer.then_some(UETR),
        amount: amount(),
        requested_date: DateChoice::of(date(2026, 3, 2)),
        reasons: List::of(REASONS),
    };
    let timed = DateChoice { date: None, time: Some(Timestamp::UNIX_EPOCH) };
    let later = PaymentRecall {
        requested_date: if newer { timed } else { DateChoice::default() },
        end_to_end_id: Some("E-2"),
        ..PaymentRecall::default()
    };
    vec![
        RecallRecord::Head(RecallHead { assignment: assignment("A-1"), case: case(), payments: Some(3), sum }),
        RecallRecord::Group(group),
        RecallRecord::Block(block),
        RecallRecord::Payment(payment),
        RecallRecord::Payment(later),
        RecallRecord::Block(BlockRecall { original_id: "P-2", whole: Some(true), ..BlockRecall::default() }),
        RecallRecord::Group(GroupRecall { original_message_id: Some("M-2"), ..group }),
    ]
}

/// Answers on all levels; in all their values or those of version 03.
pub fn resolution(newer: bool) -> Vec<ResolutionRecord<'static>> {
    let reasons: List<'static, GivenReason<'static>> = if newer { List::of(REASONS) } else { List::of(&REASONS[..1]) };
    let sum = ControlSum::parse("123.45");
    let group = GroupResolution {
        request_id: Some("G-1"),
        case: case(),
        original_message_id: Some("M-1"),
        original_message_name: Some("pain.001.001.09"),
        original_created: Some(Timestamp::UNIX_EPOCH),
        payments: Some(1),
        sum,
        status: Some(CancellationStatus::Partial),
        reasons,
    };
    let block = BlockResolution {
        request_id: Some("B-1"),
        case: case(),
        original_id: "P-1",
        original_message_id: Some("M-1"),
        original_message_name: Some("pain.001.001.09"),
        payments: Some(2),
        sum,
        status: Some(CancellationStatus::Pending),
        reasons,
    };
    let payment = PaymentResolution {
        id: Some("T-1"),
        case: case(),
        instruction_id: Some("I-1"),
        end_to_end_id: Some("E-1"),
        uetr: newer.then_some(UETR),
        status: Some(CancellationStatus::Rejected),
        reasons,
        amount: amount(),
    };
    let transfer = TransferResolution {
        id: Some("X-1"),
        case: case(),
        original_message_id: Some("M-1"),
        original_message_name: Some("pacs.008.001.08"),
        instruction_id: Some("I-1"),
        end_to_end_id: Some("E-1"),
        transaction_id: Some("T-1"),
        uetr: newer.then_some(UETR),
        status: Some(CancellationStatus::Accepted),
        reasons,
        amount: amount(),
        settled: Some(date(2026, 3, 2)),
    };
    vec![
        ResolutionRecord::Head(ResolutionHead {
            assignment: assignment("A-1"),
            case: case(),
            confirmation: Some("PECR"),
            ..ResolutionHead::default()
        }),
        ResolutionRecord::Group(group),
        ResolutionRecord::Block(block),
        ResolutionRecord::Payment(payment),
        ResolutionRecord::Payment(PaymentResolution { end_to_end_id: Some("E-2"), ..PaymentResolution::default() }),
        ResolutionRecord::Transfer(transfer),
        ResolutionRecord::Group(GroupResolution::default()),
        ResolutionRecord::Block(BlockResolution { original_id: "P-2", ..BlockResolution::default() }),
    ]
}

fn kind() -> TransactionCode<'static> {
    TransactionCode {
        domain: Some("PMNT"),
        family: Some("ICDT"),
        sub_family: Some("RRTN"),
        proprietary: Some("RETUR"),
        issuer: Some("BANKEN"),
    }
}

fn entry() -> Entry<'static> {
    Entry {
        reference: Some("N-1"),
        amount: amount(),
        direction: CreditDebit::Credit,
        reversal: Some(true),
        status: Some("BOOK"),
        booked: DateChoice::of(date(2026, 3, 2)),
        value_date: DateChoice { date: None, time: Some(Timestamp::UNIX_EPOCH) },
        bank_reference: Some("R-1"),
        kind: kind(),
        instructed_amount: amount(),
        transaction_amount: amount(),
    }
}

fn transaction(newer: bool) -> BookedTransaction<'static> {
    BookedTransaction {
        references: TransactionRefs {
            message_id: Some("M-1"),
            bank_reference: Some("R-2"),
            block_id: Some("P-1"),
            instruction_id: Some("I-1"),
            end_to_end_id: Some("E-1"),
            uetr: newer.then_some(UETR),
            transaction_id: Some("T-1"),
            clearing_reference: Some("C-1"),
        },
        amount: amount().filter(|_| newer),
        direction: newer.then_some(CreditDebit::Credit),
        instructed_amount: amount(),
        transaction_amount: amount(),
        kind: kind(),
        debtor: Some(Prose("Kommunen")),
        debtor_account: AccountRef { iban: Some("DK5000400440116243"), ..AccountRef::default() },
        creditor: Some(Prose("Søren")),
        creditor_account: AccountRef::of_bban("00400440116243"),
        remittance: List::of(INFORMATION),
        returned: kind(),
        return_reason: GivenReason { code: Some("AC04"), text: None, ..REASONS[0] },
        information: Some(Prose("kontoen er lukket")),
    }
}

/// Two accounts with bookings; in all their values or those of version 02, with balances or without.
pub fn bookings(newer: bool, balances: bool) -> Vec<BookingRecord<'static>> {
    let statement = Statement {
        id: "S-1",
        sequence: Some("17"),
        created: Some(Timestamp::UNIX_EPOCH),
        from: Some(Timestamp::UNIX_EPOCH),
        to: Some(Timestamp::UNIX_EPOCH),
        account: AccountRef { iban: Some("DK5000400440116243"), ..AccountRef::default() },
        currency: Some("DKK"),
        owner: Some(Prose("Kommunen")),
        bank: bank(),
    };
    let balance = Balance {
        code: Some("CLBD"),
        text: None,
        amount: amount(),
        direction: CreditDebit::Debit,
        date: DateChoice::of(date(2026, 3, 2)),
    };
    let batch = BatchRef {
        message_id: Some("M-1"),
        block_id: Some("P-1"),
        payments: Some(2),
        total: amount(),
        direction: Some(CreditDebit::Debit),
    };
    let head = BookingsHead { message_id: "M-1", created: Some(Timestamp::UNIX_EPOCH), page: Some(1), last_page: Some(true) };
    let balance = balances.then_some(BookingRecord::Balance(balance));
    let mut records = vec![BookingRecord::Head(head), BookingRecord::Statement(statement)];
    records.extend(balance);
    records.extend(balance);
    records.push(BookingRecord::Entry(entry()));
    records.push(BookingRecord::Batch(batch));
    records.push(BookingRecord::Transaction(transaction(newer)));
    records.push(BookingRecord::Transaction(BookedTransaction::default()));
    records.push(BookingRecord::Batch(batch));
    records.push(BookingRecord::Entry(Entry { direction: CreditDebit::Debit, reversal: None, ..entry() }));
    records.push(BookingRecord::Statement(Statement { id: "S-2", ..statement }));
    records.extend(balance);
    records
}

/// A question on a person and one on a company.
pub fn verification_request() -> Vec<VerificationRequestRecord<'static>> {
    let person = PartyRef { name: Some(Prose("Søren")), person: List::of(PERSON), ..PartyRef::default() };
    vec![
        VerificationRequestRecord::Head(VerificationRequestHead {
            message_id: "M-1",
            created: Some(Timestamp::UNIX_EPOCH),
            assigner: payer(),
            assignee: CaseParty::of_bank(BankRef::default()),
        }),
        VerificationRequestRecord::Verification(Verification {
            id: "V-1",
            party: person,
            account: AccountRef { iban: Some("DK5000400440116243"), ..AccountRef::default() },
            bank: BankRef::default(),
        }),
        VerificationRequestRecord::Verification(Verification {
            id: "V-2",
            party: organisation(),
            account: AccountRef::of_bban("00400440116243"),
            bank: bank(),
        }),
    ]
}

/// A good answer and a bad one.
pub fn verification_report() -> Vec<VerificationReportRecord<'static>> {
    let good = VerificationResult { original_id: "V-1", verified: true, code: None, text: None };
    vec![
        VerificationReportRecord::Head(VerificationReportHead {
            message_id: "M-2",
            created: Some(Timestamp::UNIX_EPOCH),
            assigner: payer(),
            assignee: CaseParty::of_party(PartyRef::default()),
            original_message_id: Some("M-1"),
            original_created: Some(Timestamp::UNIX_EPOCH),
        }),
        VerificationReportRecord::Result(good),
        VerificationReportRecord::Result(VerificationResult {
            original_id: "V-2",
            verified: false,
            code: Some("AC01"),
            text: None,
        }),
    ]
}

/// The status of a message and of a payment between banks.
pub fn interbank_status() -> Vec<InterbankStatusRecord<'static>> {
    let message = MessageStatus {
        original_message_id: "M-1",
        original_message_name: "pacs.008.001.08",
        status: Some("PART"),
        reasons: List::of(REASONS),
    };
    let transfer = TransferStatus {
        id: Some("S-1"),
        original_message_id: None,
        instruction_id: Some("I-1"),
        end_to_end_id: Some("E-1"),
        transaction_id: Some("T-1"),
        uetr: Some(UETR),
        status: Some("RJCT"),
        reasons: List::of(REASONS),
        accepted: Some(Timestamp::UNIX_EPOCH),
    };
    vec![
        InterbankStatusRecord::Head(InterbankStatusHead { message_id: "R-1", created: Some(Timestamp::UNIX_EPOCH) }),
        InterbankStatusRecord::Message(message),
        InterbankStatusRecord::Transfer(transfer),
        InterbankStatusRecord::Transfer(TransferStatus::default()),
    ]
}

/// A payment that comes back between banks.
pub fn interbank_return() -> Vec<InterbankReturnRecord<'static>> {
    let head = ReturnHead {
        message_id: "R-1",
        created: Some(Timestamp::UNIX_EPOCH),
        payments: 1,
        settled: Some(date(2026, 3, 2)),
        settlement: "CLRG",
        original_message_id: None,
    };
    let transfer = ReturnedTransfer {
        id: Some("R-1"),
        original_message_id: None,
        instruction_id: Some("I-1"),
        end_to_end_id: Some("E-1"),
        transaction_id: Some("T-1"),
        uetr: Some(UETR),
        original_amount: amount(),
        amount: amount(),
        settled: Some(date(2026, 3, 2)),
        reasons: List::of(REASONS),
    };
    vec![InterbankReturnRecord::Head(head), InterbankReturnRecord::Transfer(transfer)]
}
