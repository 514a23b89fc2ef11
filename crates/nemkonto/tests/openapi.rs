//! The checked-in interface documents are the ones the program writes.

use std::path::Path;

#[test]
fn the_checked_in_documents_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi");
    for (house, document) in nemkonto::openapi::documents() {
        let file = folder.join(format!("{house}.json"));
        let checked_in = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(checked_in == document, "openapi/{house}.json is not current: write it anew with `./x openapi`");
    }
}
