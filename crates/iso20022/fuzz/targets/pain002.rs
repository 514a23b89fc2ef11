//! Any bytes as a status report: the reader ends, and calls readable what the schema allows.
#![no_main]

use iso20022::{Limits, MessageKind, Outcome, Pain002Reader, StatusEvent, validate};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { iso20022_fuzz::mutated(data, size, max_size, seed) });

fuzz_target!(|data: &[u8]| {
    let mut reader = Pain002Reader::new(data, Limits::default());
    let totals = loop {
        if let StatusEvent::End(totals) = reader.next_event().expect("memory does not fail") {
            break totals;
        }
    };
    let verdict = validate(data, Limits::default()).expect("memory does not fail");
    let ours = [MessageKind::Pain002V03, MessageKind::Pain002V10, MessageKind::Pain002V14].map(Some);
    assert_eq!(totals.outcome == Outcome::Readable, verdict.valid && ours.contains(&verdict.message));
});
