//! The operations of the houses, through the door that stands before them.

use std::sync::Arc;

use access::authorization::{Authorization, Right};
use access::certificate::SubjectName;
use access::system::{AccessTokens, Doorkeeper, ExpiryWatch, RegisteredSystems, SystemParty, SystemRecord, keep};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::middleware::from_fn_with_state;
use contracts::mediation::{Mediation, PaymentSearch};
use contracts::operation::CALL_HEADER;
use contracts::parties::Function;
use contracts::{Actor, Context};
use http_body_util::BodyExt;
use platform::seal::KeyRing;
use platform::service_token::ServiceToken;
use primitives::{AgreementNumber, Clock, DataSupplierId, IdSource, PaymentRef, RandomIds};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::common::{AUTHORITY, KAREN, OLE, OTHER_AUTHORITY, Town, cpr, operator};
use super::systems::{Certificate, Party};

const SECRET: &str = "the-secret-of-the-processes-of-this-town";

/// Every operation of the houses, as the interface documents list them.
pub fn endpoints() -> Vec<String> {
    let houses =
        [register::operations(), parties::operations(), holding::operations(), setoff::operations(), mediation::operations()];
    houses.into_iter().flatten().map(|operation| access::authorization::endpoint_of(operation.name())).collect()
}

/// Someone who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    House,
    /// Karen, through the system of the first authority.
    Citizen,
    /// A caseworker of the first authority with every function and benefit.
    Chief,
    /// One who may search, for one benefit.
    Trainee,
    /// One without a role profile.
    Stranger,
    /// One of the other authority, who says to be of the first.
    Neighbour,
    Supplier,
    Bank,
    Recovery,
    /// A system whose certificate is known to nobody.
    Unknown,
    /// Somebody without certificate and secret.
    Nobody,
}

const CALLERS: [Caller; 11] = [
    Caller::House,
    Caller::Citizen,
    Caller::Chief,
    Caller::Trainee,
    Caller::Stranger,
    Caller::Neighbour,
    Caller::Supplier,
    Caller::Bank,
    Caller::Recovery,
    Caller::Unknown,
    Caller::Nobody,
];

impl Caller {
    fn column(self) -> &'static str {
        match self {
            Self::House => "house",
            Self::Citizen => "payee",
            Self::Chief | Self::Trainee | Self::Stranger | Self::Neighbour => "caseworker",
            Self::Supplier => "supplier",
            Self::Bank => "bank",
            Self::Recovery => "recovery",
            Self::Unknown | Self::Nobody => "nobody",
        }
    }

    fn actor(self) -> Value {
        let caseworker = |user: &str| json!({ "kind": "caseworker", "user": user, "authority": AUTHORITY });
        match self {
            Self::House | Self::Unknown | Self::Nobody => json!({ "kind": "house", "name": "mediation" }),
            Self::Citizen => json!(Actor::Payee { identifier: cpr(KAREN) }),
            Self::Chief => caseworker("chief"),
            Self::Trainee => caseworker("trainee"),
            Self::Stranger => caseworker("stranger"),
            Self::Neighbour => caseworker("neighbour"),
            Self::Supplier => json!({ "kind": "data_supplier", "id": "DLV-1" }),
            Self::Bank => json!({ "kind": "bank", "code": "B1" }),
            Self::Recovery => json!({ "kind": "recovery_authority" }),
        }
    }
}

/// Whether what is asked for is the caller's own, and of a benefit in the trainee's role profile.
#[derive(Clone, Copy, Debug)]
struct About {
    own_party: bool,
    own_benefit: bool,
}

impl About {
    const ALL: [Self; 4] = [
        Self { own_party: true, own_benefit: true },
        Self { own_party: true, own_benefit: false },
        Self { own_party: false, own_benefit: true },
        Self { own_party: false, own_benefit: false },
    ];

    fn payee(self) -> Value {
        json!(cpr(if self.own_party { KAREN } else { OLE }))
    }

    fn payer(self) -> &'static str {
        if self.own_party { AUTHORITY } else { OTHER_AUTHORITY }
    }

    fn benefit(self) -> &'static str {
        if self.own_benefit { "NKSBFY" } else { "NKSLØN" }
    }

    fn own<'t>(self, own: &'t str, foreign: &'t str) -> &'t str {
        if self.own_party { own } else { foreign }
    }
}

struct Matrix {
    router: Router,
    town: Town,
    /// A citizen's token, bound to the authority's certificate.
    token: String,
    /// Payments to Karen, of NKSBFY and of NKSLØN.
    payments: [PaymentRef; 2],
}

/// The door before all houses of the town.
pub fn doorkeeper(town: &Town, keys: &KeyRing) -> Doorkeeper {
    let clock: Arc<dyn Clock> = Arc::new(town.clock.clone());
    let record = |party: Party, belongs: SystemParty| SystemRecord {
        subject: SubjectName { organisation: party.organisation().into(), serial: party.serial().into() },
        party: belongs,
        client_id: None,
        key_file: None,
        broker_client_id: None,
    };
    let systems = RegisteredSystems::of([
        record(Party::Authority, SystemParty::Authority(AgreementNumber::parse(AUTHORITY).unwrap())),
        record(Party::Supplier, SystemParty::Supplier(DataSupplierId::parse("DLV-1").unwrap())),
        record(Party::Bank, SystemParty::Bank("B1".parse().unwrap())),
        record(Party::Recovery, SystemParty::Recovery),
    ]);
    Doorkeeper {
        secret: ServiceToken::new(SECRET).unwrap(),
        systems: Arc::new(systems),
        tokens: Arc::new(AccessTokens::new(keys, Arc::clone(&clock), Arc::new(RandomIds))),
        parties: Some(town.parties.clone()),
        watch: Arc::new(ExpiryWatch::new(Arc::clone(&clock))),
        clock,
    }
}

/// The open interfaces of all houses, with nobody before them.
pub fn houses(town: &Town) -> Router {
    register::routes(town.register.clone())
        .merge(parties::routes(town.parties.clone()))
        .merge(holding::routes(town.holding.clone()))
        .merge(setoff::routes(town.setoff.clone()))
        .merge(mediation::routes(town.mediation.clone()))
}

impl Matrix {
    async fn new() -> Self {
        let town = Town::with_payments().await;
        let door = doorkeeper(&town, &KeyRing::for_tests());
        let authority = Certificate::of(Party::Authority);
        let subject =
            SubjectName { organisation: Party::Authority.organisation().into(), serial: Party::Authority.serial().into() };
        let token = access::system::AccessToken { subject, citizen: Some(cpr(KAREN)) };
        let token = door.tokens.give(&token, &authority.thumbprint());
        let router = houses(&town).layer(from_fn_with_state(door, keep));
        let mut payments = Vec::new();
        for reference in ["BFY-1", "LON-2"] {
            let search = PaymentSearch {
                payer: Some(AgreementNumber::parse(AUTHORITY).unwrap()),
                end_to_end_id: Some(reference.into()),
                limit: 1,
                ..PaymentSearch::default()
            };
            payments.push(town.mediation.search(&operator(), search).await.unwrap().payments.remove(0).payment);
        }
        Self { router, town, token, payments: payments.try_into().unwrap() }
    }

    /// Every case in which somebody may do more or less than the table says.
    async fn disagreements(&self, table: &Authorization) -> Vec<String> {
        let mut found = Vec::new();
        for endpoint in endpoints() {
            for caller in CALLERS {
                for about in About::ALL {
                    let expect = is_allowed(&endpoint, table.right(&endpoint, caller.column()), caller, about);
                    let (status, body) = self.call(&endpoint, caller, about).await;
                    // That a code does not match is no refusal: whoever is told so was let in.
                    let is_wrong_code = body.contains("\"field\":\"code\"");
                    let is_refused = matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND)
                        || ["FORBIDDEN", "NOT_FOUND"].iter().any(|code| body.contains(code) && !is_wrong_code)
                        || body == "[null]";
                    if expect == is_refused {
                        let word = if expect { "is refused" } else { "is let in" };
                        found.push(format!("{endpoint}: {caller:?} {word}: {about:?}: {status} {body:.200}"));
                    }
                }
            }
        }
        found
    }

    async fn call(&self, endpoint: &str, caller: Caller, about: About) -> (StatusCode, String) {
        let context = json!({
            "actor": caller.actor(), "legal_basis": "lov 696/2025", "purpose": "test", "trace": RandomIds.uuid_v4(),
        });
        let input = self.input(endpoint, caller, about);
        let call = json!({ "context": context, "key": RandomIds.uuid_v4(), "input": input });
        let mut request = Request::post(format!("/v1/{endpoint}"));
        if caller == Caller::House {
            request = request.header("authorization", format!("Bearer {SECRET}"));
        }
        if caller == Caller::Citizen {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        let is_stream = ["mediation/deliver", "mediation/bank-answer"].contains(&endpoint);
        let body = if is_stream {
            request = request.header(CALL_HEADER, call.to_string());
            Body::from("no message")
        } else {
            Body::from(call.to_string())
        };
        let mut request = request.body(body).unwrap();
        let party = match caller {
            Caller::House | Caller::Nobody => None,
            Caller::Citizen | Caller::Chief | Caller::Trainee | Caller::Stranger | Caller::Neighbour => Some(Party::Authority),
            Caller::Supplier => Some(Party::Supplier),
            Caller::Bank => Some(Party::Bank),
            Caller::Recovery => Some(Party::Recovery),
            Caller::Unknown => Some(Party::Unknown),
        };
        if let Some(party) = party {
            request.extensions_mut().insert(Certificate::of(party).shown());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    /// An input that can be read; about the caller's own or not, where the operation is about somebody.
    fn input(&self, endpoint: &str, caller: Caller, about: About) -> Value {
        // To a house all parties are alike; it asks for what is there.
        let about = if caller == Caller::House { About { own_party: true, ..about } } else { about };
        let (payee, payer, benefit) = (about.payee(), about.payer(), about.benefit());
        let today = "2026-03-02";
        let scope = json!({ "scope": "only", "benefits": [benefit], "without": false });
        let is_payee = caller == Caller::Citizen;
        match endpoint {
            "register/resolve" => {
                json!({ "payer": payer, "on": today, "payees": [{ "identifier": payee, "benefit": benefit }] })
            }
            "register/holders" => json!([payee]),
            "register/designate" => json!([self.designation(caller, about)]),
            "register/activate" => json!([{ "identifier": payee, "code": "1" }]),
            "register/end" => {
                let purpose = self.purpose(caller, about);
                json!([{ "identifier": payee, "purpose": purpose, "from": "2026-02-01", "expected": 999_999_999, "reason": "test" }])
            }
            "register/history" => json!({ "identifier": payee }),
            "register/accesses" => json!({ "identifier": payee, "limit": 1 }),
            "register/feed" | "setoff/advices" => json!({ "after": 0, "limit": 1 }),
            "parties/payers" => json!({ "on": today, "payers": [{ "by": "agreement", "number": payer }] }),
            "parties/users" => json!({ "on": today, "users": [about.own("chief", "neighbour")] }),
            "parties/banks" | "parties/directory" => json!(today),
            "holding/deposits" => payee,
            "holding/trial-balance" => Value::Null,
            "setoff/reserve" => json!({ "payer": payer, "on": today, "payouts": [] }),
            "mediation/deliver" => json!(about.own("DLV-1", "DLV-2")),
            "mediation/bank-answer" => json!(about.own("B1", "B2")),
            "mediation/submit" => json!({
                "payer": payer, "debtor_account": super::common::account(super::common::DEBTOR), "on": today, "orders": [],
            }),
            "mediation/search" if is_payee => json!({ "payee": payee, "limit": 1 }),
            "mediation/search" => json!({ "payer": payer, "scope": scope, "limit": 1 }),
            "mediation/stop" => {
                let target = json!({ "target": "payment", "payment": self.payments[0] });
                json!([{ "target": target, "payer": payer, "reason": "test" }])
            }
            "mediation/story" => {
                let viewer = if is_payee {
                    json!({ "viewer": "payee", "identifier": payee })
                } else {
                    json!({ "viewer": "payer", "agreement": payer, "scope": scope })
                };
                json!({ "payment": self.payments[usize::from(!about.own_benefit)], "viewer": viewer })
            }
            "mediation/deliveries" => json!({ "payer": payer, "limit": 1 }),
            _ => json!([]),
        }
    }

    fn purpose(&self, caller: Caller, about: About) -> Value {
        if caller.column() == "caseworker" {
            json!({ "purpose": "specific", "payer": about.payer(), "benefit": about.benefit() })
        } else {
            json!({ "purpose": "nem_konto" })
        }
    }

    fn designation(&self, caller: Caller, about: About) -> Value {
        let route = match caller {
            Caller::Citizen => json!({ "route": "self_service" }),
            Caller::Bank => json!({ "route": "bank", "bank": about.own("B1", "B2") }),
            Caller::House => json!({ "route": "migration" }),
            _ => json!({ "route": "caseworker" }),
        };
        // A bank reports for anybody who is its customer.
        let payee = if caller == Caller::Bank { json!(cpr(KAREN)) } else { about.payee() };
        json!({
            "identifier": payee, "purpose": self.purpose(caller, about), "account": super::common::account("7777777777"),
            "valid_from": "2026-03-02", "route": route, "reason": "test",
        })
    }
}

/// What the table means for this caller and this subject.
fn is_allowed(endpoint: &str, right: Right, caller: Caller, about: About) -> bool {
    let functions: &[Function] = match caller {
        Caller::Chief => &[
            Function::SearchPayments,
            Function::StopPayments,
            Function::DesignateAccounts,
            Function::SpecificAccounts,
            Function::AdministerUsers,
        ],
        Caller::Trainee => &[Function::SearchPayments],
        _ => &[],
    };
    let is_caseworker = caller.column() == "caseworker";
    let has_profile = !is_caseworker || !functions.is_empty();
    // Where a call does not say which benefits it is about, it is for role profiles with all of them.
    let is_in_scope = match endpoint {
        "mediation/deliveries" | "mediation/stop" => caller == Caller::Chief,
        _ => caller == Caller::Chief || about.own_benefit,
    };
    match right {
        Right::None => false,
        Right::All => has_profile,
        Right::Own => has_profile && about.own_party,
        Right::Function(function) => functions.contains(&function) && about.own_party && is_in_scope,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_lets_in_whom_the_table_names_and_nobody_else() {
    let matrix = Matrix::new().await;
    let found = matrix.disagreements(Authorization::declared()).await;
    assert_eq!(found, Vec::<String>::new(), "{:?}", matrix.town.clock);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planted_hole_in_an_operation_is_found() {
    let mut matrix = Matrix::new().await;
    // A house whose routes were put beside the door and not behind it.
    let hole = parties::routes(matrix.town.parties.clone());
    let before: Router = setoff_and_others(&matrix);
    matrix.router = before.merge(hole);
    let found = matrix.disagreements(Authorization::declared()).await;
    assert!(!found.is_empty() && found.iter().all(|line| line.starts_with("parties/")), "{found:?}");
    assert!(found.iter().any(|line| line.contains("parties/users: Nobody is let in")), "{found:?}");
}

/// All houses but parties, behind the door.
fn setoff_and_others(matrix: &Matrix) -> Router {
    let town = &matrix.town;
    register::routes(town.register.clone())
        .merge(holding::routes(town.holding.clone()))
        .merge(setoff::routes(town.setoff.clone()))
        .merge(mediation::routes(town.mediation.clone()))
        .layer(from_fn_with_state(doorkeeper(town, &KeyRing::for_tests()), keep))
}

/// What a call says must be what was proven, whatever else the caller may do.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_acts_as_somebody_else() {
    let matrix = Matrix::new().await;
    let context: Context = serde_json::from_value(json!({
        "actor": Caller::Bank.actor(), "legal_basis": "lov 696/2025", "purpose": "test", "trace": RandomIds.uuid_v4(),
    }))
    .unwrap();
    for (party, expect) in
        [(Party::Bank, StatusCode::OK), (Party::Supplier, StatusCode::FORBIDDEN), (Party::Recovery, StatusCode::FORBIDDEN)]
    {
        let call = json!({ "context": context, "input": "2026-03-02" });
        let mut request = Request::post("/v1/parties/directory").body(Body::from(call.to_string())).unwrap();
        request.extensions_mut().insert(Certificate::of(party).shown());
        assert_eq!(matrix.router.clone().oneshot(request).await.unwrap().status(), expect, "{party:?}");
    }
}
