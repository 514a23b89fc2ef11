//! The piece of the file shown beside a finding.

use iso20022::explain::{Examination, Options, TableOptions, examine, excerpts, write_table, write_text};
use primitives::Language;

fn faulty() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/how-to-send/faulty/payee-not-a-cpr-number.xml");
    std::fs::read_to_string(path).expect("readable")
}

fn examined(file: &[u8], options: &Options) -> (Examination, Vec<String>) {
    let examination = examine(|| Ok(file), options).expect("no I/O error");
    let pieces = excerpts(file, &examination.findings).expect("no I/O error");
    let pieces = pieces.iter().map(|piece| piece.as_ref().map_or("", |piece| piece.as_str()).to_owned()).collect();
    (examination, pieces)
}

fn piece(file: &[u8]) -> String {
    examined(file, &Options::default()).1.remove(0)
}

const LINE: &str = "<Cdtr><Id><PrvtId><Othr><Id>••••••••••</Id><SchmeNm><Prtry>CPR</Prtry></SchmeNm></Othr></PrvtId></Id></Cdtr>";

#[test]
fn a_short_line_is_shown_whole() {
    let file = faulty();
    assert_eq!(piece(file.as_bytes()), LINE);
    assert_eq!(piece(file.replace('\n', "\r\n").as_bytes()), LINE);
    assert_eq!(piece(format!("\u{FEFF}{file}").as_bytes()), LINE);
}

#[test]
fn of_a_long_line_the_element_is_shown() {
    let one_line: String = faulty().lines().map(str::trim).collect();
    let shown = piece(one_line.as_bytes());
    assert!(shown.starts_with("<Othr><Id>••••••••••</Id><SchmeNm>"), "{shown}");
    // Behind so many other payments that it is far from where the file begins.
    let row = "<CdtTrfTxInf><PmtId><EndToEndId>A</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"DKK\">1</InstdAmt></Amt><Cdtr><Id><OrgId>\
        <Othr><Id>12345674</Id><SchmeNm><Prtry>CVR</Prtry></SchmeNm></Othr></OrgId></Id></Cdtr></CdtTrfTxInf>";
    let many = one_line.replacen("<CdtTrfTxInf>", &format!("{}<CdtTrfTxInf>", row.repeat(5_000)), 1);
    let options = Options {
        rules: Options::default().rules.map(|rules| iso20022::Rules { remembered_payments: 0, ..rules }),
        ..Options::default()
    };
    let (examination, pieces) = examined(many.as_bytes(), &options);
    let place = examination.findings.iter().position(|finding| finding.code.as_str() == "BE17").expect("the payee");
    assert!(pieces[place].starts_with("<Othr><Id>••••••••••</Id><SchmeNm>"), "{}", pieces[place]);
}

#[test]
fn a_file_in_another_encoding_is_shown_as_it_reads() {
    let text = faulty().replace("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"").replace("<Cdtr>", "<Cdtr><Nm>Søren Ærø</Nm>");
    let latin = |text: &str| -> Vec<u8> { text.chars().map(|character| u8::try_from(character).expect("Latin 1")).collect() };
    assert_eq!(piece(&latin(&text)), LINE.replace("<Cdtr>", "<Cdtr><Nm>Søren Ærø</Nm>"));
    let one_line: String = text.replace("Eksempler", "Øer").lines().map(str::trim).collect();
    assert!(piece(&latin(&one_line)).starts_with("<Othr><Id>••••••••••</Id>"), "{}", piece(&latin(&one_line)));
}

#[test]
fn findings_beyond_the_number_asked_for_are_counted() {
    let row = |number: usize| {
        format!(
            "<CdtTrfTxInf><PmtId><EndToEndId>A{number}</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"DKK\">0</InstdAmt></Amt></CdtTrfTxInf>"
        )
    };
    let rows: String = (0..50).map(row).collect();
    let file = faulty().replacen("<CdtTrfTxInf>", &format!("{rows}<CdtTrfTxInf>"), 1);
    let (examination, _) = examined(file.as_bytes(), &Options { most_findings: 10, ..Options::default() });
    assert_eq!((examination.findings.len(), examination.untold), (10, 50 * 2 + 1 + 2 - 10));
    let mut text = Vec::new();
    write_text(&mut text, "a.xml", &examination, &[], Language::Da).expect("no I/O error");
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(text.starts_with("a.xml: pain.001.001.09, 103 fejl\n") && text.ends_with("  93 flere fejl er ikke vist\n"), "{text}");
}

#[test]
fn a_refused_file_has_only_the_findings_that_refuse_it() {
    let file = faulty().replace("</PmtInf>", "</PmtInf><Other/>");
    let (examination, _) = examined(file.as_bytes(), &Options::default());
    let codes: Vec<&str> = examination.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["CH17"]);
    let schema_only = Options { rules: None, ..Options::default() };
    assert!(examined(faulty().as_bytes(), &schema_only).0.is_valid());
}

#[test]
fn any_message_and_no_message_can_be_examined() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/iso20022/status-10.xml");
    let status = std::fs::read(path).expect("readable");
    let (examination, _) = examined(&status, &Options::default());
    assert_eq!((examination.message.map(|message| message.name()), examination.is_valid()), (Some("pain.002.001.10"), true));
    for nothing in [&b""[..], b"<Document/>", b"hello"] {
        let (examination, _) = examined(nothing, &Options::default());
        assert_eq!((examination.message, examination.findings.len()), (None, 1));
    }
}

fn table(name: &str, options: TableOptions) -> String {
    let path = format!("{}/../../fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    let readable = write_table(std::fs::File::open(path).expect("there"), &mut out, options).expect("no I/O error");
    let text = String::from_utf8(out).expect("UTF-8");
    assert_eq!(readable, !text.contains("refused whole"));
    text
}

#[test]
fn a_table_hides_numbers_unless_it_is_told_not_to() {
    let masked = TableOptions { unmasked: false, rows: 100 };
    for name in ["iso20022/incomplete-03.xml", "iso20022/complete-foreign-09.xml", "how-to-send/incomplete-danish-12.xml"] {
        let text = table(name, masked);
        for number in ["0101587003", "0202606002", "12345674", "1001234567", "0440116243", "DE8937040044", "000123456789"] {
            assert!(!text.contains(number), "{number} in {name}:\n{text}");
        }
        assert!(table(name, TableOptions { unmasked: true, ..masked }).contains("0440116243"));
    }
    let short = table("iso20022/incomplete-03.xml", TableOptions { rows: 1, ..masked });
    assert!(short.contains("… 1 more rows") && short.contains("total       4 payments, sum 21500.75"), "{short}");
    assert!(table("how-to-send/faulty/cut-off.xml", masked).contains("refused whole: line 36"));
    let faulty = table("iso20022/faulty-rows-09.xml", masked);
    assert!(faulty.contains("14 of them cannot be made") && faulty.contains("BE17"), "{faulty}");
}
