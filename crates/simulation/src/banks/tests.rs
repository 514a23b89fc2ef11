//! The simulated banks.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::*;
use crate::denmark::WorldSize;
use crate::official::assert_valid;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.VERSION"><CstmrCdtTrfInitn><GrpHdr><MsgId>B1</MsgId>
<CreDtTm>2026-01-15T08:00:00Z</CreDtTm><NbOfTxs>COUNT</NbOfTxs><CtrlSum>SUM</CtrlSum><InitgPty><Nm>X</Nm></InitgPty></GrpHdr>
<PmtInf><PmtInfId>B1-1</PmtInfId><DbtrAcct><Id><IBAN>DEBTOR</IBAN></Id></DbtrAcct>"#;
const IBAN: &str = "DK5000400440116243";

fn world() -> World {
    World::new(1, WorldSize { people: 100, companies: 10 }, Date::constant(2026, 1, 15)).unwrap()
}

/// A bank file of rows with account and amount.
fn bank_file(name: &str, version: &str, debtor: &str, rows: &[(String, &str)]) -> PathBuf {
    let sum: i64 = rows.iter().filter_map(|(_, amount)| crate::scan::Fine::parse(amount)).map(crate::scan::Fine::steps).sum();
    let head = HEAD
        .replace("VERSION", version)
        .replace("COUNT", &rows.len().to_string())
        .replace("SUM", &format!("{}.{:05}", sum / 100_000, sum % 100_000))
        .replace("DEBTOR", debtor);
    let rows: String = rows
        .iter()
        .enumerate()
        .map(|(row, (iban, amount))| {
            format!(
                "<CdtTrfTxInf><PmtId><InstrId>90000001L{row}</InstrId><EndToEndId>E{row}</EndToEndId></PmtId>\
         <Amt><InstdAmt Ccy=\"DKK\">{amount}</InstdAmt></Amt><CdtrAcct><Id><IBAN>{iban}</IBAN></Id></CdtrAcct></CdtTrfTxInf>"
            )
        })
        .collect();
    let path = std::env::temp_dir().join(format!("nemkonto-bank-{name}-{}.xml", std::process::id()));
    std::fs::write(&path, format!("{head}{rows}</PmtInf></CstmrCdtTrfInitn></Document>")).unwrap();
    path
}

fn answered(banks: &Banks, path: &Path) -> (Answer, String) {
    let mut out = Vec::new();
    let answer = banks.answer(path, &mut out).unwrap();
    std::fs::remove_file(path).unwrap();
    (answer, String::from_utf8(out).unwrap())
}

fn many() -> Vec<(String, &'static str)> {
    let world = world();
    (0..2_000).map(|key| (world.account_on_order(key).to_iban().as_str().to_owned(), "10.00")).collect()
}

#[test]
fn sound_payments_are_executed_and_a_few_refused_always_the_same() {
    let banks = Banks::new(&world()).refusing(100);
    let (answer, text) = answered(&banks, &bank_file("many-1", "09", IBAN, &many()));
    let (_, again) = answered(&banks, &bank_file("many-2", "09", IBAN, &many()));
    assert_eq!(text, again);
    assert_eq!((answer.payments, answer.refused_whole), (2_000, false));
    assert!((5..60).contains(&answer.refused), "{} of 2,000 at 1 %", answer.refused);
    assert_eq!(text.matches("<TxSts>RJCT</TxSts>").count() as u64, answer.refused);
    assert_eq!(text.matches("<TxSts>ACSC</TxSts>").count() as u64, 2_000 - answer.refused);
    assert!(text.contains("<GrpSts>PART</GrpSts>") && text.contains("pain.002.001.10"));
}

#[test]
fn exceptions_alone_can_be_listed() {
    let banks = Banks::new(&world()).refusing(100).listing(AnswerDetail::Exceptions);
    let (answer, text) = answered(&banks, &bank_file("exceptions", "03", IBAN, &many()));
    assert_eq!(text.matches("<TxInfAndSts>").count() as u64, answer.refused);
    assert!(text.contains("pain.002.001.03"));
}

#[test]
fn the_states_accounts_are_never_refused() {
    let world = world();
    let iban = |account: primitives::Account| match account {
        primitives::Account::Danish(danish) => danish.to_iban().as_str().to_owned(),
        other => panic!("the state has Danish accounts, not {other:?}"),
    };
    let rows = [(iban(world.recovery_account()), "10.00"), (iban(world.holding_account()), "10.00")];
    let (answer, text) = answered(&Banks::new(&world).refusing(10_000), &bank_file("state", "09", IBAN, &rows));
    assert_eq!(answer.refused, 0);
    assert!(text.contains("<GrpSts>ACSC</GrpSts>"));
}

#[test]
fn what_a_bank_cannot_execute_is_refused_with_its_reason() {
    let banks = Banks::new(&world()).refusing(0);
    let rows = [(IBAN.to_owned(), "10.00"), ("DK5100400440116243".to_owned(), "10.00"), (IBAN.to_owned(), "0.00")];
    let (answer, text) = answered(&banks, &bank_file("reasons", "09", IBAN, &rows));
    assert_eq!(answer.refused, 2);
    assert!(text.contains("<Cd>AC01</Cd>") && text.contains("<Cd>AM01</Cd>"));
}

#[test]
fn a_file_that_does_not_add_up_is_refused_whole() {
    let banks = Banks::new(&world()).refusing(0);
    let check = |name: &str, from: &str, to: &str, code: &str| {
        let path = bank_file(name, "09", IBAN, &[(IBAN.to_owned(), "10.00")]);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace(from, to)).unwrap();
        let (answer, text) = answered(&banks, &path);
        assert_eq!(answer, Answer { payments: 1, refused: 1, refused_whole: true });
        assert!(text.contains(&format!("<Cd>{code}</Cd>")) && text.contains("<GrpSts>RJCT</GrpSts>"), "{text}");
    };
    check("sum", "<CtrlSum>10.00000", "<CtrlSum>11", "AM16");
    check("count", "<NbOfTxs>1", "<NbOfTxs>2", "AM19");
    check("debtor", "<DbtrAcct><Id><IBAN>DK50", "<DbtrAcct><Id><IBAN>DK51", "AC02");
}

#[test]
fn a_broken_file_has_no_answer() {
    let path = bank_file("broken", "09", IBAN, &[]);
    std::fs::write(&path, "<Document><CstmrCdtTrfInitn>").unwrap();
    assert!(matches!(Banks::new(&world()).answer(&path, Vec::new()), Err(BankError::NotXml)));
    std::fs::remove_file(path).unwrap();
}

#[test]
fn answers_are_valid() {
    let banks = Banks::new(&world()).refusing(100);
    for version in ["03", "09"] {
        let name = format!("valid-{version}");
        let (_, text) = answered(&banks, &bank_file(&name, version, IBAN, &many()));
        let path = std::env::temp_dir().join(format!("nemkonto-answer-{version}-{}.xml", std::process::id()));
        std::fs::write(&path, text).unwrap();
        assert_valid(&path);
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_recall_is_answered_payment_by_payment_in_its_generation() {
    let banks = Banks::new(&world());
    for (asked, answered_in) in [("camt.055.001.01", "camt.029.001.03"), ("camt.055.001.08", "camt.029.001.09")] {
        let payments: String = (0..20)
            .map(|row| {
                format!("<TxInf><OrgnlInstrId>90000001L{row}</OrgnlInstrId><OrgnlEndToEndId>E{row}</OrgnlEndToEndId></TxInf>")
            })
            .collect();
        let block = |id: &str| format!("<OrgnlPmtInfAndCxl><OrgnlPmtInfId>{id}</OrgnlPmtInfId>{payments}</OrgnlPmtInfAndCxl>");
        let group = |id: &str| {
            format!(
                "<OrgnlGrpInfAndCxl><OrgnlMsgId>{id}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndCxl>"
            )
        };
        let file = format!(
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{asked}\"><CstmrPmtCxlReq><Assgnmt><Id>C-1</Id>\
             <CreDtTm>2026-01-15T08:00:00Z</CreDtTm></Assgnmt><Case><Id>C-1</Id></Case>\
             <Undrlyg>{}{}{}</Undrlyg><Undrlyg>{}{}</Undrlyg></CstmrPmtCxlReq></Document>",
            group("F-1"),
            block("B-1"),
            block("B-2"),
            group("F-2"),
            block("B-3")
        );
        let path = std::env::temp_dir().join(format!("nemkonto-bank-{asked}-{}.xml", std::process::id()));
        std::fs::write(&path, file).unwrap();
        let (answer, text) = answered(&banks, &path);
        assert_eq!((answer.payments, answer.refused_whole), (60, false));
        assert!((1..60).contains(&answer.refused), "some are given back, some are not");
        assert_eq!(text.matches("<TxCxlSts>RJCR</TxCxlSts>").count() as u64, answer.refused);
        assert_eq!((text.matches("<CxlDtls>").count(), text.matches("<OrgnlPmtInfId>").count()), (2, 3));
        assert!(text.contains(answered_in) && text.contains("<Conf>PECR</Conf>"));
        let written = std::env::temp_dir().join(format!("nemkonto-bank-{answered_in}-{}.xml", std::process::id()));
        std::fs::write(&written, text).unwrap();
        assert_valid(&written);
        std::fs::remove_file(&written).unwrap();
    }
}

#[test]
fn what_comes_back_was_executed_and_is_told_in_the_file_s_generation() {
    let world = world();
    for (version, booked_in) in [("03", "camt.054.001.02"), ("09", "camt.054.001.08")] {
        let banks = Banks::new(&world).refusing(1_000).returning(1_000);
        let path = bank_file(&format!("returns-{version}"), version, IBAN, &many());
        let mut text = Vec::new();
        let (answer, returns) = banks.answer_and_return(&path, &mut text).unwrap();
        assert!(returns.count() > 0 && returns.count() < answer.payments / 2, "{} of {}", returns.count(), answer.payments);
        let booked = String::from_utf8(returns.write(Vec::new()).unwrap()).unwrap();
        assert!(booked.contains(booked_in));
        let mut back = Vec::new();
        crate::scan::scan_returns(booked.as_bytes(), |instruction| back.push(instruction.to_owned())).unwrap();
        assert_eq!(back.len() as u64, returns.count());
        let text = String::from_utf8(text).unwrap();
        for instruction in &back {
            let row = text.split("<TxInfAndSts>").find(|row| row.contains(&format!(">{instruction}<"))).unwrap();
            assert!(row.contains("<TxSts>ACSC</TxSts>"), "{row}");
        }
        let written = std::env::temp_dir().join(format!("nemkonto-returns-{version}-{}.xml", std::process::id()));
        std::fs::write(&written, booked).unwrap();
        assert_valid(&written);
        std::fs::remove_file(&written).unwrap();
        let _ = std::fs::remove_file(path);
        assert_eq!(
            Banks::new(&world)
                .returning(0)
                .answer_and_return(&bank_file("none", version, IBAN, &many()), Vec::new())
                .unwrap()
                .1
                .count(),
            0
        );
    }
}

#[test]
fn a_bank_with_newest_answers_gives_them() {
    let banks = Banks::new(&world());
    let path = bank_file("newest", "09", IBAN, &many());
    let text = std::fs::read_to_string(&path).unwrap();
    let newest = crate::World::banks_with_newest_answers().next().unwrap();
    let agent = format!("<DbtrAgt><FinInstnId><BICFI>{newest}</BICFI></FinInstnId></DbtrAgt>");
    std::fs::write(&path, text.replace("</DbtrAcct>", &format!("</DbtrAcct>{agent}"))).unwrap();
    let (_, text) = answered(&banks, &path);
    assert!(text.contains("pain.002.001.14"));
    let written = std::env::temp_dir().join(format!("nemkonto-newest-{}.xml", std::process::id()));
    std::fs::write(&written, text).unwrap();
    assert_valid(&written);
    std::fs::remove_file(&written).unwrap();
}
