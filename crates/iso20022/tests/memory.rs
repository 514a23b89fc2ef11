//! Memory does not grow with the file, nor with anything that a file can repeat.

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/endless.rs"]
mod endless;

use endless::Endless;
use iso20022::{Event, Level, Limits, Outcome, Pain001Reader, Pain002Reader, StatusEvent, validate};
use std::io::{self, Read};
use std::sync::{Mutex, MutexGuard};

const HEAD: &str = "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.03\"><CstmrCdtTrfInitn>\
    <GrpHdr><MsgId>M</MsgId><CreDtTm>2026-03-02T10:00:00Z</CreDtTm><NbOfTxs>90000</NbOfTxs><InitgPty/></GrpHdr>\
    <PmtInf><PmtInfId>B</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt>2026-03-02</ReqdExctnDt><Dbtr/>\
    <DbtrAcct><Id><IBAN>DK5000400440116243</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId/></DbtrAgt>";
const ROW: &str = "\n<CdtTrfTxInf><PmtId><EndToEndId>E</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"DKK\">1.00</InstdAmt></Amt>\
    <Cdtr><Nm>Ingen &amp; Ingen</Nm><Id><PrvtId><Othr><Id>0101587003</Id><SchmeNm><Cd>SOSE</Cd></SchmeNm></Othr></PrvtId></Id></Cdtr>\
    <RmtInf><Ustrd>Blå æbler</Ustrd></RmtInf></CdtTrfTxInf>";
const TAIL: &str = "</PmtInf></CstmrCdtTrfInitn></Document>";
const ROWS: u64 = 90_000;

/// Most that reading any file may take, in kB, above what the process had: a window that grew to 1 MiB, values of 1 MiB of
/// one payment with their places, and what both left behind while they grew.
const BOUND: u64 = 16_384;

/// The highest memory use of this process so far, in kB, as Linux counts it.
fn peak_kilobytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Only one test at a time may say what the process takes. `None` where the system does not tell.
fn measured_alone() -> Option<(MutexGuard<'static, ()>, u64)> {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let before = peak_kilobytes();
    if before.is_none() {
        eprintln!("skipped: this system does not tell the memory use");
    }
    Some((alone, before?))
}

/// Texts one behind the other, made while they are read.
struct Texts<I> {
    texts: I,
    current: io::Cursor<Vec<u8>>,
}

impl<I: Iterator<Item = String>> Read for Texts<I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.current.read(buffer)?;
            if count > 0 {
                return Ok(count);
            }
            match self.texts.next() {
                Some(text) => self.current = io::Cursor::new(text.into_bytes()),
                None => return Ok(0),
            }
        }
    }
}

/// A head, a part a hundred times `hundreds` times, and a tail.
fn repeated(head: &str, part: &'static str, hundreds: u64, tail: &str) -> impl Read + use<> {
    let parts = (0..hundreds).map(|_| part.repeat(100));
    let texts = std::iter::once(head.to_owned()).chain(parts).chain(std::iter::once(tail.to_owned()));
    Texts { texts, current: io::Cursor::new(Vec::new()) }
}

#[test]
fn twenty_megabytes_are_read_in_four() {
    let Some((_alone, before)) = measured_alone() else { return };
    let mut reader = Pain001Reader::new(repeated(HEAD, ROW, ROWS / 100, TAIL), Limits::default());
    let mut rows = 0;
    let totals = loop {
        match reader.next_event().expect("no I/O error") {
            Event::Payment(row) => rows += u64::from(row.findings.is_empty()),
            Event::End(totals) => break totals.clone(),
            _ => {}
        }
    };
    assert_eq!((rows, totals.outcome), (ROWS, Outcome::Readable));
    assert!(totals.bytes > 20_000_000 && totals.findings.is_empty());
    let grown = peak_kilobytes().expect("told before") - before;
    assert!(grown < 4_096, "{grown} kB for {} bytes", totals.bytes);
}

/// The outcome, and what the file is refused for.
fn order(input: impl Read) -> (Outcome, Option<String>) {
    let mut reader = Pain001Reader::new(input, Limits::default());
    let mut refused = None;
    loop {
        match reader.next_event().expect("no I/O error") {
            Event::Finding(finding) => refused = refused.or_else(|| Some(finding.to_string())),
            Event::End(totals) => return (totals.outcome, refused),
            _ => {}
        }
    }
}

fn report(input: impl Read) -> Outcome {
    let mut reader = Pain002Reader::new(input, Limits::default());
    loop {
        if let StatusEvent::End(totals) = reader.next_event().expect("no I/O error") {
            return totals.outcome;
        }
    }
}

#[test]
fn what_a_payment_may_repeat_without_end_takes_no_more_memory() {
    let Some((_alone, before)) = measured_alone() else { return };
    let text = "<Ustrd>01234567890123456789012345678901234567890123456789012345678901234567890123456789</Ustrd>";
    let open = "<CdtTrfTxInf><PmtId><EndToEndId>E</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"DKK\">1.00</InstdAmt></Amt>";
    let (begin, end) = (format!("{HEAD}{open}"), format!("</CdtTrfTxInf>{TAIL}"));
    let (initiator, debtor) = (HEAD.find("<InitgPty/>").expect("there"), HEAD.find("<Dbtr/>").expect("there"));
    let number = "<Othr><Id>12345678</Id><SchmeNm><Prtry>NKS</Prtry></SchmeNm></Othr>";
    for (place, name) in [(initiator, "InitgPty"), (debtor, "Dbtr")] {
        let head = format!("{}<{name}><Id><OrgId>", &HEAD[..place]);
        let tail = format!("</OrgId></Id></{name}>{}{ROW}{TAIL}", &HEAD[place + name.len() + 3..]);
        assert_eq!(order(repeated(&head, number, 1_200, &tail)), (Outcome::Readable, None));
    }
    let parts: [(&str, &'static str, &str); 5] = [
        ("<RmtInf>", text, "</RmtInf>"),
        ("<RmtInf>", "<Strd><CdtrRefInf><Ref>0123456789012345678901234567890</Ref></CdtrRefInf></Strd>", "</RmtInf>"),
        ("<Cdtr><Id><PrvtId>", "<Othr><Id>0101587003</Id><SchmeNm><Cd>SOSE</Cd></SchmeNm></Othr>", "</PrvtId></Id></Cdtr>"),
        ("<Cdtr><Id><OrgId>", "<Othr><Id>12345674</Id><SchmeNm><Prtry>CVR</Prtry></SchmeNm></Othr>", "</OrgId></Id></Cdtr>"),
        ("", "<InstrForCdtrAgt><InstrInf>012345678901234567890123456789</InstrInf></InstrForCdtrAgt>", ""),
    ];
    for (around, part, back) in parts {
        let (outcome, refused) = order(repeated(&format!("{begin}{around}"), part, 1_200, &format!("{back}{end}")));
        // It may be refused for its length; what may not happen is that it is kept.
        let too_long = refused.as_ref().is_some_and(|refused| refused.contains("beyond a limit"));
        assert!(outcome == Outcome::Readable || too_long, "{part}: {refused:?}");
        let grown = peak_kilobytes().expect("told before") - before;
        assert!(grown < BOUND, "{part}: {grown} kB");
    }
}

#[test]
fn what_a_report_may_repeat_without_end_takes_no_more_memory() {
    let Some((_alone, before)) = measured_alone() else { return };
    let begin = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt><GrpHdr><MsgId>M</MsgId>\
        <CreDtTm>2026-03-02T10:00:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>O</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>";
    let payment = format!("{begin}</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>B</OrgnlPmtInfId><TxInfAndSts>");
    let reason = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>0123456789012345678901234567890123456789</AddtlInf></StsRsnInf>";
    let information = "<AddtlInf>012345678901234567890123456789012345678901234567890123456789</AddtlInf>";
    let count = "<NbOfTxsPerSts><DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>RJCT</DtldSts></NbOfTxsPerSts>";
    let (group_end, payment_end) =
        ("</OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>", "</TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>");
    let files: [(String, &'static str, String); 4] = [
        (begin.to_owned(), reason, group_end.to_owned()),
        (begin.to_owned(), count, group_end.to_owned()),
        (payment.clone(), reason, payment_end.to_owned()),
        (format!("{payment}<StsRsnInf>"), information, format!("</StsRsnInf>{payment_end}")),
    ];
    for (head, part, tail) in &files {
        let outcome = report(repeated(head, part, 1_200, tail));
        assert!(matches!(outcome, Outcome::Readable | Outcome::Unreadable), "{part}");
        let grown = peak_kilobytes().expect("told before") - before;
        assert!(grown < BOUND, "{part}: {grown} kB");
    }
}

#[test]
fn endless_constructs_take_no_more_memory_than_their_limit() {
    let Some((_alone, before)) = measured_alone() else { return };
    let root = endless::HEAD;
    let wild = format!("{root}<CstmrCdtTrfInitn><SplmtryData><Envlp>");
    let files = [
        (format!("{wild}<a b='"), "0123456789"),
        (format!("{wild}<a xmlns:b='"), "0123456789"),
        (format!("{wild}<a>"), "<![CDATA[0123456789"),
        (format!("{wild}<!--"), "0123456789"),
        (wild.clone(), "<a b='0123456789'>"),
        (wild.clone(), "<a xmlns='urn:0123456789' xmlns:b='urn:0123456789'>"),
        (format!("{root}<CstmrCdtTrfInitn><GrpHdr><MsgId>"), "&amp;<!-- --><![CDATA[0123456789]]>"),
        ("<!DOCTYPE d [".to_owned(), "<!ENTITY e '0123456789'>"),
    ];
    for (head, pattern) in files {
        let verdict = validate(Endless::new(&head, pattern), Limits::default()).expect("no I/O error");
        assert_eq!(verdict.findings.last().map(|finding| finding.level), Some(Level::Unreadable), "{head}{pattern}");
        let grown = peak_kilobytes().expect("told before") - before;
        assert!(grown < BOUND, "{head}{pattern}: {grown} kB");
    }
}
