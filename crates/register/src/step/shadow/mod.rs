//! Shadow mode: two registers are asked the same lookups, and their answers compared. Neither is changed; both log the lookups.
//!
//! What the digest tree compares is what registers *hold*; this compares what they *answer*, and so their rules too: which account applies to a payer, a
//! benefit and a day.

mod ask;
mod compare;
mod questions;
mod tell;

use contracts::register::{Register, RegisterStep};
use contracts::{Context, Problem};
use thiserror::Error;

pub use compare::{AnswerKind, Compared};
pub use questions::{Questions, Sample};
pub use tell::ShadowReport;

use self::ask::answers;
use self::questions::Source;
use self::tell::Telling;
use super::file::FileFault;
use super::key::StepKey;

/// Why answers could not be compared.
#[derive(Debug, Error)]
pub enum ShadowError {
    /// The questions cannot be read, or the differences not written.
    #[error(transparent)]
    File(#[from] FileFault),
    /// A register refused, or could not answer.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// One has answered something else than the contract says.
    #[error("a register has answered another number of questions than it was asked")]
    Malformed,
}

impl From<std::io::Error> for ShadowError {
    fn from(error: std::io::Error) -> Self {
        Self::File(error.into())
    }
}

/// Two registers side by side.
#[derive(Clone, Copy)]
pub struct Shadow<'s> {
    /// Who asks, and why.
    pub context: &'s Context,
    /// This register, and the other one.
    pub registers: [&'s dyn Register; 2],
    /// This register's extracts, of which a sample is drawn.
    pub extracts: &'s dyn RegisterStep,
    /// Makes references of numbers.
    pub key: &'s StepKey,
}

impl std::fmt::Debug for Shadow<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shadow").field("context", &self.context).finish_non_exhaustive()
    }
}

impl Shadow<'_> {
    /// Asks both registers the questions, and writes a line for each answer in which they differ, with a reference instead of the number. Memory does
    /// not grow with the questions: they are asked in portions, of which each payer and day is a call.
    ///
    /// # Errors
    /// See [`ShadowError`]. A line that is no question is none of them: it is set aside.
    pub async fn run(
        &self, questions: Questions<'_>, differences: &mut (dyn std::io::Write + Send),
    ) -> Result<ShadowReport, ShadowError> {
        let mut source = Source::open(questions, self).await?;
        let mut telling = Telling { key: self.key, differences, report: ShadowReport::default() };
        while let Some(portion) = source.next(self).await? {
            telling.report.set_aside += portion.set_aside;
            for (group, questions) in portion.groups {
                let (here, there) = tokio::try_join!(
                    answers(self.context, self.registers[0], &group, &questions),
                    answers(self.context, self.registers[1], &group, &questions),
                )?;
                for ((question, here), there) in questions.iter().zip(here).zip(there) {
                    telling.tell(&group, question, &Compared { here, there })?;
                }
            }
        }
        telling.differences.flush()?;
        Ok(telling.report)
    }
}
