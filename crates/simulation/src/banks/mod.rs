//! The payers' banks: each file they get is checked as banks do, and answered: an order with a pain.002, a recall with a camt.029. Of what
//! they have executed some comes back: a camt.054.

mod answer;
mod recall;
mod refusal;
mod returns;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

pub use self::returns::Returns;
use crate::denmark::World;
use crate::scan::{AccountKey, ScanError, is_recall, scan_pain001};

/// The simulated banks. What they refuse depends on the payment's account and amount alone, so a repeated run is answered the same.
#[derive(Debug)]
pub struct Banks {
    seed: u64,
    refused_per_10_000: u32,
    returned_per_10_000: u32,
    detail: AnswerDetail,
    /// Accounts that always exist: the state's and the authorities' own.
    sound: HashSet<AccountKey>,
    /// BICs of those that answer in the newest version.
    newest: HashSet<&'static str>,
}

/// How much an answer lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerDetail {
    /// A status for every payment.
    Every,
    /// A status for the group, and for those payments that are refused.
    Exceptions,
}

/// What a bank did with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Payments in the file.
    pub payments: u64,
    /// Payments refused; all of them when the file is refused whole.
    pub refused: u64,
    /// Whether the file is refused whole.
    pub refused_whole: bool,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file is not well-formed XML; a bank's gateway refuses it without a pain.002.
    #[error("the bank cannot read the file: it is not well-formed XML")]
    NotXml,
}

impl From<ScanError> for BankError {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Io(error) => Self::Io(error),
            ScanError::NotXml => Self::NotXml,
        }
    }
}

/// Payments refused by a bank, per 10,000, unless said otherwise.
const REFUSED_PER_10_000: u32 = 5;
/// Executed payments that come back, per 10,000, unless said otherwise.
const RETURNED_PER_10_000: u32 = 20;

impl Banks {
    /// The banks of a seeded Denmark.
    #[must_use]
    pub fn new(world: &World) -> Self {
        let errors = (0..world.authorities()).filter_map(|authority| world.error_account(authority));
        let sound = [world.recovery_account(), world.holding_account()].into_iter().chain(errors);
        Self {
            seed: world.seed(),
            refused_per_10_000: REFUSED_PER_10_000,
            returned_per_10_000: RETURNED_PER_10_000,
            detail: AnswerDetail::Every,
            sound: sound.map(|account| AccountKey::of_account(&account)).collect(),
            newest: World::banks_with_newest_answers().collect(),
        }
    }

    /// Sets how many payments are refused, per 10,000.
    #[must_use]
    pub fn refusing(mut self, per_10_000: u32) -> Self {
        self.refused_per_10_000 = per_10_000;
        self
    }

    /// Sets how many executed payments come back, per 10,000.
    #[must_use]
    pub fn returning(mut self, per_10_000: u32) -> Self {
        self.returned_per_10_000 = per_10_000;
        self
    }

    /// Sets how much an answer lists.
    #[must_use]
    pub fn listing(mut self, detail: AnswerDetail) -> Self {
        self.detail = detail;
        self
    }

    /// Reads a bank's file twice, first to check it, then to answer it: pain.002.001.03 for a pain.001.001.03, else pain.002.001.10, or .14
    /// from a bank that has it; a camt.055 with a camt.029 of its generation. Memory does not grow with the file.
    ///
    /// # Errors
    /// [`BankError`] when reading or writing fails or the file is not well-formed.
    pub fn answer(&self, file: &Path, out: impl Write) -> Result<Answer, BankError> {
        self.answer_and_return(file, out).map(|(answer, _)| answer)
    }

    /// As [`Banks::answer`], and tells what comes back of what was executed: some payments in thousands, which are kept in memory.
    ///
    /// # Errors
    /// As [`Banks::answer`].
    pub fn answer_and_return(&self, file: &Path, out: impl Write) -> Result<(Answer, Returns), BankError> {
        let open = || io::Result::Ok(BufReader::new(File::open(file)?));
        if is_recall(open()?)? {
            return Ok((recall::answer(self, open, out)?, Returns::default()));
        }
        let mut check = refusal::Check::new(self);
        scan_pain001(open()?, &mut check)?;
        let findings = check.findings();
        let mut writer = answer::Writer::new(self, findings, out)?;
        scan_pain001(open()?, &mut writer)?;
        Ok(writer.finish()?)
    }
}
