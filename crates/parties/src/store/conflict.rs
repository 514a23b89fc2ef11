//! Functions that cannot be held together.

use contracts::parties::{Function, FunctionConflict};
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::fault::Fault;
use sqlx::PgConnection;

use crate::{held::Conflict, record::Recorded, words::Spelled};

/// Records a version of the rule on the two functions.
pub(crate) async fn insert(
    connection: &mut PgConnection, conflict: &FunctionConflict, recorded: &Recorded,
) -> Result<(), sqlx::Error> {
    let (one, other) = in_order(conflict.one, conflict.other);
    let done = sqlx::query!(
        "insert into parties.function_conflict (one, other, valid_from, valid_until, recorded_at, recorded_by)
         values ($1, $2, $3, $4, $5, $6)",
        one,
        other,
        conflict.valid_from.to_sqlx(),
        conflict.valid_until.map(ToSqlx::to_sqlx) as Option<jiff_sqlx::Date>,
        recorded.at.to_sqlx(),
        recorded.by,
    )
    .execute(connection)
    .await?;
    expect_rows(done.rows_affected(), 1, "function conflict")
}

/// The words of the two, the lesser first: the pair has one spelling.
pub(crate) fn in_order(one: Function, other: Function) -> (&'static str, &'static str) {
    let (one, other) = (one.word(), other.word());
    if one < other { (one, other) } else { (other, one) }
}

/// The rules as they were recorded last, for each pair of functions.
pub(crate) async fn latest(connection: &mut PgConnection) -> Result<Vec<Conflict>, Fault> {
    let rows = sqlx::query!(
        "select distinct on (one, other) one, other, valid_from, valid_until from parties.function_conflict
         order by one, other, version desc"
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Conflict {
                one: Function::read(&row.one)?,
                other: Function::read(&row.other)?,
                from: row.valid_from.to_jiff(),
                until: row.valid_until.map(jiff_sqlx::Date::to_jiff),
            })
        })
        .collect()
}
