//! Any bytes explained to a person: the findings, the pieces of the file beside them, and the delivery as a table.
#![no_main]

use iso20022::explain::{Options, TableOptions, examine, excerpts, write_table, write_text};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use primitives::Language;

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { iso20022_fuzz::mutated(data, size, max_size, seed) });

fuzz_target!(|data: &[u8]| {
    let options = Options { most_findings: 20, ..Options::default() };
    let examination = examine(|| Ok(data), &options).expect("memory does not fail");
    assert!(examination.findings.len() <= 20);
    let pieces = excerpts(data, &examination.findings).expect("memory does not fail");
    assert_eq!(pieces.len(), examination.findings.len());
    for language in [Language::Da, Language::En] {
        let mut text = Vec::new();
        write_text(&mut text, "file", &examination, &pieces, language).expect("memory does not fail");
        assert!(String::from_utf8(text).is_ok());
    }
    let mut table = Vec::new();
    write_table(data, &mut table, TableOptions { unmasked: false, rows: 5 }).expect("memory does not fail");
    assert!(String::from_utf8(table).is_ok());
});
