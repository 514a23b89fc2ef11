//! `register.letter`: activation codes on paper.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::{EntryRef, HolderRef};
use sqlx::PgConnection;
use uuid::Uuid;

/// A letter with its sealed code.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub holder: HolderRef,
    pub entry: EntryRef,
    /// Sealed.
    pub code: Vec<u8>,
    pub expires_at: Timestamp,
}

fn keys<'l>(letters: impl IntoIterator<Item = &'l (HolderRef, EntryRef)>) -> (Vec<Uuid>, Vec<i64>) {
    letters.into_iter().map(|(holder, entry)| (holder.get(), entry.get())).unzip()
}

/// Puts letters in the tray of those to print.
pub(crate) async fn insert(conn: &mut PgConnection, letters: &[Letter]) -> Result<(), sqlx::Error> {
    if letters.is_empty() {
        return Ok(());
    }
    let (holders, entries): (Vec<Uuid>, Vec<i64>) =
        letters.iter().map(|letter| (letter.holder.get(), letter.entry.get())).unzip();
    let codes: Vec<&[u8]> = letters.iter().map(|letter| &letter.code[..]).collect();
    let expire: Vec<jiff_sqlx::Timestamp> = letters.iter().map(|letter| letter.expires_at.to_sqlx()).collect();
    let done = sqlx::query!(
        "insert into register.letter (holder_ref, entry_id, code, expires_at)
         select * from unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::timestamptz[])",
        &holders,
        &entries,
        &codes as _,
        &expire,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), letters.len(), "insert letters")
}

/// The letters of holders whose code still counts at `now`.
pub(crate) async fn live_of(
    conn: &mut PgConnection, holders: &[Uuid], now: Timestamp, attempts: u8,
) -> Result<Vec<Letter>, sqlx::Error> {
    let rows = sqlx::query!(
        "select holder_ref, entry_id, code, expires_at from register.letter
         where holder_ref = any($1) and used_at is null and expires_at > $2 and attempts < $3",
        holders,
        now.to_sqlx(),
        i16::from(attempts),
    )
    .fetch_all(conn)
    .await?;
    let letters = rows.into_iter().map(|row| Letter {
        holder: HolderRef(row.holder_ref),
        entry: EntryRef(row.entry_id),
        code: row.code,
        expires_at: row.expires_at.to_jiff(),
    });
    Ok(letters.collect())
}

/// Counts a wrong code against letters.
pub(crate) async fn count_attempt(conn: &mut PgConnection, letters: &[(HolderRef, EntryRef)]) -> Result<(), sqlx::Error> {
    if letters.is_empty() {
        return Ok(());
    }
    let (holders, entries) = keys(letters);
    let done = sqlx::query!(
        "update register.letter l set attempts = l.attempts + 1
         from unnest($1::uuid[], $2::bigint[]) as tried (holder_ref, entry_id)
         where l.holder_ref = tried.holder_ref and l.entry_id = tried.entry_id",
        &holders,
        &entries,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), letters.len(), "count wrong codes")
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

/// The oldest letters not printed yet whose code still counts.
pub(crate) async fn unprinted(conn: &mut PgConnection, now: Timestamp, limit: i64) -> Result<Vec<Letter>, sqlx::Error> {
    let rows = sqlx::query!(
        "select holder_ref, entry_id, code, expires_at from register.letter
         where printed_at is null and used_at is null and expires_at > $1
         order by entry_id limit $2",
        now.to_sqlx(),
        limit,
    )
    .fetch_all(conn)
    .await?;
    let letters = rows.into_iter().map(|row| Letter {
        holder: HolderRef(row.holder_ref),
        entry: EntryRef(row.entry_id),
        code: row.code,
        expires_at: row.expires_at.to_jiff(),
    });
    Ok(letters.collect())
}

/// Marks letters as printed; one printed before keeps its first time.
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
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
