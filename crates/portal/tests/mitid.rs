//! Signing in by proof: the portal, encrypted, and the certified `oidc-provider` as a broker of MitID on another site.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{StatusCode, header};
use platform::serve::Door;
use platform::testing::TemporaryFolder;
use platform::tls::Identity;
use primitives::SystemClock;
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};

use crate::common::{AUTHORITY_CVR, As, KAREN, OLE, OTHER_CVR, Town, browser::Browser, cpr, webdriver::Chromium};
use crate::peer::{OURS, Peer};

const REDIRECT: &str = "https://127.0.0.1:1/sign-in/mitid/answer";

fn persons() -> Value {
    let employee = |cvr: &str, privilege: &str| {
        let scope = format!("urn:dk:gov:saml:cvrNumberIdentifier:{cvr}");
        json!({ "cvr": cvr, "user": "chief", "loa": "High", "privileges": [{ "scope": scope, "privileges": [privilege] }] })
    };
    let power =
        json!([{ "scope": format!("urn:dk:gov:saml:cprNumberIdentifier:{OLE}"), "privileges": ["urn:nemkonto:self-service"] }]);
    json!({
        "karen": { "cpr": KAREN, "loa": "Substantial", "full_name": "Karen Jensen" },
        "weak": { "cpr": KAREN, "loa": "Low" },
        "agent": { "cpr": KAREN, "loa": "High", "full_name": "Karen Jensen", "privileges": power },
        "chief": employee(AUTHORITY_CVR, "urn:nemkonto:caseworker"),
        "impostor": employee(OTHER_CVR, "urn:nemkonto:caseworker"),
    })
}

/// Goes to the broker as this person and back with the answer.
async fn sign_in(browser: &mut Browser, peer: &Peer, person: &str) {
    let answer = depart(browser, peer, person).await;
    browser.first("GET", &answer, &[]).await;
}

/// To the broker; the address the browser comes back to.
async fn depart(browser: &mut Browser, peer: &Peer, person: &str) -> String {
    let page = browser.first("GET", "/sign-in/mitid", &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    let address = page.headers[header::LOCATION].to_str().unwrap().to_owned();
    let fields = peer.sign_in(&address, person).await;
    let query: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("/sign-in/mitid/answer?{}", query.join("&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_let_in_by_what_the_broker_proves() {
    let Some(peer) = Peer::start(REDIRECT, &persons()) else { return };
    let town = Town::signing_in_by(Arc::new(peer.provider(OURS, Arc::new(SystemClock)))).await;
    town.bank_reports(cpr(KAREN), "0440116243").await;
    town.bank_reports(cpr(OLE), "4444444444").await;

    let mut karen = town.browser();
    sign_in(&mut karen, &peer, "karen").await;
    karen.page.expect(StatusCode::OK, &["Du er logget på"]);
    assert_eq!(karen.page.headers["refresh"], "0; url=/account");
    assert_eq!(karen.page.headers["strict-transport-security"], "max-age=63072000; includeSubDomains");
    let cookies: Vec<_> = karen.page.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap()).collect();
    assert!(cookies[0].starts_with("__Host-session=") && cookies[0].ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"));
    karen.get("/account").await.expect(StatusCode::OK, &["Karen Jensen", "0040 •••• 6243"]);

    let mut weak = town.browser();
    sign_in(&mut weak, &peer, "weak").await;
    weak.page.expect(StatusCode::FORBIDDEN, &["sikringsniveau Betydelig eller Høj"]);
    weak.get("/account").await;
    assert_eq!(weak.page.path, "/sign-in");

    let mut chief = town.browser();
    sign_in(&mut chief, &peer, "chief").await;
    chief.get("/caseworker/payments").await.expect(StatusCode::OK, &["Søg betalinger"]);

    // The same user id, proven for another authority.
    let mut impostor = town.browser();
    sign_in(&mut impostor, &peer, "impostor").await;
    impostor.get("/caseworker/payments").await.expect(StatusCode::FORBIDDEN, &["Din rolleprofil er udløbet eller findes ikke"]);
}

/// The session's cookie does not come with the broker's answer: a browser sends it to our own pages' requests alone.
#[tokio::test(flavor = "multi_thread")]
async fn signing_in_again_ends_the_session_of_before() {
    let Some(peer) = Peer::start(REDIRECT, &persons()) else { return };
    let town = Town::signing_in_by(Arc::new(peer.provider(OURS, Arc::new(SystemClock)))).await;
    let mut browser = town.browser();
    let mut sessions = Vec::new();
    for person in ["karen", "chief"] {
        let answer = depart(&mut browser, &peer, person).await;
        browser.set_cookie("__Host-session", "");
        browser.first("GET", &answer, &[]).await.expect(StatusCode::OK, &["Du er logget på"]);
        sessions.push(browser.cookie("__Host-session").unwrap().to_owned());
        browser.get("/").await;
    }
    for (token, page, expect) in
        [(&sessions[0], "/account", "/sign-in"), (&sessions[1], "/caseworker/payments", "/caseworker/payments")]
    {
        let mut other = town.browser();
        other.set_cookie("__Host-session", token);
        other.get(page).await;
        assert_eq!(other.page.path, expect);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_of_attorney_shows_the_grantors_account_and_stands_in_the_log() {
    let Some(peer) = Peer::start(REDIRECT, &persons()) else { return };
    let town = Town::signing_in_by(Arc::new(peer.provider(OURS, Arc::new(SystemClock)))).await;
    town.bank_reports(cpr(OLE), "4444444444").await;
    let mut agent = town.browser();
    sign_in(&mut agent, &peer, "agent").await;
    agent.get("/account").await.expect(StatusCode::OK, &["ved fuldmagt", "0040 •••• 4444"]);
    let by_whom = ["selvbetjening ved digital fuldmagt", "Karen Jensen, ved fuldmagt"];
    agent.get("/account/lookups").await.expect(StatusCode::OK, &by_whom);
    agent.page.expect_without(&[KAREN]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_good_once_and_in_the_browser_that_asked() {
    let Some(peer) = Peer::start(REDIRECT, &persons()) else { return };
    let town = Town::signing_in_by(Arc::new(peer.provider(OURS, Arc::new(SystemClock)))).await;
    let mut karen = town.browser();
    let answer = depart(&mut karen, &peer, "karen").await;

    // Another browser is handed the answer: nobody is signed in as Karen there, and she is not signed in as another (login CSRF).
    let mut other = town.browser();
    other.first("GET", &answer, &[]).await.expect(StatusCode::FORBIDDEN, &["hører ikke til et login"]);
    karen.first("GET", &answer, &[]).await.expect(StatusCode::OK, &["Du er logget på"]);
    karen.first("GET", &answer, &[]).await.expect(StatusCode::FORBIDDEN, &["hører ikke til et login"]);

    let mut unasked = town.browser();
    unasked.first("GET", "/sign-in/another", &[]).await.expect(StatusCode::NOT_FOUND, &[]);
    let personas = [("csrf".to_owned(), "x".to_owned()), ("persona".to_owned(), (As::Karen as usize).to_string())];
    unasked.get("/sign-in").await.expect(StatusCode::OK, &["Log på med ", "MitID"]);
    unasked.page.expect_without(&["Karen"]);
    unasked.post("/sign-in", &personas).await;
    assert_ne!(unasked.page.status, StatusCode::OK);
}

/// A real browser, over real TLS, between two sites: the cookies' rules are the browser's own.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_browser_goes_to_the_broker_and_comes_back_signed_in() {
    let Some(browser) = Chromium::start().await else {
        assert!(std::env::var_os("CI").is_none(), "Chromium and chromedriver must be installed in CI");
        println!("skipped: Chromium and chromedriver are not installed");
        return;
    };
    let folder = TemporaryFolder::new();
    let door = Door::open("127.0.0.1:0".parse().unwrap(), Some(&identity(&folder))).await.unwrap();
    let site = door.url();
    let Some(peer) = Peer::start(&format!("{site}/sign-in/mitid/answer"), &persons()) else { return };
    let town = Town::signing_in_by(Arc::new(peer.provider(OURS, Arc::new(SystemClock)))).await;
    let server = tokio::spawn(door.serve(town.router(), std::future::pending()));

    browser.open(&format!("{site}/sign-in")).await;
    browser.press("a[href='/sign-in/mitid']").await;
    assert!(browser.url().await.starts_with(&peer.issuer), "at the broker");
    browser.click("#karen").await;
    for _ in 0..100 {
        if browser.url().await == format!("{site}/account") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(browser.url().await, format!("{site}/account"));
    let name = browser.run("arguments[0](document.querySelector('.user')?.textContent)").await;
    assert_eq!(name, "Karen Jensen");
    let readable = browser.run("arguments[0](document.cookie)").await;
    assert!(!readable.as_str().unwrap().contains("session"), "no script reads the session: {readable}");
    server.abort();
}

/// A certificate of 127.0.0.1 that nobody vouches for: the test's browser takes it.
fn identity(folder: &TemporaryFolder) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
    let (certificate_file, key_file) = (folder.path().join("site.pem"), folder.path().join("site.key"));
    fs::write(&certificate_file, certificate.pem()).unwrap();
    fs::write(&key_file, key.serialize_pem()).unwrap();
    fs::set_permissions(&key_file, fs::Permissions::from_mode(0o600)).unwrap();
    Identity::read(&certificate_file, &key_file).unwrap()
}
