//! Files we send: their pieces, and whether they have been handed over.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::copy::{CopyBuffer, CopyIn};
use platform::database::expect_rows;
use platform::lease::LeaseTerms;
use primitives::DeliveryId;
use sqlx::{PgConnection, PgPool};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::chunks::{StreamDigest, forward_pieces};
use crate::error::Error;
use crate::put_off;

const COPY_PIECES: &str = "COPY mediation.file_chunk (file_id, chunk_no, content) FROM STDIN (FORMAT binary)";

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A pain.001 to a bank; the recipient is its code.
    Bank,
    /// A pain.002, a camt.029 or an admi.002 to a payer; the recipient is its agreement number.
    Report,
    /// The same where the payer is not known; the recipient is the data supplier.
    SupplierReport,
    /// A camt.055 to a bank; the recipient is its code.
    Recall,
}

impl Purpose {
    fn code(self) -> i16 {
        match self {
            Self::Bank => 1,
            Self::Report => 2,
            Self::SupplierReport => 3,
            Self::Recall => 4,
        }
    }

    fn from_code(code: i16) -> Result<Self, Error> {
        match code {
            1 => Ok(Self::Bank),
            2 => Ok(Self::Report),
            3 => Ok(Self::SupplierReport),
            4 => Ok(Self::Recall),
            _ => Err(Error::Corrupt("a file's purpose")),
        }
    }
}

/// A file to record.
#[derive(Clone, Debug)]
pub(crate) struct NewFile<'a> {
    pub file: i64,
    pub purpose: Purpose,
    pub key: &'a str,
    pub recipient: &'a str,
    pub delivery: DeliveryId,
    pub message: &'a str,
    pub written_at: Timestamp,
}

/// A number for a file whose row comes later, after its pieces.
pub(crate) async fn next_id(connection: &mut PgConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(r#"select nextval('mediation.file_file_id_seq') as "id!""#).fetch_one(connection).await?)
}

/// Stores the sealed pieces as they come, until the sender is gone. Whether the stream was whole is for the sender to say.
pub(crate) async fn store_pieces(
    connection: &mut PgConnection, file: i64, mut pieces: mpsc::Receiver<Vec<u8>>,
) -> Result<(), Error> {
    let mut copy = CopyIn::start(connection, COPY_PIECES).await?;
    let mut row = CopyBuffer::new();
    let mut number = 0_i32;
    while let Some(piece) = pieces.recv().await {
        row.begin_row(3);
        row.i64(file);
        row.i32(number);
        row.bytes(&piece);
        copy.send(&mut row).await?;
        number += 1;
    }
    let stored = copy.finish().await?;
    Ok(expect_rows(stored, usize::try_from(number).unwrap_or(usize::MAX), "pieces of a file")?)
}

/// Records the file whose pieces are stored; it waits to be handed over.
pub(crate) async fn insert(connection: &mut PgConnection, new: &NewFile<'_>, digest: StreamDigest) -> Result<(), Error> {
    let bytes = i64::try_from(digest.bytes).map_err(|_| Error::Corrupt("the length of a file"))?;
    let done = sqlx::query!(
        "insert into mediation.file (file_id, purpose, file_key, recipient, delivery_id, message_name, content_bytes, sha256, written_at)
         overriding system value values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new.file,
        new.purpose.code(),
        new.key,
        new.recipient,
        new.delivery.get(),
        new.message,
        bytes,
        &digest.sha256[..],
        new.written_at.to_sqlx(),
    )
    .execute(&mut *connection)
    .await?;
    expect_rows(done.rows_affected(), 1, "a file")?;
    let done = sqlx::query!("insert into mediation.file_sending (file_id) values ($1)", new.file).execute(connection).await?;
    Ok(expect_rows(done.rows_affected(), 1, "a file's sending")?)
}

/// A file this worker has claimed to hand over.
#[derive(Clone, Debug)]
pub(crate) struct ClaimedFile {
    pub file: i64,
    pub purpose: Purpose,
    pub key: String,
    pub recipient: String,
    pub message: String,
    pub bytes: u64,
    pub lease_token: i64,
}

/// Claims the oldest file that waits to be handed over, passing over recipients that are left alone because they could not be reached. The
/// claim after such a time is a trial: until it has ended the recipient's other files wait.
pub(crate) async fn claim(pool: &PgPool, holder: Uuid, lease: LeaseTerms) -> Result<Option<ClaimedFile>, Error> {
    let row = sqlx::query!(
        "with open as materialized (
              select s.file_id, f.purpose, f.recipient from mediation.file_sending s
              join mediation.file f on f.file_id = s.file_id
              where s.sent_at is null and (s.lease_until is null or s.lease_until < now())
                and not exists (select from mediation.recipient_hold h
                                where h.purpose = f.purpose and h.recipient = f.recipient and h.not_before > now())
              order by s.file_id limit 1 for update of s skip locked
         ), trial as (
              update mediation.recipient_hold h set not_before = now() + $2::bigint * interval '1 millisecond'
              from open where h.purpose = open.purpose and h.recipient = open.recipient
         )
         update mediation.file_sending s
         set lease_token = s.lease_token + 1, lease_holder = $1, lease_until = now() + $2::bigint * interval '1 millisecond'
         from open, mediation.file f
         where s.file_id = open.file_id and f.file_id = open.file_id
         returning f.file_id, f.purpose, f.file_key, f.recipient, f.message_name, f.content_bytes, s.lease_token",
        holder,
        lease.milliseconds(),
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        Ok(ClaimedFile {
            file: row.file_id,
            purpose: Purpose::from_code(row.purpose)?,
            key: row.file_key,
            recipient: row.recipient,
            message: row.message_name,
            bytes: u64::try_from(row.content_bytes).map_err(|_| Error::Corrupt("the length of a file"))?,
            lease_token: row.lease_token,
        })
    })
    .transpose()
}

/// Moves the end of a claim; not where a later claim was made or the work is done.
pub(crate) async fn renew(pool: &PgPool, claimed: &ClaimedFile, lease: LeaseTerms) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update mediation.file_sending set lease_until = now() + $3::bigint * interval '1 millisecond'
         where file_id = $1 and lease_token = $2 and sent_at is null",
        claimed.file,
        claimed.lease_token,
        lease.milliseconds(),
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Leaves a file that could not be handed over alone for a while, and its recipient too: twice as long each time, until a file gets through.
/// Neither where a later claim was made or the work is done: the recipient is not held for a worker that has fallen behind.
pub(crate) async fn put_off(pool: &PgPool, claimed: &ClaimedFile, pause: LeaseTerms) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "with put_off as (
             update mediation.file_sending set lease_until = now() + $3::bigint * interval '1 millisecond'
             where file_id = $1 and lease_token = $2 and sent_at is null returning file_id
         )
         insert into mediation.recipient_hold as h (purpose, recipient, attempts, not_before)
         select $4::smallint, $5::text, 1, now() + $6::bigint * interval '1 millisecond' from put_off
         on conflict on constraint recipient_hold_pkey do update set
             attempts = h.attempts + 1,
             not_before = now() + least($7::bigint, $6 * (1::bigint << least(h.attempts, 16))) * interval '1 millisecond'",
        claimed.file,
        claimed.lease_token,
        pause.milliseconds(),
        claimed.purpose.code(),
        claimed.recipient,
        put_off::FIRST.milliseconds(),
        put_off::LONGEST.milliseconds(),
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The file has been handed over, so its recipient can be reached. The token must still be the latest.
pub(crate) async fn sent(pool: &PgPool, claimed: &ClaimedFile, sent_at: Timestamp) -> Result<(), Error> {
    let done = sqlx::query!(
        "with reached as (delete from mediation.recipient_hold where purpose = $4 and recipient = $5)
         update mediation.file_sending set sent_at = $3, lease_until = null
         where file_id = $1 and lease_token = $2 and sent_at is null",
        claimed.file,
        claimed.lease_token,
        sent_at.to_sqlx(),
        claimed.purpose.code(),
        claimed.recipient,
    )
    .execute(pool)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::LeaseLost) }
}

/// The payer whose payments a bank's file holds, and how many they are.
pub(crate) async fn payments_of(pool: &PgPool, file: i64) -> Result<Option<(String, i64)>, Error> {
    let row = sqlx::query!(
        r#"select h.payer as "payer!", sum(b.leg_count) as "payments!"
           from mediation.file f join mediation.batch b on b.file_id = f.file_id
           join mediation.delivery_header h on h.delivery_id = f.delivery_id
           where f.file_id = $1 group by h.payer"#,
        file,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| (row.payer, row.payments)))
}

/// Sends the stored pieces of a file, in order, until the receiver has enough.
pub(crate) async fn send_pieces(pool: PgPool, file: i64, pieces: mpsc::Sender<Result<Vec<u8>, Error>>) {
    let stored =
        sqlx::query_scalar!("select content from mediation.file_chunk where file_id = $1 order by chunk_no", file).fetch(&pool);
    forward_pieces(stored, pieces).await;
}
