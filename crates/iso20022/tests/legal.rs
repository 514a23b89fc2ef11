//! What XML allows to be written in many ways is read in each of them, as libxml2 reads it; and what we refuse on
//! purpose although libxml2 accepts it is exactly what is listed.

#[path = "support/listed.rs"]
mod listed;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/oracle.rs"]
mod oracle;
#[path = "support/xsd.rs"]
mod xsd;

use iso20022::{Event, Limits, MessageKind, Outcome, Pain001Reader, validate};
use listed::Listed;
use oracle::Judge;

/// An order to pay in plain dress. `MARK` is where a test puts something.
const PLAIN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">\
<CstmrCdtTrfInitn><GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-03-02T10:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs><CtrlSum>1234.50</CtrlSum>\
<InitgPty><Nm>Kommunen</Nm></InitgPty></GrpHdr><PmtInf><PmtInfId>B-1</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>2026-03-02</Dt></ReqdExctnDt>\
<Dbtr><Nm>Kommunen</Nm></Dbtr><DbtrAcct><Id><IBAN>DK5000400440116243</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId/></DbtrAgt>\
<CdtTrfTxInf><PmtId><EndToEndId>E-1</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"DKK\">1234.50</InstdAmt></Amt><Cdtr><Nm>Søren Ærø</Nm></Cdtr>\
<CdtrAcct><Id><IBAN>DK5000400440116243</IBAN></Id></CdtrAcct><RmtInf><Ustrd>a &amp; b</Ustrd></RmtInf></CdtTrfTxInf></PmtInf>\
<SplmtryData><Envlp><e:own xmlns:e=\"urn:e\">x</e:own></Envlp></SplmtryData></CstmrCdtTrfInitn></Document>\n";

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const TARGET: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";

/// What a reader tells of the one payment.
fn content(file: &[u8]) -> Vec<String> {
    let mut reader = Pain001Reader::new(file, Limits::default());
    let mut told = Vec::new();
    loop {
        match reader.next_event().expect("memory does not fail") {
            Event::GroupHeader(header) => told.push(format!("{} {:?}", header.message_id, header.initiator.name)),
            Event::PaymentInformation(block) => told.push(format!("{:?}", block.requested_date)),
            Event::Payment(row) => {
                told.push(format!("{} {:?} {:?} {:?}", row.end_to_end_id, row.amount, row.creditor_name, row.remittance))
            }
            Event::End(totals) => {
                assert_eq!(totals.outcome, Outcome::Readable);
                return told;
            }
            Event::Finding(finding) => panic!("{finding}"),
            Event::PaymentInformationEnd(_) => {}
        }
    }
}

/// The file in another dress: one replacement each.
fn dressed(old: &str, new: &str) -> Vec<u8> {
    assert!(PLAIN.contains(old), "{old}");
    PLAIN.replace(old, new).into_bytes()
}

fn in_latin(label: &str, code: fn(char) -> u8, text: &str) -> Vec<u8> {
    text.replace("UTF-8", label).chars().map(code).collect()
}

fn latin1(character: char) -> u8 {
    u8::try_from(character).expect("a character of the first 256")
}

fn latin9(character: char) -> u8 {
    if character == '€' { 0xA4 } else { latin1(character) }
}

/// Every way of writing that must make no difference.
fn legal() -> Vec<(&'static str, Vec<u8>)> {
    let tag = "<GrpHdr>";
    let between = |new: &str| dressed(tag, &format!("{new}{tag}{new}"));
    let name = |new: &str| dressed("<Nm>Søren Ærø</Nm>", &format!("<Nm>{new}</Nm>"));
    let root = |new: &str| dressed(&format!("xmlns=\"{TARGET}\""), &format!("xmlns=\"{TARGET}\" {new}"));
    let long_reference = format!("S&#{}248;ren Ærø", "0".repeat(60));
    let mut files = vec![
        ("plain", PLAIN.as_bytes().to_vec()),
        ("comments between elements", between("<!-- <a> & -->")),
        ("instructions between elements", between("<?target a=\"<&>\"?>")),
        ("an instruction with nothing in it", between("<?t?>")),
        ("blanks between elements", between(" \n\t\r\n ")),
        ("references to blanks between elements", between("&#32;&#x9;&#xA;&#13;")),
        ("no blanks at all", dressed(">\n", ">")),
        (
            "comment before and after the root",
            [b"<!-- a -->", &PLAIN.as_bytes()[PLAIN.find("<Document").expect("a root")..], b"<!-- b --><?c?>\r\n"].concat(),
        ),
        ("no XML declaration", PLAIN.as_bytes()[PLAIN.find("<Document").expect("a root")..].to_vec()),
        ("single quotes", PLAIN.replace('"', "'").into_bytes()),
        ("blanks in tags", dressed("<MsgId>M-1</MsgId>", "<MsgId \n>M-1</MsgId\t>")),
        ("an empty element in two tags", dressed("<FinInstnId/>", "<FinInstnId></FinInstnId>")),
        ("an empty element with blanks", dressed("<FinInstnId/>", "<FinInstnId > \n </FinInstnId >")),
        ("standalone", dressed("encoding=\"UTF-8\"", "encoding=\"utf-8\" standalone=\"yes\"")),
        ("blanks in the declaration", dressed("version=\"1.0\" encoding=\"UTF-8\"", "version = '1.0'\r\n\tencoding = 'UTF-8' ")),
        ("a later version of XML", dressed("version=\"1.0\"", "version=\"1.1\"")),
        ("a comment in a value", name("Søren <!-- & Søn -->Ærø")),
        ("an instruction in a value", name("Søren<?p?> Ærø")),
        ("CDATA for a value", name("<![CDATA[Søren Ærø]]>")),
        ("CDATA in a value", name("S<![CDATA[]]>øren<![CDATA[ Æ]]>rø")),
        ("decimal references", name("S&#248;ren&#32;&#0198;r&#248;")),
        ("hexadecimal references", name("S&#xf8;ren&#x20;&#x00C6;r&#xF8;")),
        ("references with many zeros", name(&long_reference)),
        ("markup in CDATA", dressed("a &amp; b", "<![CDATA[a & b]]>")),
        ("a number as a reference", dressed("a &amp; b", "a &#38; b")),
        ("carriage returns", PLAIN.replace('\n', "\r\n").into_bytes()),
        ("old carriage returns", PLAIN.replace('\n', "\r").into_bytes()),
        ("a byte order mark", format!("\u{FEFF}{PLAIN}").into_bytes()),
        ("an attribute with blanks", dressed("<InstdAmt Ccy=\"DKK\">", "<InstdAmt\n Ccy = 'DKK' >")),
        ("an attribute with references", dressed("Ccy=\"DKK\"", "Ccy=\"D&#75;&#x4B;\"")),
        ("a decimal with other zeros", dressed("DKK\">1234.50<", "DKK\">+001234.5<")),
        ("a decimal with blanks", dressed("DKK\">1234.50<", "DKK\"> 1234.50\n<")),
        ("schema location", root(&format!("xmlns:xsi=\"{XSI}\" xsi:schemaLocation=\"{TARGET} pain.001.001.09.xsd\""))),
        ("location without namespace", root(&format!("xmlns:x='{XSI}' x:noNamespaceSchemaLocation='a.xsd'"))),
        ("its own type named", root(&format!("xmlns:xsi=\"{XSI}\" xsi:type=\"Document\""))),
        ("unused namespaces", root("xmlns:a=\"urn:a\" xmlns:b='urn:b'")),
        ("the prefix xml declared", root("xmlns:xml='http://www.w3.org/XML/1998/namespace'")),
        ("a namespace with a reference", dressed("xsd:pain", "xsd&#58;pain")),
        ("an element with a prefix", dressed("<MsgId>M-1</MsgId>", &format!("<m:MsgId xmlns:m='{TARGET}'>M-1</m:MsgId>"))),
        ("the namespace said again", dressed("<MsgId>", &format!("<MsgId xmlns='{TARGET}'>"))),
        ("the type of a value named", dressed("<MsgId>", &format!("<MsgId xmlns:i='{XSI}' i:type='Max35Text'>"))),
        (
            "anything in a wildcard",
            dressed("<e:own xmlns:e=\"urn:e\">x</e:own>", "<a xmlns='' b='c' xml:lang='da'>x<b/>y<![CDATA[z]]></a>"),
        ),
    ];
    files.extend(prefixes().into_iter().chain(encodings()));
    files
}

fn prefixes() -> Vec<(&'static str, Vec<u8>)> {
    let prefixed = |prefix: &str| {
        let tags = PLAIN.replace("<e:own", "\u{1}").replace("</e:own", "\u{2}");
        let tags = tags
            .replace("</", "\u{3}")
            .replace("<?", "\u{4}")
            .replace('<', &format!("<{prefix}:"))
            .replace('\u{3}', &format!("</{prefix}:"));
        let tags = tags.replace('\u{4}', "<?").replace('\u{1}', "<e:own").replace('\u{2}', "</e:own");
        tags.replace("xmlns=", &format!("xmlns:{prefix}=")).into_bytes()
    };
    vec![
        ("a prefix for all", prefixed("doc")),
        ("an odd prefix for all", prefixed("ø-1.x")),
        ("the prefix of another", prefixed("xs")),
    ]
}

fn encodings() -> Vec<(&'static str, Vec<u8>)> {
    let ascii = PLAIN.replace('ø', "&#248;").replace('Æ', "&#xC6;");
    vec![
        ("ISO-8859-1", in_latin("ISO-8859-1", latin1, PLAIN)),
        ("iso-8859-1 in small letters", in_latin("iso-8859-1", latin1, PLAIN)),
        ("ISO-8859-15", in_latin("ISO-8859-15", latin9, PLAIN)),
        ("US-ASCII", ascii.replace("UTF-8", "US-ASCII").into_bytes()),
    ]
}

#[test]
fn what_is_legal_makes_no_difference() {
    let judge = Judge::new();
    let plain = content(PLAIN.as_bytes());
    assert!(plain.iter().any(|told| told.contains("Søren Ærø")) && plain.iter().any(|told| told.contains("a & b")));
    for (what, file) in legal() {
        let verdict = validate(file.as_slice(), Limits::default()).expect("memory does not fail");
        assert!(verdict.valid, "{what}: {}", verdict.findings[0]);
        assert_eq!(content(&file), plain, "{what}");
        if let Some(judge) = &judge {
            assert_eq!(judge.accepts(MessageKind::Pain001V09, &[file]), [true], "{what}: libxml2 refuses it");
        }
    }
}

#[test]
fn the_euro_sign_is_where_its_encoding_has_it() {
    let file = in_latin("ISO-8859-15", latin9, &PLAIN.replace("Ærø", "€€"));
    assert!(content(&file).iter().any(|told| told.contains("Søren €€")));
}

/// A file for each class of what we refuse and libxml2 accepts.
fn refused_on_purpose() -> Vec<(Listed, Vec<u8>)> {
    let wild = |new: &str| dressed("<e:own xmlns:e=\"urn:e\">x</e:own>", new);
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let deep = format!("{}{}", "<a>".repeat(70), "</a>".repeat(70));
    let attributes: String = (0..65).map(|number| format!(" a{number}=''")).collect();
    let namespaces: String = (0..65).map(|number| format!(" xmlns:a{number}='urn:a'")).collect();
    vec![
        (Listed::DocumentType, dressed("<Document", "<!DOCTYPE Document>\n<Document")),
        (Listed::Encoding, utf16(&format!("\u{FEFF}{}", PLAIN.replace("UTF-8", "UTF-16")))),
        (Listed::Encoding, in_latin("windows-1252", latin1, PLAIN)),
        (
            Listed::Encoding,
            in_latin("ISO-8859-2", |character| if character.is_ascii() { latin1(character) } else { b'?' }, PLAIN),
        ),
        (Listed::Namespaces, wild("<u:a/>")),
        (Listed::Namespaces, wild("<a u:b='c'/>")),
        (Listed::Namespaces, wild("<a:b:c xmlns:a='urn:a'/>")),
        (Listed::Namespaces, wild("<a xmlns:b='urn:b' xmlns:c='urn:b' b:d='1' c:d='2'/>")),
        (Listed::Namespaces, wild("<a xmlns:b=''/>")),
        (Listed::Namespaces, wild("<a xmlns:xmlns='urn:a'/>")),
        (Listed::Namespaces, wild("<?a:b?><a/>")),
        (Listed::ZeroByte, format!("{PLAIN}\0").into_bytes()),
        (Listed::TypeInWildcard, wild(&format!("<a xmlns:i='{XSI}' xmlns:t='{TARGET}' i:type='t:Max35Text'>x</a>"))),
        (Listed::Limit, wild(&deep)),
        (Listed::Limit, wild(&format!("<a{attributes}/>"))),
        (Listed::Limit, wild(&format!("<a{namespaces}/>"))),
        (Listed::Limit, wild(&format!("<a>{}</a>", "<!-- -->".to_owned() + &format!("<!--{}-->", "x".repeat(1 << 20))))),
        (Listed::Limit, wild(&format!("<{}/>", "x".repeat(1_100)))),
    ]
}

#[test]
fn what_is_refused_on_purpose_is_what_is_listed() {
    let judge = Judge::new();
    for (class, file) in refused_on_purpose() {
        let verdict = validate(file.as_slice(), Limits::default()).expect("memory does not fail");
        let finding = verdict.findings.first().unwrap_or_else(|| panic!("{class:?} is accepted"));
        assert_eq!(listed::class(finding), Some(class), "{finding}");
        if let Some(judge) = &judge {
            let shown = String::from_utf8_lossy(&file[file.len().min(700)..]).chars().take(300).collect::<String>();
            assert_eq!(judge.accepts(MessageKind::Pain001V09, &[file]), [true], "{class:?}: libxml2 refuses it as well: {shown}");
        }
    }
}
