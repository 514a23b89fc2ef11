//! How far a file has been taken over, beside the file: `FILE.progress`. What was refused: `FILE.refused` says why, `FILE.aside` holds the lines.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::read::BadLine;

/// How far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The digest in the file's end: another file begins anew.
    pub sha256: String,
    /// Names this run in the keys of its calls: what was called before a crash is not done again.
    pub run: Uuid,
    /// The last line that is done, in this pass.
    pub line: u64,
    /// Passes over conflicting lines, after the first over all.
    pub pass: u32,
    /// Lines that are to be tried again, after the others.
    pub again: Vec<u64>,
    /// Those of the pass before, which this pass tries.
    pub trying: Vec<u64>,
    /// What conflicts in this pass is set aside.
    pub is_last: bool,
    pub changed: u64,
    pub unchanged: u64,
    pub refused: u64,
    /// Lengths of the two files of what was refused.
    pub lengths: [u64; 2],
}

/// The files beside the file.
pub(super) struct Beside {
    progress: PathBuf,
    refused: File,
    aside: File,
}

#[derive(Serialize)]
struct Refused<'r> {
    line: u64,
    field: &'r str,
    expected: &'r str,
}

impl Beside {
    /// Opens them, as they were when the progress was saved last; or begins anew with this run's name.
    pub(super) fn open(file: &Path, sha256: &str, run: Uuid) -> io::Result<(Self, Progress)> {
        let progress_file = beside(file, "progress");
        let saved: Option<Progress> = std::fs::read(&progress_file).ok().and_then(|json| serde_json::from_slice(&json).ok());
        let fresh = || Progress { sha256: sha256.to_owned(), run, line: 1, ..Progress::default() };
        let progress = saved.filter(|saved| saved.sha256 == sha256).unwrap_or_else(fresh);
        let opened = |name, length| {
            let file = OpenOptions::new().append(true).create(true).mode(0o600).open(beside(file, name))?;
            file.set_len(length)?;
            Ok::<_, io::Error>(file)
        };
        let (refused, aside) = (opened("refused", progress.lengths[0])?, opened("aside", progress.lengths[1])?);
        Ok((Self { progress: progress_file, refused, aside }, progress))
    }

    /// Sets a line aside.
    pub(super) fn set_aside(&mut self, progress: &mut Progress, (number, line): (u64, &[u8]), why: &BadLine) -> io::Result<()> {
        let mut refused = serde_json::to_vec(&Refused { line: number, field: &why.field, expected: &why.expected })?;
        refused.push(b'\n');
        self.refused.write_all(&refused)?;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        self.aside.write_all(&[line, b"\n"].concat())?;
        progress.refused += 1;
        progress.lengths[0] += u64::try_from(refused.len()).unwrap_or(0);
        progress.lengths[1] += u64::try_from(line.len() + 1).unwrap_or(0);
        Ok(())
    }

    /// Saves how far it is: whole, or not at all.
    pub(super) fn save(&mut self, progress: &Progress) -> io::Result<()> {
        self.refused.sync_data()?;
        self.aside.sync_data()?;
        let next = self.progress.with_extension("progress.next");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&next)?;
        file.write_all(&serde_json::to_vec(progress)?)?;
        file.sync_all()?;
        std::fs::rename(&next, &self.progress)
    }

    /// It is done: nothing is to be gone on with. Empty files of what was refused go too.
    pub(super) fn finish(self, file: &Path, progress: &Progress) -> io::Result<()> {
        if progress.refused == 0 {
            std::fs::remove_file(beside(file, "refused"))?;
            std::fs::remove_file(beside(file, "aside"))?;
        }
        std::fs::remove_file(&self.progress)
    }
}

fn beside(file: &Path, name: &str) -> PathBuf {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".");
    beside.push(name);
    beside.into()
}
