//! Messages of records are read as they were written, and written as they were read.

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/dice.rs"]
mod dice;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/oracle.rs"]
mod oracle;
#[path = "support/records.rs"]
mod records;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/sample.rs"]
mod sample;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/types.rs"]
mod types;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/value.rs"]
mod value;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/xsd.rs"]
mod xsd;

use dice::Dice;
use iso20022::*;
use oracle::Judge;
use sample::Sampler;
use std::io;

fn write<M: Message>(kind: MessageKind, records: &[M::Record<'_>]) -> io::Result<Vec<u8>> {
    let mut writer = RecordWriter::<M, _>::new(Vec::new(), kind)?;
    for record in records {
        writer.write(record)?;
    }
    writer.finish()
}

fn assert_valid(kind: MessageKind, file: &[u8]) {
    let verdict = validate(file, Limits::default()).expect("no I/O error");
    assert!(verdict.valid, "{kind}: {:?}\n{}", verdict.findings, String::from_utf8_lossy(file));
    assert_eq!(verdict.message, Some(kind));
    if let Some(judge) = Judge::new() {
        assert_eq!(judge.accepts(kind, &[file.to_vec()]), [true], "{}", String::from_utf8_lossy(file));
    }
}

fn whole<M: Message>(file: &[u8]) -> Whole<M> {
    let read = Whole::<M>::read(file, Limits::default()).expect("no I/O error");
    read.unwrap_or_else(|refused| panic!("{:?}\n{}", refused.findings, String::from_utf8_lossy(file)))
}

/// A file that gives one byte at a time.
struct Drops<'f>(&'f [u8]);

impl io::Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
        self.0 = rest;
        buffer[0] = *first;
        Ok(1)
    }
}

/// Number of records, the findings on them, and the outcome, as a stream tells them.
fn streamed<M: Message>(file: &[u8]) -> (Vec<u64>, Vec<Finding>) {
    let mut reader = RecordReader::<M, _>::new(Drops(file), Limits::default());
    let (mut lines, mut findings) = (Vec::new(), Vec::new());
    loop {
        match reader.next_event().expect("no I/O error") {
            RecordEvent::Record(told) => {
                lines.push(told.line);
                findings.extend_from_slice(told.findings);
            }
            RecordEvent::Finding(finding) => panic!("{finding}"),
            RecordEvent::End(totals) => {
                assert_eq!((totals.outcome, totals.records), (Outcome::Readable, lines.len() as u64));
                return (lines, findings);
            }
        }
    }
}

/// Writes records, and reads them whole and as a stream.
macro_rules! round_trip {
    ($message:ty, $kind:expr, $records:expr) => {{
        let (kind, records) = ($kind, $records);
        let file = write::<$message>(kind, &records).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_valid(kind, &file);
        let whole = whole::<$message>(&file);
        assert_eq!(whole.message(), kind);
        let read: Vec<_> = whole.records().map(|told| told.record).collect();
        assert_eq!(read, records);
        assert_eq!(whole.findings().count(), 0);
        let lines: Vec<u64> = whole.records().map(|told| told.line).collect();
        assert_eq!(streamed::<$message>(&file), (lines, Vec::new()));
        let mut reader = RecordReader::<$message, _>::new(file.as_slice(), Limits::default());
        for expected in &records {
            let RecordEvent::Record(told) = reader.next_event().expect("no I/O error") else { panic!("a record is missing") };
            assert_eq!(told.record, *expected);
        }
        assert!(matches!(reader.next_event(), Ok(RecordEvent::End(_))));
        file
    }};
}

#[test]
fn recalls() {
    round_trip!(Recall, MessageKind::Camt055V01, records::recall(false));
    let file = round_trip!(Recall, MessageKind::Camt055V08, records::recall(true));
    // Version 01 has no place for what only version 08 has.
    let whole = whole::<Recall>(&file);
    let read: Vec<_> = whole.records().map(|told| told.record).collect();
    let older = write::<Recall>(MessageKind::Camt055V01, &read).expect("valid");
    assert_valid(MessageKind::Camt055V01, &older);
}

#[test]
fn resolutions() {
    round_trip!(Resolution, MessageKind::Camt029V03, records::resolution(false));
    round_trip!(Resolution, MessageKind::Camt029V09, records::resolution(true));
}

#[test]
fn bookings() {
    for kind in Bookings::KINDS {
        let newer = kind.name().ends_with("08");
        round_trip!(Bookings, *kind, records::bookings(newer, !kind.name().starts_with("camt.054")));
    }
}

#[test]
fn verifications() {
    round_trip!(VerificationRequest, MessageKind::Acmt023V03, records::verification_request());
    round_trip!(VerificationReport, MessageKind::Acmt024V03, records::verification_report());
}

#[test]
fn messages_between_banks() {
    round_trip!(InterbankStatus, MessageKind::Pacs002V10, records::interbank_status());
    round_trip!(InterbankReturn, MessageKind::Pacs004V09, records::interbank_return());
}

#[test]
fn refusals() {
    let unreadable = validate(&b"<Document"[..], Limits::default()).expect("no I/O error");
    let at = jiff::Timestamp::UNIX_EPOCH;
    let file = refuse(Vec::new(), "T-1", &unreadable.findings, at, primitives::Language::En).expect("valid");
    assert_valid(MessageKind::Admi002V01, &file);
    let whole = whole::<Refusal>(&file);
    let records: Vec<_> = whole.records().map(|told| told.record).collect();
    let [RefusalRecord::Message(refused)] = records.as_slice() else { panic!("one record") };
    assert_eq!((refused.reference, refused.reason, refused.rejected), ("T-1", "FF01", Some(at)));
    assert_eq!(refused.description.map(Prose::as_str), Some("The file ends too early."));
    round_trip!(Refusal, MessageKind::Admi002V01, records);
}

#[test]
fn a_writer_refuses_what_would_not_be_valid() {
    let recall = records::recall(true);
    let refused = |records: &[RecallRecord<'_>]| {
        let error = write::<Recall>(MessageKind::Camt055V08, records).expect_err("not valid");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        error.to_string()
    };
    assert_eq!(refused(&[]), "Document lacks a required element");
    assert_eq!(refused(&recall[..1]), "CstmrPmtCxlReq lacks a required element");
    assert_eq!(refused(&recall[1..2]), "Undrlyg cannot stand here, or something required before it is missing");
    let RecallRecord::Head(head) = recall[0] else { panic!("the head is first") };
    let with = |assignment| [RecallRecord::Head(RecallHead { assignment, ..head }), recall[1]];
    let long = "123456789012345678901234567890123456";
    assert_eq!(refused(&with(Assignment { id: long, ..head.assignment })), "Id breaks its type");
    assert_eq!(refused(&with(Assignment { created: None, ..head.assignment })), "Assgnmt lacks a required element");
    assert!(write::<Recall>(MessageKind::Camt055V08, &with(head.assignment)).is_ok());
    assert!(write::<Recall>(MessageKind::Camt029V09, &recall).is_err());
    let balance = records::bookings(true, true);
    assert!(write::<Bookings>(MessageKind::Camt054V08, &balance).is_err());
}

#[test]
fn texts_for_people_are_made_to_fit() {
    let long = "forklaring ".repeat(20);
    let lines = [Prose(&long), Prose("a\u{1}b & <c>")];
    let reasons = [GivenReason { information: List::of(&lines), ..GivenReason::of("CUST") }];
    let mut recall = records::recall(true);
    let RecallRecord::Group(group) = recall[1] else { panic!("a group is second") };
    recall[1] = RecallRecord::Group(GroupRecall { reasons: List::of(&reasons), ..group });
    let file = write::<Recall>(MessageKind::Camt055V08, &recall).expect("valid");
    assert_valid(MessageKind::Camt055V08, &file);
    let whole = whole::<Recall>(&file);
    let Some(RecallRecord::Group(read)) = whole.records().nth(1).map(|told| told.record) else { panic!("a group is second") };
    let texts: Vec<&str> = read.reasons.iter().flat_map(|reason| reason.information.iter().map(Prose::as_str)).collect();
    assert_eq!(texts.len(), 4);
    assert_eq!(texts[..3].concat(), long);
    assert_eq!(texts[3], "a b & <c>");
}

/// The text with ordinary amounts and dates: by chance, samples have currencies that are none and years far off.
fn ordinary(text: &str) -> String {
    let mut parts = text.split('<');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (tag, content) = part.split_once('>').unwrap_or((part, ""));
        match (tag.split_once(" Ccy="), is_date(content)) {
            (Some((name, _)), _) => format!("{text}<{name} Ccy=\"DKK\">12.34"),
            (None, true) if content.contains('T') => format!("{text}<{tag}>2026-03-02T10:00:00Z"),
            (None, true) => format!("{text}<{tag}>2026-03-02"),
            (None, false) => format!("{text}<{part}"),
        }
    })
}

/// Whether a value looks like a date or a point in time.
fn is_date(content: &str) -> bool {
    let digits = |text: Option<&str>, from: usize, to: usize| {
        text.is_some_and(|text| (from..=to).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let mut parts = content.trim_start_matches('-').splitn(3, '-');
    digits(parts.next(), 4, 12) && digits(parts.next(), 2, 2) && digits(parts.next().and_then(|day| day.get(..2)), 2, 2)
}

/// Samples of a message by chance: what is read of one and written again is read as the same.
macro_rules! samples {
    ($message:ty) => {
        for kind in <$message>::KINDS {
            let (mut sampler, mut dice, mut written) = (Sampler::new(*kind), Dice::new(7), 0);
            for _ in 0..120 {
                let text = ordinary(&sampler.sample(60, &mut dice));
                let read_whole = whole::<$message>(text.as_bytes());
                let records: Vec<_> = read_whole.records().map(|told| told.record).collect();
                let findings: Vec<Finding> = read_whole.findings().cloned().collect();
                let (lines, told) = streamed::<$message>(text.as_bytes());
                assert_eq!((lines.len(), told), (records.len(), findings), "{text}");
                // What the records leave out may be required by the schema; then nothing is written.
                let Ok(file) = write::<$message>(*kind, &records) else { continue };
                assert_valid_to_us(*kind, &file);
                let again = whole::<$message>(&file);
                let read_again: Vec<_> = again.records().map(|told| told.record).collect();
                assert_eq!(read_again, records, "{text}\n{}", String::from_utf8_lossy(&file));
                written += 1;
            }
            assert!(written > 20, "{kind}: only {written} of 120 samples could be written again");
        }
    };
}

fn assert_valid_to_us(kind: MessageKind, file: &[u8]) {
    let verdict = validate(file, Limits::default()).expect("no I/O error");
    assert!(verdict.valid, "{kind}: {:?}\n{}", verdict.findings, String::from_utf8_lossy(file));
}

#[test]
fn samples_are_written_as_they_were_read() {
    samples!(Recall);
    samples!(Resolution);
    samples!(Bookings);
    samples!(VerificationRequest);
    samples!(VerificationReport);
    samples!(Refusal);
    samples!(InterbankStatus);
    samples!(InterbankReturn);
}

#[test]
fn statements_of_others_are_read() {
    let Some(official) = oracle::official() else { return };
    let mut read = 0;
    for path in oracle::files(&official.join("samples"), "xml") {
        let file = std::fs::read(&path).expect("the file is readable");
        let verdict = validate(file.as_slice(), Limits::default()).expect("no I/O error");
        if !verdict.valid || !verdict.message.is_some_and(|kind| Bookings::KINDS.contains(&kind)) {
            continue;
        }
        let text = String::from_utf8_lossy(&file);
        let whole = whole::<Bookings>(&file);
        let mut counts = [0; 4];
        for told in whole.records() {
            let place = match told.record {
                BookingRecord::Statement(_) => 0,
                BookingRecord::Balance(_) => 1,
                BookingRecord::Entry(entry) => {
                    assert!(entry.amount.is_some() && entry.status.is_some() && entry.booked.day().is_some(), "{}", told.path());
                    2
                }
                BookingRecord::Transaction(_) => 3,
                BookingRecord::Head(_) | BookingRecord::Batch(_) => continue,
            };
            counts[place] += 1;
        }
        assert_eq!(counts, ["<Stmt>", "<Bal>", "<Ntry>", "<TxDtls>"].map(|tag| text.matches(tag).count()), "{}", path.display());
        assert_eq!(whole.findings().count(), 0, "{}", path.display());
        read += 1;
    }
    assert!(read > 1, "only {read} samples are valid statements");
}

#[test]
fn findings_beyond_the_schema_have_their_place() {
    let file = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.055.001.08\"><CstmrPmtCxlReq><Assgnmt><Id>A</Id>\
        <Assgnr><Pty/></Assgnr><Assgne><Pty/></Assgne><CreDtTm>12026-03-02T10:00:00</CreDtTm></Assgnmt>\
        <Undrlyg/><Undrlyg><OrgnlPmtInfAndCxl><OrgnlPmtInfId>B</OrgnlPmtInfId><TxInf/>\n\
        <TxInf><OrgnlInstdAmt Ccy=\"XQQ\">1</OrgnlInstdAmt></TxInf></OrgnlPmtInfAndCxl>\n\
        <OrgnlPmtInfAndCxl><OrgnlPmtInfId>C</OrgnlPmtInfId><TxInf><OrgnlInstdAmt Ccy=\"DKK\">1.234</OrgnlInstdAmt></TxInf>\
        </OrgnlPmtInfAndCxl></Undrlyg></CstmrPmtCxlReq></Document>";
    let whole = whole::<Recall>(file.as_bytes());
    let findings: Vec<_> =
        whole.findings().map(|finding| (finding.level, finding.line, finding.path.as_str(), finding.code)).collect();
    let payment = "/Document/CstmrPmtCxlReq/Undrlyg[2]/OrgnlPmtInfAndCxl[1]/TxInf[2]/OrgnlInstdAmt";
    let of_next_block = "/Document/CstmrPmtCxlReq/Undrlyg[2]/OrgnlPmtInfAndCxl[2]/TxInf[1]/OrgnlInstdAmt";
    assert_eq!(
        findings,
        [
            (Level::Group, 1, "/Document/CstmrPmtCxlReq/Assgnmt/CreDtTm", ReasonCode::DT01),
            (Level::Payment, 2, payment, ReasonCode::AM03),
            (Level::Payment, 3, of_next_block, ReasonCode::CH20)
        ]
    );
    // An element without content is a record too, and so is the one around it.
    let kinds: Vec<String> = whole.records().map(|told| format!("{:?}", told.record).chars().take(5).collect()).collect();
    assert_eq!(kinds, ["Head(", "Group", "Group", "Block", "Payme", "Payme", "Block", "Payme"]);
}

#[test]
fn a_refused_file_tells_why_and_nothing_else() {
    let file =
        String::from_utf8(write::<Recall>(MessageKind::Camt055V08, &records::recall(true)).expect("valid")).expect("UTF-8");
    let broken = file.replacen("<OrgnlPmtInfId>", "<OrgnlPmtInfId/><OrgnlPmtInfId>", 1);
    let refused = Whole::<Recall>::read(broken.as_bytes(), Limits::default()).expect("no I/O error").expect_err("not valid");
    assert_eq!(refused.message, Some(MessageKind::Camt055V08));
    assert!(refused.findings.iter().all(|finding| finding.level == Level::Schema));
    let mut reader = RecallReader::new(broken.as_bytes(), Limits::default());
    let totals = loop {
        if let RecordEvent::End(totals) = reader.next_event().expect("no I/O error") {
            break totals;
        }
    };
    assert_eq!((totals.outcome, totals.message), (Outcome::Invalid, Some(MessageKind::Camt055V08)));
    for (file, outcome) in [("<Document", Outcome::Unreadable), ("\u{feff}", Outcome::Unreadable)] {
        let refused = Whole::<Recall>::read(file.as_bytes(), Limits::default()).expect("no I/O error").expect_err("not valid");
        assert_eq!((refused.message, refused.findings.len()), (None, 1));
        let mut reader = RecallReader::new(file.as_bytes(), Limits::default());
        assert!(matches!(reader.next_event(), Ok(RecordEvent::Finding(_))));
        assert!(matches!(reader.next_event(), Ok(RecordEvent::End(RecordTotals { outcome: told, .. })) if told == outcome));
    }
    let other = write::<Recall>(MessageKind::Camt055V08, &records::recall(true)).expect("valid");
    let refused = Whole::<Resolution>::read(other.as_slice(), Limits::default()).expect("no I/O error").expect_err("another");
    assert!(refused.findings[0].text.en.contains("no message we know"));
}

#[test]
fn no_file_can_exhaust_a_reader() {
    let head = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.055.001.08\"><CstmrPmtCxlReq><Assgnmt><Id>A</Id>\
        <Assgnr><Pty/></Assgnr><Assgne><Pty/></Assgne><CreDtTm>2026-03-02T10:00:00Z</CreDtTm></Assgnmt><Undrlyg>\
        <OrgnlPmtInfAndCxl><OrgnlPmtInfId>B</OrgnlPmtInfId>";
    let endless = |pattern: &str| {
        let text = "x".repeat(100);
        let patterns = pattern.replace('~', &text).repeat(30_000);
        let file = format!("{head}{patterns}</OrgnlPmtInfAndCxl></Undrlyg></CstmrPmtCxlReq></Document>");
        let mut reader = RecallReader::new(file.as_bytes(), Limits::default());
        loop {
            match reader.next_event().expect("no I/O error") {
                RecordEvent::Finding(finding) => break Some(finding.clone()),
                RecordEvent::End(_) => break None,
                RecordEvent::Record(_) => {}
            }
        }
    };
    let refused = endless("<CxlRsnInf><AddtlInf>~</AddtlInf></CxlRsnInf>").expect("a record without end is refused");
    assert_eq!(refused.level, Level::Unreadable);
    assert_eq!(refused.path, "/Document/CstmrPmtCxlReq/Undrlyg[1]/OrgnlPmtInfAndCxl[1]");
    assert_eq!(endless("<TxInf><CxlRsnInf><AddtlInf>~</AddtlInf></CxlRsnInf></TxInf>"), None);
    for filling in [" ", "<TxInf><OrgnlEndToEndId>E</OrgnlEndToEndId></TxInf>"] {
        let large =
            format!("{head}{}", filling.repeat(usize::try_from(Whole::<Recall>::MAX_BYTES).expect("small") / filling.len() + 1));
        let refused = Whole::<Recall>::read(large.as_bytes(), Limits::default()).expect("no I/O error").expect_err("too large");
        assert_eq!(refused.findings[0].expected.en, "a message of at most 4 MiB");
    }
}
