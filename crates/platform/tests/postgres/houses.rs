//! Two small houses to test with.

use std::sync::LazyLock;

use platform::database::HouseSchema;
use platform::{access_log, anti_scan, change_log, feed, four_eyes, idempotency, runs};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

const FIRST: &str = "create table first.thing (id bigint constraint thing_pkey primary key, name text not null);
    create table first.log (line text not null);
    grant select, insert, update, delete on first.thing to nemkonto_first;
    grant select, insert on first.log to nemkonto_first;";
const SECOND: &str = "create table second.thing (id bigint constraint thing_pkey primary key);
    grant select, insert on second.thing to nemkonto_second;";

static FIRST_MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let common = [
        access_log::ddl("first"),
        feed::ddl("first"),
        idempotency::ddl("first"),
        runs::ddl("first", "place"),
        change_log::ddl("first"),
        four_eyes::ddl("first"),
        anti_scan::ddl("first"),
    ];
    migrator(AssertSqlSafe(format!("{FIRST} {}", common.concat())))
});
static SECOND_MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| migrator(SECOND));

fn migrator(sql: impl SqlSafeStr) -> Migrator {
    let migration = Migration::new(1, "tables".into(), MigrationType::Simple, sql.into_sql_str(), false);
    Migrator::with_migrations(vec![migration])
}

/// A house with a table it may change, a log it may only append to, and the tables of the platform's own services.
pub fn first() -> HouseSchema {
    HouseSchema::new("first", &FIRST_MIGRATIONS)
}

/// A neighbour.
pub fn second() -> HouseSchema {
    HouseSchema::new("second", &SECOND_MIGRATIONS)
}
