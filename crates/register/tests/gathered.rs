//! Lookups of few payees that come at once are answered together, and each as if it were alone.

use contracts::register::{Register, Resolution, ResolveRequest};
use contracts::{Actor, ProblemCode};
use jiff::ToSpan;
use primitives::AgreementNumber;
use sqlx::Executor;
use tokio::task::JoinSet;

use crate::support::{TODAY, account, context, key, nemkonto, operator, payee, payer, person, street};

#[tokio::test(flavor = "multi_thread")]
async fn each_gets_its_own_answer_and_its_own_line_in_the_log() {
    const CALLS: u32 = 300;
    let street = street().await;
    street.record("people", (0..40).map(person).collect()).await;
    // The first ten of forty have no account, and from number 40 on nobody is known.
    street.house.designate(&operator(), &key("accounts"), (10..40).map(nemkonto).collect()).await.unwrap();
    let mut calls = JoinSet::new();
    for call in 0..CALLS {
        let house = street.house.clone();
        calls.spawn(async move {
            let n = call % 50;
            let payer = AgreementNumber::parse(&format!("1234567{}", call % 3)).unwrap();
            let on = TODAY.checked_add(i64::from(call % 2).days()).unwrap();
            let caller = context(Actor::Operator { user: format!("caller {call}") });
            let request = ResolveRequest { payer, on, payees: vec![payee(n), payee(n + 10)] };
            let answer = house.resolve(&caller, request).await.unwrap();
            assert_eq!(answer.resolutions.len(), 2);
            for (n, resolution) in [n, n + 10].into_iter().zip(&answer.resolutions) {
                match resolution {
                    Resolution::Found(found) => assert!((10..40).contains(&n) && found.account == account(n), "{n}"),
                    Resolution::NoAccount { .. } => assert!(n < 10, "{n}"),
                    Resolution::Unknown => assert!(n >= 40, "{n}"),
                    other @ Resolution::Closed { .. } => panic!("{n}: {other:?}"),
                }
            }
        });
    }
    calls.join_all().await;
    let mut admin = street.database.admin().await;
    let (lines, callers, transactions): (i64, i64, i64) = sqlx::query_as(
        "select count(*), count(distinct actor), count(distinct xmin::text) from register.access_log where operation = 'resolve'",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    // One call in five finds the one and not the other: a line for each result.
    assert_eq!((lines, callers), (i64::from(CALLS + CALLS / 5), i64::from(CALLS)));
    assert!(transactions < i64::from(CALLS), "{transactions} transactions: nobody was answered together with others");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_line_in_the_log_nobody_is_answered_and_later_calls_are() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let mut admin = street.database.admin().await;
    admin.execute("revoke insert on register.access_log from nemkonto_register").await.unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        let house = street.house.clone();
        let request = ResolveRequest { payer: payer(), on: TODAY, payees: vec![payee(1)] };
        calls.spawn(async move { house.resolve(&operator(), request).await });
    }
    for answer in calls.join_all().await {
        assert_eq!(answer.unwrap_err().code, ProblemCode::Unavailable);
    }
    admin.execute("grant insert on register.access_log to nemkonto_register").await.unwrap();
    assert_eq!(street.resolve(TODAY, [1]).await.resolutions.len(), 1);
}

/// A caller who goes away takes nobody's answer along.
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_leaves_the_others_their_answers() {
    let street = street().await;
    street.record("people", (0..8).map(person).collect()).await;
    for round in 0..20 {
        let mut calls = JoinSet::new();
        for n in 0..8 {
            let house = street.house.clone();
            let request = ResolveRequest { payer: payer(), on: TODAY, payees: vec![payee(n)] };
            calls.spawn(async move {
                let caller = operator();
                let asking = house.resolve(&caller, request);
                if n % 2 == 0 {
                    let _ = tokio::time::timeout(std::time::Duration::from_micros(50 * round), asking).await;
                    return None;
                }
                Some(asking.await.unwrap())
            });
        }
        let answered = calls.join_all().await.into_iter().flatten().count();
        assert_eq!(answered, 4);
    }
}
