//! The main job on a seeded Denmark: from payers' files with only numbers to the banks' files and back, and every øre recounted.

mod banks;
mod deliver;
mod outside_file;
mod progress;
mod rooms;
mod seed;
mod summary;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use jiff::civil::Date;
use mediation::DirectoryChannel;
use primitives::{Clock, SeededIds, SystemClock, next_bank_day};
use simulation::auditor::{AuditInput, audit};
use simulation::banks::Banks;
use simulation::payers::{PaymentMix, PlannedFiles};
use simulation::{World, WorldSize};

pub(crate) use banks::answer_all as answer_banks;
pub use outside_file::outside_file;
pub use progress::Progress;
pub use seed::{operator, seed};
pub use summary::Summary;

use crate::Failure;
use crate::cli::DemoArgs;
use crate::ground::Ground;
use crate::street::{Plan, StateAccounts, Street, migrate};

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
    _ground: Ground,
}

impl Stage {
    /// Empties the demo's database and folder, migrates, and seeds.
    ///
    /// # Errors
    /// When the server, the folder or a house refuses.
    pub async fn set(options: &Options, progress: &Progress) -> Result<Self, Failure> {
        clear(&options.out)?;
        let ground = Ground::open()?;
        let url = ground.fresh_database(DATABASE).await?;
        migrate(&url).await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let world = World::new(SEED, WorldSize { people: options.people, companies: options.companies }, bank_day(&*clock))?;
        let plan = Plan {
            url,
            keys: ground.keys.clone(),
            accounts: state_accounts(&world),
            clock,
            ids: Arc::new(SeededIds::new(SEED)),
            channel: Arc::new(DirectoryChannel::new(options.out.clone())),
            mediation: mediation::Settings::default(),
            connections: 8,
        };
        let street = Street::open(plan).await?;
        seed(&street, &world, progress).await?;
        Ok(Self { street, world, _ground: ground })
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
pub async fn run(options: &Options) -> Result<Summary, Failure> {
    let progress = Progress::new(options.progress);
    let stage = Stage::set(options, &progress).await?;
    let begun = Instant::now();
    let Stage { street, world, .. } = &stage;

    let mix = PaymentMix { payments: options.payments, ..PaymentMix::default() };
    run_a_day(street, world, mix, &options.out, options.workers, &progress).await?;
    let seconds = begun.elapsed();

    let input = options.out.join("in");
    let answers = options.out.join("from-bank");
    let recount = audit(&AuditInput {
        input: &input,
        output: &options.out,
        answers: Some(&answers),
        today: world.today(),
        world: Some(world),
    })?;
    Ok(Summary { recount, took: seconds, phases: progress.phases(), out: options.out.clone() })
}

/// A day: the authorities deliver, mediation works, the banks answer, the payers get their reports.
pub(crate) async fn run_a_day(
    street: &Street, world: &World, mix: PaymentMix, out: &Path, workers: usize, progress: &Progress,
) -> Result<(), Failure> {
    deliver::write_and_deliver(street, &PlannedFiles::new(world, mix), &out.join("in"), progress).await?;
    let all_rooms = street.rooms();
    rooms::work(&all_rooms, workers, "mediation", 0, progress).await?;
    banks::answer_all(street, &Banks::new(world), out, progress).await?;
    rooms::work(&all_rooms, workers, "reports", 0, progress).await
}

/// Removes what an earlier run wrote, and nothing else.
pub(crate) fn clear(out: &Path) -> Result<(), Failure> {
    fs::create_dir_all(out)?;
    for folder in ["in", "bank", "from-bank", "reports"] {
        match fs::remove_dir_all(out.join(folder)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}
