//! `xmllint` (libxml2) as the judge of what a schema accepts.

use iso20022::MessageKind;
use iso20022::grammar::notation;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

/// Files a call of `xmllint` judges; starting it costs as much as judging some tens of them.
const BATCH: usize = 400;

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
    for batch in files.chunks(BATCH) {
        let output = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema"])
            .arg(schema)
            .args(batch)
            .output()
            .expect("xmllint can be called");
        let report = String::from_utf8_lossy(&output.stderr);
        assert!(!report.contains("failed to compile"), "xmllint does not understand {}: {report}", schema.display());
        accepted.extend(report.lines().filter_map(|line| line.strip_suffix(" validates")).map(PathBuf::from));
    }
    accepted
}

/// Schemas of all messages in files: the official ones, or, where they are not at hand, the same
/// written from our grammars (a test shows that nothing is lost between the two).
pub struct Judge {
    schemas: PathBuf,
    /// For what is judged, and for schemas of our writing; removed at the end.
    folder: PathBuf,
}

impl Judge {
    /// `None`, with a word on it, where `xmllint` is not installed.
    pub fn new() -> Option<Judge> {
        static JUDGES: AtomicU64 = AtomicU64::new(0);
        if !has_xmllint() {
            return None;
        }
        let number = JUDGES.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("nemkonto-oracle-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let schemas = official().map_or_else(|| folder.clone(), |official| official.join("xsd"));
        if schemas == folder {
            for kind in MessageKind::ALL {
                let schema = notation::parse(kind.grammar()).expect("the grammars are tested");
                std::fs::write(folder.join(format!("{kind}.xsd")), crate::xsd::write(&schema))
                    .expect("the folder can be written");
            }
        }
        Some(Judge { schemas, folder })
    }

    /// Which of the texts libxml2 finds valid.
    pub fn accepts(&self, kind: MessageKind, texts: &[Vec<u8>]) -> Vec<bool> {
        static BATCHES: AtomicU64 = AtomicU64::new(0);
        let schema = self.schemas.join(format!("{kind}.xsd"));
        let mut accepted = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH) {
            let number = BATCHES.fetch_add(1, Ordering::Relaxed);
            let files: Vec<PathBuf> = (0..batch.len()).map(|place| self.folder.join(format!("{number}-{place}.xml"))).collect();
            for (file, text) in files.iter().zip(batch) {
                std::fs::write(file, text).expect("the temporary folder can be written");
            }
            let valid = self::accepted(&schema, &files);
            accepted.extend(files.iter().map(|file| valid.contains(file)));
            files.iter().for_each(|file| std::fs::remove_file(file).expect("just written"));
        }
        accepted
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} is left behind: {error}", self.folder.display());
        }
    }
}
