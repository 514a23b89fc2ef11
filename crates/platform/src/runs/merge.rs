//! Merging runs, so that a find looks into few.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use sqlx::{AssertSqlSafe, PgConnection};

use super::part::{Part, records_a_part};
use super::write::{Parts, new_run};
use super::{FULL, Index, Record};
use crate::database::expect_rows;

/// Parts of a run read at a time. Sixteen runs hold 4 MB of them at the most, however long the runs are.
const PARTS_A_PAGE: i64 = 32;

/// Bytes of merged parts sent at a time.
const SEND_BYTES: usize = 1024 * 1024;

/// Merges the `fan_in` oldest runs of the youngest generation that has so many, and answers how many entries it moved; 0 when no generation
/// has. To be called in a transaction: a crash leaves the old runs, a commit only the new one, and no find sees both or neither.
///
/// Runs that another worker is merging are passed over, and so are runs of [`FULL`] entries. Memory does not grow with the runs: a page of
/// 32 parts of each and a megabyte of merged ones.
///
/// # Errors
/// When the database fails, or a run is damaged.
pub async fn merge<const VALUE: usize>(
    connection: &mut PgConnection, index: Index<VALUE>, fan_in: u16,
) -> Result<u64, sqlx::Error> {
    let heads = lock_heads(connection, index, fan_in).await?;
    let [Head { generation, .. }, ..] = heads[..] else { return Ok(0) };
    if heads.len() < usize::from(fan_in.max(2)) {
        return Ok(0);
    }
    let entries = heads.iter().map(|head| usize::try_from(head.entries).unwrap_or(usize::MAX)).sum();
    let run = new_run(connection, index, generation.saturating_add(1), entries).await?;
    let mut merge = Merge::new(index, &heads, run);
    merge.run(connection).await?;
    expect_rows(merge.moved, entries, "entries of merged runs")?;
    merge.delete_sources(connection).await?;
    Ok(merge.moved)
}

#[derive(Debug, sqlx::FromRow)]
struct Head {
    run_id: i64,
    generation: i16,
    entries: i64,
}

/// Locks the heads to be merged. A plain subselect could be run a second time and lock others.
async fn lock_heads<const VALUE: usize>(
    connection: &mut PgConnection, index: Index<VALUE>, fan_in: u16,
) -> Result<Vec<Head>, sqlx::Error> {
    let heads = index.heads();
    let statement = format!(
        "with due as materialized (
             select generation from {heads} where entries < $2 group by generation having count(*) >= $1 order by generation limit 1
         ), taken as materialized (
             select run_id, generation, entries from {heads}
             where entries < $2 and generation = (select generation from due)
             order by run_id limit $1 for update skip locked
         )
         select run_id, generation, entries from taken order by run_id"
    );
    sqlx::query_as(AssertSqlSafe(statement)).bind(i64::from(fan_in)).bind(FULL).fetch_all(connection).await
}

/// Runs on their way into one.
struct Merge<const VALUE: usize> {
    index: Index<VALUE>,
    sources: Vec<Source<VALUE>>,
    /// The least record of each source that has one left, and which source it is of.
    least: BinaryHeap<Reverse<(Record<VALUE>, usize)>>,
    /// The part that is being filled.
    filling: Vec<Record<VALUE>>,
    merged: Parts,
    moved: u64,
}

impl<const VALUE: usize> Merge<VALUE> {
    fn new(index: Index<VALUE>, heads: &[Head], run: i64) -> Self {
        Self {
            index,
            sources: heads.iter().map(|head| Source::new(head.run_id)).collect(),
            least: BinaryHeap::new(),
            filling: Vec::with_capacity(records_a_part(VALUE)),
            merged: Parts::new(run),
            moved: 0,
        }
    }

    async fn run(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        self.begin(connection).await?;
        while self.step(connection).await? {}
        self.merged.push_all(&self.filling);
        self.merged.send(connection, self.index).await
    }

    async fn begin(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        for (number, source) in self.sources.iter_mut().enumerate() {
            if let Some(record) = source.next(connection, self.index).await? {
                self.least.push(Reverse((record, number)));
            }
        }
        Ok(())
    }

    /// Moves the least record of all; whether there was one.
    async fn step(&mut self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let Some(Reverse((record, number))) = self.least.peek().copied() else { return Ok(false) };
        self.take(record);
        if self.merged.waiting() >= SEND_BYTES {
            self.merged.send(connection, self.index).await?;
        }
        match self.sources[number].next(connection, self.index).await? {
            // In the place of the one before: cheaper than taking out and putting in.
            Some(next) => *self.least.peek_mut().expect("the heap holds what was just seen") = Reverse((next, number)),
            None => drop(self.least.pop()),
        }
        Ok(true)
    }

    fn take(&mut self, record: Record<VALUE>) {
        self.filling.push(record);
        self.moved += 1;
        if self.filling.len() == records_a_part(VALUE) {
            self.merged.push_all(&self.filling);
            self.filling.clear();
        }
    }

    async fn delete_sources(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let runs: Vec<i64> = self.sources.iter().map(|source| source.run).collect();
        let parts = self.sources.iter().map(|source| source.parts_read).sum();
        for (table, rows, what) in
            [(self.index.parts(), parts, "parts of merged runs"), (self.index.heads(), runs.len(), "heads of merged runs")]
        {
            let statement = format!("delete from {table} where run_id = any($1)");
            let done = sqlx::query(AssertSqlSafe(statement)).bind(&runs).execute(&mut *connection).await?;
            expect_rows(done.rows_affected(), rows, what)?;
        }
        Ok(())
    }
}

/// A run that is read page by page.
struct Source<const VALUE: usize> {
    run: i64,
    /// The first key and number of the last part of the page.
    last: Option<(i64, i32)>,
    page: Vec<Part<VALUE>>,
    /// The next record: its part in the page, and its place in the part.
    part: usize,
    place: usize,
    parts_read: usize,
}

impl<const VALUE: usize> Source<VALUE> {
    fn new(run: i64) -> Self {
        Self { run, last: None, page: Vec::new(), part: 0, place: 0, parts_read: 0 }
    }

    /// The next record of the run, if there is one.
    async fn next(&mut self, connection: &mut PgConnection, index: Index<VALUE>) -> Result<Option<Record<VALUE>>, sqlx::Error> {
        loop {
            let Some(part) = self.page.get(self.part) else {
                if self.fetch(connection, index).await? {
                    continue;
                }
                return Ok(None);
            };
            if let Some(record) = part.get(self.place) {
                self.place += 1;
                return Ok(Some(record));
            }
            (self.part, self.place) = (self.part + 1, 0);
        }
    }

    /// Replaces the page by the next one; whether there is one.
    async fn fetch(&mut self, connection: &mut PgConnection, index: Index<VALUE>) -> Result<bool, sqlx::Error> {
        // Freed before the next page comes.
        self.page = Vec::new();
        (self.part, self.place) = (0, 0);
        let statement = format!(
            "select first_key, part_no, records from {} where run_id = $1 and (first_key, part_no) > ($2, $3)
             order by first_key, part_no limit $4",
            index.parts()
        );
        // Parts are numbered from 0, so this lies before the first.
        let (key, number) = self.last.unwrap_or((i64::MIN, -1));
        let query = sqlx::query_as(AssertSqlSafe(statement)).bind(self.run).bind(key).bind(number).bind(PARTS_A_PAGE);
        let rows: Vec<(i64, i32, Vec<u8>)> = query.fetch_all(connection).await?;
        let Some((key, number, _)) = rows.last() else { return Ok(false) };
        self.last = Some((*key, *number));
        self.parts_read += rows.len();
        self.page = rows.into_iter().map(|(_, _, bytes)| Part::read(bytes)).collect::<Result<_, _>>()?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use sqlx::migrate::{Migration, MigrationType, Migrator};
    use sqlx::{Acquire, SqlSafeStr};

    use super::*;
    use crate::database::HouseSchema;
    use crate::runs::{ddl, write};
    use crate::testing::TestDatabase;

    const INDEX: Index<12> = Index::new("held", "place");

    static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
        let sql = AssertSqlSafe(ddl("held", "place")).into_sql_str();
        Migrator::with_migrations(vec![Migration::new(1, "tables".into(), MigrationType::Simple, sql, false)])
    });

    /// Bytes a merge holds of its runs and of the new one.
    fn held<const VALUE: usize>(merge: &Merge<VALUE>) -> usize {
        let pages = merge.sources.iter().flat_map(|source| &source.page);
        pages.map(|part| part.len() * (8 + VALUE)).sum::<usize>() + merge.merged.waiting()
    }

    /// Eight pages of each run go through a merge that holds one.
    #[tokio::test]
    async fn memory_does_not_grow_with_the_runs() {
        let database = TestDatabase::new(&[HouseSchema::new("held", &MIGRATIONS)]).await;
        let house = database.connect("held").await;
        let mut transaction = house.pool().begin().await.unwrap();
        let connection = transaction.acquire().await.unwrap();
        let records = 400 * PARTS_A_PAGE * 8;
        for _ in 0..2 {
            let mut run = (0..records).map(|key| Record { key, value: [0; 12] }).collect();
            write(connection, INDEX, &mut run).await.unwrap();
        }
        let heads = lock_heads(connection, INDEX, 2).await.unwrap();
        let run = new_run(connection, INDEX, 1, 1).await.unwrap();
        let mut merge = Merge::new(INDEX, &heads, run);
        let mut most = 0;
        merge.begin(connection).await.unwrap();
        while merge.step(connection).await.unwrap() {
            most = most.max(held(&merge));
        }
        assert_eq!(i64::try_from(merge.moved), Ok(2 * records));
        // A page of each run, what is sent at a time, and the part that made it so much.
        let bound = 2 * usize::try_from(PARTS_A_PAGE).unwrap() * 8_000 + SEND_BYTES + 8_100;
        assert!(most > SEND_BYTES && most <= bound, "{most} of {bound} bytes");
    }
}
