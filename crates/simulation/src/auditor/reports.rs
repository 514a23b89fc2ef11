//! What mediation has told the payers: which deliveries, blocks and payments will not be paid, and what became of their recalls.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use super::files_by_folder;
use super::key::Key;
use crate::scan::{ScanError, StatusReports, Statuses, message_in, scan_pain002, scan_resolution};

/// Reasons that say the payee has no account to pay to: return answer 7, not a fault of the row.
const NO_ACCOUNT: [&str; 2] = ["AC03", "AC04"];
/// The reason of a payment stopped on request, where the version has no status for it.
const STOPPED: &str = "CUST";
/// The reasons of a payment one of whose references was used before: UETR, EndToEndId, InstrId.
const SAME_REFERENCE: [&str; 3] = ["DU03", "DU04", "DU05"];
/// The reason of a message id used again with other content.
const SAME_ID: &str = "DU01";

/// Why a payment was refused, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NoAccount,
    Stopped,
    /// The reference was used before: a later row with it is meant, never the first.
    Repeated,
    Other,
}

/// How often a message id was refused.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MessageRefusals {
    /// Because the id was used before with other content: the later file is meant.
    pub(super) same_id: bool,
    /// For any other reason: the first file is meant.
    pub(super) other: bool,
}

/// All refusals.
#[derive(Debug, Default)]
pub(super) struct Reports {
    messages: HashMap<Key, MessageRefusals>,
    blocks: HashSet<Key>,
    payments: HashMap<Key, Refusal>,
    agreements: HashSet<String>,
    /// Recalled payments by agreement and reference, and whether the last word on each is that it is not paid.
    recalls: HashMap<Key, bool>,
    pub(super) differences: Vec<String>,
}

impl Reports {
    pub(super) fn message(&self, agreement: &str, message_id: &str) -> MessageRefusals {
        self.messages.get(&Key::of(&[agreement, message_id])).copied().unwrap_or_default()
    }

    pub(super) fn refuses_block(&self, agreement: &str, message_id: &str, block_id: &str) -> bool {
        self.blocks.contains(&Key::of(&[agreement, message_id, block_id]))
    }

    pub(super) fn payment(&self, agreement: &str, message_id: &str, reference: &str) -> Option<Refusal> {
        self.payments.get(&Key::of(&[agreement, message_id, reference])).copied()
    }

    /// What was answered on a recalled payment: whether it is not paid. None where it was not answered.
    pub(super) fn recall(&self, payment: Key) -> Option<bool> {
        self.recalls.get(&payment).copied()
    }

    fn read_file(&mut self, file: &Path, agreement: &str) -> Result<(), ScanError> {
        let open = || io::Result::Ok(BufReader::new(File::open(file)?));
        if message_in(open()?)?.starts_with("camt.029.") {
            // A later word on a payment never takes an earlier "not paid" back.
            return scan_resolution(open()?, |resolved| {
                let is_stopped = resolved.status == "ACCR";
                *self.recalls.entry(Key::of(&[agreement, &resolved.reference])).or_default() |= is_stopped;
            });
        }
        scan_pain002(open()?, &mut Reader { agreement, reports: self })
    }

    /// Whether any whole delivery of the agreement was refused.
    pub(super) fn refuses_some_delivery(&self, agreement: &str) -> bool {
        self.agreements.contains(agreement)
    }
}

/// Reads every report.
pub(super) fn read(folder: &Path) -> io::Result<Reports> {
    let mut reports = Reports::default();
    for (agreement, files) in files_by_folder(folder)? {
        for file in files {
            match reports.read_file(&file, &agreement) {
                Ok(()) => {}
                Err(ScanError::Io(error)) => return Err(error),
                Err(ScanError::NotXml) => {
                    reports.differences.push(format!("report {agreement}/{} is not readable", super::name_of(&file)));
                }
            }
        }
    }
    Ok(reports)
}

struct Reader<'r> {
    agreement: &'r str,
    reports: &'r mut Reports,
}

impl StatusReports for Reader<'_> {
    fn group(&mut self, status: &Statuses) -> io::Result<()> {
        if status.refuses() {
            let same_id = status.reasons.iter().any(|reason| reason == SAME_ID);
            let refusals = self.reports.messages.entry(Key::of(&[self.agreement, &status.message_id])).or_default();
            refusals.same_id |= same_id;
            refusals.other |= !same_id;
            self.reports.agreements.insert(self.agreement.to_owned());
        }
        Ok(())
    }

    fn block(&mut self, status: &Statuses) -> io::Result<()> {
        if status.refuses() {
            self.reports.blocks.insert(Key::of(&[self.agreement, &status.message_id, &status.block_id]));
        }
        Ok(())
    }

    fn payment(&mut self, status: &Statuses) -> io::Result<()> {
        if status.refuses() {
            let says = |codes: &[&str]| status.reasons.iter().any(|reason| codes.contains(&reason.as_str()));
            let refusal = if status.status == "CANC" || says(&[STOPPED]) {
                Refusal::Stopped
            } else if says(&NO_ACCOUNT) {
                Refusal::NoAccount
            } else if says(&SAME_REFERENCE) {
                Refusal::Repeated
            } else {
                Refusal::Other
            };
            let key = Key::of(&[self.agreement, &status.message_id, &status.reference]);
            self.reports.payments.insert(key, refusal);
        }
        Ok(())
    }
}
