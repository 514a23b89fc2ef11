//! libxml2 as the judge of files, where it and the official schemas are.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the official schemas, beside the checkout, if they and `xmllint` are here. In CI they must be.
pub fn schemas() -> Option<PathBuf> {
    let workspace =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate stands two folders below the workspace");
    let folder = workspace.join("../shared/iso20022/xsd");
    if folder.is_dir() && Command::new("xmllint").arg("--version").output().is_ok() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "CI must have xmllint, and the official schemas in {}", folder.display());
    eprintln!("skipped: xmllint or the official schemas are not here");
    None
}

/// What libxml2 has against a file by the schema of its namespace; nothing when it is valid.
pub fn objection(schemas: &Path, file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let message = text.split("urn:iso:std:iso:20022:tech:xsd:").nth(1).unwrap().split('"').next().unwrap();
    let schema = schemas.join(format!("{message}.xsd"));
    let judgement = Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(&schema).arg(file).output().unwrap();
    (!judgement.status.success()).then(|| format!("{}: {}", file.display(), String::from_utf8_lossy(&judgement.stderr)))
}
