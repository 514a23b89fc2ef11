//! Every reason that a house gives, passes on or maps is a code of the ISO 20022 external code list.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The beginnings of the list's codes, so that other texts of two letters and two digits (of an IBAN, say) are none.
const FAMILIES: &[&str] = &["AC", "AG", "AM", "BE", "CH", "DT", "DU", "FF", "MS", "RC", "RR", "TM"];

/// The codes that stand as texts in a source: two capital letters of a family and two digits in quotation marks.
fn codes_in(source: &str) -> Vec<&str> {
    let is_code = |text: &&str| {
        text.len() == 4
            && text.is_ascii()
            && FAMILIES.contains(&&text[..2])
            && text[2..].bytes().all(|byte| byte.is_ascii_digit())
    };
    source.split('"').filter(is_code).collect()
}

/// The sources below a folder without those of tests, in which banks give codes of their own.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_of_tests = path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"));
        if is_of_tests {
            continue;
        }
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// A source without the tests at its end.
fn read(file: &Path) -> String {
    without_tests(&std::fs::read_to_string(file).unwrap()).to_owned()
}

fn without_tests(source: &str) -> &str {
    source.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}

#[test]
fn every_reason_in_the_sources_is_in_the_code_list() {
    let listed: BTreeSet<&str> =
        iso20022::external_codes().filter(|known| known.list == "ExternalStatusReason1Code").map(|known| known.code).collect();
    let mut files = Vec::new();
    for house in ["mediation", "holding", "setoff", "register", "parties", "contracts", "portal", "simulation", "iso20022"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(house).join("src"), &mut files);
    }
    let mut seen = BTreeSet::new();
    for file in &files {
        for code in codes_in(&read(file)) {
            assert!(listed.contains(code), "{code} of {} is not in code_lists/external_codes.txt", file.display());
            seen.insert(code.to_owned());
        }
    }
    assert!(seen.contains("AC04") && seen.len() > 8, "only {seen:?} are seen");
}

/// What a reason may be is what somebody gives: a code that nobody gives would be a promise that is not kept.
#[test]
fn every_reason_is_given_by_somebody() {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap() {
        let folder = entry.unwrap().path().join("src");
        if folder.is_dir() {
            sources(&folder, &mut files);
        }
    }
    files.retain(|file| !file.ends_with("iso20022/src/reason.rs"));
    let all: Vec<String> = files.iter().map(|file| read(file)).collect();
    for code in iso20022::ReasonCode::ALL {
        let given = [format!("ReasonCode::{code}"), format!("\"{code}\"")];
        assert!(all.iter().any(|source| given.iter().any(|text| source.contains(text))), "{code}");
    }
}

#[test]
fn a_code_that_is_none_would_be_seen() {
    assert_eq!(codes_in(r#"Some("AC04") | "AC99" => x, "DK50", "AC4", "ac04""#), ["AC04", "AC99"]);
    assert_eq!(codes_in(without_tests("\"AC98\"\n\n#[cfg(test)]\nmod tests {\n\"AC99\"")), ["AC98"]);
}
