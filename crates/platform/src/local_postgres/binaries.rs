//! Finding the server's programs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::LocalPostgresError;

/// The oldest major version the schemas are written for.
const OLDEST_VERSION: u32 = 15;

/// A folder that holds `postgres` and `initdb` of one version.
#[derive(Clone, Debug)]
pub(super) struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// The programs that fit the data folder: of its own version when it was initialised before, else the newest.
    pub(super) fn find(home: &Path) -> Result<Self, LocalPostgresError> {
        let initialised_by =
            fs::read_to_string(home.join("data/PG_VERSION")).ok().and_then(|text| text.trim().parse::<u32>().ok());
        let fits = |version: u32| initialised_by.map_or(version >= OLDEST_VERSION, |wanted| version == wanted);
        let found =
            candidates().into_iter().filter_map(|folder| Some((version(&folder)?, folder))).filter(|(version, _)| fits(*version));
        let newest = found.max_by_key(|(version, _)| *version);
        let wanted = initialised_by.map_or_else(|| format!("{OLDEST_VERSION} or newer"), |version| version.to_string());
        newest.map(|(_, folder)| Self { folder }).ok_or(LocalPostgresError::NotInstalled { wanted })
    }

    pub(super) fn command(&self, program: &str) -> Command {
        Command::new(self.folder.join(program))
    }
}

/// Debian keeps the versions side by side outside PATH; elsewhere they are in PATH.
fn candidates() -> Vec<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = env::split_paths(&path).collect();
    debian.chain(on_path).filter(|folder| folder.join("postgres").is_file() && folder.join("initdb").is_file()).collect()
}

fn version(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    major_version(str::from_utf8(&output.stdout).ok()?)
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` and `postgres (PostgreSQL) 19beta1`.
fn major_version(line: &str) -> Option<u32> {
    let (_, version) = line.split_once("(PostgreSQL) ")?;
    let digits = version.bytes().take_while(u8::is_ascii_digit).count();
    version[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_versions_are_read() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(major_version("initdb"), None);
    }
}
