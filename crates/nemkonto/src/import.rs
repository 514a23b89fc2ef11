//! Recording what the houses must know before anybody can be paid: parties, holders, accounts, and what set-off needs.
//!
//! A file has one JSON object a line, of the types the contracts define. An item a house refuses is named by its line, and the others are
//! recorded all the same.

use contracts::mediation::Content;
use contracts::{Actor, Context, IdempotencyKey, ItemResult, Problem};
use primitives::{IdSource, RandomIds};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use crate::cli::{Import, ImportArgs};
use crate::settings::Settings;
use crate::street::Street;
use crate::{Failure, operate};

/// How many items go in one call.
const BATCH: usize = 10_000;
/// The longest line, in bytes.
const LONGEST_LINE: u64 = 1 << 20;

/// What became of the items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many were recorded.
    pub recorded: u64,
    /// Which were not, and why.
    pub refused: Vec<String>,
}

/// Records what is in the file.
///
/// # Errors
/// When the file cannot be read, a line is not what it should be, or a house cannot answer. Lines before it may have been recorded; to
/// record them again does no harm.
pub async fn import(args: &ImportArgs, settings: &Settings) -> Result<Imported, Failure> {
    let mut lines = Lines::new(operate::open_file(&args.file).await?);
    let user = std::env::var("USER").unwrap_or_else(|_| "operator".to_owned());
    let context = operate::context(Actor::Operator { user }, "recording of facts")?;
    operate::on_street(settings, &args.elsewhere, async |street| all(street, &context, args.what, &mut lines).await)
        .await
        .map_err(|error| format!("{}: {error}", args.file.display()).into())
}

async fn all(street: &Street, context: &Context, what: Import, lines: &mut Lines) -> Result<Imported, Failure> {
    let Street { parties, register, setoff, .. } = street;
    match what {
        Import::Parties => each(lines, async |key, items| parties.record(context, &key, items).await).await,
        Import::Holders => each(lines, async |key, items| register.record_holders(context, &key, items).await).await,
        Import::Accounts => each(lines, async |key, items| register.designate(context, &key, items).await).await,
        Import::BenefitRules => each(lines, async |key, items| setoff.put_benefit_rules(context, &key, items).await).await,
        Import::Markers => each(lines, async |key, items| setoff.put_markers(context, &key, items).await).await,
    }
}

/// Hands all items over, in lists of at most [`BATCH`].
async fn each<T: DeserializeOwned, R>(
    lines: &mut Lines, record: impl AsyncFn(IdempotencyKey, Vec<T>) -> Result<Vec<ItemResult<R>>, Problem>,
) -> Result<Imported, Failure> {
    let run = RandomIds.uuid_v4();
    let mut imported = Imported::default();
    loop {
        let (numbers, items) = lines.batch().await?;
        let Some(first) = numbers.first() else { return Ok(imported) };
        let key = IdempotencyKey::new(format!("import/{run}/{first}"))?;
        for (number, result) in numbers.iter().zip(record(key, items).await?) {
            match result {
                Ok(_) => imported.recorded += 1,
                Err(problem) => imported.refused.push(format!("line {number}: {problem}")),
            }
        }
    }
}

/// The lines of a file, by their numbers.
struct Lines {
    content: BufReader<Content>,
    number: u64,
}

impl Lines {
    fn new(content: Content) -> Self {
        Self { content: BufReader::new(content), number: 0 }
    }

    /// The next items and the numbers of their lines; none at the end. Empty lines are passed over.
    async fn batch<T: DeserializeOwned>(&mut self) -> Result<(Vec<u64>, Vec<T>), Failure> {
        let (mut numbers, mut items) = (Vec::new(), Vec::new());
        let mut line = Vec::new();
        while items.len() < BATCH {
            line.clear();
            let read = (&mut self.content).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
            if read == 0 {
                break;
            }
            self.number += 1;
            if line.trim_ascii().is_empty() {
                continue;
            }
            items.push(item(&line).map_err(|reason| format!("line {}: {reason}", self.number))?);
            numbers.push(self.number);
        }
        Ok((numbers, items))
    }
}

/// Reads an item. What is wrong is told without the value, which may be somebody's number.
fn item<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let item = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, reason) = (error.path().to_string(), error.inner().to_string());
        let of_fields = reason.starts_with("missing field") || reason.starts_with("unknown field");
        if error.inner().is_data() {
            format!("{path}: {}", if of_fields { reason.as_str() } else { "is not what it should be" })
        } else {
            "is no JSON object that ends on the line".to_owned()
        }
    })?;
    json.end().map_err(|_| "has more than one JSON object".to_owned())?;
    Ok(item)
}

#[cfg(test)]
mod tests {
    use contracts::setoff::BenefitRule;

    use super::*;

    fn lines(text: &str) -> Lines {
        Lines::new(Box::pin(std::io::Cursor::new(text.as_bytes().to_vec())))
    }

    #[tokio::test]
    async fn items_keep_the_numbers_of_their_lines_and_empty_lines_are_none() {
        let (numbers, items) = lines("1\n\n  \n2\r\n3").batch::<u8>().await.unwrap();
        assert_eq!((numbers, items), (vec![1, 4, 5], vec![1, 2, 3]));
    }

    #[tokio::test]
    async fn a_long_file_comes_in_lists_and_ends() {
        let mut lines = lines(&"7\n".repeat(BATCH + 1));
        let first = lines.batch::<u8>().await.unwrap();
        let rest = lines.batch::<u8>().await.unwrap();
        assert_eq!((first.1.len(), rest.0), (BATCH, vec![10_001]));
        assert!(lines.batch::<u8>().await.unwrap().0.is_empty());
    }

    #[tokio::test]
    async fn a_faulty_line_is_named_and_its_values_are_not() {
        let rule = r#"{"benefit":"NKSBFY","takes_part":false,"from":"2026-01-01","source":"x"}"#;
        item::<BenefitRule>(rule.as_bytes()).unwrap();
        for (from, to, named) in [
            ("\"from\":\"2026-01-01\",", "", "missing field `from`"),
            ("false", "\"0101901234\"", "takes_part: is not"),
            ("}", "", "no JSON object"),
            ("}", "}{}", "more than one"),
            ("2026-01-01", "0101901234", "from: is not"),
        ] {
            let text = format!("{rule}\n{}", rule.replacen(from, to, 1));
            let error = lines(&text).batch::<BenefitRule>().await.unwrap_err().to_string();
            assert!(error.starts_with("line 2: ") && error.contains(named), "{named}: {error}");
            assert!(!error.contains("0101901234"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_line_without_end_is_not_read_for_ever() {
        let mut endless = Lines::new(Box::pin((&b"{"[..]).chain(tokio::io::repeat(b' '))));
        assert!(endless.batch::<BenefitRule>().await.is_err());
    }
}
