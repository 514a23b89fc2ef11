//! What a citizen and a company see and do.

use axum::http::StatusCode;

use crate::common::{As, COMPANY, KAREN, Town, cpr, cvr};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_chosen_and_activated_with_the_letters_code() {
    let town = Town::new().await;
    let mut karen = town.signed_in(As::Karen).await;
    karen.page.expect(StatusCode::OK, &["Du har ingen NemKonto", "Der er ingen betalinger"]);

    karen.get("/account/change").await;
    karen.send("/account/change", &[("registration", "0040"), ("number", "440116243")]).await;
    karen.page.expect(StatusCode::OK, &["Kontoen er registreret", "Afventer din kode", "0040 •••• 6243"]);
    karen.get("/account").await.expect_without(&["Kontoen er registreret"]);
    karen.get("/account/history").await.expect(StatusCode::OK, &["0040 •••• 6243", "valgt af kontohaveren", "Dig selv"]);
    karen.get("/account").await;

    karen.send("/account/activate", &[("code", "1234")]).await;
    karen.page.expect(StatusCode::UNPROCESSABLE_ENTITY, &["Koden har 8 cifre"]);
    let code = town.letter_codes(KAREN).await.remove(0);
    let wrong = if code == "00000000" { "00000001" } else { "00000000" };
    karen.send("/account/activate", &[("code", wrong)]).await;
    karen.page.expect(StatusCode::UNPROCESSABLE_ENTITY, &["Koden passer ikke"]);
    karen.send("/account/activate", &[("code", &code)]).await;
    karen.page.expect(StatusCode::OK, &["Kontoen er aktiv", "Aktiv"]);
    karen.page.expect_without(&["Afventer din kode"]);

    karen.get("/account/lookups").await.expect(StatusCode::OK, &["Så oplysninger og konti", "selvbetjening"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_told_where_they_are_and_what_was_entered_stays() {
    let town = Town::new().await;
    let mut karen = town.signed_in(As::Karen).await;
    karen.get("/account/change").await;
    karen.send("/account/change", &[("registration", "40"), ("number", "440116243")]).await;
    karen.page.expect(
        StatusCode::UNPROCESSABLE_ENTITY,
        &["Der er noget, der skal rettes", "href=\"#registration\"", "aria-invalid=\"true\"", "value=\"440116243\""],
    );
    karen.get("/language/en?/account/change").await;
    karen.send("/account/change", &[("iban", "DE00")]).await;
    karen.page.expect(StatusCode::UNPROCESSABLE_ENTITY, &["Something must be corrected", "The IBAN is not right"]);
    assert!(town.letter_codes(KAREN).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_sent_twice_has_one_effect() {
    let town = Town::new().await;
    let mut karen = town.signed_in(As::Karen).await;
    karen.get("/account/change").await;
    let shown = karen.clone();
    let entered = [("registration", "0040"), ("number", "440116243")];
    karen.send("/account/change", &entered).await.expect(StatusCode::OK, &[]);
    let mut again = shown;
    again.send("/account/change", &entered).await.expect(StatusCode::OK, &["Kontoen er registreret"]);
    assert_eq!(town.letter_codes(KAREN).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_since_the_form_was_shown_is_refused() {
    let town = Town::new().await;
    town.bank_reports(cpr(KAREN), "1111111111").await;
    let mut karen = town.signed_in(As::Karen).await;
    karen.get("/account/change").await.expect(StatusCode::OK, &["0040 •••• 1111"]);
    town.bank_reports(cpr(KAREN), "2222222222").await;
    karen.send("/account/change", &[("registration", "0040"), ("number", "3333333333")]).await;
    karen.page.expect(StatusCode::CONFLICT, &["Kontoen er ændret, siden den blev vist", "0040 •••• 2222"]);
    // Nothing that was typed is lost.
    karen.page.expect(StatusCode::CONFLICT, &["value=\"0040\"", "value=\"3333333333\""]);
    assert!(town.letter_codes(KAREN).await.is_empty());
    karen.send("/account/change", &[("registration", "0040"), ("number", "3333333333")]).await;
    karen.page.expect(StatusCode::OK, &["Kontoen er registreret"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_sees_and_changes_nothing() {
    let town = Town::new().await;
    town.bank_reports(cvr(COMPANY), "4444444444").await;
    let mut company = town.signed_in(As::Company).await;
    company.page.expect(StatusCode::OK, &["Bager ApS", "0040 •••• 4444", "En virksomhed skifter konto gennem sin bank"]);
    company.page.expect_without(&["href=\"/account/change\""]);
    company.get("/account/change").await.expect(StatusCode::FORBIDDEN, &["Du har ikke adgang"]);
    let fields = [("csrf", company.page.csrf()), ("registration", "0040".into()), ("number", "1".into())];
    let fields = fields.map(|(name, value)| (name.to_owned(), value));
    company.post("/account/change", &fields).await.expect(StatusCode::FORBIDDEN, &[]);
    company.get("/account/history").await.expect(StatusCode::OK, &["indberettet af bank"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_does_not_self_serve() {
    let town = Town::new().await;
    let mut child = town.signed_in(As::Child).await;
    child.page.expect(StatusCode::OK, &["Du er under 15 år"]);
    child.get("/account/change").await.expect(StatusCode::FORBIDDEN, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payee_has_no_business_with_caseworkers_pages() {
    let town = Town::new().await;
    let mut karen = town.signed_in(As::Karen).await;
    for path in ["/caseworker/payments", "/caseworker/accounts", "/caseworker/deliveries"] {
        karen.get(path).await.expect(StatusCode::FORBIDDEN, &["Du har ikke adgang"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_mediation_the_account_is_shown_all_the_same() {
    let town = Town::without_mediation().await;
    town.bank_reports(cpr(KAREN), "0440116243").await;
    let mut karen = town.signed_in(As::Karen).await;
    karen.page.expect(StatusCode::OK, &["0040 •••• 6243", "Betalingerne kan ikke vises lige nu"]);
    karen.get("/payments").await.expect(StatusCode::SERVICE_UNAVAILABLE, &["Vi kan ikke svare lige nu"]);
}
