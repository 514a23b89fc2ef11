//! `xmllint` (libxml2) as the judge of what a schema accepts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder with the official schemas and samples, if it is there.
pub fn official() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/iso20022");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: the official schemas are not in {}", folder.display());
    None
}

/// Whether `xmllint` can be called.
pub fn has_xmllint() -> bool {
    let found = Command::new("xmllint").arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: xmllint is not installed");
    }
    found
}

/// The files of a folder with this ending, by name.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder is readable")
        .map(|entry| entry.expect("the folder is readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == ending))
        .collect();
    files.sort();
    files
}

/// The project's own sample files.
pub fn fixtures() -> Vec<PathBuf> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/iso20022"), "xml")
}

/// The message a file's first namespace names.
pub fn message_of(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let start = text.find("urn:iso:std:iso:20022:tech:xsd:")? + "urn:iso:std:iso:20022:tech:xsd:".len();
    Some(text[start..].split(['"', '\'']).next()?.to_owned())
}

/// Those of the files that `xmllint` finds valid.
pub fn accepted(schema: &Path, files: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut accepted = BTreeSet::new();
    for batch in files.chunks(400) {
        let output = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema"])
            .arg(schema)
            .args(batch)
            .output()
            .expect("xmllint can be called");
        let report = String::from_utf8_lossy(&output.stderr);
        accepted.extend(report.lines().filter_map(|line| line.strip_suffix(" validates")).map(PathBuf::from));
    }
    accepted
}
