//! Finding the records of keys.

use sqlx::{AssertSqlSafe, PgConnection};

use super::part::Part;
use super::{Index, Record};

/// The records with any of the keys, in order and each once. They are held in memory: 20 bytes for each hit of a key of a person.
///
/// One statement reads all runs, so a merge that commits meanwhile changes nothing: the answer is of the runs before it or of those after.
///
/// # Errors
/// When the database fails, or a part is damaged.
pub async fn find<const VALUE: usize>(
    connection: &mut PgConnection, index: Index<VALUE>, keys: &[i64],
) -> Result<Vec<Record<VALUE>>, sqlx::Error> {
    // Where a key first stands in a run: at the end of the last part that begins before it, or at the start of a part that begins with it.
    let (heads, parts) = (index.heads(), index.parts());
    let statement = format!(
        "select k.key, p.records
         from (select distinct key from unnest($1::bigint[]) key) k
         cross join {heads} r
         cross join lateral (
             (select b.records from {parts} b where b.run_id = r.run_id and b.first_key < k.key
              order by b.first_key desc, b.part_no desc limit 1)
             union all
             select e.records from {parts} e where e.run_id = r.run_id and e.first_key = k.key
         ) p"
    );
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(AssertSqlSafe(statement)).bind(keys).fetch_all(connection).await?;
    let mut found = Vec::new();
    for (key, bytes) in rows {
        found.extend(Part::read(bytes)?.with_key(key));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
