//! The sole use of a thing by one process, told by a lock file: the kernel gives the lock back however the process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::Failure;

/// Held until dropped.
#[derive(Debug)]
pub struct SoleUse {
    _locked: File,
}

impl SoleUse {
    /// Takes the lock file, which is made when it is missing, and notes in it who has it.
    ///
    /// # Errors
    /// When another process has it: says who. When the file cannot be used.
    pub fn take(path: &Path) -> Result<Self, Failure> {
        let named = |error: std::io::Error| format!("{}: {error}", path.display());
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(named)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(named)?;
                let holder = holder.trim();
                let holder = if holder.is_empty() { "another process" } else { holder };
                return Err(format!("{holder} is at work here; wait for it, or end it ({})", path.display()).into());
            }
            Err(TryLockError::Error(error)) => return Err(named(error).into()),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(named)?;
        let command = std::env::args().nth(1).unwrap_or_default();
        writeln!(file, "nemkonto {command} (process {})", std::process::id()).map_err(named)?;
        Ok(Self { _locked: file })
    }
}

#[cfg(test)]
mod tests {
    use platform::testing::TemporaryFolder;

    use super::*;

    #[test]
    fn the_second_is_told_who_the_first_is_until_that_is_gone() {
        let folder = TemporaryFolder::new();
        let path = folder.path().join("thing.lock");
        let first = SoleUse::take(&path).unwrap();
        let refused = SoleUse::take(&path).unwrap_err().to_string();
        assert!(refused.contains(&format!("(process {})", std::process::id())), "{refused}");
        drop(first);
        SoleUse::take(&path).unwrap();
    }
}
