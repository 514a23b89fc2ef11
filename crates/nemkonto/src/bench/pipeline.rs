//! From payers' files on disk to bank files on disk, durable and sealed, beside a bare binary COPY of the same rows.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use contracts::{Actor, Context};
use futures_util::TryStreamExt;
use jiff::civil::{Date, date};
use mediation::DirectoryChannel;
use platform::driver::{Progress as Step, Room, RoomError, run_until_idle};
use primitives::{Clock, DataSupplierId, ManualClock, SeededIds};
use serde_json::json;
use simulation::payers::{BenchFile, PaymentMix, bench_file};
use simulation::{World, WorldSize};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};

use super::{anon::PeakAnon, cpu::CpuTime, per_second, ratio};
use crate::Failure;
use crate::demo::{Progress, operator, seed, state_accounts};
use crate::ground::Ground;
use crate::street::{Plan, Street, migrate};

const DATABASE: &str = "nemkonto_bench";
const PEOPLE: u64 = 200_000;
/// Payments in a file; more payments are more files, of the authorities in turn.
const FILE_PAYMENTS: u64 = 250_000;
/// One more than the cores we measure on: while one waits for the disk, the others fill them.
const WORKERS: usize = 3;
/// How soon idle rooms look again while files still come in.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
const DAY: Date = date(2026, 3, 2);

/// What was measured.
#[derive(Debug)]
pub(super) struct Result {
    payments: u64,
    took: Duration,
    payments_per_second: u64,
    peak_anon_mb: u64,
    copy_rows_per_second: u64,
    cpu: CpuTime,
    rooms: BTreeMap<&'static str, Duration>,
}

impl Result {
    pub(super) fn print(&self, as_json: bool) -> String {
        let ratio = ratio(self.payments_per_second, self.copy_rows_per_second);
        if as_json {
            let rooms: BTreeMap<_, _> = self.rooms.iter().map(|(name, took)| (*name, took.as_millis())).collect();
            return json!({
                "payments": self.payments, "milliseconds": self.took.as_millis(), "payments_per_second": self.payments_per_second,
                "peak_anon_mb": self.peak_anon_mb, "copy_rows_per_second": self.copy_rows_per_second,
                "ratio": ratio.parse::<serde_json::Number>().ok(), "own_cpu_milliseconds": self.cpu.own,
                "server_cpu_milliseconds": self.cpu.server, "room_milliseconds": rooms,
            })
            .to_string();
        }
        let mut text = format!(
            "pipeline: {} payments from files to bank files in {:.2?}: {} payments/s\n\
             peak anonymous memory of our process: {} MB\n\
             bare binary COPY of the same payment rows: {} rows/s; ratio {ratio}\n\
             processor time: {} ms of our process, {} ms of the database server\n\
             where the time went (wall time of {WORKERS} workers, together):",
            self.payments,
            self.took,
            self.payments_per_second,
            self.peak_anon_mb,
            self.copy_rows_per_second,
            self.cpu.own,
            self.cpu.server
        );
        for (room, took) in &self.rooms {
            text.push_str(&format!("\n  {room:<24} {took:>10.2?}"));
        }
        text
    }
}

/// Measures once: seeds an own street, makes the files, and then times only from the first byte delivered to the last file sent.
pub(super) async fn run(payments: u64) -> std::result::Result<Result, Failure> {
    let ground = Ground::open()?;
    let url = ground.fresh_database(DATABASE).await?;
    migrate(&url).await?;
    // An ordinary bank day: whatever day it is outside, all that is delivered is due and leaves.
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at_noon(DAY)?);
    let world = World::new(crate::demo::SEED, WorldSize { people: PEOPLE, companies: PEOPLE / 10 }, DAY)?;
    let out = PathBuf::from("bench-out/pipeline");
    let _ = fs::remove_dir_all(&out);
    let street = open(&ground, &url, &world, clock, &out).await?;
    seed(&street, &world, &Progress::new(false)).await?;
    run_until_idle(&street.rooms(), WORKERS).await?;
    let files = write_files(&world, payments, &out.join("in"))?;
    settle_down(&url).await?;

    let times = Arc::new(Mutex::new(BTreeMap::new()));
    let rooms = timed(street.rooms(), &times);
    let mut admin = url.parse::<PgConnectOptions>()?.connect().await?;
    let backend: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut admin).await?;
    let memory = PeakAnon::watch();
    let cpu = CpuTime::now(backend);
    let begun = Instant::now();
    deliver_and_work(&street, &files, &rooms, &times).await?;
    let took = begun.elapsed();
    let cpu = CpuTime::now(backend).since(cpu);
    let peak_anon_mb = memory.megabytes();

    check_all_sent(&mut admin, payments).await?;
    let copy_rows_per_second = bare_copy(&mut admin).await?;
    admin.close().await?;
    fs::remove_dir_all(&out)?;
    let rooms = lock(&times).clone();
    Ok(Result {
        payments,
        took,
        payments_per_second: per_second(payments, took.as_micros()),
        peak_anon_mb,
        copy_rows_per_second,
        cpu,
        rooms,
    })
}

async fn open(
    ground: &Ground, url: &str, world: &World, clock: Arc<dyn Clock>, out: &Path,
) -> std::result::Result<Street, Failure> {
    Street::open(Plan {
        url: url.to_owned(),
        keys: ground.keys.clone(),
        accounts: state_accounts(world),
        clock,
        ids: Arc::new(SeededIds::new(crate::demo::SEED)),
        channel: Arc::new(DirectoryChannel::new(out.to_owned())),
        mediation: mediation::Settings::default(),
        connections: 16,
    })
    .await
}

struct MadeFile {
    supplier: DataSupplierId,
    path: PathBuf,
}

fn write_files(world: &World, payments: u64, folder: &Path) -> std::result::Result<Vec<MadeFile>, Failure> {
    fs::create_dir_all(folder)?;
    let mut files = Vec::new();
    let mut left = payments;
    while left > 0 {
        let number = files.len();
        let authority = number % world.authorities();
        let in_file = left.min(FILE_PAYMENTS);
        let path = folder.join(format!("{number:04}.xml"));
        let number = (number / world.authorities()) as u64 + 1;
        bench_file(
            BenchFile { world, authority, number, mix: PaymentMix::sound(in_file) },
            BufWriter::new(File::create(&path)?),
        )?;
        files.push(MadeFile { supplier: world.data_supplier(authority), path });
        left -= in_file;
    }
    Ok(files)
}

/// What seeding left behind is written and counted before the clock starts.
async fn settle_down(url: &str) -> std::result::Result<(), Failure> {
    let mut admin = url.parse::<PgConnectOptions>()?.connect().await?;
    admin.execute("vacuum analyze").await?;
    admin.execute("checkpoint").await?;
    Ok(admin.close().await?)
}

/// The rooms work while files still come in, as on any day.
async fn deliver_and_work(
    street: &Street, files: &[MadeFile], rooms: &[Arc<dyn Room>], times: &Times,
) -> std::result::Result<(), Failure> {
    let all_in = AtomicBool::new(false);
    let delivering = async {
        let begun = Instant::now();
        deliver(street, files).await?;
        lock(times).insert("deliver", begun.elapsed());
        all_in.store(true, Ordering::Release);
        Ok::<_, Failure>(())
    };
    let working = async {
        while !all_in.load(Ordering::Acquire) {
            run_until_idle(rooms, WORKERS).await?;
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        run_until_idle(rooms, WORKERS).await?;
        Ok(())
    };
    tokio::try_join!(delivering, working).map(|_| ())
}

async fn deliver(street: &Street, files: &[MadeFile]) -> std::result::Result<(), Failure> {
    for file in files {
        let context = Context { actor: Actor::DataSupplier { id: file.supplier }, ..operator() };
        let content = tokio::fs::File::open(&file.path).await?;
        street.mediation.deliver(&context, file.supplier, Box::pin(content)).await?;
    }
    Ok(())
}

type Times = Arc<Mutex<BTreeMap<&'static str, Duration>>>;

fn lock(times: &Times) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, Duration>> {
    times.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct Timed {
    room: Arc<dyn Room>,
    times: Times,
}

fn timed(rooms: Vec<Arc<dyn Room>>, times: &Times) -> Vec<Arc<dyn Room>> {
    rooms.into_iter().map(|room| Arc::new(Timed { room, times: Arc::clone(times) }) as Arc<dyn Room>).collect()
}

#[async_trait]
impl Room for Timed {
    fn name(&self) -> &'static str {
        self.room.name()
    }

    async fn step(&self) -> std::result::Result<Step, RoomError> {
        let begun = Instant::now();
        let step = self.room.step().await;
        *lock(&self.times).entry(self.room.name()).or_default() += begun.elapsed();
        step
    }
}

/// The figure counts only if every payment was completed and every file handed over.
async fn check_all_sent(admin: &mut PgConnection, payments: u64) -> std::result::Result<(), Failure> {
    let (done, unsent): (i64, i64) = sqlx::query_as(
        "select (select count(*) from mediation.leg), (select count(*) from mediation.file_sending where sent_at is null)",
    )
    .fetch_one(admin)
    .await?;
    if u64::try_from(done)? == payments && unsent == 0 {
        Ok(())
    } else {
        Err(format!("{done} of {payments} payments were completed and {unsent} files not sent").into())
    }
}

/// Copies the payment rows into a table of the same shape with the same indexes; only the copying in is timed.
async fn bare_copy(admin: &mut PgConnection) -> std::result::Result<u64, Failure> {
    admin.execute("create table public.bare_copy (like mediation.payment including indexes including constraints)").await?;
    let slices: Vec<i64> =
        sqlx::query_scalar("select slice_id from mediation.slice order by slice_id").fetch_all(&mut *admin).await?;
    let (mut rows, mut took) = (0, Duration::ZERO);
    for slice in slices {
        let select = format!("copy (select * from mediation.payment where slice_id = {slice}) to stdout (format binary)");
        let chunks: Vec<_> = admin.copy_out_raw(&select).await?.try_collect().await?;
        let begun = Instant::now();
        let mut copy = admin.copy_in_raw("copy public.bare_copy from stdin (format binary)").await?;
        for chunk in chunks {
            copy.send(chunk).await?;
        }
        rows += copy.finish().await?;
        took += begun.elapsed();
    }
    admin.execute("drop table public.bare_copy").await?;
    Ok(per_second(rows, took.as_micros()))
}
