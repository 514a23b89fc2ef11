//! What few payments have: it is read, passes on in its places, or is told.

use iso20022::{
    AccountForm, Agent, CharacterSet, ControlSum, CreditTransfer, DebtorBlock, Event, Extra, Extras, LeftOut, Limits,
    MessageHeader, Pain001Reader, Pain001Version, Pain001Writer, Party, PaymentTerms, validate,
};
use jiff::Timestamp;
use jiff::civil::date;
use primitives::{Account, Currency, DanishAccount, Money};

/// One text for each element, as its type has it.
const GIVEN: [(Extra, &str); 14] = [
    (Extra::InstructionPriority, "HIGH"),
    (Extra::LocalInstrumentCode, "INST"),
    (Extra::LocalInstrument, "FIK_71"),
    (Extra::UltimateDebtor, "Ærø Kommune"),
    (Extra::UltimateCreditor, "Åse & Søn"),
    (Extra::CreditorAgentCode, "HOLD"),
    (Extra::CreditorAgentText, "Ring først"),
    (Extra::DebtorAgentText, "Løn"),
    (Extra::DocumentType, "CINV"),
    (Extra::DocumentNumber, "FAK_12"),
    (Extra::DocumentDate, "2026-01-14"),
    (Extra::ReferenceCode, "SCOR"),
    (Extra::ReferenceType, "Girokort_71"),
    (Extra::ReferenceIssuer, "ISO_1"),
];

/// What of it a block may have.
const OF_BLOCK: [Extra; 3] = [Extra::InstructionPriority, Extra::UltimateDebtor, Extra::DebtorAgentText];

/// A local instrument is a code or a text, never both; so is the type of a reference.
const CODES: [Extra; 2] = [Extra::LocalInstrumentCode, Extra::ReferenceCode];
const WORDS: [Extra; 2] = [Extra::LocalInstrument, Extra::ReferenceType];

fn extras(without: [Extra; 2]) -> Extras<'static> {
    GIVEN.into_iter().filter(|(extra, _)| !without.contains(extra)).collect()
}

fn written(version: Pain001Version, characters: CharacterSet, block: Extras<'_>, payment: Extras<'_>) -> String {
    let account = Account::Danish(DanishAccount::new("0040", "0440116243").expect("the test's own"));
    let amount = Money::new(100, Currency::DKK);
    let sum = ControlSum::ZERO.add_money(amount).expect("the test's own");
    let header = MessageHeader { message_id: "M", created: Timestamp::UNIX_EPOCH, payments: 1, sum, initiator: Party::default() };
    let mut writer =
        Pain001Writer::with_style(Vec::new(), version, &header, characters, AccountForm::Iban).expect("the test's own");
    let block = DebtorBlock {
        id: "B",
        batch_booking: None,
        payments: 1,
        sum,
        requested_date: date(2026, 3, 2),
        debtor: Party::default(),
        account: &account,
        agent: Agent::default(),
        benefit: None,
        terms: PaymentTerms::default(),
        extras: block,
    };
    writer.payment_information(&block).expect("the test's own");
    let payment = CreditTransfer {
        instruction_id: None,
        end_to_end_id: "E",
        uetr: None,
        terms: PaymentTerms::default(),
        extras: payment,
        amount,
        creditor: Party::default(),
        account: Some(&account),
        agent: None,
        benefit: None,
        purpose: None,
        remittance: Some("Tekst"),
        structured_reference: Some("RF18539007547034"),
    };
    writer.payment(&payment).expect("the test's own");
    let file = String::from_utf8(writer.finish().expect("the test's own")).expect("the test's own");
    let verdict = validate(file.as_bytes(), Limits::default()).expect("the test's own");
    assert!(verdict.valid, "{version:?}: {:?}", verdict.findings);
    file
}

/// Elements with their texts.
type Found = Vec<(Extra, String)>;

/// What a file's block and its one payment have, and what of them is left out.
fn read(file: &str) -> (Found, Found, Vec<LeftOut>) {
    let mut reader = Pain001Reader::new(file.as_bytes(), Limits::default());
    let (mut block, mut own, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        match reader.next_event().expect("the test's own") {
            Event::PaymentInformation(information) => {
                block.clone_from(&information.extras);
                left_out.extend(information.left_out.iter());
            }
            Event::Payment(row) => {
                assert_eq!(row.findings, &[]);
                left_out.extend(row.left_out.iter());
                own = owned(row.extras);
            }
            Event::End(totals) => {
                left_out.extend(totals.left_out.iter());
                return (block, own, left_out);
            }
            Event::Finding(finding) => panic!("{finding}"),
            _ => {}
        }
    }
}

fn owned(extras: Extras<'_>) -> Found {
    extras.iter().map(|(extra, text)| (extra, text.to_owned())).collect()
}

#[test]
fn what_is_written_is_read() {
    for version in [Pain001Version::V03, Pain001Version::V09] {
        for without in [CODES, WORDS] {
            let file = written(version, CharacterSet::Unicode, Extras::default(), extras(without));
            assert_eq!(read(&file), (vec![], owned(extras(without)), vec![]), "{version:?}");
        }
        // Who issued it stands below a type only.
        for single in GIVEN.into_iter().filter(|(extra, _)| *extra != Extra::ReferenceIssuer) {
            let file = written(version, CharacterSet::Unicode, Extras::default(), [single].into_iter().collect());
            assert_eq!(read(&file).1, [(single.0, single.1.to_owned())], "{version:?}");
        }
    }
    // Version 12 says a document's type and day in ways of its own, and has no such codes for a bank.
    let file = written(Pain001Version::V12, CharacterSet::Unicode, Extras::default(), extras(WORDS));
    let known = |extra: &Extra| !matches!(extra, Extra::DocumentType | Extra::DocumentDate | Extra::CreditorAgentCode);
    let expect: Vec<_> = owned(extras(WORDS)).into_iter().filter(|(extra, _)| known(extra)).collect();
    assert_eq!(read(&file), (vec![], expect, vec![LeftOut::Instructions]));
}

#[test]
fn what_a_block_has_is_its_payments_where_the_version_has_no_place_for_it() {
    let of_block: Extras<'_> = GIVEN.into_iter().filter(|(extra, _)| OF_BLOCK.contains(extra)).collect();
    for version in [Pain001Version::V09, Pain001Version::V12] {
        let (mut block, own, _) = read(&written(version, CharacterSet::Unicode, of_block, Extras::default()));
        block.sort_by_key(|(extra, _)| *extra as usize);
        assert_eq!((block, own), (owned(of_block), vec![]), "{version:?}");
    }
    let (block, own, _) = read(&written(Pain001Version::V03, CharacterSet::Unicode, of_block, Extras::default()));
    assert_eq!(block.len(), 2);
    assert_eq!(own, [(Extra::DebtorAgentText, "Løn".to_owned())]);
}

#[test]
fn texts_are_converted_and_references_and_codes_are_not() {
    let file = written(Pain001Version::V09, CharacterSet::Sepa, Extras::default(), extras(CODES));
    let (_, own, _) = read(&file);
    let text = |extra| own.iter().find(|(known, _)| *known == extra).map(|(_, text)| text.as_str()).expect("the test's own");
    assert_eq!(text(Extra::UltimateDebtor), "AEroe Kommune");
    assert_eq!(text(Extra::UltimateCreditor), "AAse + Soen");
    assert_eq!(text(Extra::CreditorAgentText), "Ring foerst");
    assert_eq!((text(Extra::DocumentNumber), text(Extra::LocalInstrument)), ("FAK_12", "FIK_71"));
    assert_eq!((text(Extra::ReferenceType), text(Extra::ReferenceIssuer)), ("Girokort_71", "ISO_1"));
}

/// A type of document that the older version does not have is a text there, and still valid.
#[test]
fn a_newer_type_of_document_is_a_text_in_the_older_version() {
    let newer: Extras<'_> = [(Extra::DocumentType, "PUOR")].into_iter().collect();
    let older = written(Pain001Version::V03, CharacterSet::Unicode, Extras::default(), newer);
    assert!(older.contains("<Tp><CdOrPrtry><Prtry>PUOR</Prtry></CdOrPrtry></Tp>"));
    assert!(written(Pain001Version::V09, CharacterSet::Unicode, Extras::default(), newer).contains("<Cd>PUOR</Cd>"));
}

/// The file of one payment with this behind its account, and this in its remittance information.
fn with(behind_account: &str, structured: &str) -> String {
    let file = written(Pain001Version::V09, CharacterSet::Unicode, Extras::default(), Extras::default());
    let (before, row) = file.split_once("<CdtTrfTxInf>").expect("the test's own");
    let row = row.replacen("</CdtrAcct>", &format!("</CdtrAcct>{behind_account}"), 1);
    format!("{before}<CdtTrfTxInf>{}", row.replacen("</RmtInf>", &format!("{structured}</RmtInf>"), 1))
}

fn check(behind_account: &str, structured: &str, extras: &[(Extra, &str)], left_out: &[LeftOut]) {
    check_file(&with(behind_account, structured), extras, left_out);
}

/// A file of the version with this in place of that, the last of its kind.
fn check_replaced(version: Pain001Version, old: &str, new: &str, left_out: LeftOut) {
    let file = written(version, CharacterSet::Unicode, Extras::default(), Extras::default());
    let (before, behind) = file.rsplit_once(old).expect("the test's own");
    check_file(&format!("{before}{new}{behind}"), &[], &[left_out]);
}

fn check_file(file: &str, extras: &[(Extra, &str)], left_out: &[LeftOut]) {
    let verdict = validate(file.as_bytes(), Limits::default()).expect("the test's own");
    assert!(verdict.valid, "{:?}", verdict.findings);
    let expect: Vec<_> = extras.iter().map(|(extra, text)| (*extra, (*text).to_owned())).collect();
    assert_eq!(read(file), (vec![], expect, left_out.to_vec()), "{file}");
}

#[test]
fn what_does_not_pass_on_is_noted() {
    check("", "", &[], &[]);
    check("<RgltryRptg><DbtCdtRptgInd>DEBT</DbtCdtRptgInd></RgltryRptg>", "", &[], &[LeftOut::RegulatoryReporting]);
    check("<Tax/>", "", &[], &[LeftOut::Tax]);
    check("<RltdRmtInf><RmtId>R</RmtId></RltdRmtInf>", "", &[], &[LeftOut::RelatedRemittance]);
    let ultimate = "<UltmtCdtr><Nm>N</Nm><Id><OrgId><AnyBIC>DABADKKK</AnyBIC></OrgId></Id></UltmtCdtr>";
    check(ultimate, "", &[(Extra::UltimateCreditor, "N")], &[LeftOut::UltimateParty]);
    check("", "<Strd><AddtlRmtInf>mere</AddtlRmtInf></Strd>", &[], &[LeftOut::Remittance]);
}

/// Wherever it stands: in the payment, in the block, behind them all.
#[test]
fn what_does_not_pass_on_is_noted_in_every_place() {
    const CHARGES: &str = "<ChrgsAcct><Id><Othr><Id>00400440116243</Id></Othr></Id></ChrgsAcct>";
    let levels = "<SvcLvl><Cd>SEPA</Cd></SvcLvl><SvcLvl><Cd>URGP</Cd></SvcLvl>";
    let cases = [
        ("</Amt>", "</Amt><ChqInstr/>".to_owned(), LeftOut::Cheque),
        ("</PmtId>", "</PmtId><PmtTpInf><SvcLvl><Prtry>HURTIG</Prtry></SvcLvl></PmtTpInf>".to_owned(), LeftOut::ServiceLevel),
        ("</PmtId>", format!("</PmtId><PmtTpInf>{levels}</PmtTpInf>"), LeftOut::ServiceLevel),
        ("<ReqdExctnDt>", format!("<PmtTpInf>{levels}</PmtTpInf><ReqdExctnDt>"), LeftOut::ServiceLevel),
        ("</Cdtr>", "<CtryOfRes>DK</CtryOfRes></Cdtr>".to_owned(), LeftOut::Payee),
        ("</CdtrAcct>", "<Ccy>DKK</Ccy></CdtrAcct>".to_owned(), LeftOut::PayeeAccount),
        ("</DbtrAgt>", format!("</DbtrAgt>{CHARGES}"), LeftOut::Charges),
        ("</ReqdExctnDt>", "</ReqdExctnDt><PoolgAdjstmntDt>2026-03-02</PoolgAdjstmntDt>".to_owned(), LeftOut::Pooling),
        ("</PmtInf>", "</PmtInf><SplmtryData><Envlp><a/></Envlp></SplmtryData>".to_owned(), LeftOut::Supplementary),
    ];
    for (old, new, left_out) in cases {
        check_replaced(Pain001Version::V09, old, &new, left_out);
    }
    check_replaced(Pain001Version::V12, "</Amt>", "</Amt><MndtRltdInf/>", LeftOut::Mandate);
}

/// Of what may come often the first passes on, and nothing of the others is mixed with it.
#[test]
fn the_first_passes_on_and_the_others_are_noted() {
    let instructions =
        "<InstrForCdtrAgt><Cd>HOLD</Cd></InstrForCdtrAgt><InstrForCdtrAgt><InstrInf>I</InstrInf></InstrForCdtrAgt>";
    check(instructions, "", &[(Extra::CreditorAgentCode, "HOLD")], &[LeftOut::Instructions]);
    let documents =
        "<Strd><RfrdDocInf><Nb>1</Nb></RfrdDocInf><RfrdDocInf><Nb>2</Nb><RltdDt>2026-01-14</RltdDt></RfrdDocInf></Strd>";
    check("", documents, &[(Extra::DocumentNumber, "1")], &[LeftOut::Remittance]);
    // The reference that the file has already is the first; another's type is not mixed with it.
    let typed = "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>2</Ref></CdtrRefInf></Strd>";
    check("", typed, &[], &[LeftOut::Remittance]);
    check("", "<Strd><CdtrRefInf><Ref>2</Ref></CdtrRefInf></Strd>", &[], &[LeftOut::Remittance]);
}
