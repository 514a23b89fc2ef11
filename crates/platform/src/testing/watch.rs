//! Who stops the tests' server: test processes end without a chance to do it, and starting it anew for each would be slow.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

/// How often it is looked whether the server is still used.
const LOOK_SECONDS: &str = "15";

/// Looks now and then (every `$3` seconds) whether anybody but the server itself, process `$2` in folder `$1`, is left, and if not, does `$4`
/// under the same two locks as the server's users take (`local_postgres::sharing`).
const WATCH: &str = r#"while [ "/proc/$2/cwd" -ef "$1/data" ]; do
    sleep "$3"
    flock -x "$1/start.lock" flock -n -x "$1/users.lock" sh -c "$4" stop "$1" "$2"
done"#;

/// Stops the server and waits until it is gone, so that nobody joins a server that is about to stop. A process that works elsewhere is
/// another one that has been given the number since.
const STOP: &str = r#"serves() { [ "/proc/$2/cwd" -ef "$1/data" ]; }
serves "$@" && kill -INT "$2"
while serves "$@"; do sleep 0.02; done"#;

/// Leaves a shell behind that stops the server once no test process has used it for a while.
pub(super) fn stop_when_unused(data_dir: &Path, pid: u32) {
    // Without it the server merely runs on until the next tests.
    if let Err(error) = watch(data_dir, pid, LOOK_SECONDS) {
        tracing::warn!(%error, "nobody will stop the tests' private PostgreSQL");
    }
}

fn watch(data_dir: &Path, pid: u32, look_seconds: &str) -> std::io::Result<()> {
    let mut command = Command::new("sh");
    command.args(["-c", WATCH, "stop-test-postgres"]).arg(data_dir).arg(pid.to_string()).args([look_seconds, STOP]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).current_dir("/");
    let mut child = command.spawn()?;
    thread::spawn(move || child.wait());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::local_postgres::{LocalPostgres, LocalPostgresOptions};
    use crate::testing::TemporaryFolder;

    fn signal(pid: u32, signal: &str) {
        assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
    }

    /// Whether somebody holds the lock that every start waits for.
    fn start_is_locked(data_dir: &Path) -> bool {
        !Command::new("flock").arg("-n").arg(data_dir.join("start.lock")).arg("true").status().unwrap().success()
    }

    #[test]
    fn nobody_joins_a_server_that_is_being_stopped() {
        let folder = TemporaryFolder::new();
        let options = LocalPostgresOptions { data_dir: folder.path().join("pg"), fsync: false, max_connections: 10 };
        let first = LocalPostgres::start(&options).unwrap();
        let pid = first.server_pid().unwrap();
        // The server takes note of its signals a moment late, as on a busy machine.
        signal(pid, "-STOP");
        // Left behind as by a process that was killed.
        first.abandon();
        watch(&options.data_dir, pid, "0.01").unwrap();
        let since = Instant::now();
        while !start_is_locked(&options.data_dir) {
            assert!(since.elapsed() < Duration::from_secs(120), "the watch never came");
            thread::sleep(Duration::from_millis(1));
        }
        let joining = thread::spawn(move || LocalPostgres::start(&options).unwrap());
        thread::sleep(Duration::from_millis(300));
        assert!(!joining.is_finished(), "it joined a server that is about to stop");
        signal(pid, "-CONT");
        let second = joining.join().unwrap();
        assert!(!second.adopted() && second.server_pid().is_some_and(|now| now != pid));
    }
}
