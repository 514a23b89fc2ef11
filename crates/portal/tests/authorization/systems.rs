//! Systems that call over real TLS: with a certificate, with a token bound to it, and without either.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use access::certificate::{SubjectName, Thumbprint, good_until, serial_number_of, subject_of};
use access::jws::SigningKey;
use access::oidc::OidcProvider;
use access::system::{
    AccessTokens, AssertionKey, Doorkeeper, PartiesDirectory, RegisteredSystems, SystemParty, SystemRecord, TokenEndpoint, keep,
    token_routes,
};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use bytes::Bytes;
use contracts::Actor;
use contracts::parties::{AgreementChange, AllowedCertificate, LookupLimit, Oversight, PartyKind, PartyTerms};
use contracts::register::{AccessQuery, Register};
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use jiff::SignedDuration;
use platform::seal::KeyRing;
use platform::serve::{CallerCertificate, Door};
use platform::testing::TemporaryFolder;
use platform::tls::{Identity, Trust, certificates};
use primitives::{AgreementNumber, Clock, DataSupplierId, IdSource, RandomIds, SystemClock};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, DnValue, IsCa, KeyPair};
use serde_json::{Value, json};

use super::operations::{doorkeeper, houses};

use crate::common::{AUTHORITY, KAREN, OLE, Town, agree, cpr, operator, person_number, terms};
use crate::peer::{ANOTHER, OURS, Peer};

/// Whose certificate it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    Authority,
    Supplier,
    Bank,
    Recovery,
    /// Vouched for, and known to nobody.
    Unknown,
}

impl Party {
    const ALL: [Self; 5] = [Self::Authority, Self::Supplier, Self::Bank, Self::Recovery, Self::Unknown];

    pub fn organisation(self) -> &'static str {
        match self {
            Self::Authority => "NTRDK-13585628",
            Self::Supplier => "NTRDK-10150817",
            Self::Bank => "NTRDK-10103940",
            Self::Recovery => "NTRDK-25313763",
            Self::Unknown => "NTRDK-61126228",
        }
    }

    pub fn serial(self) -> &'static str {
        match self {
            Self::Authority => "UI:DK-O:G:00000000-0000-4000-8000-000000000001",
            Self::Supplier => "UI:DK-O:G:00000000-0000-4000-8000-000000000002",
            Self::Bank => "UI:DK-O:G:00000000-0000-4000-8000-000000000003",
            Self::Recovery => "UI:DK-O:G:00000000-0000-4000-8000-000000000004",
            Self::Unknown => "UI:DK-O:G:00000000-0000-4000-8000-000000000005",
        }
    }
}

/// The public key infrastructure of the test: an authority, our own certificate, and one for each party in OCES form.
pub struct Pki {
    folder: TemporaryFolder,
    authority: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate in DER.
#[derive(Clone)]
pub struct Certificate(Vec<u8>);

impl Certificate {
    /// The party's, the same at every call.
    pub fn of(party: Party) -> Self {
        static ALL: OnceLock<Vec<Certificate>> = OnceLock::new();
        let all = ALL.get_or_init(|| {
            let pki = Pki::new();
            Party::ALL.map(|party| Certificate(pki.issue(party, party.serial()).0.der().to_vec())).to_vec()
        });
        all[Party::ALL.iter().position(|known| *known == party).unwrap()].clone()
    }

    pub fn thumbprint(&self) -> Thumbprint {
        Thumbprint::of(&self.0)
    }

    pub fn shown(&self) -> CallerCertificate {
        CallerCertificate(self.0.clone().into())
    }
}

impl Pki {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let pki = Self { folder: TemporaryFolder::new(), authority };
        pki.write("ca.pem", &pki.authority.pem());
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &pki.authority).unwrap();
        pki.write("own.pem", &own.pem());
        pki.write("own.key", &key.serialize_pem());
        pki
    }

    /// A certificate of an organisation in OCES form: `organizationIdentifier` and `serialNumber` in the subject.
    fn issue(&self, party: Party, serial: &str) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        let mut name = DistinguishedName::new();
        name.push(DnType::CountryName, "DK");
        name.push(DnType::CommonName, "Et system");
        name.push(DnType::CustomDnType(vec![2, 5, 4, 97]), DnValue::Utf8String(party.organisation().to_owned()));
        name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), DnValue::Utf8String(serial.to_owned()));
        params.distinguished_name = name;
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.authority).unwrap(), key)
    }

    /// What a system of the party trusts and shows.
    fn system(&self, party: Party) -> Trust {
        let (certificate, key) = self.issue(party, party.serial());
        let (certificate_file, key_file) = (format!("{party:?}.pem"), format!("{party:?}.key"));
        self.write(&certificate_file, &certificate.pem());
        self.write(&key_file, &key.serialize_pem());
        Trust::read_as(&self.file("ca.pem"), &self.file(&certificate_file), &self.file(&key_file)).unwrap()
    }

    fn write(&self, name: &str, content: &str) {
        use std::os::unix::fs::PermissionsExt;
        fs::write(self.file(name), content).unwrap();
        fs::set_permissions(self.file(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// The houses behind their door, on a real socket.
struct Open {
    url: String,
    pki: Pki,
    doorkeeper: Doorkeeper,
    town: Town,
}

impl Open {
    /// In real time, in which assertions and ID tokens live.
    async fn new() -> Self {
        Self::with(Pki::new(), |town, pki| with_client(doorkeeper(town, &KeyRing::for_tests()), pki), None).await
    }

    /// On the town's day.
    async fn on_the_towns_day() -> Self {
        Self::with(Pki::new(), |town, _| doorkeeper(town, &KeyRing::for_tests()), None).await
    }

    async fn with(pki: Pki, door: impl FnOnce(&Town, &Pki) -> Doorkeeper, broker: Option<Arc<OidcProvider>>) -> Self {
        let town = Town::new().await;
        let identity = Identity::read_asking_callers(&pki.file("own.pem"), &pki.file("own.key"), &pki.file("ca.pem")).unwrap();
        let open = Door::open("127.0.0.1:0".parse().unwrap(), Some(&identity)).await.unwrap();
        let url = open.url().replace("127.0.0.1", "localhost");
        let doorkeeper = door(&town, &pki);
        let endpoint = TokenEndpoint::new(doorkeeper.clone(), &format!("{url}/oauth/token"), broker);
        let routes = houses(&town).layer(from_fn_with_state(doorkeeper.clone(), keep)).merge(token_routes(endpoint));
        tokio::spawn(open.serve(routes, std::future::pending()));
        Self { url, pki, doorkeeper, town }
    }

    /// Calls an operation.
    async fn call(&self, trust: &Trust, endpoint: &str, actor: Value, input: Value, token: Option<&str>) -> Answered {
        let context = json!({ "actor": actor, "legal_basis": "lov", "purpose": "test", "trace": RandomIds.uuid_v4() });
        let call = json!({ "context": context, "key": RandomIds.uuid_v4(), "input": input });
        let mut request = Request::builder().method(Method::POST).uri(format!("{}/v1/{endpoint}", self.url));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        answered(trust, request.body(Full::new(Bytes::from(call.to_string()))).unwrap()).await.unwrap()
    }

    async fn directory(&self, trust: &Trust, party: Party, token: Option<&str>) -> Option<StatusCode> {
        let actor = match party {
            Party::Bank => json!({ "kind": "bank", "code": "B1" }),
            Party::Recovery => json!({ "kind": "recovery_authority" }),
            _ => json!({ "kind": "data_supplier", "id": "DLV-1" }),
        };
        let context = json!({ "actor": actor, "legal_basis": "lov", "purpose": "test", "trace": RandomIds.uuid_v4() });
        let call = json!({ "context": context, "input": "2026-03-02" });
        let mut request = Request::builder().method(Method::POST).uri(format!("{}/v1/parties/directory", self.url));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        send(trust, request.body(Full::new(Bytes::from(call.to_string()))).unwrap()).await.map(|(status, _)| status)
    }

    async fn token(&self, trust: &Trust, assertion: &str, grant: &str) -> (StatusCode, Value) {
        self.token_for(trust, assertion, grant, "").await
    }

    async fn token_for(&self, trust: &Trust, assertion: &str, grant: &str, further: &str) -> (StatusCode, Value) {
        let form = format!(
            "grant_type={grant}&client_assertion={assertion}\
             &client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer{further}"
        );
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}/oauth/token", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(form)))
            .unwrap();
        send(trust, request).await.unwrap()
    }
}

/// The town's door in real time, where the supplier may fetch tokens by a key of its file.
fn with_client(door: Doorkeeper, pki: &Pki) -> Doorkeeper {
    let key = AssertionKey::File(pki.file("supplier.pub.pem"));
    let systems = RegisteredSystems::of([
        SystemRecord {
            client_id: Some("dlv-1".to_owned()),
            key: Some(key),
            ..record(Party::Supplier, SystemParty::Supplier(DataSupplierId::parse("DLV-1").unwrap()))
        },
        record(Party::Bank, SystemParty::Bank("B1".parse().unwrap())),
    ]);
    in_real_time(door, systems)
}

fn in_real_time(door: Doorkeeper, systems: RegisteredSystems) -> Doorkeeper {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let tokens = AccessTokens::new(&KeyRing::for_tests(), Arc::clone(&clock), Arc::new(RandomIds));
    Doorkeeper { systems: Arc::new(systems), tokens: Arc::new(tokens), clock, ..door }
}

fn record(party: Party, belongs: SystemParty) -> SystemRecord {
    SystemRecord {
        subject: SubjectName { organisation: party.organisation().into(), serial: party.serial().into() },
        party: belongs,
        client_id: None,
        key: None,
        broker_client_id: None,
    }
}

/// An answer, whole.
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

/// The answer; `None` when the connection itself was refused.
async fn answered(trust: &Trust, request: Request<Full<Bytes>>) -> Option<Answered> {
    let connector = HttpsConnectorBuilder::new().with_tls_config(trust.config()).https_only().enable_http1().build();
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let response = client.request(request).await.ok()?;
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.into_body().collect().await.ok()?.to_bytes();
    Some(Answered { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() })
}

async fn send(trust: &Trust, request: Request<Full<Bytes>>) -> Option<(StatusCode, Value)> {
    answered(trust, request).await.map(|answered| (answered.status, answered.body))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_opens_the_door_for_its_party_alone() {
    let open = Open::new().await;
    let (supplier, bank) = (open.pki.system(Party::Supplier), open.pki.system(Party::Bank));
    assert_eq!(open.directory(&supplier, Party::Supplier, None).await, Some(StatusCode::OK));
    assert_eq!(open.directory(&bank, Party::Bank, None).await, Some(StatusCode::OK));
    assert_eq!(open.directory(&bank, Party::Supplier, None).await, Some(StatusCode::FORBIDDEN), "a bank as a supplier");

    let nobody = Trust::read(&open.pki.file("ca.pem")).unwrap();
    assert_eq!(open.directory(&nobody, Party::Supplier, None).await, Some(StatusCode::FORBIDDEN), "no certificate");
    let unknown = open.pki.system(Party::Unknown);
    assert_eq!(open.directory(&unknown, Party::Supplier, None).await, Some(StatusCode::FORBIDDEN), "known to nobody");

    // The same names under another authority: the handshake itself fails.
    let forger = Pki::new();
    let (certificate, key) = forger.issue(Party::Supplier, Party::Supplier.serial());
    open.pki.write("forged.pem", &certificate.pem());
    open.pki.write("forged.key", &key.serialize_pem());
    let forged = Trust::read_as(&open.pki.file("ca.pem"), &open.pki.file("forged.pem"), &open.pki.file("forged.key")).unwrap();
    assert_eq!(open.directory(&forged, Party::Supplier, None).await, None, "vouched for by another authority");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_fetched_by_a_signed_assertion_and_bound_to_the_certificate() {
    let open = Open::new().await;
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    open.pki.write("supplier.pub.pem", &key.public_key_pem());
    let (supplier, bank) = (open.pki.system(Party::Supplier), open.pki.system(Party::Bank));
    let address = format!("{}/oauth/token", open.url);
    let good = assertion(&key, "dlv-1", &address, 60);
    let (status, answer) = open.token(&supplier, &good, "client_credentials").await;
    assert_eq!((status, &answer["token_type"]), (StatusCode::OK, &json!("Bearer")), "{answer}");
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(open.directory(&supplier, Party::Supplier, Some(token)).await, Some(StatusCode::OK));
    assert_eq!(open.directory(&bank, Party::Supplier, Some(token)).await, Some(StatusCode::FORBIDDEN), "a stolen token");
    assert_eq!(open.directory(&supplier, Party::Supplier, Some("invented")).await, Some(StatusCode::FORBIDDEN));

    let (status, answer) = open.token(&supplier, &good, "client_credentials").await;
    assert_eq!((status, &answer["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")), "an assertion a second time");
    let other_key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    for (why, assertion) in [
        ("another key", assertion(&other_key, "dlv-1", &address, 60)),
        ("another client", assertion(&key, "dlv-2", &address, 60)),
        ("for another endpoint", assertion(&key, "dlv-1", "https://another.example/oauth/token", 60)),
        ("too old", assertion(&key, "dlv-1", &address, -60)),
        ("good for too long", assertion(&key, "dlv-1", &address, 3_600)),
        ("none", String::new()),
    ] {
        let (status, _) = open.token(&supplier, &assertion, "client_credentials").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{why}");
    }
    let (status, _) = open.token(&bank, &assertion(&key, "dlv-1", &address, 60), "client_credentials").await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "a system that may fetch none");
    let (status, _) = open.token(&supplier, &assertion(&key, "dlv-1", &address, 60), "password").await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "another grant");
}

/// A system whose certificate's own number and network two persons have agreed on.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_two_persons_agreed_on_opens_the_door_from_its_network_alone() {
    let open = Open::with(Pki::new(), door_of_parties, None).await;
    let bank = open.pki.system(Party::Bank);
    assert_eq!(open.directory(&bank, Party::Bank, None).await, Some(StatusCode::OK), "the file counts while the terms name none");

    let der = certificates(&open.pki.file("Bank.pem")).unwrap().remove(0);
    let own = AllowedCertificate { organisation: Party::Bank.organisation().into(), serial: serial_number_of(&der).unwrap() };
    let another = AllowedCertificate { serial: "abc".into(), ..own.clone() };
    let (begun, over) = (Some("2026-02-01"), Some("2026-03-01"));
    for (why, certificates, network, days, expect) in [
        ("another certificate: the file no longer counts", vec![another], "127.0.0.0/8", (None, None), StatusCode::FORBIDDEN),
        ("another network", vec![own.clone()], "192.0.2.0/24", (None, None), StatusCode::FORBIDDEN),
        ("both", vec![own], "127.0.0.0/8", (None, None), StatusCode::OK),
        ("taken away: the file does not count again", vec![], "127.0.0.0/8", (None, None), StatusCode::FORBIDDEN),
        ("nor where no terms are in force", vec![], "127.0.0.0/8", (begun, over), StatusCode::FORBIDDEN),
    ] {
        let usual = terms(PartyKind::Bank, "B1");
        let new = PartyTerms {
            certificates,
            networks: vec![network.parse().unwrap()],
            valid_from: days.0.map_or(usual.valid_from, |day| day.parse().unwrap()),
            valid_until: days.1.map(|day| day.parse().unwrap()),
            ..usual
        };
        agree(&open.town, vec![AgreementChange::Terms(new)]).await;
        open.town.clock.advance(SignedDuration::from_secs(61));
        assert_eq!(open.directory(&bank, Party::Bank, None).await, Some(expect), "{why}");
    }
}

/// The recovery authority is known by its number: its own terms take the place of the file's entry.
#[tokio::test(flavor = "multi_thread")]
async fn the_recovery_authoritys_terms_are_found_by_its_number() {
    let open = Open::with(Pki::new(), door_of_parties, None).await;
    let recovery = open.pki.system(Party::Recovery);
    assert_eq!(open.directory(&recovery, Party::Recovery, None).await, Some(StatusCode::OK), "by the file");
    let der = certificates(&open.pki.file("Recovery.pem")).unwrap().remove(0);
    let own = AllowedCertificate { organisation: Party::Recovery.organisation().into(), serial: serial_number_of(&der).unwrap() };
    let another = AllowedCertificate { serial: "abc".into(), ..own.clone() };
    for (certificate, expect) in [(another, StatusCode::FORBIDDEN), (own, StatusCode::OK)] {
        let new = PartyTerms { certificates: vec![certificate], ..terms(PartyKind::RecoveryAuthority, RECOVERY) };
        agree(&open.town, vec![AgreementChange::Terms(new)]).await;
        open.town.clock.advance(SignedDuration::from_secs(61));
        assert_eq!(open.directory(&recovery, Party::Recovery, None).await, Some(expect));
    }
}

/// The recovery authority's agreement number.
const RECOVERY: &str = "00000009";

/// A door that asks parties, and a file that names the bank and the recovery authority.
fn door_of_parties(town: &Town, _: &Pki) -> Doorkeeper {
    let file = RegisteredSystems::of([
        record(Party::Bank, SystemParty::Bank("B1".parse().unwrap())),
        record(Party::Recovery, SystemParty::Recovery(AgreementNumber::parse(RECOVERY).unwrap())),
    ]);
    let directory = PartiesDirectory::new(town.parties.clone(), file, Arc::new(town.clock.clone()));
    Doorkeeper { systems: Arc::new(directory), ..doorkeeper(town, &KeyRing::for_tests()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_through_numbers_is_blocked_and_an_alert_is_raised() {
    let open = Open::on_the_towns_day().await;
    let system = open.pki.system(Party::Authority);
    let chief = json!({ "kind": "caseworker", "user": "chief", "authority": AUTHORITY });
    let ask = async |number: &str| open.call(&system, "register/have-accounts", chief.clone(), json!([cpr(number)]), None).await;
    // A user has 400 tokens: somebody found costs one, nobody found twenty.
    assert_eq!(ask(KAREN).await.body, json!(["no_nem_konto"]));
    for index in 100..119 {
        assert_eq!(ask(&person_number(index)).await.body, json!(["unknown"]), "{index}");
    }
    let blocked = ask(&person_number(119)).await;
    assert_eq!(blocked.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(blocked.headers["content-type"], "application/problem+json");
    // It is one in debt, and 400 an hour come back: until one is there, 18 seconds.
    assert_eq!(blocked.headers["retry-after"], "18");
    assert_eq!(blocked.body["problem"]["code"], "TOO_MANY");
    assert!(!blocked.body.to_string().contains("unknown"), "the answer is withheld: {}", blocked.body);
    assert_eq!(ask(KAREN).await.status, StatusCode::TOO_MANY_REQUESTS, "also for somebody who is there");

    let query = json!({ "since": "2026-03-02", "limit": 10 });
    let list = open.call(&system, "parties/control-list", chief.clone(), query, None).await.body;
    assert_eq!(list.as_array().map(Vec::len), Some(1), "one alert for each time: {list}");
    assert_eq!(list[0]["matter"]["who"], format!("caseworker:{AUTHORITY}:chief"), "{list}");

    // Whoever pays is not hindered, nor whoever is another.
    let supplier = open.pki.system(Party::Supplier);
    assert_eq!(open.directory(&supplier, Party::Supplier, None).await, Some(StatusCode::OK));
    let own = json!({ "payer": AUTHORITY, "scope": { "scope": "all" }, "limit": 1 });
    let searched = open.call(&system, "mediation/search", chief.clone(), own.clone(), None).await;
    assert_eq!(searched.status, StatusCode::OK, "the own payments name nobody");
    let of_karen = json!({ "payer": AUTHORITY, "scope": { "scope": "all" }, "limit": 1, "payee": cpr(KAREN) });
    let searched = open.call(&system, "mediation/search", chief.clone(), of_karen, None).await;
    assert_eq!(searched.status, StatusCode::TOO_MANY_REQUESTS, "a search for somebody is a lookup");
    open.town.clock.advance(SignedDuration::from_secs(18));
    assert_eq!(ask(KAREN).await.status, StatusCode::OK, "time opens it again");
}

/// Whoever may not ask by one operation asks by another: what changes something tells whether somebody is there as well, and so does a refusal.
#[tokio::test(flavor = "multi_thread")]
async fn who_goes_through_numbers_by_changes_and_refusals_is_blocked_too() {
    let open = Open::on_the_towns_day().await;
    let system = open.pki.system(Party::Authority);
    let chief = json!({ "kind": "caseworker", "user": "chief", "authority": AUTHORITY });
    let designation = |number: &str| {
        json!([{
            "identifier": cpr(number), "purpose": { "purpose": "nem_konto" }, "account": crate::common::account("7777777777"),
            "valid_from": "2026-03-02", "route": { "route": "caseworker" }, "reason": "test",
        }])
    };
    let end = |number: &str| json!([{ "identifier": cpr(number), "purpose": { "purpose": "nem_konto" }, "from": "2026-03-02", "reason": "test" }]);
    let promotion = |number: &str| json!([{ "identifier": cpr(number), "payer": AUTHORITY, "benefit": "NKSBFY", "valid_from": "2026-03-02", "reason": "test" }]);
    type Input<'i> = &'i dyn Fn(&str) -> Value;
    let asks: [(&str, Input<'_>, StatusCode); 5] = [
        ("register/designate", &designation, StatusCode::OK),
        ("register/end", &end, StatusCode::OK),
        ("register/promote", &promotion, StatusCode::OK),
        ("register/subscribe", &|number| json!([{ "payer": AUTHORITY, "identifier": cpr(number) }]), StatusCode::OK),
        ("register/holds", &|number| json!(cpr(number)), StatusCode::NOT_FOUND),
    ];
    for (endpoint, input, nobody) in asks {
        for index in 100..120 {
            let asked = open.call(&system, endpoint, chief.clone(), input(&person_number(index)), None).await;
            assert_eq!(asked.status, nobody, "{endpoint} {index}: {}", asked.body);
            assert!(asked.body.to_string().contains("NOT_FOUND"), "{endpoint} {index}: {}", asked.body);
        }
        // The twentieth took the last of 400 tokens.
        let blocked = open.call(&system, endpoint, chief.clone(), input(KAREN), None).await;
        assert_eq!(blocked.status, StatusCode::TOO_MANY_REQUESTS, "{endpoint}");
        open.town.clock.advance(SignedDuration::from_hours(1));
    }
}

/// Whoever designates accounts for people who are there pays nothing, as often as it may be.
#[tokio::test(flavor = "multi_thread")]
async fn honest_changes_cost_nothing() {
    let open = Open::on_the_towns_day().await;
    let system = open.pki.system(Party::Authority);
    let chief = json!({ "kind": "caseworker", "user": "chief", "authority": AUTHORITY });
    let limit = json!([{ "holder": { "of": "user", "authority": AUTHORITY, "user": "chief" }, "size": 1, "per_hour": 0,
        "valid_from": "2026-03-02", "why": "test" }]);
    let limits: Vec<LookupLimit> = serde_json::from_value(limit).unwrap();
    open.town.parties.set_lookup_limits(&operator(), &crate::common::new_key(), limits).await.unwrap();
    for number in ["7777777777", "8888888888", "9999999999"] {
        let designation = json!([{
            "identifier": cpr(KAREN), "purpose": { "purpose": "nem_konto" }, "account": crate::common::account(number),
            "valid_from": "2026-03-02", "route": { "route": "caseworker" }, "reason": "test",
        }]);
        let changed = open.call(&system, "register/designate", chief.clone(), designation, None).await;
        assert!(changed.status == StatusCode::OK && changed.body[0]["Ok"]["state"] == "pending", "{}", changed.body);
    }
}

fn assertion(key: &KeyPair, client: &str, audience: &str, seconds: i64) -> String {
    let now = SystemClock.now().as_second();
    let claims = json!({
        "iss": client, "sub": client, "aud": audience, "jti": RandomIds.uuid_v4(), "iat": now, "exp": now + seconds,
    });
    SigningKey::from_pem(key.serialize_pem().as_bytes()).unwrap().sign(&claims, None).unwrap()
}

/// Where citizens come back to from the broker.
const REDIRECT: &str = "https://127.0.0.1:1/sign-in/mitid/answer";

/// The service of an authority, in which Karen has signed in by MitID: it looks up and changes her account, in its name and hers.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_acts_for_the_citizen_who_has_signed_in_to_it_and_for_nobody_else() {
    let persons = json!({ "karen": { "cpr": KAREN, "loa": "Substantial", "full_name": "Karen Jensen" } });
    let Some(peer) = Peer::start(REDIRECT, &persons) else { return };
    let broker = Arc::new(peer.provider(OURS, Arc::new(SystemClock)));
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let pem = key.public_key_pem();
    let open =
        Open::with(Pki::new(), |town, _| in_real_time(doorkeeper(town, &KeyRing::for_tests()), services(pem)), Some(broker))
            .await;
    let service = open.pki.system(Party::Authority);
    let address = format!("{}/oauth/token", open.url);
    let exchange = async |id_token: &str| {
        let assertion = assertion(&key, "journey", &address, 60);
        let subject = format!("&subject_token={id_token}&subject_token_type=urn:ietf:params:oauth:token-type:id_token");
        open.token_for(&service, &assertion, "urn:ietf:params:oauth:grant-type:token-exchange", &subject).await
    };
    let (status, answer) = exchange(&peer.id_token(OURS, "karen").await).await;
    assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_grant")), "signed in elsewhere");
    let (status, answer) = exchange(&peer.id_token(ANOTHER, "karen").await).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
    let token = answer["access_token"].as_str().unwrap();

    let (karen, ole) = (json!(Actor::Payee { identifier: cpr(KAREN) }), json!(Actor::Payee { identifier: cpr(OLE) }));
    let designation = json!([{
        "identifier": cpr(KAREN), "purpose": { "purpose": "nem_konto" }, "account": crate::common::account("7777777777"),
        "valid_from": "2026-03-02", "route": { "route": "self_service" }, "reason": "test",
    }]);
    let changed = open.call(&service, "register/designate", karen.clone(), designation, Some(token)).await;
    assert!(changed.status == StatusCode::OK && changed.body[0]["Ok"]["state"] == "pending", "{}", changed.body);
    let seen = open.call(&service, "register/holders", karen.clone(), json!([cpr(KAREN)]), Some(token)).await;
    assert!(seen.status == StatusCode::OK && seen.body[0]["name"] == "Karen Jensen", "{}", seen.body);
    let query = AccessQuery { identifier: cpr(KAREN), limit: 10 };
    let accesses = open.town.register.accesses(&operator(), query).await.unwrap();
    let through = Some(AgreementNumber::parse(AUTHORITY).unwrap());
    assert!(accesses.iter().any(|access| access.on_behalf_of == through), "Karen sees through whom: {accesses:?}");

    for (why, trust, actor, number, token) in [
        ("another citizen", &service, &karen, OLE, Some(token)),
        ("as another citizen", &service, &ole, OLE, Some(token)),
        ("no token", &service, &karen, KAREN, None),
        ("a stolen token", &open.pki.system(Party::Supplier), &karen, KAREN, Some(token)),
    ] {
        let refused = open.call(trust, "register/holders", actor.clone(), json!([cpr(number)]), token).await;
        let is_empty = refused.status == StatusCode::OK && refused.body == json!([null]);
        assert!(refused.status == StatusCode::FORBIDDEN || is_empty, "{why}: {} {}", refused.status, refused.body);
    }
    let caseworkers = open.call(&service, "register/have-accounts", karen, json!([cpr(KAREN)]), Some(token)).await;
    assert_eq!(caseworkers.status, StatusCode::FORBIDDEN, "the citizen's rights, never the service's");
}

/// An authority's service that citizens sign in to, and a supplier.
fn services(public_key: String) -> RegisteredSystems {
    RegisteredSystems::of([
        SystemRecord {
            client_id: Some("journey".to_owned()),
            key: Some(AssertionKey::Pem(public_key)),
            broker_client_id: Some(ANOTHER.to_owned()),
            ..record(Party::Authority, SystemParty::Authority(AgreementNumber::parse(AUTHORITY).unwrap()))
        },
        record(Party::Supplier, SystemParty::Supplier(DataSupplierId::parse("DLV-1").unwrap())),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizens_token_speaks_for_that_citizen_and_through_that_service_alone() {
    let open = Open::new().await;
    let subject = SubjectName { organisation: Party::Supplier.organisation().into(), serial: Party::Supplier.serial().into() };
    let token = access::system::AccessToken { subject, citizen: Some(cpr(KAREN)) };
    let text = open.doorkeeper.tokens.give(&token, &Certificate::of(Party::Authority).thumbprint());
    // A token of another certificate, and of a system that is no authority's.
    let supplier = open.pki.system(Party::Supplier);
    assert_eq!(open.directory(&supplier, Party::Supplier, Some(&text)).await, Some(StatusCode::FORBIDDEN));
    assert!(!text.contains(KAREN) && serde_json::to_string(&Actor::Payee { identifier: cpr(KAREN) }).unwrap().contains(KAREN));
}

#[test]
fn the_names_of_a_certificate_in_oces_form_are_read() {
    let Certificate(der) = Certificate::of(Party::Bank);
    let names = subject_of(&der).unwrap();
    assert_eq!((names.organisation.as_str(), names.serial.as_str()), (Party::Bank.organisation(), Party::Bank.serial()));
    assert!(good_until(&der).unwrap() > SystemClock.now());
}
