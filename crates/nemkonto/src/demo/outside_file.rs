//! A real pain.001 from outside instead of the seeded files: what is not a NemKonto matter gets a clear pain.002.

use std::fs;
use std::path::{Path, PathBuf};

use contracts::mediation::Mediation;
use contracts::{Actor, Context};
use primitives::DataSupplierId;

use super::{Options, Progress, Stage, rooms, seed::operator};
use crate::Failure;

/// Delivers the file to a seeded street, works it through, and answers which reports and bank files it led to.
///
/// # Errors
/// When the file cannot be read or a house fails. A file full of faults is no error.
pub async fn outside_file(options: &Options, file: &Path) -> Result<Vec<PathBuf>, Failure> {
    let content = tokio::fs::File::open(file).await.map_err(|error| format!("{}: {error}", file.display()))?;
    let progress = Progress::new(options.progress);
    let stage = Stage::set(options, &progress).await?;
    let supplier = DataSupplierId::parse("OUTSIDE")?;
    let context = Context { actor: Actor::DataSupplier { id: supplier }, ..operator() };
    stage.street.mediation.deliver(&context, supplier, Box::pin(content)).await?;
    rooms::work(&stage.street.rooms(), options.workers, "mediation", 0, &progress).await?;
    written(&options.out)
}

fn written(out: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for side in ["reports", "bank"] {
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
    }
    files.sort();
    Ok(files)
}
