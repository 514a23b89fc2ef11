//! For tests: libxml2 as the judge of what is written here, where it and the official schemas are.

use std::path::Path;
use std::process::Command;

/// Holds a file against the official schema of its namespace. The schemas stand beside the checkout; in CI they and `xmllint` must be here.
pub(crate) fn assert_valid(file: &Path) {
    let workspace =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate stands two folders below the workspace");
    let schemas = workspace.join("../shared/iso20022/xsd");
    if !schemas.is_dir() || Command::new("xmllint").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI must have xmllint, and the official schemas in {}", schemas.display());
        return;
    }
    let text = std::fs::read_to_string(file).unwrap();
    if text.contains("<Envelope") {
        return assert_parts_valid(&text);
    }
    let message = text.split("urn:iso:std:iso:20022:tech:xsd:").nth(1).unwrap().split('"').next().unwrap();
    let schema = schemas.join(format!("{message}.xsd"));
    let judgement = Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schema).arg(file).output().unwrap();
    assert!(judgement.status.success(), "{}", String::from_utf8_lossy(&judgement.stderr));
}

/// Holds the header and the message of an envelope against the schemas of their own.
fn assert_parts_valid(text: &str) {
    for (tag, place) in [("AppHdr", 0), ("Document", 1)] {
        let (begin, end) = (text.find(&format!("<{tag} ")).unwrap(), text.find(&format!("</{tag}>")).unwrap() + tag.len() + 3);
        let part = std::env::temp_dir().join(format!("nemkonto-part-{place}-{}-{}.xml", text.len(), std::process::id()));
        std::fs::write(&part, &text[begin..end]).unwrap();
        assert_valid(&part);
        std::fs::remove_file(part).unwrap();
    }
}
