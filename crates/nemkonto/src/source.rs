//! A file that a command reads, perhaps more than once.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A file, or what came on standard input.
pub enum Source {
    /// Opened anew for each reading.
    File(PathBuf),
    /// Standard input can be read once only, so it is held.
    Held(Vec<u8>),
}

impl Source {
    /// The file of that name; `-` is standard input, which is read to its end at once.
    ///
    /// # Errors
    /// Those of standard input.
    pub fn of(file: &Path) -> io::Result<Source> {
        if file != Path::new("-") {
            return Ok(Source::File(file.to_owned()));
        }
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(Source::Held(bytes))
    }

    /// Begins a reading.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match self {
            Source::File(path) => Box::new(File::open(path)?),
            Source::Held(bytes) => Box::new(bytes.as_slice()),
        })
    }
}
