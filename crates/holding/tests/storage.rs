//! What the database lets the running program do, and what calls made at the same time come to.

use contracts::{
    AccessQuery, Actor, ProblemCode,
    holding::{DepositState, Holding},
    mediation::PaymentState,
};
use jiff::civil::date;
use primitives::{AgreementNumber, Currency, Money};
use sqlx::{AssertSqlSafe, Row};
use tokio::task::JoinSet;

use crate::support::{self, DAY, Street, context, holder, key, leg, mediation, person, request, street, street_with};

const APPEND_ONLY: [&str; 14] = [
    "deposit",
    "ledger_account",
    "transfer",
    "transfer_end",
    "holder_merge",
    "release_batch",
    "release_order",
    "reversal",
    "voided_leg",
    "access_log",
    "access_subject",
    "change",
    "change_link",
    "change_checkpoint",
];

/// One deposit released, one waiting.
async fn used() -> Street {
    let street = street().await;
    street.deposit(1).await;
    street.deposit(2).await;
    street.register.designate(holder(1), person(1), DAY);
    street.settle_down().await;
    street.mediation.bank_says(PaymentState::Accepted);
    street.settle_down().await;
    street
}

async fn count(street: &Street, table: &str) -> i64 {
    let mut admin = street.database.admin().await;
    sqlx::query(AssertSqlSafe(format!("select count(*) from holding.{table}"))).fetch_one(&mut admin).await.unwrap().get(0)
}

#[tokio::test]
async fn append_only_tables_can_neither_be_changed_nor_emptied() {
    let street = used().await;
    let mut admin = street.database.admin().await;
    let database = street.database.connect("holding").await;
    for table in APPEND_ONLY {
        let column: String = sqlx::query(
            "select column_name::text from information_schema.columns where table_schema = 'holding' and table_name = $1 and ordinal_position = 2",
        )
        .bind(table)
        .fetch_one(&mut admin)
        .await
        .unwrap()
        .get(0);
        for statement in [
            format!("delete from holding.{table}"),
            format!("truncate holding.{table}"),
            format!("update holding.{table} set {column} = {column}"),
        ] {
            let error = sqlx::query(AssertSqlSafe(statement.clone())).execute(database.pool()).await.expect_err(&statement);
            let code = error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
            assert_eq!(code.as_deref(), Some("42501"), "{statement} must be denied");
        }
    }
}

#[tokio::test]
async fn states_take_no_step_that_is_not_theirs() {
    let street = used().await;
    let database = street.database.connect("holding").await;
    for (statement, constraint) in [
        // One is released, the other posted.
        ("update holding.deposit_state set state = 'releasing' where state = 'released'", "deposit_state_step"),
        ("update holding.deposit_state set state = 'released' where state = 'posted'", "deposit_state_step"),
        ("update holding.deposit_state set state = 'lost' where state = 'posted'", "deposit_state_step"),
        ("update holding.release_state set state = 'failed' where state = 'released'", "release_state_step"),
        ("insert into holding.transfer_end select transfer_id, 'voided', now() from holding.transfer", "transfer_end_pkey"),
        (
            "insert into holding.release_state (order_id, state, changed_at) select order_id, 'ordered', now() from holding.release_order",
            "release_state_pkey",
        ),
    ] {
        let error = sqlx::query(statement).execute(database.pool()).await.expect_err(statement);
        assert_eq!(error.as_database_error().and_then(|error| error.constraint()), Some(constraint), "{statement}");
    }
}

#[tokio::test]
async fn no_number_stands_in_any_table() {
    let street = used().await;
    let mut admin = street.database.admin().await;
    let tables = sqlx::query("select table_name::text from information_schema.tables where table_schema = 'holding'")
        .fetch_all(&mut admin)
        .await
        .unwrap();
    let mut text = String::new();
    for table in tables {
        let sql = format!("select coalesce(string_agg(t::text, ''), '') from holding.{} t", table.get::<String, _>(0));
        text += &sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut admin).await.unwrap().get::<String, _>(0);
    }
    assert!(text.contains("NKSOST"), "the tables were read");
    for plain in [person(1).canonical().into_owned(), "0440116243".to_owned()] {
        let hex: String = plain.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!text.contains(&plain) && !text.contains(&hex), "numbers and accounts are sealed everywhere");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leg_reserved_at_once_by_many_is_deposited_once() {
    let street = street().await;
    let requests: Vec<_> = (0..100).map(request).collect();
    let mut calls = JoinSet::new();
    for caller in 0..8 {
        let (house, mut requests) = (street.house.clone(), requests.clone());
        requests.rotate_left(caller * 12);
        calls.spawn(async move {
            let answer = house.reserve(&mediation(), &key(&format!("call-{caller}")), requests.clone()).await.unwrap();
            let mut by_leg: Vec<_> =
                requests.iter().map(|request| request.leg).zip(answer.deposits.into_iter().map(Result::unwrap)).collect();
            by_leg.sort_unstable();
            by_leg
        });
    }
    let answers = calls.join_all().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "every caller is told the same deposits");
    assert_eq!((count(&street, "deposit").await, count(&street, "transfer").await), (100, 100));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_posting_and_voiding_at_once_one_wins() {
    let street = street().await;
    street.reserve("reserve", (0..40).map(request).collect()).await;
    let legs: Vec<_> = (0..40).map(leg).collect();
    let (context, post_key, void_key) = (mediation(), key("post"), key("void"));
    let post = street.house.post(&context, &post_key, legs.clone());
    let void = street.house.void(&context, &void_key, legs.into_iter().rev().collect());
    let (posted, mut voided) = tokio::try_join!(post, void).unwrap();
    voided.reverse();
    for (posted, voided) in posted.iter().zip(&voided) {
        let loser = match (posted, voided) {
            (Ok(_), Err(loser)) | (Err(loser), Ok(_)) => loser,
            both => panic!("one of them wins: {both:?}"),
        };
        assert_eq!(loser.code, ProblemCode::Conflict);
    }
    assert_eq!(count(&street, "transfer_end").await, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_reserving_and_voiding_at_once_one_comes_first() {
    let street = street().await;
    for round in 0..10 {
        let requests: Vec<_> = (round * 20..round * 20 + 20).map(request).collect();
        let legs = requests.iter().rev().map(|request| request.leg).collect();
        let (context, reserve_key, void_key) = (mediation(), key(&format!("reserve-{round}")), key(&format!("void-{round}")));
        let reserve = street.house.reserve(&context, &reserve_key, requests);
        let void = street.house.void(&context, &void_key, legs);
        let (reserved, mut voided) = tokio::try_join!(reserve, void).unwrap();
        voided.reverse();
        for (reserved, voided) in reserved.deposits.iter().zip(&voided) {
            match (reserved, voided) {
                (Ok(deposit), Ok(voided)) => assert_eq!(deposit, voided),
                (Err(late), Err(nothing)) => {
                    assert_eq!((late.code, nothing.code), (ProblemCode::Conflict, ProblemCode::NotFound));
                }
                both => panic!("a deposit that is voided, or none: {both:?}"),
            }
        }
    }
}

#[tokio::test]
async fn what_nobody_claims_goes_to_the_treasury() {
    let street = street().await;
    for n in 1..=3 {
        street.deposit(n).await;
    }
    street.register.designate(holder(3), person(3), DAY);
    street.settle_down().await;
    let limit = date(2029, 3, 2);
    assert_eq!(street.house.expire(limit.yesterday().unwrap(), 10).await.unwrap().deposits, 0, "three years are not over");
    let first = street.house.expire(limit, 1).await.unwrap();
    assert_eq!((first.deposits, first.amounts), (1, vec![Money::new(100_001, Currency::DKK)]));
    assert_eq!(street.house.expire(limit, 10).await.unwrap().deposits, 1);
    assert_eq!(street.house.expire(limit, 10).await.unwrap().deposits, 0, "what is on its way to its payee does not expire");
    assert_eq!(street.state(1).await, DepositState::Expired);
    assert_eq!(street.state(3).await, DepositState::Releasing);
    let balances = street.house.trial_balance(&mediation()).await.unwrap();
    let treasury = balances.iter().find(|line| line.ledger_account == "treasury").unwrap();
    assert_eq!(treasury.credits, Money::new(200_003, Currency::DKK));

    street.register.designate(holder(1), person(1), DAY);
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Expired, "what has gone to the Treasury is not released");
}

#[tokio::test]
async fn wind_down_lets_out_and_not_in() {
    let street = used().await;
    let down = holding::House::new(
        street.database.connect("holding").await,
        &platform::seal::KeyRing::for_tests(),
        std::sync::Arc::new(street.clock.clone()),
        holding::Settings { wind_down: true, ..holding::Settings::new(support::account()) },
    );
    let answer = down.reserve(&mediation(), &key("down"), vec![request(2), request(9)]).await.unwrap();
    assert!(answer.deposits[0].is_ok(), "a leg that has its deposit keeps it");
    let refused = answer.deposits[1].as_ref().unwrap_err();
    assert_eq!(refused.code, ProblemCode::Conflict);
    assert!(refused.detail.da.contains("afvikling") && refused.detail.en.contains("wound down"));
}

#[tokio::test]
async fn other_currencies_are_refused() {
    let street = street_with(|settings| holding::Settings { currency: Currency::EUR, ..settings }).await;
    let answer = street.house.reserve(&mediation(), &key("dkk"), vec![request(1)]).await.unwrap();
    assert_eq!(answer.deposits[0].as_ref().unwrap_err().code, ProblemCode::InvalidInput);
}

#[tokio::test]
async fn a_caseworker_sees_what_the_own_authority_has_paid() {
    let street = used().await;
    let caseworker = |authority: &str| {
        context(Actor::Caseworker { user: "cw1".to_owned(), authority: AgreementNumber::parse(authority).unwrap() })
    };
    assert_eq!(street.house.deposits(&caseworker("12345678"), person(1)).await.unwrap().len(), 1);
    assert!(street.house.deposits(&caseworker("87654321"), person(1)).await.unwrap().is_empty());
    let refused = street.house.deposits(&context(Actor::RecoveryAuthority), person(1)).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::Forbidden);
    let payee = context(Actor::Payee { identifier: person(1) });
    let query = |n| AccessQuery { identifier: person(n), limit: 10 };
    let told = street.house.accesses(&payee, query(1)).await.unwrap();
    let told: Vec<_> = told.into_iter().map(|access| (access.operation, access.result.unwrap().as_str())).collect();
    let looks = ["refused", "not_found", "found"].map(|result| ("deposits".to_owned(), result));
    assert_eq!(told, looks, "the payee is told of looks, misses and attempts, the newest first");
    assert_eq!(street.house.accesses(&payee, query(2)).await.unwrap_err().code, ProblemCode::Forbidden);
    assert_eq!(street.house.accesses(&caseworker("12345678"), query(1)).await.unwrap_err().code, ProblemCode::Forbidden);
    assert_eq!(count(&street, "access_log").await, 6, "and of those at the list itself");
}
