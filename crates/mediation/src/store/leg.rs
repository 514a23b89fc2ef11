//! Legs and their groups.

use jiff::civil::Date;
use platform::copy::{CopyBuffer, copy_in};
use platform::database::expect_rows;
use primitives::{Currency, DeliveryId};
use sqlx::PgConnection;

use crate::error::Error;
use crate::leg::Route;

/// Takes the legs of a slice.
pub(crate) const COPY_IN: &str = "COPY mediation.leg (slice_id, row_no, leg_no, destination, amount_minor, currency, group_no, account, \
     holder, entry, reservation, rule_version, reason) FROM STDIN (FORMAT binary)";

/// The columns of [`COPY_IN`].
pub(crate) const COLUMNS: u16 = 13;

const COPY_GROUPS_IN: &str = "COPY mediation.leg_group (slice_id, group_no, delivery_id, due_date, block_no, route, currency, \
     execution_date, leg_count, sum_minor) FROM STDIN (FORMAT binary)";

/// What the legs of a group have in common: they can travel in one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GroupKey {
    pub block: i32,
    pub route: Route,
    pub currency: Currency,
    pub execution_date: Date,
}

/// A group of legs of one slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LegGroup {
    pub key: GroupKey,
    pub legs: i32,
    pub sum_minor: i64,
}

/// Stores encoded legs.
pub(crate) async fn insert(connection: &mut PgConnection, legs: &CopyBuffer) -> Result<(), Error> {
    let stored = copy_in(connection, COPY_IN, legs).await?;
    Ok(expect_rows(stored, usize::try_from(legs.rows()).unwrap_or(usize::MAX), "legs")?)
}

/// Stores the groups of a slice; a group's number is its place.
pub(crate) async fn insert_groups(
    connection: &mut PgConnection, slice: i64, delivery: DeliveryId, due: Date, groups: &[LegGroup],
) -> Result<(), Error> {
    let mut rows = CopyBuffer::new();
    for (number, group) in (0_i16..).zip(groups) {
        rows.begin_row(10);
        rows.i64(slice);
        rows.i16(number);
        rows.i64(delivery.get());
        rows.date(due);
        rows.i32(group.key.block);
        rows.i16(group.key.route.code());
        rows.text(group.key.currency.code());
        rows.date(group.key.execution_date);
        rows.i32(group.legs);
        rows.i64(group.sum_minor);
    }
    let stored = copy_in(connection, COPY_GROUPS_IN, &rows).await?;
    Ok(expect_rows(stored, groups.len(), "groups of legs")?)
}

/// Asks that deposits which another attempt may have reserved or may still reserve, and this one did not, be voided.
pub(crate) async fn void_abandoned_deposits(connection: &mut PgConnection, slice: i64, legs: &[(i32, i16)]) -> Result<(), Error> {
    let (rows, numbers): (Vec<i32>, Vec<i16>) = legs.iter().copied().unzip();
    let done = sqlx::query!(
        "insert into mediation.reservation_task (slice_id, row_no, leg_no, house, action)
         select $1, l.row_no, l.leg_no, 2, 2 from unnest($2::int[], $3::smallint[]) as l (row_no, leg_no)",
        slice,
        &rows,
        &numbers,
    )
    .execute(connection)
    .await?;
    Ok(expect_rows(done.rows_affected(), legs.len(), "abandoned deposits")?)
}
