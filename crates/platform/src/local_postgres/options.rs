//! What can be chosen about the private server.

use std::env;
use std::path::PathBuf;

/// How the private server is kept and tuned.
#[derive(Clone, Debug)]
pub struct LocalPostgresOptions {
    /// The folder of the server: data, socket, configuration and log.
    pub data_dir: PathBuf,
    /// Whether a commit waits for the disk. Only throw-away test data may say no.
    pub fsync: bool,
    /// The most connections of all processes together.
    pub max_connections: u16,
}

impl Default for LocalPostgresOptions {
    fn default() -> Self {
        Self { data_dir: default_data_dir(), fsync: true, max_connections: 100 }
    }
}

/// Where the private server lives unless told otherwise: `nemkonto/postgres` under the user's data home (XDG Base Directory Specification),
/// and `/var/lib/nemkonto/postgres` for root, whose home the unprivileged server user cannot enter.
#[must_use]
pub fn default_data_dir() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/nemkonto/postgres");
    }
    let data_home = env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let data_home = data_home.or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share")));
    data_home.unwrap_or_else(env::temp_dir).join("nemkonto/postgres")
}
