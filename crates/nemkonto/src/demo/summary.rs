//! What the demo ends with: in and out per destination, for people and for programs.

use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use simulation::auditor::{Recount, Tally};

use super::progress::Phase;

/// A report up to this many bytes is printed.
const SHORT_REPORT: u64 = 8 * 1024;

/// The demo's result.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Every øre, recounted from the files.
    pub recount: Recount,
    /// From the first file written to the last report.
    pub took: Duration,
    /// How long each phase took.
    pub phases: Vec<Phase>,
    /// What to tell people of the day, if it is not today.
    pub notice: Option<String>,
    /// Where the files are.
    pub out: PathBuf,
    /// The files that are worth listing one by one.
    pub files: Vec<PathBuf>,
}

impl Summary {
    /// Whether in is out to the øre.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.recount.balanced
    }

    /// The result as one object: the same fields in every run that balances; `differences` comes where one does not.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Recount { received, accounts, recovery, holding, error_account, returned, rejected, waiting, .. } = &self.recount;
        let mut object = json!({
            "received": received, "accounts": accounts, "recovery": recovery, "holding": holding, "error_account": error_account,
            "returned": returned, "rejected": rejected, "waiting": waiting,
            "balanced": self.balanced(), "seconds": decimal_seconds(self.took),
        });
        if !self.balanced() {
            object["differences"] = json!(self.recount.differences);
        }
        object
    }

    /// The places, of which each payment is in one; and of what is rejected, the parts that need a word.
    fn rows(&self) -> [(&'static str, &Tally); 9] {
        let Recount { accounts, recovery, holding, error_account, returned, rejected, stopped, sent_back, waiting, .. } =
            &self.recount;
        [
            ("to payees' accounts", accounts),
            ("to the recovery authority", recovery),
            ("to the holding account", holding),
            ("to error accounts", error_account),
            ("back to the payer, no account", returned),
            ("rejected", rejected),
            ("  of these: stopped in time", stopped),
            ("  of these: sent back by banks", sent_back),
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
        if let Some(notice) = &self.notice {
            writeln!(f, "{notice}")?;
        }
        let verdict = if self.balanced() { "in = out, to the øre" } else { "NOT BALANCED" };
        writeln!(f, "{verdict}   (recounted from the files in {})", self.out.display())?;
        for difference in self.recount.differences.iter().take(20) {
            writeln!(f, "  {difference}")?;
        }
        writeln!(f)?;
        for phase in &self.phases {
            writeln!(f, "  {:<16} {:>12} in {:>8.2?}{}", phase.name, phase.count, phase.took, rate(phase))?;
        }
        writeln!(f, "  {:<16} {:>12} payments in {:.2?}", "from first to last", self.recount.received.count, self.took)?;
        self.files.iter().try_for_each(|path| file(f, path))
    }
}

/// A file by its path, and a short report with its text: it says why something was not paid.
fn file(f: &mut fmt::Formatter<'_>, path: &Path) -> fmt::Result {
    writeln!(f, "\n{}", path.display())?;
    let is_report = path.components().any(|part| part.as_os_str() == "reports");
    let short = is_report && path.metadata().is_ok_and(|file| file.len() <= SHORT_REPORT);
    match std::fs::read_to_string(path) {
        Ok(text) if short => writeln!(f, "{}", text.trim_end()),
        _ => Ok(()),
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

    fn summary(recount: Recount) -> Summary {
        let took = Duration::from_millis(1234);
        Summary { recount, took, phases: Vec::new(), notice: None, out: PathBuf::new(), files: Vec::new() }
    }

    fn keys(object: &Value) -> Vec<&str> {
        object.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn the_object_has_the_promised_fields_and_no_other() {
        let object = summary(Recount { balanced: true, ..Recount::default() }).to_json();
        let places = ["received", "accounts", "recovery", "holding", "error_account", "returned", "rejected", "waiting"];
        let mut expected = places.to_vec();
        expected.extend(["balanced", "seconds"]);
        expected.sort_unstable();
        let mut found = keys(&object);
        found.sort_unstable();
        assert_eq!(found, expected);
        for place in places {
            let mut found = keys(&object[place]);
            found.sort_unstable();
            assert_eq!(found, ["by_currency", "count", "minor"], "{place}");
            assert!(object[place]["count"].is_u64() && object[place]["minor"].is_i64(), "{place}");
        }
        assert_eq!(object["seconds"].to_string(), "1.234");
        assert_eq!(object["balanced"], json!(true));
    }

    #[test]
    fn differences_are_told_where_it_does_not_balance() {
        let object = summary(Recount { differences: vec!["one øre".to_owned()], ..Recount::default() }).to_json();
        assert_eq!((&object["balanced"], &object["differences"]), (&json!(false), &json!(["one øre"])));
    }

    #[test]
    fn a_day_that_is_not_today_is_told() {
        let notice = "The banks are closed".to_owned();
        let told = Summary { notice: Some(notice.clone()), ..summary(Recount::default()) }.to_string();
        assert!(told.contains(&notice), "{told}");
    }
}
