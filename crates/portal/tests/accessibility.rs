//! The pages in a real browser: no violation of the accessibility rules, on a wide window and on a phone. Pictures are kept beside the
//! test's program, to be looked at.

use std::path::{Path, PathBuf};

use tokio::net::TcpListener;

use crate::common::{
    As, KAREN, Town,
    webdriver::{Chromium, processes_of},
};

/// axe-core by Deque Systems (MPL-2.0, licence beside it).
const AXE: &str = include_str!("assets/axe.min.js");

#[tokio::test(flavor = "multi_thread")]
async fn pages_violate_no_accessibility_rule() {
    let Some(browser) = Chromium::start().await else {
        assert!(std::env::var_os("CI").is_none(), "Chromium and chromedriver must be installed in CI");
        println!("skipped: Chromium and chromedriver are not installed");
        return;
    };
    let town = Town::with_payments().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let look = Look { browser, site: format!("http://{}", listener.local_addr().unwrap()) };
    let portal = town.portal.clone();
    let server = tokio::spawn(async move { portal::serve(listener, &portal, std::future::pending()).await });

    look.at("front-english", "/").await;
    look.browser.open(&format!("{}/language/da?/", look.site)).await;
    look.here("front").await;
    look.at("sign-in", "/sign-in").await;
    look.at_citizens_pages().await;
    look.at_what_a_debtor_sees().await;
    look.at_caseworkers_pages().await;
    server.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_process_outlives_its_browser() {
    let Some(browser) = Chromium::start().await else {
        println!("skipped: Chromium and chromedriver are not installed");
        return;
    };
    let profile = browser.profile().to_owned();
    assert!(!processes_of(&profile).is_empty(), "it runs");
    drop(browser);
    for _ in 0..50 {
        if processes_of(&profile).is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("still there: {:?}", processes_of(&profile));
}

/// A browser on the site.
struct Look {
    browser: Chromium,
    site: String,
}

impl Look {
    async fn at_citizens_pages(&self) {
        self.sign_in(As::Karen).await;
        self.at("citizen", "/account").await;
        self.at("change", "/account/change").await;
        self.browser.write("#registration", "40").await;
        self.browser.press("form.narrow-form button[type=submit]").await;
        self.here("change-refused").await;
        self.browser.write("#registration", "11").await; // after the 40 that stands there
        self.browser.write("#number", "1234567890").await;
        self.browser.press("form.narrow-form button[type=submit]").await;
        self.here("citizen-pending").await;
        self.at("payments", "/payments").await;
        self.browser.press("td a").await;
        self.here("story").await;
        self.at("history", "/account/history").await;
        self.at("lookups", "/account/lookups").await;
        self.at("failure", "/caseworker/payments").await;
        self.sign_out().await;
    }

    async fn at_what_a_debtor_sees(&self) {
        self.sign_in(As::Ole).await;
        self.browser.press("td a").await;
        self.here("story-redirected").await;
        self.sign_out().await;
        self.sign_in(As::Child).await;
        self.here("child").await;
        self.sign_out().await;
    }

    async fn at_caseworkers_pages(&self) {
        self.sign_in(As::Chief).await;
        self.at("search", "/caseworker/payments").await;
        self.browser.press("form.search-form button[type=submit]").await;
        self.here("found").await;
        self.browser.press("td a").await;
        self.here("case-story").await;
        self.at("subject", "/caseworker/accounts").await;
        self.browser.write("#payee", KAREN).await;
        self.browser.write("#case", "2026-17").await;
        self.browser.press("form.narrow-form button[type=submit]").await;
        self.here("case-account").await;
        self.at("deliveries", "/caseworker/deliveries").await;
        self.browser.click("summary").await;
        self.here("findings").await;
    }

    async fn sign_out(&self) {
        self.browser.press(".portal-user button").await;
    }

    async fn sign_in(&self, who: As) {
        self.browser.open(&format!("{}/sign-in", self.site)).await;
        let form = format!("form:has(input[name=persona][value='{}']) button", who as usize);
        self.browser.press(&form).await;
    }

    async fn at(&self, name: &str, path: &str) {
        self.browser.open(&format!("{}{path}", self.site)).await;
        assert_eq!(self.browser.url().await, format!("{}{path}", self.site));
        self.here(name).await;
    }

    /// Checks the page that is shown, and keeps its picture.
    async fn here(&self, name: &str) {
        for (width, suffix) in [(1280, ""), (390, "-phone")] {
            self.browser.resize(width, 1400).await;
            self.browser.screenshot(&pictures().join(format!("{name}{suffix}.png"))).await;
            let script = format!(
                "const done = arguments[0]; {AXE};
                 axe.run().then(result => done({{
                     passes: result.passes.length,
                     violations: result.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | ')),
                 }}));"
            );
            let result = self.browser.run(&script).await;
            assert!(result["passes"].as_u64().is_some_and(|passes| passes > 10), "axe has looked: {result}");
            assert_eq!(result["violations"].as_array().map(Vec::as_slice), Some(&[][..]), "{name}, {width} wide: {result:#}");
        }
    }
}

fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("portal-pictures");
    std::fs::create_dir_all(&folder).expect("a folder for pictures");
    folder
}
