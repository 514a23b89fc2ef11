//! `register.hold` and `register.hold_release`: changes that wait, and who has released them.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use primitives::{EntryRef, HolderRef};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::entry::Entry;
use crate::fault::Fault;
use crate::fraud::Signal;

/// A change that waits.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub holder: HolderRef,
    pub entry: EntryRef,
    pub signals: Vec<Signal>,
    /// The day payments follow it.
    pub until: Date,
    /// The day they would have.
    pub wished: Date,
    /// First day of the rule it was placed by.
    pub rule_from: Option<Date>,
}

/// Somebody's release of a hold.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub holder: HolderRef,
    pub entry: EntryRef,
    pub by: String,
    /// Sealed.
    pub reason: Vec<u8>,
}

/// Places holds.
pub(crate) async fn place(conn: &mut PgConnection, holds: &[Held], at: Timestamp) -> Result<(), sqlx::Error> {
    for held in holds {
        let signals: Vec<&str> = held.signals.iter().map(|signal| signal.as_str()).collect();
        let done = sqlx::query!(
            "insert into register.hold (holder_ref, entry_id, signals, until_day, wished_day, rule_from, placed_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            held.holder.get(),
            held.entry.get(),
            &signals as _,
            held.until.to_sqlx() as _,
            held.wished.to_sqlx() as _,
            held.rule_from.map(ToSqlx::to_sqlx) as _,
            at.to_sqlx(),
        )
        .execute(&mut *conn)
        .await?;
        expect_rows(done.rows_affected(), 1, "place a hold")?;
    }
    Ok(())
}

/// What holds entries back, and who has released them, goes along where they are taken over whole: each entry with what it was taken over as.
pub(crate) async fn follow<'e>(
    conn: &mut PgConnection, taken: impl Iterator<Item = (&'e Entry, &'e Entry)>,
) -> Result<(), sqlx::Error> {
    let (mut from, mut into, mut days) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()), Vec::new());
    for (was, is) in taken {
        from.0.push(was.holder.get());
        from.1.push(was.entry.get());
        into.0.push(is.holder.get());
        into.1.push(is.entry.get());
        days.push(is.valid.from.map(ToSqlx::to_sqlx));
    }
    // A release that was complete has brought the entry's first day forward.
    sqlx::query!(
        "insert into register.hold (holder_ref, entry_id, signals, until_day, wished_day, rule_from, placed_at)
         select taken.into_ref, taken.into_entry, h.signals, h.until_day, h.wished_day, h.rule_from, h.placed_at
         from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[], $5::date[])
             as taken (from_ref, from_entry, into_ref, into_entry, first_day)
         join register.hold h on h.holder_ref = taken.from_ref and h.entry_id = taken.from_entry and h.until_day = taken.first_day",
        &from.0,
        &from.1,
        &into.0,
        &into.1,
        &days as _,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into register.hold_release (holder_ref, entry_id, released_by, released_at, reason)
         select taken.into_ref, taken.into_entry, r.released_by, r.released_at, r.reason
         from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[]) as taken (from_ref, from_entry, into_ref, into_entry)
         join register.hold_release r on r.holder_ref = taken.from_ref and r.entry_id = taken.from_entry
         join register.hold h on h.holder_ref = taken.into_ref and h.entry_id = taken.into_entry",
        &from.0,
        &from.1,
        &into.0,
        &into.1,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The holds of holders, by entry.
pub(crate) async fn of_holders(conn: &mut PgConnection, holders: &[Uuid]) -> Result<HashMap<(HolderRef, EntryRef), Held>, Fault> {
    let rows = sqlx::query!(
        "select holder_ref, entry_id, signals, until_day, wished_day, rule_from from register.hold where holder_ref = any($1)",
        holders
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let signals: Option<Vec<Signal>> = row.signals.iter().map(|name| Signal::parse(name)).collect();
            let (holder, entry) = (HolderRef(row.holder_ref), EntryRef(row.entry_id));
            let held = Held {
                holder,
                entry,
                signals: signals.ok_or(Fault::Corrupt("signal"))?,
                until: row.until_day.to_jiff(),
                wished: row.wished_day.to_jiff(),
                rule_from: row.rule_from.map(|day| day.to_jiff()),
            };
            Ok(((holder, entry), held))
        })
        .collect()
}

/// Who has released holds of holders.
pub(crate) async fn releases_of(
    conn: &mut PgConnection, holders: &[Uuid],
) -> Result<HashMap<(HolderRef, EntryRef), Vec<String>>, sqlx::Error> {
    let rows = sqlx::query!(
        "select holder_ref, entry_id, released_by from register.hold_release where holder_ref = any($1) order by released_at",
        holders
    )
    .fetch_all(conn)
    .await?;
    let mut releases: HashMap<(HolderRef, EntryRef), Vec<String>> = HashMap::new();
    for row in rows {
        releases.entry((HolderRef(row.holder_ref), EntryRef(row.entry_id))).or_default().push(row.released_by);
    }
    Ok(releases)
}

/// Keeps releases.
pub(crate) async fn release(conn: &mut PgConnection, releases: &[Release], at: Timestamp) -> Result<(), sqlx::Error> {
    for release in releases {
        let done = sqlx::query!(
            "insert into register.hold_release (holder_ref, entry_id, released_by, released_at, reason) values ($1, $2, $3, $4, $5)",
            release.holder.get(),
            release.entry.get(),
            release.by,
            at.to_sqlx(),
            release.reason,
        )
        .execute(&mut *conn)
        .await?;
        expect_rows(done.rows_affected(), 1, "keep a release")?;
    }
    Ok(())
}

/// Who has designated any of the accounts to begin on or after the day.
pub(crate) async fn sharing(
    conn: &mut PgConnection, accounts: &[&[u8]], since: Date,
) -> Result<HashMap<Vec<u8>, HashSet<Uuid>>, sqlx::Error> {
    let rows = sqlx::query!(
        "select distinct e.account, e.holder_ref
         from unnest($1::bytea[]) as asked (account)
         cross join lateral (
             select e.account, e.holder_ref from register.entry e
             where e.account = asked.account and e.recorded_until is null and e.state = 'active' and e.valid_from >= $2
         ) e",
        accounts as _,
        since.to_sqlx() as _,
    )
    .fetch_all(conn)
    .await?;
    let mut sharing: HashMap<Vec<u8>, HashSet<Uuid>> = HashMap::new();
    for row in rows {
        sharing.entry(row.account).or_default().insert(row.holder_ref);
    }
    Ok(sharing)
}
