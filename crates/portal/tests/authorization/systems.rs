//! Systems that call over real TLS: with a certificate, with a token bound to it, and without either.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use access::certificate::{SubjectName, Thumbprint, good_until, subject_of};
use access::jws::SigningKey;
use access::system::{AccessTokens, Doorkeeper, RegisteredSystems, SystemParty, SystemRecord, TokenEndpoint, keep, token_routes};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use bytes::Bytes;
use contracts::Actor;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use platform::seal::KeyRing;
use platform::serve::{CallerCertificate, Door};
use platform::testing::TemporaryFolder;
use platform::tls::{Identity, Trust};
use primitives::{Clock, DataSupplierId, IdSource, RandomIds, SystemClock};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, DnValue, IsCa, KeyPair};
use serde_json::{Value, json};

use super::common::{KAREN, Town, cpr};
use super::operations::{doorkeeper, houses};

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
    _town: Town,
}

impl Open {
    async fn new() -> Self {
        let (town, pki) = (Town::new().await, Pki::new());
        let identity = Identity::read_asking_callers(&pki.file("own.pem"), &pki.file("own.key"), &pki.file("ca.pem")).unwrap();
        let door = Door::open("127.0.0.1:0".parse().unwrap(), Some(&identity)).await.unwrap();
        let url = door.url().replace("127.0.0.1", "localhost");
        let doorkeeper = with_client(doorkeeper(&town, &KeyRing::for_tests()), &pki.file("supplier.pub.pem"));
        let endpoint = TokenEndpoint::new(doorkeeper.clone(), &format!("{url}/oauth/token"), None);
        let routes = houses(&town).layer(from_fn_with_state(doorkeeper.clone(), keep)).merge(token_routes(endpoint));
        tokio::spawn(door.serve(routes, std::future::pending()));
        Self { url, pki, doorkeeper, _town: town }
    }

    async fn directory(&self, trust: &Trust, party: Party, token: Option<&str>) -> Option<StatusCode> {
        let actor = match party {
            Party::Bank => json!({ "kind": "bank", "code": "B1" }),
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
        let form = format!(
            "grant_type={grant}&client_assertion={assertion}\
             &client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        );
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}/oauth/token", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(form)))
            .unwrap();
        let (status, body) = send(trust, request).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

/// The town's door, where the supplier may fetch tokens by this key.
fn with_client(door: Doorkeeper, key_file: &Path) -> Doorkeeper {
    let record = |party: Party, belongs, client: bool| SystemRecord {
        subject: SubjectName { organisation: party.organisation().into(), serial: party.serial().into() },
        party: belongs,
        client_id: client.then(|| "dlv-1".to_owned()),
        key_file: client.then(|| key_file.to_owned()),
        broker_client_id: None,
    };
    let systems = RegisteredSystems::of([
        record(Party::Supplier, SystemParty::Supplier(DataSupplierId::parse("DLV-1").unwrap()), true),
        record(Party::Bank, SystemParty::Bank("B1".parse().unwrap()), false),
    ]);
    // Assertions and certificates live in real time.
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let tokens = AccessTokens::new(&KeyRing::for_tests(), Arc::clone(&clock), Arc::new(RandomIds));
    Doorkeeper { systems: Arc::new(systems), tokens: Arc::new(tokens), clock, ..door }
}

/// The answer; `None` when the connection itself was refused.
async fn send(trust: &Trust, request: Request<Full<Bytes>>) -> Option<(StatusCode, Bytes)> {
    let connector = HttpsConnectorBuilder::new().with_tls_config(trust.config()).https_only().enable_http1().build();
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let response = client.request(request).await.ok()?;
    let status = response.status();
    Some((status, response.into_body().collect().await.ok()?.to_bytes()))
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

fn assertion(key: &KeyPair, client: &str, audience: &str, seconds: i64) -> String {
    let now = SystemClock.now().as_second();
    let claims = json!({
        "iss": client, "sub": client, "aud": audience, "jti": RandomIds.uuid_v4(), "iat": now, "exp": now + seconds,
    });
    SigningKey::from_pem(key.serialize_pem().as_bytes()).unwrap().sign(&claims, None).unwrap()
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
