//! Checks the files named on the command line against their schemas.

use iso20022::{Limits, validate};
use std::fs::File;
use std::io::Write;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for name in std::env::args().skip(1) {
        let started = std::time::Instant::now();
        let verdict = validate(File::open(&name)?, Limits::default())?;
        let message = verdict.message.map_or("unknown", |kind| kind.name());
        let state = if verdict.valid { "valid" } else { "INVALID" };
        let micros = started.elapsed().as_micros().max(1);
        let speed = u128::from(verdict.bytes) / micros;
        writeln!(out, "{name}: {message} {state}, {} elements, {micros} µs, {speed} MB/s", verdict.elements)?;
        for finding in &verdict.findings {
            writeln!(out, "  {finding}")?;
        }
    }
    Ok(())
}
