//! Measures: each figure beside something run on the same machine, so that it can be read as a ratio.

mod anon;
mod cpu;
mod parse;
mod pipeline;

use crate::{Failure, cli::Bench};

/// Runs one benchmark, or all, and answers what to print.
///
/// # Errors
/// When a benchmark cannot run.
pub async fn run(what: Option<Bench>) -> Result<String, Failure> {
    match what {
        Some(Bench::Pipeline { payments, json }) => Ok(pipeline::run(payments).await?.print(json)),
        Some(Bench::Parse { payments, schemas, json }) => Ok(parse::run(payments, &schemas)?.print(json)),
        None => {
            let parse = parse::run(200_000, "../shared/iso20022/xsd".as_ref())?.print(false);
            let pipeline = pipeline::run(1_000_000).await?.print(false);
            Ok(format!("{parse}\n\n{pipeline}"))
        }
    }
}

/// A rate per second of so many things in so many microseconds.
fn per_second(count: u64, micros: u128) -> u64 {
    u64::try_from(u128::from(count) * 1_000_000 / micros.max(1)).unwrap_or(u64::MAX)
}

/// `a / b` with two decimals, as text that is also a JSON number.
fn ratio(a: u64, b: u64) -> String {
    let hundredths = u128::from(a) * 100 / u128::from(b.max(1));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_ratios_are_whole_numbers_and_hundredths() {
        assert_eq!(per_second(1_000_000, 25_000_000), 40_000);
        assert_eq!(ratio(150, 100), "1.50");
        assert_eq!(ratio(1, 3), "0.33");
    }
}
