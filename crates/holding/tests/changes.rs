//! What stands in the change log, and what does not.

use contracts::{holding::Holding, mediation::PaymentState};
use jiff::civil::date;
use platform::{
    change_log::{ChangeLog, SALT_BYTES, ddl, export, verify},
    driver::run_until_idle,
    seal::KeyRing,
};
use serde_json::Value;

use crate::support::{DAY, Street, holder, key, leg, mediation, person, request, street};

/// What stands in the log, with its opened contents: actor, operation, subject, from and to.
async fn logged(street: &Street) -> Vec<String> {
    run_until_idle(&street.house.rooms(), 1).await.unwrap();
    let (log, database) = (log(), street.database.connect("holding").await);
    let verified = verify(&database, &log, None).await.unwrap();
    assert!(verified.waiting == 0 && verified.findings.is_empty(), "{verified:?}");
    let mut file = Vec::new();
    export(&database, &log, true, &mut file).await.unwrap();
    let lines = String::from_utf8(file).unwrap();
    let rows = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).filter(|row| row["operation"].is_string());
    rows.map(|row| told(&row)).collect()
}

fn told(row: &Value) -> String {
    let text = |name: &str| row[name].as_str().unwrap().to_owned();
    let salted = row["content"].as_str().unwrap().as_bytes().chunks(2);
    let salted: Vec<u8> = salted.map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 16).unwrap()).collect();
    let content: Value = serde_json::from_slice(&salted[SALT_BYTES..]).unwrap();
    format!("{} {} {} {} -> {}", text("actor"), text("operation"), text("subject"), content["from"], content["to"])
}

fn log() -> ChangeLog {
    ChangeLog::new("holding", &KeyRing::for_tests())
}

#[test]
fn the_change_log_is_made_as_the_platform_says() {
    assert!(include_str!("../migrations/0003_changes.sql").contains(&ddl("holding")));
}

#[tokio::test]
async fn what_flows_in_stands_in_the_ledger_alone() {
    let street = street().await;
    street.deposit(1).await;
    street.reserve("to be voided", vec![request(2)]).await;
    street.house.void(&mediation(), &key("void"), vec![leg(2)]).await.unwrap();
    street.reserve("to be voided by a reversal", vec![request(3)]).await;
    street.house.reverse(&mediation(), &key("reverse"), vec![leg(3)]).await.unwrap();
    assert_eq!(logged(&street).await, Vec::<String>::new());
}

#[tokio::test]
async fn orders_reversals_and_expiries_stand_in_the_log_and_it_verifies() {
    let street = street().await;
    let mut deposits = Vec::new();
    for n in 1..=3 {
        deposits.push(street.deposit(n).await.0);
    }
    street.house.reverse(&mediation(), &key("reverse"), vec![leg(2)]).await.unwrap();
    street.house.reverse(&mediation(), &key("reverse"), vec![leg(2)]).await.unwrap();
    street.register.designate(holder(1), person(1), DAY);
    street.settle_down().await;
    street.mediation.bank_says(PaymentState::Accepted);
    street.settle_down().await;
    street.house.expire(date(2029, 3, 2), 10).await.unwrap();
    let [first, second, third] = deposits[..] else { panic!("three deposits") };
    assert_eq!(
        logged(&street).await,
        [
            format!("house:mediation reverse deposit:{second} \"posted\" -> \"reversed\""),
            format!(
                "house:holding release release-batch:1 null -> \
                 {{\"currency\":\"DKK\",\"deposits\":[{first}],\"on\":\"2026-03-02\",\"payer\":\"00000077\"}}"
            ),
            format!("house:holding expire deposit:{third} \"posted\" -> \"expired\""),
        ]
    );

    let mut admin = street.database.admin().await;
    sqlx::query("update holding.change set subject = 'deposit:0' where operation = 'expire'").execute(&mut admin).await.unwrap();
    let database = street.database.connect("holding").await;
    assert_eq!(verify(&database, &log(), None).await.unwrap().findings.len(), 1);
}

/// What has left while it was released is reversed when it comes back, and the log says so then.
#[tokio::test]
async fn a_reversal_that_had_to_wait_is_logged_when_it_is_done() {
    let street = street().await;
    let deposit = street.deposit(1).await.0;
    street.register.designate(holder(1), person(1), DAY);
    street.settle_down().await;
    let refused = street.house.reverse(&mediation(), &key("reverse"), vec![leg(1)]).await.unwrap();
    assert!(refused[0].is_err());
    assert_eq!(logged(&street).await.len(), 1, "the release alone");
    street.mediation.bank_says(PaymentState::Rejected);
    street.settle_down().await;
    let reversed = format!("house:holding reverse deposit:{deposit} \"posted\" -> \"reversed\"");
    assert_eq!(logged(&street).await[1..], [reversed]);
}
