//! What the database lets the running program do, whatever bug it has.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use platform::database::Database;
use platform::testing::TestDatabase;
use sqlx::{AssertSqlSafe, Row};

/// The narrow tables: how far something has come. Every other table of the house only grows.
const CHANGING: [&str; 15] = [
    "bank_answer_reading",
    "delivery_reading",
    "disposal",
    "feed_head",
    "file_sending",
    "idempotency",
    "leg_group",
    "payee_index_run",
    "payout_task",
    "recall",
    "recall_payment",
    "recipient_hold",
    "report_task",
    "reservation_task",
    "slice",
];

/// Every table of the house, partitions too, with a column that may be written at all.
async fn tables(database: &TestDatabase) -> BTreeMap<String, String> {
    let rows = sqlx::query(
        "select t.table_name::text, min(c.column_name::text)
         from information_schema.tables t
         join information_schema.columns c using (table_schema, table_name)
         where t.table_schema = 'mediation' and t.table_type = 'BASE TABLE' and c.is_identity = 'NO'
         group by t.table_name",
    )
    .fetch_all(&mut database.admin().await)
    .await
    .unwrap();
    rows.into_iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Whether the running program may do it; anything but a refusal for want of rights is a failure of the test.
async fn may(runtime: &Database, statement: String) -> bool {
    match sqlx::query(AssertSqlSafe(statement.clone())).execute(runtime.pool()).await {
        Ok(_) => true,
        Err(error) => {
            let code = error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
            assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
            false
        }
    }
}

#[tokio::test]
async fn append_only_tables_can_neither_be_changed_nor_emptied() {
    let database = TestDatabase::new(&[mediation::SCHEMA]).await;
    let runtime = database.connect("mediation").await;
    let tables = tables(&database).await;
    assert!(tables.len() > 25 && tables.contains_key("payment") && tables.contains_key("payment_0"), "{tables:?}");
    let changing: Vec<&str> = tables.keys().map(String::as_str).filter(|table| CHANGING.contains(table)).collect();
    assert_eq!(changing, CHANGING, "every table that may change is there");
    for (table, column) in &tables {
        let changes = CHANGING.contains(&table.as_str());
        assert_eq!(
            may(&runtime, format!("update mediation.{table} set {column} = {column}")).await,
            changes,
            "update of {table}"
        );
        let forgets = matches!(
            table.as_str(),
            "change_queue" | "feed_outbox" | "idempotency" | "payee_index_part" | "payee_index_run" | "recipient_hold"
        );
        assert_eq!(may(&runtime, format!("delete from mediation.{table}")).await, forgets, "delete from {table}");
        assert!(!may(&runtime, format!("truncate mediation.{table}")).await, "truncate {table}");
        assert!(!may(&runtime, format!("alter table mediation.{table} add planted int")).await, "alter {table}");
    }
}
