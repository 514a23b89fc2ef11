//! Folders that go away with the test.

use std::path::{Path, PathBuf};
use std::{env, fs};

use super::random_name;

/// An empty folder of one's own under the system's temporary folder, removed with this value.
#[derive(Debug)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Makes the folder.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn new() -> Self {
        let path = env::temp_dir().join(format!("nemkonto-test-{}", random_name()));
        fs::create_dir_all(&path).expect("the temporary folder takes a new folder");
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Default for TemporaryFolder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own cleaning.
        let _ = fs::remove_dir_all(&self.0);
    }
}
