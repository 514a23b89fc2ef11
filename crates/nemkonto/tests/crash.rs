//! Killed at any moment and started again, the system goes on, and the end is the same to the øre.
//!
//! Each case seeds a small Denmark in a database of its own, lets the program run into a crash point (SIGKILL, as if the power had gone),
//! and starts it again. What the day has come to is held against a day that was never disturbed: every øre recounted from the files by the
//! auditor, and the houses' own books (`support/end.rs`).
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::time::Duration;

use support::days_after::ERRANDS;
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

const RECEIVING: &[Kill] = &[
    kill(Stage::Deliver, "mediation.keep.before_commit", 0),
    kill(Stage::Deliver, "mediation.keep.after_commit", 0),
    kill(Stage::Work, "mediation.receive.rows_stored", 1),
    kill(Stage::Work, "mediation.receive.before_commit", 0),
    kill(Stage::Work, "mediation.receive.before_commit", 9),
    kill(Stage::Work, "mediation.receive.after_commit", 3),
];

const DISPATCHING: &[Kill] = &[
    kill(Stage::Work, "mediation.allocate.reserved", 0),
    kill(Stage::Work, "mediation.allocate.reserved", 7),
    kill(Stage::Work, "mediation.allocate.before_commit", 2),
    kill(Stage::Work, "mediation.allocate.after_commit", 4),
    kill(Stage::Work, "mediation.dispatch.file_stored", 0),
    kill(Stage::Work, "mediation.dispatch.file_stored", 5),
    kill(Stage::Work, "mediation.dispatch.before_commit", 1),
    kill(Stage::Work, "mediation.dispatch.after_commit", 2),
];

const SENDING: &[Kill] = &[
    kill(Stage::Work, "mediation.send.partial_written", 0),
    kill(Stage::Work, "mediation.send.handed_over", 0),
    kill(Stage::Work, "mediation.send.handed_over", 8),
    kill(Stage::Work, "mediation.send.after_commit", 3),
    kill(Stage::BankAnswer, "mediation.settle.kept", 0),
    kill(Stage::BankAnswer, "mediation.settle.before_commit", 0),
    kill(Stage::BankAnswer, "mediation.settle.after_commit", 0),
];

const CLOSING: &[Kill] = &[
    kill(Stage::Close, "mediation.reservations.called", 0),
    kill(Stage::Close, "mediation.reservations.before_commit", 1),
    kill(Stage::Close, "mediation.payouts.called", 0),
    kill(Stage::Close, "mediation.payouts.before_commit", 2),
    kill(Stage::Close, "mediation.report.written", 0),
    kill(Stage::Close, "mediation.report.before_commit", 3),
];

const RELEASING: &[Kill] = &[
    kill(Stage::Release, "holding.follow.before_commit", 0),
    kill(Stage::Release, "holding.follow.after_commit", 0),
    kill(Stage::Release, "holding.order_release.before_commit", 0),
    kill(Stage::Release, "holding.order_release.after_commit", 0),
    kill(Stage::Release, "holding.submit.called", 0),
    kill(Stage::Release, "holding.submit_release.before_commit", 0),
    kill(Stage::Confirm, "holding.confirm_release.before_commit", 0),
    kill(Stage::Confirm, "holding.confirm_release.after_commit", 0),
];

const PUBLISHING: &[Kill] = &[
    kill(Stage::Work, "register.publish_feed.before_commit", 0),
    kill(Stage::Work, "register.publish_feed.after_commit", 0),
    kill(Stage::Work, "register.index_accesses.before_commit", 0),
    kill(Stage::Work, "register.index_accesses.after_commit", 1),
    kill(Stage::Release, "register.forget_answers.before_commit", 0),
    kill(Stage::Release, "register.forget_answers.after_commit", 0),
    kill(Stage::Close, "setoff.publish.before_commit", 0),
    kill(Stage::Close, "setoff.publish.after_commit", 0),
];

const MERGING: &[Kill] = &[
    kill(Stage::Work, "register.merge_access_index.before_commit", 0),
    kill(Stage::Work, "register.merge_access_index.after_commit", 0),
    kill(Stage::Work, "mediation.merge_payee_index.before_commit", 0),
    kill(Stage::Work, "mediation.merge_payee_index.after_commit", 0),
];

/// What seeding has changed.
const FOLLOWING: &[Kill] = &[
    kill(Stage::Work, "parties.chain.before_commit", 0),
    kill(Stage::Work, "parties.chain.after_commit", 0),
    kill(Stage::Work, "setoff.chain.before_commit", 0),
    kill(Stage::Work, "setoff.chain.after_commit", 0),
    kill(Stage::Work, "register.follow_changes.before_commit", 0),
    kill(Stage::Work, "register.follow_changes.after_commit", 0),
    kill(Stage::Work, "register.set_specific_rules.before_commit", 0),
    kill(Stage::Work, "register.set_specific_rules.after_commit", 0),
];

/// Years later, and without a stage of their own.
const EXPIRING: &[&str] = &["holding.expire.before_commit", "holding.expire.after_commit"];

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
    survive("receive", RECEIVING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_allocates_and_dispatches() {
    survive("dispatch", DISPATCHING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_sends_files_and_takes_a_banks_answer() {
    survive("send", SENDING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_settles_reservations_and_reports() {
    survive("close", CLOSING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_releases_deposits() {
    survive("release", RELEASING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_publishes_indexes_and_forgets() {
    survive("publish", PUBLISHING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_merges_its_indexes() {
    survive("merge", MERGING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_follows_and_chains_what_has_changed() {
    survive("follow", FOLLOWING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_unclaimed_money_goes_to_the_treasury() {
    let undisturbed = Scene::set("expire_undisturbed").await.day_and_years_later(None).await;
    let expired = undisturbed.books.iter().filter(|line| line.starts_with("deposits by state: expired")).count();
    assert!(expired > 0, "{:?}", undisturbed.books);
    for (number, point) in EXPIRING.iter().enumerate() {
        let scene = Scene::set(&format!("expire_{number}")).await;
        assert_eq!(scene.day_and_years_later(Some(point)).await, undisturbed, "after a kill at {point}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_on_the_days_after() {
    let undisturbed = Scene::set("after_undisturbed").await.days_after(false).await;
    undisturbed.0.check();
    let disturbed = Scene::set("after_killed").await.days_after(true).await;
    assert_eq!(disturbed, undisturbed);
}

/// The steps of rooms that are not called as their room is.
const STEPS: &[(&str, &[&str])] = &[
    (
        "holding.release",
        &["holding.follow.", "holding.order_release.", "holding.submit_release.", "holding.confirm_release.", "holding.submit."],
    ),
    ("mediation.reservations", &["mediation.reservations."]),
    ("register.follow_locks", &["register.set_specific_rules."]),
];
/// Rooms that write nothing: they warn.
const WARNING: &[&str] = &["setoff.overdue"];

#[tokio::test(flavor = "multi_thread")]
async fn every_room_that_writes_is_killed_twice() {
    let days = [RECEIVING, DISPATCHING, SENDING, CLOSING, RELEASING, PUBLISHING, MERGING, FOLLOWING];
    let days = days.into_iter().flatten().map(|kill| kill.point);
    let moments: Vec<&str> =
        days.chain(EXPIRING.iter().chain(ERRANDS.iter().flat_map(|errand| errand.moments)).copied()).collect();
    let scene = Scene::set("rooms").await;
    for room in scene.street.rooms().iter().map(|room| room.name()).filter(|room| !WARNING.contains(room)) {
        let own = format!("{room}.");
        let steps = STEPS
            .iter()
            .find(|(of, _)| room.starts_with(of))
            .map_or(std::slice::from_ref(&own.as_str()), |(_, steps)| *steps)
            .to_vec();
        let killed = moments.iter().filter(|moment| steps.iter().any(|step| moment.starts_with(step))).count();
        assert!(killed >= 2, "{room} is killed at {killed} moments");
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
