//! The room that gives changes their positions.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff_sqlx::{Timestamp as SqlTimestamp, ToSqlx};
use primitives::Clock;
use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use uuid::Uuid;

use super::append::{ChangeLog, whole_microseconds};
use super::bytes::{Checkpoint, Hash, Head, NO_LINK};
use crate::database::{Database, expect_rows};
use crate::driver::{Progress, Room, RoomError};

/// How many changes get their position in one transaction, under one signature.
const BATCH: i64 = 10_000;

/// Chains the changes of one house after they are committed, and signs.
#[derive(Clone, Debug)]
pub struct Chaining {
    name: &'static str,
    log: ChangeLog,
    database: Database,
    clock: Arc<dyn Clock>,
}

impl Chaining {
    /// The room, under the name `house.verb`. The clock dates the checkpoints.
    #[must_use]
    pub fn new(name: &'static str, log: ChangeLog, database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { name, log, database, clock }
    }
}

#[async_trait]
impl Room for Chaining {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        let now = self.clock.now();
        let log = &self.log;
        let chaining = self.database.transaction(self.name, async |mut tx| log.chain(&mut tx, now).await);
        let chained = chaining.await?;
        Ok(if chained == 0 { Progress::Idle } else { Progress::Worked(chained) })
    }
}

/// A change that waits for its position.
#[derive(FromRow)]
struct Waiting {
    change_id: i64,
    at: SqlTimestamp,
    actor: String,
    on_behalf_of: Option<String>,
    operation: String,
    subject: String,
    approved_by: Option<String>,
    trace: Uuid,
    digest: Vec<u8>,
}

impl Waiting {
    fn head(&self) -> Head<'_> {
        Head {
            change_id: self.change_id,
            at: self.at.to_jiff().as_microsecond(),
            actor: &self.actor,
            on_behalf_of: self.on_behalf_of.as_deref(),
            operation: &self.operation,
            subject: &self.subject,
            approved_by: self.approved_by.as_deref(),
            trace: self.trace,
            digest: &self.digest,
        }
    }
}

impl ChangeLog {
    /// Gives committed changes their positions and signs the chain; answers how many. While another is at it the answer is 0.
    async fn chain(&self, connection: &mut PgConnection, now: Timestamp) -> Result<u64, sqlx::Error> {
        let schema = self.schema;
        let lease = format!("select pg_try_advisory_xact_lock(hashtext('{schema}.change_link'))");
        if !sqlx::query_scalar::<_, bool>(AssertSqlSafe(lease)).fetch_one(&mut *connection).await? {
            return Ok(0);
        }
        let waiting = format!(
            "select c.change_id, at, actor, on_behalf_of, operation, subject, approved_by, trace, digest
             from {schema}.change_queue q join {schema}.change c on c.change_id = q.change_id order by q.change_id limit $1"
        );
        let waiting: Vec<Waiting> = sqlx::query_as(AssertSqlSafe(waiting)).bind(BATCH).fetch_all(&mut *connection).await?;
        if waiting.is_empty() {
            return Ok(0);
        }
        let (position, hash) = self.link(connection, &waiting).await?;
        self.checkpoint(connection, position, &hash, now).await?;
        Ok(u64::try_from(waiting.len()).unwrap_or(u64::MAX))
    }

    /// Writes the links of the changes; answers the last one.
    async fn link(&self, connection: &mut PgConnection, waiting: &[Waiting]) -> Result<(i64, Hash), sqlx::Error> {
        let schema = self.schema;
        let last = format!("select position, hash from {schema}.change_link order by position desc limit 1");
        let last: Option<(i64, Vec<u8>)> = sqlx::query_as(AssertSqlSafe(last)).fetch_optional(&mut *connection).await?;
        let (mut position, mut hash) = match last {
            None => (0, NO_LINK),
            Some((position, hash)) => {
                (position, Hash::try_from(hash).map_err(|_| sqlx::Error::Protocol("a hash has 32 bytes".into()))?)
            }
        };
        let mut links = Vec::with_capacity(waiting.len());
        for change in waiting {
            position += 1;
            hash = change.head().link(schema, &hash, position);
            links.push((position, hash.to_vec()));
        }
        let ids: Vec<i64> = waiting.iter().map(|change| change.change_id).collect();
        let (positions, hashes): (Vec<i64>, Vec<Vec<u8>>) = links.into_iter().unzip();
        let insert = format!(
            "insert into {schema}.change_link (position, change_id, hash) select * from unnest($1::bigint[], $2::bigint[], $3::bytea[])"
        );
        let done = sqlx::query(AssertSqlSafe(insert)).bind(&positions).bind(&ids).bind(&hashes).execute(&mut *connection).await?;
        expect_rows(done.rows_affected(), ids.len(), "link changes")?;
        let taken = format!("delete from {schema}.change_queue where change_id = any($1)");
        let done = sqlx::query(AssertSqlSafe(taken)).bind(&ids).execute(&mut *connection).await?;
        expect_rows(done.rows_affected(), ids.len(), "take changes from the queue")?;
        Ok((position, hash))
    }

    async fn checkpoint(
        &self, connection: &mut PgConnection, position: i64, hash: &Hash, now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        let schema = self.schema;
        let number = format!("select coalesce(max(checkpoint_no), 0) + 1 from {schema}.change_checkpoint");
        let number: i64 = sqlx::query_scalar(AssertSqlSafe(number)).fetch_one(&mut *connection).await?;
        let (at, key_version) = (whole_microseconds(now), self.key.version());
        let checkpoint = Checkpoint { number, position, hash, at: at.as_microsecond(), key_version };
        let insert = format!(
            "insert into {schema}.change_checkpoint (checkpoint_no, position, hash, at, key_version, signature)
             values ($1, $2, $3, $4, $5, $6)"
        );
        let done = sqlx::query(AssertSqlSafe(insert))
            .bind(number)
            .bind(position)
            .bind(&hash[..])
            .bind(at.to_sqlx())
            .bind(i16::from(key_version))
            .bind(self.key.sign(schema, &checkpoint))
            .execute(connection)
            .await?;
        expect_rows(done.rows_affected(), 1, "sign the chain")
    }
}
