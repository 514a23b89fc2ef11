//! Files made to exhaust a reader are refused at once, in bounded memory.

use iso20022::{Finding, Limits, validate};
use std::io::{self, Read};
use std::time::{Duration, Instant};

const HEAD: &str = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">";

/// A text, then a pattern without end.
struct Endless {
    head: Vec<u8>,
    pattern: &'static [u8],
    given: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let head = self.head.len() as u64;
        for (offset, byte) in (self.given..).zip(buffer.iter_mut()) {
            *byte = match usize::try_from(offset).ok().and_then(|place| self.head.get(place)) {
                Some(byte) => *byte,
                None => self.pattern[usize::try_from((offset - head) % self.pattern.len() as u64).expect("small")],
            };
        }
        self.given += buffer.len() as u64;
        assert!(self.given < 64 << 20, "the reader does not stop");
        Ok(buffer.len())
    }
}

fn refusal(input: impl Read) -> Finding {
    let started = Instant::now();
    let verdict = validate(input, Limits::default()).expect("no I/O error");
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(!verdict.valid);
    verdict.findings.last().expect("a refusal has a finding").clone()
}

fn check(head: &str, pattern: &'static str, expect: &str) {
    let finding = refusal(Endless { head: head.as_bytes().to_vec(), pattern: pattern.as_bytes(), given: 0 });
    assert!(finding.to_string().contains(expect), "{finding}");
}

#[test]
fn endless_constructs() {
    check(HEAD, "<a>", "at most 64 elements inside each other");
    check(&format!("{HEAD}<a b='"), "x", "of a bounded length");
    check(&format!("{HEAD}<a"), "x", "of a bounded length");
    check(&format!("{HEAD}<!--"), "x", "of a bounded length");
    check(&format!("{HEAD}<![CDATA["), "x", "of a bounded length");
    check(&format!("{HEAD}<?p "), "x", "of a bounded length");
    check(&format!("{HEAD}<CstmrCdtTrfInitn><GrpHdr><MsgId>"), "x", "of a bounded length");
    check(&format!("{HEAD}<a"), " b='c'", "attribute twice");
    check(&format!("{HEAD}<a/>"), "<a/>", "element a");
    check("", "\0", "UTF-16");
    check("<", "\0", "UTF-16");
}

#[test]
fn document_types_are_refused_before_anything_is_expanded() {
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]><lolz>&lol2;</lolz>";
    assert!(refusal(laughs.as_bytes()).text.en.contains("DOCTYPE"));
    let external = "<!DOCTYPE d [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><d>&e;</d>";
    assert!(refusal(external.as_bytes()).text.en.contains("DOCTYPE"));
}

#[test]
fn findings_never_repeat_what_may_be_a_number() {
    let secret = "0101587003";
    for place in ["<MsgId>{}{}{}{}</MsgId>", "<NbOfTxs>x{}</NbOfTxs>", "{}", "<CreDtTm a='{}'>{}</CreDtTm>", "<!-- {} -- -->"] {
        let content = place.replace("{}", secret);
        let file = format!("{HEAD}<CstmrCdtTrfInitn><GrpHdr>{content}</GrpHdr></CstmrCdtTrfInitn></Document>");
        let verdict = validate(file.as_bytes(), Limits::default()).expect("no I/O error");
        assert!(!verdict.valid);
        assert!(!format!("{:?}", verdict.findings).contains(secret), "{:?}", verdict.findings);
    }
}
