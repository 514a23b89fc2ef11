//! The register alone: filled through its contract, then asked in bulk and one by one, in process and over HTTP, with sealing and the durable log
//! of lookups on. The load comes from this same process, on the same cores.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use contracts::register::{PayeeQuery, Register, Resolution, ResolveRequest};
use contracts::{IdempotencyKey, Problem};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::civil::{Date, date};
use platform::driver::run_until_idle;
use platform::rpc::RpcClient;
use platform::serve::Door;
use platform::service_token::{ServiceToken, require_token};
use primitives::{Identifier, ManualClock, RandomIds};
use serde_json::json;
use simulation::{World, WorldSize};

use super::{anon::PeakAnon, per_second, step};
use crate::Failure;
use crate::cli::Elsewhere;
use crate::demo::{BATCH, all_done, batches, before_the_end, operator};
use crate::ground::Ground;
use crate::places::{HouseName, Places};
use crate::settings::HouseSettings;
use crate::street::{Part, PartPlan, migrate};

const OTHER_DATABASE: &str = "nemkonto_bench_register_other";
const DATABASE: &str = "nemkonto_bench_register";
pub(super) const DAY: Date = date(2026, 3, 2);
/// Payees of a call in process: the most the contract takes.
const BULK: usize = contracts::register::MAX_ITEMS;
/// Calls of each kind that are under way at once.
const CALLERS: usize = 2;
/// Callers who ask for one payee at a time.
const SINGLE_CALLERS: usize = 32;
/// How many payees are asked for in bulk, each way.
const BULK_PAYEES: usize = 1_000_000;
/// How many are asked for one by one.
const SINGLE_PAYEES: usize = 50_000;

/// What was measured.
#[derive(Debug)]
pub(super) struct Result {
    holders: u64,
    import: Duration,
    bulk_ids_per_second: u64,
    bulk_http_ids_per_second: u64,
    http_call: Duration,
    lookups_per_second: u64,
    lookup_p99: Duration,
    bundle: Duration,
    trees: Duration,
    in_step: step::InStep,
    peak_anon_mb: u64,
}

impl Result {
    pub(super) fn print(&self, as_json: bool) -> String {
        if as_json {
            let seconds = |took: Duration| number(&format!("{}.{:03}", took.as_secs(), took.subsec_millis()));
            let step::InStep { export, import, reconcile, bytes } = &self.in_step;
            return json!({
                "holders": self.holders, "import_seconds": seconds(self.import), "bulk_ids_per_second": self.bulk_ids_per_second,
                "bulk_http_ids_per_second": self.bulk_http_ids_per_second, "bulk_http_call_seconds": seconds(self.http_call),
                "lookups_per_second": self.lookups_per_second, "lookup_p99_ms": self.lookup_p99.as_millis(),
                "bundle_seconds": seconds(self.bundle), "trees_seconds": seconds(self.trees),
                "trees_percent_of_writes": self.trees_percent(), "extract_seconds": seconds(*export),
                "extract_import_seconds": seconds(*import), "reconcile_bytes": bytes, "reconcile_seconds": seconds(*reconcile),
                "peak_anon_mb": self.peak_anon_mb,
            })
            .to_string();
        }
        format!(
            "register: {} holders with their accounts, recorded in {:.2?}\n\
             in bulk: {} ids/s in process, {} ids/s over HTTP; {BATCH} ids over HTTP in {:.2?}\n\
             one by one over HTTP, each logged before it is answered: {} lookups/s, p99 {:.2?}, {SINGLE_CALLERS} callers\n\
             a private bundle of 10000 over HTTP: {:.2?}\n\
             the digest tree kept: {:.2?}, {} % of writing; an extract out in {:.2?}, into another register in {:.2?};\n\
             100 differences between the two found in {:.2?} and {} bytes\n\
             peak anonymous memory of our process: {} MB",
            self.holders,
            self.import,
            self.bulk_ids_per_second,
            self.bulk_http_ids_per_second,
            self.http_call,
            self.lookups_per_second,
            self.lookup_p99,
            self.bundle,
            self.trees,
            self.trees_percent(),
            self.in_step.export,
            self.in_step.import,
            self.in_step.reconcile,
            self.in_step.bytes,
            self.peak_anon_mb
        )
    }

    /// What the tree costs, of what writing took without it.
    fn trees_percent(&self) -> u128 {
        let writes = self.import.saturating_sub(self.trees);
        (self.trees.as_micros() * 100).div_ceil(writes.as_micros().max(1))
    }
}

/// A decimal as a JSON number.
fn number(decimal: &str) -> Option<serde_json::Number> {
    decimal.parse().ok()
}

/// Measures once, on an own database.
pub(super) async fn run(holders: u64) -> std::result::Result<Result, Failure> {
    let ground = Ground::open()?;
    let url = ground.fresh_database(DATABASE).await?;
    migrate(&url).await?;
    let companies = holders / 11;
    let world = World::new(1, WorldSize { people: holders - companies, companies }, DAY)?;
    let part = open(&ground, &url).await?;
    let house = part.known.register.clone().ok_or("the register is here")?;
    let memory = PeakAnon::watch();

    let begun = Instant::now();
    fill(&*house, &world).await?;
    let own = part.own_register().ok_or("the register is here")?;
    let trees = step::follow(&own).await?;
    run_until_idle(&part.rooms(), CALLERS).await?;
    let import = begun.elapsed();

    let payees: Vec<Identifier> = asked(&world, holders);
    let bulk_ids_per_second = bulk(&*house, &world, &payees, BULK).await?;

    let (door, token) = (Door::open(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), None).await?, token()?);
    let remote = register::Remote::new(RpcClient::new(&door.url(), None)?.with_token(token.clone()));
    let router = part.routes().layer(axum::middleware::from_fn_with_state(token, require_token));
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let serving = tokio::spawn(door.serve(router, async move {
        let _ = stopped.changed().await;
    }));
    let bulk_http_ids_per_second = bulk(&remote, &world, &payees, BATCH).await?;
    let begun = Instant::now();
    ask(&remote, &world, &payees[..BATCH.min(payees.len())]).await?;
    let http_call = begun.elapsed();
    let (lookups_per_second, lookup_p99) = one_by_one(&remote, &world, &payees).await?;
    let payer = world.agreements().next().ok_or("there is a payer")?;
    let bundle = step::bundle(&remote, (payer, DAY), &payees).await?;

    stop.send(true)?;
    serving.await?;
    let in_step = beside_another(&ground, &own, &world).await?;
    let peak_anon_mb = memory.megabytes();
    part.close().await;
    Ok(Result {
        holders,
        import,
        bulk_ids_per_second,
        bulk_http_ids_per_second,
        http_call,
        lookups_per_second,
        lookup_p99,
        bundle,
        trees,
        in_step,
        peak_anon_mb,
    })
}

/// Fills a second register from the first, and compares them.
async fn beside_another(
    ground: &Ground, here: &Arc<register::House>, world: &World,
) -> std::result::Result<step::InStep, Failure> {
    let url = ground.fresh_database(OTHER_DATABASE).await?;
    migrate(&url).await?;
    let part = open(ground, &url).await?;
    let there = part.own_register().ok_or("the register is here")?;
    let folder = std::env::temp_dir().join(format!("nemkonto-bench-register-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let measured = step::measure(here, &there, (&folder, DAY), step::drift(world, DAY)).await;
    std::fs::remove_dir_all(&folder)?;
    part.close().await;
    measured
}

pub(super) async fn open(ground: &Ground, url: &str) -> std::result::Result<Part, Failure> {
    let plan = PartPlan {
        url: url.to_owned(),
        keys: ground.keys.clone(),
        accounts: None,
        clock: Arc::new(ManualClock::at_noon(DAY)?),
        ids: Arc::new(RandomIds),
        channel: None,
        houses: HouseSettings::default(),
        connections: 16,
        anchors: None,
    };
    Part::open(plan, &Places::new(&[HouseName::Register], &Elsewhere::default())?).await
}

fn token() -> std::result::Result<ServiceToken, Failure> {
    ServiceToken::new("b".repeat(40)).ok_or_else(|| "the token is long enough".into())
}

/// Records holders and their accounts; two calls at a time.
pub(super) async fn fill(register: &dyn Register, world: &World) -> std::result::Result<(), Failure> {
    let context = &operator();
    stream::iter(batches(world.holders().map(before_the_end)).enumerate())
        .map(|(number, holders)| async move {
            all_done(register.record_holders(context, &key("holders", number)?, holders).await?)
        })
        .buffer_unordered(CALLERS)
        .try_collect::<()>()
        .await?;
    stream::iter(batches(world.designations()).enumerate())
        .map(|(number, wishes)| async move { all_done(register.designate(context, &key("accounts", number)?, wishes).await?) })
        .buffer_unordered(CALLERS)
        .try_collect::<()>()
        .await?;
    Ok(())
}

fn key(what: &str, number: usize) -> std::result::Result<IdempotencyKey, Problem> {
    IdempotencyKey::new(format!("bench/{what}/{number}"))
}

/// Payees from all over the register, in no order of it.
pub(super) fn asked(world: &World, holders: u64) -> Vec<Identifier> {
    let step = usize::try_from(holders).unwrap_or(usize::MAX).div_ceil(BULK_PAYEES).max(1);
    let mut payees: Vec<Identifier> = world.holders().step_by(step).map(|holder| holder.identifiers[0].clone()).collect();
    // A stride that shares no factor with the length visits every place once.
    let (length, stride) = (payees.len(), 7_919);
    payees = (0..length).map(|place| payees[place * stride % length].clone()).collect();
    payees
}

/// Asks for as many payees as are measured, so many a call; answers the rate.
async fn bulk(register: &dyn Register, world: &World, payees: &[Identifier], size: usize) -> std::result::Result<u64, Failure> {
    let rounds = BULK_PAYEES.div_ceil(payees.len());
    let calls = (0..rounds).flat_map(|_| payees.chunks(size));
    let begun = Instant::now();
    let found: usize = stream::iter(calls)
        .map(|payees| ask(register, world, payees))
        .buffer_unordered(CALLERS)
        .try_fold(0, async |sum, found| Ok(sum + found))
        .await?;
    let rate = per_second((rounds * payees.len()) as u64, begun.elapsed().as_micros());
    // Nearly everybody has an account; a rate of failures would be worth nothing.
    if found * 10 < rounds * payees.len() * 8 { Err("too few payees were found".into()) } else { Ok(rate) }
}

/// Asks once; answers how many accounts were found.
async fn ask(register: &dyn Register, world: &World, payees: &[Identifier]) -> std::result::Result<usize, Failure> {
    let query = |payee: &Identifier| PayeeQuery { identifier: payee.clone(), fallback: None, benefit: None };
    let payer = world.agreements().next().ok_or("there is a payer")?;
    let request = ResolveRequest { payer, on: DAY, payees: payees.iter().map(query).collect() };
    let answer = register.resolve(&operator(), request).await?;
    Ok(answer.resolutions.iter().filter(|found| matches!(found, Resolution::Found(_))).count())
}

/// Many callers who ask for one payee at a time; answers the rate, and the time that all but one in a hundred took at most.
pub(super) async fn one_by_one(
    register: &dyn Register, world: &World, payees: &[Identifier],
) -> std::result::Result<(u64, Duration), Failure> {
    let next = AtomicU64::new(0);
    let caller = async || {
        let mut times = Vec::new();
        loop {
            let number = usize::try_from(next.fetch_add(1, Ordering::Relaxed))?;
            if number >= SINGLE_PAYEES {
                return Ok::<_, Failure>(times);
            }
            let begun = Instant::now();
            ask(register, world, std::slice::from_ref(&payees[number % payees.len()])).await?;
            times.push(begun.elapsed());
        }
    };
    let begun = Instant::now();
    let times = futures_util::future::try_join_all((0..SINGLE_CALLERS).map(|_| caller())).await?;
    let rate = per_second(SINGLE_PAYEES as u64, begun.elapsed().as_micros());
    let mut times: Vec<Duration> = times.into_iter().flatten().collect();
    times.sort_unstable();
    Ok((rate, times[times.len() * 99 / 100]))
}
