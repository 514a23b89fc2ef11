//! What is written is valid, and read as it was meant.

#[path = "support/large_file.rs"]
mod large_file;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/oracle.rs"]
mod oracle;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/xsd.rs"]
mod xsd;

use iso20022::*;
use jiff::Timestamp;
use jiff::civil::date;
use primitives::{
    Account, AgreementNumber, Bic, Currency, Cvr, DanishAccount, ForeignAccount, ForeignAccountParts, Iban, Identifier, Money,
    PNumber,
};
use std::sync::atomic::{AtomicU32, Ordering};

fn assert_valid(file: &[u8], message: MessageKind) {
    let verdict = validate(file, Limits::default()).expect("no I/O error");
    assert!(verdict.valid, "{:?}", verdict.findings);
    assert_eq!(verdict.message, Some(message));
    let Some(official) = oracle::official().filter(|_| oracle::has_xmllint()) else { return };
    static FILES: AtomicU32 = AtomicU32::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("nemkonto-round-trip-{}-{number}.xml", std::process::id()));
    std::fs::write(&path, file).expect("the temporary folder can be written");
    let schema = official.join("xsd").join(format!("{message}.xsd"));
    assert_eq!(oracle::accepted(&schema, std::slice::from_ref(&path)).len(), 1);
    std::fs::remove_file(path).expect("just written");
}

fn accounts() -> Vec<Account> {
    let foreign = ForeignAccountParts {
        number: "000123456789".to_owned(),
        bank_code: Some("021000021".to_owned()),
        bic: Bic::parse("CHASUS33").ok(),
        bank_name: Some("Some Bank and Trust".to_owned()),
        country: primitives::Country::parse("US").expect("a country"),
        currency: None,
    };
    vec![
        Account::Danish(DanishAccount::new("0040", "0440116243").expect("a published example")),
        Account::Iban {
            iban: Iban::parse("DE89370400440532013000").expect("a published example"),
            bic: Bic::parse("COBADEFFXXX").ok(),
        },
        Account::Foreign(ForeignAccount::new(foreign).expect("a valid account")),
    ]
}

/// A message with a payment to each of the accounts and one without.
fn message(version: Pain001Version, form: AccountForm) -> Vec<u8> {
    let accounts = accounts();
    let amount = Money::new(12_345, Currency::DKK);
    let sum = (0..4).fold(ControlSum::ZERO, |sum, _| sum.add_money(amount).expect("small"));
    let company =
        [Identifier::Cvr(Cvr::parse("12345674").expect("valid")), Identifier::P(PNumber::parse("1001234567").expect("valid"))];
    let payer = Party {
        name: Some("Kommunen \"Nord\" <&>"),
        agreement: AgreementNumber::parse("12345678").ok(),
        unit: Some("0042"),
        ..Party::default()
    };
    let header = MessageHeader { message_id: "M-1", created: Timestamp::UNIX_EPOCH, payments: 4, sum, initiator: payer };
    let mut writer = Pain001Writer::with_style(Vec::new(), version, &header, CharacterSet::Danish, form).expect("valid");
    let block = DebtorBlock {
        id: "B-1",
        batch_booking: Some(false),
        payments: 4,
        sum,
        requested_date: date(2026, 3, 2),
        debtor: payer,
        account: &accounts[0],
        agent: Agent { bic: Bic::parse("NDEADKKK").ok(), ..Agent::default() },
        benefit: Some("NKSLEV"),
        terms: block_terms(),
        extras: iso20022::Extras::default(),
    };
    writer.payment_information(&block).expect("valid");
    for account in accounts.iter().map(Some).chain([None]) {
        writer
            .payment(&CreditTransfer {
                instruction_id: Some("1234567800000000000000000000000000A"),
                end_to_end_id: "E-1",
                uetr: Some(uuid::uuid!("8a562c67-ca16-48ba-b074-65581be6f001")),
                terms: own_terms(),
                extras: iso20022::Extras::default(),
                amount,
                creditor: Party {
                    name: Some("Søren & Ærø"),
                    identifiers: if account.is_none() { &company } else { &[] },
                    address_lines: &["Vej 1", "", "9999 By"],
                    country: Some("DK"),
                    ..Party::default()
                },
                account,
                agent: None,
                benefit: Some("NKSLEV"),
                purpose: None,
                remittance: Some("Faktura\n17"),
                structured_reference: Some("RF18539007547034"),
            })
            .expect("valid");
    }
    writer.finish().expect("valid")
}

fn block_terms() -> PaymentTerms<'static> {
    PaymentTerms { service_level: Some("SEPA"), category_purpose: None, charge_bearer: Some(ChargeBearer::Shar) }
}

fn own_terms() -> PaymentTerms<'static> {
    PaymentTerms { service_level: Some("URGP"), category_purpose: Some("SALA"), charge_bearer: Some(ChargeBearer::Debt) }
}

#[test]
fn pain_001_is_read_as_written() {
    for version in [Pain001Version::V03, Pain001Version::V09, Pain001Version::V12] {
        for form in [AccountForm::Iban, AccountForm::Bban] {
            let file = message(version, form);
            assert_valid(&file, version.message());
            let mut reader = Pain001Reader::new(file.as_slice(), Limits::default());
            let mut read = Vec::new();
            loop {
                match reader.next_event().expect("no I/O error") {
                    Event::GroupHeader(header) => {
                        assert_eq!(header.initiator.agreement, AgreementNumber::parse("12345678").ok());
                        assert_eq!(header.initiator.name.as_deref(), Some("Kommunen 'Nord' .+."));
                    }
                    Event::PaymentInformation(block) => {
                        assert_eq!(block.findings, []);
                        assert_eq!(block.terms(), block_terms());
                    }
                    Event::Payment(row) => {
                        assert_eq!((row.findings, row.terms), (&[][..], own_terms()));
                        assert_eq!(row.amount, Some(Money::new(12_345, Currency::DKK)));
                        assert_eq!(row.creditor_name, Some("Søren + Ærø"));
                        assert_eq!(row.remittance, Some("Faktura\n17"));
                        assert_eq!(row.structured_reference, Some("RF18539007547034"));
                        assert_eq!(row.address_lines().collect::<Vec<_>>(), ["Vej 1", "9999 By"]);
                        assert_eq!(row.uetr.is_some(), version != Pain001Version::V03);
                        assert_eq!(row.payee().is_some(), row.account.is_none());
                        read.extend(row.account.cloned());
                    }
                    Event::End(totals) => {
                        assert_eq!((totals.outcome, totals.findings.as_slice()), (Outcome::Readable, &[][..]));
                        break;
                    }
                    Event::PaymentInformationEnd(totals) => assert_eq!(totals.findings, []),
                    Event::Finding(finding) => panic!("{finding}"),
                }
            }
            assert_eq!(read, accounts());
        }
    }
}

#[test]
fn a_writer_refuses_what_would_not_be_valid() {
    let account = &accounts()[0];
    let amount = Money::new(100, Currency::DKK);
    let sum = ControlSum::ZERO.add_money(amount).expect("small");
    let written = |payments: u64, end_to_end_id: &str, amount: Money| -> std::io::Result<Vec<u8>> {
        let header =
            MessageHeader { message_id: "M", created: Timestamp::UNIX_EPOCH, payments, sum, initiator: Party::default() };
        let mut writer = Pain001Writer::new(Vec::new(), Pain001Version::V03, &header)?;
        writer.payment_information(&DebtorBlock {
            id: "B",
            batch_booking: None,
            payments,
            sum,
            requested_date: date(2026, 3, 2),
            debtor: Party::default(),
            account,
            agent: Agent::default(),
            benefit: None,
            terms: PaymentTerms::default(),
            extras: iso20022::Extras::default(),
        })?;
        writer.payment(&CreditTransfer {
            instruction_id: None,
            end_to_end_id,
            uetr: None,
            terms: PaymentTerms::default(),
            extras: iso20022::Extras::default(),
            amount,
            creditor: Party::default(),
            account: Some(account),
            agent: None,
            benefit: None,
            purpose: None,
            remittance: None,
            structured_reference: None,
        })?;
        writer.finish()
    };
    assert_valid(&written(1, "E", amount).expect("valid"), MessageKind::Pain001V03);
    for refused in [
        written(2, "E", amount),
        written(1, "", amount),
        written(1, "123456789012345678901234567890123456", amount),
        written(1, "E\u{1}", amount),
        written(1, "E", Money::zero(Currency::DKK)),
        written(1, "E", Money::new(200, Currency::DKK)),
    ] {
        assert_eq!(refused.map_err(|error| error.kind()), Err(std::io::ErrorKind::InvalidInput));
    }
}

/// A payment to this creditor with this text for it, in this version and these characters.
fn single(version: Pain001Version, characters: CharacterSet, creditor: Party<'_>, remittance: &str) -> Vec<u8> {
    let account = &accounts()[0];
    let amount = Money::new(100, Currency::DKK);
    let sum = ControlSum::ZERO.add_money(amount).expect("small");
    let header = MessageHeader { message_id: "M", created: Timestamp::UNIX_EPOCH, payments: 1, sum, initiator: Party::default() };
    let mut writer = Pain001Writer::with_style(Vec::new(), version, &header, characters, AccountForm::Iban).expect("valid");
    let block = DebtorBlock {
        id: "B",
        batch_booking: None,
        payments: 1,
        sum,
        requested_date: date(2026, 3, 2),
        debtor: Party::default(),
        account,
        agent: Agent::default(),
        benefit: None,
        terms: PaymentTerms::default(),
        extras: iso20022::Extras::default(),
    };
    writer.payment_information(&block).expect("valid");
    let payment = CreditTransfer {
        instruction_id: None,
        end_to_end_id: "E_ø",
        uetr: None,
        terms: PaymentTerms::default(),
        extras: iso20022::Extras::default(),
        amount,
        creditor,
        account: Some(account),
        agent: None,
        benefit: None,
        purpose: None,
        remittance: Some(remittance),
        structured_reference: Some("åååååååååååååååååååå"),
    };
    writer.payment(&payment).expect("valid");
    writer.finish().expect("valid")
}

/// The creditor's address in a file: its parts, and its lines.
fn address_of(file: &[u8]) -> (Vec<(AddressPart, String)>, Vec<String>) {
    let mut reader = Pain001Reader::new(file, Limits::default());
    loop {
        if let Event::Payment(row) = reader.next_event().expect("no I/O error") {
            let parts = row.address_parts();
            let parts = parts.iter().map(|(part, text)| (part, text.to_owned())).collect();
            return (parts, row.address_lines().map(str::to_owned).collect());
        }
    }
}

const ALL_VERSIONS: [Pain001Version; 3] = [Pain001Version::V03, Pain001Version::V09, Pain001Version::V12];

fn check_address(
    version: Pain001Version, given: &[(AddressPart, &str)], own: &[&str], parts: &[(AddressPart, &str)], lines: &[&str],
) {
    let creditor =
        Party { address_parts: given.iter().copied().collect(), address_lines: own, country: Some("DK"), ..Party::default() };
    let file = single(version, CharacterSet::Danish, creditor, "Tekst");
    assert_valid(&file, version.message());
    let parts = parts.iter().map(|(part, text)| (*part, (*text).to_owned())).collect();
    let lines = lines.iter().map(|line| (*line).to_owned()).collect();
    assert_eq!(address_of(&file), (parts, lines), "{given:?} in {version:?}");
}

#[test]
fn the_parts_of_an_address_stand_in_their_fields() {
    use AddressPart::{Building, CareOf, District, Floor, PostCode, Street, Town, Unit};
    let street = "Ærø".repeat(23);
    let given = [(Street, street.as_str()), (Building, "12"), (Floor, "2"), (PostCode, "9999"), (Town, "By"), (District, "Nord")];
    let fields = [given[0], given[1], given[3], given[4]];
    check_address(Pain001Version::V03, &given, &[], &fields, &["2, Nord"]);
    check_address(Pain001Version::V09, &given, &[], &given, &[]);
    // A hybrid address stays one.
    check_address(Pain001Version::V03, &given, &["Dør 3"], &fields, &["2, Nord", "Dør 3"]);
    check_address(Pain001Version::V09, &given, &["Dør 3"], &given, &["Dør 3"]);
    // What only version 12 has fields for, or room.
    let long = "Ingen ".repeat(20);
    let given = [(CareOf, "Ingen"), (Street, long.as_str()), (Unit, "A 1"), (Town, "By")];
    let (start, rest) = ("Ingen ".repeat(11), "Ingen ".repeat(9));
    let lines = format!("Ingen, {}, A 1", rest.trim_end());
    let fields = [(Street, start.trim_end()), (Town, "By")];
    check_address(Pain001Version::V03, &given, &[], &fields, &[&lines]);
    check_address(Pain001Version::V09, &given, &[], &fields, &[&lines]);
    check_address(Pain001Version::V12, &given, &[], &[given[0], (Street, long.trim_end()), given[2], given[3]], &[]);
}

/// Each part alone, as long as it may be: it stands in its field, and one character more goes on in a line.
#[test]
fn a_field_holds_what_its_schema_says() {
    for version in ALL_VERSIONS {
        for part in AddressPart::ALL {
            let room = part.room(version);
            let text = "å".repeat(room.min(70) + room.saturating_sub(70));
            if room > 0 {
                check_address(version, &[(part, &text)], &[], &[(part, &text)], &[]);
                check_address(version, &[(part, &format!("{text}b"))], &[], &[(part, &text)], &["b"]);
                let too_long = String::from_utf8(single(
                    version,
                    CharacterSet::Danish,
                    Party { address_parts: [(part, text.as_str())].into_iter().collect(), ..Party::default() },
                    "Tekst",
                ))
                .expect("UTF-8");
                let too_long = too_long.replace(&text, &format!("{text}b"));
                assert!(
                    !validate(too_long.as_bytes(), Limits::default()).expect("no I/O error").valid,
                    "{part:?} in {version:?}"
                );
            } else {
                check_address(version, &[(part, "Ingen")], &[], &[], &["Ingen"]);
            }
        }
    }
}

/// Names and texts are converted, references are not; what grows by it is lost as little as what has no letter left.
#[test]
fn texts_are_written_in_the_receiver_s_characters() {
    let remittance = format!("{}\n\u{301}\nSøren & \u{141}ódź", "å".repeat(140));
    let parts = [
        (AddressPart::Street, "å".repeat(70)),
        (AddressPart::Town, "Ærøskøbing".to_owned()),
        (AddressPart::Building, "\u{301}".to_owned()),
    ];
    let address_parts = parts.iter().map(|(part, text)| (*part, text.as_str())).collect();
    let (half, whole) = ("aa".repeat(35), "aa".repeat(70));
    let creditor = Party { name: Some("Åse"), address_parts, ..Party::default() };
    for (characters, expect) in [
        (CharacterSet::Danish, vec!["Åse", &"å".repeat(70), "Ærøskøbing", &"å".repeat(140), "Søren + Lodz", &"å".repeat(20)]),
        (CharacterSet::Sepa, vec!["AAse", &half, "AEroeskoebing", &half, &whole, &whole, "Soeren + Lodz", &"å".repeat(20)]),
    ] {
        for version in ALL_VERSIONS.into_iter().filter(|version| *version != Pain001Version::V12) {
            let file = single(version, characters, creditor, &remittance);
            assert_valid(&file, version.message());
            let text = std::str::from_utf8(&file).expect("UTF-8");
            let elements = ["Nm", "StrtNm", "TwnNm", "AdrLine", "Ustrd", "Ref"];
            let written: Vec<_> = elements.iter().flat_map(|element| contents(text, element)).collect();
            assert_eq!(written, expect);
            assert_eq!((contents(text, "EndToEndId"), contents(text, "BldgNb").len()), (vec!["E_ø"], 0));
        }
    }
    let nothing = Party { name: Some("\u{301}"), address_lines: &["\u{301}"], ..Party::default() };
    for version in ALL_VERSIONS {
        assert_valid(&single(version, CharacterSet::Sepa, nothing, "\u{301}"), version.message());
    }
}

/// The contents of all elements of a name.
fn contents<'t>(text: &'t str, element: &str) -> Vec<&'t str> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    text.split(&open).skip(1).map(|rest| rest.split(&close).next().expect("split gives one")).collect()
}

fn report(version: Pain002Version) -> Vec<u8> {
    let long = "forklaring ".repeat(20);
    let information = [long.as_str(), "Fejl & mangler"];
    let reasons = [StatusReason { originator: None, code: "BE17", information: &information }];
    let header = ReportHeader {
        message_id: "R-1",
        created: Timestamp::UNIX_EPOCH,
        initiator_name: Some("NemKonto"),
        original_message_id: "M-1",
        original_message_name: "pain.001.001.09",
        original_created: Some("2026-02-26T09:15:00Z"),
        original_payments: Some(2),
        original_sum: ControlSum::parse("2"),
        status: Some(Status::Part),
        reasons: &reasons,
        counts: &[(Status::Rjct, 1), (Status::Acsp, 1)],
    };
    let mut writer = Pain002Writer::new(Vec::new(), version, &header).expect("valid");
    let block =
        BlockStatus { original_id: "B-1", original_payments: None, original_sum: None, status: Some(Status::Part), reasons: &[] };
    writer.payment_information(&block).expect("valid");
    for (status, reasons) in [(Status::Rjct, &reasons[..]), (Status::Acsp, &[])] {
        writer
            .transaction(&TransactionStatus {
                status_id: Some("S-1"),
                instruction_id: Some("I-1"),
                end_to_end_id: Some("E-1"),
                uetr: Some(uuid::uuid!("8a562c67-ca16-48ba-b074-65581be6f001")),
                status: Some(status),
                reasons,
                amount: Some(Money::new(100, Currency::DKK)),
                accepted: Some(Timestamp::UNIX_EPOCH),
            })
            .expect("valid");
    }
    writer
        .payment_information(&BlockStatus { original_id: "B-2", status: Some(Status::Rjct), reasons: &reasons, ..block })
        .expect("valid");
    writer.finish().expect("valid")
}

#[test]
fn pain_002_is_read_as_written() {
    for version in [Pain002Version::V03, Pain002Version::V10] {
        let file = report(version);
        assert_valid(&file, version.message());
        let mut reader = Pain002Reader::new(file.as_slice(), Limits::default());
        let mut story = Vec::new();
        loop {
            story.push(match reader.next_event().expect("no I/O error") {
                StatusEvent::Group(group) => format!("{} {:?} {}", group.original_message_id, group.status, group.reasons.len()),
                StatusEvent::PaymentInformation(block) => {
                    format!("{} {:?} {}", block.original_id, block.status, block.reasons.len())
                }
                StatusEvent::Transaction(transaction) => {
                    assert_eq!(transaction.uetr.is_some(), version == Pain002Version::V10);
                    let information: usize = transaction.reasons.iter().map(|reason| reason.information.len()).sum();
                    format!("{:?} {:?} {information}", transaction.end_to_end_id, transaction.status)
                }
                StatusEvent::Finding(finding) => panic!("{finding}"),
                StatusEvent::End(totals) => {
                    assert_eq!((totals.outcome, totals.transactions), (Outcome::Readable, 2));
                    break;
                }
            });
        }
        let expect = [
            "M-1 Some(Part) 1",
            "B-1 Some(Part) 0",
            "Some(\"E-1\") Some(Rjct) 4",
            "Some(\"E-1\") Some(Acsp) 0",
            "B-2 Some(Rjct) 1",
        ];
        assert_eq!(story, expect);
    }
}

#[test]
fn an_empty_status_does_not_hide_its_block() {
    let file = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt><GrpHdr><MsgId>R</MsgId>\
        <CreDtTm>2026-03-02T10:00:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>M</OrgnlMsgId>\
        <OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>B</OrgnlPmtInfId>\
        <TxInfAndSts/></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>";
    let mut reader = Pain002Reader::new(file.as_bytes(), Limits::default());
    assert!(matches!(reader.next_event(), Ok(StatusEvent::Group(_))));
    assert!(matches!(reader.next_event(), Ok(StatusEvent::PaymentInformation(block)) if block.original_id == "B"));
    assert!(matches!(reader.next_event(), Ok(StatusEvent::Transaction(_))));
    assert!(matches!(reader.next_event(), Ok(StatusEvent::End(totals)) if totals.transactions == 1));
}

#[test]
fn statuses_that_version_03_does_not_know_are_refused() {
    let header = ReportHeader {
        message_id: "R",
        created: Timestamp::UNIX_EPOCH,
        initiator_name: None,
        original_message_id: "M",
        original_message_name: "pain.001.001.03",
        original_created: None,
        original_payments: None,
        original_sum: None,
        status: Some(Status::Canc),
        reasons: &[],
        counts: &[],
    };
    assert!(Pain002Writer::new(Vec::new(), Pain002Version::V03, &header).is_err());
    assert!(Pain002Writer::new(Vec::new(), Pain002Version::V10, &header).is_ok());
}

#[test]
fn large_files_are_valid() {
    let file = large_file::pain001(5_000).expect("valid");
    assert_valid(&file, MessageKind::Pain001V09);
}
