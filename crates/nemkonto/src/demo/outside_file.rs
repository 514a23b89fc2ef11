//! A pain.001 from outside instead of the seeded files. One of a seeded authority is paid; what is no matter for NemKonto gets a pain.002
//! that says why.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Instant;

use contracts::parties::{PayerKey, PayerQuery};
use contracts::{Actor, Context};
use iso20022::{Event, InitiatingParty, Limits, Pain001Reader};
use primitives::DataSupplierId;
use simulation::auditor::audit_from_outside;
use simulation::banks::Banks;

use super::{Options, OutFolder, Progress, Stage, Summary, recount, seed::operator, work_and_answer};
use crate::Failure;
use crate::settings::Settings;

/// The part of the demo's folder that a file from outside gets, so that the files of the seeded day are left alone.
const PART: &str = "file";
/// Who delivers what names no seeded authority.
const OUTSIDE: &str = "OUTSIDE";

/// Delivers the file to a seeded street, works it through as a seeded day, and recounts it.
///
/// # Errors
/// When the file cannot be read or a house fails. A file full of faults is no error.
pub async fn outside_file(settings: &Settings, options: &Options, file: &Path) -> Result<Summary, Failure> {
    check_readable(file)?;
    let progress = Progress::new(options.progress);
    let folder = OutFolder::take(&options.out)?;
    let out = folder.cleared_part(PART, file)?;
    let stage = Stage::set(settings, options, &out, &progress).await?;
    let summary = delivered_on(&stage, options, file, &out, &progress).await;
    stage.close().await;
    summary
}

fn check_readable(file: &Path) -> Result<(), Failure> {
    let named = |error: std::io::Error| format!("{}: {error}", file.display());
    let metadata = fs::metadata(file).map_err(named)?;
    if metadata.is_dir() {
        return Err(format!("{} is a folder; --file takes one pain.001 file", file.display()).into());
    }
    if !metadata.is_file() {
        return Err(format!("{} is not a regular file", file.display()).into());
    }
    File::open(file).map_err(named)?;
    Ok(())
}

async fn delivered_on(
    stage: &Stage, options: &Options, file: &Path, out: &Path, progress: &Progress,
) -> Result<Summary, Failure> {
    let Stage { street, world, notice, .. } = stage;
    let begun = Instant::now();
    let Sender { supplier, folder } = sender(stage, file).await?;
    let input = out.join("in").join(folder);
    fs::create_dir_all(&input)?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let input = input.join(format!("{name}.xml"));
    fs::copy(file, &input).map_err(|error| format!("{}: {error}", file.display()))?;

    let context = Context { actor: Actor::DataSupplier { id: supplier }, ..operator() };
    let content = tokio::fs::File::open(&input).await?;
    street.mediation.deliver(&context, supplier, Box::pin(content)).await?;
    work_and_answer(street, &Banks::new(world), out, options.workers, progress).await?;
    let took = begun.elapsed();
    Ok(Summary {
        recount: recount(world, out, audit_from_outside)?,
        took,
        phases: progress.phases(),
        notice: notice.clone(),
        out: out.to_owned(),
        files: files_below(out)?,
    })
}

/// Who hands the file in, and the name of the folder in which mediation answers.
struct Sender {
    supplier: DataSupplierId,
    folder: String,
}

/// The data supplier of the seeded authority that the file names, or somebody from outside.
async fn sender(stage: &Stage, file: &Path) -> Result<Sender, Failure> {
    let outside = Sender { supplier: DataSupplierId::parse(OUTSIDE)?, folder: OUTSIDE.to_owned() };
    let Some(initiator) = initiator(file)? else { return Ok(outside) };
    let key = match (initiator.agreement, initiator.cvr) {
        (Some(number), _) => PayerKey::Agreement { number },
        (None, Some(number)) => PayerKey::Cvr { number },
        (None, None) => return Ok(outside),
    };
    let query = PayerQuery { on: stage.world.today(), payers: vec![key] };
    let profile = stage.street.parties.payers(&operator(), query).await?.pop().flatten();
    let Some(profile) = profile.filter(|profile| stage.world.authority(profile.agreement).is_some()) else {
        return Ok(outside);
    };
    let supplier = match initiator.data_supplier {
        Some(named) => profile.data_suppliers.into_iter().find(|known| *known == named),
        None => profile.data_suppliers.into_iter().next(),
    };
    Ok(supplier.map_or(outside, |supplier| Sender { supplier, folder: profile.agreement.digits().to_owned() }))
}

/// Who the file says it is from; nothing when it has no sound group header.
fn initiator(file: &Path) -> Result<Option<InitiatingParty>, Failure> {
    let mut reader = Pain001Reader::new(BufReader::new(File::open(file)?), Limits::default());
    loop {
        match reader.next_event()? {
            Event::GroupHeader(header) => return Ok(header.findings.is_empty().then(|| header.initiator.clone())),
            Event::End(_) => return Ok(None),
            _ => {}
        }
    }
}

/// The files the delivery led to: reports, then files for banks and their answers.
fn files_below(out: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for side in ["reports", "bank", "from-bank"] {
        let before = files.len();
        let mut folders = vec![out.join(side)];
        while let Some(folder) = folders.pop() {
            if !folder.is_dir() {
                continue;
            }
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files[before..].sort();
    }
    Ok(files)
}
