//! The log as a file that anybody with the public key can verify, without this program.
//!
//! One JSON object a line, in this order: the head, all links by position, all checkpoints by number. Bytes are lower-case hexadecimal digits,
//! times microseconds since 1970. The bytes that were hashed and signed are defined in [the module above](super).

use std::io::Write;

use primitives::hex;
use serde::Serialize;
use thiserror::Error;

use super::append::ChangeLog;
use super::rows::{self, Link, StoredCheckpoint};
use super::verify::Anchor;
use crate::copy::CopyError;
use crate::database::Database;
use crate::seal::SealError;

/// Why a log was not exported.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The database failed.
    #[error("the change log could not be read")]
    Database(#[from] CopyError),
    /// The file could not be written.
    #[error("the export could not be written")]
    File(#[from] std::io::Error),
    /// A content could not be opened.
    #[error("the content of change {0} could not be opened")]
    Content(i64, SealError),
    /// A change is missing.
    #[error("change {0} is missing: verify the log first")]
    ChangeMissing(i64),
}

impl From<sqlx::Error> for ExportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

#[derive(Serialize)]
struct HeadLine<'l> {
    log: &'static str,
    house: &'l str,
}

#[derive(Serialize)]
struct LinkLine<'l> {
    position: i64,
    change: i64,
    at: i64,
    actor: &'l str,
    on_behalf_of: Option<&'l str>,
    operation: &'l str,
    subject: &'l str,
    approved_by: Option<&'l str>,
    trace: String,
    digest: String,
    hash: String,
    /// Salt and content.
    content: Option<String>,
}

#[derive(Serialize)]
struct CheckpointLine {
    checkpoint: i64,
    position: i64,
    hash: String,
    at: i64,
    key: u8,
    signature: String,
}

/// Writes the whole log; answers its end. With `contents` also what was changed from what to what and why, opened: then the file holds personal
/// data. Changes that wait for their position are not in it.
///
/// # Errors
/// When the database fails, the file cannot be written, or the log is damaged.
pub async fn export(
    database: &Database, log: &ChangeLog, contents: bool, file: &mut (dyn Write + Send),
) -> Result<Option<Anchor>, ExportError> {
    // A file cannot be written anew when a transaction is tried again, so the snapshot is begun here, for one attempt.
    let mut tx = database.pool().begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
    let checkpoints = rows::checkpoints(&mut tx, log.schema).await?;
    line(file, &HeadLine { log: "nemkonto-change-log-1", house: log.schema })?;
    let mut end = None;
    let mut copy = rows::links(&mut tx, log.schema).await?;
    while let Some(mut row) = copy.next_row().await? {
        let link = rows::read_link(&mut row)?;
        line(file, &link_line(log, contents, &link)?)?;
        end = link.hash.try_into().ok().map(|hash| Anchor { position: link.position, hash });
    }
    drop(copy);
    for checkpoint in &checkpoints {
        line(file, &checkpoint_line(checkpoint))?;
    }
    tx.rollback().await?;
    Ok(end)
}

fn link_line<'l>(log: &ChangeLog, contents: bool, link: &Link<'l>) -> Result<LinkLine<'l>, ExportError> {
    let change = link.change.as_ref().ok_or(ExportError::ChangeMissing(link.change_id))?;
    let open = |sealed| log.open(sealed).map_err(|error| ExportError::Content(link.change_id, error));
    let content = change.content.filter(|_| contents).map(open).transpose()?;
    let head = change.head;
    Ok(LinkLine {
        position: link.position,
        change: head.change_id,
        at: head.at,
        actor: head.actor,
        on_behalf_of: head.on_behalf_of,
        operation: head.operation,
        subject: head.subject,
        approved_by: head.approved_by,
        trace: hex::encode(head.trace.as_bytes()),
        digest: hex::encode(head.digest),
        hash: hex::encode(link.hash),
        content: content.as_deref().map(hex::encode),
    })
}

fn checkpoint_line(stored: &StoredCheckpoint) -> CheckpointLine {
    CheckpointLine {
        checkpoint: stored.number,
        position: stored.position,
        hash: hex::encode(&stored.hash),
        at: stored.at,
        key: stored.key_version,
        signature: hex::encode(&stored.signature),
    }
}

fn line(file: &mut (dyn Write + Send), line: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *file, line)?;
    file.write_all(b"\n")
}
