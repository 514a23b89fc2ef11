//! `register.letter`, `register.letter_code` and `register.print_job`: activation codes on paper.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::{EntryRef, HolderRef};
use sqlx::PgConnection;
use uuid::Uuid;

/// A letter.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub holder: HolderRef,
    pub entry: EntryRef,
    pub expires_at: Timestamp,
}

/// A letter whose code can still be entered.
#[derive(Clone, Debug)]
pub(crate) struct LiveLetter {
    pub holder: HolderRef,
    pub entry: EntryRef,
    /// The slow hash of the code.
    pub hash: Vec<u8>,
    /// Wrong codes entered so far.
    pub attempts: u8,
}

/// A letter as it is written: the code as a hash to keep, and sealed to print.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub holder: HolderRef,
    pub entry: EntryRef,
    pub hash: Vec<u8>,
    pub sealed_code: Vec<u8>,
}

/// A letter to print.
#[derive(Clone, Debug)]
pub(crate) struct PrintJob {
    pub letter: Letter,
    pub sealed_code: Vec<u8>,
}

fn keys<'l>(letters: impl IntoIterator<Item = &'l (HolderRef, EntryRef)>) -> (Vec<Uuid>, Vec<i64>) {
    letters.into_iter().map(|(holder, entry)| (holder.get(), entry.get())).unzip()
}

/// Puts letters in the tray of those to write.
pub(crate) async fn insert(conn: &mut PgConnection, letters: &[Letter]) -> Result<(), sqlx::Error> {
    if letters.is_empty() {
        return Ok(());
    }
    let (holders, entries): (Vec<Uuid>, Vec<i64>) =
        letters.iter().map(|letter| (letter.holder.get(), letter.entry.get())).unzip();
    let expire: Vec<jiff_sqlx::Timestamp> = letters.iter().map(|letter| letter.expires_at.to_sqlx()).collect();
    let done = sqlx::query!(
        "insert into register.letter (holder_ref, entry_id, expires_at) select * from unnest($1::uuid[], $2::bigint[], $3::timestamptz[])",
        &holders,
        &entries,
        &expire,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), letters.len(), "insert letters")
}

/// The oldest letters without a code whose entry still waits for one; other writers leave them alone until this one is done.
pub(crate) async fn unwritten(conn: &mut PgConnection, now: Timestamp, limit: i64) -> Result<Vec<Letter>, sqlx::Error> {
    let rows = sqlx::query!(
        "select l.holder_ref, l.entry_id, l.expires_at from register.letter l
         where l.printed_at is null and l.used_at is null and l.voided_at is null and l.expires_at > $1
           and not exists (select from register.letter_code c where c.holder_ref = l.holder_ref and c.entry_id = l.entry_id)
           and exists (select from register.entry e where e.holder_ref = l.holder_ref and e.entry_id = l.entry_id
                          and e.recorded_until is null and e.state = 'pending')
         order by l.entry_id limit $2 for update of l skip locked",
        now.to_sqlx(),
        limit,
    )
    .fetch_all(conn)
    .await?;
    let letters = rows.into_iter().map(|row| Letter {
        holder: HolderRef(row.holder_ref),
        entry: EntryRef(row.entry_id),
        expires_at: row.expires_at.to_jiff(),
    });
    Ok(letters.collect())
}

/// Keeps the hashes of codes, and what is to be printed.
pub(crate) async fn write(conn: &mut PgConnection, written: &[Written]) -> Result<(), sqlx::Error> {
    let (holders, entries): (Vec<Uuid>, Vec<i64>) =
        written.iter().map(|letter| (letter.holder.get(), letter.entry.get())).unzip();
    let hashes: Vec<&[u8]> = written.iter().map(|letter| &letter.hash[..]).collect();
    let codes: Vec<&[u8]> = written.iter().map(|letter| &letter.sealed_code[..]).collect();
    let kept = sqlx::query!(
        "insert into register.letter_code (holder_ref, entry_id, hash) select * from unnest($1::uuid[], $2::bigint[], $3::bytea[])",
        &holders,
        &entries,
        &hashes as _,
    )
    .execute(&mut *conn)
    .await?;
    expect_rows(kept.rows_affected(), written.len(), "keep hashes of codes")?;
    let queued = sqlx::query!(
        "insert into register.print_job (holder_ref, entry_id, code) select * from unnest($1::uuid[], $2::bigint[], $3::bytea[])",
        &holders,
        &entries,
        &codes as _,
    )
    .execute(conn)
    .await?;
    expect_rows(queued.rows_affected(), written.len(), "queue letters for printing")
}

/// Notes that letters may not be sent.
pub(crate) async fn void(conn: &mut PgConnection, letters: &[(HolderRef, EntryRef)], at: Timestamp) -> Result<(), sqlx::Error> {
    let (holders, entries) = keys(letters);
    let done = sqlx::query!(
        "update register.letter l set voided_at = $3
         from unnest($1::uuid[], $2::bigint[]) as void (holder_ref, entry_id)
         where l.holder_ref = void.holder_ref and l.entry_id = void.entry_id and l.voided_at is null",
        &holders,
        &entries,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), letters.len(), "void letters")
}

/// The letters of holders whose code still counts at `now`.
pub(crate) async fn live_of(
    conn: &mut PgConnection, holders: &[Uuid], now: Timestamp, attempts: u8,
) -> Result<Vec<LiveLetter>, sqlx::Error> {
    let rows = sqlx::query!(
        "select l.holder_ref, l.entry_id, l.attempts, c.hash
         from register.letter l join register.letter_code c on c.holder_ref = l.holder_ref and c.entry_id = l.entry_id
         where l.holder_ref = any($1) and l.used_at is null and l.voided_at is null and l.expires_at > $2 and l.attempts < $3",
        holders,
        now.to_sqlx(),
        i16::from(attempts),
    )
    .fetch_all(conn)
    .await?;
    let letters = rows.into_iter().map(|row| LiveLetter {
        holder: HolderRef(row.holder_ref),
        entry: EntryRef(row.entry_id),
        hash: row.hash,
        attempts: u8::try_from(row.attempts).unwrap_or(u8::MAX),
    });
    Ok(letters.collect())
}

/// Counts wrong codes against letters, each as often as it is named.
pub(crate) async fn count_attempt(conn: &mut PgConnection, letters: &[(HolderRef, EntryRef)]) -> Result<(), sqlx::Error> {
    if letters.is_empty() {
        return Ok(());
    }
    let (holders, entries) = keys(letters);
    let done = sqlx::query!(
        "update register.letter l set attempts = l.attempts + tried.times
         from (
             select holder_ref, entry_id, count(*)::smallint as times
             from unnest($1::uuid[], $2::bigint[]) as tried (holder_ref, entry_id) group by holder_ref, entry_id
         ) tried
         where l.holder_ref = tried.holder_ref and l.entry_id = tried.entry_id",
        &holders,
        &entries,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), letters.iter().collect::<HashSet<_>>().len(), "count wrong codes")
}

/// Marks letters as used.
pub(crate) async fn mark_used(
    conn: &mut PgConnection, letters: &[(HolderRef, EntryRef)], at: Timestamp,
) -> Result<(), sqlx::Error> {
    if letters.is_empty() {
        return Ok(());
    }
    let (holders, entries) = keys(letters);
    let done = sqlx::query!(
        "update register.letter l set used_at = $3
         from unnest($1::uuid[], $2::bigint[]) as used (holder_ref, entry_id)
         where l.holder_ref = used.holder_ref and l.entry_id = used.entry_id and l.used_at is null",
        &holders,
        &entries,
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), letters.len(), "mark letters used")
}

/// The oldest letters not printed yet whose code still counts, and whose holder has not died or ceased since.
pub(crate) async fn to_print(conn: &mut PgConnection, now: Timestamp, limit: i64) -> Result<Vec<PrintJob>, sqlx::Error> {
    let rows = sqlx::query!(
        "select l.holder_ref, l.entry_id, l.expires_at, p.code
         from register.print_job p join register.letter l on l.holder_ref = p.holder_ref and l.entry_id = p.entry_id
         where l.printed_at is null and l.used_at is null and l.voided_at is null and l.expires_at > $1
           and exists (select from register.entry e where e.holder_ref = l.holder_ref and e.entry_id = l.entry_id
                          and e.recorded_until is null and e.state = 'pending')
           and not exists (select from register.holder_circumstance c where c.holder_ref = l.holder_ref
                              and (c.died_on is not null or c.ended_on is not null))
         order by l.entry_id limit $2",
        now.to_sqlx(),
        limit,
    )
    .fetch_all(conn)
    .await?;
    let jobs = rows.into_iter().map(|row| PrintJob {
        letter: Letter { holder: HolderRef(row.holder_ref), entry: EntryRef(row.entry_id), expires_at: row.expires_at.to_jiff() },
        sealed_code: row.code,
    });
    Ok(jobs.collect())
}

/// Marks letters as printed and lets go of their codes; one printed before keeps its first time.
pub(crate) async fn mark_printed(
    conn: &mut PgConnection, letters: &[(HolderRef, EntryRef)], at: Timestamp,
) -> Result<u64, sqlx::Error> {
    let (holders, entries) = keys(letters);
    let done = sqlx::query!(
        "update register.letter l set printed_at = $3
         from unnest($1::uuid[], $2::bigint[]) as printed (holder_ref, entry_id)
         where l.holder_ref = printed.holder_ref and l.entry_id = printed.entry_id and l.printed_at is null",
        &holders,
        &entries,
        at.to_sqlx(),
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "delete from register.print_job p using unnest($1::uuid[], $2::bigint[]) as printed (holder_ref, entry_id)
         where p.holder_ref = printed.holder_ref and p.entry_id = printed.entry_id",
        &holders,
        &entries,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Lets go of codes that no longer count and were never printed: used, expired, of a wish that is no longer there, or of a holder that has died
/// or ceased since, whose letter is void then. Answers how many.
pub(crate) async fn drop_dead_jobs(conn: &mut PgConnection, now: Timestamp) -> Result<u64, sqlx::Error> {
    sqlx::query!(
        "update register.letter l set voided_at = $1
         from register.print_job p join register.holder_circumstance c on c.holder_ref = p.holder_ref
         where l.holder_ref = p.holder_ref and l.entry_id = p.entry_id and l.voided_at is null
           and (c.died_on is not null or c.ended_on is not null)",
        now.to_sqlx(),
    )
    .execute(&mut *conn)
    .await?;
    let done = sqlx::query!(
        "delete from register.print_job p using register.letter l
         where l.holder_ref = p.holder_ref and l.entry_id = p.entry_id
           and (l.used_at is not null or l.voided_at is not null or l.expires_at <= $1
                or not exists (select from register.entry e where e.holder_ref = l.holder_ref and e.entry_id = l.entry_id
                                  and e.recorded_until is null and e.state = 'pending'))",
        now.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
