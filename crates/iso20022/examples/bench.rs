//! Measures reading: `bench [payments | file] [rounds]`.
//!
//! On one core in the thread's own processor time, so that other work on the machine counts little; on two threads by the clock,
//! beside one thread by the clock.

use iso20022::{Event, Limits, Outcome, Pain001Reader, Rules, Threads, validate};
use std::io::{self, Cursor, Read, Write};
use std::time::Instant;

#[path = "../tests/support/large_file.rs"]
mod large_file;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_else(|| "100000".to_owned());
    let rounds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(5);
    let file = match what.parse() {
        Ok(payments) => large_file::pain001(payments)?,
        Err(_) => std::fs::read(&what)?,
    };
    let (mut validated, mut read, mut one, mut two) = (u128::MAX, u128::MAX, u128::MAX, u128::MAX);
    let (mut payments, mut asking) = (0, u128::MAX);
    let threads = Threads { count: 2, ..Threads::default() };
    for _ in 0..rounds {
        validated = validated.min(processor_time(|| {
            let verdict = validate(file.as_slice(), Limits::default())?;
            assert!(verdict.valid, "{:?}", verdict.findings);
            Ok(())
        })?);
        let begun = Instant::now();
        read = read.min(processor_time(|| {
            payments = rows(Pain001Reader::new(file.as_slice(), Limits::default()))?;
            Ok(())
        })?);
        one = one.min(begun.elapsed().as_nanos());
        let owned = Cursor::new(file.clone());
        let begun = Instant::now();
        asking = asking.min(processor_time(|| {
            rows(Pain001Reader::on_threads(owned, Limits::default(), Rules::default(), threads)?).map(|_| ())
        })?);
        two = two.min(begun.elapsed().as_nanos());
    }
    let bytes = file.len() as u128;
    let speed = |nanoseconds: u128| bytes * 1000 / nanoseconds.max(1);
    writeln!(
        io::stdout(),
        "{} MB, {} bytes a payment: validate {} MB/s, read {} MB/s, {} ns a payment; by the clock {} MB/s, \
         two threads {} MB/s, the asking thread busy for {} ns a payment",
        bytes / 1_000_000,
        bytes / u128::from(payments.max(1)),
        speed(validated),
        speed(read),
        read / u128::from(payments.max(1)),
        speed(one),
        speed(two),
        asking / u128::from(payments.max(1)),
    )
}

/// Reads all events; gives the number of payments without findings.
fn rows<R: Read>(mut reader: Pain001Reader<R>) -> io::Result<u64> {
    let mut rows = 0u64;
    loop {
        match reader.next_event()? {
            Event::Payment(row) => rows += u64::from(row.findings.is_empty()),
            Event::End(totals) => {
                assert_eq!((totals.outcome, totals.payments), (Outcome::Readable, rows));
                return Ok(rows);
            }
            _ => {}
        }
    }
}

/// Nanoseconds of this thread on a processor (proc(5): `schedstat`).
fn processor_time(work: impl FnOnce() -> io::Result<()>) -> io::Result<u128> {
    let now = || -> io::Result<u128> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
        Ok(text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or(0))
    };
    let begun = now()?;
    work()?;
    Ok(now()? - begun)
}
