//! The private server: sharing, stopping, adoption and recovery.

use std::path::PathBuf;
use std::process::Command;

use platform::local_postgres::{LocalPostgres, LocalPostgresOptions};
use sqlx::{Connection, Executor, PgConnection};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("nemkonto-local-postgres-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn start(&self) -> LocalPostgres {
        let options = LocalPostgresOptions { data_dir: self.0.clone(), fsync: true, max_connections: 20 };
        LocalPostgres::start(&options).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn signal(pid: u32, signal: &str) {
    assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
}

/// A dead process works in no folder, also before it is collected.
fn runs(pid: u32) -> bool {
    std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok()
}

async fn connect(server: &LocalPostgres) -> PgConnection {
    PgConnection::connect(&server.url("postgres")).await.unwrap()
}

#[tokio::test]
async fn the_last_one_out_stops_the_server_and_the_data_stays() {
    let folder = Folder::new("share");
    let one = folder.start();
    let pid = one.server_pid().unwrap();
    let two = folder.start();
    assert!(!one.adopted() && two.adopted());
    connect(&two).await.execute("create table kept (id int)").await.unwrap();
    one.stop();
    assert!(runs(pid), "the second still uses it");
    connect(&two).await.execute("insert into kept values (1)").await.unwrap();
    drop(two);
    assert!(!runs(pid), "nobody uses it any more");
    let again = folder.start();
    let kept: i64 = sqlx::query_scalar("select count(*) from kept").fetch_one(&mut connect(&again).await).await.unwrap();
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn a_killed_server_is_recovered_by_the_next_start() {
    let folder = Folder::new("recover");
    let one = folder.start();
    connect(&one).await.execute("create table kept (id int); insert into kept values (1)").await.unwrap();
    let pid = one.server_pid().unwrap();
    signal(pid, "-KILL");
    while runs(pid) {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    let two = folder.start();
    assert!(!two.adopted());
    let kept: i64 = sqlx::query_scalar("select count(*) from kept").fetch_one(&mut connect(&two).await).await.unwrap();
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn a_server_that_dies_under_a_living_process_is_revived() {
    let folder = Folder::new("revive");
    let server = folder.start();
    assert!(!server.revive().unwrap(), "it lives");
    let mut connection = connect(&server).await;
    connection.execute("create table kept (id int); insert into kept values (1)").await.unwrap();
    // A session that is busy and so notices late that its server is gone.
    let busy = tokio::spawn(async move { connection.execute("select count(*) from generate_series(1, 3000000)").await.is_ok() });
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let pid = server.server_pid().unwrap();
    signal(pid, "-KILL");
    while runs(pid) {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    assert!(server.revive().unwrap(), "it had died");
    let kept: i64 = sqlx::query_scalar("select count(*) from kept").fetch_one(&mut connect(&server).await).await.unwrap();
    assert_eq!(kept, 1);
    busy.await.unwrap();
}

/// Not a test: a process that uses the server of the folder in `HOLD` until it is killed.
#[test]
#[ignore = "started by a_server_whose_user_was_killed_is_adopted in a process of its own"]
fn hold() {
    let Some(folder) = std::env::var_os("HOLD") else { return };
    let folder = Folder(folder.into());
    let _server = folder.start();
    std::fs::write(folder.0.join("held"), "").unwrap();
    std::thread::sleep(std::time::Duration::from_secs(60));
}

#[tokio::test]
async fn a_server_whose_user_was_killed_is_adopted() {
    let folder = Folder::new("adopt");
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "local_postgres::hold", "--ignored"])
        .env("HOLD", &folder.0)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while !folder.0.join("held").exists() {
        assert!(holder.try_wait().unwrap().is_none(), "the holder ended early");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    holder.kill().unwrap();
    holder.wait().unwrap();
    let server = folder.start();
    assert!(server.adopted());
    connect(&server).await;
    let pid = server.server_pid().unwrap();
    server.stop();
    assert!(!runs(pid), "the killed user no longer counts");
}

#[tokio::test]
async fn a_pid_file_with_another_programs_number_does_not_keep_it_from_starting() {
    let folder = Folder::new("stale");
    let server = folder.start();
    let pid = server.server_pid().unwrap();
    signal(pid, "-KILL");
    drop(server);
    let path = folder.0.join("data/postmaster.pid");
    let file = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, file.replacen(&pid.to_string(), &std::process::id().to_string(), 1)).unwrap();
    connect(&folder.start()).await;
}

#[tokio::test]
async fn many_starters_get_one_server() {
    let folder = Folder::new("race");
    let servers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| folder.start())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(servers.iter().filter(|server| !server.adopted()).count(), 1);
    let pids: Vec<_> = servers.iter().map(LocalPostgres::server_pid).collect();
    assert!(pids.iter().all(|pid| *pid == pids[0] && pid.is_some()));
}

#[tokio::test]
async fn nobody_else_can_reach_it_and_values_stay_out_of_its_log() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("private");
    let server = folder.start();
    let mut connection = connect(&server).await;
    let listens: String =
        sqlx::query_scalar("select current_setting('listen_addresses')").fetch_one(&mut connection).await.unwrap();
    assert_eq!(listens, "");
    for closed in [folder.0.clone(), folder.0.join("run"), folder.0.join("data")] {
        assert_eq!(std::fs::metadata(closed).unwrap().permissions().mode() & 0o777, 0o700);
    }
    connection.execute("create table secret (number text unique)").await.unwrap();
    for _ in 0..2 {
        let _ = sqlx::query("insert into secret values ($1)").bind("0101901234").execute(&mut connection).await;
        let _ = connection.execute("insert into secret values ('0101901234')").await;
    }
    let log = std::fs::read_to_string(folder.0.join("server.log")).unwrap();
    assert!(log.contains("secret_number_key") && !log.contains("0101901234"), "{log}");
}
