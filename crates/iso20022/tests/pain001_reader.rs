//! What the reader makes of the fixture files.

use iso20022::{ControlSum, Event, Limits, Outcome, Pain001Reader, ReasonCode, Totals};
use std::io::Read;

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/../../fixtures/iso20022/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).expect("the fixture is there")
}

/// Every event as a line; shows personal numbers, for they are nobody's.
fn story(input: impl Read) -> (Vec<String>, Totals) {
    let mut reader = Pain001Reader::new(input, Limits::default());
    let mut story = Vec::new();
    loop {
        let line = match reader.next_event().expect("no I/O error") {
            Event::GroupHeader(header) => format!(
                "group {} of {:?} agreement {:?} {:?}",
                header.message_id, header.declared_payments, header.initiator.agreement, header.findings
            ),
            Event::PaymentInformation(block) => format!(
                "block {} on {:?} benefit {:?} account {:?} {:?}",
                block.id,
                block.requested_date,
                block.benefit.map(|benefit| benefit.to_string()),
                block.debtor_account.as_ref().map(|account| account.canonical()),
                block.findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>()
            ),
            Event::Payment(row) => format!(
                "{} {} {} {} {} {} {}",
                row.end_to_end_id,
                row.amount.map_or("-".to_owned(), |amount| amount.to_string()),
                row.identifiers
                    .iter()
                    .map(|id| format!("{}={}", id.kind().as_str(), id.canonical()))
                    .collect::<Vec<_>>()
                    .join("+"),
                row.account.map_or("-".to_owned(), |account| account.canonical()),
                row.benefit.map_or("-".to_owned(), |benefit| benefit.to_string()),
                row.remittance.unwrap_or("-").replace('\n', "|"),
                row.findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>().join(",")
            ),
            Event::PaymentInformationEnd(totals) => format!(
                "end of block {} with {} {} {:?}",
                totals.position,
                totals.payments,
                totals.sum,
                totals.findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>()
            ),
            Event::Finding(finding) => format!("finding {finding}"),
            Event::End(totals) => return (story, totals.clone()),
        };
        story.push(line);
    }
}

fn check(name: &str, expect: &[&str]) -> Totals {
    let (story, totals) = story(fixture(name).as_slice());
    let rows: Vec<&str> = story.iter().map(|line| line.trim_end()).filter(|line| !line.starts_with("group")).collect();
    assert_eq!(rows, expect, "{name}");
    assert_eq!(totals.outcome, Outcome::Readable);
    totals
}

#[test]
fn incomplete_orders_of_version_03() {
    let totals = check(
        "incomplete-03.xml",
        &[
            "block PENSION-2026-03 on Some(2026-03-02) benefit Some(\"NKSSOP\") account Some(\"DK|0040|0440116243\") []",
            "SOP-2026-03-0001 7000.25 DKK CPR=0101587003 - NKSSOP Folkepension marts 2026",
            "SOP-2026-03-0002 7000.50 DKK CPR=0202606002 - NKSSOP -",
            "end of block 1 with 2 14000.75 []",
            "block LEVERANDOER-2026-03 on Some(2026-03-03) benefit None account Some(\"DK|0040|0440116243\") []",
            "LEV-2026-03-0001 5000.00 DKK CVR=12345674 - NKSLEV Faktura 17|Faktura 18",
            "LEV-2026-03-0002 2500.00 DKK CVR=12345674+P=1001234567 - NKSLEV -",
            "end of block 2 with 2 7500.00 []",
        ],
    );
    assert!(totals.findings.is_empty());
    assert_eq!(Some(totals.sum), ControlSum::parse("21500.75"));
}

#[test]
fn incomplete_orders_of_version_09() {
    check(
        "incomplete-09.xml",
        &[
            "block SU-2026-03 on Some(2026-03-31) benefit Some(\"NKSUDD\") account Some(\"DK|0040|0440116243\") []",
            "SU-2026-03-0001 6397.00 DKK CPR=3112998009 - NKSUDD -",
            "SU-2026-03-0002 6397.00 DKK CPR=1508725006 - NKSUDD -",
            "MOMS-2026-03-0003 7.00 DKK CVR=12345674+SE=11111114 - NKSOST -",
            "end of block 1 with 3 12801.00 []",
        ],
    );
}

#[test]
fn complete_orders() {
    check(
        "complete-danish-09.xml",
        &[
            "block KOMPLET-1 on Some(2026-03-02) benefit None account Some(\"DK|0040|0440116243\") []",
            "K-1 100.00 DKK  DK|0040|0440116243 - -",
            "K-2 200.00 DKK  DK|0040|0440116243 - -",
            "K-3 300.00 DKK CPR=0101587003 DK|0040|0440116243 - -",
            "end of block 1 with 3 600.00 []",
        ],
    );
    check(
        "complete-foreign-09.xml",
        &[
            "block UDLAND-1 on Some(2026-03-02) benefit None account Some(\"DK|0040|0440116243\") []",
            "U-1 1000.50 EUR  IBAN|DE89370400440532013000|COBADEFFXXX - -",
            "U-2 500.00 USD  FOR|US|000123456789|021000021||Some Bank| - -",
            "U-3 60000 JPY  FOR|JP|1234567||BOTKJPJT|| - -",
            "end of block 1 with 3 61500.50 []",
        ],
    );
}

#[test]
fn faulty_payments_are_told_with_their_reasons_and_the_others_go_on() {
    for name in ["faulty-rows-03.xml", "faulty-rows-09.xml"] {
        let (story, totals) = story(fixture(name).as_slice());
        let codes: Vec<(&str, &str)> = story
            .iter()
            .filter(|line| !line.starts_with(['g', 'b', 'e']))
            .map(|line| (line.split(' ').next().unwrap_or(""), line.rsplit(' ').next().unwrap_or("")))
            .collect();
        let expect = [
            ("GOD-1", ""),
            ("CPR-DATO", "BE17"),
            ("CVR-KONTROL", "BE17"),
            ("UKENDT-ART", "BE17"),
            ("INGEN", "BE17"),
            ("NUL", "AM01"),
            ("DECIMALER", "CH20"),
            ("YEN", "CH20"),
            ("VALUTA", "AM03"),
            ("BARE-CIFRE", "AC03"),
            ("UKENDT-KONTO", "AC03"),
            ("IBAN", "AC03"),
            ("YDELSE-TO-GANGE", "FF07"),
            ("YDELSE-FORKERT", "FF07"),
            ("TVIVL", "BE01"),
            ("GOD-2", ""),
        ];
        assert_eq!(codes, expect);
        assert_eq!(story.last().map(String::as_str), Some("end of block 1 with 16 150.505 [\"AM20\"]"));
        assert_eq!(totals.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [ReasonCode::AM16]);
    }
}

#[test]
fn a_broken_file_is_refused_whole_with_line_and_path() {
    let text = String::from_utf8(fixture("incomplete-03.xml")).expect("UTF-8");
    let broken = text.replacen("<Amt><InstdAmt Ccy=\"DKK\">7000.5<", "<Amt><InstdAmt Ccy=\"DKK\">7000.5.5<", 1);
    let (story, totals) = story(broken.as_bytes());
    assert_eq!(totals.outcome, Outcome::Invalid);
    assert_eq!(
        story.last().map(String::as_str),
        Some(
            "finding line 40: /Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[2]/Amt/InstdAmt: AM12 The value breaks the \
             message's rules.; expected a decimal number of at most 18 digits, 5 of them decimals, not negative; found 8 \
             characters that are no decimal"
        )
    );
    assert!(totals.findings.is_empty());
    let (_, unreadable) = self::story(&text.as_bytes()[..text.len() / 2]);
    assert_eq!(unreadable.outcome, Outcome::Unreadable);
    let (_, unknown) = self::story(text.replace("pain.001.001.03", "pain.001.001.02").as_bytes());
    assert_eq!((unknown.outcome, unknown.message), (Outcome::Unreadable, None));
}

#[test]
fn spans_are_the_bytes_of_the_payments() {
    let file = fixture("incomplete-09.xml");
    let mut reader = Pain001Reader::new(file.as_slice(), Limits::default());
    let mut rows = 0;
    loop {
        match reader.next_event().expect("no I/O error") {
            Event::Payment(row) => {
                let start = usize::try_from(row.span.start).expect("small");
                let end = start + usize::try_from(row.span.len).expect("small");
                let bytes = &file[start..end];
                assert!(bytes.starts_with(b"<CdtTrfTxInf>") && bytes.ends_with(b"</CdtTrfTxInf>"));
                let line = file[..start].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
                assert_eq!(row.line, line);
                rows += 1;
            }
            Event::End(_) => break,
            _ => {}
        }
    }
    assert_eq!(rows, 3);
}

/// Hands out one byte at a time.
struct Drip<'b>(&'b [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.len().min(buffer.len()).min(1);
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[test]
fn the_size_of_reads_makes_no_difference() {
    for name in ["incomplete-03.xml", "incomplete-09.xml", "faulty-rows-03.xml", "complete-foreign-09.xml"] {
        let file = fixture(name);
        assert_eq!(story(file.as_slice()), story(Drip(&file)), "{name}");
    }
}

#[test]
fn other_dresses_of_the_same_file_are_read_alike() {
    let text = String::from_utf8(fixture("incomplete-03.xml")).expect("UTF-8");
    let plain = story(text.as_bytes()).0;
    let latin: Vec<u8> = text
        .replace("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"")
        .chars()
        .map(|character| u8::try_from(u32::from(character)).expect("only Danish letters"))
        .collect();
    assert_eq!(story(latin.as_slice()).0, plain);
    assert_eq!(story(format!("\u{FEFF}{text}").as_bytes()).0, plain);
    assert_eq!(story(text.replace('\n', "\r\n").as_bytes()).0, plain);
    let prefixed = text
        .replace("<Document xmlns=", "<Document xmlns:p=")
        .replace("</", "<//")
        .replace('<', "<p:")
        .replace("<p://", "</p:")
        .replace("<p:?", "<?")
        .replace("<p:!", "<!");
    assert_eq!(story(prefixed.as_bytes()).0, plain);
}
