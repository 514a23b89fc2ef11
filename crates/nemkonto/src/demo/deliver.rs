//! The authorities' side of the demo: their files are written and delivered in order.

use std::path::Path;

use contracts::{Actor, Context};
use primitives::DataSupplierId;
use simulation::payers::PlannedFiles;

use super::{progress::Progress, seed::operator};
use crate::{Failure, street::Street};

/// Writes every file of the day below `folder` and delivers it.
///
/// # Errors
/// When a file cannot be written or mediation cannot keep it.
pub async fn write_and_deliver(
    street: &Street, files: &PlannedFiles<'_>, folder: &Path, progress: &Progress,
) -> Result<(), Failure> {
    let deliveries = files.deliveries();
    let bar = progress.phase("payers' files", deliveries.len() as u64);
    let mut written = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        written.push((delivery.supplier, files.write(delivery, folder)?));
        bar.advance(1);
    }
    bar.done();

    let bar = progress.phase("deliveries", written.len() as u64);
    for (supplier, path) in &written {
        deliver(street, *supplier, path).await?;
        bar.advance(1);
    }
    bar.done();
    Ok(())
}

/// Writes the day's recalls below `folder` and delivers them: what they ask for must have been received before.
///
/// # Errors
/// As [`write_and_deliver`].
pub async fn recall(street: &Street, files: &PlannedFiles<'_>, folder: &Path, progress: &Progress) -> Result<(), Failure> {
    let recalls = files.recalls();
    let bar = progress.phase("recalls", recalls.len() as u64);
    for recall in &recalls {
        deliver(street, recall.supplier, &files.write_recall(recall, folder)?).await?;
        bar.advance(1);
    }
    bar.done();
    Ok(())
}

async fn deliver(street: &Street, supplier: DataSupplierId, path: &Path) -> Result<(), Failure> {
    let context = Context { actor: Actor::DataSupplier { id: supplier }, ..operator() };
    let content = tokio::fs::File::open(path).await?;
    street.mediation.deliver(&context, supplier, Box::pin(content)).await?;
    Ok(())
}
