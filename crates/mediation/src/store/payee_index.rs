//! Payments by payee, in sorted runs: a run for each slice, merged later.
//!
//! It leads to the payments; that one is to the payee is settled by the payment itself.

use platform::runs::{self, FAN_IN, Index, Record};
use primitives::PaymentRef;
use sqlx::PgConnection;

/// Slice and row, big-endian, so that they stand in the order of payments.
const PLACE_BYTES: usize = 12;

const BY_PAYEE: Index<PLACE_BYTES> = Index::new("mediation", "payee_index");

/// A payment under the index key of its payee.
pub(crate) type Entry = Record<PLACE_BYTES>;

/// The entry of a payment.
pub(crate) fn entry(payee_key: i64, payment: PaymentRef) -> Entry {
    let mut value = [0; PLACE_BYTES];
    let (slice, row) = value.split_at_mut(size_of::<i64>());
    slice.copy_from_slice(&payment.slice.to_be_bytes());
    row.copy_from_slice(&payment.row.to_be_bytes());
    Entry { key: payee_key, value }
}

fn payment(entry: &Entry) -> PaymentRef {
    let [s0, s1, s2, s3, s4, s5, s6, s7, row @ ..] = entry.value;
    PaymentRef::new(i64::from_be_bytes([s0, s1, s2, s3, s4, s5, s6, s7]), i32::from_be_bytes(row))
}

/// Writes the entries of a slice, in the transaction that stores its payments.
pub(crate) async fn write(connection: &mut PgConnection, entries: &mut Vec<Entry>) -> Result<(), sqlx::Error> {
    runs::write(connection, BY_PAYEE, entries).await
}

/// The payments whose payee may be the one with the key, the newest first.
pub(crate) async fn find(connection: &mut PgConnection, payee_key: i64) -> Result<Vec<PaymentRef>, sqlx::Error> {
    let found = runs::find(connection, BY_PAYEE, &[payee_key]).await?;
    Ok(found.iter().rev().map(payment).collect())
}

/// Merges runs where there are enough of them; answers how many entries it moved.
pub(crate) async fn merge(connection: &mut PgConnection) -> Result<u64, sqlx::Error> {
    runs::merge(connection, BY_PAYEE, FAN_IN).await
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
    async fn parts(connection: &mut PgConnection, run: i64) -> Vec<(i64, i32, Vec<u8>)> {
        let sql = "select first_key, part_no, records from mediation.payee_index_part where run_id = $1 order by part_no";
        sqlx::query_as(sql).bind(run).fetch_all(connection).await.unwrap()
    }

    /// Payments of before stand in the very run that the code would have written.
    #[tokio::test]
    async fn payments_of_before_become_a_run() {
        let database = TestDatabase::new(&[HouseSchema::new("mediation", &BEFORE_RUNS)]).await;
        let mut admin = database.admin().await;
        let old =
            "insert into mediation.payment (slice_id, row_no, block_no, row_position, amount_minor, currency, payee_kind, payee,
                       payee_key, account, exempt, carry)
                   select s, n, 1, 1, 1, 'DKK', kind, case when kind = 1 then '\\x01'::bytea end,
                       case when kind = 1 then (n % 5 - 2) * 4000000000000000000 end, '\\x01', false, ''
                   from generate_series(1, 2) s, generate_series(0, 599) n, nullif((n % 6 > 0)::int, 0) kind";
        sqlx::query(old).execute(&mut admin).await.unwrap();
        provision(database.url(), &[SCHEMA]).await.unwrap();
        let house = database.connect("mediation").await;
        let mut connection = house.pool().acquire().await.unwrap();
        let payments = (1..=2).flat_map(|slice| (0..600).map(move |row| PaymentRef::new(slice, row)));
        let key = |payment: PaymentRef| (i64::from(payment.row) % 5 - 2) * 4_000_000_000_000_000_000;
        let mut entries: Vec<_> =
            payments.filter(|payment| payment.row % 6 > 0).map(|payment| entry(key(payment), payment)).collect();
        let mut expect: Vec<_> = entries.iter().filter(|entry| entry.key < -4_000_000_000_000_000_000).map(payment).collect();
        expect.reverse();
        assert_eq!(find(&mut connection, -8_000_000_000_000_000_000).await.unwrap(), expect);
        write(&mut connection, &mut entries).await.unwrap();
        let migrated = parts(&mut connection, 1).await;
        assert_eq!((migrated.len(), migrated == parts(&mut connection, 2).await), (3, true));
    }

    #[test]
    fn entries_lead_back_and_stand_in_the_order_of_payments() {
        let payments = [(1, 0), (1, 255), (1, 256), (255, 7), (256, 0), (i64::MAX, i32::MAX)].map(|(s, r)| PaymentRef::new(s, r));
        let entries = payments.map(|payment| entry(-5, payment));
        assert!(entries.is_sorted());
        assert_eq!(entries.each_ref().map(payment), payments);
    }
}
