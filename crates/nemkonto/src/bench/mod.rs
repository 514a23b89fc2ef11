//! Measures: each figure beside something run on the same machine, so that it can be read as a ratio.

mod access;
mod anon;
mod cpu;
mod parse;
mod pipeline;
mod register;
mod step;

use serde_json::Value;

use crate::{Failure, cli::Bench};

/// What was measured, and where it falls short of what was required.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// For people, or one JSON object.
    pub text: String,
    /// What was required and not reached.
    pub shortfalls: Vec<String>,
}

/// The bound of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    AtLeast(u64),
    AtMost(u64),
    /// For a ratio, in hundredths.
    RatioAtLeast(u64),
}

/// What `--require` requires: the figures of the printed JSON object by name, with their bounds.
type Targets = &'static [(&'static str, Bound)];

/// From payers' files to bank files, within this memory.
const PIPELINE: Targets = &[("payments_per_second", Bound::AtLeast(40_000)), ("peak_anon_mb", Bound::AtMost(300))];
/// Reading with full validation: on one core, beside xmllint, and on two cores beside one.
const PARSE: Targets =
    &[("mb_per_second", Bound::AtLeast(250)), ("ratio", Bound::RatioAtLeast(800)), ("two_core_ratio", Bound::RatioAtLeast(170))];

/// Lookups in the register. The shares of a machine of two cores that the load itself takes are in these figures.
const REGISTER: Targets = &[
    ("bulk_ids_per_second", Bound::AtLeast(200_000)),
    ("bulk_http_ids_per_second", Bound::AtLeast(80_000)),
    ("lookups_per_second", Bound::AtLeast(10_000)),
    ("lookup_p99_ms", Bound::AtMost(20)),
];

/// Single lookups in process, each logged before it is answered.
const ACCESS: Targets = &[("logged_lookups_per_second", Bound::AtLeast(20_000))];

/// A result that can be printed, for people or as one JSON object.
trait Printed {
    fn text(&self, json: bool) -> String;

    fn measured(&self, json: bool, required: Option<Targets>) -> Result<Measured, Failure> {
        let shortfalls = match required {
            Some(targets) => shortfalls(&serde_json::from_str(&self.text(true))?, targets)?,
            None => Vec::new(),
        };
        Ok(Measured { text: self.text(json), shortfalls })
    }
}

impl Printed for pipeline::Result {
    fn text(&self, json: bool) -> String {
        self.print(json)
    }
}

impl Printed for register::Result {
    fn text(&self, json: bool) -> String {
        self.print(json)
    }
}

impl Printed for access::Result {
    fn text(&self, json: bool) -> String {
        self.print(json)
    }
}

impl Printed for parse::Result {
    fn text(&self, json: bool) -> String {
        self.print(json)
    }
}

/// Runs one benchmark, or all, and answers what to print.
///
/// # Errors
/// When a benchmark cannot run. To be too slow is no error but an answer.
pub async fn run(what: Option<Bench>) -> Result<Measured, Failure> {
    match what {
        Some(Bench::Pipeline { payments, json, require }) => {
            pipeline::run(payments).await?.measured(json, require.then_some(PIPELINE))
        }
        Some(Bench::Parse { payments, schemas, json, require }) => {
            parse::run(payments, &schemas)?.measured(json, require.then_some(PARSE))
        }
        Some(Bench::Register { holders, json, require }) => {
            register::run(holders).await?.measured(json, require.then_some(REGISTER))
        }
        Some(Bench::Access { holders, json, require }) => access::run(holders).await?.measured(json, require.then_some(ACCESS)),
        None => {
            let parse = parse::run(1_000_000, "../shared/iso20022/xsd".as_ref())?.print(false);
            let pipeline = pipeline::run(1_000_000).await?.print(false);
            let register = register::run(200_000).await?.print(false);
            let access = access::run(200_000).await?.print(false);
            Ok(Measured { text: format!("{parse}\n\n{pipeline}\n\n{register}\n\n{access}"), shortfalls: Vec::new() })
        }
    }
}

/// The targets that the figures miss. A figure that is not there is an error: nothing passes by being renamed.
fn shortfalls(figures: &Value, targets: Targets) -> Result<Vec<String>, Failure> {
    let mut missed = Vec::new();
    for (name, bound) in targets {
        let measured = figures[name].as_number().ok_or_else(|| format!("{name} was not measured"))?;
        let figure = hundredths(&measured.to_string()).ok_or_else(|| format!("{name} is {measured}, which is no figure"))?;
        match *bound {
            Bound::AtLeast(least) if figure < least * 100 => {
                missed.push(format!("{name} is {measured}; at least {least} is required"));
            }
            Bound::RatioAtLeast(least) if figure < least => {
                missed.push(format!("{name} is {measured}; at least {} is required", ratio(least, 100)));
            }
            Bound::AtMost(most) if figure > most * 100 => {
                missed.push(format!("{name} is {measured}; at most {most} is required"));
            }
            _ => {}
        }
    }
    Ok(missed)
}

/// A figure of at most two decimals, in hundredths.
fn hundredths(figure: &str) -> Option<u64> {
    let (whole, decimals) = figure.split_once('.').unwrap_or((figure, "0"));
    let decimals = match decimals.len() {
        1 => decimals.parse::<u64>().ok()? * 10,
        2 => decimals.parse().ok()?,
        _ => return None,
    };
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(decimals)
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
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_required_and_not_reached_is_named() {
        let check = |payments_per_second: u64, peak_anon_mb: u64, expect: &[&str]| {
            let figures = json!({ "payments_per_second": payments_per_second, "peak_anon_mb": peak_anon_mb });
            let missed = shortfalls(&figures, PIPELINE).unwrap();
            assert_eq!(missed.len(), expect.len(), "{missed:?}");
            assert!(missed.iter().zip(expect).all(|(missed, name)| missed.starts_with(name)), "{missed:?}");
        };
        check(40_000, 300, &[]);
        check(39_999, 300, &["payments_per_second"]);
        check(39_999, 301, &["payments_per_second", "peak_anon_mb"]);
        assert!(shortfalls(&json!({ "peak_anon_mb": 1 }), PIPELINE).is_err());
    }

    #[test]
    fn ratios_are_compared_to_the_hundredth() {
        let check = |ratio: &str, two: &str, expect: &[&str]| {
            let figures = format!(r#"{{ "mb_per_second": 250, "ratio": {ratio}, "two_core_ratio": {two} }}"#);
            let missed = shortfalls(&serde_json::from_str(&figures).unwrap(), PARSE).unwrap();
            assert_eq!(missed, expect);
        };
        check("8.00", "1.7", &[]);
        check("7.99", "1.70", &["ratio is 7.99; at least 8.00 is required"]);
        check("12", "1.69", &["two_core_ratio is 1.69; at least 1.70 is required"]);
        assert!(shortfalls(&json!({ "mb_per_second": 250, "ratio": null, "two_core_ratio": 2 }), PARSE).is_err());
        assert_eq!(["1.234", "x", "1.", "-1"].map(hundredths), [None; 4]);
    }

    #[test]
    fn rates_and_ratios_are_whole_numbers_and_hundredths() {
        assert_eq!(per_second(1_000_000, 25_000_000), 40_000);
        assert_eq!(ratio(150, 100), "1.50");
        assert_eq!(ratio(1, 3), "0.33");
    }
}
