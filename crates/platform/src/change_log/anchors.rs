//! Anchors that stand outside the database: each signed end of a chain leaves a line in a file, and one in the log.
//!
//! Who may do everything to the database can cut off the end of a log whole, with its checkpoints, and nothing in the database tells. The file tells:
//! [`verify`](super::verify()) is given what stands in it. It holds one JSON object a line, as an [export](super::export()) has its checkpoints, with
//! the house before them; nothing in it is personal. Whoever may write both, database and file, is told by the log where it is collected alone.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use primitives::hex;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, PgConnection};

use super::append::ChangeLog;
use super::bytes::Checkpoint;
use super::verify::Anchor;
use crate::database::Database;
use crate::driver::{Progress, Room, RoomError};

/// The log's target of anchors, at level `info`: to keep them elsewhere, let `telemetry.filter` name it.
pub const ANCHORS: &str = "anchors";

/// A checkpoint as a line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    house: String,
    checkpoint: i64,
    /// Position and hash.
    #[serde(with = "anchor_text")]
    anchor: Anchor,
    /// Microseconds since 1970.
    at: i64,
    key: u8,
    /// Lower-case hexadecimal digits.
    signature: String,
}

/// An anchor as its text: `12:9f…`.
mod anchor_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use super::Anchor;

    pub(super) fn serialize<S: Serializer>(anchor: &Anchor, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(anchor)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Anchor, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Line {
    /// Whether a key of the house has signed it.
    fn is_signed(&self, log: &ChangeLog) -> bool {
        let Self { checkpoint: number, anchor: Anchor { position, hash }, at, key: key_version, .. } = self;
        let checkpoint = Checkpoint { number: *number, position: *position, hash, at: *at, key_version: *key_version };
        let Some(signature) = hex::decode(&self.signature) else { return false };
        log.public_keys().iter().any(|key| key.has_signed(log.schema, &checkpoint, &signature))
    }
}

/// The file, which several processes may add to.
#[derive(Clone, Debug)]
pub struct AnchorFile(PathBuf);

/// What the file says of one house.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchored {
    /// Where the chain has led through, as a key of the house has signed it.
    pub anchors: Vec<Anchor>,
    /// The numbers of the lines that no key of the house has signed, or that cannot be read.
    pub unsigned: Vec<usize>,
}

impl AnchorFile {
    /// The file, which is made when there is something to add.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What it says of the house; nothing, where there is no file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, log: &ChangeLog) -> io::Result<Anchored> {
        let text = match fs::read_to_string(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Anchored::default()),
            read => read?,
        };
        let mut anchored = Anchored::default();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty()) {
            match serde_json::from_str::<Line>(line) {
                Ok(line) if line.house != log.schema => {}
                Ok(line) if line.is_signed(log) => anchored.anchors.push(line.anchor),
                _ => anchored.unsigned.push(number),
            }
        }
        Ok(anchored)
    }

    fn add(&self, line: &Line) -> io::Result<()> {
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder)?;
        }
        // In one write, so that lines of several processes stand one after the other.
        let text = format!("{}\n", serde_json::to_string(line)?);
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.0)?;
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }
}

/// A room that chains, and leaves an anchor of each signed end.
pub struct Anchoring {
    room: Arc<dyn Room>,
    log: ChangeLog,
    database: Database,
    file: AnchorFile,
    /// The anchor that was left last; none before the first look, and after one that failed.
    left: Mutex<Option<Anchor>>,
}

impl fmt::Debug for Anchoring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Anchoring").field("room", &self.room.name()).finish_non_exhaustive()
    }
}

impl Anchoring {
    /// The room, whose log it is in which database, and the file.
    #[must_use]
    pub fn new(room: Arc<dyn Room>, log: ChangeLog, database: Database, file: AnchorFile) -> Self {
        Self { room, log, database, file, left: Mutex::default() }
    }

    fn left(&self) -> Option<Anchor> {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_left(&self, anchor: Option<Anchor>) {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = anchor;
    }

    /// Adds the last checkpoint, unless it stands in the file.
    async fn leave(&self) -> Result<(), RoomError> {
        let before = self.left();
        self.set_left(None);
        let Some(line) = self.log.last_checkpoint(&mut *self.database.pool().acquire().await?).await? else { return Ok(()) };
        let known = match before {
            Some(before) => before == line.anchor,
            None => self.file.read(&self.log)?.anchors.contains(&line.anchor),
        };
        if !known {
            self.file.add(&line)?;
            let hash = in_groups(&line.anchor);
            tracing::info!(target: ANCHORS, house = line.house, position = line.anchor.position, hash, "the chain was signed");
        }
        self.set_left(Some(line.anchor));
        Ok(())
    }
}

#[async_trait]
impl Room for Anchoring {
    fn name(&self) -> &'static str {
        self.room.name()
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        let progress = self.room.step().await?;
        // Also at the start: the process before may have ended between the two.
        if progress != Progress::Idle || self.left().is_none() {
            self.leave().await?;
        }
        Ok(progress)
    }
}

/// Number, position, hash, microseconds since 1970, version of the key, signature.
type Row = (i64, i64, Vec<u8>, i64, i16, Vec<u8>);

impl ChangeLog {
    async fn last_checkpoint(&self, connection: &mut PgConnection) -> Result<Option<Line>, sqlx::Error> {
        let statement = format!(
            "select checkpoint_no, position, hash, (extract(epoch from at) * 1000000)::bigint, key_version, signature
             from {}.change_checkpoint order by checkpoint_no desc limit 1",
            self.schema
        );
        let row: Option<Row> = sqlx::query_as(AssertSqlSafe(statement)).fetch_optional(connection).await?;
        row.map(|(checkpoint, position, hash, at, key, signature)| {
            let unreadable = || sqlx::Error::Protocol("a checkpoint is not readable".into());
            let hash = hash.try_into().map_err(|_| unreadable())?;
            let key = u8::try_from(key).map_err(|_| unreadable())?;
            let anchor = Anchor { position, hash };
            Ok(Line { house: self.schema.to_owned(), checkpoint, anchor, at, key, signature: hex::encode(signature) })
        })
        .transpose()
    }
}

/// The hash as the log may have it, which masks whatever could be a number of a person: eight digits, a dot, eight digits, and so on.
fn in_groups(anchor: &Anchor) -> String {
    let groups: Vec<String> = anchor.hash.chunks(4).map(hex::encode).collect();
    groups.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_survives_the_log() {
        let hash = in_groups(&Anchor { position: 1, hash: [0x12; 32] });
        assert_eq!(hash, ["12121212"; 8].join("."));
        assert_eq!(crate::telemetry::redact(&hash), hash);
    }
}
