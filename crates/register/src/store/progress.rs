//! `register.source_progress`, `register.source_gap` and `register.source_waiting`: how far the source registers' feeds have come.

use std::collections::HashSet;

use contracts::register::{SourceProgress, SourceRegister};
use platform::database::expect_rows;
use sqlx::PgConnection;

use super::source_event::{EventKey, position_code, position_of, source_code};
use crate::fault::Fault;
use crate::vault::{NumberColumns, SealedNumber};

/// The most gaps one answer names.
const GAPS_TOLD: i64 = 100;

/// Positions that have not come: the first and the last.
type Gap = (i64, i64);

/// Notes that events have come.
pub(crate) async fn note(conn: &mut PgConnection, new: &HashSet<EventKey>) -> Result<(), sqlx::Error> {
    for source in [SourceRegister::Cpr, SourceRegister::Cvr] {
        let of_source = new.iter().filter(|(of, _)| *of == source);
        let mut positions: Vec<i64> = of_source.map(|(_, position)| position_code(*position)).collect();
        positions.sort_unstable();
        if let (Some(first), Some(last)) = (positions.first(), positions.last()) {
            note_positions(conn, source_code(source), (*first, *last), &positions).await?;
        }
    }
    Ok(())
}

async fn note_positions(conn: &mut PgConnection, source: i16, (first, last): Gap, positions: &[i64]) -> Result<(), sqlx::Error> {
    let highest = sqlx::query_scalar!("select highest from register.source_progress where source = $1", source)
        .fetch_optional(&mut *conn)
        .await?
        .unwrap_or(0);
    let touched = sqlx::query!(
        "delete from register.source_gap where source = $1 and first <= $3 and last >= $2 returning first, last",
        source,
        first,
        last,
    )
    .fetch_all(&mut *conn)
    .await?;
    let touched = touched.into_iter().map(|gap| (gap.first, gap.last));
    let ahead = (highest < last).then_some((highest + 1, last));
    let left = without(touched.chain(ahead), positions);
    let (firsts, lasts): (Vec<i64>, Vec<i64>) = left.iter().copied().unzip();
    let done = sqlx::query!(
        "insert into register.source_gap (source, first, last) select $1::smallint, * from unnest($2::bigint[], $3::bigint[])",
        source,
        &firsts,
        &lasts,
    )
    .execute(&mut *conn)
    .await?;
    expect_rows(done.rows_affected(), left.len(), "note gaps")?;
    sqlx::query!(
        "insert into register.source_progress as known (source, highest) values ($1, $2)
         on conflict (source) do update set highest = greatest(known.highest, excluded.highest)",
        source,
        last,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What is left of gaps once the positions, which are in order, have come.
fn without(gaps: impl Iterator<Item = Gap>, positions: &[i64]) -> Vec<Gap> {
    let mut left = Vec::new();
    for (mut first, last) in gaps {
        let begin = positions.partition_point(|position| *position < first);
        for position in positions[begin..].iter().take_while(|position| **position <= last) {
            if first < *position {
                left.push((first, position - 1));
            }
            first = position + 1;
        }
        if first <= last {
            left.push((first, last));
        }
    }
    left
}

/// Notes events whose number is nobody's yet.
pub(crate) async fn wait(conn: &mut PgConnection, events: &[(EventKey, &SealedNumber)]) -> Result<(), sqlx::Error> {
    if events.is_empty() {
        return Ok(());
    }
    let numbers: NumberColumns = events.iter().map(|(_, number)| *number).collect();
    let (sources, positions): (Vec<i16>, Vec<i64>) =
        events.iter().map(|((source, position), _)| (source_code(*source), position_code(*position))).unzip();
    let done = sqlx::query!(
        "insert into register.source_waiting (kind, number, source, position)
         select * from unnest($1::smallint[], $2::bytea[], $3::smallint[], $4::bigint[])",
        &numbers.kinds,
        &numbers.numbers,
        &sources,
        &positions,
    )
    .execute(conn)
    .await?;
    expect_rows(done.rows_affected(), events.len(), "note waiting events")
}

/// The events of these numbers wait no longer: they are somebody's now.
pub(crate) async fn wait_no_longer(conn: &mut PgConnection, numbers: &NumberColumns) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from register.source_waiting w using unnest($1::smallint[], $2::bytea[]) as known (kind, number)
         where w.kind = known.kind and w.number = known.number",
        &numbers.kinds,
        &numbers.numbers,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How far a source has come.
pub(crate) async fn of(conn: &mut PgConnection, source: SourceRegister) -> Result<SourceProgress, Fault> {
    let code = source_code(source);
    let highest = sqlx::query_scalar!("select highest from register.source_progress where source = $1", code)
        .fetch_optional(&mut *conn)
        .await?;
    let waiting = sqlx::query_scalar!(r#"select count(*) as "waiting!" from register.source_waiting where source = $1"#, code)
        .fetch_one(&mut *conn)
        .await?;
    let gaps =
        sqlx::query!("select first, last from register.source_gap where source = $1 order by first limit $2", code, GAPS_TOLD,)
            .fetch_all(conn)
            .await?;
    let missing = gaps.into_iter().map(|gap| Ok((position_of(gap.first)?, position_of(gap.last)?)));
    Ok(SourceProgress {
        highest: position_of(highest.unwrap_or(0))?,
        waiting: position_of(waiting)?,
        missing: missing.collect::<Result<_, Fault>>()?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// In whatever order and portions positions come, the gaps are those between them.
        #[test]
        fn gaps_are_what_has_not_come(portions in proptest::collection::vec(proptest::collection::btree_set(1_i64..60, 1..9), 1..9)) {
            let (mut come, mut gaps, mut highest) = (BTreeSet::new(), Vec::new(), 0);
            for portion in portions {
                let new: Vec<i64> = portion.difference(&come).copied().collect();
                let Some(last) = new.last().copied() else { continue };
                let ahead = (highest < last).then_some((highest + 1, last));
                gaps = without(gaps.into_iter().chain(ahead), &new);
                highest = highest.max(last);
                come.extend(new);
            }
            let missing: Vec<i64> = gaps.iter().flat_map(|(first, last)| *first..=*last).collect();
            prop_assert!(gaps.windows(2).all(|two| two[0].1 + 1 < two[1].0), "apart and in order: {gaps:?}");
            prop_assert_eq!(missing, (1..highest).filter(|position| !come.contains(position)).collect::<Vec<_>>());
        }
    }
}
