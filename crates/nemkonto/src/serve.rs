//! nemkonto.dk on localhost: the whole system on a seeded Denmark, with some of its people to sign in as. Or, for other processes, the open
//! interfaces of single houses.

mod callers;
mod entrance;
mod houses;
mod personas;
mod site;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use mediation::DirectoryChannel;
use platform::change_log::AnchorFile;
use platform::database::provision;
use platform::driver::run_forever;
use portal::{Portal, PortalDeps, SessionLimits};
use primitives::{Clock, RandomIds, SystemClock};
use simulation::World;
use simulation::banks::Banks;
use simulation::payers::PaymentMix;

use entrance::Entrance;
use site::Site;

use crate::cli::ServeArgs;
use crate::demo::{self, OutFolder, Progress};
use crate::ground::{DatabaseUrls, Ground};
use crate::places::Places;
use crate::settings::Settings;
use crate::street::{PartPlan, Street};
use crate::{Failure, operate};

/// The database of the site on the private server. It is kept from one start to the next.
const DATABASE: &str = "nemkonto_site";
/// How often the simulated banks look for new files.
const BANKS_LOOK: Duration = Duration::from_secs(2);
/// Workers per room.
const WORKERS: usize = 1;

/// Serves what is asked for until Ctrl-C or SIGTERM.
///
/// # Errors
/// When the address cannot be served, or the server or a house fails at the start.
pub async fn serve(args: &ServeArgs, settings: &Settings) -> Result<(), Failure> {
    if args.only.is_empty() { serve_site(args, settings).await } else { houses::serve(args, settings).await }
}

/// The first start seeds a Denmark and lets its authorities pay; later ones go on with it.
async fn serve_site(args: &ServeArgs, settings: &Settings) -> Result<(), Failure> {
    let places = Places::new(&[], &args.elsewhere)?;
    let entrance = Entrance::open(args, settings).await?;
    let out = OutFolder::take(&args.out)?;
    let ground = Ground::on(settings)?;
    let urls = if args.fresh { ground.fresh_database(DATABASE).await?.into() } else { ground.own_database(DATABASE).await? };
    provision(&urls.admin, &places.schemas()).await?;
    let site = Site::find(&urls.admin, args.people).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let world = World::new(demo::SEED, site.size, demo::bank_day(&*clock))?;
    let plan = PartPlan {
        url: urls.url.clone(),
        keys: ground.keys.clone(),
        accounts: Some(demo::state_accounts(&world)),
        clock,
        ids: Arc::new(RandomIds),
        channel: Some(Arc::new(DirectoryChannel::new(out.path()))),
        houses: settings.houses.clone(),
        connections: settings.database.max_connections,
        // What `audit verify` reads is the operator's database; the demonstration's own is nobody's to audit.
        anchors: settings.database.url.is_some().then(|| AnchorFile::new(&settings.anchor_file)),
    };
    let street = Street::open_at(plan, &places).await?;
    let served = serve_street(&street, world, site, (&urls, &out), entrance).await;
    street.close().await;
    served
}

async fn serve_street(
    street: &Street, world: World, site: Site, (urls, out): (&DatabaseUrls, &OutFolder), entrance: Entrance,
) -> Result<(), Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    if !site.kept {
        populate(street, &world, clock.today(), out).await?;
        site.note(&urls.admin).await?;
    }
    let personas = personas::choose(street, &world, clock.today()).await?;
    let portal = Portal::new(PortalDeps {
        register: Arc::clone(&street.register),
        parties: Arc::clone(&street.parties) as _,
        oversight: Arc::clone(&street.parties) as _,
        mediation: Arc::clone(&street.mediation),
        holding: Arc::clone(&street.holding),
        setoff: Arc::clone(&street.setoff),
        clock,
        ids: Arc::new(RandomIds),
        sign_in: entrance.providers(personas)?,
        transport: entrance.transport(),
        limits: SessionLimits::default(),
    });
    eprintln!("nemkonto.dk is open on {} (Ctrl-C closes it)", entrance.url());
    run(street.clone(), world, portal, entrance, out.path().to_owned()).await
}

/// Seeds the Denmark, and lets a day's deliveries run through.
async fn populate(street: &Street, world: &World, today: Date, out: &OutFolder) -> Result<(), Failure> {
    if !street.parties.directory(&demo::operator(), today).await?.is_empty() {
        return Err("the database holds parties, but no whole site: begin anew with --fresh".into());
    }
    let progress = Progress::new(true);
    out.clear()?;
    demo::seed(street, world, &progress).await?;
    let mix = PaymentMix { payments: world.size().people, ..PaymentMix::default() };
    demo::run_a_day(street, world, mix, out.path(), 2, &progress).await
}

/// The rooms, the simulated banks and the site, until a signal stops them; work under way is finished first.
async fn run(street: Street, world: World, portal: Portal, entrance: Entrance, out: PathBuf) -> Result<(), Failure> {
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let rooms = tokio::spawn(run_forever(street.rooms(), WORKERS, stopped.clone()));
    let banks = tokio::spawn(answer_until(street, world, out, stopped.clone()));
    let mut closing = stopped;
    let site = tokio::spawn(async move {
        let closed = async move {
            let _ = closing.changed().await;
        };
        entrance.serve(&portal, closed).await
    });
    operate::stop_signal().await?;
    stop.send(true)?;
    site.await?;
    banks.await?;
    Ok(rooms.await?)
}

async fn answer_until(street: Street, world: World, out: PathBuf, mut stopped: tokio::sync::watch::Receiver<bool>) {
    let (banks, silent) = (Banks::new(&world), Progress::new(false));
    while !*stopped.borrow() {
        if let Err(error) = demo::answer_banks(&street, &banks, &out, &silent).await {
            tracing::error!(%error, "a simulated bank could not answer");
        }
        tokio::select! {
            () = tokio::time::sleep(BANKS_LOOK) => {}
            _ = stopped.changed() => {}
        }
    }
}
