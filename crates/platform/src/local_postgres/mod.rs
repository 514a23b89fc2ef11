//! A private PostgreSQL server that the program starts itself when no `DATABASE_URL` is given.
//!
//! It lives in a folder of its own and listens on nothing but a socket in a folder that only its user may enter (mode 0700). Several
//! processes share it: each holds a shared `flock` while it uses the server, and the one that finds itself alone stops it. The kernel
//! releases the lock of a process that was killed; the server then keeps running and the next process adopts it, or starts it again and
//! lets PostgreSQL recover from its log. PostgreSQL refuses to run as root, so for root the server runs as an unprivileged user.

mod account;
mod binaries;
mod cluster;
mod options;
mod sharing;

use std::path::{Path, PathBuf};

use thiserror::Error;

pub use options::{LocalPostgresOptions, default_data_dir};

use account::ServerAccount;
use binaries::Binaries;
use cluster::Cluster;
use sharing::Sharing;

/// The superuser of the private server. Whoever may enter the socket folder is trusted.
pub const SUPERUSER: &str = "nemkonto";

/// Why the private server could not be started.
#[derive(Debug, Error)]
pub enum LocalPostgresError {
    /// No server program of a fitting version was found.
    #[error("no PostgreSQL {wanted} found (looked in /usr/lib/postgresql/*/bin and PATH); on Debian: apt-get install postgresql")]
    NotInstalled {
        /// The version that would fit, for people.
        wanted: String,
    },
    /// A file or folder could not be used.
    #[error("{what} {path} failed")]
    Folder {
        /// What was tried.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A PostgreSQL program could not be run, or it refused.
    #[error("{program} failed: {reason}")]
    Program {
        /// `initdb` or `postgres`.
        program: &'static str,
        /// Its last words.
        reason: String,
    },
    /// The server did not answer in time.
    #[error("the private PostgreSQL in {path} did not answer within {seconds} s; its log is {path}/server.log")]
    NoAnswer {
        /// The data folder.
        path: PathBuf,
        /// How long we waited.
        seconds: u64,
    },
    /// The program runs as root and the system has no unprivileged user for the server.
    #[error("PostgreSQL does not run as root, and neither user postgres nor nobody exists")]
    NoUnprivilegedUser,
}

impl LocalPostgresError {
    fn folder<'a>(what: &'static str, path: &'a Path) -> impl Fn(std::io::Error) -> Self + 'a {
        move |source| Self::Folder { what, path: path.to_owned(), source }
    }
}

/// A running private server, in use by this process. Dropping it is the same as [`stop`](Self::stop).
#[derive(Debug)]
pub struct LocalPostgres {
    cluster: Cluster,
    options: LocalPostgresOptions,
    sharing: Option<Sharing>,
    adopted: bool,
}

impl LocalPostgres {
    /// Starts the server of the data folder, or joins the one that already runs there. Makes the folder when it is missing.
    ///
    /// It blocks for up to a minute while PostgreSQL starts or recovers.
    ///
    /// # Errors
    /// See [`LocalPostgresError`].
    pub fn start(options: &LocalPostgresOptions) -> Result<Self, LocalPostgresError> {
        Self::start_prepared(options, |_| {})
    }

    /// As [`start`](Self::start). When this process starts the server and nobody else counts as its user, `preparation` is done first, and
    /// no other process joins before it is over. (A server that died under living users is started again without it.)
    ///
    /// # Errors
    /// See [`LocalPostgresError`].
    pub fn start_prepared(options: &LocalPostgresOptions, preparation: impl FnOnce(&Self)) -> Result<Self, LocalPostgresError> {
        let account = ServerAccount::for_this_process()?;
        let home = account.make_folder(&options.data_dir)?;
        let starting = Sharing::lock_starting(&home)?;
        let binaries = Binaries::find(&home)?;
        let cluster = Cluster::new(home, account, binaries)?;
        let adopted = cluster.ensure_running(options)?;
        let mut server = Self { cluster, options: options.clone(), sharing: None, adopted };
        if !adopted && starting.nobody_uses_it()? {
            preparation(&server);
        }
        server.sharing = Some(Sharing::join(starting)?);
        tracing::info!(data_dir = %options.data_dir.display(), adopted, "private PostgreSQL is running");
        Ok(server)
    }

    /// The URL of `database` on the private server, as its superuser: for provisioning.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.url_as(SUPERUSER, database)
    }

    /// The URL of `database` for a role that may log in, such as a house's runtime role, which has no way back to the superuser.
    #[must_use]
    pub fn url_as(&self, role: &str, database: &str) -> String {
        self.cluster.url(role, database)
    }

    /// Starts the server again if it has died since; answers whether it had.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn revive(&self) -> Result<bool, LocalPostgresError> {
        let _starting = Sharing::lock_starting(self.cluster.home())?;
        self.cluster.ensure_running(&self.options).map(|ran| !ran)
    }

    /// Whether the server was already running when this process joined it.
    #[must_use]
    pub fn adopted(&self) -> bool {
        self.adopted
    }

    /// The process id of the server, as it stands in its own pid file.
    #[must_use]
    pub fn server_pid(&self) -> Option<u32> {
        self.cluster.pid()
    }

    /// Leaves the server, and stops it when no other process uses it.
    pub fn stop(mut self) {
        self.leave();
    }

    /// Lets go of the server as a process does that is killed: without stopping it.
    #[cfg(test)]
    pub(crate) fn abandon(mut self) {
        self.sharing = None;
    }

    fn leave(&mut self) {
        let Some(sharing) = self.sharing.take() else {
            return;
        };
        match sharing.leave() {
            Ok(Some(_alone)) => self.cluster.stop(),
            Ok(None) => tracing::debug!("others still use the private PostgreSQL"),
            Err(error) => tracing::warn!(%error, "the private PostgreSQL could not be left in order; the next start adopts it"),
        }
    }
}

impl Drop for LocalPostgres {
    fn drop(&mut self) {
        self.leave();
    }
}
