//! Calling a house that runs elsewhere.

use std::fmt;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use bytes::Bytes;
use contracts::{Call, Context, IdempotencyKey, Operation, Problem};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use thiserror::Error;

use super::path;
use crate::http::{ProblemBody, ServiceToken};

/// The largest answer that is read.
const ANSWER_LIMIT: usize = 256 * 1024 * 1024;

/// How long a call may take unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The base URL is not one that can be called.
#[derive(Debug, Error)]
#[error("the service URL must be of the form http://host:port")]
pub struct BadUrl;

/// Calls the operations of a house over HTTP, on connections that are kept alive. Encryption between machines is the task of what lies
/// between them (a proxy or mesh with mutual TLS), as it holds the certificates.
#[derive(Clone)]
pub struct RpcClient {
    client: Client<HttpConnector, Full<Bytes>>,
    base_url: String,
    token: Option<ServiceToken>,
    timeout: Duration,
}

impl fmt::Debug for RpcClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RpcClient").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl RpcClient {
    /// A client of the service at `base_url`, for example `http://register:8081`.
    ///
    /// # Errors
    /// [`BadUrl`] when it is not an http URL with a host and without a query.
    pub fn new(base_url: &str) -> Result<Self, BadUrl> {
        let base_url = base_url.trim_end_matches('/').to_owned();
        let uri: Uri = base_url.parse().map_err(|_| BadUrl)?;
        if uri.scheme_str() != Some("http") || uri.host().is_none() || uri.query().is_some() {
            return Err(BadUrl);
        }
        let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build_http();
        Ok(Self { client, base_url, token: None, timeout: TIMEOUT })
    }

    /// Shows the token with every call.
    #[must_use]
    pub fn with_token(mut self, token: ServiceToken) -> Self {
        self.token = Some(token);
        self
    }

    /// Gives calls this long. Default 60 s.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Calls the operation.
    ///
    /// # Errors
    /// The house's own problem, or `Unavailable` when it cannot be reached, does not answer in time or answers gibberish; the cause is logged.
    /// Whether the call took effect is then unknown: repeat it with the same key.
    pub async fn call<O: Operation>(
        &self, context: &Context, key: Option<&IdempotencyKey>, input: O::Input,
    ) -> Result<O::Output, Problem> {
        let call = Call { context: context.clone(), key: key.cloned(), input };
        match tokio::time::timeout(self.timeout, self.exchange::<O>(&call)).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(cause)) => Err(self.unavailable::<O>(&cause.to_string())),
            Err(_) => Err(self.unavailable::<O>("no answer in time")),
        }
    }

    fn unavailable<O: Operation>(&self, cause: &str) -> Problem {
        tracing::warn!(
            house = O::NAME.house,
            operation = O::NAME.name,
            base_url = self.base_url,
            cause,
            "a remote house cannot answer"
        );
        Problem::unavailable()
    }

    /// The outer error is a fault of the exchange, the inner one the house's answer.
    async fn exchange<O: Operation>(
        &self, call: &Call<O::Input>,
    ) -> Result<Result<O::Output, Problem>, Box<dyn std::error::Error + Send + Sync>> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}{}", self.base_url, path(O::NAME)))
            .header(CONTENT_TYPE, "application/json");
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token.authorization());
        }
        let request = request.body(Full::new(Bytes::from(serde_json::to_vec(call)?)))?;
        let response = self.client.request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_LIMIT).collect().await?.to_bytes();
        if status == StatusCode::OK {
            // As in the server: the parser's words may quote the answer.
            return serde_json::from_slice(&body)
                .map(Ok)
                .map_err(|error| format!("malformed answer at line {}", error.line()).into());
        }
        let body: ProblemBody = serde_json::from_slice(&body).map_err(|_| format!("status {status} without a problem"))?;
        Ok(Err(body.problem))
    }
}
