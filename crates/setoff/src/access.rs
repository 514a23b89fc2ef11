//! Who was told about whom. A match tells of those who are redirected, and of nobody else, so those are whom it is recorded for.

use contracts::Context;
use jiff::Timestamp;
use platform::access_log::{self, AccessRecord, push_subject};
use sqlx::PgConnection;

/// Records one call, before its answer leaves.
pub(crate) async fn record<'s>(
    conn: &mut PgConnection, context: &Context, operation: &str, at: Timestamp, sealed: impl Iterator<Item = &'s [u8]>,
) -> Result<(), sqlx::Error> {
    let mut subjects = Vec::new();
    sealed.for_each(|number| push_subject(&mut subjects, number));
    if subjects.is_empty() {
        return Ok(());
    }
    access_log::append(conn, "setoff", &AccessRecord { at, context, operation, subjects: &subjects }).await?;
    Ok(())
}
