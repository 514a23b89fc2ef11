//! The authorities' side of the demo: their files are written and delivered in order.

use std::path::Path;

use contracts::{Actor, Context};
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
        let context = Context { actor: Actor::DataSupplier { id: *supplier }, ..operator() };
        let content = tokio::fs::File::open(path).await?;
        street.mediation.deliver(&context, *supplier, Box::pin(content)).await?;
        bar.advance(1);
    }
    bar.done();
    Ok(())
}
