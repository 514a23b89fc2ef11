//! What the simulation writes, the product reads; what the product writes, the simulation reads.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use iso20022::{
    Agent, ControlSum, CreditTransfer, DebtorBlock, Event, Limits, MessageHeader, Outcome, Pain001Reader, Pain001Version,
    Pain001Writer, Party, PaymentTerms, validate,
};
use jiff::civil::Date;
use primitives::{Account, Currency, Money};
use simulation::auditor::{AuditInput, audit};
use simulation::banks::Banks;
use simulation::denmark::Payee;
use simulation::payers::{BenchFile, DeliveryKind, PaymentMix, PlannedFiles, bench_file};
use simulation::{World, WorldSize};

fn world() -> World {
    World::new(1, WorldSize { people: 20_000, companies: 2_000 }, Date::constant(2026, 1, 15)).unwrap()
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("nemkonto-read-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Outcome, payments, rows with findings, findings on groups and blocks.
fn read(path: &Path) -> (Outcome, u64, u64, usize) {
    let mut reader = Pain001Reader::new(File::open(path).unwrap(), Limits::default());
    let (mut faulty, mut above) = (0, 0);
    loop {
        match reader.next_event().unwrap() {
            Event::GroupHeader(group) => above += group.findings.len(),
            Event::PaymentInformation(block) => above += block.findings.len(),
            Event::PaymentInformationEnd(block) => above += block.findings.len(),
            Event::Payment(row) => faulty += u64::from(!row.findings.is_empty()),
            Event::Finding(_) => {}
            Event::End(totals) => return (totals.outcome, totals.payments, faulty, above + totals.findings.len()),
        }
    }
}

#[test]
fn the_payers_files_are_readable_and_only_the_faulty_rows_have_findings() {
    let (world, folder) = (world(), Folder::new("payers"));
    let sound = PlannedFiles::new(&world, PaymentMix { payments: 5_000, faulty: 0, ..PaymentMix::default() });
    for delivery in sound.deliveries() {
        let path = sound.write(delivery, &folder.0).unwrap();
        let (outcome, payments, faulty, above) = read(&path);
        let place = path.display();
        match delivery.kind {
            DeliveryKind::Broken => assert_eq!(outcome, Outcome::Unreadable, "{place}"),
            DeliveryKind::WrongSum => assert_eq!((outcome, above), (Outcome::Readable, 1), "{place}"),
            // Five faults, of which a repeated reference is not seen by reading one row.
            DeliveryKind::Cases => assert_eq!((outcome, faulty, above), (Outcome::Readable, 4, 0), "{place}"),
            _ => assert_eq!((outcome, faulty, above), (Outcome::Readable, 0, 0), "{place}"),
        }
        assert!(payments > 0, "{place}");
    }
}

#[test]
fn a_file_for_measuring_is_valid() {
    let world = world();
    let bench = BenchFile { world: &world, authority: 10, number: 1, mix: PaymentMix::sound(500) };
    let file = bench_file(bench, Vec::new()).unwrap();
    let verdict = validate(file.as_slice(), Limits::default()).unwrap();
    assert!(verdict.valid, "{:?}", verdict.findings.first());
}

/// A bank's file as the product writes it: an account of every kind.
fn bank_file(world: &World, version: Pain001Version, rows: &[(String, Account)]) -> Vec<u8> {
    let amount = Money::new(12_345, Currency::DKK);
    let mut sum = ControlSum::default();
    for _ in rows {
        sum = sum.add_money(amount).unwrap();
    }
    let payments = rows.len() as u64;
    let debtor = Account::from(world.debtor_account(0, false));
    let party = || Party { name: Some("Kommune Nordstrand (demo)"), ..Party::default() };
    let header = MessageHeader {
        message_id: "NKB-1",
        created: "2026-01-15T08:00:00Z".parse().unwrap(),
        payments,
        sum,
        initiator: party(),
    };
    let mut writer = Pain001Writer::new(Vec::new(), version, &header).unwrap();
    let block = DebtorBlock {
        id: "NKB-1-1",
        batch_booking: Some(true),
        payments,
        sum,
        requested_date: Date::constant(2026, 1, 15),
        debtor: party(),
        account: &debtor,
        agent: Agent { bic: Some("DEMADKKK".parse().unwrap()), ..Agent::default() },
        benefit: None,
        terms: PaymentTerms::default(),
        extras: iso20022::Extras::default(),
    };
    writer.payment_information(&block).unwrap();
    for (reference, account) in rows {
        let instruction = format!("90000001{reference}");
        let transfer = CreditTransfer {
            instruction_id: Some(&instruction),
            end_to_end_id: reference,
            uetr: None,
            terms: PaymentTerms::default(),
            extras: iso20022::Extras::default(),
            amount,
            creditor: party(),
            account: Some(account),
            agent: Agent::of_account(account),
            benefit: None,
            purpose: None,
            remittance: None,
            structured_reference: None,
        };
        writer.payment(&transfer).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn a_bank_reads_the_products_file_and_the_product_can_read_the_answer() {
    let (world, folder) = (world(), Folder::new("banks"));
    let account =
        |wanted: fn(&Account) -> bool| (0..20_000).find_map(|index| world.nemkonto(Payee::Person(index)).filter(wanted)).unwrap();
    let rows = [
        ("E1".to_owned(), account(|account| matches!(account, Account::Danish(_)))),
        ("E2".to_owned(), account(|account| matches!(account, Account::Iban { .. }))),
        ("E3".to_owned(), account(|account| matches!(account, Account::Foreign(_)))),
    ];
    for version in [Pain001Version::V03, Pain001Version::V09] {
        for refused in [0, 10_000] {
            let path = folder.0.join("bank.xml");
            fs::write(&path, bank_file(&world, version, &rows)).unwrap();
            let mut text = Vec::new();
            let answer = Banks::new(&world).refusing(refused).answer(&path, &mut text).unwrap();
            assert_eq!((answer.payments, answer.refused_whole), (3, false));
            assert_eq!(answer.refused, if refused == 0 { 0 } else { 3 });
            let verdict = validate(text.as_slice(), Limits::default()).unwrap();
            assert!(verdict.valid, "{:?}", verdict.findings.first());
        }
    }
}

/// A payer's file with one row per person.
fn payers_file(world: &World, people: &[u64]) -> String {
    let head = concat!(
        r#"<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn><GrpHdr><MsgId>M</MsgId>"#,
        "</GrpHdr><PmtInf><PmtInfId>M-1</PmtInfId><ReqdExctnDt><Dt>2026-01-15</Dt></ReqdExctnDt>"
    );
    let rows: String = people
        .iter()
        .map(|&index| {
            let identifier = world.identifier(Payee::Person(index));
            format!(
                "<CdtTrfTxInf><PmtId><EndToEndId>R{index}</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"DKK\">123.45</InstdAmt></Amt>\
             <Cdtr><Id><PrvtId><Othr><Id>{}</Id><SchmeNm><Prtry>CPR</Prtry></SchmeNm></Othr></PrvtId></Id></Cdtr></CdtTrfTxInf>",
                identifier.canonical()
            )
        })
        .collect();
    format!("{head}{rows}</PmtInf></CstmrCdtTrfInitn></Document>")
}

#[test]
fn the_auditor_knows_every_kind_of_account_however_the_product_writes_it() {
    let (world, folder) = (world(), Folder::new("auditor"));
    let person = |wanted: fn(&Account) -> bool| {
        let payable = |index: &u64| {
            let payee = Payee::Person(*index);
            let open = world.record(payee).status == contracts::register::HolderStatus::Active;
            open && world.marker(payee).is_none() && world.nemkonto(payee).is_some_and(|account| wanted(&account))
        };
        (0..20_000).find(payable).unwrap()
    };
    let people = [
        person(|account| matches!(account, Account::Danish(_))),
        person(|account| matches!(account, Account::Iban { .. })),
        person(|account| matches!(account, Account::Foreign(_))),
    ];
    let rows: Vec<_> = people.iter().map(|&index| (format!("R{index}"), world.nemkonto(Payee::Person(index)).unwrap())).collect();
    let (input, output) = (folder.0.join("in"), folder.0.join("out"));
    fs::create_dir_all(input.join("90000001")).unwrap();
    fs::create_dir_all(output.join("bank/DEMO-1")).unwrap();
    fs::write(input.join("90000001/a.xml"), payers_file(&world, &people)).unwrap();
    let audit_of = |rows: &[(String, Account)]| {
        fs::write(output.join("bank/DEMO-1/b.xml"), bank_file(&world, Pain001Version::V09, rows)).unwrap();
        audit(&AuditInput { input: &input, output: &output, answers: None, today: world.today(), world: Some(&world) }).unwrap()
    };
    let recount = audit_of(&rows);
    assert_eq!(recount.differences, Vec::<String>::new());
    assert_eq!((recount.balanced, recount.accounts.count, recount.accounts.minor), (true, 3, 37_035));
    for place in 0..3 {
        let mut wrong = rows.clone();
        wrong[place].1 = world.debtor_account(0, false).into();
        assert_eq!(audit_of(&wrong).differences.len(), 1, "a wrong account in place {place}");
    }
}
