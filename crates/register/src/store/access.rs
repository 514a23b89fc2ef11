//! `register.access_log` and its index by person.

use contracts::AccessResult;
use contracts::register::AccessRecord;
use platform::access_log::{self, SUBJECT_KEY_BYTES};
use platform::database::expect_rows;
use platform::runs::{self, FAN_IN, Index, Record};
use platform::seal::index_key;
use primitives::AgreementNumber;
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::vault::Vault;

/// Logs lookups. No answer must leave before this is committed.
pub(crate) async fn log(conn: &mut PgConnection, records: &[access_log::AccessRecord<'_>]) -> Result<(), sqlx::Error> {
    let accesses = access_log::append_all(conn, "register", records).await?;
    let done = sqlx::query!("insert into register.access_unindexed (access_id) select unnest($1::bigint[])", &accesses)
        .execute(conn)
        .await?;
    expect_rows(done.rows_affected(), records.len(), "queue accesses for indexing")
}

/// Calls by person: the key of the person, and the call's number.
const BY_PERSON: Index<8> = Index::new("register", "access_index");

/// How much of the queue one step indexes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portion {
    /// At most so many calls.
    pub calls: i64,
    /// No further call once there are so many subjects.
    pub subjects: i64,
}

/// Indexes the oldest calls by person, as one run; answers how many calls it took.
pub(crate) async fn index(conn: &mut PgConnection, portion: Portion) -> Result<u64, sqlx::Error> {
    let taken = sqlx::query!(
        r#"with queued as materialized (
               select access_id from register.access_unindexed order by access_id limit $1 for update skip locked
           ), counted as (
               select l.access_id, sum(octet_length(l.subjects) / 17) over (order by l.access_id) - octet_length(l.subjects) / 17 as before
               from queued join register.access_log l using (access_id)
           ), taken as (
               delete from register.access_unindexed u using counted c where u.access_id = c.access_id and c.before < $2
               returning u.access_id
           )
           select l.access_id, l.subjects from register.access_log l join taken using (access_id)"#,
        portion.calls,
        portion.subjects,
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut records = Vec::new();
    for call in &taken {
        let value = call.access_id.to_be_bytes();
        records.extend(call.subjects.chunks_exact(SUBJECT_KEY_BYTES).map(|subject| Record { key: index_key(subject), value }));
    }
    runs::write(conn, BY_PERSON, &mut records).await?;
    Ok(taken.len() as u64)
}

/// Merges runs of the index where there are enough of them; answers how many entries it moved.
pub(crate) async fn merge(conn: &mut PgConnection) -> Result<u64, sqlx::Error> {
    runs::merge(conn, BY_PERSON, FAN_IN).await
}

/// The latest calls that looked up any of the subjects, newest first: from the index, and from the calls that are not in it yet.
pub(crate) async fn of_subjects(
    conn: &mut PgConnection, vault: &Vault, subjects: &[Vec<u8>], limit: i64,
) -> Result<Vec<AccessRecord>, Fault> {
    // The queue before the index: a call that is indexed between the two is seen twice, the other way round it would not be seen at all.
    let mut calls = sqlx::query_scalar!("select access_id from register.access_unindexed").fetch_all(&mut *conn).await?;
    let keys: Vec<i64> = subjects.iter().map(|subject| index_key(subject)).collect();
    calls.extend(runs::find(conn, BY_PERSON, &keys).await?.into_iter().map(|found| i64::from_be_bytes(found.value)));
    let rows = sqlx::query!(
        r#"select l.at, l.actor, l.on_behalf_of, l.legal_basis, l.purpose, l.operation, l.result, l.person
           from register.access_log l
           where l.access_id = any($2::bigint[])
             and exists (select from unnest($1::bytea[]) subject where position(subject in l.subjects) > 0)
           order by l.at desc, l.access_id desc limit $3"#,
        subjects,
        &calls,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let on_behalf_of = row.on_behalf_of.map(|number| AgreementNumber::parse(&number)).transpose();
            Ok(AccessRecord {
                at: row.at.to_jiff(),
                actor: row.actor,
                acting: row.person.map(|sealed| vault.open_person(&sealed)).transpose()?,
                on_behalf_of: on_behalf_of.map_err(|_| Fault::Corrupt("agreement number"))?,
                legal_basis: row.legal_basis,
                purpose: row.purpose,
                operation: row.operation,
                result: row.result.as_deref().and_then(AccessResult::parse),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use platform::database::{HouseSchema, provision};
    use platform::testing::TestDatabase;
    use sqlx::migrate::Migrator;

    use super::*;
    use crate::{MIGRATIONS, SCHEMA};

    static BEFORE_RUNS: LazyLock<Migrator> = LazyLock::new(|| {
        Migrator::with_migrations(MIGRATIONS.iter().filter(|migration| migration.version < 3).cloned().collect())
    });

    /// The parts of a run, without its number.
    async fn parts(conn: &mut PgConnection, run: i64) -> Vec<(i64, i32, Vec<u8>)> {
        let sql = "select first_key, part_no, records from register.access_index_part where run_id = $1 order by part_no";
        sqlx::query_as(sql).bind(run).fetch_all(conn).await.unwrap()
    }

    /// A step ends when it has enough subjects, and takes a call that has more of them alone.
    #[tokio::test]
    async fn a_step_takes_calls_up_to_a_bound_of_subjects() {
        let database = TestDatabase::new(&[SCHEMA]).await;
        let house = database.connect("register").await;
        let mut conn = house.pool().acquire().await.unwrap();
        for subjects in [2, 2, 2, 9, 1] {
            let call = "with call as (
                    insert into register.access_log (at, actor, legal_basis, purpose, operation, trace, subjects)
                    values (now(), '', '', '', '', gen_random_uuid(), decode(repeat('01', 17 * $1), 'hex')) returning access_id
                ) insert into register.access_unindexed (access_id) select access_id from call";
            sqlx::query(call).bind(subjects).execute(&mut *conn).await.unwrap();
        }
        let mut taken = Vec::new();
        for _ in 0..5 {
            taken.push(index(&mut conn, Portion { calls: 3, subjects: 3 }).await.unwrap());
        }
        assert_eq!(taken, [2, 2, 1, 0, 0]);
        let found = runs::find(&mut conn, BY_PERSON, &[0x0101_0101_0101_0101]).await.unwrap();
        let calls: Vec<i64> = found.iter().map(|record| i64::from_be_bytes(record.value)).collect();
        assert_eq!(calls, [1, 2, 3, 4, 5], "each call once for a person, however often it names it");
    }

    /// An index of before has become the very run that the code would have written.
    #[tokio::test]
    async fn the_old_index_becomes_a_run() {
        let database = TestDatabase::new(&[HouseSchema::new("register", &BEFORE_RUNS)]).await;
        let mut admin = database.admin().await;
        let old = "insert into register.access_subject (subject_key, access_id)
                   select (n % 5 - 2) * 4000000000000000000, n from generate_series(1, 1200) n";
        sqlx::query(old).execute(&mut admin).await.unwrap();
        provision(database.url(), &[SCHEMA]).await.unwrap();
        let house = database.connect("register").await;
        let mut conn = house.pool().acquire().await.unwrap();
        let mut records: Vec<Record<8>> =
            (1..=1200_i64).map(|n| Record { key: (n % 5 - 2) * 4_000_000_000_000_000_000, value: n.to_be_bytes() }).collect();
        assert_eq!(runs::find(&mut conn, BY_PERSON, &[-8_000_000_000_000_000_000]).await.unwrap().len(), 240);
        runs::write(&mut conn, BY_PERSON, &mut records).await.unwrap();
        let migrated = parts(&mut conn, 1).await;
        assert_eq!((migrated.len(), migrated == parts(&mut conn, 2).await), (3, true));
    }
}
