//! Killed at any moment and started again, the system goes on, and the end is the same to the øre.
//!
//! Each day is that of a small seeded Denmark in a database of its own, on which the program runs into one crash point after the other (SIGKILL,
//! as if the power had gone) and is started again. What the day has come to is held against a day that was never disturbed: every øre recounted
//! from the files by the auditor, and the houses' own books (`support/end.rs`).

use crate::support::days_after::ERRANDS;
use crate::support::{Kill, Scene, Stage};

/// In a stage the kills of a day follow each other in this order: what little there is of a kind comes first.
type Day = &'static [Kill];

const fn at(stage: Stage, moment: &'static str) -> Kill {
    after(0, stage, moment)
}

const fn after(passages: u32, stage: Stage, moment: &'static str) -> Kill {
    Kill { stage, moment, passages }
}

const CHAINING_PARTIES: Day = &[
    at(Stage::Deliver, "mediation.keep.before_commit"),
    at(Stage::Work, "parties.chain.before_commit"),
    at(Stage::Work, "parties.chain.after_commit"),
    after(1, Stage::Work, "mediation.receive.rows_stored"),
    at(Stage::Work, "mediation.allocate.reserved"),
    at(Stage::Work, "mediation.dispatch.file_stored"),
    at(Stage::Work, "mediation.send.partial_written"),
    at(Stage::BankAnswer, "mediation.settle.kept"),
    at(Stage::Close, "setoff.publish.before_commit"),
    at(Stage::Close, "setoff.publish.after_commit"),
    at(Stage::Release, "register.forget_answers.before_commit"),
    at(Stage::Release, "register.forget_answers.after_commit"),
];

const CHAINING_SETOFF: Day = &[
    at(Stage::Deliver, "mediation.keep.after_commit"),
    at(Stage::Work, "setoff.chain.before_commit"),
    at(Stage::Work, "setoff.chain.after_commit"),
    at(Stage::Work, "mediation.receive.before_commit"),
    after(5, Stage::Work, "mediation.dispatch.file_stored"),
    at(Stage::BankAnswer, "mediation.settle.before_commit"),
    at(Stage::Close, "mediation.reservations.called"),
    after(3, Stage::Close, "mediation.report.before_commit"),
    at(Stage::Release, "holding.follow.before_commit"),
    at(Stage::Release, "holding.follow.after_commit"),
    at(Stage::Confirm, "holding.confirm_release.before_commit"),
];

const FOLLOWING_CHANGES: Day = &[
    at(Stage::Work, "register.follow_changes.before_commit"),
    at(Stage::Work, "register.follow_changes.after_commit"),
    after(9, Stage::Work, "mediation.receive.before_commit"),
    after(1, Stage::Work, "mediation.dispatch.before_commit"),
    at(Stage::Work, "mediation.send.handed_over"),
    at(Stage::BankAnswer, "mediation.settle.after_commit"),
    after(1, Stage::Close, "mediation.reservations.before_commit"),
    at(Stage::Release, "holding.order_release.before_commit"),
    at(Stage::Release, "holding.order_release.after_commit"),
    at(Stage::Confirm, "holding.confirm_release.after_commit"),
];

const SETTING_RULES: Day = &[
    at(Stage::Work, "register.set_specific_rules.before_commit"),
    at(Stage::Work, "register.set_specific_rules.after_commit"),
    after(3, Stage::Work, "mediation.receive.after_commit"),
    after(2, Stage::Work, "mediation.allocate.before_commit"),
    after(8, Stage::Work, "mediation.send.handed_over"),
    at(Stage::Close, "mediation.payouts.called"),
    at(Stage::Release, "holding.submit.called"),
];

const PUBLISHING: Day = &[
    at(Stage::Work, "register.publish_feed.before_commit"),
    at(Stage::Work, "register.publish_feed.after_commit"),
    after(7, Stage::Work, "mediation.allocate.reserved"),
    after(3, Stage::Work, "mediation.send.after_commit"),
    after(2, Stage::Close, "mediation.payouts.before_commit"),
    at(Stage::Release, "holding.submit_release.before_commit"),
];

const INDEXING: Day = &[
    at(Stage::Work, "register.index_accesses.before_commit"),
    after(1, Stage::Work, "register.index_accesses.after_commit"),
    after(4, Stage::Work, "mediation.allocate.after_commit"),
    after(2, Stage::Work, "mediation.dispatch.after_commit"),
    at(Stage::Close, "mediation.report.written"),
];

const MERGING_LOOKUPS: Day = &[
    at(Stage::Work, "register.merge_access_index.before_commit"),
    at(Stage::Work, "register.merge_access_index.after_commit"),
    at(Stage::Release, "holding.chain.before_commit"),
    at(Stage::Release, "holding.chain.after_commit"),
];

const MERGING_PAYEES: Day = &[
    at(Stage::Work, "register.chain.before_commit"),
    at(Stage::Work, "register.chain.after_commit"),
    at(Stage::Work, "mediation.merge_payee_index.before_commit"),
    at(Stage::Work, "mediation.merge_payee_index.after_commit"),
];

/// Years later, and without a stage of their own.
const EXPIRING: &[&str] = &["holding.expire.before_commit", "holding.expire.after_commit"];

async fn survive(days: [(&str, Day); 2]) {
    let [(name, _), _] = days;
    let undisturbed = Scene::set(&format!("{name}_undisturbed")).await.whole_day(&[]).await;
    undisturbed.check();
    for (name, kills) in days {
        let end = Scene::set(name).await.whole_day(kills).await;
        assert_eq!(end, undisturbed, "after {:?}", kills.iter().map(Kill::told).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_on_a_day_of_chained_changes() {
    survive([("chaining_parties", CHAINING_PARTIES), ("chaining_setoff", CHAINING_SETOFF)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_on_a_day_of_followed_changes() {
    survive([("following_changes", FOLLOWING_CHANGES), ("setting_rules", SETTING_RULES)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_on_a_day_of_facts_and_lookups() {
    survive([("publishing", PUBLISHING), ("indexing", INDEXING)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_on_a_day_of_merged_indexes() {
    survive([("merging_lookups", MERGING_LOOKUPS), ("merging_payees", MERGING_PAYEES)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_unclaimed_money_goes_to_the_treasury() {
    let undisturbed = Scene::set("expire_undisturbed").await.day_and_years_later(&[]).await;
    let expired = undisturbed.books.iter().filter(|line| line.starts_with("deposits by state: expired")).count();
    assert!(expired > 0, "{:?}", undisturbed.books);
    assert_eq!(Scene::set("expire_killed").await.day_and_years_later(EXPIRING).await, undisturbed);
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
    let days = [
        CHAINING_PARTIES,
        CHAINING_SETOFF,
        FOLLOWING_CHANGES,
        SETTING_RULES,
        PUBLISHING,
        INDEXING,
        MERGING_LOOKUPS,
        MERGING_PAYEES,
    ];
    let days = days.into_iter().flatten().map(|kill| kill.moment);
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
    let undisturbed = Scene::set("once").await.whole_day(&[]).await;
    undisturbed.check();
    let scene = Scene::set("twice_at_once").await;
    assert_eq!(scene.day_of_two_processes().await, undisturbed);
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_itself_is_killed_in_the_middle_of_the_work() {
    let undisturbed = Scene::set("postgres_undisturbed").await.day(&[]).await;
    let scene = Scene::with_own_server("postgres_killed").await;
    let recount = scene.day_with_server_killed_after_the_first_file().await;
    assert_eq!(recount, undisturbed);
}
