//! The examples of how to send: the good ones are good for us and for libxml2, the faulty ones have one fault each.

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/oracle.rs"]
mod oracle;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/xsd.rs"]
mod xsd;

use iso20022::explain::{Options, examine};
use iso20022::{Rules, validate};
use jiff::civil::date;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/how-to-send").join(name)
}

/// All rules, with the day on which the examples are taken to be received.
fn options() -> Options {
    let default = Options::default();
    let rules = default.rules.map(|rules| Rules { received: Some(date(2026, 2, 26)), ..rules });
    Options { rules, ..default }
}

/// The codes of a file's findings.
fn codes(file: &Path) -> Vec<&'static str> {
    let examination = examine(|| File::open(file), &options()).expect("no I/O error");
    examination.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn the_good_examples_have_no_findings() {
    let files = oracle::files(&folder(""), "xml");
    assert_eq!(files.len(), 9);
    for file in &files {
        assert_eq!(codes(file), [""; 0], "{}", file.display());
    }
    let Some(official) = oracle::official().filter(|_| oracle::has_xmllint()) else { return };
    for file in files {
        let message = oracle::message_of(&std::fs::read(&file).expect("readable")).expect("a namespace");
        let schema = official.join("xsd").join(format!("{message}.xsd"));
        assert_eq!(oracle::accepted(&schema, std::slice::from_ref(&file)).len(), 1, "{}", file.display());
    }
}

#[test]
fn the_faulty_examples_have_one_finding_each() {
    let faulty = |name: &str| codes(&folder("faulty").join(name));
    let expected = [
        ("account-not-an-iban.xml", "AC03"),
        ("address-hybrid.xml", "BE04"),
        ("alias-of-unknown-type.xml", "AC03"),
        ("amount-decimals.xml", "CH20"),
        ("amount-equivalent.xml", "CH17"),
        ("amount-zero.xml", "AM01"),
        ("characters.xml", "RR10"),
        ("control-sum.xml", "AM16"),
        ("cut-off.xml", "FF01"),
        ("date-too-late.xml", "CH03"),
        ("payee-doubtful.xml", "BE01"),
        ("payee-missing.xml", "BE17"),
        ("payee-not-a-cpr-number.xml", "BE17"),
        ("reference-too-long.xml", "FF08"),
        ("reference-twice.xml", "DU04"),
        ("schema.xml", "CH17"),
    ];
    for (name, code) in expected {
        assert_eq!(faulty(name), [code], "{name}");
    }
    assert_eq!(oracle::files(&folder("faulty"), "xml").len(), expected.len());
}

/// In the sample files of others, libxml2 finds fault with the elements that we do. (Lines differ: for text between elements
/// it names the line of the element, we the line of the text.)
#[test]
fn samples_of_others_are_faulted_on_the_same_elements_as_by_libxml2() {
    let Some(official) = oracle::official().filter(|_| oracle::has_xmllint()) else { return };
    let mut faulty = Vec::new();
    for file in oracle::files(&official.join("samples"), "xml") {
        let bytes = std::fs::read(&file).expect("readable");
        let message = oracle::message_of(&bytes).expect("a namespace");
        let verdict = validate(bytes.as_slice(), iso20022::Limits::default()).expect("no I/O error");
        let ours: BTreeSet<String> = verdict.findings.iter().map(|finding| element_of(&finding.path)).collect();
        let theirs = elements_by_libxml2(&official.join("xsd").join(format!("{message}.xsd")), &file);
        assert_eq!(ours, theirs, "{}", file.display());
        if !verdict.valid {
            faulty.push(file.file_name().expect("a file").to_string_lossy().into_owned());
        }
    }
    let expected = [
        "6fd4cd21_pain_001_ach_credit.xml",
        "example_camt.xml",
        "pain_001_ach_credit.xml",
        "pain_001_rtp_credit.xml",
        "pain_001_v3_sepa.xml",
        "pain_002_batch_rejected.xml",
        "pain_002_credit_accepted.xml",
        "pain_002_debit_accepted.xml",
        "pain_002_transaction_rejected.xml",
        "pain_002_v3_accepted.xml",
    ];
    assert_eq!(faulty, expected);
}

/// The last element of a path without its number; the root element where the message is unknown.
fn element_of(path: &str) -> String {
    let last = path.rsplit('/').find(|part| !part.starts_with('@')).unwrap_or("");
    let name = last.split('[').next().unwrap_or(last);
    if name.is_empty() { "Document".to_owned() } else { name.to_owned() }
}

fn elements_by_libxml2(schema: &Path, file: &Path) -> BTreeSet<String> {
    let output = std::process::Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schema).arg(file).output();
    let report = output.expect("xmllint can be called").stderr;
    let report = String::from_utf8_lossy(&report).into_owned();
    let element = |line: &str| Some(line.split_once(": element ")?.1.split_once(':')?.0.to_owned());
    report.lines().filter_map(element).collect()
}
