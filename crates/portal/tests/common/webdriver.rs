//! A real browser: headless Chromium, driven through chromedriver by the W3C WebDriver protocol.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};

/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A running browser; it ends with the value.
pub struct Chromium {
    driver: Child,
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
    session: String,
    profile: PathBuf,
}

impl Chromium {
    /// Starts it, or answers `None` where it is not installed.
    pub async fn start() -> Option<Self> {
        let (chromium, driver) = (find("chromium")?, find("chromedriver")?);
        let port = free_port().await;
        let profile = std::env::temp_dir().join(format!("portal-chromium-{}-{port}", std::process::id()));
        let driver =
            Command::new(driver).arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let base = format!("http://127.0.0.1:{port}");
        let mut browser = Self { driver, client, base, session: String::new(), profile };
        browser.wait_until_ready().await;
        browser.begin(&chromium).await;
        Some(browser)
    }

    async fn wait_until_ready(&self) {
        for _ in 0..100 {
            let status = self.try_call(Method::GET, "/status", None).await;
            if status.is_ok_and(|value| value["ready"] == true) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("chromedriver has not become ready in 10 s");
    }

    async fn begin(&mut self, chromium: &Path) {
        let profile = format!("--user-data-dir={}", self.profile.display());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,1400",
            &profile,
        ];
        let options = json!({ "binary": chromium, "args": arguments });
        let capabilities =
            json!({ "capabilities": { "alwaysMatch": { "acceptInsecureCerts": true, "goog:chromeOptions": options } } });
        let answer = self.try_call(Method::POST, "/session", Some(capabilities)).await.expect("a browser session");
        self.session = answer["sessionId"].as_str().expect("a session id").to_owned();
    }

    /// Its profile's folder.
    pub fn profile(&self) -> &Path {
        &self.profile
    }

    /// Opens an address.
    pub async fn open(&self, url: &str) {
        self.call(Method::POST, "/url", json!({ "url": url })).await;
    }

    /// The address it is on.
    pub async fn url(&self) -> String {
        self.call(Method::GET, "/url", Value::Null).await.as_str().unwrap().to_owned()
    }

    /// Clicks on the first element of this selector.
    pub async fn click(&self, selector: &str) {
        let element = self.element(selector).await;
        self.call(Method::POST, &format!("/element/{element}/click"), json!({})).await;
    }

    /// Clicks on what leads to another page, and waits until that has come whole.
    pub async fn press(&self, selector: &str) {
        self.run("document.documentElement.dataset.left = 'yes'; arguments[0]()").await;
        self.click(selector).await;
        for _ in 0..100 {
            let arrived = "arguments[0](document.readyState === 'complete' && !document.documentElement.dataset.left)";
            // Between two pages there is none to run the script in.
            if self.try_run(arrived).await.is_ok_and(|arrived| arrived == true) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{selector} has led nowhere in 5 s");
    }

    /// Writes into a field.
    pub async fn write(&self, selector: &str, text: &str) {
        let element = self.element(selector).await;
        self.call(Method::POST, &format!("/element/{element}/value"), json!({ "text": text })).await;
    }

    async fn element(&self, selector: &str) -> String {
        let query = json!({ "using": "css selector", "value": selector });
        let found = self.call(Method::POST, "/element", query).await;
        found[ELEMENT].as_str().unwrap_or_else(|| panic!("no element {selector}: {found}")).to_owned()
    }

    /// Runs a script that calls `arguments[0]` with its answer.
    pub async fn run(&self, script: &str) -> Value {
        self.try_run(script).await.unwrap_or_else(|error| panic!("{error}"))
    }

    async fn try_run(&self, script: &str) -> Result<Value, String> {
        let path = format!("/session/{}/execute/async", self.session);
        self.try_call(Method::POST, &path, Some(json!({ "script": script, "args": [] }))).await
    }

    /// Makes the window this wide and high.
    pub async fn resize(&self, width: u32, height: u32) {
        self.call(Method::POST, "/window/rect", json!({ "width": width, "height": height })).await;
    }

    /// Keeps a picture of the whole page.
    pub async fn screenshot(&self, file: &Path) {
        let element = self.element("html").await;
        let picture = self.call(Method::GET, &format!("/element/{element}/screenshot"), Value::Null).await;
        std::fs::write(file, base64(picture.as_str().unwrap())).unwrap();
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> Value {
        let path = format!("/session/{}{path}", self.session);
        let body = (method == Method::POST).then_some(body);
        self.try_call(method, &path, body).await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    async fn try_call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, String> {
        let body = body.map_or_else(String::new, |body| body.to_string());
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        let response = self.client.request(request).await.map_err(|error| error.to_string())?;
        let status = response.status();
        let bytes = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        let mut answer: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        if status.is_success() { Ok(answer["value"].take()) } else { Err(answer["value"]["message"].to_string()) }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // A driver that is killed leaves its browser behind. What fails here is of no consequence to a test that is over.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        for process in processes_of(&self.profile) {
            let _ = Command::new("kill").args(["-KILL", &process]).stderr(Stdio::null()).status();
        }
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// The processes that were started with this profile, which no other browser has.
pub fn processes_of(profile: &Path) -> Vec<String> {
    let profile = profile.display().to_string();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = processes.filter_map(|process| process.file_name().into_string().ok());
    let own = names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).filter(|name| {
        let command = std::fs::read(format!("/proc/{name}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&command).contains(&profile)
    });
    own.collect()
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

async fn free_port() -> u16 {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    listener.local_addr().unwrap().port()
}

/// Decodes base64 (RFC 4648, 4).
fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = |letter: u8| u32::try_from(ALPHABET.iter().position(|known| *known == letter).unwrap()).unwrap();
    let letters: Vec<u8> = text.bytes().filter(|byte| *byte != b'=').collect();
    let mut bytes = Vec::with_capacity(letters.len() * 3 / 4);
    for four in letters.chunks(4) {
        let bits = four.iter().fold(0, |bits, letter| bits << 6 | value(*letter)) << (6 * (4 - four.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
}
