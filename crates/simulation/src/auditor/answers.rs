//! What the banks have answered: which payments they refused, gave back when asked, or booked back.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use super::files_by_folder;
use super::key::Key;
use crate::scan::{ScanError, StatusReports, Statuses, message_in, scan_pain002, scan_resolution, scan_returns};

/// All that all banks refused or sent back.
#[derive(Debug, Default)]
pub(super) struct Answers {
    messages: HashSet<Key>,
    payments: HashSet<Key>,
    /// By our reference alone, which is used once.
    sent_back: HashSet<Key>,
}

impl Answers {
    /// Whether a bank refused a payment, or the whole file it was in.
    pub(super) fn refuses(&self, message_id: &str, instruction: &str) -> bool {
        self.messages.contains(&Key::of(&[message_id])) || self.payments.contains(&Key::of(&[message_id, instruction]))
    }

    /// Whether a payment came back: its bank was asked to give it back and did, or has booked it back.
    pub(super) fn sends_back(&self, instruction: &str) -> bool {
        self.sent_back.contains(&Key::of(&[instruction]))
    }

    fn read_file(&mut self, file: &Path) -> Result<(), ScanError> {
        let open = || io::Result::Ok(BufReader::new(File::open(file)?));
        let message = message_in(open()?)?;
        if message.starts_with("camt.029.") {
            scan_resolution(open()?, |resolved| {
                if resolved.status == "ACCR" {
                    self.sent_back.insert(Key::of(&[&resolved.instruction]));
                }
            })
        } else if message.starts_with("camt.054.") {
            scan_returns(open()?, |instruction| {
                self.sent_back.insert(Key::of(&[instruction]));
            })
        } else {
            scan_pain002(open()?, self)
        }
    }
}

/// Reads every answer.
pub(super) fn read(folder: &Path) -> io::Result<Answers> {
    let mut answers = Answers::default();
    for (bank, files) in files_by_folder(folder)? {
        for file in files {
            answers.read_file(&file).map_err(|error| match error {
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
