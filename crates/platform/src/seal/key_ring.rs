//! Where the keys come from.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use primitives::hex;

use super::SealError;

/// Bytes in one version's root key: 256 bits for the MAC half and 256 for the cipher half of AES-SIV.
pub(super) const KEY_BYTES: usize = 64;

/// The versions of the root key. New values are sealed with the highest version; older ones stay readable.
///
/// The file form is one line, `1 <128 hexadecimal digits>`, mode 0600. A second line is refused, see [`SealError::SeveralKeys`]. A KMS or HSM fills the ring the same way through
/// [`KeyRing::from_versions`].
#[derive(Clone)]
pub struct KeyRing {
    versions: BTreeMap<u8, [u8; KEY_BYTES]>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("versions", &self.versions.keys()).finish_non_exhaustive()
    }
}

impl KeyRing {
    /// A ring from keys that were fetched elsewhere; `None` when there is no version at all or one is 0.
    #[must_use]
    pub fn from_versions(versions: impl IntoIterator<Item = (u8, [u8; KEY_BYTES])>) -> Option<Self> {
        let versions: BTreeMap<_, _> = versions.into_iter().collect();
        (!versions.is_empty() && !versions.contains_key(&0)).then_some(Self { versions })
    }

    /// The ring in the file `path`, which is created with a fresh key of the operating system's randomness when it is missing.
    ///
    /// Two processes that create it at once agree: the file appears whole under its name or not at all, and the loser reads the winner's.
    ///
    /// # Errors
    /// When the file cannot be used, is malformed, or others than the owner have rights to it.
    pub fn load_or_create(path: &Path) -> Result<Self, SealError> {
        match Self::load(path) {
            Err(SealError::KeyFile { source, .. }) if source.kind() == ErrorKind::NotFound => {
                create(path).map_err(|source| SealError::KeyFile { path: path.to_owned(), source })?;
                Self::load(path)
            }
            loaded => loaded,
        }
    }

    fn load(path: &Path) -> Result<Self, SealError> {
        let unusable = |source| SealError::KeyFile { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(unusable)?;
        if file.metadata().map_err(unusable)?.permissions().mode() & 0o077 != 0 {
            return Err(SealError::KeyFileOpenToOthers(path.to_owned()));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(unusable)?;
        let versions = text.lines().map(parse_line).collect::<Option<Vec<_>>>();
        let ring = versions.and_then(Self::from_versions).ok_or_else(|| SealError::KeyFileMalformed(path.to_owned()))?;
        // What is stored is found by its sealed form: under a new key nobody would be found, and payments would go back.
        if ring.versions.len() > 1 { Err(SealError::SeveralKeys(path.to_owned())) } else { Ok(ring) }
    }

    /// A fixed ring for tests, where equal runs must give equal bytes. Its keys are public: never use it for real data.
    #[must_use]
    pub fn for_tests() -> Self {
        Self { versions: BTreeMap::from([(1, [0x5a; KEY_BYTES])]) }
    }

    pub(super) fn current_version(&self) -> u8 {
        *self.versions.keys().next_back().expect("a ring holds at least one version")
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u8, &[u8; KEY_BYTES])> {
        self.versions.iter().map(|(version, key)| (*version, key))
    }
}

fn parse_line(line: &str) -> Option<(u8, [u8; KEY_BYTES])> {
    let (version, digits) = line.split_once(' ')?;
    let version = version.parse().ok()?;
    Some((version, hex::decode(digits)?.try_into().ok()?))
}

/// Writes a new key beside `path` and links it into place, which fails harmlessly when another process was first.
fn create(path: &Path) -> std::io::Result<()> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| std::io::Error::other(error.to_string()))?;
    let digits = hex::encode(key);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let draft =
        path.with_extension(format!("new-{:016x}", getrandom::u64().map_err(|error| std::io::Error::other(error.to_string()))?));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(format!("1 {digits}\n").as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TemporaryFolder;

    #[test]
    fn a_created_ring_is_found_again() {
        let folder = TemporaryFolder::new();
        let path = folder.path().join("keys");
        let created = KeyRing::load_or_create(&path).unwrap();
        let loaded = KeyRing::load_or_create(&path).unwrap();
        assert_eq!(created.versions, loaded.versions);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn many_creators_agree() {
        let folder = TemporaryFolder::new();
        let path = folder.path().join("keys");
        let rings: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| KeyRing::load_or_create(&path).map(|r| r.versions))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let first = rings[0].as_ref().unwrap();
        assert!(rings.iter().all(|ring| ring.as_ref().unwrap() == first));
    }

    #[test]
    fn a_file_open_to_others_is_refused() {
        let folder = TemporaryFolder::new();
        let path = folder.path().join("keys");
        KeyRing::load_or_create(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(KeyRing::load_or_create(&path), Err(SealError::KeyFileOpenToOthers(_))));
    }

    #[test]
    fn malformed_lines_are_refused() {
        let key = "ab".repeat(KEY_BYTES);
        for bad in
            ["", "1", &format!("0 {key}"), &format!("256 {key}"), &format!("1 {}", &key[2..]), &format!("1 {}zz", &key[2..])]
        {
            let folder = TemporaryFolder::new();
            let path = folder.path().join("keys");
            OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&path)
                .unwrap()
                .write_all(bad.as_bytes())
                .unwrap();
            assert!(matches!(KeyRing::load_or_create(&path), Err(SealError::KeyFileMalformed(_))), "{bad:?}");
        }
    }

    /// Until stored values are sealed anew under a new key, it must not come into use by the way.
    #[test]
    fn a_second_version_is_refused() {
        let folder = TemporaryFolder::new();
        let path = folder.path().join("keys");
        KeyRing::load_or_create(&path).unwrap();
        let line = format!("2 {}\n", "ab".repeat(KEY_BYTES));
        OpenOptions::new().append(true).open(&path).unwrap().write_all(line.as_bytes()).unwrap();
        assert!(matches!(KeyRing::load_or_create(&path), Err(SealError::SeveralKeys(_))));
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", KeyRing::for_tests()), "KeyRing { versions: [1], .. }");
    }
}
