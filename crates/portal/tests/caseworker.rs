//! What a caseworker may see and do: function and scope, both.

use axum::http::StatusCode;

use crate::common::{As, KAREN, Town, cpr};

#[tokio::test(flavor = "multi_thread")]
async fn a_caseworker_registers_an_account_for_a_case() {
    let town = Town::new().await;
    town.bank_reports(cpr(KAREN), "1111111111").await;
    let mut chief = town.signed_in(As::Chief).await;
    chief.get("/caseworker/accounts").await;
    chief.send("/caseworker/accounts", &[("kind", "CPR"), ("payee", "010158-5005"), ("case", "2026-17")]).await;
    chief.page.expect(StatusCode::OK, &["Karen Jensen", "010158-••••", "0040 •••• 1111"]);
    let path = chief.page.path.clone();
    assert!(!path.contains("0101585005") && !chief.page.html.contains(KAREN));

    chief.send(&path, &[("registration", "0040"), ("number", "2222222222")]).await;
    chief.page.expect(StatusCode::UNPROCESSABLE_ENTITY, &["Skriv en begrundelse"]);
    let entered = [("registration", "0040"), ("number", "2222222222"), ("reason", "ønske ved personligt fremmøde")];
    chief.send(&path, &entered).await;
    chief.page.expect(StatusCode::OK, &["Modtageren får en kode med brev", "Afventer kode", "0040 •••• 2222"]);
    assert_eq!(town.letter_codes(KAREN).await.len(), 1);

    // The payee sees who looked and for which case; another session does not find the case at all.
    let mut karen = town.signed_in(As::Karen).await;
    karen.get("/account/lookups").await.expect(StatusCode::OK, &["Sagsbehandler, Styrelsen for Eksempler", "sag 2026-17"]);
    karen.page.expect_without(&["chief"]);
    let mut other = town.signed_in(As::Chief).await;
    other.get(&path).await.expect(StatusCode::NOT_FOUND, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_nobody_has_is_said_so() {
    let town = Town::new().await;
    let mut chief = town.signed_in(As::Chief).await;
    chief.get("/caseworker/accounts").await;
    chief.send("/caseworker/accounts", &[("kind", "CVR"), ("payee", "13585628"), ("case", "1")]).await;
    chief.page.expect(StatusCode::OK, &["Nummeret findes ikke i registret"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_is_not_granted_is_refused() {
    let town = Town::new().await;
    let mut trainee = town.signed_in(As::Trainee).await;
    trainee.page.expect(StatusCode::OK, &["Søg betalinger", "NKSBFY"]);
    trainee.get("/caseworker/accounts").await.expect(StatusCode::FORBIDDEN, &["Du mangler en rettighed", "se og anvise konti"]);
    let fields = [("csrf".to_owned(), trainee.page.csrf()), ("reason".to_owned(), "x".to_owned())];
    trainee.post("/caseworker/payments/P-1-1/stop", &fields).await.expect(StatusCode::FORBIDDEN, &["stoppe betalinger"]);

    let mut stranger = town.signed_in(As::Stranger).await;
    stranger.page.expect(StatusCode::FORBIDDEN, &["Din rolleprofil er udløbet"]);
    stranger.get("/account").await.expect(StatusCode::FORBIDDEN, &["Du har ikke adgang"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_ends_ends_at_once() {
    let town = Town::new().await;
    // The last day of the grants is 31 December 2026, Danish time; the session goes on.
    town.clock.set("2026-12-31T22:55:00Z".parse().unwrap());
    let mut chief = town.signed_in(As::Chief).await;
    chief.page.expect(StatusCode::OK, &[]);
    town.clock.set("2026-12-31T23:05:00Z".parse().unwrap());
    chief.get("/caseworker/payments").await.expect(StatusCode::FORBIDDEN, &["Din rolleprofil er udløbet"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_a_search_are_told_field_by_field() {
    let town = Town::new().await;
    let mut chief = town.signed_in(As::Chief).await;
    chief
        .send("/caseworker/payments", &[("kind", "CPR"), ("payee", "123"), ("from", "2026-03-05"), ("until", "2026-03-01")])
        .await;
    chief.page.expect(StatusCode::UNPROCESSABLE_ENTITY, &["href=\"#payee\"", "href=\"#until\""]);
    chief.send("/caseworker/payments", &[("kind", "CPR"), ("payee", KAREN)]).await;
    chief.page.expect(StatusCode::OK, &["Ingen betaling passer"]);
    assert!(!chief.page.path.contains(KAREN));
}

/// A protected name is shown to who has the right alone; the others are told that it is protected, and the person sees who was shown it.
#[tokio::test(flavor = "multi_thread")]
async fn a_protected_name_is_withheld_from_who_lacks_the_right() {
    let town = Town::new().await;
    town.protect(cpr(KAREN)).await;
    let open = async |who: As| {
        let mut caseworker = town.signed_in(who).await;
        caseworker.get("/caseworker/accounts").await;
        caseworker.send("/caseworker/accounts", &[("kind", "CPR"), ("payee", KAREN), ("case", "2026-18")]).await;
        caseworker
    };
    let clerk = open(As::Clerk).await;
    clerk.page.expect(StatusCode::OK, &["Navn og adresse er beskyttet"]);
    clerk.page.expect_without(&["Karen Jensen"]);
    let mut karen = town.signed_in(As::Karen).await;
    karen.get("/account").await.expect(StatusCode::OK, &["Karen Jensen"]);
    karen.get("/account/lookups").await.expect_without(&["beskyttede navn"]);

    let chief = open(As::Chief).await;
    chief.page.expect(StatusCode::OK, &["Karen Jensen", "Giv dem ikke videre"]);
    karen.get("/account/lookups").await.expect(StatusCode::OK, &["Så dit beskyttede navn"]);
}
