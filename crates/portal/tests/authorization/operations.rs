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
use contracts::parties::{
    AgreementChange, Agreements, BenefitScope, Function, GrantedRight, MandateKind, NewGrant, NewMandate, Parties, PartyChange,
    PartyKind, PayerKind, PayerProfile, Proof, ProofKind, Rights,
};
use contracts::{Actor, Context};
use http_body_util::BodyExt;
use platform::seal::KeyRing;
use platform::service_token::ServiceToken;
use primitives::{AgreementNumber, Clock, Cvr, DataSupplierId, IdSource, PaymentRef, RandomIds};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use super::systems::{Certificate, Party};

use crate::common::{AUTHORITY, AUTHORITY_CVR, KAREN, OLE, OTHER_AUTHORITY, OTHER_CVR, Town, cpr, new_key, operator};

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
    /// A person who operates the system.
    Operator,
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

const CALLERS: [Caller; 12] = [
    Caller::House,
    Caller::Operator,
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
            Self::Operator => "operator",
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
            Self::Operator => json!({ "kind": "operator", "user": "night-shift" }),
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
    /// What was proposed and granted at the first authority, and at the other.
    paper: [Paper; 2],
}

/// What is decided and ended at an authority.
struct Paper {
    proposal: Uuid,
    grant: Uuid,
    mandate: Uuid,
}

/// The door before all houses of the town.
pub fn doorkeeper(town: &Town, keys: &KeyRing) -> Doorkeeper {
    let clock: Arc<dyn Clock> = Arc::new(town.clock.clone());
    let record = |party: Party, belongs: SystemParty| SystemRecord {
        subject: SubjectName { organisation: party.organisation().into(), serial: party.serial().into() },
        party: belongs,
        client_id: None,
        key: None,
        broker_client_id: None,
    };
    let systems = RegisteredSystems::of([
        record(Party::Authority, SystemParty::Authority(AgreementNumber::parse(AUTHORITY).unwrap())),
        record(Party::Supplier, SystemParty::Supplier(DataSupplierId::parse("DLV-1").unwrap())),
        record(Party::Bank, SystemParty::Bank("B1".parse().unwrap())),
        record(Party::Recovery, SystemParty::Recovery(AgreementNumber::parse("00000009").unwrap())),
    ]);
    Doorkeeper {
        secret: ServiceToken::new(SECRET).unwrap(),
        systems: Arc::new(systems),
        tokens: Arc::new(AccessTokens::new(keys, Arc::clone(&clock), Arc::new(RandomIds))),
        parties: Some(town.parties.clone()),
        oversight: Some(town.parties.clone()),
        watch: Arc::new(ExpiryWatch::new(Arc::clone(&clock))),
        clock,
    }
}

/// The open interfaces of all houses, with nobody before them.
pub fn houses(town: &Town) -> Router {
    register::routes(town.register.clone())
        .merge(register::step_routes(town.register.clone()))
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
        record_private_payers(&town).await;
        agree_on_terms(&town).await;
        let paper = [paper_of(&town, AUTHORITY).await, paper_of(&town, OTHER_AUTHORITY).await];
        Self { router, town, token, payments: payments.try_into().unwrap(), paper }
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
        let mut context = json!({
            "actor": caller.actor(), "legal_basis": "lov 696/2025", "purpose": "test", "trace": RandomIds.uuid_v4(),
        });
        if caller == Caller::Supplier
            && let Some(payer) = acted_for(endpoint, about)
        {
            context["on_behalf_of"] = payer.into();
        }
        let input = self.input(endpoint, caller, about);
        let call = json!({ "context": context, "key": RandomIds.uuid_v4(), "input": input });
        let mut request = Request::post(format!("/v1/{endpoint}"));
        if matches!(caller, Caller::House | Caller::Operator) {
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
            Caller::House | Caller::Operator | Caller::Nobody => None,
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
        let is_of_the_system = matches!(caller, Caller::House | Caller::Operator);
        let about = if is_of_the_system { About { own_party: true, ..about } } else { about };
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
            "register/feed" | "setoff/advices" | "mediation/taken" => json!({ "after": 0, "limit": 1 }),
            "parties/payers" => json!({ "on": today, "payers": [{ "by": "agreement", "number": payer }] }),
            "parties/routing" => json!({ "on": today, "payers": [payer] }),
            "parties/users" => json!({ "on": today, "users": [about.own("chief", "neighbour")] }),
            "parties/banks" | "parties/directory" => json!(today),
            "holding/deposits" => payee,
            "holding/trial-balance" => Value::Null,
            "setoff/reserve" => json!({ "payer": payer, "on": today, "payouts": [] }),
            "mediation/deliver" => json!(about.own("DLV-1", "DLV-2")),
            "mediation/bank-answer" => json!(about.own("B1", "B2")),
            "mediation/submit" => json!({
                "payer": payer, "debtor_account": crate::common::account(crate::common::DEBTOR), "on": today, "orders": [],
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
            "mediation/note-taken" => json!({ "payer": payer, "message_ids": [] }),
            _ => self.further_input(endpoint, caller, about),
        }
    }

    fn further_input(&self, endpoint: &str, caller: Caller, about: About) -> Value {
        let (payee, payer, benefit, today) = (about.payee(), about.payer(), about.benefit(), "2026-03-02");
        let private = about.own(PRIVATE, OTHER_PRIVATE);
        let account = crate::common::account("0440116243");
        let paper = &self.paper[usize::from(!about.own_party)];
        match endpoint {
            "register/source-progress" => json!("cpr"),
            "register/report-accounts" => json!([{
                "bank": about.own("B1", "B2"), "report": "R-1", "identifier": cpr(KAREN), "account": account,
                "signed_at": "2026-03-01T10:00:00Z",
            }]),
            "register/protected-names" => json!([cpr(KAREN)]),
            "register/holder-links" | "register/holds" => json!(cpr(KAREN)),
            "register/set-specific-rules" => {
                json!([{ "payer": payer, "benefit": benefit, "valid_from": today, "is_locked": false }])
            }
            "register/promote" => {
                let payer = if caller == Caller::Citizen { AUTHORITY } else { payer };
                json!([{ "identifier": payee, "payer": payer, "benefit": benefit, "valid_from": today, "reason": "test" }])
            }
            "register/held-changes" => json!({ "limit": 1 }),
            "register/have-accounts" => json!([cpr(KAREN)]),
            "register/verify" => json!([{ "identifier": cpr(KAREN), "account": account }]),
            "register/payees-of-account" => json!(account),
            "register/subscribe" | "register/unsubscribe" => json!([{ "payer": payer, "identifier": cpr(KAREN) }]),
            "register/awaited" => json!({ "payer": payer, "limit": 1 }),
            "register/complete-bundle" => json!({ "payer": private, "on": today, "messages": [] }),
            "register/choose-private" => {
                let payer = if caller == Caller::Citizen { PRIVATE } else { private };
                json!([{ "payer": payer, "identifier": payee_of(caller, about), "choice": "consent" }])
            }
            "register/levy" => json!({ "payer": private, "month": today }),
            "parties/payers-as-known" => json!({
                "on": today, "known_at": "2026-03-02T12:00:00Z", "payers": [{ "by": "agreement", "number": payer }],
            }),
            "parties/grant" => json!([{
                "user": "newcomer", "authority": payer, "right": { "level": "scope", "benefits": { "scope": "all" } },
                "valid_from": today, "valid_until": "2026-04-02", "why": "test",
            }]),
            "parties/end-grants" => {
                // What people hold people end; what registers tell of, a house may end too.
                let grant = if caller == Caller::House { paper.mandate } else { paper.grant };
                json!([{ "grant": grant, "ends_on": "2026-04-01", "why": "test" }])
            }
            "parties/grants" => json!({ "authority": payer, "on": today }),
            "parties/propose" => proposal(payer, benefit),
            "parties/decide" => json!({ "proposal": paper.proposal, "verdict": "reject", "why": "test" }),
            "parties/proposals" => json!({ "state": "open" }),
            "parties/terms" => json!({ "on": today, "parties": [party_of(caller, about)] }),
            "parties/certificates-named" => json!({ "on": today, "parties": [party_of(caller, about)] }),
            "parties/certificate-holder" => json!({
                "on": today, "certificate": { "organisation": "NTRDK-1", "serial": "1" }, "address": "192.0.2.1",
            }),
            "parties/charge-lookups" => {
                json!({ "asker": { "party": { "kind": "authority", "id": payer } }, "hits": 0, "misses": 0 })
            }
            "parties/payments-sent" => json!({ "payer": payer, "payments": 1 }),
            "parties/control-list" => json!({ "since": today, "limit": 1 }),
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
            "identifier": payee, "purpose": self.purpose(caller, about), "account": crate::common::account("7777777777"),
            "valid_from": "2026-03-02", "route": route, "reason": "test",
        })
    }
}

/// A private payer whose data supplier calls, and another's.
const PRIVATE: &str = "00000003";
const OTHER_PRIVATE: &str = "00000004";

async fn record_private_payers(town: &Town) {
    let private = |number: &str, cvr: &str, supplier: &str| {
        PartyChange::Payer(PayerProfile {
            agreement: AgreementNumber::parse(number).unwrap(),
            cvr: Cvr::parse(cvr).unwrap(),
            kind: PayerKind::Private,
            data_suppliers: vec![DataSupplierId::parse(supplier).unwrap()],
            ..crate::common::authority()
        })
    };
    let changes = vec![private(PRIVATE, "10150817", "DLV-1"), private(OTHER_PRIVATE, "61126228", "DLV-2")];
    let results = town.parties.record(&operator(), &new_key(), changes).await.unwrap();
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

/// Two operators agree on the terms of the parties that call.
async fn agree_on_terms(town: &Town) {
    let parties = [
        (PartyKind::Authority, AUTHORITY),
        (PartyKind::Authority, OTHER_AUTHORITY),
        (PartyKind::DataSupplier, "DLV-1"),
        (PartyKind::DataSupplier, "DLV-2"),
        (PartyKind::Bank, "B1"),
        (PartyKind::Bank, "B2"),
    ];
    let terms = parties.map(|(kind, id)| AgreementChange::Terms(crate::common::terms(kind, id)));
    crate::common::agree(town, terms.to_vec()).await;
}

/// A proposal that waits for its decision, and a grant, at the authority.
async fn paper_of(town: &Town, authority: &str) -> Paper {
    let new = serde_json::from_value(proposal(authority, "NKSBFY")).unwrap();
    let proposal = town.parties.propose(&operator(), &new_key(), new).await.unwrap();
    let grant = NewGrant {
        user: "newcomer".into(),
        authority: AgreementNumber::parse(authority).unwrap(),
        right: GrantedRight::Functions { functions: vec![Function::SearchPayments] },
        valid_from: crate::common::TODAY,
        valid_until: jiff::civil::date(2026, 5, 1),
        why: "test".into(),
    };
    let mut granted = town.parties.grant(&operator(), &new_key(), vec![grant]).await.unwrap();
    let mandate = NewMandate {
        kind: MandateKind::PowerOfAttorney,
        holder: cpr(KAREN),
        subject: cpr(OLE),
        functions: vec![Function::SearchPayments],
        benefits: BenefitScope::All,
        valid_from: crate::common::TODAY,
        valid_until: jiff::civil::date(2026, 5, 1),
        proof: Proof { kind: ProofKind::SignedDocument, reference: "test".into() },
        why: "test".into(),
    };
    let mut mandated = town.parties.mandate(&operator(), &new_key(), vec![mandate]).await.unwrap();
    Paper { proposal, grant: granted.remove(0).unwrap(), mandate: mandated.remove(0).unwrap() }
}

/// The authority gets another name.
fn proposal(authority: &str, benefit: &str) -> Value {
    let (cvr, supplier) = if authority == AUTHORITY { (AUTHORITY_CVR, "DLV-1") } else { (OTHER_CVR, "DLV-2") };
    let payer = PayerProfile {
        agreement: AgreementNumber::parse(authority).unwrap(),
        cvr: Cvr::parse(cvr).unwrap(),
        name: format!("Styrelsen for {benefit}"),
        data_suppliers: vec![DataSupplierId::parse(supplier).unwrap()],
        ..crate::common::authority()
    };
    json!({ "changes": [AgreementChange::Payer(payer)], "why": "test" })
}

/// For which payer a supplier acts, where it must say so.
fn acted_for(endpoint: &str, about: About) -> Option<&'static str> {
    match endpoint {
        "register/subscribe" | "register/unsubscribe" | "register/awaited" => Some(about.payer()),
        "register/complete-bundle" | "register/choose-private" | "register/levy" => Some(about.own(PRIVATE, OTHER_PRIVATE)),
        _ => None,
    }
}

/// A payee chooses for itself; a payer records anybody's consent.
fn payee_of(caller: Caller, about: About) -> Value {
    if caller == Caller::Citizen { about.payee() } else { json!(cpr(KAREN)) }
}

/// The party whose terms are asked for: one of the caller's kind.
fn party_of(caller: Caller, about: About) -> Value {
    match caller {
        Caller::Supplier => json!({ "kind": "data_supplier", "id": about.own("DLV-1", "DLV-2") }),
        Caller::Bank => json!({ "kind": "bank", "id": about.own("B1", "B2") }),
        _ => json!({ "kind": "authority", "id": about.payer() }),
    }
}

/// Operations that name no authority: what a caseworker sees by them is limited by the houses, or to be answered for by legal basis and case.
const IS_ABOUT_NO_PARTY: [&str; 6] = [
    "register/protected-names",
    "register/holds",
    "register/have-accounts",
    "register/verify",
    "parties/proposals",
    "parties/control-list",
];

/// What the table means for this caller and this subject.
fn is_allowed(endpoint: &str, right: Right, caller: Caller, about: About) -> bool {
    let functions: &[Function] = match caller {
        Caller::Chief => &[
            Function::SearchPayments,
            Function::StopPayments,
            Function::DesignateAccounts,
            Function::SpecificAccounts,
            Function::ControlLists,
            Function::AdministerUsers,
            Function::ManageBenefits,
            Function::ProposeChanges,
            Function::ApproveChanges,
            Function::SeeProtected,
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
        Right::Function(_) | Right::Either(..) => {
            let is_own = about.own_party || IS_ABOUT_NO_PARTY.contains(&endpoint);
            right.is_held_by(functions) && is_own && is_in_scope
        }
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
        .merge(register::step_routes(town.register.clone()))
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
