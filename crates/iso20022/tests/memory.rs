//! Memory does not grow with the file.

use iso20022::{Event, Limits, Outcome, Pain001Reader};
use std::io::{self, Read};

const HEAD: &str = "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.03\"><CstmrCdtTrfInitn>\
    <GrpHdr><MsgId>M</MsgId><CreDtTm>2026-03-02T10:00:00Z</CreDtTm><NbOfTxs>90000</NbOfTxs><InitgPty/></GrpHdr>\
    <PmtInf><PmtInfId>B</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt>2026-03-02</ReqdExctnDt><Dbtr/>\
    <DbtrAcct><Id><IBAN>DK5000400440116243</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId/></DbtrAgt>";
const ROW: &str = "\n<CdtTrfTxInf><PmtId><EndToEndId>E</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"DKK\">1.00</InstdAmt></Amt>\
    <Cdtr><Nm>Ingen &amp; Ingen</Nm><Id><PrvtId><Othr><Id>0101587003</Id><SchmeNm><Cd>SOSE</Cd></SchmeNm></Othr></PrvtId></Id></Cdtr>\
    <RmtInf><Ustrd>Blå æbler</Ustrd></RmtInf></CdtTrfTxInf>";
const TAIL: &str = "</PmtInf></CstmrCdtTrfInitn></Document>";
const ROWS: u64 = 90_000;

/// The highest memory use of this process so far, in kB, as Linux counts it.
fn peak_kilobytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The file, made while it is read.
fn file() -> impl Read {
    let rows = (0..ROWS / 100).map(|_| ROW.repeat(100));
    let texts = std::iter::once(HEAD.to_owned()).chain(rows).chain(std::iter::once(TAIL.to_owned()));
    Texts { texts, current: io::Cursor::new(Vec::new()) }
}

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

#[test]
fn twenty_megabytes_are_read_in_four() {
    let Some(before) = peak_kilobytes() else {
        eprintln!("skipped: this system does not tell the memory use");
        return;
    };
    let mut reader = Pain001Reader::new(file(), Limits::default());
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
