//! Two people who save at the same moment never get each other's data: what went wrong in the national self-service in the summer of 2024.

mod common;

use axum::http::StatusCode;
use common::{As, KAREN, OLE, Town, browser::Browser, cpr, operator};
use contracts::register::{HistoryQuery, Register};

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
