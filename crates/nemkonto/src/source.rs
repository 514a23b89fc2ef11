//! A file that a command reads, perhaps more than once, in memory that does not grow with it.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::spool;

/// A file that can be read more than once.
pub enum Source {
    /// Opened anew for each reading.
    File(PathBuf),
    /// What came on standard input or a pipe, which give everything once only.
    Spooled(File),
}

impl Source {
    /// The file of that name; `-` is standard input. What can be read once only is copied to a file without a name.
    ///
    /// # Errors
    /// Those of the input, and of the copy.
    pub fn of(file: &Path) -> io::Result<Source> {
        let is_plain = file != Path::new("-") && std::fs::metadata(file)?.is_file();
        if is_plain {
            return Ok(Source::File(file.to_owned()));
        }
        let mut spool = spool::nameless()?;
        io::copy(&mut once(file)?, &mut spool)?;
        Ok(Source::Spooled(spool))
    }

    /// Begins a reading.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match self {
            Source::File(path) => Box::new(File::open(path)?),
            Source::Spooled(file) => Box::new(Reading { file, at: 0 }),
        })
    }
}

/// The file of that name, to be read once; `-` is standard input.
///
/// # Errors
/// When the file cannot be opened.
pub fn once(file: &Path) -> io::Result<Box<dyn Read>> {
    Ok(if file == Path::new("-") { Box::new(io::stdin().lock()) } else { Box::new(File::open(file)?) })
}

/// A reading of a file that has a place of its own in it.
struct Reading<'f> {
    file: &'f File,
    at: u64,
}

impl Read for Reading<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}
