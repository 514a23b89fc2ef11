//! Files made to exhaust a reader are refused after few bytes, and say nothing of what they held.

#[path = "support/endless.rs"]
mod endless;

use endless::{Endless, HEAD, READ_AT_ONCE};
use iso20022::{Finding, Level, Limits, validate};
use std::io::Read;

/// Longest construct by default.
const CONSTRUCT: u64 = 1 << 20;

fn refusal(input: impl Read) -> Finding {
    let verdict = validate(input, Limits::default()).expect("no I/O error");
    assert!(!verdict.valid);
    verdict.findings.last().expect("a refusal has a finding").clone()
}

/// A head and then a pattern without end is refused for this reason before more than `bytes` of it are read.
fn check(head: &str, pattern: &'static str, expect: &str, bytes: u64) {
    let mut input = Endless::new(head, pattern);
    let finding = refusal(&mut input);
    assert!(finding.to_string().contains(expect), "{finding}");
    assert!(input.given <= bytes, "{expect}: {} bytes were read", input.given);
}

#[test]
fn an_endless_construct_is_read_as_far_as_its_limit() {
    let text = &format!("{HEAD}<CstmrCdtTrfInitn><GrpHdr><MsgId>");
    let constructs = [
        (format!("{HEAD}<a b='"), "x"),
        (format!("{HEAD}<a xmlns:b='"), "x"),
        (format!("{HEAD}<a b='"), "&#65;"),
        (format!("{HEAD}<a b='&#"), "0"),
        (format!("{HEAD}<a"), " "),
        (format!("{HEAD}</"), "x"),
        (format!("{HEAD}<!--"), "x"),
        (format!("{HEAD}<!--"), "- "),
        (format!("{HEAD}<![CDATA["), "x"),
        (format!("{HEAD}<![CDATA["), "]]"),
        (format!("{HEAD}<?p "), "x"),
        (text.clone(), "x"),
        (text.clone(), "æ"),
        (text.clone(), "&amp;"),
        (text.clone(), "&#"),
        (format!("{text}&"), "x"),
        (format!("{text}&#"), "0"),
        (text.clone(), "]"),
        (text.clone(), "\r"),
        (text.clone(), "<!-- -->"),
        (text.clone(), "<![CDATA[x]]>"),
        ("<!--".to_owned(), "x"),
        ("<Document xmlns='".to_owned(), "x"),
    ];
    for (head, pattern) in constructs {
        let mut input = Endless::new(&head, pattern);
        let verdict = validate(&mut input, Limits::default()).expect("no I/O error");
        assert!(!verdict.valid, "{head}{pattern}");
        assert!(input.given <= CONSTRUCT + READ_AT_ONCE, "{head}{pattern}: {} bytes were read", input.given);
    }
    check(&format!("{HEAD}<a b='"), "x", "of a bounded length", CONSTRUCT + READ_AT_ONCE);
    check(text, "x", "of a bounded length", CONSTRUCT + READ_AT_ONCE);
}

#[test]
fn what_cannot_become_right_is_refused_at_once() {
    let in_wildcard = format!("{HEAD}<CstmrCdtTrfInitn><SplmtryData><Envlp>");
    check(HEAD, "<a>", "at most 64 elements inside each other", READ_AT_ONCE);
    check(&in_wildcard, "<a>", "at most 64 elements inside each other", READ_AT_ONCE);
    check(&in_wildcard, "<a xmlns='urn:a' xmlns:b='urn:b'>", "at most 64 namespaces", READ_AT_ONCE);
    check(&format!("{HEAD}<a"), "x", "of a bounded length", READ_AT_ONCE);
    check(&format!("{HEAD}<a b"), "x", "of a bounded length", READ_AT_ONCE);
    check(&format!("{HEAD}<?a"), "x", "of a bounded length", READ_AT_ONCE);
    check(&format!("{HEAD}<a"), " b='c'", "attribute twice", READ_AT_ONCE);
    check(&format!("{HEAD}<a/>"), "<a/>", "element a", READ_AT_ONCE);
    check(&format!("{HEAD}<CstmrCdtTrfInitn><GrpHdr><MsgId>&x "), "x", "predefined reference", READ_AT_ONCE);
    check("", "\0", "UTF-16", READ_AT_ONCE);
    check("<", "\0", "UTF-16", READ_AT_ONCE);
    check("<?xml version='1.0' ", " ", "of a bounded length", READ_AT_ONCE);
}

#[test]
fn attributes_and_namespaces_are_counted() {
    let attributes = |count: usize| (0..count).map(|number| format!(" a{number}=''")).collect::<String>();
    let namespaces = |count: usize| (0..count).map(|number| format!(" xmlns:a{number}='urn:a'")).collect::<String>();
    let envelope = |tag: &str| format!("{HEAD}<CstmrCdtTrfInitn><SplmtryData><Envlp><a{tag}>");
    check(&envelope(&attributes(65)), "x", "at most 64 attributes", READ_AT_ONCE);
    check(&envelope(&namespaces(60)), "<b xmlns:c='urn:c'>", "namespaces", READ_AT_ONCE);
    let long = format!(" xmlns:a='{}'", "x".repeat(70_000));
    check(&envelope(&long), "x", "namespaces", READ_AT_ONCE);
}

#[test]
fn document_types_are_refused_before_anything_is_expanded() {
    let laughs: String = (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let files = [
        format!("<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY l0 \"lol\">{laughs}]><Document>&l9;</Document>"),
        "<!DOCTYPE d [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><d>&e;</d>".to_owned(),
        "<!DOCTYPE d SYSTEM \"http://localhost/d.dtd\"><d/>".to_owned(),
        "<!DOCTYPE d [<!ENTITY % p SYSTEM \"file:///dev/zero\"> %p;]><d/>".to_owned(),
        "<!-- a --><!DOCTYPE d [<!ATTLIST d a CDATA 'b'>]><d/>".to_owned(),
        format!("{HEAD}<!DOCTYPE d>"),
    ];
    for file in &files {
        let finding = refusal(file.as_bytes());
        assert!(finding.level == Level::Unreadable && finding.text.en.contains("DOCTYPE"), "{finding}");
        assert!(finding.line == 1);
    }
    check("<!DOCTYPE d [", "<!ENTITY e 'v'>", "DOCTYPE", READ_AT_ONCE);
}

#[test]
fn no_more_findings_are_kept_than_allowed() {
    let mut input = Endless::new(&format!("{HEAD}<CstmrCdtTrfInitn>"), "<PmtInf>x</PmtInf>");
    let verdict = validate(&mut input, Limits { findings: 7, ..Limits::default() }).expect("no I/O error");
    assert_eq!(verdict.findings.len(), 7);
    assert!(input.given <= READ_AT_ONCE);
}

#[test]
fn findings_never_repeat_what_may_be_a_number() {
    let secret = "0101587003";
    let places = [
        "<MsgId>{}{}{}{}</MsgId>",
        "<NbOfTxs>x{}</NbOfTxs>",
        "{}",
        "<CreDtTm a='{}'>{}</CreDtTm>",
        "<!-- {} -- -->",
        "<![CDATA[{}]]>",
        "<?p {}",
        "<MsgId>&{};</MsgId>",
        "<MsgId>&#x{};</MsgId>",
        "<MsgId xmlns:a='{}' a:b='{}'>x</MsgId>",
        "<MsgId b='{}' b='{}'>x</MsgId>",
        "<!ENTITY e '{}'>",
        "<CtrlSum>-{}.{}</CtrlSum>",
        "<InitgPty><CtryOfRes>{}</CtryOfRes></InitgPty>",
        "<CreDtTm>{}</CreDtTm>",
    ];
    for place in places {
        let content = place.replace("{}", secret);
        let file = format!("{HEAD}<CstmrCdtTrfInitn><GrpHdr>{content}</GrpHdr></CstmrCdtTrfInitn></Document>");
        let verdict = validate(file.as_bytes(), Limits::default()).expect("no I/O error");
        assert!(!verdict.valid);
        assert!(!format!("{:?}", verdict.findings).contains(secret), "{:?}", verdict.findings);
    }
}
