//! Measures reading on one core: `bench <payments>`.

use iso20022::{Event, Limits, Pain001Reader, validate};
use std::io::Write;
use std::time::Instant;

#[path = "../tests/support/large_file.rs"]
mod large_file;

fn main() -> std::io::Result<()> {
    let payments = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let file = large_file::pain001(payments)?;
    let mut out = std::io::stdout().lock();
    for _ in 0..3 {
        let started = Instant::now();
        let verdict = validate(file.as_slice(), Limits::default())?;
        let validated = started.elapsed();
        assert!(verdict.valid, "{:?}", verdict.findings);
        let started = Instant::now();
        let mut reader = Pain001Reader::new(file.as_slice(), Limits::default());
        let mut rows = 0u64;
        loop {
            match reader.next_event()? {
                Event::Payment(row) => rows += u64::from(row.findings.is_empty()),
                Event::End(_) => break,
                _ => {}
            }
        }
        let read = started.elapsed();
        assert_eq!(rows, payments);
        let speed = |time: std::time::Duration| file.len() as u128 / time.as_micros().max(1);
        writeln!(
            out,
            "{} MB, {} bytes a payment: validate {} MB/s, read {} MB/s, {} payments/s",
            file.len() / 1_000_000,
            file.len() as u64 / payments,
            speed(validated),
            speed(read),
            u128::from(payments) * 1_000_000 / read.as_micros().max(1),
        )?;
    }
    Ok(())
}
