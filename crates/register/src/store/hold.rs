//! `register.hold`, `register.hold_release` and `register.hold_refusal`: changes that wait, and who has released or refused them.

use std::collections::{HashMap, HashSet};

use contracts::register::HeldPosition;
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

/// A hold as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub held: Held,
    /// Who has made the change: labels.
    pub made_by: Vec<String>,
    pub placed_at: Timestamp,
    pub refused_by: Option<String>,
}

/// Somebody's release or refusal of a hold.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub holder: HolderRef,
    pub entry: EntryRef,
    pub by: String,
    /// Sealed.
    pub reason: Vec<u8>,
}

/// Places holds, once the entries they are about are written: who has made them is noted.
pub(crate) async fn place(conn: &mut PgConnection, holds: &[Held], at: Timestamp) -> Result<(), sqlx::Error> {
    for held in holds {
        let signals: Vec<&str> = held.signals.iter().map(|signal| signal.as_str()).collect();
        let done = sqlx::query!(
            "insert into register.hold (holder_ref, entry_id, signals, until_day, wished_day, rule_from, placed_at, made_by)
             select $1, $2, $3, $4, $5, $6, $7, coalesce(array_agg(distinct e.recorded_by order by e.recorded_by), '{}')
             from register.entry e where e.holder_ref = $1 and e.entry_id = $2",
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
        "insert into register.hold (holder_ref, entry_id, signals, until_day, wished_day, rule_from, placed_at, made_by)
         select taken.into_ref, taken.into_entry, h.signals, h.until_day, h.wished_day, h.rule_from, h.placed_at, h.made_by
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
pub(crate) async fn of_holders(conn: &mut PgConnection, holders: &[Uuid]) -> Result<HashMap<(HolderRef, EntryRef), Kept>, Fault> {
    let rows = sqlx::query!(
        r#"select h.holder_ref, h.entry_id, h.signals, h.until_day, h.wished_day, h.rule_from, h.made_by, h.placed_at,
                  (select r.refused_by from register.hold_refusal r
                   where r.holder_ref = h.holder_ref and r.entry_id = h.entry_id) as "refused_by?"
           from register.hold h where h.holder_ref = any($1)"#,
        holders
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let signals: Option<Vec<Signal>> = row.signals.iter().map(|name| parse_signal(name)).collect();
            let (holder, entry) = (HolderRef(row.holder_ref), EntryRef(row.entry_id));
            let held = Held {
                holder,
                entry,
                signals: signals.ok_or(Fault::Corrupt("signal"))?,
                until: row.until_day.to_jiff(),
                wished: row.wished_day.to_jiff(),
                rule_from: row.rule_from.map(|day| day.to_jiff()),
            };
            let kept = Kept { held, made_by: row.made_by, placed_at: row.placed_at.to_jiff(), refused_by: row.refused_by };
            Ok(((holder, entry), kept))
        })
        .collect()
}

fn parse_signal(name: &str) -> Option<Signal> {
    Signal::ALL.into_iter().find(|signal| signal.as_str() == name)
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
pub(crate) async fn release(conn: &mut PgConnection, releases: &[Decision], at: Timestamp) -> Result<(), sqlx::Error> {
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

/// Keeps refusals.
pub(crate) async fn refuse(conn: &mut PgConnection, refusals: &[Decision], at: Timestamp) -> Result<(), sqlx::Error> {
    for refusal in refusals {
        let done = sqlx::query!(
            "insert into register.hold_refusal (holder_ref, entry_id, refused_by, refused_at, reason) values ($1, $2, $3, $4, $5)",
            refusal.holder.get(),
            refusal.entry.get(),
            refusal.by,
            at.to_sqlx(),
            refusal.reason,
        )
        .execute(&mut *conn)
        .await?;
        expect_rows(done.rows_affected(), 1, "keep a refusal")?;
    }
    Ok(())
}

/// Which of the changes that wait are asked for.
pub(crate) struct Waiting<'w> {
    pub today: Date,
    pub signal: Option<Signal>,
    pub entry: Option<EntryRef>,
    /// Of specific accounts only those of this payer.
    pub payer: Option<&'w str>,
    pub after: Option<HeldPosition>,
    pub limit: i64,
}

/// The changes that wait: those of whom the time is over first come first.
pub(crate) async fn waiting(conn: &mut PgConnection, asked: &Waiting<'_>) -> Result<Vec<(HolderRef, EntryRef)>, sqlx::Error> {
    // A change that was released by two, refused, or replaced since does not wait any more.
    let rows = sqlx::query!(
        "select h.holder_ref, h.entry_id
         from register.hold h
         join register.entry e on e.holder_ref = h.holder_ref and e.entry_id = h.entry_id and e.recorded_until is null
         where h.until_day > $1 and e.state = 'active' and e.valid_from = h.until_day
           and ($2::text is null or $2 = any(h.signals)) and ($3::bigint is null or h.entry_id = $3)
           and ($4::text is null or e.payer in ('', $4))
           and ($5::date is null or (h.until_day, h.entry_id) > ($5, $6::bigint))
           and (select count(*) from register.hold_release r where r.holder_ref = h.holder_ref and r.entry_id = h.entry_id) < 2
         order by h.until_day, h.entry_id limit $7",
        asked.today.to_sqlx() as _,
        asked.signal.map(Signal::as_str),
        asked.entry.map(EntryRef::get),
        asked.payer,
        asked.after.map(|after| after.until.to_sqlx()) as _,
        asked.after.map(|after| after.entry.get()),
        asked.limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (HolderRef(row.holder_ref), EntryRef(row.entry_id))).collect())
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
