//! One program or several: houses in processes of their own are the same system.

use std::process::Command;
use std::time::{Duration, Instant};

use nemkonto::places::HouseName;

use crate::support::{PATIENCE, Scene};

#[tokio::test(flavor = "multi_thread")]
async fn houses_in_processes_of_their_own_pay_the_same() {
    let together = Scene::set("together").await;
    let one = together.day(&[]).await;
    let scene = Scene::set_apart("apart", &[HouseName::Register, HouseName::Parties, HouseName::Setoff]).await;
    let several = scene.day(&[]).await;
    assert!(several.balanced, "{:?}", several.differences);
    assert_eq!(several, one);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_is_killed_and_started_again_loses_nothing() {
    let undisturbed = Scene::set("register_undisturbed").await.day(&[]).await;
    let mut scene = Scene::set_apart("register_killed", &[HouseName::Register]).await;
    // What it was asked is looked up and logged, and the answer never leaves.
    scene.start_apart(0, Some("register.resolve.logged:2"));
    scene.deliver_all(Vec::new()).await;
    let mut worker = scene.command(&["work"]).spawn().unwrap();
    scene.wait_for_kill(0);
    // Long enough to be asked again, and for the failure to be dealt with.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(scene.street.has_open_work().await.unwrap(), "the work was over before the register was killed");
    scene.start_apart(0, None);
    let since = Instant::now();
    while scene.street.has_open_work().await.unwrap() {
        assert!(since.elapsed() < PATIENCE, "the work does not go on");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(Command::new("kill").arg(worker.id().to_string()).status().unwrap().success());
    assert!(worker.wait().unwrap().success());
    scene.answer_all(Vec::new()).await;
    scene.run_killed_then_whole(&["work", "--until-idle"], Vec::new()).await;
    assert_eq!(scene.recount(), undisturbed);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_stops_with_an_error_while_a_house_is_away_and_goes_on_later() {
    let undisturbed = Scene::set("setoff_undisturbed").await.day(&[]).await;
    let mut scene = Scene::set_apart("setoff_away", &[HouseName::Setoff]).await;
    scene.deliver_all(Vec::new()).await;
    scene.stop_apart(0);
    let ended = scene.command(&["work", "--until-idle"]).status().unwrap();
    assert!(!ended.success(), "it worked without set-off");
    scene.start_apart(0, None);
    scene.run_killed_then_whole(&["work", "--until-idle"], Vec::new()).await;
    scene.answer_all(Vec::new()).await;
    scene.run_killed_then_whole(&["work", "--until-idle"], Vec::new()).await;
    assert_eq!(scene.recount(), undisturbed);
}
