//! Two people who save at the same moment never get each other's data: what went wrong in the national self-service in the summer of 2024.

use std::sync::Arc;

use axum::http::StatusCode;
use contracts::register::{HistoryQuery, Register};
use tokio::sync::Barrier;

use crate::common::{As, KAREN, OLE, Town, browser::Browser, cpr, operator, person_number};

const ROUNDS: u32 = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn people_who_save_at_once_keep_apart() {
    let town = Town::new().await;
    let mut karen = town.signed_in(As::Karen).await;
    let mut ole = town.signed_in(As::Ole).await;
    for round in 0..ROUNDS {
        let (karens, oles) = (format!("500000{}", 1000 + round), format!("500000{}", 2000 + round));
        // Each has two windows open; all four save at once, each on a thread of its own.
        let windows = [(&karen, &karens), (&ole, &oles), (&karen, &karens), (&ole, &oles)]
            .map(|(browser, number)| tokio::spawn(save(browser.clone(), number.clone())));
        for window in windows {
            window.await.unwrap();
        }
        for (browser, own, others) in [(&mut karen, &karens, &oles), (&mut ole, &oles, &karens)] {
            let page = browser.get("/account").await;
            page.expect(StatusCode::OK, &[&masked(own)]);
            page.expect_without(&[&masked(others), others]);
        }
    }
    only_own_accounts(&town, KAREN, "DK|0040|5000001").await;
    only_own_accounts(&town, OLE, "DK|0040|5000002").await;
}

/// How many people save at once, and how often.
const PEOPLE: u8 = 24;
const WAVES: u32 = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_people_who_save_at_once_never_mix() {
    let town = Town::with_people(PEOPLE).await;
    let mut browsers = Vec::new();
    for place in 0..PEOPLE {
        let mut browser = town.browser();
        browser.sign_in_as(usize::from(place)).await;
        browsers.push(browser);
    }
    for wave in 0..WAVES {
        // All have the form before them, and all send it at the same moment.
        let start = Arc::new(Barrier::new(usize::from(PEOPLE)));
        let people: Vec<_> = browsers
            .drain(..)
            .enumerate()
            .map(|(place, mut browser)| {
                let start = Arc::clone(&start);
                tokio::spawn(async move {
                    browser.get("/account/change").await;
                    start.wait().await;
                    let number = own_number(place, wave);
                    browser.send("/account/change", &[("registration", "0040"), ("number", &number)]).await;
                    browser.page.expect(StatusCode::OK, &["Kontoen er registreret", &masked(&number)]);
                    browser
                })
            })
            .collect();
        for person in people {
            browsers.push(person.await.unwrap());
        }
    }
    for place in 0..PEOPLE {
        let query = HistoryQuery { identifier: cpr(&person_number(place)), as_known: None };
        let history = town.register.history(&operator(), query).await.expect("the history");
        assert_eq!(history.len(), WAVES as usize, "every wish, once");
        for entry in history {
            let prefix = format!("DK|0040|{}", &own_number(usize::from(place), 0)[..6]);
            assert!(entry.account.canonical().starts_with(&prefix), "an account of someone else");
        }
    }
}

/// An account number that says whose it is by its first six digits.
fn own_number(place: usize, wave: u32) -> String {
    format!("{}{:04}", 600_000 + place, wave * 7 + 1000)
}

async fn save(mut browser: Browser, number: String) {
    browser.get("/account/change").await;
    browser.send("/account/change", &[("registration", "0040"), ("number", &number)]).await;
    browser.page.expect(StatusCode::OK, &[]);
}

fn masked(number: &str) -> String {
    format!("0040 •••• {}", &number[6..])
}

/// Everything the register has ever been told of the person.
async fn only_own_accounts(town: &Town, person: &str, prefix: &str) {
    let query = HistoryQuery { identifier: cpr(person), as_known: None };
    let history = town.register.history(&operator(), query).await.expect("the history");
    assert!(!history.is_empty());
    for entry in history {
        assert!(entry.account.canonical().starts_with(prefix), "an account of someone else");
    }
}
