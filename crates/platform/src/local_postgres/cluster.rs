//! The server itself: making its data folder, starting, finding and stopping it.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use sha2::{Digest, Sha256};

use super::account::ServerAccount;
use super::binaries::Binaries;
use super::{LocalPostgresError, LocalPostgresOptions, SUPERUSER};

/// A socket's path must fit in 108 bytes (unix(7)); PostgreSQL appends `/.s.PGSQL.5432`.
const LONGEST_SOCKET_FOLDER: usize = 90;

/// How long a start, with recovery after a crash, or a stop, with its checkpoint, may take.
const PATIENCE: Duration = Duration::from_secs(120);

const PAUSE: Duration = Duration::from_millis(20);

/// One private server.
#[derive(Debug)]
pub(super) struct Cluster {
    home: PathBuf,
    socket_folder: PathBuf,
    account: ServerAccount,
    binaries: Binaries,
}

impl Cluster {
    pub(super) fn new(home: PathBuf, account: ServerAccount, binaries: Binaries) -> Result<Self, LocalPostgresError> {
        let socket_folder = account.make_folder(&socket_folder(&home))?;
        Ok(Self { home, socket_folder, account, binaries })
    }

    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    pub(super) fn url(&self, user: &str, database: &str) -> String {
        // In a URL's query the slashes of a path may stand; everything else that could be in one is escaped.
        let folder = escaped(&self.socket_folder);
        format!("postgres://{user}@localhost/{database}?host={folder}")
    }

    /// Starts the server unless it already runs; answers whether it did.
    pub(super) fn ensure_running(&self, options: &LocalPostgresOptions) -> Result<bool, LocalPostgresError> {
        if !self.data().join("PG_VERSION").exists() {
            self.initialise()?;
        }
        // One that is being stopped or is still recovering from a crash answers neither yes nor no for a while.
        let deadline = Instant::now() + PATIENCE;
        while self.pid().is_some() {
            if self.answers() {
                return Ok(true);
            }
            if Instant::now() > deadline {
                return Err(self.no_answer());
            }
            thread::sleep(PAUSE);
        }
        self.clear_the_dead()?;
        self.configure(options)?;
        self.launch()?;
        Ok(false)
    }

    /// After a crash of the server alone its sessions may still be about to notice; two servers on one folder would destroy it. When they are
    /// gone, a pid file is left whose number may by now belong to any other program, which would keep PostgreSQL from starting.
    fn clear_the_dead(&self) -> Result<(), LocalPostgresError> {
        let deadline = Instant::now() + PATIENCE;
        while lives_in(&self.data()) {
            if Instant::now() > deadline {
                return Err(self.no_answer());
            }
            thread::sleep(PAUSE);
        }
        let path = self.data().join("postmaster.pid");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(LocalPostgresError::folder("removing", &path)(error))
            }
            _ => Ok(()),
        }
    }

    fn no_answer(&self) -> LocalPostgresError {
        LocalPostgresError::NoAnswer { path: self.home.clone(), seconds: PATIENCE.as_secs() }
    }

    /// Makes the data folder under another name first, so that a crash midway leaves nothing that looks finished.
    fn initialise(&self) -> Result<(), LocalPostgresError> {
        let draft = self.home.join("data.new");
        let failed = LocalPostgresError::folder("making the data folder", &draft);
        if draft.exists() {
            fs::remove_dir_all(&draft).map_err(&failed)?;
        }
        let mut command = self.binaries.command("initdb");
        command
            .arg("--pgdata")
            .arg(&draft)
            .args(["--username", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--no-locale", "--data-checksums", "--no-sync"])
            .current_dir(&self.home)
            .env_clear();
        self.account.apply(&mut command);
        let output = command.output().map_err(|error| program_failed("initdb", &error.to_string()))?;
        if !output.status.success() {
            return Err(program_failed("initdb", &String::from_utf8_lossy(&output.stderr)));
        }
        // Nothing is in it yet that a crash could lose, but the server relies on these files being on disk.
        rustix::fs::sync();
        fs::rename(&draft, self.data()).map_err(&failed)
    }

    fn configure(&self, options: &LocalPostgresOptions) -> Result<(), LocalPostgresError> {
        let path = self.data().join("postgresql.auto.conf");
        let text = configuration(&self.socket_folder, options, total_memory_mb());
        fs::write(&path, text).and_then(|()| self.account.own_file(&path)).map_err(LocalPostgresError::folder("writing", &path))
    }

    /// Starts the server in a session of its own, so that Ctrl-C in the terminal reaches us and not it.
    fn launch(&self) -> Result<(), LocalPostgresError> {
        let log_path = self.home.join("server.log");
        let log = OpenOptions::new().append(true).create(true).mode(0o600).open(&log_path);
        let log = log.map_err(LocalPostgresError::folder("opening", &log_path))?;
        let errors = log.try_clone().map_err(LocalPostgresError::folder("opening", &log_path))?;
        let mut command = self.binaries.command("postgres");
        command.arg("-D").arg(self.data()).current_dir(&self.home).env_clear();
        command.stdin(Stdio::null()).stdout(log).stderr(errors).process_group(0);
        self.account.apply(&mut command);
        let mut child = command.spawn().map_err(|error| program_failed("postgres", &error.to_string()))?;
        self.wait_until_ready(&mut child)?;
        // Collect the server's exit when it comes, so that no zombie stands in the process table.
        thread::spawn(move || child.wait());
        Ok(())
    }

    fn wait_until_ready(&self, child: &mut Child) -> Result<(), LocalPostgresError> {
        let deadline = Instant::now() + PATIENCE;
        while !self.answers() {
            if let Ok(Some(status)) = child.try_wait() {
                return Err(program_failed("postgres", &format!("{status}; its log is {}/server.log", self.home.display())));
            }
            if Instant::now() > deadline {
                return Err(self.no_answer());
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Whether the server's pid file says it is ready (`PM_STATUS_READY`, line 8) and its socket takes connections.
    fn answers(&self) -> bool {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let ready = file.lines().nth(7).is_some_and(|status| status.trim() == "ready");
        ready && self.pid().is_some() && UnixStream::connect(self.socket_folder.join(".s.PGSQL.5432")).is_ok()
    }

    /// The server's process id, when its pid file names a living process of this data folder.
    pub(super) fn pid(&self) -> Option<u32> {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        let pid: u32 = file.lines().next()?.trim().parse().ok()?;
        is_server_of(&self.data(), pid).then_some(pid)
    }

    /// Stops the server: connections are ended, transactions rolled back, a checkpoint is written ("fast shutdown").
    pub(super) fn stop(&self) {
        let Some(pid) = self.pid() else {
            return;
        };
        let Some(process) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
            return;
        };
        if let Err(error) = kill_process(process, Signal::INT) {
            tracing::warn!(%error, "the private PostgreSQL could not be told to stop");
            return;
        }
        let deadline = Instant::now() + PATIENCE;
        while is_server_of(&self.data(), pid) && Instant::now() < deadline {
            thread::sleep(PAUSE);
        }
    }
}

/// Whether any process works in `data`, as every process of a PostgreSQL server does in its data folder.
fn lives_in(data: &Path) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut folders = processes.filter_map(|process| fs::read_link(process.path().join("cwd")).ok());
    folders.any(|folder| folder == data)
}

/// Whether the process `pid` lives and works in `data`: the number of a server that crashed may have been given to another program since. A
/// dead process that nobody has collected works nowhere.
fn is_server_of(data: &Path, pid: u32) -> bool {
    if Path::new("/proc/self/cwd").exists() {
        return fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data);
    }
    // Without /proc a living process with the number must do.
    i32::try_from(pid).ok().and_then(Pid::from_raw).is_some_and(|pid| test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

/// The socket's folder: in the server's own folder, or, when that path is too long for a socket, a folder named by its digest.
fn socket_folder(home: &Path) -> PathBuf {
    let own = home.join("run");
    if own.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
        return own;
    }
    let digest = Sha256::digest(home.as_os_str().as_encoded_bytes());
    std::env::temp_dir().join(format!("nemkonto-{}", primitives::hex::encode(&digest[..8])))
}

fn program_failed(program: &'static str, reason: &str) -> LocalPostgresError {
    let tail = reason.trim().lines().rev().take(5).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("; ");
    LocalPostgresError::Program { program, reason: tail }
}

fn escaped(path: &Path) -> String {
    let mut text = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => text.push(char::from(*byte)),
            other => write!(text, "%{other:02X}").expect("writing to a String cannot fail"),
        }
    }
    text
}

/// Main memory in MB (proc(5)), or 2048 where the system does not say.
fn total_memory_mb() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.map_or(2048, |kilobytes| kilobytes / 1024)
}

/// The server's whole configuration; it is written anew at each start.
fn configuration(socket_folder: &Path, options: &LocalPostgresOptions, memory_mb: u64) -> String {
    let on_off = |on: bool| if on { "on" } else { "off" };
    // Bulk loading profits from room, but the programs beside the server need it too.
    let shared_buffers = (memory_mb / 8).clamp(64, 2048);
    let socket_folder = socket_folder.display().to_string().replace('\'', "''");
    format!(
        "# Written by nemkonto at each start of the server; changes are lost.\n\
         listen_addresses = ''\n\
         port = 5432\n\
         unix_socket_directories = '{socket_folder}'\n\
         unix_socket_permissions = 0700\n\
         max_connections = {max_connections}\n\
         shared_buffers = {shared_buffers}MB\n\
         work_mem = 64MB\n\
         maintenance_work_mem = 256MB\n\
         fsync = {fsync}\n\
         full_page_writes = {fsync}\n\
         synchronous_commit = {fsync}\n\
         wal_compression = on\n\
         wal_buffers = 64MB\n\
         max_wal_size = 8GB\n\
         min_wal_size = 512MB\n\
         checkpoint_timeout = 15min\n\
         checkpoint_completion_target = 0.9\n\
         random_page_cost = 1.1\n\
         jit = off\n\
         autovacuum_vacuum_cost_limit = 2000\n\
         # Values never reach the log: no statements, no parameters, no DETAIL lines.\n\
         log_statement = none\n\
         log_min_error_statement = panic\n\
         log_parameter_max_length = 0\n\
         log_parameter_max_length_on_error = 0\n\
         log_error_verbosity = terse\n",
        max_connections = options.max_connections,
        fsync = on_off(options.fsync),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_homes_get_a_short_socket_folder() {
        let long = PathBuf::from(format!("/{}", "x".repeat(100)));
        assert_eq!(socket_folder(Path::new("/data")), Path::new("/data/run"));
        assert!(socket_folder(&long).as_os_str().len() <= LONGEST_SOCKET_FOLDER);
        assert_ne!(socket_folder(&long), socket_folder(&long.join("y")));
    }

    #[test]
    fn the_configuration_keeps_data_safe_and_private() {
        let options = LocalPostgresOptions { data_dir: "/d".into(), fsync: true, max_connections: 7 };
        let text = configuration(Path::new("/d/run"), &options, 100_000);
        for line in
            ["fsync = on", "synchronous_commit = on", "listen_addresses = ''", "shared_buffers = 2048MB", "max_connections = 7"]
        {
            assert!(text.lines().any(|found| found == line), "{line}");
        }
    }

    #[test]
    fn strange_paths_are_escaped() {
        assert_eq!(escaped(Path::new("/a b/ø?")), "/a%20b/%C3%B8%3F");
    }
}
