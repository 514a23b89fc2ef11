//! Reading of the whole log, in the order of its positions.

use sqlx::{AssertSqlSafe, PgConnection};

use super::bytes::{Checkpoint, Head};
use crate::copy::{CopyError, CopyOut, CopyRow};

/// A link as it stands in the table, and the change it names.
pub(super) struct Link<'r> {
    pub(super) position: i64,
    pub(super) change_id: i64,
    pub(super) hash: &'r [u8],
    /// `None` when the change it names is not there.
    pub(super) change: Option<Change<'r>>,
}

/// A change as it stands in the table.
pub(super) struct Change<'r> {
    pub(super) head: Head<'r>,
    /// Sealed.
    pub(super) content: Option<&'r [u8]>,
}

/// All links with their changes, by position.
///
/// The rows come as a stream: one index is walked and the other asked for each row, so that neither server nor client holds the log in memory.
/// The connection's transaction must end afterwards.
///
/// # Errors
/// When the database fails.
pub(super) async fn links<'c>(connection: &'c mut PgConnection, schema: &str) -> Result<CopyOut<'c>, CopyError> {
    for unused in ["enable_hashjoin", "enable_mergejoin", "enable_sort", "enable_bitmapscan"] {
        sqlx::query(AssertSqlSafe(format!("set local {unused} = off"))).execute(&mut *connection).await?;
    }
    let statement = format!(
        "copy (select l.position, l.change_id, l.hash, c.change_id, c.at, c.actor, c.on_behalf_of, c.operation, c.subject, c.approved_by,
                      c.trace, c.digest, c.content
               from {schema}.change_link l left join {schema}.change c on c.change_id = l.change_id
               order by l.position) to stdout (format binary)"
    );
    CopyOut::start(connection, &statement).await
}

/// The next row of [`links`].
pub(super) fn read_link<'r>(row: &mut CopyRow<'r>) -> Result<Link<'r>, CopyError> {
    let (position, change_id, hash) = (row.i64()?, row.i64()?, row.bytes()?);
    let change = match row.opt_i64()? {
        None => None,
        Some(change_id) => {
            let head = Head {
                change_id,
                at: microseconds(row)?,
                actor: row.text()?,
                on_behalf_of: row.opt_text()?,
                operation: row.text()?,
                subject: row.text()?,
                approved_by: row.opt_text()?,
                trace: row.uuid()?,
                digest: row.bytes()?,
            };
            Some(Change { head, content: row.opt_bytes()? })
        }
    };
    Ok(Link { position, change_id, hash, change })
}

/// A time as it is stored, also one that is no time of ours: a log is read whatever was done to it.
fn microseconds(row: &mut CopyRow<'_>) -> Result<i64, CopyError> {
    Ok(row.i64()?.wrapping_add(EPOCH_UNIX_MICROSECONDS))
}

/// PostgreSQL counts times in microseconds from 2000-01-01.
const EPOCH_UNIX_MICROSECONDS: i64 = 946_684_800_000_000;

/// A checkpoint as it stands in the table.
#[derive(Clone, Debug)]
pub(super) struct StoredCheckpoint {
    pub(super) number: i64,
    pub(super) position: i64,
    pub(super) hash: Vec<u8>,
    /// Microseconds since 1970.
    pub(super) at: i64,
    pub(super) key_version: u8,
    pub(super) signature: Vec<u8>,
}

impl StoredCheckpoint {
    pub(super) fn checkpoint(&self) -> Checkpoint<'_> {
        let Self { number, position, at, key_version, .. } = *self;
        Checkpoint { number, position, hash: &self.hash, at, key_version }
    }
}

/// All checkpoints by number.
///
/// # Errors
/// When the database fails.
pub(super) async fn checkpoints(connection: &mut PgConnection, schema: &str) -> Result<Vec<StoredCheckpoint>, CopyError> {
    let statement = format!(
        "copy (select checkpoint_no, position, hash, at, key_version, signature from {schema}.change_checkpoint order by checkpoint_no)
         to stdout (format binary)"
    );
    let mut copy = CopyOut::start(connection, &statement).await?;
    let mut checkpoints = Vec::new();
    while let Some(mut row) = copy.next_row().await? {
        checkpoints.push(StoredCheckpoint {
            number: row.i64()?,
            position: row.i64()?,
            hash: row.bytes()?.to_vec(),
            at: microseconds(&mut row)?,
            // The table keeps it between 1 and 255; no key has version 0.
            key_version: u8::try_from(row.i16()?).unwrap_or(0),
            signature: row.bytes()?.to_vec(),
        });
    }
    Ok(checkpoints)
}
