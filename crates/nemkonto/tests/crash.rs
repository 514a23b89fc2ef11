//! Killed at any moment and started again, the system goes on, and the end is the same to the øre.
//!
//! Each case seeds a small Denmark in a database of its own, lets the program run into a crash point (SIGKILL, as if the power had gone),
//! starts it again, and has every øre recounted from the files by the auditor, beside a run that was never disturbed.
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

async fn survive(room: &str, kills: &[Kill]) {
    let undisturbed = Scene::set(&format!("{room}_undisturbed")).await.day(None).await;
    assert!(undisturbed.balanced, "{:?}", undisturbed.differences);
    for (number, Kill { stage, point, passages }) in kills.iter().enumerate() {
        let scene = Scene::set(&format!("{room}_{number}")).await;
        let recount = scene.day(Some((*stage, &format!("{point}:{passages}")))).await;
        assert_eq!(recount, undisturbed, "after a kill at {point}:{passages}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_keeps_a_delivery() {
    survive(
        "keep",
        &[kill(Stage::Deliver, "mediation.keep.before_commit", 0), kill(Stage::Deliver, "mediation.keep.after_commit", 0)],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_reads_deliveries() {
    let kills = [
        kill(Stage::Work, "mediation.receive.rows_stored", 1),
        kill(Stage::Work, "mediation.receive.before_commit", 0),
        kill(Stage::Work, "mediation.receive.before_commit", 9),
        kill(Stage::Work, "mediation.receive.after_commit", 3),
    ];
    survive("receive", &kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_allocates() {
    let kills = [
        kill(Stage::Work, "mediation.allocate.reserved", 0),
        kill(Stage::Work, "mediation.allocate.reserved", 7),
        kill(Stage::Work, "mediation.allocate.before_commit", 2),
        kill(Stage::Work, "mediation.allocate.after_commit", 4),
    ];
    survive("allocate", &kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_dispatches() {
    let kills = [
        kill(Stage::Work, "mediation.dispatch.file_stored", 0),
        kill(Stage::Work, "mediation.dispatch.file_stored", 5),
        kill(Stage::Work, "mediation.dispatch.before_commit", 1),
        kill(Stage::Work, "mediation.dispatch.after_commit", 2),
    ];
    survive("dispatch", &kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_writing_a_file_and_its_commit() {
    let kills = [
        kill(Stage::Work, "mediation.send.partial_written", 0),
        kill(Stage::Work, "mediation.send.handed_over", 0),
        kill(Stage::Work, "mediation.send.handed_over", 8),
        kill(Stage::Work, "mediation.send.after_commit", 3),
    ];
    survive("send", &kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_takes_a_banks_answer() {
    let kills = [
        kill(Stage::BankAnswer, "mediation.settle.kept", 0),
        kill(Stage::BankAnswer, "mediation.settle.before_commit", 0),
        kill(Stage::BankAnswer, "mediation.settle.after_commit", 0),
    ];
    survive("settle", &kills).await;
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
async fn postgres_itself_is_killed_in_the_middle_of_the_work() {
    let undisturbed = Scene::set("postgres_undisturbed").await.day(None).await;
    let scene = Scene::with_own_server("postgres_killed").await;
    let recount = scene.day_with_server_killed_after_the_first_file(Duration::from_secs(60)).await;
    assert_eq!(recount, undisturbed);
}
