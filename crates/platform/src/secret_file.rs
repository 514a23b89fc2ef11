//! Files that hold secrets: nobody but their owner may have rights to them.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a secret is not taken from its file. The text never holds what is in the file.
#[derive(Debug, Error)]
pub enum SecretFileError {
    /// The file is missing or may not be read.
    #[error("the secret file {path} cannot be read")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file's mode lets others in.
    #[error("others than its owner have rights to the secret file {0}; it must have mode 0600")]
    OpenToOthers(PathBuf),
    /// What is in it is not what it should hold.
    #[error("the secret file {path} does not hold {expected}")]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
}

/// The bytes of the secret file.
///
/// # Errors
/// When it cannot be read, or others than its owner have rights to it.
pub fn read(path: &Path) -> Result<Vec<u8>, SecretFileError> {
    let unreadable = |source| SecretFileError::Unreadable { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
        return Err(SecretFileError::OpenToOthers(path.to_owned()));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::testing::TemporaryFolder;

    #[test]
    fn only_the_owners_file_is_read() {
        let folder = TemporaryFolder::new();
        let path = folder.path().join("secret");
        assert!(matches!(read(&path), Err(SecretFileError::Unreadable { .. })));
        fs::write(&path, "secret").unwrap();
        for (mode, expect) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o644, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read(&path).is_ok(), expect, "{mode:o}");
        }
    }
}
