//! Killed at any moment and started again, the system goes on, and the end is the same to the øre.
//!
//! Each case seeds a small Denmark in a database of its own, lets the program run into a crash point (SIGKILL, as if the power had gone),
//! and starts it again. What the day has come to is held against a day that was never disturbed: every øre recounted from the files by the
//! auditor, and the houses' own books (`support/end.rs`).
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::time::Duration;

use support::{Scene, Stage};

/// One kill: where, how many passages are let through first, and in which stage of the day it strikes.
struct Kill {
    stage: Stage,
    point: &'static str,
    passages: u32,
}

const fn kill(stage: Stage, point: &'static str, passages: u32) -> Kill {
    Kill { stage, point, passages }
}

async fn survive(part: &str, kills: &[Kill]) {
    let undisturbed = Scene::set(&format!("{part}_undisturbed")).await.whole_day(None).await;
    undisturbed.check();
    for (number, Kill { stage, point, passages }) in kills.iter().enumerate() {
        let scene = Scene::set(&format!("{part}_{number}")).await;
        let end = scene.whole_day(Some((*stage, &format!("{point}:{passages}")))).await;
        assert_eq!(end, undisturbed, "after a kill at {point}:{passages}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_keeps_and_reads_deliveries() {
    let kills = [
        kill(Stage::Deliver, "mediation.keep.before_commit", 0),
        kill(Stage::Deliver, "mediation.keep.after_commit", 0),
        kill(Stage::Work, "mediation.receive.rows_stored", 1),
        kill(Stage::Work, "mediation.receive.before_commit", 0),
        kill(Stage::Work, "mediation.receive.before_commit", 9),
        kill(Stage::Work, "mediation.receive.after_commit", 3),
    ];
    survive("receive", &kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_allocates_and_dispatches() {
    let kills = [
        kill(Stage::Work, "mediation.allocate.reserved", 0),
        kill(Stage::Work, "mediation.allocate.reserved", 7),
        kill(Stage::Work, "mediation.allocate.before_commit", 2),
        kill(Stage::Work, "mediation.allocate.after_commit", 4),
        kill(Stage::Work, "mediation.dispatch.file_stored", 0),
        kill(Stage::Work, "mediation.dispatch.file_stored", 5),
        kill(Stage::Work, "mediation.dispatch.before_commit", 1),
        kill(Stage::Work, "mediation.dispatch.after_commit", 2),
    ];
    survive("dispatch", &kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_sends_files_and_takes_a_banks_answer() {
    let kills = [
        kill(Stage::Work, "mediation.send.partial_written", 0),
        kill(Stage::Work, "mediation.send.handed_over", 0),
        kill(Stage::Work, "mediation.send.handed_over", 8),
        kill(Stage::Work, "mediation.send.after_commit", 3),
        kill(Stage::BankAnswer, "mediation.settle.kept", 0),
        kill(Stage::BankAnswer, "mediation.settle.before_commit", 0),
        kill(Stage::BankAnswer, "mediation.settle.after_commit", 0),
    ];
    survive("send", &kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_settles_reservations_and_reports() {
    let kills = [
        kill(Stage::Close, "mediation.reservations.called", 0),
        kill(Stage::Close, "mediation.reservations.before_commit", 1),
        kill(Stage::Close, "mediation.report.written", 0),
        kill(Stage::Close, "mediation.report.before_commit", 3),
    ];
    survive("close", &kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_releases_deposits() {
    let kills = [
        kill(Stage::Release, "holding.follow.before_commit", 0),
        kill(Stage::Release, "holding.follow.after_commit", 0),
        kill(Stage::Release, "holding.order.before_commit", 0),
        kill(Stage::Release, "holding.order.after_commit", 0),
        kill(Stage::Release, "holding.submit.called", 0),
        kill(Stage::Release, "holding.submit.before_commit", 0),
        kill(Stage::Confirm, "holding.confirm.before_commit", 0),
        kill(Stage::Confirm, "holding.confirm.after_commit", 0),
    ];
    survive("release", &kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_publishes_indexes_and_forgets() {
    let kills = [
        kill(Stage::Work, "register.publish_feed.before_commit", 0),
        kill(Stage::Work, "register.publish_feed.after_commit", 0),
        kill(Stage::Work, "register.index_accesses.before_commit", 0),
        kill(Stage::Work, "register.index_accesses.after_commit", 1),
        kill(Stage::Release, "register.forget_answers.before_commit", 0),
        kill(Stage::Release, "register.forget_answers.after_commit", 0),
        kill(Stage::Close, "setoff.publish.before_commit", 0),
        kill(Stage::Close, "setoff.publish.after_commit", 0),
    ];
    survive("publish", &kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_merges_its_indexes() {
    let kills = [
        kill(Stage::Work, "register.merge_access_index.before_commit", 0),
        kill(Stage::Work, "register.merge_access_index.after_commit", 0),
        kill(Stage::Work, "mediation.merge_payee_index.before_commit", 0),
        kill(Stage::Work, "mediation.merge_payee_index.after_commit", 0),
    ];
    survive("merge", &kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_unclaimed_money_goes_to_the_treasury() {
    let undisturbed = Scene::set("expire_undisturbed").await.day_and_years_later(None).await;
    let expired = undisturbed.books.iter().filter(|line| line.starts_with("deposits by state: expired")).count();
    assert!(expired > 0, "{:?}", undisturbed.books);
    for point in ["holding.expire.before_commit:0", "holding.expire.after_commit:0"] {
        let scene = Scene::set(&format!("expire_{}", point.len())).await;
        assert_eq!(scene.day_and_years_later(Some(point)).await, undisturbed, "after a kill at {point}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_deliver_the_same_files_and_work_at_once() {
    let undisturbed = Scene::set("once").await.whole_day(None).await;
    undisturbed.check();
    let scene = Scene::set("twice_at_once").await;
    assert_eq!(scene.day_of_two_processes().await, undisturbed);
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_itself_is_killed_in_the_middle_of_the_work() {
    let undisturbed = Scene::set("postgres_undisturbed").await.day(None).await;
    let scene = Scene::with_own_server("postgres_killed").await;
    let recount = scene.day_with_server_killed_after_the_first_file(Duration::from_secs(60)).await;
    assert_eq!(recount, undisturbed);
}
