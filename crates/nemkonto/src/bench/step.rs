//! The register beside another one: what the digest tree costs, how long an extract takes there and back, and what it takes to find a hundred differences;
//! and a private payer's bundle.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use contracts::IdempotencyKey;
use contracts::register::{
    Designation, MAX_BUNDLE, PrivateBasis, PrivateBundle, PrivateMessage, Register, RegisterServices, RegisterStep,
};
use jiff::civil::Date;
use platform::rpc::RpcClient;
use platform::serve::Door;
use primitives::{AgreementNumber, Identifier, RandomIds};
use register::{House, Masters, Remote, export, import, reconcile, step_routes};
use simulation::World;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::Failure;
use crate::demo::{all_done, operator};

/// How many bundles are completed: the one in the middle counts.
const BUNDLES: usize = 5;
/// In how many holders the two registers are made to differ.
const DIFFERENCES: usize = 100;

/// Completes bundles of private payers, as large as they may be; answers how long one takes.
pub(super) async fn bundle(
    register: &dyn RegisterServices, (payer, on): (AgreementNumber, Date), payees: &[Identifier],
) -> Result<Duration, Failure> {
    let mut times = Vec::with_capacity(BUNDLES);
    for bundle in 0..BUNDLES {
        let message = |(number, payee): (usize, &Identifier)| PrivateMessage {
            payout: format!("{bundle}/{number}"),
            identifier: payee.clone(),
            basis: PrivateBasis::Statute,
        };
        let messages: Vec<PrivateMessage> = payees.iter().cycle().take(MAX_BUNDLE).enumerate().map(message).collect();
        let key = IdempotencyKey::new(format!("bench/bundle/{bundle}"))?;
        let begun = Instant::now();
        let answers = register.complete_bundle(&operator(), &key, PrivateBundle { payer, on, messages }).await?;
        times.push(begun.elapsed());
        if answers.iter().flatten().count() * 10 < MAX_BUNDLE * 8 {
            return Err("too few payees of the bundle were found".into());
        }
    }
    times.sort_unstable();
    Ok(times[BUNDLES / 2])
}

/// Brings the tree up to date.
pub(super) async fn follow(house: &House) -> Result<Duration, Failure> {
    let begun = Instant::now();
    while house.follow_changes().await? > 0 {}
    Ok(begun.elapsed())
}

/// What two registers take to be brought and kept in step.
#[derive(Debug)]
pub(super) struct InStep {
    pub export: Duration,
    pub import: Duration,
    pub reconcile: Duration,
    pub bytes: u64,
}

/// Fills another register from an extract, makes both differ, and finds the differences over HTTP.
pub(super) async fn measure(
    here: &Arc<House>, there: &Arc<House>, (folder, day): (&Path, Date), drift: Vec<Designation>,
) -> Result<InStep, Failure> {
    let file = folder.join("extract");
    let begun = Instant::now();
    let mut out = tokio::io::BufWriter::new(tokio::fs::File::create(&file).await?);
    export(&operator(), &**here, (None, None), &mut out).await?;
    let exported = begun.elapsed();
    let begun = Instant::now();
    let report = import(&operator(), &**there, &file, &RandomIds).await?;
    let imported = begun.elapsed();
    if report.refused > 0 || !report.equal {
        return Err("the extract was not taken over whole".into());
    }
    let key = IdempotencyKey::new("bench/drift")?;
    all_done(there.designate(&operator(), &key, drift).await?)?;
    follow(there).await?;
    let (url, bytes) = serve_counted(there).await?;
    let remote = Remote::new(RpcClient::new(&url, None)?);
    let before = bytes.load(Ordering::SeqCst);
    let begun = Instant::now();
    let registers: [&dyn RegisterStep; 2] = [&**here, &remote];
    let found = reconcile(&operator(), registers, here.step_key(), (&Masters::default(), day), false).await?;
    let took = begun.elapsed();
    if found.differences.len() != DIFFERENCES {
        return Err(format!("{} of {DIFFERENCES} differences were found", found.differences.len()).into());
    }
    Ok(InStep { export: exported, import: imported, reconcile: took, bytes: bytes.load(Ordering::SeqCst) - before })
}

/// Wishes for other accounts than the world gave, of holders from all over it.
pub(super) fn drift(world: &World, day: Date) -> Vec<Designation> {
    let wishes = || world.designations();
    let step = (wishes().count() / DIFFERENCES).max(1);
    let other = wishes().skip(step / 2).step_by(step).map(|wish| wish.account);
    let drifted = wishes().step_by(step).zip(other).take(DIFFERENCES);
    drifted.map(|(wish, account)| Designation { account, valid_from: day, ..wish }).collect()
}

/// Serves the register behind a way that counts every byte, both ways.
async fn serve_counted(house: &Arc<House>) -> Result<(String, Arc<AtomicU64>), Failure> {
    let door = Door::open(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), None).await?;
    let to = door.url().trim_start_matches("http://").to_owned();
    let router = step_routes(Arc::clone(house) as _);
    tokio::spawn(async move { door.serve(router, std::future::pending()).await });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let count = Arc::new(AtomicU64::new(0));
    let total = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let Ok(far) = TcpStream::connect(&to).await else { return };
            let (_, _) = (near.set_nodelay(true), far.set_nodelay(true));
            let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
            tokio::spawn(copy(near_in, far_out, Arc::clone(&total)));
            tokio::spawn(copy(far_in, near_out, Arc::clone(&total)));
        }
    });
    Ok((url, count))
}

async fn copy(mut from: tokio::net::tcp::OwnedReadHalf, mut into: tokio::net::tcp::OwnedWriteHalf, total: Arc<AtomicU64>) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        total.fetch_add(u64::try_from(read).unwrap_or(0), Ordering::SeqCst);
        if into.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
}
