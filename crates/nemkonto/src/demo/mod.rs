//! The main job on a seeded Denmark: from payers' files with only numbers to the banks' files and back, and every øre recounted.

mod banks;
mod clock;
mod deliver;
mod folder;
mod outside_file;
mod progress;
mod rooms;
mod seed;
mod summary;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use jiff::civil::Date;
use mediation::DirectoryChannel;
use primitives::{Clock, SeededIds, next_bank_day};
use simulation::auditor::{AuditInput, Recount, audit};
use simulation::banks::Banks;
use simulation::payers::{PaymentMix, PlannedFiles};
use simulation::{World, WorldSize};

pub(crate) use banks::answer_all as answer_banks;
pub use clock::BankDayClock;
pub use folder::OutFolder;
pub use outside_file::outside_file;
pub use progress::Progress;
pub(crate) use seed::{BATCH, all_done, batches, before_the_end};
pub use seed::{operator, seed};
pub use summary::Summary;

use crate::Failure;
use crate::cli::DemoArgs;
use crate::ground::Ground;
use crate::places::Places;
use crate::settings::Settings;
use crate::street::{PartPlan, StateAccounts, Street, migrate};

/// The seed of the demo's Denmark.
pub const SEED: u64 = 2005;
/// The database of the demo on the private server; emptied at every run.
const DATABASE: &str = "nemkonto_demo";

/// What the demo is to show.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many persons.
    pub people: u64,
    /// How many companies.
    pub companies: u64,
    /// How many payments in the authorities' main files; small files with special cases come on top.
    pub payments: u64,
    /// Where the files go.
    pub out: PathBuf,
    /// Whether progress bars are drawn.
    pub progress: bool,
    /// How many workers drive the rooms.
    pub workers: usize,
}

impl Options {
    /// What the command line asks for.
    #[must_use]
    pub fn from_args(args: &DemoArgs) -> Self {
        Self {
            people: args.people,
            companies: args.companies.unwrap_or(args.people / 10),
            payments: args.payments.unwrap_or(args.people),
            out: args.out.clone(),
            progress: !args.json,
            workers: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
        }
    }
}

/// The demo's stage: an empty, seeded street and the Denmark it is about.
#[derive(Debug)]
pub struct Stage {
    /// The houses.
    pub street: Street,
    /// The Denmark they know.
    pub world: World,
    /// What to tell people of the day.
    pub notice: Option<String>,
    ground: Ground,
}

impl Stage {
    /// Empties the demo's database, migrates, and seeds. Files will go to `out`.
    ///
    /// # Errors
    /// When the server or a house refuses, or another process uses the database.
    pub async fn set(settings: &Settings, options: &Options, out: &Path, progress: &Progress) -> Result<Self, Failure> {
        let ground = Ground::on(settings)?;
        let url = ground.fresh_database(DATABASE).await?;
        migrate(&url).await?;
        let clock = BankDayClock::start();
        let (day, notice) = (clock.day(), clock.notice());
        let world = World::new(SEED, WorldSize { people: options.people, companies: options.companies }, day)?;
        let plan = PartPlan {
            url,
            keys: ground.keys.clone(),
            accounts: Some(state_accounts(&world)),
            clock: Arc::new(clock),
            ids: Arc::new(SeededIds::new(SEED)),
            channel: Some(Arc::new(DirectoryChannel::new(out))),
            houses: settings.houses.clone(),
            connections: settings.database.max_connections,
            anchors: None,
        };
        let street = Street::open_at(plan, &Places::all_here()).await?;
        let seeded = seed(&street, &world, progress).await;
        let stage = Self { street, world, notice, ground };
        match seeded {
            Ok(()) => Ok(stage),
            Err(error) => {
                stage.close().await;
                Err(error)
            }
        }
    }

    /// Closes every connection before the server may stop.
    pub async fn close(self) {
        self.street.close().await;
        drop(self.ground);
    }
}

/// The day of the run: today, or the next bank day when the banks are closed.
pub fn bank_day(clock: &dyn Clock) -> Date {
    next_bank_day(clock.today())
}

/// The state's accounts in a seeded Denmark.
#[must_use]
pub fn state_accounts(world: &World) -> StateAccounts {
    StateAccounts {
        recovery: world.recovery_account(),
        holding: world.holding_account(),
        holding_agreement: world.system_agreement(),
    }
}

/// Runs the demo from nothing to the recount.
///
/// # Errors
/// When a step fails; a wrong balance is not an error but the summary's answer.
pub async fn run(settings: &Settings, options: &Options) -> Result<Summary, Failure> {
    let progress = Progress::new(options.progress);
    let folder = OutFolder::take(&options.out)?;
    let stage = Stage::set(settings, options, folder.path(), &progress).await?;
    let summary = day_on(&stage, options, &folder, &progress).await;
    stage.close().await;
    summary
}

async fn day_on(stage: &Stage, options: &Options, folder: &OutFolder, progress: &Progress) -> Result<Summary, Failure> {
    let Stage { street, world, notice, .. } = stage;
    folder.clear()?;
    let begun = Instant::now();
    let mix = PaymentMix { payments: options.payments, ..PaymentMix::default() };
    run_a_day(street, world, mix, folder.path(), options.workers, progress).await?;
    let took = begun.elapsed();
    let (notice, out, files) = (notice.clone(), folder.path().to_owned(), Vec::new());
    let recount = recount(world, folder.path(), audit)?;
    Ok(Summary { recount, took, phases: progress.phases(), notice, out, files })
}

type Audit = fn(&AuditInput<'_>) -> std::io::Result<Recount>;

/// Recounts every øre from the files below `out`.
fn recount(world: &World, out: &Path, audit: Audit) -> Result<Recount, Failure> {
    let (input, answers) = (out.join("in"), out.join("from-bank"));
    let input = AuditInput { input: &input, output: out, answers: Some(&answers), today: world.today(), world: Some(world) };
    Ok(audit(&input)?)
}

/// A day: the authorities deliver, mediation works, some payments are recalled, the banks answer, the payers get their reports.
pub(crate) async fn run_a_day(
    street: &Street, world: &World, mix: PaymentMix, out: &Path, workers: usize, progress: &Progress,
) -> Result<(), Failure> {
    let (files, input) = (PlannedFiles::new(world, mix), out.join("in"));
    deliver::write_and_deliver(street, &files, &input, progress).await?;
    rooms::work(&street.rooms(), workers, "mediation", 0, progress).await?;
    deliver::recall(street, &files, &input, progress).await?;
    rooms::work(&street.rooms(), workers, "stops", 0, progress).await?;
    answer_and_report(street, &Banks::new(world), out, workers, progress).await
}

/// What was delivered is worked through, the banks answer, and the payers get their reports.
async fn work_and_answer(street: &Street, banks: &Banks, out: &Path, workers: usize, progress: &Progress) -> Result<(), Failure> {
    rooms::work(&street.rooms(), workers, "mediation", 0, progress).await?;
    answer_and_report(street, banks, out, workers, progress).await
}

/// The banks answer what they were sent, and the payers get their reports.
async fn answer_and_report(
    street: &Street, banks: &Banks, out: &Path, workers: usize, progress: &Progress,
) -> Result<(), Failure> {
    banks::answer_all(street, banks, out, progress).await?;
    rooms::work(&street.rooms(), workers, "reports", 0, progress).await
}
