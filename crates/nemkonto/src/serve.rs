//! nemkonto.dk on localhost: the whole system on a seeded Denmark, with some of its people to sign in as.

mod personas;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use contracts::parties::Parties;
use mediation::DirectoryChannel;
use platform::driver::run_forever;
use portal::{LoopbackPersonas, Portal, PortalDeps, SessionLimits};
use primitives::{Clock, RandomIds, SystemClock};
use simulation::banks::Banks;
use simulation::payers::PaymentMix;
use simulation::{World, WorldSize};
use tokio::net::TcpListener;

use crate::cli::ServeArgs;
use crate::demo::{self, Progress};
use crate::ground::Ground;
use crate::street::{Plan, Street, migrate};
use crate::{Failure, operate};

/// The database of the site on the private server. It is kept from one start to the next.
const DATABASE: &str = "nemkonto_site";
/// How often the simulated banks look for new files.
const BANKS_LOOK: Duration = Duration::from_secs(2);
/// Workers per room.
const WORKERS: usize = 1;

/// Serves the site until Ctrl-C or SIGTERM. The first start seeds a Denmark and lets its authorities pay; later ones go on with it.
///
/// # Errors
/// When the port is taken, or the server or a house fails at the start.
pub async fn serve(args: &ServeArgs) -> Result<(), Failure> {
    let listener = listen(args.port).await?;
    let ground = Ground::open()?;
    let url = ground.database(DATABASE).await?;
    migrate(&url).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let world = World::new(demo::SEED, WorldSize { people: args.people, companies: args.people / 10 }, demo::bank_day(&*clock))?;
    let street = open(&ground, url, &world, &clock, &args.out).await?;
    if street.parties.directory(&demo::operator(), clock.today()).await?.is_empty() {
        populate(&street, &world, &args.out).await?;
    }
    let personas = personas::choose(&street, &world, clock.today()).await?;
    let portal = Portal::new(PortalDeps {
        register: street.register(),
        parties: street.parties(),
        mediation: street.mediation(),
        holding: street.holding(),
        clock,
        ids: Arc::new(RandomIds),
        sign_in: LoopbackPersonas { personas },
        limits: SessionLimits::default(),
    });
    eprintln!("nemkonto.dk is open on http://{} (Ctrl-C closes it)", listener.local_addr()?);
    run(street, world, portal, listener, args.out.clone()).await
}

async fn listen(port: u16) -> Result<TcpListener, Failure> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    portal::check_bind(address)?;
    TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}; choose another with --port").into())
}

async fn open(ground: &Ground, url: String, world: &World, clock: &Arc<dyn Clock>, out: &Path) -> Result<Street, Failure> {
    Street::open(Plan {
        url,
        keys: ground.keys.clone(),
        accounts: demo::state_accounts(world),
        clock: Arc::clone(clock),
        ids: Arc::new(RandomIds),
        channel: Arc::new(DirectoryChannel::new(out.to_owned())),
        mediation: mediation::Settings::default(),
        connections: 8,
    })
    .await
}

/// Seeds the Denmark, and lets a day's deliveries run through.
async fn populate(street: &Street, world: &World, out: &Path) -> Result<(), Failure> {
    let progress = Progress::new(true);
    demo::clear(out)?;
    demo::seed(street, world, &progress).await?;
    let mix = PaymentMix { payments: world.size().people, ..PaymentMix::default() };
    demo::run_a_day(street, world, mix, out, 2, &progress).await
}

/// The rooms, the simulated banks and the site, until a signal stops them; work under way is finished first.
async fn run(street: Street, world: World, portal: Portal, listener: TcpListener, out: PathBuf) -> Result<(), Failure> {
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let rooms = tokio::spawn(run_forever(street.rooms(), WORKERS, stopped.clone()));
    let banks = tokio::spawn(answer_until(street, world, out, stopped.clone()));
    let mut closing = stopped;
    let site = tokio::spawn(async move {
        portal::serve(listener, &portal, async move {
            let _ = closing.changed().await;
        })
        .await
    });
    operate::stop_signal().await?;
    stop.send(true)?;
    site.await??;
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
