//! The auditor: recounts every øre from the files that came in and the files that went out, and from nothing else.

mod answers;
mod controls;
mod judge;
mod key;
mod numbers;
mod orders;
mod payments;
mod recount;
mod reports;
mod result;

#[cfg(test)]
mod honest;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::denmark::World;

pub use result::{Recount, Tally};

/// What is audited.
#[derive(Clone, Copy, Debug)]
pub struct AuditInput<'a> {
    /// The payers' files: `<agreement number>/<name>.xml`, delivered in the order of their names.
    pub input: &'a Path,
    /// What mediation wrote: `bank/<bank code>/<file id>.xml` and `reports/<agreement number>/<file id>.xml`.
    pub output: &'a Path,
    /// The banks' answers: `<bank code>/<name>.xml`. Without them a payment that is both sent and reported as rejected counts as
    /// rejected by the bank; with them the bank must have said so.
    pub answers: Option<&'a Path>,
    /// The day of the run: payments dated later may be waiting.
    pub today: Date,
    /// The Denmark the files are about; it knows the payers and the right account of every payee. Without it only sums and references are
    /// checked, and every refusal of a whole delivery or block is believed.
    pub world: Option<&'a World>,
}

/// Recounts.
///
/// What mediation says is not believed: whether a delivery, a block or a row has a fault is judged here again, by an own reading and by what
/// the Denmark knows, and a refusal without one is a difference.
///
/// Memory: 64 bytes per order and 56 per payment sent, with room to grow at most twice that; the files are read as streams, and what is
/// kept of a payment are hashes and its amount.
///
/// # Errors
/// Only when a folder or file cannot be read. What is wrong with the money is in [`Recount::differences`].
pub fn audit(input: &AuditInput<'_>) -> io::Result<Recount> {
    audit_by(input, true)
}

/// As [`audit`], for files that nobody planned: they may have faults that are unknown here (a message that is not valid by its schema, for
/// one), and so every refusal is believed. What is paid is judged all the same.
///
/// # Errors
/// As [`audit`].
pub fn audit_from_outside(input: &AuditInput<'_>) -> io::Result<Recount> {
    audit_by(input, false)
}

fn audit_by(input: &AuditInput<'_>, refusals_judged: bool) -> io::Result<Recount> {
    let answers = match input.answers {
        Some(folder) => Some(answers::read(folder)?),
        None => None,
    };
    let reports = reports::read(&input.output.join("reports"))?;
    let orders = orders::read(input, &reports, refusals_judged)?;
    let payments = payments::read(&input.output.join("bank"), input.world, answers.as_ref())?;
    let known = recount::Known { bank_answers: answers.is_some(), refusals_judged };
    Ok(recount::recount(orders, payments, &reports, known))
}

// What `audit` says of its memory.
const _: () = assert!(size_of::<orders::Order>() <= 64 && size_of::<payments::Payment>() <= 56);

/// The XML files of each folder in a folder, by the folder's name, all in the order of their names. A missing folder is empty.
fn files_by_folder(root: &Path) -> io::Result<Vec<(String, Vec<PathBuf>)>> {
    let mut folders = Vec::new();
    for folder in entries(root)? {
        if folder.is_dir() {
            let files = entries(&folder)?.into_iter().filter(|file| file.extension().is_some_and(|end| end == "xml"));
            folders.push((name_of(&folder), files.collect()));
        }
    }
    Ok(folders)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
