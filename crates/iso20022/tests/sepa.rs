//! Agreement with `sepa`, a crate that others wrote from the same standard: we read the orders and recalls it writes, and
//! it reads the reports, answers and bookings we write.
//!
//! It knows one version of `camt.055` (05) and one of `camt.029` (06), both between the two versions that we know. Their
//! elements used here are the same in ours, so those tests put the namespace of one version in the place of the other's.

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/records.rs"]
mod records;

use iso20022::*;
use jiff::Timestamp;
use jiff::civil::date;
use primitives::{Currency, Iban, Money};
use sepa::{
    Camt055Builder, CancellationEntry, CancellationGroup, CancellationReason, CreditTransferEntry, CreditTransferGroup,
    CreditTransferKind, CreditTransferSchema, IsoDate, IsoDateTime, OriginalMessage, Pain001Builder, RfReference, validate_bic,
    validate_iban,
};

const DEBTOR: &str = "DE89370400440532013000";
const CREDITOR: &str = "NL91ABNA0417164300";
const DANISH: &str = "DK5000400440116243";

/// Two blocks, of two payments and one, as `sepa` writes them.
fn orders(schema: CreditTransferSchema) -> Pain001Builder {
    let account = |iban: &str| validate_iban(iban).expect("a published example");
    let day = IsoDate::new(2026, 7, 20).expect("a day");
    let first = CreditTransferGroup::new("Kommunen & Co", &account(DEBTOR), day)
        .payment_info_id("BLOCK-1")
        .debtor_bic(validate_bic("COBADEFFXXX").expect("a BIC"))
        .batch_booking(true)
        .add_entry(CreditTransferEntry::new("Müller GmbH", account(CREDITOR), 12_000, "E2E-1").with_description("Rechnung 1 & 2"))
        .add_entry(
            CreditTransferEntry::new("Søren", account(DANISH), 1, "E2E-2")
                .with_reference(RfReference::generate("2348231").expect("a reference")),
        );
    let second = CreditTransferGroup::new("Kommunen & Co", &account(DEBTOR), day)
        .payment_info_id("BLOCK-2")
        .kind(if schema == CreditTransferSchema::IsoV9 { CreditTransferKind::Instant } else { CreditTransferKind::Standard })
        .add_entry(CreditTransferEntry::new("Supplier", account(DANISH), 99_999_999, "E2E-3"));
    Pain001Builder::new("Kommunen & Co", "CT-2026-07-001")
        .created_at(IsoDateTime::parse("2026-07-14T10:20:30Z").expect("a point in time"))
        .schema(schema)
        .add_group(first)
        .add_group(second)
}

/// A payment as we read it: reference, amount, account, remittance.
type Read = (String, Option<Money>, Option<String>, Option<String>);

#[test]
fn we_read_its_orders() {
    for (schema, kind) in
        [(CreditTransferSchema::IsoV3, MessageKind::Pain001V03), (CreditTransferSchema::IsoV9, MessageKind::Pain001V09)]
    {
        let file = orders(schema).build().expect("valid orders");
        let verdict = validate(file.as_bytes(), Limits::default()).expect("memory does not fail");
        assert!(verdict.valid, "{:?}", verdict.findings);
        assert_eq!(verdict.message, Some(kind));
        let mut reader = Pain001Reader::new(file.as_bytes(), Limits::default());
        let (mut payments, mut blocks): (Vec<Read>, Vec<String>) = (Vec::new(), Vec::new());
        let totals = loop {
            match reader.next_event().expect("memory does not fail") {
                Event::GroupHeader(header) => {
                    assert_eq!((header.message_id.as_str(), header.declared_payments), ("CT-2026-07-001", 3));
                    assert_eq!(header.declared_sum, ControlSum::parse("1000120.00"));
                }
                Event::PaymentInformation(block) => {
                    assert_eq!((block.requested_date, &block.findings), (Some(date(2026, 7, 20)), &Vec::new()));
                    assert!(block.debtor_account.as_ref().is_some_and(|account| account.canonical().contains(DEBTOR)));
                    blocks.push(block.id.clone());
                }
                Event::Payment(row) => {
                    assert_eq!(row.findings, []);
                    let remittance = row.remittance.or(row.structured_reference).map(str::to_owned);
                    let account = row.account.map(primitives::Account::canonical);
                    payments.push((row.end_to_end_id.to_owned(), row.amount, account, remittance));
                }
                Event::Finding(finding) => panic!("{finding}"),
                Event::PaymentInformationEnd(block) => assert_eq!(block.findings, []),
                Event::End(totals) => break totals.clone(),
            }
        };
        assert_eq!((totals.outcome, totals.payments, &totals.findings), (Outcome::Readable, 3, &Vec::new()));
        assert_eq!(blocks, ["BLOCK-1", "BLOCK-2"]);
        let euro = |minor| Some(Money::new(minor, Currency::parse("EUR").expect("a currency")));
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(payments[0], ("E2E-1".to_owned(), euro(12_000), account(CREDITOR), text("Rechnung 1 + 2")));
        assert_eq!(payments[1], ("E2E-2".to_owned(), euro(1), account(DANISH), text("RF712348231")));
        assert_eq!(payments[2], ("E2E-3".to_owned(), euro(99_999_999), account(DANISH), None));
    }
}

fn account(iban: &str) -> Option<String> {
    Some(primitives::Account::from_iban(Iban::parse(iban).expect("a published example"), None).canonical())
}

/// A report on those orders: one block accepted, of the other one payment rejected.
fn report(version: Pain002Version) -> Vec<u8> {
    let rejected = [StatusReason { originator: Some("Banken"), code: "AC04", information: &["kontoen er lukket"] }];
    let header = ReportHeader {
        message_id: "REPORT-1",
        created: Timestamp::UNIX_EPOCH,
        initiator_name: Some("NemKonto"),
        original_message_id: "CT-2026-07-001",
        original_message_name: "pain.001.001.09",
        original_created: Some("2026-07-14T10:20:30Z"),
        original_payments: Some(3),
        original_sum: ControlSum::parse("1000120.00"),
        status: Some(Status::Part),
        reasons: &[StatusReason { originator: None, code: "NARR", information: &["en af tre"] }],
        counts: &[(Status::Acsp, 2), (Status::Rjct, 1)],
    };
    let block = |id, status| BlockStatus {
        original_id: id,
        original_payments: Some(2),
        original_sum: ControlSum::parse("120.01"),
        status: Some(status),
        reasons: &[],
    };
    let payment = |id, status, reasons| TransactionStatus {
        end_to_end_id: Some(id),
        status: Some(status),
        reasons,
        amount: Some(Money::new(12_000, Currency::parse("EUR").expect("a currency"))),
        ..TransactionStatus::default()
    };
    let mut writer = Pain002Writer::new(Vec::new(), version, &header).expect("valid");
    writer.payment_information(&block("BLOCK-1", Status::Part)).expect("valid");
    writer.transaction(&payment("E2E-1", Status::Rjct, &rejected)).expect("valid");
    writer.transaction(&payment("E2E-2", Status::Acsp, &[])).expect("valid");
    writer.payment_information(&block("BLOCK-2", Status::Acsp)).expect("valid");
    writer.finish().expect("valid")
}

#[test]
fn it_reads_our_status_reports() {
    for version in [Pain002Version::V03, Pain002Version::V10] {
        let file = String::from_utf8(report(version)).expect("UTF-8");
        let read = sepa::parse_pain002(&file).expect("it reads our report");
        assert_eq!((read.msg_id.as_str(), read.original_msg_id.as_str()), ("REPORT-1", "CT-2026-07-001"));
        assert_eq!(read.original_msg_type, Some(sepa::OriginalMessageType::CreditTransfer));
        assert_eq!((read.original_number_of_transactions, read.original_control_sum_ct), (Some(3), Some(100_012_000)));
        assert_eq!(read.group_status, Some(sepa::PaymentStatus::Part));
        assert_eq!(read.group_additional_info, ["en af tre"]);
        let counts: Vec<_> = read.group_status_counts.iter().map(|count| (count.status.clone(), count.count)).collect();
        assert_eq!(counts, [(Some(sepa::PaymentStatus::Acsp), Some(2)), (Some(sepa::PaymentStatus::Rjct), Some(1))]);
        let [first, second] = read.payment_info_statuses.as_slice() else { panic!("two blocks") };
        assert_eq!(first.original_payment_info_id.as_deref(), Some("BLOCK-1"));
        assert_eq!((second.status.clone(), second.transactions.len()), (Some(sepa::PaymentStatus::Acsp), 0));
        let [rejected, accepted] = first.transactions.as_slice() else { panic!("two payments") };
        assert!(rejected.is_rejected() && !accepted.is_rejected());
        assert_eq!(rejected.original_end_to_end_id.as_deref(), Some("E2E-1"));
        assert_eq!(rejected.reason_codes.iter().map(sepa::ReasonCode::as_code).collect::<Vec<_>>(), ["AC04"]);
        assert_eq!(rejected.additional_info, ["kontoen er lukket"]);
        assert_eq!((rejected.original_amount_ct, rejected.original_currency.as_deref()), (Some(12_000), Some("EUR")));
    }
}

/// The file with another version in its namespace; it stands there once.
fn as_version(file: &str, from: &str, to: &str) -> String {
    assert_eq!(file.matches(from).count(), 1, "{from}");
    file.replace(from, to)
}

#[test]
fn we_read_its_recalls() {
    let original = OriginalMessage::from_credit_transfer(&orders(CreditTransferSchema::IsoV9));
    let entry = CancellationEntry::new("E2E-1", CancellationReason::Dupl)
        .cancellation_id("CXL-E1")
        .original_amount(12_000)
        .additional_info("sendt to gange");
    let single = CancellationGroup::new("BLOCK-1").payment_cancellation_id("CXL-B1").add_entry(entry);
    let whole = CancellationGroup::new("BLOCK-2").cancel_whole_group(CancellationReason::Cust);
    let bank = validate_bic("COBADEFFXXX").expect("a BIC");
    let file = Camt055Builder::new("RECALL-1", "Kommunen", bank, original)
        .created_at(IsoDateTime::parse("2026-07-15T08:00:00Z").expect("a point in time"))
        .case_id("CASE-1")
        .add_group(single)
        .add_group(whole)
        .build()
        .expect("a valid recall");
    let file = as_version(&file, "camt.055.001.05", "camt.055.001.08");
    let read = Whole::<Recall>::read(file.as_bytes(), Limits::default()).expect("memory does not fail");
    let read = read.unwrap_or_else(|refused| panic!("{:?}", refused.findings));
    assert_eq!(read.findings().count(), 0);
    let records: Vec<_> = read.records().map(|told| told.record).collect();
    let [
        RecallRecord::Head(head),
        RecallRecord::Group(group),
        RecallRecord::Block(first),
        RecallRecord::Payment(payment),
        RecallRecord::Block(second),
    ] = records.as_slice()
    else {
        panic!("{records:?}")
    };
    assert_eq!((head.assignment.id, head.assignment.assignee.bank.and_then(|bank| bank.bic)), ("RECALL-1", Some("COBADEFFXXX")));
    assert_eq!(head.assignment.assigner.party.and_then(|party| party.name).map(Prose::as_str), Some("Kommunen"));
    // It names the delivery in each block, and has one request for both.
    assert_eq!(group.original_message_id, None);
    assert_eq!(first.original_message_id, Some("CT-2026-07-001"));
    assert_eq!(first.original_message_name, Some("pain.001.001.09"));
    assert_eq!(
        (first.original_id, first.id, second.original_id, second.whole),
        ("BLOCK-1", Some("CXL-B1"), "BLOCK-2", Some(true))
    );
    assert_eq!((payment.id, payment.end_to_end_id), (Some("CXL-E1"), Some("E2E-1")));
    assert_eq!(payment.amount, Some(Money::new(12_000, Currency::parse("EUR").expect("a currency"))));
    let reason = payment.reasons.first().expect("a reason");
    assert_eq!((reason.code, reason.information.first().map(Prose::as_str)), (Some("DUPL"), Some("sendt to gange")));
}

#[test]
fn it_reads_our_answers_to_recalls() {
    let mut writer = ResolutionWriter::new(Vec::new(), MessageKind::Camt029V09).expect("a version we write");
    for record in records::resolution(true) {
        writer.write(&record).expect("valid");
    }
    let file = String::from_utf8(writer.finish().expect("valid")).expect("UTF-8");
    let read = sepa::parse_camt029(&as_version(&file, "camt.029.001.09", "camt.029.001.06")).expect("it reads our answer");
    assert_eq!((read.assignment_id.as_str(), read.resolved_case_id.as_deref()), ("A-1", Some("C-1")));
    assert_eq!(read.outcome.as_ref().map(sepa::ResolutionOutcome::as_code), Some("PECR"));
    // The first of three deliveries that are answered on.
    let group = read.groups.first().expect("a delivery");
    assert_eq!((group.original_message_id.as_deref(), group.original_number_of_transactions), (Some("M-1"), Some(1)));
    assert_eq!(group.status.as_ref().map(sepa::CancellationStatus::as_code), Some("PACR"));
    let block = &group.payment_infos[0];
    assert_eq!(
        (block.original_payment_info_id.as_deref(), block.original_cancellation_id.as_deref()),
        (Some("P-1"), Some("B-1"))
    );
    let payment = &block.transactions[0];
    assert!(payment.is_rejected());
    assert_eq!(
        (payment.original_end_to_end_id.as_deref(), payment.original_instruction_id.as_deref()),
        (Some("E-1"), Some("I-1"))
    );
    assert_eq!(payment.reason_codes.iter().map(sepa::RejectionReason::as_code).collect::<Vec<_>>(), ["CUST", "EGEN"]);
    assert_eq!(payment.additional_info, ["Fejl & mangler", "anden linje"]);
    assert_eq!((payment.original_amount_ct, payment.original_currency.as_deref()), (Some(12_345), Some("DKK")));
}

/// Bookings as we write them.
fn booked(kind: MessageKind) -> String {
    let newer = kind.name().ends_with("08");
    let mut writer = BookingWriter::new(Vec::new(), kind).expect("a version we write");
    for record in records::bookings(newer, !kind.name().starts_with("camt.054")) {
        writer.write(&record).expect("valid");
    }
    String::from_utf8(writer.finish().expect("valid")).expect("UTF-8")
}

#[test]
fn it_reads_our_bookings() {
    for kind in [MessageKind::Camt053V02, MessageKind::Camt053V08] {
        let read = sepa::parse_camt053(&booked(kind)).expect("it reads our statement");
        check_entries(read.statements.iter().flat_map(|statement| &statement.entries).collect());
        assert_eq!(read.statements[0].account.iban.as_deref(), Some(DANISH));
        assert!(!read.statements[0].balances.is_empty());
    }
    for kind in [MessageKind::Camt052V02, MessageKind::Camt052V08] {
        let read = sepa::parse_camt052(&booked(kind)).expect("it reads our report");
        check_entries(read.reports.iter().flat_map(|report| &report.entries).collect());
    }
    let read = sepa::parse_camt054(&booked(MessageKind::Camt054V08)).expect("it reads our notification");
    check_entries(read.notifications.iter().flat_map(|notification| &notification.entries).collect());
}

fn check_entries(entries: Vec<&sepa::CashEntry>) {
    let entry = entries.first().expect("an entry");
    assert_eq!((entry.amount.ct, entry.amount.currency.as_deref()), (Some(12_345), Some("DKK")));
    assert_eq!(entry.amount.direction, Some(sepa::CreditDebitIndicator::Credit));
    assert_eq!((entry.booking_date_raw.as_deref(), entry.account_servicer_ref.as_deref()), (Some("2026-03-02"), Some("R-1")));
    let payment = entries.iter().flat_map(|entry| &entry.details).next().expect("a payment");
    assert_eq!((payment.end_to_end_id.as_deref(), payment.return_reason_code.as_deref()), (Some("E-1"), Some("AC04")));
}

/// What the house writes to payers, in the reports and answers that its own tests hold it against.
#[test]
fn it_reads_what_payers_are_sent() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/mediation");
    let (mut reports, mut answers) = (0, 0);
    for entry in std::fs::read_dir(folder).expect("the fixtures are here") {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let file = std::fs::read_to_string(&path).expect("UTF-8");
        if name.starts_with("report-") && name.contains(".pain.002.") {
            let read = sepa::parse_pain002(&file).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            let statuses = read.payment_info_statuses.iter().flat_map(|block| &block.transactions).count();
            assert_eq!(statuses, file.matches("<TxInfAndSts>").count(), "{name}");
            assert!(file.contains(&format!("<OrgnlMsgId>{}<", read.original_msg_id)), "{name}");
            reports += 1;
        } else if name.starts_with("recall-answer") && name.contains(".camt.029.001.09") {
            let read =
                sepa::parse_camt029(&as_version(&file, "camt.029.001.09", "camt.029.001.06")).expect("it reads our answer");
            let payments = read.groups.iter().flat_map(|group| &group.payment_infos).flat_map(|block| &block.transactions);
            let statuses: Vec<_> = payments.filter_map(|payment| Some(payment.status.as_ref()?.as_code().to_owned())).collect();
            assert_eq!(statuses.len(), file.matches("<TxCxlSts>").count(), "{name}");
            assert!(statuses.iter().all(|status| file.contains(&format!("<TxCxlSts>{status}<"))), "{name}");
            answers += 1;
        }
    }
    assert!(reports > 8 && answers > 1, "{reports} reports, {answers} answers");
}
