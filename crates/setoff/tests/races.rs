//! Calls made at the same time.

use std::sync::Arc;

use contracts::{
    ProblemCode,
    setoff::{MarkerAction, MarkerChange, Payout, Setoff},
};
use jiff::civil::date;
use sqlx::Row;
use tokio::task::JoinSet;

use crate::support::{Street, authority, common_marker, key, leg, mediation, payout, person, request, street};

const CALLERS: usize = 8;

async fn count(street: &Street, table: &'static str) -> i64 {
    let mut admin = street.database.admin().await;
    let sql = sqlx::AssertSqlSafe(format!("select count(*) from setoff.{table}"));
    sqlx::query(sql).fetch_one(&mut admin).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leg_reserved_at_once_by_many_has_one_reservation() {
    let street = street().await;
    let payees: Vec<_> = (0..200).map(person).collect();
    street.mark(&payees).await;
    let payouts: Vec<Payout> = (0..).zip(payees).map(|(row, payee)| payout(row, payee)).collect();
    let mut calls = JoinSet::new();
    for caller in 0..CALLERS {
        let (house, mut payouts) = (street.house.clone(), payouts.clone());
        // In different orders, so that the calls meet in the middle.
        payouts.rotate_left(caller * 25);
        calls.spawn(async move {
            let answer = house.reserve(&mediation(), &key(&format!("call-{caller}")), request(payouts.clone())).await.unwrap();
            let mut by_leg: Vec<_> =
                answer.redirects.iter().map(|redirect| (payouts[redirect.index as usize].leg, redirect.reservation)).collect();
            by_leg.sort_unstable();
            by_leg
        });
    }
    let answers = calls.join_all().await;
    assert_eq!(answers[0].len(), 200);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "every caller is told the same reservations");
    assert_eq!(count(&street, "reservation").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_call_made_at_once_by_many_has_one_effect() {
    let street = street().await;
    street.mark(&[person(1)]).await;
    let house = Arc::new(street.house.clone());
    let mut calls = JoinSet::new();
    for _ in 0..CALLERS {
        let house = Arc::clone(&house);
        calls.spawn(async move {
            house.reserve(&mediation(), &key("same"), request(vec![payout(1, person(1))])).await.unwrap();
            house.post(&mediation(), &key("same"), vec![leg(1)]).await.unwrap()
        });
    }
    let answers = calls.join_all().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(count(&street, "feed_outbox").await, 1, "one advice");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_posting_and_voiding_at_once_one_wins() {
    let street = street().await;
    let payees: Vec<_> = (0..40).map(person).collect();
    street.mark(&payees).await;
    let payouts = (0..).zip(payees).map(|(row, payee)| payout(row, payee)).collect();
    street.house.reserve(&mediation(), &key("reserve"), request(payouts)).await.unwrap();
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
    let winners = posted.iter().filter(|result| result.is_ok()).count();
    assert_eq!(
        count(&street, "feed_outbox").await,
        i64::try_from(winners).unwrap(),
        "an advice for what was posted, none for what was voided"
    );
    assert_eq!(count(&street, "reservation_end").await, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_one_customer_at_once_add_up() {
    let street = street().await;
    let mut calls = JoinSet::new();
    for caller in 0..CALLERS {
        let house = street.house.clone();
        calls.spawn(async move {
            let day = date(2026, 1, 1 + i8::try_from(caller).unwrap());
            let set = MarkerChange { from: day, ..common_marker(person(1)) };
            let remove = MarkerChange { action: MarkerAction::Remove, ..set.clone() };
            house.put_markers(&authority(), &key(&format!("call-{caller}")), vec![set.clone(), remove, set]).await.unwrap()
        });
    }
    assert!(calls.join_all().await.into_iter().flatten().all(|result| result.is_ok()));
    assert_eq!(count(&street, "marker_version").await, 3 * 8);
    let mut admin = street.database.admin().await;
    let overlaps: i64 = sqlx::query(
        "select count(*) from setoff.current_marker a join setoff.current_marker b on a.identifier = b.identifier and a.valid_from < b.valid_from
         where daterange(a.valid_from, a.valid_until) && daterange(b.valid_from, b.valid_until)",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap()
    .get(0);
    assert_eq!(overlaps, 0, "at any day one marker of a scope applies");
}
