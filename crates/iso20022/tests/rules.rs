//! The rules beyond the schema: for each fault its code and its place, and nothing else.

use iso20022::{AddressPart, CharacterSet, Event, Finding, Horizon, Limits, Outcome, Pain001Reader, Rules};
use jiff::civil::date;

const VERSIONS: [&str; 3] = ["03", "09", "12"];

/// The valid order of a version, with a piece of it replaced.
fn order(version: &str, from: &str, to: &str) -> String {
    let path = format!("{}/../../fixtures/how-to-send/incomplete-danish-{version}.xml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("readable");
    assert!(text.contains(from), "{from} is not in version {version}");
    text.replacen(from, to, 1)
}

/// All findings of a file, and how many of its payments cannot be made.
fn read(text: &str, rules: Rules) -> (Vec<Finding>, usize) {
    let mut reader = Pain001Reader::with_rules(text.as_bytes(), Limits::default(), rules);
    let (mut findings, mut rejected) = (Vec::new(), 0);
    loop {
        match reader.next_event().expect("no I/O error") {
            Event::GroupHeader(header) => findings.extend_from_slice(&header.findings),
            Event::PaymentInformation(block) => findings.extend_from_slice(&block.findings),
            Event::Payment(row) => {
                findings.extend_from_slice(row.findings);
                rejected += usize::from(row.is_rejected());
            }
            Event::PaymentInformationEnd(block) => findings.extend_from_slice(&block.findings),
            Event::Finding(finding) => findings.push(finding.clone()),
            Event::End(totals) => {
                assert!(totals.outcome == Outcome::Readable || totals.findings.is_empty(), "a refused file has no sums");
                findings.extend_from_slice(&totals.findings);
                break;
            }
        }
    }
    findings.iter().for_each(in_both_languages);
    (findings, rejected)
}

/// Each part is said in both languages, and the Danish one has no English in it.
fn in_both_languages(finding: &Finding) {
    for text in [&finding.text, &finding.expected, &finding.found] {
        assert_eq!(text.da.is_empty(), text.en.is_empty(), "{finding:?}");
        let words: Vec<&str> = text.da.split([' ', ',', '.', ';', ':']).collect();
        for english in ["the", "of", "or", "and", "not", "is", "at", "another", "characters", "element", "only", "none"] {
            assert!(!words.contains(&english), "{english:?} in {:?}", text.da);
        }
    }
}

fn summary(text: &str, rules: Rules) -> (Vec<String>, usize) {
    let (findings, rejected) = read(text, rules);
    let short = |finding: &Finding| {
        let path = finding.path.trim_start_matches("/Document/CstmrCdtTrfInitn/");
        format!("{} {path}", finding.code)
    };
    (findings.iter().map(short).collect(), rejected)
}

#[track_caller]
fn check_by(rules: Rules, text: &str, expect: &[&str], rejected: usize) {
    let (found, refused) = summary(text, rules);
    assert_eq!(found, expect);
    assert_eq!(refused, rejected, "rejected payments");
}

#[track_caller]
fn check(text: &str, expect: &[&str], rejected: usize) {
    check_by(Rules::default(), text, expect, rejected);
}

#[test]
fn counts_and_sums() {
    for version in VERSIONS {
        check(&order(version, "<MsgId>", "<MsgId>"), &[], 0);
        check(&order(version, "<NbOfTxs>4<", "<NbOfTxs>5<"), &["AM19 GrpHdr/NbOfTxs"], 0);
        check(&order(version, "<CtrlSum>21500.75<", "<CtrlSum>21500.7<"), &["AM16 GrpHdr/CtrlSum"], 0);
        check(&order(version, "<NbOfTxs>2<", "<NbOfTxs>3<"), &["AM20 PmtInf[1]/NbOfTxs"], 0);
        check(&order(version, "<CtrlSum>14000.75<", "<CtrlSum>14000.750001<"), &["AM17 PmtInf[1]/CtrlSum"], 0);
        check(&order(version, "<CtrlSum>7500.00<", "<CtrlSum>7500.01<"), &["AM17 PmtInf[2]/CtrlSum"], 0);
        check(&order(version, "<NbOfTxs>4<", "<NbOfTxs>four<"), &["AM18 GrpHdr/NbOfTxs"], 0);
    }
}

#[test]
fn an_equivalent_amount_counts_in_the_sum_and_is_refused() {
    let equivalent = "<EqvtAmt><Amt Ccy=\"DKK\">5000.00</Amt><CcyOfTrf>EUR</CcyOfTrf></EqvtAmt>";
    for version in VERSIONS {
        let text = order(version, "<InstdAmt Ccy=\"DKK\">5000.00</InstdAmt>", equivalent);
        check(&text, &["CH17 PmtInf[2]/CdtTrfTxInf[1]/Amt/EqvtAmt"], 1);
    }
}

#[test]
fn amounts() {
    let place = "PmtInf[2]/CdtTrfTxInf[1]/Amt/InstdAmt";
    let amount = |text: &str, currency: &str| {
        let text = order("09", "<InstdAmt Ccy=\"DKK\">5000.00<", &format!("<InstdAmt Ccy=\"{currency}\">{text}<"));
        let (found, _) = summary(&text, Rules::default());
        found.into_iter().find_map(|line| line.strip_suffix(place).map(|code| code.trim().to_owned()))
    };
    for (text, currency, expect) in [
        ("5000", "DKK", None),
        ("0.00", "DKK", Some("AM01")),
        ("100000000000.01", "DKK", Some("AM02")),
        ("100000000000.00", "DKK", None),
        ("5000", "XQQ", Some("AM03")),
        ("5000.1", "JPY", Some("CH20")),
        ("5000.001", "DKK", Some("CH20")),
        ("5000.001", "KWD", None),
        ("50,00", "DKK", Some("AM12")),
    ] {
        assert_eq!(amount(text, currency).as_deref(), expect, "{text} {currency}");
    }
}

#[test]
fn duplicates() {
    let remembering = Rules { remembered_payments: 100, ..Rules::default() };
    let block = order("09", "<PmtInfId>LEVERANDOER-09<", "<PmtInfId>PENSION-09<");
    check(&block, &["DU02 PmtInf[2]/PmtInfId"], 2);
    check_by(Rules { remembered_blocks: 0, ..Rules::default() }, &block, &[], 0);
    let end_to_end = order("09", "<EndToEndId>LEV-2026-03-0002<", "<EndToEndId>SOP-2026-03-0001<");
    check(&end_to_end, &[], 0);
    check_by(remembering, &end_to_end, &["DU04 PmtInf[2]/CdtTrfTxInf[2]/PmtId/EndToEndId"], 1);
    check_by(
        Rules { remembered_payments: 3, ..Rules::default() },
        &end_to_end,
        &["DU04 PmtInf[2]/CdtTrfTxInf[2]/PmtId/EndToEndId"],
        1,
    );
    let rows = ["SOP-2026-03-0001", "SOP-2026-03-0002"];
    let uetr = "8a562c67-ca16-48ba-b074-65581be6f001";
    let [mut instruction, mut transaction] = [order("09", "<MsgId>", "<MsgId>"), order("09", "<MsgId>", "<MsgId>")];
    for row in rows {
        let id = format!("<EndToEndId>{row}</EndToEndId>");
        instruction = instruction.replace(&id, &format!("<InstrId>A</InstrId>{id}"));
        transaction = transaction.replace(&id, &format!("{id}<UETR>{uetr}</UETR>"));
    }
    check_by(remembering, &instruction, &["DU05 PmtInf[1]/CdtTrfTxInf[2]/PmtId/InstrId"], 1);
    check_by(remembering, &transaction, &["DU03 PmtInf[1]/CdtTrfTxInf[2]/PmtId/UETR"], 1);
    let (findings, _) = read(&end_to_end, remembering);
    let first = end_to_end.lines().position(|line| line.contains("SOP-2026-03-0001")).expect("there") + 1;
    assert_eq!(findings[0].found.en, format!("the same as on line {first}"));
}

#[test]
fn dates() {
    let with_date = |day: &str| order("09", "<Dt>2026-03-02<", &format!("<Dt>{day}<"));
    let received = Rules { received: Some(date(2026, 2, 26)), ..Rules::default() };
    let place = "PmtInf[1]/ReqdExctnDt";
    check_by(received, &with_date("2026-02-20"), &[&format!("CH04 {place}")], 2);
    check_by(received, &with_date("2026-02-21"), &[], 0);
    check_by(received, &with_date("2027-02-22"), &[&format!("CH03 {place}")], 2);
    check_by(received, &with_date("-2026-03-02"), &[&format!("DT01 {place}")], 2);
    check(&with_date("1999-01-01"), &[], 0);
    let strict = Rules { horizon: Horizon { bank_days_only: true, ..Horizon::default() }, ..received };
    check_by(strict, &with_date("2026-03-07"), &[&format!("DT03 {place}")], 2);
    check_by(received, &with_date("2026-03-07"), &[], 0);
    check(&order("03", "<ReqdExctnDt>2026-03-02<", "<ReqdExctnDt>2026-02-30<"), &["DT01 PmtInf[1]/ReqdExctnDt"], 0);
}

#[test]
fn characters() {
    let sepa = Rules { characters: CharacterSet::Sepa, ..Rules::default() };
    let any = Rules { characters: CharacterSet::Unicode, ..Rules::default() };
    let row = "PmtInf[1]/CdtTrfTxInf[1]";
    for (from, to, place, rejected) in [
        ("<MsgId>", "<MsgId>_", "GrpHdr/MsgId".to_owned(), 0),
        ("<PmtInfId>", "<PmtInfId>_", "PmtInf[1]/PmtInfId".to_owned(), 2),
        ("<EndToEndId>", "<InstrId>a*b</InstrId><EndToEndId>", format!("{row}/PmtId/InstrId"), 1),
        ("<EndToEndId>", "<EndToEndId>#", format!("{row}/PmtId/EndToEndId"), 1),
        ("<Nm>Karen", "<Nm>Карен", format!("{row}/Cdtr/Nm"), 1),
        ("<Ustrd>Folke", "<Ustrd>\u{1F600}", format!("{row}/RmtInf/Ustrd"), 1),
    ] {
        let text = order("09", from, to);
        check(&text, &[&format!("RR10 {place}")], rejected);
        check_by(sepa, &text, &[&format!("RR10 {place}")], rejected);
        check_by(any, &text, &[], 0);
    }
    let danish = order("09", "<EndToEndId>", "<EndToEndId>Æ/");
    check(&danish, &[], 0);
    check_by(sepa, &danish, &[&format!("RR10 {row}/PmtId/EndToEndId")], 1);
    check_by(sepa, &order("09", "<EndToEndId>", "<EndToEndId>/"), &[&format!("RR10 {row}/PmtId/EndToEndId")], 1);
    check_by(sepa, &order("09", "<Nm>Karen", "<Nm>Søren &amp; Zoë #1 €"), &[], 0);
}

#[test]
fn the_payer_has_27_characters_of_the_reference() {
    let reference = |text: &str| order("09", "<EndToEndId>SOP-2026-03-0001<", &format!("<EndToEndId>{text}<"));
    check(&reference(&"ø".repeat(27)), &[], 0);
    check(&reference(&"ø".repeat(28)), &["FF08 PmtInf[1]/CdtTrfTxInf[1]/PmtId/EndToEndId"], 1);
}

#[test]
fn a_national_number_of_another_country() {
    let number = "<Id><PrvtId><Othr><Id>0101587003</Id><SchmeNm><Prtry>CPR</Prtry></SchmeNm></Othr></PrvtId></Id></Cdtr>";
    let account = "<CdtrAcct><Id><IBAN>SE4550000000058398257466</IBAN></Id></CdtrAcct>";
    let place = "BE17 PmtInf[1]/CdtTrfTxInf[1]/Cdtr/Id";
    for version in VERSIONS {
        for (issuer, expect) in [("DK", &[][..]), ("SE", &[]), ("Skatteverket", &[place])] {
            let scheme = format!("<SchmeNm><Cd>SOSE</Cd></SchmeNm><Issr>{issuer}</Issr>");
            let issued = number.replace("<SchmeNm><Prtry>CPR</Prtry></SchmeNm>", &scheme);
            check(&order(version, number, &issued), expect, expect.len());
            check(&order(version, number, &format!("{issued}{account}")), &[], 0);
        }
    }
}

#[test]
fn midnight_at_the_end_of_a_day_is_the_next_day() {
    let at = |time: &str| order("09", "<ReqdExctnDt><Dt>2026-03-02</Dt>", &format!("<ReqdExctnDt><DtTm>{time}</DtTm>"));
    let received = Rules { received: Some(date(2026, 3, 8)), ..Rules::default() };
    check(&at("2026-03-02T24:00:00"), &[], 0);
    // Of the first day of the horizon, and the day before it.
    check_by(received, &at("2026-03-02T24:00:00+01:00"), &[], 0);
    check_by(received, &at("2026-03-02T23:59:59+01:00"), &["CH04 PmtInf[1]/ReqdExctnDt/DtTm"], 2);
}

#[test]
fn payees() {
    let payee = |version: &str, id: &str| {
        order(version, "<Id><OrgId><Othr><Id>12345674</Id><SchmeNm><Prtry>CVR</Prtry></SchmeNm></Othr></OrgId></Id>", id)
    };
    let row = "PmtInf[2]/CdtTrfTxInf[1]";
    for version in ["03", "09"] {
        check(
            &payee(version, "<Id><OrgId><Othr><Id>12345675</Id><SchmeNm><Prtry>CVR</Prtry></SchmeNm></Othr></OrgId></Id>"),
            &[&format!("BE17 {row}/Cdtr/Id/OrgId/Othr")],
            1,
        );
        check(
            &payee(version, "<Id><OrgId><Othr><Id>12345674</Id><SchmeNm><Cd>DUNS</Cd></SchmeNm></Othr></OrgId></Id>"),
            &[&format!("BE17 {row}/Cdtr/Id")],
            1,
        );
        check(&payee(version, ""), &[&format!("BE17 {row}/Cdtr/Id")], 1);
        let two = "<Id><OrgId><Othr><Id>12345674</Id><SchmeNm><Prtry>CVR</Prtry></SchmeNm></Othr><Othr><Id>11111114</Id><SchmeNm><Cd>COID</Cd></SchmeNm></Othr></OrgId></Id>";
        check(&payee(version, two), &[&format!("BE01 {row}/Cdtr/Id/OrgId/Othr")], 1);
    }
}

#[test]
fn aliases_of_accounts() {
    let row = "PmtInf[2]/CdtTrfTxInf[1]";
    let alias = |alias: &str| order("12", "<Prxy><Tp><Prtry>CVR</Prtry></Tp><Id>12345674</Id></Prxy>", alias);
    for known in [
        "<Tp><Prtry>CVR</Prtry></Tp>",
        "<Tp><Cd>CVR</Cd></Tp>",
        "<Tp><Prtry>SE</Prtry></Tp>",
        "<Tp><Prtry>NKS</Prtry></Tp>",
        "<Tp><Cd>NKS</Cd></Tp>",
    ] {
        check(&alias(&format!("<Prxy>{known}<Id>12345674</Id></Prxy>")), &[], 0);
    }
    check(&alias("<Prxy><Tp><Cd>P</Cd></Tp><Id>1001234567</Id></Prxy>"), &[], 0);
    check(&alias("<Prxy><Tp><Cd>CPR</Cd></Tp><Id>0101587003</Id></Prxy>"), &[], 0);
    check(&alias("<Prxy><Tp><Prtry>CPR</Prtry></Tp><Id>12345674</Id></Prxy>"), &[&format!("BE17 {row}/CdtrAcct/Prxy")], 1);
    for unknown in ["<Tp><Cd>MBNO</Cd></Tp>", "<Tp><Prtry>Konto</Prtry></Tp>", "<Tp><Cd>NIDN</Cd></Tp>", ""] {
        check(&alias(&format!("<Prxy>{unknown}<Id>12345674</Id></Prxy>")), &[&format!("AC03 {row}/CdtrAcct/Prxy")], 1);
    }
    // Beside a known payee an alias that says nothing is an error all the same.
    let beside = order("12", "</Nm><Id><PrvtId>", "</Nm><Id><PrvtId>").replacen(
        "<RmtInf>",
        "<CdtrAcct><Prxy><Tp><Cd>EMAL</Cd></Tp><Id>a@b.dk</Id></Prxy></CdtrAcct><RmtInf>",
        1,
    );
    check(&beside, &["AC03 PmtInf[1]/CdtTrfTxInf[1]/CdtrAcct/Prxy"], 1);
    let doubtful = order(
        "12",
        "<Prxy><Tp><Prtry>CVR</Prtry></Tp><Id>12345674</Id></Prxy>",
        "<Id><Othr><Id>0101587003</Id><SchmeNm><Prtry>CPR</Prtry></SchmeNm></Othr></Id><Prxy><Tp><Prtry>CVR</Prtry></Tp><Id>12345674</Id></Prxy>",
    );
    check(&doubtful, &[&format!("BE01 {row}/CdtrAcct/Prxy")], 1);
}

#[test]
fn accounts() {
    let account = |id: &str| order("09", "<RmtInf>", &format!("<CdtrAcct><Id>{id}</Id></CdtrAcct><RmtInf>"));
    let row = "PmtInf[1]/CdtTrfTxInf[1]";
    check(&account("<IBAN>DK5000400440116243</IBAN>"), &[], 0);
    check(&account("<IBAN>DK5100400440116243</IBAN>"), &[&format!("AC03 {row}/CdtrAcct/Id/IBAN")], 1);
    check(&account("<Othr><Id>00400440116243</Id></Othr>"), &[&format!("AC03 {row}/CdtrAcct/Id/Othr")], 1);
    check(
        &account("<Othr><Id>0440116243</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr>"),
        &[&format!("AC03 {row}/CdtrAcct/Id/Othr")],
        1,
    );
    check(&order("09", "<IBAN>DK50", "<IBAN>DK51"), &["AC02 PmtInf[1]/DbtrAcct/Id"], 2);
    check(&order("09", "<IBAN>DK50", "<IBAN>50"), &["AC02 PmtInf[1]/DbtrAcct/Id/IBAN"], 0);
    let charges =
        |iban: &str| order("09", "</DbtrAgt>", &format!("</DbtrAgt><ChrgsAcct><Id><IBAN>{iban}</IBAN></Id></ChrgsAcct>"));
    check(&charges("DK5000400440116243"), &[], 0);
    check(&charges("DK5100400440116243"), &["AC01 PmtInf[1]/ChrgsAcct/Id/IBAN"], 2);
}

#[test]
fn addresses() {
    let address = |version: &str, parts: &str| order(version, "<Nm>Karen Ingen</Nm>", &format!("<PstlAdr>{parts}</PstlAdr>"));
    let line = "<AdrLine>Ingen Vej 12</AdrLine>";
    for version in VERSIONS {
        check(&address(version, &format!("<Ctry>DK</Ctry>{}", line.repeat(7))), &[], 0);
        check(&address(version, &format!("<TwnNm>By</TwnNm><Ctry>DK</Ctry>{}", line.repeat(2))), &[], 0);
        for wrong in [
            format!("<TwnNm>By</TwnNm><Ctry>DK</Ctry>{}", line.repeat(3)),
            format!("<PstCd>1</PstCd><Ctry>DK</Ctry>{line}"),
            format!("<TwnNm>By</TwnNm>{line}"),
        ] {
            check(&address(version, &wrong), &["BE04 PmtInf[1]/CdtTrfTxInf[1]/Cdtr/PstlAdr"], 1);
        }
    }
    let parts = |parts: &[(&str, usize)]| -> String {
        parts.iter().map(|(element, length)| format!("<{element}>{}</{element}>", "x".repeat(*length))).collect()
    };
    let long = |last| parts(&[("CareOf", 140), ("StrtNm", 140), ("BldgNm", 140), ("TwnLctnNm", last)]);
    check(&address("12", &long(134)), &[], 0);
    check(&address("12", &long(135)), &["BE04 PmtInf[1]/CdtTrfTxInf[1]/Cdtr/PstlAdr"], 1);
}

#[test]
fn every_part_of_a_structured_address_is_kept() {
    let parts = "<Dept>Post</Dept><StrtNm>Ingen Vej</StrtNm><BldgNb>12</BldgNb><Flr>2</Flr><PstCd>9999</PstCd><TwnNm>By</TwnNm><DstrctNm>Nord</DstrctNm><Ctry>DK</Ctry>";
    let text = order("09", "<Nm>Karen Ingen</Nm>", &format!("<PstlAdr>{parts}</PstlAdr>"));
    let mut reader = Pain001Reader::new(text.as_bytes(), Limits::default());
    loop {
        if let Event::Payment(row) = reader.next_event().expect("no I/O error") {
            use AddressPart::{Building, Department, District, Floor, PostCode, Street, Town};
            let parts = [(Department, "Post"), (Street, "Ingen Vej"), (Building, "12"), (Floor, "2"), (PostCode, "9999")];
            let place = [(Town, "By"), (District, "Nord")];
            assert_eq!(row.address_parts().iter().collect::<Vec<_>>(), [&parts[..], &place[..]].concat());
            assert_eq!((row.country, row.address_lines().count()), (Some("DK"), 0));
            return;
        }
    }
}

#[test]
fn the_initiator_must_be_named() {
    for version in VERSIONS {
        let text = order(version, "<Prtry>NKS</Prtry>", "<Prtry>X</Prtry>");
        check(&text, &["BE05 GrpHdr/InitgPty"], 0);
        check(&order(version, "<Id>12345678</Id>", "<Id>1234567</Id>"), &["BE05 GrpHdr/InitgPty/Id/OrgId/Othr"], 0);
    }
}

#[test]
fn a_rejected_block_rejects_all_its_payments_and_no_others() {
    check(&order("09", "<PmtMtd>TRF", "<PmtMtd>CHK"), &["CH16 PmtInf[1]/PmtMtd"], 2);
    check(&order("09", "<Prtry>NKSSOP</Prtry>", "<Prtry>nks sop</Prtry>"), &["FF07 PmtInf[1]/PmtTpInf/CtgyPurp/Prtry"], 2);
}
