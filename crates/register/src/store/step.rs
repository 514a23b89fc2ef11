//! `register.step_leaf`, `step_bucket`, `step_head`: the digest tree, and what has changed since it was brought up to date.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::fault::Fault;
use crate::vault::SealedNumber;

/// How far the tree follows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    /// Tells under which key it was made; nothing while it is empty.
    pub key_check: Option<i64>,
    /// Every change until then is in it.
    pub followed_until: Timestamp,
}

/// A leaf: where a holder stands, and the digest of what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// As stored.
    pub place: i64,
    pub holder: Uuid,
    /// 0: the holder stands elsewhere, or has no number any more.
    pub digest: u128,
}

/// How far the tree follows.
pub(crate) async fn head(conn: &mut PgConnection) -> Result<Head, sqlx::Error> {
    let row = sqlx::query!("select key_check, followed_until from register.step_head where single").fetch_one(conn).await?;
    Ok(Head { key_check: row.key_check, followed_until: row.followed_until.to_jiff() })
}

/// The same; and nobody else moves the tree until this transaction ends.
pub(crate) async fn lock_head(conn: &mut PgConnection) -> Result<Head, sqlx::Error> {
    let row =
        sqlx::query!("select key_check, followed_until from register.step_head where single for update").fetch_one(conn).await?;
    Ok(Head { key_check: row.key_check, followed_until: row.followed_until.to_jiff() })
}

/// Notes how far it follows now.
pub(crate) async fn move_head(conn: &mut PgConnection, key_check: i64, until: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query!("update register.step_head set key_check = $1, followed_until = $2 where single", key_check, until.to_sqlx(),)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes the tree away: it was made under another key.
pub(crate) async fn clear(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from register.step_leaf").execute(&mut *conn).await?;
    sqlx::query!("delete from register.step_bucket").execute(conn).await?;
    Ok(())
}

/// The moment until which about `rows` changes after `since` were recorded, not after `until`. What one call changed is never parted.
pub(crate) async fn boundary(
    conn: &mut PgConnection, since: Timestamp, until: Timestamp, rows: i64,
) -> Result<Timestamp, sqlx::Error> {
    let at = sqlx::query_scalar!(
        r#"select least($2::timestamptz,
               (select recorded_from from register.holder_fact where recorded_from > $1 order by recorded_from offset $3 limit 1),
               (select recorded_from from register.entry where recorded_from > $1 order by recorded_from offset $3 limit 1),
               (select linked_at from register.identifier where linked_at > $1 order by linked_at offset $3 limit 1),
               (select unlinked_at from register.identifier
                where unlinked_at > $1 and unlinked_at is not null order by unlinked_at offset $3 limit 1)) as "at!""#,
        since.to_sqlx(),
        until.to_sqlx(),
        rows,
    )
    .fetch_one(conn)
    .await?;
    Ok(at.to_jiff())
}

/// The holders of whom something was recorded after `since` and not after `until`.
pub(crate) async fn changed(conn: &mut PgConnection, since: Timestamp, until: Timestamp) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select holder_ref as "holder!" from register.holder_fact where recorded_from > $1 and recorded_from <= $2
           union select holder_ref from register.entry where recorded_from > $1 and recorded_from <= $2
           union select holder_ref from register.identifier where linked_at > $1 and linked_at <= $2
           union select holder_ref from register.identifier
                 where unlinked_at is not null and unlinked_at > $1 and unlinked_at <= $2"#,
        since.to_sqlx(),
        until.to_sqlx(),
    )
    .fetch_all(conn)
    .await
}

/// Numbers that were taken away from holders after `since`.
pub(crate) async fn unlinked(
    conn: &mut PgConnection, holders: &[Uuid], since: Timestamp,
) -> Result<Vec<(Uuid, SealedNumber)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select holder_ref, kind, number from register.identifier
         where unlinked_at is not null and holder_ref = any($1) and unlinked_at > $2 order by linked_at, kind, number",
        holders,
        since.to_sqlx(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.holder_ref, SealedNumber { kind: row.kind, number: row.number })).collect())
}

/// The leaves at places.
pub(crate) async fn leaves_at(conn: &mut PgConnection, places: &[i64]) -> Result<Vec<Leaf>, Fault> {
    let rows = sqlx::query!("select place, holder_ref, digest from register.step_leaf where place = any($1)", places)
        .fetch_all(conn)
        .await?;
    rows.into_iter()
        .map(|row| Ok(Leaf { place: row.place, holder: row.holder_ref, digest: parse_digest(&row.digest)? }))
        .collect()
}

/// The leaves of holders that stand between two places, both included.
pub(crate) async fn leaves_between(conn: &mut PgConnection, from: &[i64], until: &[i64]) -> Result<Vec<Leaf>, Fault> {
    let rows = sqlx::query!(
        r#"select l.place, l.holder_ref, l.digest
           from unnest($1::bigint[], $2::bigint[]) as asked (first, last)
           cross join lateral (
               select l.* from register.step_leaf l where l.place between asked.first and asked.last offset 0
           ) l order by l.place, l.holder_ref"#,
        from,
        until,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| Ok(Leaf { place: row.place, holder: row.holder_ref, digest: parse_digest(&row.digest)? }))
        .collect()
}

/// The next holders in the order of their places, after one of them.
pub(crate) async fn leaves_after(
    conn: &mut PgConnection, (place, holder): (i64, Uuid), limit: i64,
) -> Result<Vec<(i64, Uuid)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select place, holder_ref from register.step_leaf where (place, holder_ref) > ($1, $2) order by place, holder_ref limit $3",
        place,
        holder,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.place, row.holder_ref)).collect())
}

/// Puts leaves in, or others in their places.
pub(crate) async fn put(conn: &mut PgConnection, leaves: &[Leaf]) -> Result<(), sqlx::Error> {
    if leaves.is_empty() {
        return Ok(());
    }
    let (places, holders): (Vec<i64>, Vec<Uuid>) = leaves.iter().map(|leaf| (leaf.place, leaf.holder)).unzip();
    let digests: Vec<Vec<u8>> = leaves.iter().map(|leaf| leaf.digest.to_be_bytes().to_vec()).collect();
    let done = sqlx::query!(
        "insert into register.step_leaf (place, holder_ref, digest)
         select * from unnest($1::bigint[], $2::uuid[], $3::bytea[])
         on conflict (place, holder_ref) do update set digest = excluded.digest",
        &places,
        &holders,
        &digests,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), leaves.len(), "put leaves")
}

/// A bucket: its number, the sum of its digests, and how many holders it has.
pub(crate) type Bucket = (i32, u128, i32);

/// Buckets by number.
pub(crate) async fn buckets(conn: &mut PgConnection, numbers: &[i32]) -> Result<Vec<Bucket>, Fault> {
    let rows = sqlx::query!("select bucket, digest, holders from register.step_bucket where bucket = any($1)", numbers)
        .fetch_all(conn)
        .await?;
    rows.into_iter().map(|row| Ok((row.bucket, parse_digest(&row.digest)?, row.holders))).collect()
}

/// All buckets that have ever had a holder.
pub(crate) async fn all_buckets(conn: &mut PgConnection) -> Result<Vec<Bucket>, Fault> {
    let rows = sqlx::query!("select bucket, digest, holders from register.step_bucket").fetch_all(conn).await?;
    rows.into_iter().map(|row| Ok((row.bucket, parse_digest(&row.digest)?, row.holders))).collect()
}

/// Writes buckets.
pub(crate) async fn put_buckets(conn: &mut PgConnection, buckets: &[Bucket]) -> Result<(), sqlx::Error> {
    if buckets.is_empty() {
        return Ok(());
    }
    let numbers: Vec<i32> = buckets.iter().map(|(number, ..)| *number).collect();
    let digests: Vec<Vec<u8>> = buckets.iter().map(|(_, digest, _)| digest.to_be_bytes().to_vec()).collect();
    let holders: Vec<i32> = buckets.iter().map(|(.., holders)| *holders).collect();
    let done = sqlx::query!(
        "insert into register.step_bucket (bucket, digest, holders)
         select * from unnest($1::int[], $2::bytea[], $3::int[])
         on conflict (bucket) do update set digest = excluded.digest, holders = excluded.holders",
        &numbers,
        &digests,
        &holders,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), buckets.len(), "put buckets")
}

/// Notes that an extract was taken over, whose last change was recorded at `at`.
pub(crate) async fn note_taken(conn: &mut PgConnection, as_known: Timestamp, at: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update register.step_head set taken_as_known = $1, taken_at = $2 where single",
        as_known.to_sqlx(),
        at.to_sqlx(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The extract taken over last: the moment it is known at, and when its last change was recorded here.
pub(crate) async fn taken(conn: &mut PgConnection) -> Result<Option<(Timestamp, Timestamp)>, sqlx::Error> {
    let row = sqlx::query!("select taken_as_known, taken_at from register.step_head where single").fetch_one(conn).await?;
    Ok(row.taken_as_known.zip(row.taken_at).map(|(as_known, at)| (as_known.to_jiff(), at.to_jiff())))
}

fn parse_digest(bytes: &[u8]) -> Result<u128, Fault> {
    Ok(u128::from_be_bytes(bytes.try_into().map_err(|_| Fault::Corrupt("digest"))?))
}
