//! Deposits find their way to payees who have got an account.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use contracts::{
    holding::{DepositState, Holding},
    mediation::PaymentState,
    register::{AccountPurpose, RegisterEvent},
};
use jiff::civil::date;
use platform::driver::{Progress, Room};
use primitives::{AgreementNumber, BenefitCode, EntryRef};
use support::{DAY, Street, agreement, holder, mediation, person, release_room, request, street};
use tokio::task::JoinSet;

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
