//! Lawful erasure of contents. The rows stay, and the log tells that they were erased, when and by whom.

use contracts::Context;
use jiff::Timestamp;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

use super::append::{ChangeLog, NewChange};
use crate::database::expect_rows;

/// The operation under which an erasure stands in the log.
pub const ERASE: &str = "change-log.erase";

const SUBJECT: &str = "change:";

/// Erases the contents (salt, from, to, why) of these changes and logs it, each erasure as a change of its own, in one transaction of the
/// caller's.
///
/// It needs the schema's owner: the house's runtime role may not update the log.
///
/// # Errors
/// When the database fails, or one of the changes is not there or was erased before.
pub async fn erase(
    connection: &mut PgConnection, log: &ChangeLog, context: &Context, at: Timestamp, changes: &[i64], why: &str,
) -> Result<(), sqlx::Error> {
    let statement = format!("update {}.change set content = null where change_id = any($1) and content is not null", log.schema);
    let done = sqlx::query(AssertSqlSafe(statement)).bind(changes).execute(&mut *connection).await?;
    expect_rows(done.rows_affected(), changes.len(), "erase contents")?;
    let entry = |change| NewChange {
        subject: format!("{SUBJECT}{change}"),
        from: Value::Null,
        to: Value::Null,
        why,
        by: None,
        approved_by: None,
    };
    let entries: Vec<_> = changes.iter().map(entry).collect();
    log.append(connection, context, ERASE, at, &entries).await
}

/// The change whose content an entry of the log says was erased.
pub(super) fn erased_change(operation: &str, subject: &str) -> Option<i64> {
    (operation == ERASE).then(|| subject.strip_prefix(SUBJECT))??.parse().ok()
}
