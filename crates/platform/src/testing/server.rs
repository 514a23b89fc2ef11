//! The one private server that all test processes of a checkout share.

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use primitives::hex;
use sha2::{Digest, Sha256};

use super::watch::stop_when_unused;
use super::{connect, execute};
use crate::local_postgres::{LocalPostgres, LocalPostgresOptions};

/// The environment variable that puts the server into another folder.
pub const TEST_POSTGRES: &str = "NEMKONTO_TEST_POSTGRES";

/// The server of this process's tests. It is never dropped: see [`stop_when_unused`].
pub(super) fn server() -> &'static LocalPostgres {
    static SERVER: OnceLock<LocalPostgres> = OnceLock::new();
    SERVER.get_or_init(|| {
        let data_dir = data_dir();
        let options = LocalPostgresOptions { data_dir: data_dir.clone(), fsync: false, max_connections: 300 };
        let server = LocalPostgres::start_prepared(&options, |server| drop_leftovers(server.url("postgres")))
            .expect("starting the tests' private PostgreSQL");
        if !server.adopted() {
            stop_when_unused(&data_dir, server.server_pid().expect("a started server has a pid"));
        }
        server
    })
}

/// The folder of [`TEST_POSTGRES`], or `test-postgres` in the build's target folder, or one under the temporary folder when the server's user
/// could not get there.
fn data_dir() -> PathBuf {
    if let Some(folder) = env::var_os(TEST_POSTGRES) {
        return PathBuf::from(folder);
    }
    let program = env::current_exe().expect("a test knows its own program");
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    if let Some(target) = target.filter(|target| target.ancestors().all(anyone_may_pass)) {
        return target.join("test-postgres");
    }
    let digest = hex::encode(&Sha256::digest(program.parent().unwrap_or(&program).as_os_str().as_encoded_bytes())[..6]);
    env::temp_dir().join(format!("nemkonto-test-postgres-{digest}"))
}

fn anyone_may_pass(folder: &Path) -> bool {
    folder.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o001 != 0)
}

/// Drops databases that killed tests and other versions of the migrations left. Only while nobody else can use the server: a template that
/// another process has already found would be gone when it is copied.
fn drop_leftovers(url: String) {
    let dropping = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut connection = connect(&url).await;
            let query = "select datname::text from pg_database where datname ~ '^(test|template|draft)_'";
            let names: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut connection).await.expect("listing databases");
            for name in names {
                execute(&mut connection, &format!("drop database {name} with (force)")).await;
            }
        });
    });
    dropping.join().expect("dropping leftover test databases");
}
