//! The certified `oidc-provider` from npm as a peer in a process of its own, and a browser that walks to it and back.

#![allow(dead_code)] // Each test program uses its own part.
#![allow(clippy::unwrap_used)] // What fails here fails the test.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;

use access::jws::SigningKey;
use access::oidc::{ClientKey, OidcMeans, OidcProvider, OidcSettings};
use access::{ClaimNames, IdentityProvider, Privileges};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, StatusCode, Uri, header};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use platform::testing::TemporaryFolder;
use platform::tls::Trust;
use primitives::{Clock, RandomIds, SystemClock, Text};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use serde_json::{Value, json};

/// Our id at the peer, and that of another service whose citizens sign in there too.
pub const OURS: &str = "nemkonto";
pub const ANOTHER: &str = "another-service";

/// The oldest Node.js the peer runs on.
const NODE: u32 = 18;

fn node_is_new_enough() -> bool {
    let answer = Command::new("node").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    let version = String::from_utf8_lossy(&answer);
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    major.is_some_and(|major: u32| major >= NODE)
}

/// The running peer; it ends with the value.
pub struct Peer {
    node: Child,
    /// Closing it ends the process.
    _standard_input: ChildStdin,
    pub issuer: String,
    pub trust: Trust,
    keys: BTreeMap<&'static str, KeyPair>,
    redirect: String,
    _folder: TemporaryFolder,
}

impl Peer {
    /// Starts it with these persons, by name, and the claims of each. `None`, with a word on why, where Node.js or the package is not
    /// installed; in CI that is a failure.
    pub fn start(redirect: &str, persons: &Value) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find_map(script_below).unwrap();
        let installed = script.with_file_name("node_modules").is_dir();
        if !installed || !node_is_new_enough() {
            assert!(
                std::env::var_os("CI").is_none(),
                "Node.js 18 and the peer's packages must be installed in CI: ./x test does"
            );
            eprintln!("skipped: Node.js 18 or crates/access/tests/peer/node_modules is not installed");
            return None;
        }
        let folder = TemporaryFolder::new();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        let certificate_file = folder.path().join("peer.pem");
        fs::write(&certificate_file, certificate.pem()).unwrap();

        let keys = [OURS, ANOTHER].map(|id| (id, KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()));
        let clients = keys.each_ref().map(|(id, key)| json!({ "id": id, "key": jwk(key), "redirect": redirect }));
        let asked = json!({
            "certificate": certificate.pem(), "key": key.serialize_pem(), "clients": clients, "persons": persons,
        });
        let mut node = Command::new("node");
        node.arg(&script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut node = node.spawn().unwrap();
        let mut standard_input = node.stdin.take().unwrap();
        writeln!(standard_input, "{asked}").unwrap();
        let mut issuer = String::new();
        BufReader::new(node.stdout.take().unwrap()).read_line(&mut issuer).unwrap();
        Some(Self {
            node,
            _standard_input: standard_input,
            issuer: issuer.trim().to_owned(),
            trust: Trust::read(&certificate_file).unwrap(),
            keys: BTreeMap::from(keys),
            redirect: redirect.to_owned(),
            _folder: folder,
        })
    }

    /// A provider of ours that talks to the peer under one of its clients' names.
    pub fn provider(&self, client_id: &str, clock: Arc<dyn Clock>) -> OidcProvider {
        self.provider_with_key(client_id, &self.keys[client_id].serialize_pem(), clock)
    }

    /// As [`provider`](Self::provider), with another private key.
    pub fn provider_with_key(&self, client_id: &str, key: &str, clock: Arc<dyn Clock>) -> OidcProvider {
        let settings = OidcSettings {
            id: "mitid".to_owned(),
            label: Text::new("MitID", "MitID"),
            issuer: self.issuer.clone(),
            client_id: client_id.to_owned(),
            redirect_address: self.redirect.clone(),
            scopes: vec![],
            levels: vec!["https://data.gov.dk/concept/core/nsis/Substantial".to_owned()],
            claims: names(),
            privileges: Privileges::default(),
        };
        let key = ClientKey::from_pem(key.as_bytes(), None).unwrap();
        OidcProvider::new(settings, OidcMeans { trust: self.trust.clone(), key, clock, ids: Arc::new(RandomIds) }).unwrap()
    }

    /// The ID token another service of the peer's gets for this person.
    pub async fn id_token(&self, client_id: &str, person: &str) -> String {
        let departure = self.provider(client_id, Arc::new(SystemClock)).depart().await.unwrap();
        let answer = self.sign_in(&departure.address, person).await;
        let code = &answer.iter().find(|(name, _)| name == "code").unwrap().1;
        let now = SystemClock.now().as_second();
        let claims = json!({
            "iss": client_id, "sub": client_id, "aud": self.issuer, "jti": code, "iat": now, "exp": now + 60,
        });
        let key = SigningKey::from_pem(self.keys[client_id].serialize_pem().as_bytes()).unwrap();
        let assertion = key.sign(&claims, None).unwrap();
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={}&client_id={client_id}&code_verifier={}\
             &client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion={assertion}",
            self.redirect, departure.pending.verifier,
        );
        let stop = self.walk().send(Method::POST, &format!("{}/token", self.issuer), form).await;
        let tokens: Value = serde_json::from_str(&stop.body).unwrap();
        tokens["id_token"].as_str().unwrap_or_else(|| panic!("no token: {tokens}")).to_owned()
    }

    /// Gives the peer other signing keys.
    pub async fn rotate(&self) {
        let answer = self.walk().request(Method::POST, &format!("{}/test/rotate", self.issuer)).await;
        assert_eq!(answer.body, "rotated");
    }

    /// A browser that trusts the peer.
    pub fn walk(&self) -> Walk {
        Walk { trust: self.trust.clone(), cookies: BTreeMap::new() }
    }

    /// Signs in as this person: from the address the browser is sent to until it is sent back. Answers the fields it brings back.
    pub async fn sign_in(&self, address: &str, person: &str) -> Vec<(String, String)> {
        let mut walk = self.walk();
        let page = walk.follow(address).await;
        let back = walk.follow(&format!("{}/{person}", page.address)).await;
        let query =
            back.address.strip_prefix(&format!("{}?", self.redirect)).unwrap_or_else(|| panic!("not back: {}", back.address));
        query.split('&').map(|pair| pair.split_once('=').unwrap()).map(|(name, value)| (name.to_owned(), decode(value))).collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

/// What the claims are called at the peer.
pub fn names() -> ClaimNames {
    let [level, cpr, cvr, user, name, privileges] = ["loa", "cpr", "cvr", "user", "full_name", "privileges"].map(str::to_owned);
    ClaimNames { level, cpr, cvr, user, name, privileges }
}

fn script_below(folder: &Path) -> Option<PathBuf> {
    ["tests/peer/provider.mjs", "crates/access/tests/peer/provider.mjs"]
        .map(|path| folder.join(path))
        .into_iter()
        .find(|path| path.is_file())
}

/// The public key as a JSON Web Key: an uncompressed point is 4, x, y (SEC 1, 2.3.3).
fn jwk(key: &KeyPair) -> Value {
    let point = key.public_key_raw();
    let (x, y) = point[1..].split_at(32);
    json!({ "kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y) })
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// A browser that keeps cookies and goes where it is sent, until it is sent away from the peer.
pub struct Walk {
    trust: Trust,
    cookies: BTreeMap<String, String>,
}

/// Where the browser is, and what stands there.
pub struct Stop {
    pub address: String,
    pub body: String,
}

impl Walk {
    async fn follow(&mut self, address: &str) -> Stop {
        let mut address = address.to_owned();
        loop {
            if !address.starts_with("https://localhost") {
                return Stop { address, body: String::new() };
            }
            let stop = self.request(Method::GET, &address).await;
            if stop.address == address {
                return stop;
            }
            address = stop.address;
        }
    }

    /// One request; the address of the answer is where it sends the browser.
    async fn request(&mut self, method: Method, address: &str) -> Stop {
        self.send(method, address, String::new()).await
    }

    async fn send(&mut self, method: Method, address: &str, form: String) -> Stop {
        let connector = HttpsConnectorBuilder::new().with_tls_config(self.trust.config()).https_only().enable_http1().build();
        let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder().method(method).uri(address).header(header::COOKIE, cookies.join("; "));
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let response = client.request(request.body(Full::new(Bytes::from(form))).unwrap()).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
        }
        let to = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        assert!(response.status() == StatusCode::OK || to.is_some(), "{address}: {}", response.status());
        let here: Uri = address.parse().unwrap();
        let to = to.map_or(address.to_owned(), |to| {
            if to.starts_with('/') { format!("https://{}{to}", here.authority().unwrap()) } else { to }
        });
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Stop { address: to, body: String::from_utf8_lossy(&body).into_owned() }
    }
}
