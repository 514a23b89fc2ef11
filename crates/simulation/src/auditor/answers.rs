//! What the banks have answered: which payments they refused.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use super::files_by_folder;
use super::key::Key;
use crate::scan::{ScanError, StatusReports, Statuses, scan_pain002};

/// All refusals of all banks.
#[derive(Debug, Default)]
pub(super) struct Answers {
    messages: HashSet<Key>,
    payments: HashSet<Key>,
}

impl Answers {
    /// Whether a bank refused a payment, or the whole file it was in.
    pub(super) fn refuses(&self, message_id: &str, instruction: &str) -> bool {
        self.messages.contains(&Key::of(&[message_id])) || self.payments.contains(&Key::of(&[message_id, instruction]))
    }
}

/// Reads every answer.
pub(super) fn read(folder: &Path) -> io::Result<Answers> {
    let mut answers = Answers::default();
    for (bank, files) in files_by_folder(folder)? {
        for file in files {
            scan_pain002(BufReader::new(File::open(&file)?), &mut answers).map_err(|error| match error {
                ScanError::Io(error) => error,
                ScanError::NotXml => {
                    let text = format!("the answer {bank}/{} is not readable", super::name_of(&file));
                    io::Error::new(io::ErrorKind::InvalidData, text)
                }
            })?;
        }
    }
    Ok(answers)
}

impl StatusReports for Answers {
    fn group(&mut self, status: &Statuses) -> io::Result<()> {
        if status.refuses() {
            self.messages.insert(Key::of(&[&status.message_id]));
        }
        Ok(())
    }

    fn block(&mut self, _: &Statuses) -> io::Result<()> {
        Ok(())
    }

    fn payment(&mut self, status: &Statuses) -> io::Result<()> {
        if status.refuses() {
            self.payments.insert(Key::of(&[&status.message_id, &status.instruction]));
        }
        Ok(())
    }
}
