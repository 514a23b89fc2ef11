//! Who gets in, and what the browser is told to keep.

use axum::http::{StatusCode, header};
use jiff::SignedDuration;

use crate::common::{self, As, Town};

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_the_front_page_in_two_languages() {
    let town = Town::new().await;
    let mut browser = town.browser();
    browser.get("/").await.expect(StatusCode::OK, &["<html lang=\"da\">", "2. marts 2026", "Bankdag", "Kører"]);
    browser.get("/language/en?/").await.expect(StatusCode::OK, &["<html lang=\"en\">", "2 March 2026", "Running"]);
    browser.get("/no-such-page").await.expect(StatusCode::NOT_FOUND, &["The page does not exist"]);
    browser.get("/language/xx?/").await.expect(StatusCode::NOT_FOUND, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_strict_and_assets_are_kept() {
    let town = Town::new().await;
    let mut browser = town.browser();
    let page = browser.get("/").await.clone();
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(page.headers[name], value);
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));

    let style = page.html.split("href=\"").filter_map(|part| part.split('"').next()).find(|href| href.ends_with("portal.css"));
    let asset = browser.get(style.unwrap()).await;
    assert_eq!(asset.headers["content-type"], "text/css; charset=utf-8");
    assert_eq!(asset.headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(browser.get("/assets/0000/portal.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_is_for_the_machine_itself() {
    let town = Town::new().await;
    let mut elsewhere = town.browser();
    elsewhere.peer = "10.0.0.7:40000".parse().unwrap();
    elsewhere.get("/sign-in").await.expect(StatusCode::FORBIDDEN, &["Du kan ikke logge ind her"]);
    elsewhere.page.expect_without(&["Karen"]);
    elsewhere.get("/").await.expect(StatusCode::OK, &[]);

    let mut proxied = town.browser();
    proxied.headers.push(("x-forwarded-for", "127.0.0.1"));
    proxied.get("/sign-in").await.expect(StatusCode::FORBIDDEN, &[]);

    let mut rebound = town.browser();
    rebound.headers = vec![("host", "evil.example")];
    rebound.get("/sign-in").await.expect(StatusCode::FORBIDDEN, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_is_new_at_sign_in_and_gone_at_sign_out() {
    let town = Town::new().await;
    let mut browser = town.browser();
    browser.get("/sign-in").await;
    let set = browser.page.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    let before = browser.cookie("session").unwrap().to_owned();

    browser.sign_in(As::Karen).await.expect(StatusCode::OK, &["Karen Jensen", "Log af"]);
    let after = browser.cookie("session").unwrap().to_owned();
    assert_ne!(before, after);
    let mut fixed = town.browser();
    fixed.set_cookie("session", &before);
    fixed.get("/account").await;
    assert_eq!(fixed.page.path, "/sign-in", "the token from before sign-in is worth nothing");

    browser.send("/sign-out", &[]).await;
    assert_eq!(browser.page.path, "/");
    let mut stolen = town.browser();
    stolen.set_cookie("session", &after);
    stolen.get("/account").await;
    assert_eq!(stolen.page.path, "/sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_session_ends() {
    let town = Town::new().await;
    let mut browser = town.signed_in(As::Karen).await;
    town.clock.advance(SignedDuration::from_mins(21));
    browser.get("/account").await;
    assert_eq!(browser.page.path, "/sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_elsewhere_changes_nothing() {
    let town = Town::new().await;
    let mut browser = town.signed_in(As::Karen).await;
    browser.get("/account/change").await;
    let mut fields = browser.page.hidden_fields("/account/change");
    fields.extend([("registration", "0040"), ("number", "1234567890")].map(|(name, value)| (name.into(), value.into())));

    let without_token: Vec<_> = fields.iter().filter(|(name, _)| name != "csrf").cloned().collect();
    browser.post("/account/change", &without_token).await.expect(StatusCode::FORBIDDEN, &["Formularen er forældet"]);

    let mut cross_site = browser.clone();
    cross_site.headers.push(("sec-fetch-site", "cross-site"));
    cross_site.post("/account/change", &fields).await.expect(StatusCode::FORBIDDEN, &[]);

    let other = town.signed_in(As::Ole).await;
    let mut foreign_token = fields.clone();
    foreign_token[0].1 = other.page.csrf();
    browser.post("/account/change", &foreign_token).await.expect(StatusCode::FORBIDDEN, &[]);

    assert!(town.letter_codes(common::KAREN).await.is_empty(), "nothing was registered");
    browser.headers.push(("sec-fetch-site", "same-origin"));
    browser.post("/account/change", &fields).await.expect(StatusCode::OK, &["Kontoen er registreret"]);
}
