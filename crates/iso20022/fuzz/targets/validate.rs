//! Any bytes against the schema of whatever message they name.
#![no_main]

use iso20022::{Level, Limits, validate};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { iso20022_fuzz::mutated(data, size, max_size, seed) });

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    let verdict = validate(data, limits).expect("memory does not fail");
    assert_eq!(verdict.valid, verdict.findings.is_empty());
    assert!(verdict.findings.len() <= limits.findings + 1);
    assert!(!verdict.valid || verdict.message.is_some());
    // A file is unreadable once: nothing is read on behind that.
    let unreadable = verdict.findings.iter().filter(|finding| finding.level == Level::Unreadable).count();
    assert!(unreadable <= 1);
    // A byte of a one-byte encoding becomes at most three.
    assert!(verdict.bytes <= 3 * data.len() as u64);
    assert!(verdict.lines >= 1 && verdict.lines <= 1 + data.len() as u64);
});
