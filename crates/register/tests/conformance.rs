//! The house keeps its contract, in process and over HTTP.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::sync::Arc;

use axum::Router;
use contracts::conformance;
use contracts::register::RegisterServices;
use platform::rpc::RpcClient;
use register::{Remote, routes};
use serde_json::{Value, json};
use support::street;
use tokio::net::TcpListener;

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
async fn over_http() {
    let street = street().await;
    let house: Arc<dyn RegisterServices> = street.house.clone();
    let url = serve(routes(house)).await;
    let remote = Remote::new(RpcClient::new(&url, None).unwrap());
    conformance::register::check(&remote).await;
    conformance::register::services(&remote, 1).await;
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
