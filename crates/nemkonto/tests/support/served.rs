//! Processes of the real program that serve houses.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use nemkonto::cli::Elsewhere;
use nemkonto::places::HouseName;
use platform::crash::CRASH_AT;

use super::PATIENCE;

/// A process that serves houses. It is killed with this value.
pub struct Served(Child);

impl Served {
    /// Starts `serve --only` as the command says, and waits until the houses are open.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let (told, open) = mpsc::channel();
        thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                if line.contains("Ctrl-C ends it") {
                    let _ = told.send(());
                } else {
                    eprintln!("{line}");
                }
            }
        });
        open.recv_timeout(PATIENCE).expect("the houses were not opened");
        Self(child)
    }

    /// Waits until the process has ended by itself.
    pub fn wait(&mut self) -> ExitStatus {
        let since = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(since.elapsed() < PATIENCE, "the process has not ended");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the processes of one system have in common.
pub struct System {
    folder: PathBuf,
    /// Certificate and key of all of them, and the authority's certificate; without, they talk readably on this machine.
    tls: Option<Certificates>,
}

/// The files of a system's certificates.
pub struct Certificates {
    pub authority: PathBuf,
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl System {
    /// A system with a secret of its own in the folder.
    pub fn new(folder: &Path, tls: Option<Certificates>) -> Self {
        write_secret(&folder.join("secret"), &"s".repeat(40));
        Self { folder: folder.to_owned(), tls }
    }

    pub fn secret(&self) -> PathBuf {
        self.folder.join("secret")
    }

    /// The URL of a house that is not served yet.
    pub fn new_url(&self) -> String {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{port}")
    }

    /// The command that serves the house at its URL, on the database, and calls the others where they are.
    pub fn serve(&self, house: HouseName, url: &str, database: &str, others: &Elsewhere) -> Command {
        let (_, address) = url.split_once("://").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_nemkonto"));
        command.args(["serve", "--only", &house.to_string(), "--listen", address]);
        command.env("DATABASE_URL", database).env("NEMKONTO_KEY_FILE", self.folder.join(format!("keys-{house}")));
        if let Some(tls) = &self.tls {
            command.arg("--certificate").arg(&tls.certificate).arg("--key").arg(&tls.key);
        }
        command.args(arguments(others));
        command.env_remove(CRASH_AT);
        command
    }

    /// Where the houses are, as arguments for whoever calls them.
    pub fn elsewhere(&self, urls: &[(HouseName, String)]) -> Elsewhere {
        let url = |name: HouseName| urls.iter().find(|(house, _)| *house == name).map(|(_, url)| url.clone());
        Elsewhere {
            register_url: url(HouseName::Register),
            parties_url: url(HouseName::Parties),
            holding_url: url(HouseName::Holding),
            setoff_url: url(HouseName::Setoff),
            mediation_url: url(HouseName::Mediation),
            service_secret: Some(self.secret()),
            service_ca: self.tls.as_ref().map(|tls| tls.authority.clone()),
        }
    }
}

/// A file that only its owner may read.
pub fn write_secret(path: &Path, content: &str) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The same as arguments of a command.
pub fn arguments(elsewhere: &Elsewhere) -> Vec<String> {
    let Elsewhere { register_url, parties_url, holding_url, setoff_url, mediation_url, service_secret, service_ca } = elsewhere;
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.to_str().unwrap().to_owned());
    let options = [
        ("--register-url", register_url.clone()),
        ("--parties-url", parties_url.clone()),
        ("--holding-url", holding_url.clone()),
        ("--setoff-url", setoff_url.clone()),
        ("--mediation-url", mediation_url.clone()),
        ("--service-secret", path(service_secret)),
        ("--service-ca", path(service_ca)),
    ];
    options.into_iter().filter_map(|(name, value)| Some([name.to_owned(), value?])).flatten().collect()
}
