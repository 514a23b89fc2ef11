//! Any bytes as a message of records: the reader ends, calls readable what the schema allows, and what it tells can be
//! written and read again as it was.
#![no_main]

use iso20022::*;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { iso20022_fuzz::mutated(data, size, max_size, seed) });

/// Reads as a stream; gives the number of records, or `None` where the file is refused.
fn stream<M: Message>(data: &[u8], verdict: &Verdict) -> Option<usize> {
    let mut reader = RecordReader::<M, _>::new(data, Limits::default());
    let (mut records, mut beyond_limit) = (0, false);
    let totals = loop {
        match reader.next_event().expect("memory does not fail") {
            RecordEvent::Record(told) => {
                records += 1;
                assert!(told.line >= 1 && !format!("{:?}", told.record).is_empty());
            }
            RecordEvent::Finding(finding) => beyond_limit |= finding.text.en.contains("beyond a limit"),
            RecordEvent::End(totals) => break totals,
        }
    };
    let ours = verdict.message.is_some_and(|kind| M::KINDS.contains(&kind));
    let readable = totals.outcome == Outcome::Readable;
    // A record may be too long for a reader that keeps it until it is told.
    assert!(readable == (verdict.valid && ours) || beyond_limit);
    assert!(!readable || totals.records == records as u64);
    readable.then_some(records)
}

/// The message written again. What its records leave out may be required by the schema; then nothing is written.
fn written<M: Message>(whole: &Whole<M>) -> Option<Vec<u8>> {
    let mut writer = RecordWriter::<M, _>::new(Vec::new(), whole.message()).ok()?;
    for told in whole.records() {
        writer.write(&told.record).ok()?;
    }
    writer.finish().ok()
}

fn check<M: Message>(data: &[u8], verdict: &Verdict) {
    let streamed = stream::<M>(data, verdict);
    let Ok(whole) = Whole::<M>::read(data, Limits::default()).expect("memory does not fail") else { return };
    assert_eq!(streamed, Some(whole.records().count()));
    let Some(file) = written(&whole) else { return };
    let again = Whole::<M>::read(file.as_slice(), Limits::default()).expect("memory does not fail");
    let again = again.unwrap_or_else(|refused| panic!("{:?}", refused.findings));
    assert_eq!(again.records().count(), whole.records().count());
    assert_eq!(written(&again), Some(file));
}

fuzz_target!(|data: &[u8]| {
    let verdict = validate(data, Limits::default()).expect("memory does not fail");
    match verdict.message.map_or("", MessageKind::name).get(..8) {
        Some("camt.055") => check::<Recall>(data, &verdict),
        Some("camt.029") => check::<Resolution>(data, &verdict),
        Some("acmt.023") => check::<VerificationRequest>(data, &verdict),
        Some("acmt.024") => check::<VerificationReport>(data, &verdict),
        Some("admi.002") => check::<Refusal>(data, &verdict),
        Some("pacs.002") => check::<InterbankStatus>(data, &verdict),
        Some("pacs.004") => check::<InterbankReturn>(data, &verdict),
        _ => check::<Bookings>(data, &verdict),
    }
    drop(Whole::<Header>::read(data, Limits::default()));
});
