//! Sorted runs: an index for rare lookups over keys that come in no order, at a small part of a btree's price.
//!
//! A btree over random keys touches another page for each entry. Here the entries of one transaction are sorted and written side by side, as
//! one *run*; a [`find()`] looks into every run, and [`merge()`] keeps the runs few (a log-structured merge index). An index is a pair of tables
//! in the house's schema (see [`ddl`]): the *heads* `<name>_run`, and the *parts* `<name>_part`, each a row with some hundreds of records.
//!
//! A record is a key and a value of fixed width, [`Record`]. The key only leads to the rows: different things may share one, and what was
//! found is settled by the rows themselves. An index is derived from other tables and can be made anew from them, so its rows may be
//! deleted; only merging does.
//!
//! # How many runs a find looks into
//! Runs of one generation are merged when there are [`FAN_IN`] of them, the result is a run of the next. A run of [`FULL`] entries is left
//! as it is, so that no merge moves more than `FAN_IN × FULL` entries in its transaction. With `n` entries there are at most `n / FULL` full
//! runs and `FAN_IN − 1` others in each generation (of which there are at most six): some dozens, and one more for every two to thirty
//! million entries. Each costs a find a btree probe and a page.

mod find;
mod merge;
mod part;
mod write;

pub use find::find;
pub use merge::merge;
pub use write::write;

/// How many runs of a generation become one of the next.
pub const FAN_IN: u16 = 16;

/// A run of this many entries is not merged further: 640 MB at the most move in one transaction when records have 20 bytes.
pub const FULL: i64 = 2_000_000;

/// An index by runs: its tables are `<schema>.<name>_run` and `<schema>.<name>_part`. Its values have `VALUE` bytes.
#[derive(Clone, Copy, Debug)]
pub struct Index<const VALUE: usize> {
    schema: &'static str,
    name: &'static str,
}

impl<const VALUE: usize> Index<VALUE> {
    /// The index `name` in `schema`. As a constant, a name that could not stand in a statement is refused by the compiler.
    ///
    /// # Panics
    /// When a name is not made of 1 to 40 lower-case letters and underscores, or `VALUE` is over 100.
    #[must_use]
    pub const fn new(schema: &'static str, name: &'static str) -> Self {
        assert!(is_plain(schema) && is_plain(name), "names are made of lower-case letters and underscores");
        assert!(VALUE <= 100, "a part has room for many records");
        Self { schema, name }
    }

    /// The table of the heads.
    fn heads(self) -> String {
        format!("{}.{}_run", self.schema, self.name)
    }

    /// The table of the parts.
    fn parts(self) -> String {
        format!("{}.{}_part", self.schema, self.name)
    }
}

const fn is_plain(name: &str) -> bool {
    let name = name.as_bytes();
    let mut place = 0;
    while place < name.len() {
        if !(name[place].is_ascii_lowercase() || name[place] == b'_') {
            return false;
        }
        place += 1;
    }
    !name.is_empty() && name.len() <= 40
}

/// An entry of an index. The order is by key, then by the value's bytes; big-endian numbers are good values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record<const VALUE: usize> {
    /// What is looked for, such as [`index_key`](crate::seal::index_key).
    pub key: i64,
    /// Where it was seen.
    pub value: [u8; VALUE],
}

/// The statements that make the tables of the index `name` in schema `schema`, for the house's migration.
#[must_use]
pub fn ddl(schema: &str, name: &str) -> String {
    format!(
        "create table {schema}.{name}_run (
    run_id bigint not null generated always as identity,
    generation smallint not null,
    entries bigint not null,
    constraint {name}_run_pkey primary key (run_id),
    constraint {name}_run_generation_not_negative check (generation >= 0),
    constraint {name}_run_entries_positive check (entries > 0)
);
comment on table {schema}.{name}_run is 'Heads of the sorted runs of a derived index. Merging replaces sixteen runs by one of the next generation.';
create table {schema}.{name}_part (
    run_id bigint not null,
    first_key bigint not null,
    part_no int not null,
    records bytea not null,
    constraint {name}_part_pkey primary key (run_id, first_key, part_no),
    constraint {name}_part_no_not_negative check (part_no >= 0)
);
comment on table {schema}.{name}_part is 'A page of records of a run, in order: key and value, fixed width, big-endian. Never changes; deleted when its run has been merged.';
alter table {schema}.{name}_part alter column records set storage plain;
grant select, insert, update, delete on {schema}.{name}_run to nemkonto_{schema};
grant select, insert, delete on {schema}.{name}_part to nemkonto_{schema};
"
    )
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn only_plain_names_stand_in_statements() {
        for (name, expect) in [("payee_index", true), ("", false), ("a b", false), ("a;b", false), ("A", false), ("é", false)] {
            assert_eq!(is_plain(name), expect, "{name}");
        }
        assert!(is_plain(&"a".repeat(40)) && !is_plain(&"a".repeat(41)));
    }
}
