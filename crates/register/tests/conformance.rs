//! The house keeps its contract, in process and over HTTP.

use std::sync::Arc;

use axum::Router;
use contracts::conformance;
use contracts::register::{Designation, DesignationRoute, Register, RegisterServices, RegisterStep};
use contracts::{Actor, ProblemCode};
use platform::rpc::RpcClient;
use register::{Remote, routes, step_routes};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{TODAY, citizen, context, key, nemkonto, number, operator, payer, person, street};

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn in_process() {
    let street = street().await;
    conformance::register::check(&*street.house).await;
    conformance::register::all(&*street.house, 2).await;
    conformance::register::services(&*street.house, 1).await;
    conformance::register::services(&*street.house, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_step_in_process() {
    let street = street().await;
    conformance::register::step(&*street.house, 1).await;
    conformance::register::step(&*street.house, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http() {
    let street = street().await;
    let house: Arc<dyn RegisterServices> = street.house.clone();
    let url = serve(routes(house)).await;
    let remote = Remote::new(RpcClient::new(&url, None).unwrap());
    conformance::register::check(&remote).await;
    conformance::register::services(&remote, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_step_over_http() {
    let street = street().await;
    let (house, step): (Arc<dyn RegisterServices>, Arc<dyn RegisterStep>) = (street.house.clone(), street.house.clone());
    let url = serve(routes(house).merge(step_routes(step))).await;
    conformance::register::step(&Remote::new(RpcClient::new(&url, None).unwrap()), 1).await;
}

/// Lookups without a legal basis are refused, whether it is missing or blank.
#[tokio::test(flavor = "multi_thread")]
async fn a_lookup_without_legal_basis_is_refused() {
    let street = street().await;
    let house: Arc<dyn RegisterServices> = street.house.clone();
    let router = routes(house);
    for legal_basis in [json!("  "), json!(""), Value::Null] {
        let mut call = json!({
            "context": {
                "actor": { "kind": "house", "name": "mediation" },
                "purpose": "payment",
                "trace": "00000000-0000-4000-8000-000000000000",
            },
            "input": { "payer": "12345678", "on": "2026-03-02", "payees": [] },
        });
        if !legal_basis.is_null() {
            call["context"]["legal_basis"] = legal_basis;
        }
        let (status, problem) = post(&router, &call).await;
        assert_eq!((status, &problem["problem"]["code"]), (403, &json!("NO_LEGAL_BASIS")), "{problem}");
    }
}

/// A character that the database takes in no text is the caller's fault, wherever it stands, and is no outage.
#[tokio::test(flavor = "multi_thread")]
async fn a_text_with_the_character_nul_is_refused() {
    let street = street().await;
    let house: Arc<dyn RegisterServices> = street.house.clone();
    let router = routes(house);
    let call = |purpose: &str| {
        json!({
            "context": {
                "actor": { "kind": "house", "name": "mediation" },
                "legal_basis": "lov 696/2025",
                "purpose": purpose,
                "trace": "00000000-0000-4000-8000-000000000000",
            },
            "input": { "payer": "12345678", "on": "2026-03-02", "payees": [] },
        })
    };
    let (status, problem) = post(&router, &call("pay\0ment")).await;
    assert_eq!((status, &problem["problem"]["code"]), (422, &json!("INVALID_INPUT")), "{problem}");
    // A backslash before the same letters is four characters and a backslash.
    assert_eq!(post(&router, &call("pay\\u0000ment")).await.0, 200);
}

async fn post(router: &Router, call: &Value) -> (u16, Value) {
    use axum::body::Body;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    let request = axum::http::Request::post("/v1/register/resolve")
        .header("content-type", "application/json")
        .body(Body::from(call.to_string()))
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

/// Letters and notices leave over HTTP, to operations alone, until they are noted as printed and sent.
#[tokio::test(flavor = "multi_thread")]
async fn letters_and_notices_leave_over_http() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let wish = Designation { route: DesignationRoute::Form, valid_from: TODAY, ..nemkonto(1) };
    street.house.designate(&operator(), &key("wish"), vec![wish]).await.unwrap().remove(0).unwrap();
    let house: Arc<dyn RegisterServices> = street.house.clone();
    let remote = Remote::new(RpcClient::new(&serve(routes(house)).await, None).unwrap());
    let letters = remote.outgoing_letters(&operator(), 10).await.unwrap();
    assert_eq!((letters.len(), letters[0].identifier.clone()), (1, number(1)));
    assert!(!format!("{letters:?}").contains(&letters[0].pdf), "a code is not for the log");
    let notices = remote.outgoing_notices(&operator(), 10).await.unwrap();
    assert_eq!((notices.len(), notices[0].identifier.clone()), (1, number(1)));
    for who in [citizen(1), context(Actor::Caseworker { user: "anne".into(), authority: payer() })] {
        assert_eq!(remote.outgoing_letters(&who, 10).await.unwrap_err().code, ProblemCode::Forbidden);
        assert_eq!(remote.outgoing_notices(&who, 10).await.unwrap_err().code, ProblemCode::Forbidden);
    }
    assert_eq!(remote.outgoing_letters(&operator(), 101).await.unwrap_err().code, ProblemCode::InvalidInput);
    for _ in 0..2 {
        let printed = letters.iter().map(|letter| letter.letter).collect();
        assert_eq!(
            remote.note_letters_printed(&operator(), &key("printed"), printed).await.unwrap(),
            1,
            "once, however often told"
        );
        let sent = notices.iter().map(|notice| notice.notice).collect();
        assert_eq!(remote.note_notices_sent(&operator(), &key("sent"), sent).await.unwrap(), 1);
    }
    assert!(remote.outgoing_letters(&operator(), 10).await.unwrap().is_empty());
    assert!(remote.outgoing_notices(&operator(), 10).await.unwrap().is_empty());
}
