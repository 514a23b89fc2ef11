//! What is asked: lines of a file, or a sample of the numbers this register knows.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use contracts::register::{ExtractQuery, ExtractRecord, PayeeQuery};
use jiff::civil::Date;
use primitives::{AgreementNumber, BenefitCode, Identifier};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{Shadow, ShadowError};
use crate::step::file::read::{BadLine, Lines, of_line};

/// How many questions are asked at a time.
const PORTION: usize = 10_000;

/// Where questions come from.
#[derive(Clone, Copy, Debug)]
pub enum Questions<'q> {
    /// A file: a question a line. A line that is none is set aside: `FILE.refused` says why, `FILE.aside` holds it.
    File(&'q Path),
    /// Holders this register knows.
    Sample(Sample),
}

/// A sample of holders, by their current numbers.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// How many; all, when there are fewer.
    pub count: u64,
    /// Draws others: the same seed draws the same holders of the same register.
    pub seed: u64,
    /// The payer that asks about them.
    pub payer: AgreementNumber,
    /// The day the money is to be at disposal.
    pub on: Date,
    /// The benefit.
    pub benefit: Option<BenefitCode>,
}

/// A line of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    identifier: Identifier,
    #[serde(default)]
    fallback: Option<Identifier>,
    payer: AgreementNumber,
    on: Date,
    #[serde(default)]
    benefit: Option<BenefitCode>,
}

/// A question, with the place it has: the line, or its number in the sample, from 1.
#[derive(Debug)]
pub(super) struct Question {
    pub place: u64,
    pub payee: PayeeQuery,
}

/// What is asked by one call: a payer and a day.
pub(super) type Group = (AgreementNumber, Date);

/// Questions that are asked together.
#[derive(Default)]
pub(super) struct Portion {
    pub groups: BTreeMap<Group, Vec<Question>>,
    pub set_aside: u64,
}

/// Questions while they are read.
pub(super) enum Source {
    File { lines: Lines, aside: Aside },
    Sample { sample: Sample, asked: u64, query: ExtractQuery, has_begun_anew: bool },
}

impl Source {
    pub async fn open(questions: Questions<'_>, shadow: &Shadow<'_>) -> Result<Self, ShadowError> {
        match questions {
            Questions::File(path) => {
                Ok(Self::File { lines: Lines::open(path).await?, aside: Aside { path: path.to_owned(), files: None } })
            }
            Questions::Sample(sample) => {
                let state = shadow.extracts.step_state(shadow.context).await?;
                let sample = Sample { count: sample.count.min(state.holders), ..sample };
                // Holders stand in the order of a keyed digest of their numbers, so those that follow each other are drawn by chance: the seed says
                // after which place.
                let after = Some(format!("{:x}/{}", scattered(sample.seed), Uuid::nil()));
                let query = ExtractQuery { as_known: Some(state.as_known), since: None, after, limit: 0 };
                Ok(Self::Sample { sample, asked: 0, query, has_begun_anew: false })
            }
        }
    }

    /// The next portion; none at the end.
    pub async fn next(&mut self, shadow: &Shadow<'_>) -> Result<Option<Portion>, ShadowError> {
        match self {
            Self::File { lines, aside } => of_file(lines, aside).await,
            Self::Sample { sample, asked, query, has_begun_anew } => {
                let wanted = sample.count.saturating_sub(*asked);
                if wanted == 0 {
                    return Ok(None);
                }
                query.limit = u32::try_from(wanted.min(PORTION as u64)).unwrap_or(1);
                let page = shadow.extracts.extract(shadow.context, query.clone()).await?;
                match page.next {
                    // The last place is followed by the first.
                    None if std::mem::replace(has_begun_anew, true) => {
                        *asked = sample.count - u64_of(page.records.len()).min(wanted)
                    }
                    after => query.after = after,
                }
                let mut portion = Portion::default();
                for holder in page.records.into_iter().filter_map(holder) {
                    *asked += 1;
                    let payee = PayeeQuery { identifier: holder, fallback: None, benefit: sample.benefit };
                    portion.groups.entry((sample.payer, sample.on)).or_default().push(Question { place: *asked, payee });
                }
                Ok(Some(portion))
            }
        }
    }
}

fn u64_of(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// The holder's current number.
fn holder(record: ExtractRecord) -> Option<Identifier> {
    match record {
        ExtractRecord::Holder(holder) => holder.identifiers.into_iter().next(),
        ExtractRecord::Removed(_) => None,
    }
}

/// Spreads seeds over all places: the finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
fn scattered(seed: u64) -> u64 {
    let seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let seed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let seed = (seed ^ (seed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    seed ^ (seed >> 31)
}

async fn of_file(lines: &mut Lines, aside: &mut Aside) -> Result<Option<Portion>, ShadowError> {
    let mut portion = Portion::default();
    let (mut line, mut read) = (Vec::new(), 0);
    while read < PORTION && lines.next(&mut line).await? {
        read += 1;
        match of_line::<Line>(&line) {
            Ok(Line { identifier, fallback, payer, on, benefit }) => {
                let payee = PayeeQuery { identifier, fallback, benefit };
                portion.groups.entry((payer, on)).or_default().push(Question { place: lines.number, payee });
            }
            Err(bad) => {
                portion.set_aside += 1;
                aside.set(lines.number, &line, &bad)?;
            }
        }
    }
    aside.flush()?;
    Ok((read > 0).then_some(portion))
}

/// Where lines go that are no questions: made when there is one, for nobody else to read.
pub(super) struct Aside {
    path: PathBuf,
    files: Option<[std::io::BufWriter<std::fs::File>; 2]>,
}

impl Aside {
    fn set(&mut self, number: u64, line: &[u8], BadLine { field, expected }: &BadLine) -> std::io::Result<()> {
        if self.files.is_none() {
            self.files = Some([self.beside("refused")?, self.beside("aside")?]);
        }
        let Some([refused, aside]) = &mut self.files else { return Ok(()) };
        writeln!(refused, "{}", json!({ "line": number, "field": field, "expected": expected }))?;
        aside.write_all(line)?;
        if line.last() == Some(&b'\n') { Ok(()) } else { aside.write_all(b"\n") }
    }

    fn beside(&self, extension: &str) -> std::io::Result<std::io::BufWriter<std::fs::File>> {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{extension}"));
        let file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(name)?;
        Ok(std::io::BufWriter::new(file))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.files.iter_mut().flatten().try_for_each(Write::flush)
    }
}
