//! A small seeded Denmark in a database of its own, and a day on it driven by the real program in processes of its own.

pub mod day;
pub mod days_after;
pub mod end;
pub mod planted;
pub mod schemas;
pub mod served;

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::BufWriter;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use contracts::{Actor, Context};
use jiff::civil::Date;
use mediation::DirectoryChannel;
use nemkonto::cli::Elsewhere;
use nemkonto::demo::{Progress, bank_day, operator, seed, state_accounts};
use nemkonto::places::{HouseName, Places};
use nemkonto::street::{Plan, Street};
use platform::crash::CRASH_AT;
use platform::database::provision;
use platform::local_postgres::{LocalPostgres, LocalPostgresOptions};
use platform::seal::KeyRing;
use platform::testing::TemporaryFolder;
use primitives::{Account, SeededIds, SystemClock};
use simulation::auditor::{AuditInput, Recount, audit};
use simulation::banks::Banks;
use simulation::payers::{PaymentMix, PlannedDelivery, PlannedFiles};
use simulation::{World, WorldSize};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, postgres::PgConnectOptions};

use day::WORK;
use served::{Served, System, arguments};

/// How large the Denmark of a case is.
const SIZE: WorldSize = WorldSize { people: 400, companies: 40 };
const SEED: u64 = 7;
/// Of all tests at once: each has a process or more, of five houses with sixteen connections each at most.
const CONNECTIONS: u16 = 600;
/// How long a process may take for its part of a day, which is some seconds of work: what takes longer hangs, also where the machine has ten
/// times as much to do as it can.
pub const PATIENCE: Duration = Duration::from_secs(600);
/// SIGKILL.
const KILLED: i32 = 9;

/// The stages of the day, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A payer's file is handed in.
    Deliver,
    /// From kept deliveries to files handed over.
    Work,
    /// A bank's answer is handed in.
    BankAnswer,
    /// Reservations are settled and payers told.
    Close,
    /// Deposits are released to payees who have got an account.
    Release,
    /// The holding account hears what became of its releases.
    Confirm,
}

/// One kill: in which stage of the day, at which moment, and how many passages of it are let through first.
#[derive(Clone, Copy, Debug)]
pub struct Kill {
    pub stage: Stage,
    pub moment: &'static str,
    pub passages: u32,
}

impl Kill {
    /// As the program is told.
    pub fn told(&self) -> String {
        format!("{}:{}", self.moment, self.passages)
    }
}

/// The kills of a stage, in their order.
fn kills_in(stage: Stage, kills: &[Kill]) -> Vec<String> {
    kills.iter().filter(|kill| kill.stage == stage).map(Kill::told).collect()
}

/// A house that a scene has in a process and a database of its own.
pub struct Apart {
    pub house: HouseName,
    url: String,
    database: String,
    process: Option<Served>,
}

/// A seeded street on a server, and the folders of its files.
pub struct Scene {
    /// Before the server: they are its users.
    pub apart: Vec<Apart>,
    server: LocalPostgres,
    server_options: LocalPostgresOptions,
    url: String,
    database: String,
    folder: TemporaryFolder,
    system: System,
    elsewhere: Elsewhere,
    pub world: World,
    pub street: Street,
}

impl Scene {
    /// On the server all cases share.
    pub async fn set(name: &str) -> Self {
        Self::set_apart(name, &[]).await
    }

    /// On the server all cases share; these houses run in processes and on databases of their own.
    pub async fn set_apart(name: &str, apart: &[HouseName]) -> Self {
        // Not below the target folder: the server's own user may not be let through to it.
        let mut checkout = DefaultHasher::new();
        env!("CARGO_MANIFEST_DIR").hash(&mut checkout);
        let shared = std::env::temp_dir().join(format!("nemkonto-test-program-{:x}", checkout.finish()));
        Self::on(LocalPostgresOptions { data_dir: shared, fsync: false, max_connections: CONNECTIONS }, name, apart).await
    }

    /// On a server of its own, which may be killed.
    pub async fn with_own_server(name: &str) -> Self {
        let own = std::env::temp_dir().join(format!("nemkonto-{name}-{}", std::process::id()));
        Self::on(LocalPostgresOptions { data_dir: own, fsync: true, max_connections: CONNECTIONS }, name, &[]).await
    }

    async fn on(server_options: LocalPostgresOptions, name: &str, apart: &[HouseName]) -> Self {
        let options = server_options.clone();
        let server = tokio::task::spawn_blocking(move || LocalPostgres::start(&options)).await.unwrap().unwrap();
        let database = format!("crash_{name}");
        let url = fresh_database(&server, &database).await;
        let folder = TemporaryFolder::new();
        let system = System::new(folder.path(), None);
        let apart = apart_from(&server, &system, &database, apart).await;
        let urls: Vec<_> = apart.iter().map(|apart| (apart.house, apart.url.clone())).collect();
        let elsewhere = system.elsewhere(&urls);
        let places = Places::new(&[], &elsewhere).unwrap();
        provision(&url, &places.schemas()).await.unwrap();
        let world = World::new(SEED, SIZE, bank_day(&SystemClock)).unwrap();
        let street = open_street(&url, &world, folder.path(), &places).await;
        let mut scene = Self { apart, server, server_options, url, database, folder, system, elsewhere, world, street };
        fs::write(scene.settings(), settings_file(&scene.world, &scene.out())).unwrap();
        for index in 0..scene.apart.len() {
            scene.start_apart(index, None);
        }
        seed(&scene.street, &scene.world, &Progress::new(false)).await.unwrap();
        scene
    }

    /// Starts the process of a house that stands apart, to be killed at the crash point, if asked.
    pub fn start_apart(&mut self, index: usize, crash_at: Option<&str>) {
        let apart = &mut self.apart[index];
        apart.process = None;
        let mut command = self.system.serve(apart.house, &apart.url, &apart.database, &self.system.elsewhere(&[]));
        command.arg("--settings").arg(self.folder.path().join("nemkonto.toml"));
        if let Some(point) = crash_at {
            command.env(CRASH_AT, point);
        }
        apart.process = Some(Served::start(command));
    }

    /// Ends the process of a house that stands apart.
    pub fn stop_apart(&mut self, index: usize) {
        self.apart[index].process = None;
    }

    /// Waits until the process of a house that stands apart has been killed.
    pub fn wait_for_kill(&mut self, index: usize) {
        let ended = self.apart[index].process.as_mut().expect("the process was started").wait();
        assert_eq!(ended.signal(), Some(KILLED), "{ended}");
    }

    /// The database, as the server's superuser.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The server's own folder.
    pub fn data_dir(&self) -> &Path {
        &self.server_options.data_dir
    }

    pub fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn settings(&self) -> PathBuf {
        self.folder.path().join("nemkonto.toml")
    }

    /// A whole day and its recount; each kill strikes the work of its stage that the one before has left.
    pub async fn day(&self, kills: &[Kill]) -> Recount {
        self.deliver_all(kills_in(Stage::Deliver, kills)).await;
        self.index_lookups_one_by_one().await;
        self.run_killed_then_whole(&WORK, kills_in(Stage::Work, kills)).await;
        self.answer_all(kills_in(Stage::BankAnswer, kills)).await;
        self.run_killed_then_whole(&WORK, kills_in(Stage::Close, kills)).await;
        self.recount()
    }

    /// A whole day during which the server is killed once the first bank file has been handed over.
    pub async fn day_with_server_killed_after_the_first_file(&self) -> Recount {
        self.deliver_all(Vec::new()).await;
        let mut worker = self.command(&WORK).spawn().unwrap();
        let since = Instant::now();
        while !self.out().join("bank").is_dir() {
            assert!(since.elapsed() < PATIENCE, "no file was handed over");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let server = self.server.server_pid().expect("the server runs");
        let killed = Command::new("kill").args(["-9", &server.to_string()]).status().unwrap();
        assert!(killed.success());
        let ended = worker.wait().unwrap();
        assert!(!ended.success(), "the work was over before the server was killed");
        let options = self.server_options.clone();
        let revived = tokio::task::spawn_blocking(move || LocalPostgres::start(&options)).await.unwrap().unwrap();
        self.run_killed_then_whole(&WORK, Vec::new()).await;
        self.answer_all(Vec::new()).await;
        self.run_killed_then_whole(&WORK, Vec::new()).await;
        revived.stop();
        self.recount()
    }

    /// All files of the day; the first are handed in by processes that are killed, if asked.
    pub async fn deliver_all(&self, kills: Vec<String>) {
        let files = self.planned_files();
        let mut kills = kills.into_iter();
        for delivery in files.deliveries() {
            let path = files.write(delivery, &self.out().join("in")).unwrap();
            match kills.next() {
                None => self.deliver(delivery, &path).await,
                Some(point) => {
                    // Killed before the receipt: the sender does not know, and sends again.
                    let arguments = ["deliver", path.to_str().unwrap(), "--supplier", delivery.supplier.as_str()];
                    self.run_into(&arguments, &point).await;
                    self.deliver(delivery, &path).await;
                }
            }
        }
    }

    fn planned_files(&self) -> PlannedFiles<'_> {
        PlannedFiles::new(&self.world, PaymentMix { payments: SIZE.people, ..PaymentMix::default() })
    }

    async fn deliver(&self, delivery: &PlannedDelivery, path: &Path) {
        let context = Context { actor: Actor::DataSupplier { id: delivery.supplier }, ..operator() };
        let content = tokio::fs::File::open(path).await.unwrap();
        self.street.mediation.deliver(&context, delivery.supplier, Box::pin(content)).await.unwrap();
    }

    /// The simulated banks answer every file; the first answers are handed in by processes that are killed, if asked.
    pub async fn answer_all(&self, kills: Vec<String>) {
        let banks = Banks::new(&self.world);
        let mut kills = kills.into_iter();
        for (code, file) in files_below(&self.out().join("bank")) {
            let folder = self.out().join("from-bank").join(&code);
            fs::create_dir_all(&folder).unwrap();
            let answer = folder.join(file.file_name().unwrap());
            banks.answer(&file, BufWriter::new(File::create(&answer).unwrap())).unwrap();
            let arguments = ["bank-answer", answer.to_str().unwrap(), "--bank", &code];
            match kills.next() {
                None => {
                    let bank = code.parse_bank();
                    let context = Context { actor: Actor::Bank { code: bank }, ..operator() };
                    let content = tokio::fs::File::open(&answer).await.unwrap();
                    self.street.mediation.bank_answer(&context, bank, Box::pin(content)).await.unwrap();
                }
                // The answer is not sent again: what was kept is applied by the rooms.
                Some(point) => self.run_into(&arguments, &point).await,
            }
        }
    }

    /// Runs the program into each moment, and then to its end.
    pub async fn run_killed_then_whole(&self, arguments: &[&str], kills: Vec<String>) {
        for moment in kills {
            self.run_into(arguments, &moment).await;
        }
        let ended = self.run(arguments, None).await;
        assert!(ended.success(), "{arguments:?} ended with {ended}");
    }

    /// Runs the program, which must be killed at the moment.
    async fn run_into(&self, arguments: &[&str], moment: &str) {
        let ended = self.run(arguments, Some(moment)).await;
        assert_eq!(ended.signal(), Some(KILLED), "{moment} was not reached: {ended}");
    }

    async fn run(&self, arguments: &[&str], crash_at: Option<&str>) -> ExitStatus {
        let mut command = self.command(arguments);
        if let Some(point) = crash_at {
            command.env(CRASH_AT, point);
        }
        let mut child = command.spawn().unwrap();
        let since = Instant::now();
        loop {
            if let Some(ended) = child.try_wait().unwrap() {
                return ended;
            }
            if since.elapsed() > PATIENCE {
                let state = self.state_of_work().await;
                child.kill().unwrap();
                panic!("{arguments:?} (crash at {crash_at:?}) did not end in {PATIENCE:?}; {state}");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// For the message of a test that hangs: what waits to be done, and what the server's sessions are at.
    async fn state_of_work(&self) -> String {
        let mut admin = self.url.parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
        let open: Vec<String> = sqlx::query_scalar(
            "select 'delivery ' || r::text from mediation.delivery_reading r where state = 1
             union all select 'slice ' || s::text from mediation.slice s where state = 1
             union all select 'disposal ' || d::text from mediation.disposal d where state = 1
             union all select 'file ' || f::text from mediation.file_sending f where sent_at is null
             union all select 'answer ' || a::text from mediation.bank_answer_reading a where state = 1
             union all select 'reservation ' || t::text from mediation.reservation_task t where done_at is null and refusal is null
             union all select 'report ' || t::text from mediation.report_task t where report_id is null limit 30",
        )
        .fetch_all(&mut admin)
        .await
        .unwrap();
        let sessions: Vec<String> = sqlx::query_scalar(
            "select format('%s %s %s/%s, blocked by %s, in transaction since %s: %s', pid, state, wait_event_type, wait_event,
                pg_blocking_pids(pid), now() - xact_start, left(query, 160))
             from pg_stat_activity where datname = $1 order by pid",
        )
        .bind(&self.database)
        .fetch_all(&mut admin)
        .await
        .unwrap();
        format!("open work:\n{}\nsessions:\n{}", open.join("\n"), sessions.join("\n"))
    }

    pub fn command(&self, given: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nemkonto"));
        command.args(given).arg("--settings").arg(self.settings());
        if !self.apart.is_empty() {
            command.args(arguments(&self.elsewhere));
        }
        command.env("DATABASE_URL", &self.url).env("NEMKONTO_KEY_FILE", self.folder.path().join("keys"));
        command.stdout(Stdio::null()).env_remove(CRASH_AT);
        command
    }

    pub fn recount(&self) -> Recount {
        let (input, out, answers) = (self.out().join("in"), self.out(), self.out().join("from-bank"));
        let today: Date = self.world.today();
        audit(&AuditInput { input: &input, output: &out, answers: Some(&answers), today, world: Some(&self.world) }).unwrap()
    }
}

trait ParseBank {
    fn parse_bank(&self) -> primitives::BankCode;
}

impl ParseBank for String {
    fn parse_bank(&self) -> primitives::BankCode {
        primitives::BankCode::parse(self).unwrap()
    }
}

/// An empty database on the server.
async fn fresh_database(server: &LocalPostgres, name: &str) -> String {
    let mut admin = server.url("postgres").parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
    admin.execute(AssertSqlSafe(format!("drop database if exists {name} with (force)"))).await.unwrap();
    admin.execute(AssertSqlSafe(format!("create database {name}"))).await.unwrap();
    admin.close().await.unwrap();
    server.url(name)
}

async fn apart_from(server: &LocalPostgres, system: &System, database: &str, houses: &[HouseName]) -> Vec<Apart> {
    let mut apart = Vec::new();
    for house in houses {
        let database = fresh_database(server, &format!("{database}_{house}")).await;
        apart.push(Apart { house: *house, url: system.new_url(), database, process: None });
    }
    apart
}

async fn open_street(url: &str, world: &World, folder: &Path, places: &Places) -> Street {
    let plan = Plan {
        url: url.to_owned(),
        keys: KeyRing::load_or_create(&folder.join("keys")).unwrap(),
        accounts: state_accounts(world),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SeededIds::new(SEED)),
        channel: Arc::new(DirectoryChannel::new(folder.join("out"))),
        mediation: mediation::Settings::default(),
        connections: 8,
    };
    Street::open_at(plan.into(), places).await.unwrap()
}

pub fn settings_file(world: &World, out: &Path) -> String {
    let iban = |account: Account| match account {
        Account::Danish(danish) => danish.to_iban().as_str().to_owned(),
        Account::Iban { iban, .. } => iban.as_str().to_owned(),
        Account::Foreign(_) => unreachable!("the state's accounts are Danish"),
    };
    format!(
        "[state]\nrecovery_account = \"{}\"\nholding_account = \"{}\"\nholding_agreement = \"{}\"\n\
         [channel]\nfolder = \"{}\"\n[mediation]\nlease_seconds = 1\nslice_payments = 40\n",
        iban(world.recovery_account()),
        iban(world.holding_account()),
        world.system_agreement().digits(),
        out.display()
    )
}

/// The files of each folder in a folder, by the folder's name, in order.
pub fn files_below(root: &Path) -> Vec<(String, PathBuf)> {
    let sorted = |folder: &Path| {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(folder).map(|entries| entries.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default();
        paths.sort();
        paths
    };
    let mut files = Vec::new();
    for folder in sorted(root) {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        files.extend(
            sorted(&folder)
                .into_iter()
                .filter(|file| file.extension().is_some_and(|end| end == "xml"))
                .map(|file| (name.clone(), file)),
        );
    }
    files
}
