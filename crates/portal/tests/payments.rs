//! Payments as the payee and the paying authority may see them, over all houses.

use axum::http::StatusCode;

use crate::common::{As, KAREN, OLE, Town, browser::Browser};

async fn search(browser: &mut Browser, entered: &[(&str, &str)]) {
    browser.get("/caseworker/payments").await;
    browser.send("/caseworker/payments", entered).await;
}

/// Opens the story of the only payment that is shown.
async fn open_story(browser: &mut Browser, base: &str) {
    let href = format!("href=\"{base}/P-");
    let link = browser.page.html.split(&href).nth(1).unwrap_or_else(|| panic!("no payment on {}", browser.page.html));
    let path = format!("{base}/P-{}", link.split('"').next().expect("the rest of the link"));
    browser.get(&path).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payee_sees_the_own_payments_and_where_they_went() {
    let town = Town::with_payments().await;
    let mut karen = town.signed_in(As::Karen).await;
    karen.page.expect(StatusCode::OK, &["1.500,25 kr.", "30.000,00 kr.", "600,00 kr.", "Styrelsen for Eksempler"]);
    karen.page.expect_without(&["777,00", "12,34"]);
    karen.get("/payments").await.expect(StatusCode::OK, &["31. marts 2026", "NKSBFY", "Venter på sin dag", "Sendt til banken"]);

    let mut company = town.signed_in(As::Company).await;
    company.get("/payments").await.expect(StatusCode::OK, &["12,34 kr."]);
    open_story(&mut company, "/payments").await;
    company.page.expect(StatusCode::OK, &["Til modtagerens konto", "0040 •••• 4444", "LEV-4", "Modtaget fra udbetaleren"]);

    let foreign = company.page.path.clone();
    karen.get(&foreign).await.expect(StatusCode::NOT_FOUND, &[]);
    karen.get("/payments/nonsense").await.expect(StatusCode::NOT_FOUND, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_the_recovery_authority_is_shown_to_the_payee_alone() {
    let town = Town::with_payments().await;
    let mut ole = town.signed_in(As::Ole).await;
    ole.page.expect(StatusCode::OK, &["Du har ingen NemKonto", "777,00 kr."]);
    open_story(&mut ole, "/payments").await;
    ole.page.expect(StatusCode::OK, &["Til Gældsstyrelsen", "Spørgsmål og klager rettes til Gældsstyrelsen"]);

    let mut chief = town.signed_in(As::Chief).await;
    search(&mut chief, &[("kind", "CPR"), ("payee", OLE)]).await;
    chief.page.expect(StatusCode::OK, &["SKAT-3", "777,00 kr."]);
    open_story(&mut chief, "/caseworker/payments").await;
    chief.page.expect(StatusCode::OK, &["Gennem NemKonto", "gennem NemKonto."]);
    chief.page.expect_without(&["Gældsstyrelsen", "recovery", "Til modtagerens konto", OLE]);
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_waits_for_an_account_is_shown() {
    let town = Town::with_payments().await;
    let mut child = town.signed_in(As::Child).await;
    child.page.expect(StatusCode::OK, &["Der venter penge på dig", "901,00 kr."]);
    open_story(&mut child, "/payments").await;
    child.page.expect(StatusCode::OK, &["Til ventekontoen", "ikke har en aktiv konto"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_profile_finds_its_own_benefits_alone() {
    let town = Town::with_payments().await;
    let mut chief = town.signed_in(As::Chief).await;
    search(&mut chief, &[]).await;
    chief.page.expect(StatusCode::OK, &["BFY-1", "LON-2", "SKAT-3", "LEV-4", "SEN-6"]);
    chief.page.expect_without(&[KAREN, OLE]);
    search(&mut chief, &[("reference", "LON-2")]).await;
    chief.page.expect(StatusCode::OK, &["LON-2", "010158-••••"]);
    chief.page.expect_without(&["BFY-1"]);
    open_story(&mut chief, "/caseworker/payments").await;
    let story = chief.page.path.clone();

    let mut trainee = town.signed_in(As::Trainee).await;
    search(&mut trainee, &[]).await;
    trainee.page.expect(StatusCode::OK, &["BFY-1", "SEN-6"]);
    trainee.page.expect_without(&["LON-2", "SKAT-3", "LEV-4"]);
    trainee.get(&story).await.expect(StatusCode::NOT_FOUND, &["Betalingen findes ikke"]);
    search(&mut trainee, &[("state", "waiting"), ("from", "2026-03-31"), ("until", "2026-03-31")]).await;
    trainee.page.expect(StatusCode::OK, &["SEN-6"]);
    trainee.page.expect_without(&["BFY-1"]);
    open_story(&mut trainee, "/caseworker/payments").await;
    trainee.page.expect(StatusCode::OK, &["600,00 kr."]);
    trainee.page.expect_without(&["Stop betalingen"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_payment_is_stopped_with_a_reason() {
    let town = Town::with_payments().await;
    let mut chief = town.signed_in(As::Chief).await;
    search(&mut chief, &[("reference", "SEN-6")]).await;
    open_story(&mut chief, "/caseworker/payments").await;
    chief.page.expect(StatusCode::OK, &["Venter på sin dag", "Stop betalingen"]);
    let stop = format!("{}/stop", chief.page.path);
    chief.send(&stop, &[("reason", " ")]).await;
    chief.page.expect(StatusCode::UNPROCESSABLE_ENTITY, &["Skriv en begrundelse"]);
    let switch = format!("/language/en?{stop}");
    chief.clone().get(&switch).await.expect(StatusCode::OK, &["Stop the payment"]);
    chief.send(&stop, &[("reason", "udbetalt ved en fejl")]).await;
    chief.page.expect(StatusCode::OK, &["Betalingen er stoppet", "Stoppet"]);
    chief.page.expect_without(&["Skriv en begrundelse", "type=\"submit\">Stop betalingen"]);

    let mut karen = town.signed_in(As::Karen).await;
    karen.get("/payments").await.expect(StatusCode::OK, &["Stoppet"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_left_in_the_meantime_cannot_be_stopped() {
    let town = Town::with_payments().await;
    let mut chief = town.signed_in(As::Chief).await;
    search(&mut chief, &[("reference", "SEN-6")]).await;
    open_story(&mut chief, "/caseworker/payments").await;
    let stop = format!("{}/stop", chief.page.path);
    town.clock.set("2026-03-30T12:00:00Z".parse().unwrap());
    town.work().await;
    // The session did not last that long: another window, with the form of the first.
    let mut again = town.signed_in(As::Chief).await;
    let mut fields = chief.page.hidden_fields(&stop);
    let csrf = {
        again.get("/caseworker/payments").await;
        again.page.csrf()
    };
    fields.iter_mut().filter(|(name, _)| name == "csrf").for_each(|(_, value)| value.clone_from(&csrf));
    fields.push(("reason".into(), "for sent".into()));
    again.post(&stop, &fields).await;
    again.page.expect(StatusCode::CONFLICT, &["allerede sendt til banken", "Sendt til banken"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_show_findings_to_those_who_may_see_all_benefits() {
    let town = Town::with_payments().await;
    let mut chief = town.signed_in(As::Chief).await;
    chief.get("/caseworker/deliveries").await.expect(StatusCode::OK, &["afviste rækker: <strong>1</strong>", "Fejl", "InstdAmt"]);
    let mut trainee = town.signed_in(As::Trainee).await;
    trainee.get("/caseworker/deliveries").await.expect(StatusCode::OK, &["afviste rækker: <strong>1</strong>"]);
    trainee.page.expect_without(&["InstdAmt"]);
}

/// Each house writes down who looked, and the person sees it on one page: also attempts that were refused.
#[tokio::test(flavor = "multi_thread")]
async fn who_looked_in_any_house_is_shown_to_the_person() {
    let town = Town::with_payments().await;
    let mut chief = town.signed_in(As::Chief).await;
    chief.send("/caseworker/payments", &[("kind", "CPR"), ("payee", KAREN), ("reference", "BFY-1")]).await;
    let story = chief.page.html.split('"').find(|part| part.starts_with("/caseworker/payments/P-")).unwrap().to_owned();
    chief.get(&story).await.expect(StatusCode::OK, &["BFY-1"]);
    let mut karen = town.signed_in(As::Karen).await;
    karen.get("/account/lookups").await;
    karen.page.expect(StatusCode::OK, &["Søgte betalinger", "Så en betaling", "Sagsbehandler, Styrelsen for Eksempler"]);
    karen.page.expect_without(&["Forsøg, der blev afvist", "modregnes", "listen er ikke hel"]);

    let mut neighbour = town.signed_in(As::Neighbour).await;
    neighbour.get(&story).await.expect(StatusCode::NOT_FOUND, &[]);
    karen.get("/account/lookups").await.expect(StatusCode::OK, &["Forsøg, der blev afvist", "Sagsbehandler, Nabostyrelsen"]);

    // To be told that a payout is redirected is an access too, and shown to whom it concerns alone.
    let mut ole = town.signed_in(As::Ole).await;
    ole.get("/account/lookups").await.expect(StatusCode::OK, &["Fik at vide, at en udbetaling modregnes"]);
    ole.page.expect_without(&["Så en betaling"]);
    ole.get("/account").await;
    ole.get("/account/lookups").await.expect(StatusCode::OK, &["Så penge på ventekontoen"]);
}
