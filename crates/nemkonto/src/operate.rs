//! The operator's commands on the operator's own database.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use contracts::mediation::{Content, Mediation};
use contracts::{Actor, Context, LegalBasis, Purpose};
use mediation::DirectoryChannel;
use platform::driver::{run_forever, run_until_idle};
use primitives::{BankCode, DataSupplierId, IdSource, RandomIds, SystemClock};

use crate::cli::{BankAnswerArgs, DeliverArgs, WorkArgs};
use crate::ground::Ground;
use crate::settings::Settings;
use crate::street::{self, Plan, Street};
use crate::{Failure, openapi};

/// The database of the operator's commands on the private server.
const DATABASE: &str = "nemkonto";
/// How often it is looked whether a dead worker's lease has run out.
const LEASE_LOOK: Duration = Duration::from_millis(100);
/// Connections per house.
const CONNECTIONS: u32 = 8;

/// Makes or updates the tables of all houses.
///
/// # Errors
/// When the database refuses.
pub async fn migrate() -> Result<(), Failure> {
    let ground = Ground::open()?;
    street::migrate(&ground.database(DATABASE).await?).await
}

/// Runs all rooms until stopped (Ctrl-C or SIGTERM), or until there is nothing left to do.
///
/// # Errors
/// When the settings or the database are not in order; with `--until-idle` also the first failure of a room.
pub async fn work(args: &WorkArgs) -> Result<(), Failure> {
    let ground = Ground::open()?;
    let street = open(&ground, &Settings::load(args.settings.as_deref())?).await?;
    if args.until_idle {
        return work_until_done(&street, args.workers).await;
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let rooms = tokio::spawn(run_forever(street.rooms(), args.workers, stopped));
    stop_signal().await?;
    stop.send(true)?;
    Ok(rooms.await?)
}

/// Runs the rooms until nothing waits, also what a worker that died had leased.
async fn work_until_done(street: &Street, workers: usize) -> Result<(), Failure> {
    let rooms = street.rooms();
    loop {
        run_until_idle(&rooms, workers).await?;
        if street.mediation.open_work().await?.is_none() {
            return Ok(());
        }
        tokio::time::sleep(LEASE_LOOK).await;
    }
}

/// Hands in a payer's file; answers the receipt as JSON.
///
/// # Errors
/// When the file cannot be read or cannot be kept.
pub async fn deliver(args: &DeliverArgs) -> Result<String, Failure> {
    let supplier = DataSupplierId::parse(&args.supplier).map_err(|error| format!("--supplier: {error}"))?;
    let ground = Ground::open()?;
    let street = open(&ground, &Settings::load(args.settings.as_deref())?).await?;
    let context = context(Actor::DataSupplier { id: supplier }, "delivery of payments")?;
    Ok(serde_json::to_string(&street.mediation.deliver(&context, supplier, open_file(&args.file).await?).await?)?)
}

/// Hands in a bank's answer; answers what it did as JSON. The same answer twice is one answer.
///
/// # Errors
/// When the file cannot be read or cannot be kept.
pub async fn bank_answer(args: &BankAnswerArgs) -> Result<String, Failure> {
    let bank = BankCode::parse(&args.bank).map_err(|error| format!("--bank: {error}"))?;
    let ground = Ground::open()?;
    let street = open(&ground, &Settings::load(args.settings.as_deref())?).await?;
    let context = context(Actor::Bank { code: bank }, "answer to payments")?;
    Ok(serde_json::to_string(&street.mediation.bank_answer(&context, bank, open_file(&args.file).await?).await?)?)
}

async fn open_file(file: &Path) -> Result<Content, Failure> {
    let file = if file == Path::new("-") { Path::new("/dev/stdin") } else { file };
    Ok(Box::pin(tokio::fs::File::open(file).await.map_err(|error| format!("{}: {error}", file.display()))?))
}

fn context(actor: Actor, purpose: &str) -> Result<Context, Failure> {
    Ok(Context {
        actor,
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov 696/2025")?,
        purpose: Purpose::new(purpose)?,
        trace: RandomIds.uuid_v4(),
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

/// Opens all houses for operation: real time, real randomness.
async fn open(ground: &Ground, settings: &Settings) -> Result<Street, Failure> {
    Street::open(Plan {
        url: ground.database(DATABASE).await?,
        keys: ground.keys.clone(),
        accounts: settings.state.clone(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        channel: Arc::new(DirectoryChannel::new(settings.folder.clone())),
        mediation: settings.mediation.clone(),
        connections: CONNECTIONS,
    })
    .await
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
