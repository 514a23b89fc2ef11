//! Writing a run.

use sqlx::{AssertSqlSafe, PgConnection};

use super::part::{encode, records_a_part};
use super::{Index, Record};
use crate::copy::{CopyBuffer, copy_in};
use crate::database::expect_rows;

/// Writes the records as one run of the first generation. They are left sorted and without repetitions; none make no run.
///
/// # Errors
/// When the database fails.
pub async fn write<const VALUE: usize>(
    connection: &mut PgConnection, index: Index<VALUE>, records: &mut Vec<Record<VALUE>>,
) -> Result<(), sqlx::Error> {
    records.sort_unstable();
    records.dedup();
    if records.is_empty() {
        return Ok(());
    }
    let run = new_run(connection, index, 0, records.len()).await?;
    let mut parts = Parts::new(run);
    parts.push_all(records);
    parts.send(connection, index).await
}

/// Makes the head of a run.
pub(super) async fn new_run<const VALUE: usize>(
    connection: &mut PgConnection, index: Index<VALUE>, generation: i16, entries: usize,
) -> Result<i64, sqlx::Error> {
    let statement = format!("insert into {} (generation, entries) values ($1, $2) returning run_id", index.heads());
    let entries = i64::try_from(entries).unwrap_or(i64::MAX);
    sqlx::query_scalar(AssertSqlSafe(statement)).bind(generation).bind(entries).fetch_one(connection).await
}

/// Parts of a run under way, in order.
#[derive(Debug)]
pub(super) struct Parts {
    run: i64,
    next: i32,
    rows: CopyBuffer,
    /// A part's bytes; kept for its memory.
    bytes: Vec<u8>,
}

impl Parts {
    pub fn new(run: i64) -> Self {
        Self { run, next: 0, rows: CopyBuffer::new(), bytes: Vec::new() }
    }

    /// Bytes that wait to be sent.
    pub fn waiting(&self) -> usize {
        self.rows.len()
    }

    /// Takes up records, all greater than those before; the last of the parts they fill may be short.
    pub fn push_all<const VALUE: usize>(&mut self, records: &[Record<VALUE>]) {
        for part in records.chunks(records_a_part(VALUE)) {
            self.bytes.clear();
            encode(part, &mut self.bytes);
            self.rows.begin_row(4);
            self.rows.i64(self.run);
            self.rows.i64(part[0].key);
            self.rows.i32(self.next);
            self.rows.bytes(&self.bytes);
            self.next += 1;
        }
    }

    /// Stores what waits.
    pub async fn send<const VALUE: usize>(
        &mut self, connection: &mut PgConnection, index: Index<VALUE>,
    ) -> Result<(), sqlx::Error> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let statement = format!("COPY {} (run_id, first_key, part_no, records) FROM STDIN (FORMAT binary)", index.parts());
        let stored = copy_in(connection, &statement, &self.rows).await?;
        expect_rows(stored, usize::try_from(self.rows.rows()).unwrap_or(usize::MAX), "parts of a run")?;
        self.rows.clear();
        Ok(())
    }
}
