//! Test databases, as many processes use them at once.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use platform::local_postgres::{LocalPostgres, LocalPostgresOptions};
use platform::testing::{TEST_POSTGRES, TemporaryFolder, TestDatabase};
use sqlx::Executor;

use crate::houses::first;

/// Not a test: a test process among others.
#[tokio::test]
#[ignore = "started by many_test_processes_share_a_server in processes of its own"]
async fn use_fresh_databases() {
    for _ in 0..3 {
        let database = TestDatabase::new(&[first()]).await;
        for _ in 0..5 {
            database.admin().await.execute("insert into first.log values ('here')").await.unwrap();
        }
    }
}

fn test_process(server: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "testing::use_fresh_databases", "--ignored"])
        .env(TEST_POSTGRES, server)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn succeeds(process: Child) {
    let ended = process.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
}

/// A run of tests begins on what the run before left: a stopped server with templates, which whoever starts it sweeps away while the others
/// are already there.
#[test]
fn many_test_processes_share_a_server() {
    let folder = TemporaryFolder::new();
    let server = folder.path().join("pg");
    succeeds(test_process(&server));
    for _ in 0..4 {
        LocalPostgres::start(&LocalPostgresOptions { data_dir: server.clone(), ..Default::default() }).unwrap().stop();
        let processes: Vec<Child> = (0..6).map(|_| test_process(&server)).collect();
        processes.into_iter().for_each(succeeds);
    }
    LocalPostgres::start(&LocalPostgresOptions { data_dir: server, ..Default::default() }).unwrap().stop();
}
