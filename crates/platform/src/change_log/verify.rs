//! Verification: is the log whole, and if not, where?

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use primitives::hex;
use sqlx::{AssertSqlSafe, PgConnection};
use thiserror::Error;

use super::append::ChangeLog;
use super::bytes::{self, Hash, NO_LINK};
use super::erase::erased_change;
use super::rows::{self, Link, StoredCheckpoint};
use crate::copy::CopyError;
use crate::database::Database;

/// The end of a chain that was seen before: the log must still lead through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The position.
    pub position: i64,
    /// The hash of the link there.
    pub hash: [u8; 32],
}

impl fmt::Display for Anchor {
    /// Position and 64 hexadecimal digits, such as `12:9f…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.position, hex::encode(self.hash))
    }
}

/// The text is no anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an anchor is a position and 64 hexadecimal digits with a colon between them")]
pub struct AnchorError;

impl FromStr for Anchor {
    type Err = AnchorError;

    fn from_str(text: &str) -> Result<Self, AnchorError> {
        let (position, digits) = text.split_once(':').ok_or(AnchorError)?;
        let hash = hex::decode(digits).and_then(|hash| hash.try_into().ok()).ok_or(AnchorError)?;
        let anchor = Self { position: position.parse().map_err(|_| AnchorError)?, hash };
        // One anchor has one text: no sign, no capital letters.
        (anchor.to_string() == text).then_some(anchor).ok_or(AnchorError)
    }
}

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many changes have a position.
    pub links: u64,
    /// How many still wait for one: written, not yet chained.
    pub waiting: u64,
    /// How many contents were erased, and the log says so.
    pub erased: u64,
    /// The end of the chain; `None` when it is empty.
    pub end: Option<Anchor>,
    /// What is wrong, in the order it was found. Empty: every row is as it was written, none is missing, none was slipped in.
    pub findings: Vec<Finding>,
}

/// Something is not as it was written, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The link that belongs at this position is missing.
    LinkMissing {
        /// The position.
        position: i64,
    },
    /// The change of the link at this position is missing.
    ChangeMissing {
        /// The position.
        position: i64,
        /// The number of the change.
        change: i64,
    },
    /// The change at this position, its place in the chain, or the link before it was changed.
    LinkBroken {
        /// The position.
        position: i64,
        /// The number of the change.
        change: i64,
    },
    /// The content of the change at this position is another than was written, or cannot be opened.
    ContentChanged {
        /// The position.
        position: i64,
        /// The number of the change.
        change: i64,
    },
    /// The content of the change at this position is gone, and no erasure is logged.
    ContentMissing {
        /// The position.
        position: i64,
        /// The number of the change.
        change: i64,
    },
    /// A change stands in no chain and waits for none: it was slipped in, or taken out of the chain.
    ChangeWithoutPosition {
        /// The number of the change.
        change: i64,
    },
    /// A change waits for its position and is not there.
    WaitingChangeMissing {
        /// The number of the change.
        change: i64,
    },
    /// The checkpoint of this number is missing.
    CheckpointMissing {
        /// The number.
        number: i64,
    },
    /// The checkpoint of this number was not signed with a key of the house.
    CheckpointNotSigned {
        /// The number.
        number: i64,
        /// The position it is for.
        position: i64,
    },
    /// The chain leads to another hash at the checkpoint's position than was signed, or does not reach it: changed after the checkpoint before.
    CheckpointNotMet {
        /// The number.
        number: i64,
        /// The position it is for.
        position: i64,
    },
    /// The chain goes on after the last checkpoint, which the room never leaves so.
    EndNotSigned {
        /// The position of the last link.
        position: i64,
    },
    /// The log does not lead through the anchor.
    AnchorNotMet {
        /// The anchor's position.
        position: i64,
    },
    /// The log ends before an anchor: its end was cut off, with the checkpoints there.
    EndCutOff {
        /// The position of the last link.
        position: i64,
        /// The position of the last anchor.
        anchored: i64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LinkMissing { position } => write!(f, "position {position}: the link is missing"),
            Self::ChangeMissing { position, change } => write!(f, "position {position}: change {change} is missing"),
            Self::LinkBroken { position, change } => {
                write!(f, "position {position}: change {change}, its link or the one before it was changed")
            }
            Self::ContentChanged { position, change } => {
                write!(f, "position {position}: the content of change {change} was changed")
            }
            Self::ContentMissing { position, change } => {
                write!(f, "position {position}: the content of change {change} is gone and no erasure is logged")
            }
            Self::ChangeWithoutPosition { change } => write!(f, "change {change} stands outside the chain"),
            Self::WaitingChangeMissing { change } => write!(f, "change {change} waits for its position and is missing"),
            Self::CheckpointMissing { number } => write!(f, "checkpoint {number} is missing"),
            Self::CheckpointNotSigned { number, position } => {
                write!(f, "checkpoint {number} at position {position} is not signed with a key of the house")
            }
            Self::CheckpointNotMet { number, position } => {
                write!(
                    f,
                    "checkpoint {number} at position {position} does not fit the chain, which was changed after the checkpoint before"
                )
            }
            Self::EndNotSigned { position } => write!(f, "position {position}: the end of the chain is not signed"),
            Self::AnchorNotMet { position } => write!(f, "position {position}: the chain does not lead through the anchor"),
            Self::EndCutOff { position, anchored } => {
                write!(f, "position {position}: the end of the chain was cut off here; it led to position {anchored}")
            }
        }
    }
}

/// Reads the whole log and checks every row of it, in one state of the database; it must lead through the anchors. Nothing is changed.
///
/// # Errors
/// When the database fails.
pub async fn verify(
    database: &Database, log: &ChangeLog, anchors: impl IntoIterator<Item = Anchor>,
) -> Result<Verified, CopyError> {
    let anchors: Vec<Anchor> = anchors.into_iter().collect();
    database
        .snapshot("change_log.verify", async |mut tx| {
            let checkpoints = rows::checkpoints(&mut tx, log.schema).await?;
            let mut verifier = Verifier::new(log, checkpoints, anchors.clone());
            let counts = count(&mut tx, log.schema).await?;
            let mut copy = rows::links(&mut tx, log.schema).await?;
            while let Some(mut row) = copy.next_row().await? {
                verifier.link(&rows::read_link(&mut row)?);
            }
            drop(copy);
            let mut verified = verifier.finish();
            verified.waiting = counts.waiting;
            // Each link names one change and no change twice, so when the sums fit, nothing stands outside.
            if counts.changes != verified.links + counts.waiting || counts.waiting > 0 {
                verified.findings.extend(outside(&mut tx, log.schema).await?);
            }
            Ok(verified)
        })
        .await
}

struct Counts {
    changes: u64,
    waiting: u64,
}

async fn count(connection: &mut PgConnection, schema: &str) -> Result<Counts, sqlx::Error> {
    let statement = format!("select (select count(*) from {schema}.change), (select count(*) from {schema}.change_queue)");
    let (changes, waiting): (i64, i64) = sqlx::query_as(AssertSqlSafe(statement)).fetch_one(connection).await?;
    Ok(Counts { changes: changes.unsigned_abs(), waiting: waiting.unsigned_abs() })
}

/// Changes outside the chain, and places in the queue without a change.
async fn outside(connection: &mut PgConnection, schema: &str) -> Result<Vec<Finding>, sqlx::Error> {
    let stray = format!(
        "select change_id from {schema}.change c
         where not exists (select from {schema}.change_link l where l.change_id = c.change_id)
           and not exists (select from {schema}.change_queue q where q.change_id = c.change_id)
         order by change_id"
    );
    let absent = format!(
        "select change_id from {schema}.change_queue q
         where not exists (select from {schema}.change c where c.change_id = q.change_id) order by change_id"
    );
    let stray: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(stray)).fetch_all(&mut *connection).await?;
    let absent: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(absent)).fetch_all(connection).await?;
    let stray = stray.into_iter().map(|change| Finding::ChangeWithoutPosition { change });
    Ok(stray.chain(absent.into_iter().map(|change| Finding::WaitingChangeMissing { change })).collect())
}

/// Goes through the log row by row. It knows the tables' rows, not the tables.
struct Verifier<'l> {
    log: &'l ChangeLog,
    checkpoints: std::iter::Peekable<std::vec::IntoIter<StoredCheckpoint>>,
    /// Those that are still to be met, the last one first.
    anchors: Vec<Anchor>,
    position: i64,
    hash: Hash,
    last_signed: i64,
    gone: Vec<(i64, i64)>,
    erased: HashSet<i64>,
    verified: Verified,
}

impl<'l> Verifier<'l> {
    fn new(log: &'l ChangeLog, checkpoints: Vec<StoredCheckpoint>, mut anchors: Vec<Anchor>) -> Self {
        anchors.sort_unstable_by_key(|anchor| std::cmp::Reverse(anchor.position));
        let mut verified = Verified::default();
        verified.findings.extend(unsigned(log, &checkpoints));
        let last_signed = checkpoints.iter().map(|checkpoint| checkpoint.position).max().unwrap_or(0);
        Self {
            log,
            checkpoints: checkpoints.into_iter().peekable(),
            anchors,
            position: 0,
            hash: NO_LINK,
            last_signed,
            gone: Vec::new(),
            erased: HashSet::new(),
            verified,
        }
    }

    fn link(&mut self, link: &Link<'_>) {
        while self.position + 1 < link.position {
            self.position += 1;
            self.found(Finding::LinkMissing { position: self.position });
            // A gap is told once by its first and, where it is longer, by its last position.
            if self.position + 2 < link.position {
                self.position = link.position - 2;
            }
        }
        self.position = link.position;
        self.verified.links += 1;
        self.change(link);
        // Where the chain is broken, it goes on from what is stored, so that each break is told where it is.
        self.hash = link.hash.try_into().unwrap_or(NO_LINK);
        self.meet_checkpoints();
        self.meet_anchors();
    }

    fn change(&mut self, link: &Link<'_>) {
        let (position, change) = (link.position, link.change_id);
        let Some(stored) = &link.change else {
            return self.found(Finding::ChangeMissing { position, change });
        };
        if stored.head.link(self.log.schema, &self.hash, position) != link.hash {
            self.found(Finding::LinkBroken { position, change });
        }
        match stored.content {
            None => self.gone.push((position, change)),
            Some(sealed) => {
                let fits = self.log.open(sealed).is_ok_and(|salted| bytes::content_digest(&salted) == stored.head.digest);
                if !fits {
                    self.found(Finding::ContentChanged { position, change });
                }
            }
        }
        self.erased.extend(erased_change(stored.head.operation, stored.head.subject));
    }

    /// Compares the chain with the checkpoints of the position it has come to; one it has passed without meeting it does not fit.
    fn meet_checkpoints(&mut self) {
        while let Some(checkpoint) = self.checkpoints.next_if(|checkpoint| checkpoint.position <= self.position) {
            if checkpoint.position < self.position || checkpoint.hash != self.hash {
                self.found(Finding::CheckpointNotMet { number: checkpoint.number, position: checkpoint.position });
            }
        }
    }

    /// Compares the chain with the anchors of the position it has come to; one it has passed without meeting it is not met.
    fn meet_anchors(&mut self) {
        while let Some(anchor) = self.anchors.pop_if(|anchor| anchor.position <= self.position) {
            if anchor.position < self.position || anchor.hash != self.hash {
                self.found(Finding::AnchorNotMet { position: anchor.position });
            }
        }
    }

    fn found(&mut self, finding: Finding) {
        self.verified.findings.push(finding);
    }

    fn finish(mut self) -> Verified {
        for checkpoint in std::mem::take(&mut self.checkpoints.by_ref().collect::<Vec<_>>()) {
            self.found(Finding::CheckpointNotMet { number: checkpoint.number, position: checkpoint.position });
        }
        if self.position > self.last_signed {
            self.found(Finding::EndNotSigned { position: self.position });
        }
        for (position, change) in std::mem::take(&mut self.gone) {
            if self.erased.contains(&change) {
                self.verified.erased += 1;
            } else {
                self.found(Finding::ContentMissing { position, change });
            }
        }
        if let Some(last) = self.anchors.first() {
            let anchored = last.position;
            self.found(Finding::EndCutOff { position: self.position, anchored });
        }
        self.verified.end = (self.position > 0).then_some(Anchor { position: self.position, hash: self.hash });
        self.verified
    }
}

/// What is wrong with the checkpoints themselves: numbers without gaps, each signed.
fn unsigned(log: &ChangeLog, checkpoints: &[StoredCheckpoint]) -> Vec<Finding> {
    let keys = log.public_keys();
    let mut findings = Vec::new();
    let mut expected = 1;
    for stored in checkpoints {
        let (number, position) = (stored.number, stored.position);
        if expected < number {
            findings.push(Finding::CheckpointMissing { number: expected });
        }
        expected = number.saturating_add(1);
        if !keys.iter().any(|key| key.has_signed(log.schema, &stored.checkpoint(), &stored.signature)) {
            findings.push(Finding::CheckpointNotSigned { number, position });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_has_one_text() {
        let text = format!("12:{}", "0f".repeat(32));
        assert_eq!(text.parse::<Anchor>().unwrap().to_string(), text);
        for bad in [
            "",
            "12",
            "12:0f",
            &format!("+{text}"),
            &format!("12:{}", "0F".repeat(32)),
            &format!("x:{}", "0f".repeat(32)),
            &format!("12:{}", "å".repeat(32)),
        ] {
            assert_eq!(bad.parse::<Anchor>(), Err(AnchorError), "{bad}");
        }
    }
}
