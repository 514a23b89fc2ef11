//! The page of messages: every message has an example, and the examples are what the page says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use iso20022::{Limits, MessageKind, validate};
use serde_json::Value;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}

/// Message and example of each line of the page's tables.
fn examples() -> Vec<(String, PathBuf)> {
    let page = std::fs::read_to_string(workspace().join("MESSAGES.md")).unwrap();
    let row = |line: &str| {
        let message = line.strip_prefix("| `")?.split('`').next()?.to_owned();
        let example = line.rsplit_once("[example](")?.1.split(')').next()?;
        Some((message, workspace().join(example)))
    };
    page.lines().filter_map(row).collect()
}

/// The messages of the flow, in and out.
const FLOW: [&str; 22] = [
    "acmt.023.001.03",
    "acmt.024.001.03",
    "admi.002.001.01",
    "camt.029.001.03",
    "camt.029.001.09",
    "camt.052.001.02",
    "camt.052.001.08",
    "camt.053.001.02",
    "camt.053.001.08",
    "camt.054.001.02",
    "camt.054.001.08",
    "camt.055.001.01",
    "camt.055.001.08",
    "head.001.001.02",
    "pacs.002.001.10",
    "pacs.004.001.09",
    "pain.001.001.03",
    "pain.001.001.09",
    "pain.001.001.12",
    "pain.002.001.03",
    "pain.002.001.10",
    "pain.002.001.14",
];

#[test]
fn every_message_of_the_flow_has_an_example_that_is_it() {
    let mut shown = BTreeSet::new();
    for (message, example) in examples() {
        let file = std::fs::read(&example).unwrap();
        let verdict = validate(file.as_slice(), Limits::default()).unwrap();
        assert!(verdict.valid, "{}: {:?}", example.display(), verdict.findings);
        if message == "head.001.001.02" {
            assert!(String::from_utf8_lossy(&file).contains("<AppHdr"), "{}", example.display());
        } else {
            assert_eq!(verdict.message.map(MessageKind::name), Some(message.as_str()), "{}", example.display());
        }
        shown.insert(message);
    }
    let expect: BTreeSet<String> = FLOW.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(shown, expect);
}

/// What `check` says; of what goes to a bank by its schema alone, since the rules beyond it are those for payers.
fn check(file: &Path, is_to_bank: bool) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nemkonto"));
    command.args(["check", "--json"]).args(is_to_bank.then_some("--schema-only")).arg(file).env_clear();
    let output = command.output().unwrap();
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(i32::from(object["valid"] == false)), "{object}");
    object
}

#[test]
fn check_judges_each_of_them() {
    let spoiled = std::env::temp_dir().join(format!("nemkonto-spoiled-{}.xml", std::process::id()));
    for (message, example) in examples() {
        let is_to_bank = example.file_name().unwrap().to_str().unwrap().starts_with("bank-");
        let object = check(&example, is_to_bank);
        assert_eq!(object["valid"], true, "{object}");
        if message != "head.001.001.02" {
            assert_eq!(object["message"], message.as_str());
        }
        let text = std::fs::read_to_string(&example).unwrap();
        std::fs::write(&spoiled, text.replace("</Document>", "<Unheard/></Document>")).unwrap();
        let object = check(&spoiled, is_to_bank);
        assert_eq!(object["valid"], false, "{message}");
        assert!(object["findings"][0]["line"].as_u64().unwrap() > 1 && object["findings"][0]["code"].is_string(), "{object}");
    }
    std::fs::remove_file(spoiled).unwrap();
}

#[test]
fn what_the_pages_point_to_is_there() {
    let mut links = 0;
    for page in ["HOW_TO_SEND.md", "MESSAGES.md", "README.md"] {
        let text = std::fs::read_to_string(workspace().join(page)).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap();
            if !file.is_empty() && !file.contains("://") {
                assert!(workspace().join(file).exists(), "{page}: {link}");
                links += 1;
            }
        }
    }
    assert!(links > 50, "{links} links");
}
