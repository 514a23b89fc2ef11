//! Takes an extract over from a file.

use std::path::Path;

use contracts::register::{ExtractInput, ExtractOutcome, ExtractRecord, MAX_RECORDS, RegisterStep};
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::Timestamp;
use primitives::IdSource;

use super::FileFault;
use super::progress::{Beside, Progress};
use super::read::{BadLine, Lines, Whole, check_whole, record};

/// The most lines that are kept in mind to be tried again after the others.
const MOST_CONFLICTS: usize = 100_000;
/// How often it is asked whether the tree of a register that was just filled is up to date. Each question brings it a good step closer.
const QUESTIONS: usize = 1_000;

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportReport {
    /// The moment the extract is known at.
    pub as_known: Timestamp,
    /// Records that changed something.
    pub changed: u64,
    /// Records that said what was known already.
    pub unchanged: u64,
    /// Lines set aside: `FILE.refused` says why, `FILE.aside` holds them.
    pub refused: u64,
    /// Whether it went on where an earlier run had been broken off.
    pub resumed: bool,
    /// Whether the register now holds what the extract does, and nothing else.
    pub equal: bool,
}

/// A record with its line.
type Numbered = (u64, Vec<u8>, ExtractRecord);

/// Takes the file over, [`MAX_RECORDS`] records at a time: memory does not grow with it. Broken off at any moment and begun again, it goes on; what was done
/// already is not done twice.
///
/// # Errors
/// See [`FileFault`]. A file that is not whole is refused before anything of it is taken over.
pub async fn import(
    context: &Context, register: &dyn RegisterStep, file: &Path, ids: &dyn IdSource,
) -> Result<ImportReport, FileFault> {
    let whole = check_whole(file).await?;
    let (beside, progress) = Beside::open(file, &whole.trailer.sha256, ids.uuid_v4())?;
    let resumed = progress.line > 1 || progress.pass > 0;
    let mut importing = Importing { context, register, whole, beside, progress };
    loop {
        importing.pass(file).await?;
        if !importing.begin_next_pass()? {
            break;
        }
    }
    let equal = importing.note_taken().await?;
    let Importing { whole, beside, progress, .. } = importing;
    beside.finish(file, &progress)?;
    let Progress { changed, unchanged, refused, .. } = progress;
    Ok(ImportReport { as_known: whole.header.as_known, changed, unchanged, refused, resumed, equal })
}

struct Importing<'i> {
    context: &'i Context,
    register: &'i dyn RegisterStep,
    whole: Whole,
    beside: Beside,
    progress: Progress,
}

/// A portion of lines: those that are records, and those that are none.
#[derive(Default)]
struct Portion {
    records: Vec<Numbered>,
    bad: Vec<(u64, Vec<u8>, BadLine)>,
    /// Its last line; none at the end of the file.
    last: Option<u64>,
}

impl Importing<'_> {
    /// All lines, or those to be tried again. While one portion is being taken over, the next one is read.
    async fn pass(&mut self, file: &Path) -> Result<(), FileFault> {
        let mut lines = Lines::open(file).await?;
        let mut portion = self.read(&mut lines).await?;
        while let Some(last) = portion.last {
            let (next, outcomes) = tokio::try_join!(self.read(&mut lines), self.put(&portion, last))?;
            self.note(portion, outcomes)?;
            self.progress.line = last;
            self.beside.save(&self.progress)?;
            portion = next;
        }
        Ok(())
    }

    async fn read(&self, lines: &mut Lines) -> Result<Portion, FileFault> {
        let mut portion = Portion::default();
        let mut line = Vec::new();
        let end = self.whole.records + 1;
        while portion.records.len() + portion.bad.len() < MAX_RECORDS && lines.number < end && lines.next(&mut line).await? {
            let number = lines.number;
            let is_done = number <= self.progress.line;
            let is_asked = self.progress.pass == 0 || self.progress.trying.binary_search(&number).is_ok();
            if number == 1 || is_done || !is_asked {
                continue;
            }
            portion.last = Some(number);
            match record(&line) {
                Ok(record) => portion.records.push((number, line.clone(), record)),
                Err(bad) => portion.bad.push((number, line.clone(), bad)),
            }
        }
        Ok(portion)
    }

    async fn put(&self, portion: &Portion, last: u64) -> Result<Vec<ItemResult<ExtractOutcome>>, FileFault> {
        if portion.records.is_empty() {
            return Ok(Vec::new());
        }
        let key = IdempotencyKey::new(format!("extract/{}/{}/{last}", self.progress.run, self.progress.pass))?;
        let records = portion.records.iter().map(|(.., record)| record.clone()).collect();
        Ok(self.register.put_extract(self.context, &key, ExtractInput { records, as_known: None }).await?)
    }

    fn note(&mut self, portion: Portion, outcomes: Vec<ItemResult<ExtractOutcome>>) -> Result<(), FileFault> {
        for (number, line, bad) in &portion.bad {
            self.beside.set_aside(&mut self.progress, (*number, line), bad)?;
        }
        for ((number, line, _), outcome) in portion.records.iter().zip(outcomes) {
            match outcome {
                Ok(ExtractOutcome::Changed) => self.progress.changed += 1,
                Ok(ExtractOutcome::Unchanged) => self.progress.unchanged += 1,
                Err(problem) if problem.code == ProblemCode::Conflict && !self.progress.is_last => {
                    self.progress.again.push(*number)
                }
                Err(problem) => self.beside.set_aside(&mut self.progress, (*number, line), &why(&problem))?,
            }
        }
        if self.progress.again.len() > MOST_CONFLICTS { Err(FileFault::Conflicts) } else { Ok(()) }
    }

    /// Whether there is another pass: what conflicted may not do so any more, now that the other lines are done.
    fn begin_next_pass(&mut self) -> Result<bool, FileFault> {
        let progress = &mut self.progress;
        if progress.again.is_empty() {
            return Ok(false);
        }
        // A pass in which every line conflicts again is followed by one that sets them aside.
        let is_stuck = progress.pass > 0 && progress.again == progress.trying;
        progress.pass += 1;
        progress.line = 1;
        progress.trying = std::mem::take(&mut progress.again);
        progress.is_last |= is_stuck;
        self.beside.save(&self.progress)?;
        Ok(true)
    }

    /// Notes that the register is known at the extract's moment, if it holds what the extract does and nothing else.
    async fn note_taken(&self) -> Result<bool, FileFault> {
        if self.whole.header.since.is_some() || self.progress.refused > 0 {
            return Ok(false);
        }
        if self.holders().await? != self.whole.trailer.holders {
            return Ok(false);
        }
        let key = IdempotencyKey::new(format!("extract/{}/taken", self.progress.run))?;
        let input = ExtractInput { records: Vec::new(), as_known: Some(self.whole.header.as_known) };
        self.register.put_extract(self.context, &key, input).await?;
        Ok(true)
    }

    async fn holders(&self) -> Result<u64, Problem> {
        for _ in 0..QUESTIONS {
            match self.register.step_state(self.context).await {
                Ok(state) => return Ok(state.holders),
                Err(problem) if problem.code == ProblemCode::Unavailable => {}
                Err(problem) => return Err(problem),
            }
        }
        Err(Problem::unavailable())
    }
}

fn why(problem: &Problem) -> BadLine {
    BadLine { field: problem.field.clone().unwrap_or_else(|| ".".to_owned()), expected: problem.detail.en.clone() }
}
