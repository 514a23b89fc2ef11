//! Answers of banks: what came, how far its reading has come, and what could not be matched.

use contracts::mediation::BankAnswerReceipt;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::lease::LeaseTerms;
use primitives::{BankCode, Text};
use sqlx::{PgConnection, PgPool};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::chunks::{StreamDigest, forward_pieces};
use crate::error::Error;

/// Stores the pieces of an answer; see [`SealedStream::store`](crate::sealed_stream::SealedStream::store).
pub(crate) const COPY_PIECES: &str = "COPY mediation.bank_answer_chunk (answer_id, chunk_no, content) FROM STDIN (FORMAT binary)";

/// An answer to record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewAnswer {
    pub answer: i64,
    pub bank: BankCode,
    pub received_at: Timestamp,
    pub digest: StreamDigest,
}

/// An answer this worker has claimed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClaimedAnswer {
    pub answer: i64,
    pub bank: BankCode,
    pub lease_token: i64,
}

/// What could not be matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Line in the answer, 0 for the answer as a whole.
    pub line: u64,
    pub text: Text,
}

/// A number for an answer whose row comes later, after its pieces.
pub(crate) async fn next_id(connection: &mut PgConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(r#"select nextval('mediation.bank_answer_answer_id_seq') as "id!""#).fetch_one(connection).await?)
}

/// Records the answer, unless the same bytes came from the bank before; says whether it did. Waits for another worker that is recording
/// the same bytes.
pub(crate) async fn insert(connection: &mut PgConnection, new: &NewAnswer) -> Result<bool, Error> {
    let bytes = i64::try_from(new.digest.bytes).map_err(|_| Error::Corrupt("the length of a stream"))?;
    let done = sqlx::query!(
        "insert into mediation.bank_answer (answer_id, bank, received_at, sha256, content_bytes)
         overriding system value values ($1, $2, $3, $4, $5)
         on conflict on constraint bank_answer_once do nothing",
        new.answer,
        new.bank.as_str(),
        new.received_at.to_sqlx(),
        &new.digest.sha256[..],
        bytes,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The answer waits to be applied, and this worker is about to.
pub(crate) async fn insert_claimed(
    connection: &mut PgConnection, new: &NewAnswer, holder: Uuid, lease: LeaseTerms,
) -> Result<ClaimedAnswer, Error> {
    let lease_token = sqlx::query_scalar!(
        "insert into mediation.bank_answer_reading (answer_id, state, lease_token, lease_holder, lease_until)
         values ($1, 1, 1, $2, now() + $3::bigint * interval '1 millisecond') returning lease_token",
        new.answer,
        holder,
        lease.milliseconds(),
    )
    .fetch_one(connection)
    .await?;
    Ok(ClaimedAnswer { answer: new.answer, bank: new.bank, lease_token })
}

/// The answer of the bank with these bytes.
pub(crate) async fn find(connection: &mut PgConnection, bank: BankCode, sha256: &[u8]) -> Result<i64, Error> {
    let row =
        sqlx::query_scalar!("select answer_id from mediation.bank_answer where bank = $1 and sha256 = $2", bank.as_str(), sha256);
    Ok(row.fetch_one(connection).await?)
}

/// Whose answer it is.
pub(crate) async fn bank(connection: &mut PgConnection, answer: i64) -> Result<BankCode, Error> {
    let row = sqlx::query_scalar!("select bank from mediation.bank_answer where answer_id = $1", answer);
    BankCode::parse(&row.fetch_one(connection).await?).map_err(|_| Error::Corrupt("a bank's code"))
}

/// Claims the oldest answer that waits to be applied.
pub(crate) async fn claim(pool: &PgPool, holder: Uuid, lease: LeaseTerms) -> Result<Option<ClaimedAnswer>, Error> {
    let row = sqlx::query!(
        "with open as materialized (
              select answer_id from mediation.bank_answer_reading
              where state = 1 and (lease_until is null or lease_until < now())
              order by answer_id limit 1 for update skip locked
         )
         update mediation.bank_answer_reading r
         set lease_token = r.lease_token + 1, lease_holder = $1, lease_until = now() + $2::bigint * interval '1 millisecond'
         from open, mediation.bank_answer a
         where r.answer_id = open.answer_id and a.answer_id = open.answer_id
         returning r.answer_id, a.bank, r.lease_token",
        holder,
        lease.milliseconds(),
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        let bank = BankCode::parse(&row.bank).map_err(|_| Error::Corrupt("a bank's code"))?;
        Ok(ClaimedAnswer { answer: row.answer_id, bank, lease_token: row.lease_token })
    })
    .transpose()
}

/// Moves the end of a claim; not where a later claim was made or the work is done.
pub(crate) async fn renew(pool: &PgPool, claimed: &ClaimedAnswer, lease: LeaseTerms) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update mediation.bank_answer_reading set lease_until = now() + $3::bigint * interval '1 millisecond'
         where answer_id = $1 and lease_token = $2 and state = 1",
        claimed.answer,
        claimed.lease_token,
        lease.milliseconds(),
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Applied,
    /// A person must look.
    CouldNotBeApplied,
}

/// Ends the reading, in the transaction that writes what was read. The token must still be the latest.
pub(crate) async fn finish(connection: &mut PgConnection, claimed: &ClaimedAnswer, ending: Ending) -> Result<(), Error> {
    let state: i16 = match ending {
        Ending::Applied => 2,
        Ending::CouldNotBeApplied => 3,
    };
    let done = sqlx::query!(
        "update mediation.bank_answer_reading set state = $3, lease_until = null
         where answer_id = $1 and lease_token = $2 and state = 1",
        claimed.answer,
        claimed.lease_token,
        state,
    )
    .execute(connection)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::LeaseLost) }
}

/// Keeps what could not be matched.
pub(crate) async fn insert_faults(connection: &mut PgConnection, answer: i64, faults: &[Fault]) -> Result<(), Error> {
    let lines: Vec<i64> = faults.iter().map(|fault| i64::try_from(fault.line).unwrap_or(i64::MAX)).collect();
    let danish: Vec<String> = faults.iter().map(|fault| fault.text.da.clone()).collect();
    let english: Vec<String> = faults.iter().map(|fault| fault.text.en.clone()).collect();
    let done = sqlx::query!(
        "insert into mediation.bank_answer_fault (answer_id, fault_no, line, text_da, text_en)
         select $1, (f.n - 1)::int, f.line, f.da, f.en
         from unnest($2::bigint[], $3::text[], $4::text[]) with ordinality as f (line, da, en, n)",
        answer,
        &lines,
        &danish,
        &english,
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), faults.len(), "faults of a bank's answer")?)
}

/// The receipt of an answer that came again: what it did the first time counts as known.
pub(crate) async fn repeated_receipt(pool: &PgPool, answer: i64) -> Result<BankAnswerReceipt, Error> {
    let applied = sqlx::query_scalar!(
        r#"select (select count(*) from mediation.batch_outcome where answer_id = $1)
                + greatest((select count(*) from mediation.leg_outcome where answer_id = $1),
                           (select count(*) from mediation.recall_answer where answer_id = $1)) as "count!""#,
        answer,
    )
    .fetch_one(pool)
    .await?;
    let faults =
        sqlx::query!("select text_da, text_en from mediation.bank_answer_fault where answer_id = $1 order by fault_no", answer)
            .fetch_all(pool)
            .await?;
    let unmatched = faults.into_iter().map(|fault| Text::new(fault.text_da, fault.text_en)).collect();
    Ok(BankAnswerReceipt { applied: 0, repeated: applied.unsigned_abs(), unmatched })
}

/// Sends the stored pieces of an answer, in order, until the receiver has enough.
pub(crate) async fn send_pieces(pool: PgPool, answer: i64, pieces: mpsc::Sender<Result<Vec<u8>, Error>>) {
    let stored =
        sqlx::query_scalar!("select content from mediation.bank_answer_chunk where answer_id = $1 order by chunk_no", answer)
            .fetch(&pool);
    forward_pieces(stored, pieces).await;
}
