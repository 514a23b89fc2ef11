//! Reads an extract, line by line.

use contracts::register::ExtractRecord;
use primitives::hex;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use super::{FileFault, FirstLine, Header, LONGEST_LINE, LastLine, Trailer, VERSION};

const BUFFER: usize = 1 << 18;

/// The lines of a file, by their numbers from 1.
pub(in crate::step) struct Lines {
    content: BufReader<File>,
    pub number: u64,
}

impl Lines {
    pub(in crate::step) async fn open(path: &std::path::Path) -> Result<Self, FileFault> {
        Ok(Self { content: BufReader::with_capacity(BUFFER, File::open(path).await?), number: 0 })
    }

    /// The next line into `line`, with its end; whether there was one.
    pub(in crate::step) async fn next(&mut self, line: &mut Vec<u8>) -> Result<bool, FileFault> {
        line.clear();
        let longest = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX);
        let read = (&mut self.content).take(longest).read_until(b'\n', line).await?;
        self.number += u64::from(read > 0);
        if read == LONGEST_LINE && line.last() != Some(&b'\n') {
            return Err(FileFault::LongLine(self.number));
        }
        Ok(read > 0)
    }
}

/// A file that is whole.
pub(super) struct Whole {
    pub header: Header,
    pub trailer: Trailer,
    /// How many records it has: they stand in the lines from 2.
    pub records: u64,
}

/// Reads the file once, and tells whether it is whole, before anything of it is taken over.
pub(super) async fn check_whole(path: &std::path::Path) -> Result<Whole, FileFault> {
    let mut lines = Lines::open(path).await?;
    let (mut line, mut next) = (Vec::new(), Vec::new());
    if !lines.next(&mut line).await? {
        return Err(FileFault::NoHeader);
    }
    let first: FirstLine = serde_json::from_slice(&line).map_err(|_| FileFault::NoHeader)?;
    if first.extract.version != VERSION {
        return Err(FileFault::NoHeader);
    }
    let mut hash = Sha256::new();
    // Each line is part of what is digested as soon as it is known not to be the last.
    while lines.next(&mut next).await? {
        hash.update(&line);
        std::mem::swap(&mut line, &mut next);
    }
    let last: LastLine = serde_json::from_slice(&line).map_err(|_| FileFault::NoEnd)?;
    let (found, said) = (lines.number.saturating_sub(2), last.end.holders.saturating_add(last.end.removed));
    if found != said {
        return Err(FileFault::Count { found, said });
    }
    if hex::encode(hash.finalize()) != last.end.sha256 {
        return Err(FileFault::Digest);
    }
    Ok(Whole { header: first.extract, trailer: last.end, records: found })
}

/// What is wrong with a line: where, and what was expected; never what was found, which may be somebody's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::step) struct BadLine {
    pub field: String,
    pub expected: String,
}

/// The fields of records, and of questions. The name of any other field is content, and not told.
const FIELDS: [&str; 27] = [
    "identifier",
    "fallback",
    "on",
    "holder",
    "removed",
    "identifiers",
    "kind",
    "number",
    "name",
    "born",
    "statuses",
    "status",
    "from",
    "accounts",
    "purpose",
    "payer",
    "benefit",
    "account",
    "type",
    "registration",
    "iban",
    "bic",
    "bank_code",
    "country",
    "currency",
    "valid_from",
    "valid_until",
];

/// Reads a record.
pub(super) fn record(line: &[u8]) -> Result<ExtractRecord, BadLine> {
    of_line(line)
}

/// Reads what a line holds.
pub(in crate::step) fn of_line<T: DeserializeOwned>(line: &[u8]) -> Result<T, BadLine> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let record = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let reason = error.inner().to_string();
        let missing = reason.strip_prefix("missing field ").and_then(|rest| rest.split(' ').next());
        let expected = match missing {
            Some(field) => format!("the field {field}"),
            None if reason.starts_with("unknown field") => "no other fields than those of its form".to_owned(),
            None if error.inner().is_data() => "a value of its form".to_owned(),
            None => return no_object(),
        };
        BadLine { field: field(error.path()), expected }
    })?;
    json.end().map_err(|_| no_object())?;
    Ok(record)
}

fn no_object() -> BadLine {
    BadLine { field: ".".to_owned(), expected: "one JSON object on the line".to_owned() }
}

/// Where it is, in the names of the form.
fn field(path: &Path) -> String {
    let name = |name: &str| if FIELDS.contains(&name) { format!(".{name}") } else { ".?".to_owned() };
    let steps = path.iter().map(|step| match step {
        Segment::Seq { index } => format!("[{index}]"),
        Segment::Map { key } => name(key),
        Segment::Enum { variant } => name(variant),
        Segment::Unknown => ".?".to_owned(),
    });
    let steps: String = steps.collect();
    steps.strip_prefix('.').map_or_else(|| ".".to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_is_told_by_field_and_never_by_value() {
        let good = r#"{"holder":{"identifiers":[{"kind":"CPR","number":"0101585001"}],"kind":"person","name":"Ingen"}}"#;
        record(good.as_bytes()).unwrap();
        let check = |from: &str, to: &str, field: &str, expected: &str| {
            let bad = record(good.replace(from, to).as_bytes()).unwrap_err();
            assert_eq!(bad.field, field);
            assert!(bad.expected.contains(expected), "{}", bad.expected);
            assert!(!bad.expected.contains("0101585001") && !bad.field.contains("0101585001"), "{bad:?}");
        };
        check("0101585001", "010158500x", "holder.identifiers[0]", "form");
        check("\"kind\":\"person\",", "", "holder", "the field `kind`");
        check("\"kind\":\"person\"", "\"0101585001\":\"person\"", "holder.?", "no other fields");
        check("\"person\"", "\"0101585001\"", "holder.kind", "form");
        check("}}", "}", ".", "one JSON object");
        check("}}", "}}{}", ".", "one JSON object");
        check("\"holder\"", "\"0101585001\"", ".", "form");
    }
}
