//! Who uses the server: two lock files beside the data.
//!
//! `start.lock` is held exclusively while a process starts or stops the server, so that these happen one at a time. `users.lock` is held
//! shared by every process that uses it; a process that can take it exclusively is alone.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::LocalPostgresError;

/// The right to start or stop the server, until dropped.
#[derive(Debug)]
pub(super) struct Starting {
    home: PathBuf,
    _lock: File,
}

impl Starting {
    /// Whether no process counts as a user; while the lock is held none can become one.
    pub(super) fn nobody_uses_it(&self) -> Result<bool, LocalPostgresError> {
        let path = self.home.join("users.lock");
        let failed = LocalPostgresError::folder("locking", &path);
        // Closing the file gives the lock back.
        match flock(&open(&path).map_err(&failed)?, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
            Err(error) => Err(failed(error.into())),
        }
    }
}

/// Membership among the users of the server.
#[derive(Debug)]
pub(super) struct Sharing {
    home: PathBuf,
    users: File,
}

impl Sharing {
    /// Waits for the right to start the server in `home`.
    pub(super) fn lock_starting(home: &Path) -> Result<Starting, LocalPostgresError> {
        let path = home.join("start.lock");
        let failed = LocalPostgresError::folder("locking", &path);
        let lock = open(&path).map_err(&failed)?;
        wait_for(&lock, FlockOperation::LockExclusive).map_err(&failed)?;
        Ok(Starting { home: home.to_owned(), _lock: lock })
    }

    /// Joins the users of the server that was started or found under `starting`.
    pub(super) fn join(starting: Starting) -> Result<Self, LocalPostgresError> {
        let path = starting.home.join("users.lock");
        let failed = LocalPostgresError::folder("locking", &path);
        let users = open(&path).map_err(&failed)?;
        wait_for(&users, FlockOperation::LockShared).map_err(&failed)?;
        Ok(Self { home: starting.home, users })
    }

    /// Leaves the users. The answer is the right to stop the server, when nobody else uses it.
    pub(super) fn leave(self) -> Result<Option<Starting>, LocalPostgresError> {
        let starting = Self::lock_starting(&self.home)?;
        // From shared to exclusive fails when another process holds it shared; joining is impossible while we hold `starting`.
        match flock(&self.users, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(starting)),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(LocalPostgresError::folder("locking", &self.home.join("users.lock"))(error.into())),
        }
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// A signal may interrupt the wait; then it goes on.
fn wait_for(file: &File, operation: FlockOperation) -> std::io::Result<()> {
    loop {
        match flock(file, operation) {
            Err(rustix::io::Errno::INTR) => {}
            outcome => return outcome.map_err(Into::into),
        }
    }
}
