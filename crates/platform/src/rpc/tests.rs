//! A house behind HTTP is the same house.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use contracts::{Actor, Context, IdempotencyKey, LegalBasis, Operation, OperationName, Problem, ProblemCode, Purpose};
use http_body_util::BodyExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tower::ServiceExt;
use uuid::Uuid;

use super::{BODY_LIMIT, CallFacts, CallGuard, Guard, Routes, RpcClient};
use crate::service_token::{ServiceToken, require_token};

/// A house that counts.
#[derive(Default)]
struct Counter(AtomicU64);

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Amount {
    by: u64,
}

struct Add;
struct Total;

impl Operation for Add {
    const NAME: OperationName = OperationName { house: "counter", name: "add", summary: "Adds", keyed: true };
    type Input = Amount;
    type Output = u64;
}

impl Operation for Total {
    const NAME: OperationName = OperationName { house: "counter", name: "total", summary: "Tells", keyed: false };
    type Input = ();
    type Output = u64;
}

fn router() -> Router {
    Routes::new(Arc::new(Counter::default()))
        .command::<Add, _, _>(|counter, _, key, amount| async move {
            if key.as_str() == "refused" {
                return Err(Problem::idempotency_mismatch());
            }
            Ok(counter.0.fetch_add(amount.by, Ordering::SeqCst) + amount.by)
        })
        .query::<Total, _, _>(|counter, _, ()| async move { Ok(counter.0.load(Ordering::SeqCst)) })
        .into_router()
}

fn context() -> Context {
    Context {
        actor: Actor::House { name: "mediation".into() },
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov 696/2025 § 1").unwrap(),
        purpose: Purpose::new("test").unwrap(),
        trace: Uuid::nil(),
        acting: None,
    }
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn key(text: &str) -> Option<IdempotencyKey> {
    Some(IdempotencyKey::new(text).unwrap())
}

#[tokio::test]
async fn calls_and_problems_travel_unchanged() {
    let client = RpcClient::new(&serve(router()).await, None).unwrap();
    assert_eq!(client.call::<Add>(&context(), key("a").as_ref(), Amount { by: 5 }).await, Ok(5));
    assert_eq!(client.call::<Total>(&context(), None, ()).await, Ok(5));
    let refused = client.call::<Add>(&context(), key("refused").as_ref(), Amount { by: 5 }).await;
    assert_eq!(refused, Err(Problem::idempotency_mismatch()));
    let without_key = client.call::<Add>(&context(), None, Amount { by: 5 }).await.unwrap_err();
    assert_eq!((without_key.code, without_key.field.as_deref()), (ProblemCode::InvalidInput, Some("key")));
}

#[tokio::test]
async fn a_house_that_cannot_be_reached_is_unavailable() {
    let client = RpcClient::new("http://127.0.0.1:9", None).unwrap();
    assert_eq!(client.call::<Total>(&context(), None, ()).await, Err(Problem::unavailable()));
    let other = RpcClient::new(&serve(Router::new()).await, None).unwrap();
    assert_eq!(other.call::<Total>(&context(), None, ()).await, Err(Problem::unavailable()));
}

#[tokio::test]
async fn only_the_token_opens_a_guarded_house() {
    let token = ServiceToken::new("t".repeat(32)).unwrap();
    let guarded = router().layer(axum::middleware::from_fn_with_state(token.clone(), require_token));
    let url = serve(guarded).await;
    let stranger = RpcClient::new(&url, None).unwrap();
    assert_eq!(stranger.call::<Total>(&context(), None, ()).await.unwrap_err().code, ProblemCode::Forbidden);
    let impostor = stranger.clone().with_token(ServiceToken::new("u".repeat(32)).unwrap());
    assert_eq!(impostor.call::<Total>(&context(), None, ()).await.unwrap_err().code, ProblemCode::Forbidden);
    assert_eq!(stranger.with_token(token).call::<Total>(&context(), None, ()).await, Ok(0));
}

async fn post(body: impl Into<Body>) -> (StatusCode, String, String) {
    let request = Request::post("/v1/counter/total").header("accept-language", "en").body(body.into()).unwrap();
    let response = router().oneshot(request).await.unwrap();
    let (status, kind) = (response.status(), response.headers()["content-type"].to_str().unwrap().to_owned());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, kind, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_malformed_call_is_refused_without_quoting_it() {
    let (status, kind, body) = post(r#"{"context": "0101901234"}"#).await;
    assert_eq!((status, kind.as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "application/problem+json"));
    assert!(body.contains("cannot be read: an error at line 1") && !body.contains("0101901234"), "{body}");
    assert!(body.contains("urn:nemkonto:problem:INVALID_INPUT"), "{body}");
}

#[tokio::test]
async fn a_call_beyond_the_limit_is_refused() {
    let (status, ..) = post(vec![b' '; BODY_LIMIT + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

/// Lets nobody but the house itself ask, and says on whose behalf.
struct Strict;

#[async_trait::async_trait]
impl CallGuard for Strict {
    fn looks_into(&self, operation: OperationName) -> bool {
        operation.name == "add"
    }

    async fn admit(&self, call: CallFacts<'_>) -> Result<Context, Problem> {
        match call.input {
            Some(input) if input["by"] == 5 => Ok(call.context.clone()),
            Some(_) => Err(Problem::new(ProblemCode::Forbidden, "nej", "no")),
            None => Ok(call.context.clone()),
        }
    }
}

/// Hears what leaves, and withholds what says that a key is not there.
#[derive(Default)]
struct Listening(Mutex<Vec<String>>);

#[async_trait::async_trait]
impl CallGuard for Listening {
    fn looks_into(&self, _: OperationName) -> bool {
        false
    }

    async fn admit(&self, call: CallFacts<'_>) -> Result<Context, Problem> {
        Ok(call.context.clone())
    }

    fn looks_into_answer(&self, operation: OperationName) -> bool {
        operation.name == "add"
    }

    async fn release(&self, _: CallFacts<'_>, outcome: Result<&serde_json::Value, &Problem>) -> Result<(), Problem> {
        let heard = outcome.map_or_else(|problem| problem.code.as_str().to_owned(), ToString::to_string);
        self.0.lock().unwrap().push(heard);
        outcome.map(|_| ()).map_err(|_| Problem::new(ProblemCode::TooMany, "nej", "no"))
    }
}

#[tokio::test]
async fn a_refusal_is_looked_into_like_an_answer_and_may_be_withheld() {
    let listening = Arc::new(Listening::default());
    let guarded = router().layer(axum::Extension(Guard(listening.clone())));
    let client = RpcClient::new(&serve(guarded).await, None).unwrap();
    assert_eq!(client.call::<Add>(&context(), key("a").as_ref(), Amount { by: 5 }).await, Ok(5));
    let refused = client.call::<Add>(&context(), key("refused").as_ref(), Amount { by: 5 }).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::TooMany);
    assert_eq!(client.call::<Total>(&context(), None, ()).await, Ok(5), "what it does not look into");
    assert_eq!(*listening.0.lock().unwrap(), ["5", "IDEMPOTENCY_MISMATCH"]);
}

#[tokio::test]
async fn a_guard_judges_each_call_by_what_it_asks_for() {
    let guarded = router().layer(axum::Extension(Guard(Arc::new(Strict))));
    let client = RpcClient::new(&serve(guarded).await, None).unwrap();
    assert_eq!(client.call::<Add>(&context(), key("a").as_ref(), Amount { by: 5 }).await, Ok(5));
    let refused = client.call::<Add>(&context(), key("b").as_ref(), Amount { by: 6 }).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::Forbidden);
    assert_eq!(client.call::<Total>(&context(), None, ()).await, Ok(5), "what it does not look into");
}
