//! The operator's commands on the operator's own database.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use contracts::mediation::{Content, Mediation};
use contracts::{Actor, Context, LegalBasis, Purpose};
use mediation::DirectoryChannel;
use platform::change_log::AnchorFile;
use platform::database::{Database, PoolOptions, provision};
use platform::driver::{run_forever, run_until_idle};
use platform::feed;
use primitives::{BankCode, DataSupplierId, IdSource, RandomIds, SystemClock};

use crate::cli::{BankAnswerArgs, DeliverArgs, Elsewhere, MigrateArgs, WorkArgs};
use crate::ground::Ground;
use crate::places::{HouseName, Places};
use crate::settings::Settings;
use crate::street::{PartPlan, Street, check_migrated};
use crate::{Failure, openapi};

/// The database of the operator's commands on the private server.
pub(crate) const DATABASE: &str = "nemkonto";
/// How often it is looked whether a dead worker's lease has run out.
const LEASE_LOOK: Duration = Duration::from_millis(100);

/// The houses that tell facts to others.
const WITH_FEED: [&str; 3] = ["register", "setoff", "mediation"];

/// Makes or updates the tables of all houses, or of those that are named; after a restore their feeds begin a new epoch.
///
/// # Errors
/// When the database refuses.
pub async fn migrate(args: &MigrateArgs, settings: &Settings) -> Result<(), Failure> {
    let ground = Ground::on(settings)?;
    let schemas = Places::new(&args.only, &Elsewhere::default())?.schemas();
    let admin = ground.database(DATABASE).await?.admin;
    provision(&admin, &schemas).await?;
    if args.restored {
        for house in schemas.iter().filter(|house| WITH_FEED.contains(&house.name)) {
            let database = Database::connect(&admin, &house.runtime_role(), &PoolOptions::default()).await?;
            let epoch = feed::begin_epoch(&mut *database.pool().acquire().await?, house.name).await?;
            tracing::warn!(house = house.name, epoch, "the house's feed begins a new epoch");
            database.close().await;
        }
    }
    Ok(())
}

/// Runs all rooms until stopped (Ctrl-C or SIGTERM), or until there is nothing left to do.
///
/// # Errors
/// When the settings or the database are not in order; with `--until-idle` also the first failure of a room.
pub async fn work(args: &WorkArgs, settings: &Settings) -> Result<(), Failure> {
    let workers = args.workers.unwrap_or(settings.workers.count);
    on_street(settings, &args.elsewhere, async |street| {
        if args.until_idle { work_until_done(street, workers).await } else { work_until_stopped(street, workers).await }
    })
    .await
}

async fn work_until_stopped(street: &Street, workers: usize) -> Result<(), Failure> {
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let rooms = tokio::spawn(run_forever(street.rooms(), workers, stopped));
    stop_signal().await?;
    stop.send(true)?;
    Ok(rooms.await?)
}

/// Runs the rooms until nothing waits, also what a worker that died had leased.
async fn work_until_done(street: &Street, workers: usize) -> Result<(), Failure> {
    let rooms = street.rooms();
    loop {
        run_until_idle(&rooms, workers).await?;
        if !street.has_open_work().await? {
            return Ok(());
        }
        tokio::time::sleep(LEASE_LOOK).await;
    }
}

/// Hands in a payer's file; answers the receipt as JSON.
///
/// # Errors
/// When the file cannot be read or cannot be kept.
pub async fn deliver(args: &DeliverArgs, settings: &Settings) -> Result<String, Failure> {
    let supplier = DataSupplierId::parse(&args.supplier).map_err(|error| format!("--supplier: {error}"))?;
    let content = open_file(&args.file).await?;
    let context = context(Actor::DataSupplier { id: supplier }, "delivery of payments")?;
    on_mediation(settings, &args.elsewhere, async move |mediation| {
        Ok(serde_json::to_string(&mediation.deliver(&context, supplier, content).await?)?)
    })
    .await
}

/// Hands in a bank's answer; answers what it did as JSON. The same answer twice is one answer.
///
/// # Errors
/// When the file cannot be read or cannot be kept.
pub async fn bank_answer(args: &BankAnswerArgs, settings: &Settings) -> Result<String, Failure> {
    let bank = BankCode::parse(&args.bank).map_err(|error| format!("--bank: {error}"))?;
    let content = open_file(&args.file).await?;
    let context = context(Actor::Bank { code: bank }, "answer to payments")?;
    on_mediation(settings, &args.elsewhere, async move |mediation| {
        Ok(serde_json::to_string(&mediation.bank_answer(&context, bank, content).await?)?)
    })
    .await
}

/// The file's content; `-` is standard input.
pub(crate) async fn open_file(file: &Path) -> Result<Content, Failure> {
    let file = if file == Path::new("-") { Path::new("/dev/stdin") } else { file };
    let named = |error: std::io::Error| format!("{}: {error}", file.display());
    let opened = tokio::fs::File::open(file).await.map_err(named)?;
    if opened.metadata().await.map_err(named)?.is_dir() {
        return Err(format!("{} is a folder; a file is needed", file.display()).into());
    }
    Ok(Box::pin(opened))
}

pub(crate) fn context(actor: Actor, purpose: &str) -> Result<Context, Failure> {
    Ok(Context {
        actor,
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov 696/2025")?,
        purpose: Purpose::new(purpose)?,
        trace: RandomIds.uuid_v4(),
        acting: None,
    })
}

/// Writes the interface document of every house into the folder.
///
/// # Errors
/// When a file cannot be written.
pub fn write_openapi(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    for (house, document) in openapi::documents() {
        std::fs::write(folder.join(format!("{house}.json")), document)?;
    }
    Ok(())
}

/// Does the work with mediation: with the one elsewhere, for which nothing is needed here, or with our own.
pub(crate) async fn on_mediation<T>(
    settings: &Settings, elsewhere: &Elsewhere, work: impl AsyncFnOnce(&dyn Mediation) -> Result<T, Failure>,
) -> Result<T, Failure> {
    match Places::new(&[], elsewhere)?.client(HouseName::Mediation) {
        Some(client) => work(&mediation::Remote::new(client)).await,
        None => on_street(settings, elsewhere, async move |street| work(&*street.mediation).await).await,
    }
}

/// Does the work on the houses that are here and the ways to the others; then every connection is closed, before the server may stop.
pub(crate) async fn on_street<T>(
    settings: &Settings, elsewhere: &Elsewhere, work: impl AsyncFnOnce(&Street) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let places = Places::new(&[], elsewhere)?;
    let ground = Ground::on(settings)?;
    let plan = part_plan(&ground, settings).await?;
    check_migrated(&plan.url, &places.schemas()).await?;
    let street = Street::open_at(plan, &places).await?;
    let done = work(&street).await;
    street.close().await;
    done
}

/// What houses in operation are built from: real time, real randomness.
pub(crate) async fn part_plan(ground: &Ground, settings: &Settings) -> Result<PartPlan, Failure> {
    Ok(PartPlan {
        url: ground.database(DATABASE).await?.url,
        keys: ground.keys.clone(),
        accounts: settings.state.clone(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        channel: settings.folder.clone().map(|folder| Arc::new(DirectoryChannel::new(folder)) as _),
        houses: settings.houses.clone(),
        connections: settings.database.max_connections,
        anchors: Some(AnchorFile::new(&settings.anchor_file)),
    })
}

/// Waits for Ctrl-C or SIGTERM.
pub(crate) async fn stop_signal() -> Result<(), Failure> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
