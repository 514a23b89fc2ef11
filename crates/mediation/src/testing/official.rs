//! libxml2 as the judge of what is written here, where it and the official schemas are.

use std::path::Path;
use std::process::Command;

/// Holds a file against the official schema of its namespace. The schemas stand beside the checkout; in CI they and `xmllint` must be here.
pub(crate) fn assert_valid(file: &Path) {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let schemas = workspace.join("../shared/iso20022/xsd");
    if !schemas.is_dir() || Command::new("xmllint").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI must have xmllint, and the official schemas in {}", schemas.display());
        return;
    }
    let text = std::fs::read_to_string(file).unwrap();
    let message = text.split("urn:iso:std:iso:20022:tech:xsd:").nth(1).unwrap().split('"').next().unwrap();
    let schema = schemas.join(format!("{message}.xsd"));
    let judgement = Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schema).arg(file).output().unwrap();
    assert!(judgement.status.success(), "{}", String::from_utf8_lossy(&judgement.stderr));
}
