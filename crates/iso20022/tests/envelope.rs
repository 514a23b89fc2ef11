//! Messages behind a header, in an envelope.

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/dice.rs"]
mod dice;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/oracle.rs"]
mod oracle;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/records.rs"]
mod records;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/xsd.rs"]
mod xsd;

use dice::Dice;
use iso20022::*;
use oracle::Judge;
use std::io::{self, Read, Write};

fn header(definition: &str) -> BusinessHeader<'_> {
    let organisation = PartyRef { name: Some(Prose("NemKonto")), ..PartyRef::default() };
    let bank = BankRef { bic: Some("DABADKKK"), ..BankRef::default() };
    BusinessHeader {
        from: HeaderParty { bank: Some(bank), organisation: None },
        to: HeaderParty { bank: None, organisation: Some(organisation) },
        message_id: "B-1",
        definition,
        service: Some("nemkonto"),
        created: Some(jiff::Timestamp::UNIX_EPOCH),
    }
}

/// A notification in an envelope with this header.
fn enveloped(definition: &str) -> io::Result<Vec<u8>> {
    let out = Envelope::new(Vec::new(), "Envelope", &header(definition))?;
    let mut writer = BookingWriter::new(out, MessageKind::Camt054V08)?;
    for record in records::bookings(true, false) {
        writer.write(&record)?;
    }
    writer.finish()?.finish()
}

/// The same as text, with the parts: header and document.
fn parts() -> (String, String, String) {
    let text = String::from_utf8(enveloped("camt.054.001.08").expect("valid")).expect("UTF-8");
    let header = &text[text.find("<AppHdr").expect("written")..text.find("<Document").expect("written")];
    let document = &text[text.find("<Document").expect("written")..text.find("</Envelope>").expect("written")];
    (text.clone(), header.trim_end().to_owned(), document.trim_end().to_owned())
}

fn verdict(file: &[u8]) -> Verdict {
    validate(file, Limits::default()).expect("no I/O error")
}

fn check(file: &str, expect: &[(Level, &str)]) {
    let verdict = verdict(file.as_bytes());
    let found: Vec<(Level, &str)> = verdict.findings.iter().map(|finding| (finding.level, finding.path.as_str())).collect();
    assert_eq!(found, expect, "{:?}", verdict.findings);
    assert_eq!(verdict.valid, expect.is_empty());
}

#[test]
fn what_is_written_is_read_with_its_header() {
    let (text, head, document) = parts();
    check(&text, &[]);
    assert_eq!(verdict(text.as_bytes()).message, Some(MessageKind::Camt054V08));
    if let Some(judge) = Judge::new() {
        assert_eq!(judge.accepts(MessageKind::Head001V02, &[head.into_bytes()]), [true]);
        assert_eq!(judge.accepts(MessageKind::Camt054V08, &[document.into_bytes()]), [true]);
    }
    let whole = Whole::<Bookings>::read(text.as_bytes(), Limits::default()).expect("no I/O error");
    let whole = whole.unwrap_or_else(|refused| panic!("{:?}", refused.findings));
    assert_eq!(whole.header(), Some(header("camt.054.001.08")));
    assert!(whole.records().map(|told| told.record).eq(records::bookings(true, false)));
    let mut reader = BookingReader::new(OneByOne(text.as_bytes()), Limits::default());
    assert_eq!(reader.header(), None);
    assert!(matches!(reader.next_event(), Ok(RecordEvent::Record(_))));
    assert_eq!(reader.header(), Some(header("camt.054.001.08")));
}

struct OneByOne<'f>(&'f [u8]);

impl Read for OneByOne<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(1);
        self.0.read(&mut buffer[..length])
    }
}

#[test]
fn every_reader_knows_the_header() {
    let (_, head, _) = parts();
    for (message, fixture) in [
        ("pain.001.001.09", include_str!("../../../fixtures/iso20022/incomplete-09.xml")),
        ("pain.002.001.10", include_str!("../../../fixtures/iso20022/status-10.xml")),
    ] {
        let document = &fixture[fixture.find("<Document").expect("a document")..];
        let head = head.replace("camt.054.001.08", message);
        let file = format!("<Envelope>{head}{document}</Envelope>");
        check(&file, &[]);
        if message.starts_with("pain.001") {
            let mut reader = Pain001Reader::new(file.as_bytes(), Limits::default());
            assert!(matches!(reader.next_event(), Ok(Event::GroupHeader(_))));
            assert_eq!(reader.header().map(|header| header.definition), Some(message));
        } else {
            let mut reader = Pain002Reader::new(file.as_bytes(), Limits::default());
            assert!(matches!(reader.next_event(), Ok(StatusEvent::Group(_))));
            assert_eq!(reader.header().map(|header| header.definition), Some(message));
        }
    }
    let whole = Whole::<Header>::read(head.as_bytes(), Limits::default()).expect("no I/O error");
    let whole = whole.unwrap_or_else(|refused| panic!("{:?}", refused.findings));
    assert_eq!(whole.records().map(|told| told.record).next(), Some(HeaderRecord::Header(header("camt.054.001.08"))));
    assert_eq!(whole.header(), None);
}

#[test]
fn envelopes_of_any_kind() {
    let (_, head, document) = parts();
    for around in [
        "<Envelope>{}</Envelope>",
        "<?xml version='1.0'?><!-- an envelope --><Envelope>\n{}\n</Envelope>\n",
        "<s:DataPDU xmlns:s='urn:swift:saa'><s:Revision>2.0</s:Revision><s:Header a='1'/><s:Body>text{}</s:Body></s:DataPDU>",
        "<Xchg xmlns='urn:iso:std:iso:20022:tech:xsd:head.003.001.01'><Pyld><BizMsg>{}</BizMsg></Pyld></Xchg>",
    ] {
        check(&around.replace("{}", &format!("{head}{document}")), &[]);
        check(&around.replace("{}", &document), &[]);
    }
}

#[test]
fn what_an_envelope_may_not_hold() {
    let (_, head, document) = parts();
    let check = |content: &str, expect: &[(Level, &str)]| check(&format!("<Envelope>{content}</Envelope>"), expect);
    let other = head.replace("camt.054.001.08", "camt.054.001.02");
    // Which of the two was meant nobody can say: nothing of it is read.
    check(&format!("{other}{document}"), &[(Level::Unreadable, "/AppHdr/MsgDefIdr")]);
    let broken = document.replacen("<MsgId>M-1", "<MsgId>", 1);
    check(&format!("{other}{broken}"), &[(Level::Unreadable, "/AppHdr/MsgDefIdr")]);
    check("", &[(Level::Unreadable, "/")]);
    check(&head, &[(Level::Unreadable, "/")]);
    check(&format!("{head}{head}{document}"), &[(Level::Schema, "/Envelope")]);
    check(&format!("{document}{head}"), &[(Level::Schema, "/Envelope")]);
    check(&format!("{document}{document}"), &[(Level::Schema, "/Envelope")]);
    check(&format!("{}{document}", head.replace("head.001.001.02", "head.001.001.99")), &[(Level::Unreadable, "/Envelope")]);
    check(&format!("{head}{}", document.replace("camt.054.001.08", "camt.054.001.99")), &[(Level::Unreadable, "/Envelope")]);
    let start = head.find("<BizMsgIdr>").expect("written");
    let end = head.find("<MsgDefIdr>").expect("written");
    check(&format!("{}{}{document}", &head[..start], &head[end..]), &[(Level::Schema, "/AppHdr/MsgDefIdr")]);
    check(
        &format!("{head}{}", document.replacen("<MsgId>M-1", "<MsgId>", 1)),
        &[(Level::Schema, "/Document/BkToCstmrDbtCdtNtfctn/GrpHdr/MsgId")],
    );
    // A header is no message, and a reader reads no other message than its own.
    let file = format!("<Envelope>{head}{document}</Envelope>");
    let mut reader = RecallReader::new(file.as_bytes(), Limits::default());
    assert!(matches!(reader.next_event(), Ok(RecordEvent::Finding(finding)) if finding.level == Level::Unreadable));
}

#[test]
fn an_envelope_takes_no_other_message_than_its_header_names() {
    assert_eq!(enveloped("camt.054.001.02").map_err(|error| error.kind()), Err(io::ErrorKind::InvalidInput));
    assert_eq!(enveloped("camt.999.001.01").map_err(|error| error.kind()), Err(io::ErrorKind::InvalidInput));
    let header = header("camt.054.001.08");
    assert!(Envelope::new(Vec::new(), "a b", &header).is_err());
    let mut envelope = Envelope::new(Vec::new(), "E", &header).expect("valid");
    assert!(envelope.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xm").is_ok());
    assert!(envelope.finish().is_err());
}

/// A part with one character inside it removed, doubled or replaced.
fn damaged(text: &str, dice: &mut Dice) -> String {
    let start = text.find('>').expect("a start tag") + 1;
    let end = text.rfind('<').expect("an end tag");
    let place = start + dice.below(end - start);
    let by = dice.pick(&["", "<<", "x", "&amp;", "<a/>", " ", "</"]);
    format!("{}{by}{}", &text[..place], &text[place + 1..])
}

#[test]
fn an_envelope_is_as_valid_as_its_parts() {
    let Some(judge) = Judge::new() else { return };
    let (_, head, document) = parts();
    let mut dice = Dice::new(3);
    let pairs: Vec<(String, String)> = (0..400)
        .map(|number| match number % 2 {
            0 => (damaged(&head, &mut dice), document.clone()),
            _ => (head.clone(), damaged(&document, &mut dice)),
        })
        .filter(|(head, document)| head.contains(">camt.054.001.08<") && (head.is_ascii() && document.is_char_boundary(0)))
        .collect();
    let bytes = |text: &String| text.clone().into_bytes();
    let heads = judge.accepts(MessageKind::Head001V02, &pairs.iter().map(|(head, _)| bytes(head)).collect::<Vec<_>>());
    let documents =
        judge.accepts(MessageKind::Camt054V08, &pairs.iter().map(|(_, document)| bytes(document)).collect::<Vec<_>>());
    let mut valid = 0;
    for ((head, document), (head_valid, document_valid)) in pairs.iter().zip(heads.into_iter().zip(documents)) {
        let file = format!("<Envelope>{head}{document}</Envelope>");
        assert_eq!(verdict(file.as_bytes()).valid, head_valid && document_valid, "{file}");
        valid += u32::from(head_valid && document_valid);
    }
    assert!(valid > 20 && valid < 380, "{valid} of 400 valid");
}
