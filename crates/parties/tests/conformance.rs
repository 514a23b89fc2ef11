//! The house keeps what the contract promises, on a real database.

use std::sync::Arc;

use contracts::{Actor, Context, IdempotencyKey, LegalBasis, Purpose, conformance, parties::Parties};
use jiff::civil::date;
use parties::{House, Remote, SCHEMA};
use platform::{anti_scan, change_log, driver::Progress, four_eyes, rpc::RpcClient, seal::KeyRing, testing::TestDatabase};
use primitives::ManualClock;
use sqlx::{Connection, Executor};

#[tokio::test(flavor = "multi_thread")]
async fn the_house_passes_the_conformance_suite() {
    let database = TestDatabase::new(&[SCHEMA]).await;
    let today = date(2026, 3, 2);
    let clock = Arc::new(ManualClock::at_noon(today).unwrap());
    let house = House::new(database.connect("parties").await, &KeyRing::for_tests(), clock);
    conformance::parties::run(&house, today).await;

    let mut admin = database.admin().await;
    let leaks: i64 =
        sqlx::query_scalar("select count(*) from parties.debtor_account where position('1111111111'::bytea in account) > 0")
            .fetch_one(&mut admin)
            .await
            .unwrap();
    assert_eq!(leaks, 0, "account numbers are sealed");
    admin.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_house_behind_http_passes_the_conformance_suite() {
    let database = TestDatabase::new(&[SCHEMA]).await;
    let today = date(2026, 3, 2);
    let clock = Arc::new(ManualClock::at_noon(today).unwrap());
    let house = House::new(database.connect("parties").await, &KeyRing::for_tests(), clock);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, parties::routes(Arc::new(house))).await });
    let remote = Remote::new(RpcClient::new(&url, None).unwrap());
    conformance::parties::run(&remote, today).await;
    server.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_cannot_be_changed_or_removed() {
    let database = TestDatabase::new(&[SCHEMA]).await;
    let runtime = database.connect("parties").await;
    let versions = ["bank", "agreement", "unit", "debtor_account", "benefit_terms", "data_supplier", "user_grant", "party_terms"];
    let parts = ["allowed_certificate", "allowed_network", "party_limit", "function_conflict"];
    let rights = ["role_grant", "mandate", "grant_end", "change", "change_link", "change_checkpoint"];
    let oversight = ["scan_limit", "scan_alert", "certificate_seen", "system_client"];
    for table in versions.into_iter().chain(parts).chain(rights).chain(oversight) {
        let column = match table {
            "role_grant" | "grant_end" => "grant_id",
            "mandate" => "mandate_id",
            "scan_alert" => "tokens",
            "certificate_seen" => "name",
            "change" | "change_link" | "change_checkpoint" => {
                if table == "change" {
                    "content"
                } else {
                    "hash"
                }
            }
            _ => "version",
        };
        for statement in [format!("delete from parties.{table}"), format!("update parties.{table} set {column} = default")] {
            let refused = runtime.pool().execute(sqlx::AssertSqlSafe(statement.clone())).await.unwrap_err();
            let code = refused.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
            assert_eq!(code.as_deref(), Some("42501"), "{statement}");
        }
    }
}

#[test]
fn the_platforms_tables_are_made_as_the_platform_says() {
    let migration = include_str!("../migrations/0002_changes.sql");
    assert!(migration.contains(&change_log::ddl("parties")));
    assert!(migration.contains(&four_eyes::ddl("parties")));
    assert!(include_str!("../migrations/0005_oversight.sql").contains(&anti_scan::ddl("parties")));
}

#[tokio::test]
async fn answers_are_kept_sealed_and_forgotten_after_their_time() {
    let database = TestDatabase::new(&[SCHEMA]).await;
    let today = date(2026, 3, 2);
    let open = async || {
        let clock = Arc::new(ManualClock::at_noon(today).unwrap());
        House::new(database.connect("parties").await, &KeyRing::for_tests(), clock)
    };
    let house = open().await;
    conformance::parties::run(&house, today).await;
    let mut admin = database.admin().await;
    // A word of two letters stands in random bytes now and then; as JSON has it, it does not.
    let readable = r#"select count(*) from parties.idempotency
                      where position('"Err":'::bytea in answer) + position('"Ok":'::bytea in answer) > 0"#;
    let readable: i64 = sqlx::query_scalar(readable).fetch_one(&mut admin).await.unwrap();
    assert_eq!(readable, 0, "answers are sealed");
    let kept: i64 = sqlx::query_scalar("select count(*) from parties.idempotency").fetch_one(&mut admin).await.unwrap();
    assert!(kept > 0);
    assert_eq!(house.chores()[0].step().await.unwrap(), Progress::Idle, "the time is not over");

    let forgetful = open().await.keeping_answers(std::time::Duration::ZERO);
    let operator = Actor::Operator { user: "test".to_owned() };
    let context = Context {
        actor: operator,
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov 696/2025").unwrap(),
        purpose: Purpose::new("test").unwrap(),
        trace: uuid::Uuid::nil(),
        acting: None,
    };
    forgetful.record(&context, &IdempotencyKey::new("nothing").unwrap(), Vec::new()).await.unwrap();
    assert_eq!(forgetful.chores()[0].step().await.unwrap(), Progress::Worked(1));
}
