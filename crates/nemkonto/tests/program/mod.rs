//! The program itself, run as its users do, on a private server and in a folder of the test's own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use platform::local_postgres::{LocalPostgres, LocalPostgresOptions};
use platform::testing::TemporaryFolder;

/// What a run left behind.
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub errors: String,
}

/// The program in a folder of its own. The server runs for as long as this lives, so that a run need not start it.
pub struct Program {
    folder: TemporaryFolder,
    server: LocalPostgresOptions,
    running: Option<LocalPostgres>,
}

impl Program {
    pub fn new(name: &str) -> Self {
        // Not below the target folder: the server's own user may not be let through to it.
        let data_dir = std::env::temp_dir().join(format!("nemkonto-{name}-{}", std::process::id()));
        let server = LocalPostgresOptions { data_dir, fsync: false, ..Default::default() };
        let running = Some(LocalPostgres::start(&server).unwrap());
        Self { folder: TemporaryFolder::new(), server, running }
    }

    /// Where the program is run.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A database on the server, as superuser.
    pub fn database_url(&self, name: &str) -> String {
        self.running.as_ref().unwrap().url(name)
    }

    /// The server's folder.
    pub fn data_dir(&self) -> &Path {
        &self.server.data_dir
    }

    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nemkonto"));
        command.args(arguments).current_dir(self.folder()).stdin(Stdio::null());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NEMKONTO_")) {
            command.env_remove(name);
        }
        command.env_remove("DATABASE_URL");
        command.env("NEMKONTO_DATA_DIR", self.data_dir()).env("NEMKONTO_KEY_FILE", self.folder().join("keys"));
        command.env("NEMKONTO_LOCAL_POSTGRES__FSYNC", "false");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments).output().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(server) = self.running.take() {
            server.stop();
        }
        let _ = std::fs::remove_dir_all(&self.server.data_dir);
        let _ = std::fs::remove_file(self.server.data_dir.with_extension("anchors"));
    }
}

pub fn ended(output: Output) -> Ended {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), out: text(output.stdout), errors: text(output.stderr) }
}

impl Ended {
    /// It went well and said nothing on the error stream.
    #[track_caller]
    pub fn quietly(self) -> String {
        assert_eq!((self.code, self.errors.as_str()), (Some(0), ""), "{}", self.out);
        self.out
    }

    /// It failed in order, and said this.
    #[track_caller]
    pub fn refused(self, said: &str) {
        assert_eq!(self.code, Some(1), "{} {}", self.out, self.errors);
        assert!(self.errors.starts_with("nemkonto: ") && self.errors.contains(said), "{}", self.errors);
    }
}
