//! Anti-scan on a real database: who guesses is blocked, and somebody is told.

use contracts::{Problem, ProblemCode};
use jiff::{Timestamp, ToSpan};
use platform::anti_scan::{Asker, Cost, admit, charge, give_back};
use platform::database::Database;
use platform::testing::TestDatabase;

use crate::houses::first;

const KIM: Asker<'static> = Asker { user: Some("caseworker:00000001:kim"), party: "agreement:00000001", party_limit: None };
const BO: Asker<'static> = Asker { user: Some("caseworker:00000001:bo"), party: "agreement:00000001", party_limit: None };
const SYSTEM: Asker<'static> = Asker { user: None, party: "agreement:00000002", party_limit: None };

fn at(minutes: i64) -> Timestamp {
    "2026-03-02T12:00:00Z".parse::<Timestamp>().unwrap().checked_add(minutes.minutes()).unwrap()
}

struct House {
    _database: TestDatabase,
    house: Database,
}

impl House {
    /// A house where a user has 100 tokens and gets one a minute, and a party has 1,000.
    async fn new() -> Self {
        let database = TestDatabase::new(&[first()]).await;
        let house = database.connect("first").await;
        let new = Self { _database: database, house };
        new.limit("user", None, 100, 60, "2020-01-01").await;
        new.limit("party", None, 1_000, 60, "2020-01-01").await;
        new
    }

    async fn limit(&self, scope: &str, holder: Option<&str>, size: i64, per_hour: i64, from: &str) {
        sqlx::query(
            "insert into first.scan_limit (scope, holder, size, per_hour, valid_from, recorded_by) values ($1, $2, $3, $4, $5::text::date, 'test')",
        )
        .bind(scope)
        .bind(holder)
        .bind(size)
        .bind(per_hour)
        .bind(from)
        .execute(self.house.pool())
        .await
        .unwrap();
    }

    async fn admit(&self, asker: Asker<'_>, minutes: i64) -> Result<(), Problem> {
        let mut tx = self.house.pool().begin().await.unwrap();
        let outcome = admit(&mut tx, "first", asker, at(minutes)).await.unwrap();
        tx.commit().await.unwrap();
        outcome
    }

    async fn charge(&self, asker: Asker<'_>, hits: u32, misses: u32, minutes: i64) -> Result<(), Problem> {
        let mut tx = self.house.pool().begin().await.unwrap();
        let outcome = charge(&mut tx, "first", asker, Cost { hits, misses }, at(minutes)).await.unwrap();
        tx.commit().await.unwrap();
        outcome
    }

    async fn alerts(&self) -> Vec<String> {
        sqlx::query_scalar("select concat_ws(' ', scope, holder, tokens) from first.scan_alert order by alert_id")
            .fetch_all(self.house.pool())
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn who_guesses_is_blocked_and_an_alert_is_raised_once() {
    let house = House::new().await;
    for _ in 0..4 {
        house.admit(KIM, 0).await.unwrap();
        house.charge(KIM, 0, 1, 0).await.unwrap();
    }
    assert_eq!(house.alerts().await, Vec::<String>::new());
    house.charge(KIM, 0, 1, 0).await.unwrap();
    let blocked = house.admit(KIM, 0).await.unwrap_err();
    assert_eq!((blocked.code, blocked.code.http_status()), (ProblemCode::TooMany, 429));
    assert!(blocked.detail.en.contains("60 seconds"), "{}", blocked.detail.en);
    assert_eq!(house.charge(KIM, 0, 1, 0).await.unwrap_err().code, ProblemCode::TooMany);
    assert_eq!(house.alerts().await, ["user caseworker:00000001:kim 20"], "one for each time");
    house.admit(BO, 0).await.unwrap();
    house.admit(KIM, 20).await.unwrap_err();
    house.admit(KIM, 21).await.unwrap();
    house.charge(KIM, 0, 1, 21).await.unwrap_err();
    assert_eq!(house.alerts().await.len(), 2, "blocked anew");
}

#[tokio::test]
async fn a_call_that_costs_more_than_is_left_is_refused_and_still_charged() {
    let house = House::new().await;
    house.charge(KIM, 60, 0, 0).await.unwrap();
    assert_eq!(house.charge(KIM, 0, 3, 0).await.unwrap_err().code, ProblemCode::TooMany);
    house.admit(KIM, 0).await.unwrap_err();
}

#[tokio::test]
async fn honest_work_is_never_blocked() {
    let house = House::new().await;
    for minute in 0..50 {
        house.admit(KIM, minute).await.unwrap();
        house.charge(KIM, 2, 0, minute).await.unwrap();
        let mut tx = house.house.pool().begin().await.unwrap();
        give_back(&mut tx, "first", KIM, 2, at(minute)).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(house.alerts().await, Vec::<String>::new());
}

#[tokio::test]
async fn many_users_of_one_party_share_its_bucket() {
    let house = House::new().await;
    house.limit("party", Some("agreement:00000001"), 50, 60, "2020-01-01").await;
    house.charge(KIM, 40, 0, 0).await.unwrap();
    house.charge(BO, 20, 0, 0).await.unwrap_err();
    house.admit(KIM, 0).await.unwrap_err();
    house.admit(SYSTEM, 0).await.unwrap();
    assert_eq!(house.alerts().await, ["party agreement:00000001 20"]);
}

#[tokio::test]
async fn a_limit_applies_from_its_day() {
    let house = House::new().await;
    house.limit("party", Some(SYSTEM.party), 10, 60, "2026-03-03").await;
    house.charge(SYSTEM, 20, 0, 0).await.unwrap();
    house.charge(SYSTEM, 20, 0, 24 * 60).await.unwrap_err();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_at_once_lose_no_token_and_do_not_wait_for_ever() {
    let house = std::sync::Arc::new(House::new().await);
    let tasks: Vec<_> = (0..4)
        .map(|task| {
            let house = std::sync::Arc::clone(&house);
            tokio::spawn(async move {
                for _ in 0..10 {
                    house.charge(if task % 2 == 0 { KIM } else { BO }, 1, 0, 0).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let levels: Vec<i64> = sqlx::query_scalar("select level / 3600000 from first.scan_bucket order by level")
        .fetch_all(house.house.pool())
        .await
        .unwrap();
    assert_eq!(levels, [80, 80, 960]);
}
