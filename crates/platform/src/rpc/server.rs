//! Serving a house.

use std::future::Future;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::DefaultBodyLimit;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Router};
use contracts::operation::{CALL_HEADER, Content};
use contracts::{Call, Context, IdempotencyKey, LegalBasis, Operation, OperationName, Problem, ProblemCode};
use serde::Deserialize;

use super::caller::{CallFacts, CallGuard, Guard};
use super::{incoming, path};
use crate::http::ProblemResponse;

/// The largest body of a call: the contracts allow 50,000 items, and an item seldom has more than 500 bytes.
pub const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// The routes of one house, gathered operation by operation:
///
/// ```
/// # use std::sync::Arc;
/// # use contracts::register::{Designate, Register, Resolve};
/// # use platform::rpc::Routes;
/// fn router(register: Arc<dyn Register>) -> axum::Router {
///     Routes::new(register)
///         .query::<Resolve, _, _>(|house, context, input| async move { house.resolve(&context, input).await })
///         .command::<Designate, _, _>(|house, context, key, input| async move {
///             house.designate(&context, &key, input).await
///         })
///         .into_router()
/// }
/// ```
pub struct Routes<H: ?Sized> {
    house: Arc<H>,
    router: Router,
}

impl<H: ?Sized + Send + Sync + 'static> Routes<H> {
    /// No routes yet.
    #[must_use]
    pub fn new(house: Arc<H>) -> Self {
        Self { house, router: Router::new() }
    }

    /// Adds an operation that changes nothing.
    ///
    /// # Panics
    /// When the contract says that the operation carries a key.
    #[must_use]
    pub fn query<O, F, R>(self, answer: F) -> Self
    where
        O: Operation + 'static,
        F: Fn(Arc<H>, Context, O::Input) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Result<O::Output, Problem>> + Send,
    {
        assert!(!O::NAME.keyed, "{} changes state: it is a command", O::NAME.name);
        self.operation::<O, _, _>(move |house, call| answer(house, call.context, call.input))
    }

    /// Adds an operation that changes state and so carries a key.
    ///
    /// # Panics
    /// When the contract says that the operation carries no key.
    #[must_use]
    pub fn command<O, F, R>(self, answer: F) -> Self
    where
        O: Operation + 'static,
        F: Fn(Arc<H>, Context, IdempotencyKey, O::Input) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Result<O::Output, Problem>> + Send,
    {
        assert!(O::NAME.keyed, "{} changes nothing: it is a query", O::NAME.name);
        self.operation::<O, _, _>(move |house, call| {
            let keyed = call.key.ok_or_else(key_missing).map(|key| answer(house, call.context, key, call.input));
            async move { keyed?.await }
        })
    }

    /// Adds an operation that takes a stream of bytes, of any length: the house sets the limit. Its content stands for a key.
    ///
    /// # Panics
    /// When the contract says that the operation carries a key.
    #[must_use]
    pub fn stream<O, F, R>(mut self, answer: F) -> Self
    where
        O: Operation + 'static,
        F: Fn(Arc<H>, Context, O::Input, Content) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Result<O::Output, Problem>> + Send,
    {
        assert!(!O::NAME.keyed, "{} carries a stream and no key", O::NAME.name);
        let house = Arc::clone(&self.house);
        let handler = move |guard: Option<Extension<Guard>>, headers: HeaderMap, body: Body| async move {
            let (content, rest) = incoming::lend(body);
            let outcome = match admitted::<O>(guard, read_header::<O>(&headers)).await {
                Ok((call, _)) => answer(house, call.context, call.input, content).await,
                Err(problem) => Err(problem),
            };
            if outcome.is_err() {
                rest.discard();
            }
            respond(outcome, &headers)
        };
        self.router = self.router.route(&path(O::NAME), post(handler));
        self
    }

    fn operation<O, F, R>(mut self, answer: F) -> Self
    where
        O: Operation + 'static,
        F: Fn(Arc<H>, Call<O::Input>) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Result<O::Output, Problem>> + Send,
    {
        let house = Arc::clone(&self.house);
        let handler = move |guard: Option<Extension<Guard>>, headers: HeaderMap, body: Result<Bytes, BytesRejection>| async move {
            let outcome = match admitted::<O>(guard, read::<O>(body)).await {
                Ok((call, leaving)) => {
                    let outcome = answer(house, call).await;
                    match leaving {
                        Some(leaving) => {
                            let shown = outcome.as_ref().map(serde_json::to_value).map_err(Problem::clone);
                            leaving.release(shown).await.and(outcome)
                        }
                        None => outcome,
                    }
                }
                Err(problem) => Err(problem),
            };
            respond(outcome, &headers)
        };
        self.router = self.router.route(&path(O::NAME), post(handler));
        self
    }

    /// The routes, ready to be merged with others.
    pub fn into_router(self) -> Router {
        self.router.layer(DefaultBodyLimit::max(BODY_LIMIT))
    }
}

/// A call whose answer is looked into before it leaves.
struct Leaving {
    guard: Arc<dyn CallGuard>,
    operation: OperationName,
    context: Context,
    input: Option<serde_json::Value>,
}

impl Leaving {
    async fn release(&self, outcome: Result<serde_json::Result<serde_json::Value>, Problem>) -> Result<(), Problem> {
        let outcome = outcome.map(|answer| answer.map_err(|_| Problem::unavailable()));
        let call = CallFacts { operation: self.operation, context: &self.context, input: self.input.as_ref() };
        match outcome {
            Ok(answer) => self.guard.release(call, Ok(&answer?)).await,
            Err(refused) => self.guard.release(call, Err(&refused)).await,
        }
    }
}

/// The call with the context its caller may make it in, and what its answer must pass.
async fn admitted<O: Operation>(
    guard: Option<Extension<Guard>>, call: Result<Call<O::Input>, Problem>,
) -> Result<(Call<O::Input>, Option<Leaving>), Problem> {
    let call = call?;
    let Some(Extension(Guard(guard))) = guard else { return Ok((call, None)) };
    let input = guard.looks_into(O::NAME).then(|| serde_json::to_value(&call.input).unwrap_or_default());
    let context = guard.admit(CallFacts { operation: O::NAME, context: &call.context, input: input.as_ref() }).await?;
    let is_looked_into = guard.looks_into_answer(O::NAME);
    let leaving = is_looked_into.then(|| Leaving { guard, operation: O::NAME, context: context.clone(), input });
    Ok((Call { context, ..call }, leaving))
}

fn read<O: Operation>(body: Result<Bytes, BytesRejection>) -> Result<Call<O::Input>, Problem> {
    parse::<O>(&body.map_err(|_| too_large())?)
}

/// The call of a stream.
fn read_header<O: Operation>(headers: &HeaderMap) -> Result<Call<O::Input>, Problem> {
    parse::<O>(headers.get(CALL_HEADER).map(axum::http::HeaderValue::as_bytes).unwrap_or_default())
}

fn parse<O: Operation>(call: &[u8]) -> Result<Call<O::Input>, Problem> {
    if holds_nul(call) {
        return Err(nul());
    }
    // The parser's own words may quote the input, which may hold personal numbers: only the place is passed on.
    serde_json::from_slice(call)
        .map_err(|error| without_legal_basis(call).unwrap_or_else(|| malformed(error.line(), error.column())))
}

/// Whether a text of the call holds the character U+0000, which PostgreSQL takes in no text. JSON can only write it as an escape (RFC 8259, 7).
fn holds_nul(call: &[u8]) -> bool {
    let mut rest = call;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let escape = &rest[at + 1..];
        if escape.starts_with(b"u0000") {
            return true;
        }
        // A backslash may be escaped itself.
        rest = escape.get(1..).unwrap_or_default();
    }
    false
}

/// The problem of a call that could not be read because it states no legal basis: the caller is told so, and not just where reading stopped.
fn without_legal_basis(body: &[u8]) -> Option<Problem> {
    #[derive(Deserialize)]
    struct Stated {
        context: StatedContext,
    }
    #[derive(Deserialize)]
    struct StatedContext {
        legal_basis: Option<String>,
    }
    let stated: Stated = serde_json::from_slice(body).ok()?;
    LegalBasis::new(stated.context.legal_basis.unwrap_or_default()).err()
}

fn respond<T: serde::Serialize>(outcome: Result<T, Problem>, headers: &HeaderMap) -> Response {
    let body = outcome.and_then(|output| {
        serde_json::to_vec(&output).map_err(|error| {
            tracing::error!(%error, "an answer could not be written as JSON");
            Problem::unavailable()
        })
    });
    match body {
        Ok(body) => ([(axum::http::header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(problem) => ProblemResponse::new(problem, headers).into_response(),
    }
}

fn malformed(line: usize, column: usize) -> Problem {
    Problem::new(
        ProblemCode::InvalidInput,
        format!("Kaldet kan ikke læses: fejl i linje {line}, tegn {column}."),
        format!("The call cannot be read: an error at line {line}, column {column}."),
    )
}

fn nul() -> Problem {
    Problem::new(
        ProblemCode::InvalidInput,
        "En tekst i kaldet indeholder tegnet U+0000.",
        "A text of the call holds the character U+0000.",
    )
}

fn too_large() -> Problem {
    Problem::new(
        ProblemCode::TooLarge,
        format!("Kaldet er større end {BODY_LIMIT} bytes eller blev afbrudt."),
        format!("The call is larger than {BODY_LIMIT} bytes or was cut off."),
    )
}

fn key_missing() -> Problem {
    Problem::new(
        ProblemCode::InvalidInput,
        "Kaldet ændrer noget og skal have en nøgle.",
        "The call changes something and must carry a key.",
    )
    .in_field("key")
}
