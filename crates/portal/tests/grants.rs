//! What a local administrator grants, from the grant to the page: it opens, covers what it says, expires and ends.

use axum::http::StatusCode;
use contracts::parties::{BenefitScope, Function, FunctionConflict, Grant, GrantEnd, GrantQuery, GrantedRight, NewGrant, Rights};
use contracts::{Actor, Context, ProblemCode};
use jiff::civil::{Date, date};

use crate::common::{As, TODAY, Town, agreement, new_key, operator};

const UNTIL: Date = date(2026, 3, 10);

/// The local administrator.
fn chief() -> Context {
    Context { actor: Actor::Caseworker { user: "chief".into(), authority: agreement() }, ..operator() }
}

async fn grant(town: &Town, user: &str, right: GrantedRight) -> Result<uuid::Uuid, ProblemCode> {
    let new =
        NewGrant { user: user.into(), authority: agreement(), right, valid_from: TODAY, valid_until: UNTIL, why: "ny".into() };
    let mut granted = town.parties.grant(&chief(), &new_key(), vec![new]).await.unwrap();
    granted.remove(0).map_err(|problem| problem.code)
}

async fn end(town: &Town, grant: uuid::Uuid) {
    let end = GrantEnd { grant, ends_on: TODAY, why: "flyttet".into() };
    assert_eq!(town.parties.end_grants(&chief(), &new_key(), vec![end]).await, Ok(vec![Ok(())]));
}

async fn grants_of(town: &Town, user: &str) -> Vec<Grant> {
    let query = GrantQuery { authority: agreement(), on: TODAY };
    let grants = town.parties.grants(&chief(), query).await.unwrap();
    grants.into_iter().filter(|grant| grant.user == user).collect()
}

fn functions(functions: &[Function]) -> GrantedRight {
    GrantedRight::Functions { functions: functions.to_vec() }
}

fn scope(unit: Option<&str>, benefit: &str) -> GrantedRight {
    let benefits = BenefitScope::Only { benefits: vec![benefit.parse().unwrap()], without: false };
    GrantedRight::Scope { unit: unit.map(|unit| unit.parse().unwrap()), benefits }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_local_administrator_grants_opens_expires_and_ends() {
    let town = Town::with_payments().await;
    let mut stranger = town.signed_in(As::Stranger).await;
    stranger.page.expect(StatusCode::FORBIDDEN, &["Din rolleprofil er udløbet"]);
    let searching = grant(&town, "stranger", functions(&[Function::SearchPayments])).await.unwrap();
    grant(&town, "stranger", scope(None, "NKSBFY")).await.unwrap();
    stranger.get("/caseworker/payments").await.expect(StatusCode::OK, &["Søg betalinger", "NKSBFY"]);
    stranger.send("/caseworker/payments", &[]).await;
    stranger.page.expect(StatusCode::OK, &["BFY-1"]);
    stranger.page.expect_without(&["LON-2", "SKAT-3"]);
    stranger.get("/caseworker/accounts").await.expect(StatusCode::FORBIDDEN, &["Du mangler en rettighed"]);

    // It ends from the next request on; another one is good until its last day.
    end(&town, searching).await;
    stranger.get("/caseworker/payments").await.expect(StatusCode::FORBIDDEN, &["Du mangler en rettighed"]);
    grant(&town, "stranger", functions(&[Function::SearchPayments])).await.unwrap();
    town.clock.set("2026-03-09T22:50:00Z".parse().unwrap());
    let mut stranger = town.signed_in(As::Stranger).await;
    stranger.page.expect(StatusCode::OK, &["Søg betalinger"]);
    town.clock.set("2026-03-09T23:05:00Z".parse().unwrap());
    stranger.get("/caseworker/payments").await.expect(StatusCode::FORBIDDEN, &["Din rolleprofil er udløbet"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_profile_is_taken_away_by_the_local_administrator() {
    let town = Town::new().await;
    let mut trainee = town.signed_in(As::Trainee).await;
    trainee.page.expect(StatusCode::OK, &["Søg betalinger"]);
    let grants = grants_of(&town, "trainee").await;
    assert_eq!(grants.len(), 2, "functions and benefits: {grants:?}");
    for grant in grants {
        end(&town, grant.grant).await;
    }
    trainee.get("/caseworker/payments").await.expect(StatusCode::FORBIDDEN, &["Din rolleprofil er udløbet"]);
    assert_eq!(grants_of(&town, "trainee").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_and_a_granted_function_in_conflict_are_not_held_together() {
    let town = Town::new().await;
    let conflict = FunctionConflict {
        one: Function::SearchPayments,
        other: Function::DesignateAccounts,
        valid_from: TODAY,
        valid_until: None,
        why: "test".into(),
    };
    town.parties.record_conflicts(&operator(), &new_key(), vec![conflict]).await.unwrap();
    assert_eq!(grant(&town, "trainee", functions(&[Function::DesignateAccounts])).await, Err(ProblemCode::Conflict));
    let mut trainee = town.signed_in(As::Trainee).await;
    trainee.get("/caseworker/accounts").await.expect(StatusCode::FORBIDDEN, &["Du mangler en rettighed"]);
    // When the recorded function has been taken away the other one may be held.
    for recorded in grants_of(&town, "trainee").await {
        end(&town, recorded.grant).await;
    }
    grant(&town, "trainee", functions(&[Function::DesignateAccounts])).await.unwrap();
    trainee.get("/caseworker/accounts").await.expect(StatusCode::OK, &["Sagsnummer"]);
}

/// The payments are of the unit ALFA: who has another unit's benefits finds nothing, sees nothing and stops nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_benefit_at_a_unit_is_that_units_alone() {
    let town = Town::with_payments().await;
    let mut chief = town.signed_in(As::Chief).await;
    chief.send("/caseworker/payments", &[("reference", "SEN-6")]).await;
    let story = chief.page.html.split('"').find(|part| part.starts_with("/caseworker/payments/P-")).unwrap().to_owned();

    grant(&town, "stranger", functions(&[Function::SearchPayments, Function::StopPayments])).await.unwrap();
    let other_unit = grant(&town, "stranger", scope(Some("BETA"), "NKSBFY")).await.unwrap();
    let mut stranger = town.signed_in(As::Stranger).await;
    stranger.page.expect(StatusCode::OK, &["enhed BETA: NKSBFY"]);
    for search in [vec![], vec![("reference", "SEN-6")], vec![("kind", "CPR"), ("payee", crate::common::KAREN)]] {
        stranger.get("/caseworker/payments").await;
        stranger.send("/caseworker/payments", &search).await;
        stranger.page.expect(StatusCode::OK, &["Ingen betaling passer"]);
    }
    stranger.get(&story).await.expect(StatusCode::NOT_FOUND, &[]);
    stranger.get("/caseworker/payments").await;
    let fields = [("csrf".to_owned(), stranger.page.csrf()), ("reason".to_owned(), "x".to_owned())];
    stranger.post(&format!("{story}/stop"), &fields).await.expect(StatusCode::NOT_FOUND, &[]);

    end(&town, other_unit).await;
    grant(&town, "stranger", scope(Some("ALFA"), "NKSBFY")).await.unwrap();
    for search in [vec![], vec![("reference", "SEN-6")], vec![("kind", "CPR"), ("payee", crate::common::KAREN)]] {
        stranger.get("/caseworker/payments").await;
        stranger.send("/caseworker/payments", &search).await;
        stranger.page.expect(StatusCode::OK, &["SEN-6"]);
        stranger.page.expect_without(&["LON-2", "SKAT-3"]);
    }
    stranger.get(&story).await.expect(StatusCode::OK, &["SEN-6", "Stop betalingen"]);
    // Findings of deliveries may be of any unit and benefit.
    stranger.get("/caseworker/deliveries").await.expect_without(&["AM01"]);
}
