//! The operator's commands on the operator's own database.

use std::path::Path;
use std::sync::Arc;

use contracts::mediation::{Content, Mediation};
use contracts::{Actor, Context, LegalBasis, Purpose};
use mediation::DirectoryChannel;
use platform::driver::{run_forever, run_until_idle};
use primitives::{DataSupplierId, IdSource, RandomIds, SystemClock};

use crate::cli::{DeliverArgs, WorkArgs};
use crate::ground::Ground;
use crate::settings::Settings;
use crate::street::{self, Plan, Street};
use crate::{Failure, openapi};

/// The database of the operator's commands on the private server.
const DATABASE: &str = "nemkonto";
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
        run_until_idle(&street.rooms(), args.workers).await?;
        return Ok(());
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let rooms = tokio::spawn(run_forever(street.rooms(), args.workers, stopped));
    stop_signal().await?;
    stop.send(true)?;
    Ok(rooms.await?)
}

/// Hands in a file; answers the receipt as JSON.
///
/// # Errors
/// When the file cannot be read or cannot be kept.
pub async fn deliver(args: &DeliverArgs) -> Result<String, Failure> {
    let supplier = DataSupplierId::parse(&args.supplier).map_err(|error| format!("--supplier: {error}"))?;
    let ground = Ground::open()?;
    let street = open(&ground, &Settings::load(args.settings.as_deref())?).await?;
    let file = if args.file == Path::new("-") { Path::new("/dev/stdin") } else { &args.file };
    let content: Content = Box::pin(tokio::fs::File::open(file).await.map_err(|error| format!("{}: {error}", file.display()))?);
    let context = Context {
        actor: Actor::DataSupplier { id: supplier },
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov 696/2025")?,
        purpose: Purpose::new("delivery of payments")?,
        trace: RandomIds.uuid_v4(),
    };
    Ok(serde_json::to_string(&street.mediation.deliver(&context, supplier, content).await?)?)
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
