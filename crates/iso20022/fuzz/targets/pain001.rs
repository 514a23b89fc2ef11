//! Any bytes as an order to pay: the reader ends, and calls readable what the schema allows.
#![no_main]

use iso20022::{Event, Limits, MessageKind, Outcome, Pain001Reader, validate};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { iso20022_fuzz::mutated(data, size, max_size, seed) });

fuzz_target!(|data: &[u8]| {
    let mut reader = Pain001Reader::new(data, Limits::default());
    let mut payments = 0;
    let totals = loop {
        match reader.next_event().expect("memory does not fail") {
            Event::Payment(row) => {
                payments += 1;
                assert!(row.amount.is_some() || !row.findings.is_empty());
                assert!(!row.end_to_end_id.is_empty());
                assert!(row.span.len > 0);
            }
            Event::End(totals) => break totals.clone(),
            _ => {}
        }
    };
    let verdict = validate(data, Limits::default()).expect("memory does not fail");
    let ours = [MessageKind::Pain001V03, MessageKind::Pain001V09, MessageKind::Pain001V12].map(Some);
    assert_eq!(totals.outcome == Outcome::Readable, verdict.valid && ours.contains(&verdict.message));
    assert!(totals.outcome != Outcome::Readable || totals.payments == payments);
});
