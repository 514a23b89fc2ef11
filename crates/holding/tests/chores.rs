//! What is due now and then, by a clock that is set by hand.

use std::sync::Arc;
use std::time::Duration;

use contracts::holding::{DepositState, Holding};
use holding::Settings;
use jiff::SignedDuration;
use platform::driver::{Every, Progress, Room};

use crate::support::{Street, mediation, request, street, street_with};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: i64 = 24;

/// The chores as a process drives them.
fn chores(street: &Street) -> Vec<Arc<dyn Room>> {
    let clock = Arc::new(street.clock.clone());
    street.house.chores().into_iter().map(|room| Arc::new(Every::new(room, HOUR, clock.clone())) as _).collect()
}

/// Drives the room of this name until it is idle; how much it did.
async fn drive(rooms: &[Arc<dyn Room>], name: &str) -> u64 {
    let room = rooms.iter().find(|room| room.name() == name).unwrap();
    let mut done = 0;
    while let Progress::Worked(count) = room.step().await.unwrap() {
        done += count;
    }
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_claimed_expires_once_its_years_are_over() {
    let street = street().await;
    for n in 1..=40 {
        street.deposit(n).await;
    }
    let (ours, theirs) = (chores(&street), chores(&street));
    assert_eq!(drive(&ours, "holding.expire").await, 0);
    street.clock.advance(SignedDuration::from_hours(3 * 365 * DAY - 1));
    assert_eq!(drive(&ours, "holding.expire").await, 0, "the last day is not over");
    assert_eq!(street.state(1).await, DepositState::Posted);
    street.clock.advance(SignedDuration::from_hours(DAY));
    let (one, other) = tokio::join!(drive(&ours, "holding.expire"), drive(&theirs, "holding.expire"));
    assert_eq!(one + other, 40, "each deposit expires once, however many processes look");
    street.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(drive(&ours, "holding.expire").await, 0);
    assert_eq!(street.state(40).await, DepositState::Expired);
    let balances = street.house.trial_balance(&mediation()).await.unwrap();
    assert!(balances.iter().any(|line| line.ledger_account == "treasury"));
}

#[tokio::test]
async fn answers_are_forgotten_after_their_time_and_deposits_are_not() {
    let kept = street().await;
    kept.reserve("reserve", vec![request(1)]).await;
    assert_eq!(drive(&chores(&kept), "holding.forget_answers").await, 0, "the time is not over");

    let street = street_with(|settings| Settings { answers_kept: Duration::ZERO, ..settings }).await;
    let first = street.reserve("reserve", vec![request(1)]).await;
    assert_eq!(drive(&chores(&street), "holding.forget_answers").await, 1);
    assert_eq!(street.reserve("reserve", vec![request(1)]).await, first, "the leg keeps its deposit");
}
