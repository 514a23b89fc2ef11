//! Deposits find their way to payees who have got an account.

use contracts::{
    ProblemCode,
    holding::{DepositState, Holding},
    mediation::PaymentState,
    register::{AccountPurpose, RegisterEvent},
};
use jiff::{SignedDuration, civil::date};
use platform::driver::{Progress, Room};
use primitives::{AgreementNumber, BenefitCode, EntryRef};
use tokio::task::JoinSet;

use crate::support::{DAY, Street, agreement, holder, key, leg, mediation, person, release_room, request, street};

/// What the ledger says the payees are owed, in øre.
async fn owed(street: &Street) -> i64 {
    let balances = street.house.trial_balance(&mediation()).await.unwrap();
    balances.iter().filter(|line| line.ledger_account == "payees").map(|line| line.credits.minor() - line.debits.minor()).sum()
}

#[tokio::test]
async fn a_designated_account_releases_what_waits() {
    let street = street().await;
    street.deposit(1).await;
    street.deposit(2).await;
    street.settle_down().await;
    assert!(street.mediation.payments().is_empty(), "nobody has an account yet");

    street.register.designate(holder(1), person(1), date(2026, 3, 9));
    street.settle_down().await;
    let payments = street.mediation.payments();
    assert_eq!(payments.len(), 1);
    let (payment, order) = &payments[0];
    assert_eq!((payment.payer, payment.on, payment.amount), (agreement(), date(2026, 3, 9), request(1).amount));
    assert_eq!((&order.payee, order.benefit), (&person(1), request(1).benefit));
    assert!(order.account.is_none() && !order.exempt_from_setoff, "a release is an ordinary, incomplete order");
    assert_eq!(street.state(1).await, DepositState::Releasing);
    assert_eq!(owed(&street).await, 200_003, "the money is owed until the bank has it");

    street.mediation.bank_says(PaymentState::Accepted);
    street.settle_down().await;
    let released = &street.house.deposits(&mediation(), person(1)).await.unwrap()[0];
    assert_eq!((released.state, released.released_by), (DepositState::Released, Some(payment.payment)));
    assert_eq!(street.state(2).await, DepositState::Posted);
    assert_eq!(owed(&street).await, 100_002);
}

#[tokio::test]
async fn a_failed_release_waits_for_the_next_account() {
    let street = street().await;
    street.deposit(1).await;
    for (state, round) in [(PaymentState::Rejected, 1), (PaymentState::Returned, 2), (PaymentState::Stopped, 3)] {
        street.register.designate(holder(1), person(1), DAY);
        street.settle_down().await;
        assert_eq!(street.mediation.payments().len(), round, "one attempt per designation");
        street.mediation.bank_says(state);
        street.settle_down().await;
        let waiting = &street.house.deposits(&mediation(), person(1)).await.unwrap()[0];
        assert_eq!((waiting.state, waiting.released_by), (DepositState::Posted, None));
        assert_eq!(owed(&street).await, 100_001);
    }
    street.register.designate(holder(1), person(1), DAY);
    street.settle_down().await;
    street.mediation.bank_says(PaymentState::Accepted);
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Released);
    let ids: Vec<_> = street.mediation.payments().into_iter().map(|(payment, _)| payment.end_to_end_id).collect();
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "each attempt has a reference of its own");
}

#[tokio::test]
async fn an_account_designated_while_a_release_is_under_way_is_tried_when_it_fails() {
    let street = street().await;
    street.deposit(1).await;
    street.register.designate(holder(1), person(1), DAY);
    street.settle_down().await;
    street.register.designate(holder(1), person(1), DAY);
    street.settle_down().await;
    assert_eq!(street.mediation.payments().len(), 1, "one release at a time");
    street.mediation.bank_says(PaymentState::Rejected);
    street.settle_down().await;
    assert_eq!(street.mediation.payments().len(), 2);
    street.mediation.bank_says(PaymentState::Accepted);
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Released);
}

#[tokio::test]
async fn a_refused_order_waits_and_the_others_go_on() {
    let street = street().await;
    street.deposit(1).await;
    street.deposit(2).await;
    street.mediation.refuse(person(1));
    street.register.designate(holder(1), person(1), DAY);
    street.register.designate(holder(2), person(2), DAY);
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Posted);
    assert_eq!(street.state(2).await, DepositState::Releasing);
}

#[tokio::test]
async fn an_account_designated_before_the_money_came_is_found_by_asking() {
    let street = street().await;
    street.reserve("reserve", vec![request(1)]).await;
    // The feed told of it before the reservation was made.
    street.register.known(holder(1), person(1), date(2026, 3, 6));
    street.settle_down().await;
    assert!(street.mediation.payments().is_empty(), "what is not posted is not released");
    street.post(1).await;
    street.settle_down().await;
    assert_eq!(street.register.asked().len(), 1, "the register is asked once");
    let payments = street.mediation.payments();
    assert_eq!(payments.iter().map(|(payment, _)| payment.on).collect::<Vec<_>>(), [date(2026, 3, 9)], "the 5th bank day");
}

#[tokio::test]
async fn an_account_told_of_while_the_money_is_on_its_way_is_used_when_it_comes() {
    let street = street().await;
    street.reserve("reserve", vec![request(1)]).await;
    street.register.designate(holder(1), person(1), date(2026, 3, 4));
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Reserved);
    street.post(1).await;
    street.settle_down().await;
    assert!(street.register.asked().is_empty(), "the register has told already");
    assert_eq!(street.mediation.payments()[0].0.on, date(2026, 3, 4));
}

#[tokio::test]
async fn a_merge_loses_no_deposit() {
    let street = street().await;
    street.deposit(1).await;
    street.settle_down().await;
    street.register.tell(RegisterEvent::HolderMerged { from: holder(1), into: holder(2) });
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Posted, "neither has an account");
    street.register.designate(holder(2), person(2), DAY);
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Releasing, "the holder that stands for both has one");

    street.deposit(3).await;
    street.settle_down().await;
    street.register.known(holder(3), person(3), DAY);
    street.register.tell(RegisterEvent::HolderMerged { from: holder(3), into: holder(4) });
    street.settle_down().await;
    assert_eq!(street.state(3).await, DepositState::Releasing, "one of the two had an account before");
}

#[tokio::test]
async fn merges_that_follow_each_other_lose_no_deposit() {
    let street = street().await;
    street.deposit(1).await;
    street.settle_down().await;
    street.register.tell(RegisterEvent::HolderMerged { from: holder(1), into: holder(2) });
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Posted, "neither has an account");
    street.register.known(holder(3), person(1), DAY);
    street.register.tell(RegisterEvent::HolderMerged { from: holder(2), into: holder(3) });
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Releasing, "the third had an account before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_told_while_the_register_answers_loses_no_deposit() {
    let street = street().await;
    street.deposit(1).await;
    let answer = street.register.hold_next_answer();
    let asking = release_room(&street.house, &street.register, &street.mediation);
    let asking = tokio::spawn(async move { asking.step().await.map(drop) });
    while street.register.asked().is_empty() {
        tokio::task::yield_now().await;
    }
    // Another worker hears of the merge, and gets no further.
    street.register.known(holder(2), person(1), DAY);
    street.register.tell(RegisterEvent::HolderMerged { from: holder(1), into: holder(2) });
    street.register.away(true);
    assert!(street.release.step().await.is_err());
    street.register.away(false);
    answer.notify_one();
    asking.await.unwrap().unwrap();
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Releasing, "what was told since the question stands");
}

#[tokio::test]
async fn a_release_that_comes_back_is_owed_again() {
    let street = street().await;
    street.deposit(1).await;
    street.register.designate(holder(1), person(1), DAY);
    street.settle_down().await;
    street.mediation.bank_says(PaymentState::Accepted);
    street.settle_down().await;
    assert_eq!((street.state(1).await, owed(&street).await), (DepositState::Released, 0));
    street.clock.advance(SignedDuration::from_hours(48));
    street.mediation.bank_returns();
    street.settle_down().await;
    let waiting = &street.house.deposits(&mediation(), person(1)).await.unwrap()[0];
    assert_eq!((waiting.state, waiting.released_by), (DepositState::Posted, None));
    assert_eq!(owed(&street).await, 100_001, "the money is in the state's account again, and is the payee's");
    street.register.designate(holder(1), person(1), DAY);
    street.settle_down().await;
    street.mediation.bank_says(PaymentState::Accepted);
    street.settle_down().await;
    assert_eq!((street.state(1).await, owed(&street).await), (DepositState::Released, 0));
}

#[tokio::test]
async fn a_release_the_bank_rejected_is_tried_again_ever_more_seldom() {
    let street = street().await;
    street.deposit(1).await;
    street.register.designate(holder(1), person(1), DAY);
    street.settle_down().await;
    for (attempts, days) in [(1, 1), (2, 2), (3, 4)] {
        street.mediation.bank_says(if attempts == 2 { PaymentState::Stopped } else { PaymentState::Rejected });
        street.settle_down().await;
        street.clock.advance(SignedDuration::from_hours(24 * days - 24));
        street.settle_down().await;
        assert_eq!(street.mediation.payments().len(), attempts, "not before its time");
        street.clock.advance(SignedDuration::from_hours(24));
        street.settle_down().await;
        assert_eq!(street.mediation.payments().len(), attempts + 1, "the payee's account may be as good as ever");
    }
    street.mediation.bank_says(PaymentState::Accepted);
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Released);
}

#[tokio::test]
async fn a_release_without_an_account_waits_for_one() {
    let street = street().await;
    street.deposit(1).await;
    street.register.designate(holder(1), person(1), DAY);
    street.settle_down().await;
    street.mediation.bank_says(PaymentState::Returned);
    for _ in 0..40 {
        street.settle_down().await;
        street.clock.advance(SignedDuration::from_hours(24));
    }
    assert_eq!(street.mediation.payments().len(), 1);
}

#[tokio::test]
async fn an_account_far_ahead_is_paid_when_it_is_near_and_stops_no_other() {
    let street = street().await;
    street.mediation.take_until(date(2027, 3, 2));
    street.deposit(1).await;
    street.deposit(2).await;
    street.register.designate(holder(1), person(1), date(2027, 6, 1));
    street.register.designate(holder(2), person(2), DAY);
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Posted);
    assert_eq!(street.state(2).await, DepositState::Releasing);
    street.mediation.take_until(date(2028, 6, 1));
    street.clock.advance(SignedDuration::from_hours(24 * 451));
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Releasing, "the fifth bank day from here is the account's first");
    assert_eq!(street.mediation.payments()[1].0.on, date(2027, 6, 1));
}

#[tokio::test]
async fn a_batch_that_is_refused_for_good_is_ordered_anew() {
    let street = street().await;
    street.deposit(1).await;
    street.register.designate(holder(1), person(1), DAY);
    street.mediation.refuse_batches(&[ProblemCode::InvalidInput]);
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Posted, "nothing was ordered");
    street.clock.advance(SignedDuration::from_hours(24));
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Releasing);
    assert_eq!(street.mediation.payments().len(), 1);
}

#[tokio::test]
async fn a_batch_that_cannot_be_submitted_stops_no_other() {
    let street = street().await;
    for n in 1..=3 {
        street.deposit(n).await;
    }
    street.register.designate(holder(1), person(1), DAY);
    street.settle_down().await;
    street.mediation.bank_says(PaymentState::Accepted);
    street.register.designate(holder(2), person(2), DAY);
    street.register.designate(holder(3), person(3), date(2026, 3, 4));
    // Somebody has used the first batch's key, say: whether it was taken cannot be known.
    street.mediation.refuse_batches(&[ProblemCode::IdempotencyMismatch]);
    assert!(street.release.step().await.is_err(), "the room says that something is wrong");
    assert_eq!(street.state(1).await, DepositState::Released, "what became of the others was asked");
    assert_eq!(street.mediation.payments().len(), 2, "the other batch was submitted");
    street.settle_down().await;
    assert_eq!(street.mediation.payments().len(), 3);
}

#[tokio::test]
async fn facts_told_after_the_register_was_restored_are_not_passed_over() {
    let told_before = async |street: &Street| {
        for n in 11..=13 {
            street.register.designate(holder(n), person(n), DAY);
        }
        street.deposit(1).await;
        street.settle_down().await;
    };
    // The reader comes while the register is still behind it, and when it has gone past.
    for later in [0, 5] {
        let street = street().await;
        told_before(&street).await;
        street.register.restore(2);
        street.register.designate(holder(1), person(1), DAY);
        for n in 21..21 + later {
            street.register.designate(holder(n), person(n), DAY);
        }
        street.settle_down().await;
        assert_eq!(street.state(1).await, DepositState::Releasing, "{later} facts later");
    }
}

#[tokio::test]
async fn a_deposit_whose_money_has_gone_back_is_not_released_again() {
    let street = street().await;
    for n in 1..=2 {
        street.deposit(n).await;
        street.register.designate(holder(n), person(n), DAY);
    }
    street.settle_down().await;
    let reverse = async |n, name: &str| street.house.reverse(&mediation(), &key(name), vec![leg(n)]).await.unwrap().remove(0);
    assert_eq!(reverse(1, "under-way").await.unwrap_err().code, ProblemCode::Conflict, "its release is under way");
    street.mediation.bank_says(PaymentState::Rejected);
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Reversed, "the release has failed: nothing is owed");
    assert_eq!(street.state(2).await, DepositState::Posted);
    street.register.designate(holder(1), person(1), DAY);
    street.register.designate(holder(2), person(2), DAY);
    street.settle_down().await;
    street.mediation.bank_says(PaymentState::Accepted);
    street.settle_down().await;
    assert_eq!(street.state(2).await, DepositState::Released);
    assert_eq!(reverse(2, "released").await.unwrap_err().code, ProblemCode::Conflict, "the payee has the money");
    street.clock.advance(SignedDuration::from_hours(24));
    street.mediation.bank_returns();
    street.settle_down().await;
    assert_eq!(street.state(2).await, DepositState::Reversed, "both have come back");
    assert_eq!((street.mediation.payments().len(), owed(&street).await), (3, 0));
}

#[tokio::test]
async fn payments_are_asked_about_together_and_ever_more_seldom() {
    let street = street().await;
    for n in 1..=30 {
        street.deposit(n).await;
        street.register.designate(holder(n), person(n), DAY);
    }
    street.settle_down().await;
    street.clock.advance(SignedDuration::from_hours(1));
    let before = street.mediation.asked().len();
    for _ in 0..24 * 6 {
        street.settle_down().await;
        street.clock.advance(SignedDuration::from_mins(10));
    }
    let asked = street.mediation.asked()[before..].to_vec();
    assert!(asked.iter().all(|payments| *payments == 30), "all in one question");
    assert!(asked.len() <= 30, "about once an hour: {}", asked.len());
    street.mediation.bank_says(PaymentState::Accepted);
    street.clock.advance(SignedDuration::from_hours(1));
    street.settle_down().await;
    let before = street.mediation.asked().len();
    for _ in 0..60 {
        street.clock.advance(SignedDuration::from_hours(24));
        street.settle_down().await;
    }
    assert_eq!(street.mediation.asked().len() - before, 30, "daily while the payment may come back, and then no more");
}

#[tokio::test]
async fn a_specific_account_and_an_ended_one_release_nothing() {
    let street = street().await;
    street.deposit(1).await;
    street.settle_down().await;
    let purpose = AccountPurpose::Specific {
        payer: AgreementNumber::parse("12345678").unwrap(),
        benefit: BenefitCode::parse("NKSOST").unwrap(),
    };
    let entry = EntryRef(1);
    street.register.tell(RegisterEvent::AccountDesignated {
        holder: holder(1),
        identifier: person(1),
        purpose: purpose.clone(),
        entry,
        effective_from: DAY,
    });
    street.register.tell(RegisterEvent::AccountEnded { holder: holder(1), purpose, entry, from: DAY });
    street.settle_down().await;
    assert_eq!(street.state(1).await, DepositState::Posted);
    assert!(street.mediation.payments().is_empty());
}

#[tokio::test]
async fn a_lost_answer_pays_nothing_twice() {
    let street = street().await;
    for n in 1..=3 {
        street.deposit(n).await;
        street.register.designate(holder(n), person(n), DAY);
    }
    street.mediation.lose_answers(2);
    assert!(street.release.step().await.is_err());
    assert!(street.release.step().await.is_err());
    street.settle_down().await;
    assert_eq!(street.mediation.payments().len(), 3);
    street.mediation.bank_says(PaymentState::Accepted);
    street.settle_down().await;
    assert_eq!(owed(&street).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_workers_pay_nothing_twice() {
    let street = street().await;
    for n in 1..=30 {
        street.deposit(n).await;
        street.register.designate(holder(n), person(n), DAY);
    }
    let mut workers = JoinSet::new();
    for _ in 0..6 {
        let room = release_room(&street.house, &street.register, &street.mediation);
        workers.spawn(async move { while !matches!(room.step().await.unwrap(), Progress::Idle) {} });
    }
    workers.join_all().await;
    let mut paid: Vec<_> = street.mediation.payments().into_iter().map(|(payment, _)| payment.payee).collect();
    assert_eq!(paid.len(), 30);
    paid.sort();
    paid.dedup();
    assert_eq!(paid.len(), 30, "each payee is paid once");
    street.mediation.bank_says(PaymentState::Accepted);
    street.settle_down().await;
    assert_eq!(owed(&street).await, 0);
}
