//! What the demo ends with: in and out per destination, for people and for programs.

use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use simulation::auditor::{Recount, Tally};

use super::progress::Phase;

/// The demo's result.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Every øre, recounted from the files.
    pub recount: Recount,
    /// From the first file written to the last report.
    pub took: Duration,
    /// How long each phase took.
    pub phases: Vec<Phase>,
    /// Where the files are.
    pub out: PathBuf,
}

impl Summary {
    /// Whether in is out to the øre.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.recount.balanced
    }

    /// The result as one object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = serde_json::to_value(&self.recount).unwrap_or_else(|_| json!({}));
        object["seconds"] = json!(decimal_seconds(self.took));
        object
    }

    fn rows(&self) -> [(&'static str, &Tally); 7] {
        let Recount { accounts, recovery, holding, error_account, returned, rejected, waiting, .. } = &self.recount;
        [
            ("to payees' accounts", accounts),
            ("to the recovery authority", recovery),
            ("to the holding account", holding),
            ("to error accounts", error_account),
            ("back to the payer, no account", returned),
            ("rejected", rejected),
            ("waiting for their day", waiting),
        ]
    }
}

/// Seconds with three decimals, as a JSON number without float arithmetic.
fn decimal_seconds(took: Duration) -> serde_json::Number {
    let text = format!("{}.{:03}", took.as_secs(), took.subsec_millis());
    text.parse().unwrap_or_else(|_| serde_json::Number::from(took.as_secs()))
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<32} {:>12} {:>22}  other currencies", "", "payments", "kroner")?;
        line(f, "received from payers", &self.recount.received)?;
        writeln!(f, "{}", "─".repeat(86))?;
        for (name, tally) in self.rows() {
            line(f, name, tally)?;
        }
        writeln!(f, "{}", "─".repeat(86))?;
        let verdict = if self.balanced() { "in = out, to the øre" } else { "NOT BALANCED" };
        writeln!(f, "{verdict}   (recounted from the files in {})", self.out.display())?;
        for difference in self.recount.differences.iter().take(20) {
            writeln!(f, "  {difference}")?;
        }
        writeln!(f)?;
        for phase in &self.phases {
            writeln!(f, "  {:<16} {:>12} in {:>8.2?}{}", phase.name, phase.count, phase.took, rate(phase))?;
        }
        writeln!(f, "  all the files    {:>12} payments in {:.2?}", self.recount.received.count, self.took)
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, tally: &Tally) -> fmt::Result {
    let mut others = String::new();
    for (currency, minor) in &tally.by_currency {
        write!(others, "{} {currency}  ", grouped(*minor))?;
    }
    writeln!(f, "{name:<32} {:>12} {:>22}  {}", thousands(&tally.count.to_string()), grouped(tally.minor), others.trim_end())
}

fn rate(phase: &Phase) -> String {
    let millis = phase.took.as_millis().max(1);
    format!("  ({}/s)", thousands(&(u128::from(phase.count) * 1000 / millis).to_string()))
}

/// An amount in minor units with two decimals, grouped the Danish way: 1.234.567,89.
fn grouped(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{},{:02}", thousands(&(minor / 100).to_string()), minor % 100)
}

fn thousands(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_the_danish_way() {
        for (minor, expected) in
            [(0, "0,00"), (5, "0,05"), (99_999, "999,99"), (100_000, "1.000,00"), (123_456_789, "1.234.567,89"), (-150, "-1,50")]
        {
            assert_eq!(grouped(minor), expected);
        }
    }

    #[test]
    fn the_object_has_the_promised_fields() {
        let summary =
            Summary { recount: Recount::default(), took: Duration::from_millis(1234), phases: Vec::new(), out: PathBuf::new() };
        let object = summary.to_json();
        for field in ["received", "accounts", "recovery", "holding", "error_account", "returned", "rejected", "waiting"] {
            assert!(object[field]["count"].is_u64() && object[field]["minor"].is_i64(), "{field}");
        }
        assert_eq!(object["seconds"].to_string(), "1.234");
        assert!(object["balanced"].is_boolean());
    }
}
