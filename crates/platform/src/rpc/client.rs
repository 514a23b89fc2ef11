//! Calling a house that runs elsewhere.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use bytes::Bytes;
use contracts::operation::{CALL_HEADER, Content};
use contracts::{Call, Context, IdempotencyKey, Operation, Problem};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use thiserror::Error;

use super::outgoing::{Outgoing, OutgoingBody};
use super::{ascii_json, path};
use crate::http::ProblemBody;
use crate::service_token::ServiceToken;
use crate::tls::Trust;

/// The largest answer that is read.
const ANSWER_LIMIT: usize = 256 * 1024 * 1024;

/// How long a call may take unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How long making a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How long an idle connection is kept: less than a server keeps it, so that no call meets a connection that is just being closed.
const IDLE: Duration = Duration::from_secs(10);

/// The URL is not one that can be called.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BadUrl {
    /// Not scheme, host, port and nothing else.
    #[error("a service URL is of the form https://host:port, or http://localhost:port on the machine itself")]
    Malformed,
    /// The token and personal data would travel readable between machines.
    #[error("without encryption (http) only the machine itself is called")]
    NotLoopback,
    /// Nobody vouches for the service.
    #[error("an https URL needs the certificates of the authority that vouches for the service")]
    NoTrust,
}

/// A fault of the exchange itself, in words without personal data.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Calls the operations of a house over HTTP, on connections that are kept alive: encrypted, or on this machine only.
#[derive(Clone)]
pub struct RpcClient {
    client: Client<HttpsConnector<HttpConnector>, OutgoingBody>,
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
    /// A client of the service at `base_url`: `http://localhost:8010`, or `https://register.example:8443` with the authorities that may
    /// vouch for it.
    ///
    /// # Errors
    /// See [`BadUrl`].
    pub fn new(base_url: &str, trust: Option<&Trust>) -> Result<Self, BadUrl> {
        let base_url = base_url.trim_end_matches('/').to_owned();
        let trust = match (check_url(&base_url)?, trust) {
            (Scheme::Http, _) => Trust::nobody(),
            (Scheme::Https, Some(trust)) => trust.clone(),
            (Scheme::Https, None) => return Err(BadUrl::NoTrust),
        };
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT));
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(trust.config()).https_or_http().enable_http1().wrap_connector(http);
        let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(connector);
        Ok(Self { client, base_url, token: None, timeout: TIMEOUT })
    }

    /// Shows the token with every call.
    #[must_use]
    pub fn with_token(mut self, token: ServiceToken) -> Self {
        self.token = Some(token);
        self
    }

    /// Gives calls this long; an upload may take longer, but not without progress for so long. Default 60 s.
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
        let exchange = async {
            let body = Full::new(Bytes::from(serde_json::to_vec(&call)?)).map_err(|never| match never {}).boxed_unsync();
            self.exchange::<O>(self.request::<O>().header(CONTENT_TYPE, "application/json").body(body)?).await
        };
        match tokio::time::timeout(self.timeout, exchange).await {
            Ok(outcome) => self.outcome::<O>(outcome),
            Err(_) => Err(self.unavailable::<O>("no answer in time")),
        }
    }

    /// Calls an operation whose input comes with a stream of bytes, which is sent as it is read: memory does not grow with it.
    ///
    /// # Errors
    /// As [`call`](Self::call). A stream that breaks is not taken by the house.
    pub async fn upload<O: Operation>(&self, context: &Context, input: O::Input, content: Content) -> Result<O::Output, Problem> {
        let call = Call { context: context.clone(), key: None, input };
        let outgoing = Outgoing::default();
        let exchange = async {
            let request = self.request::<O>().header(CONTENT_TYPE, "application/octet-stream");
            let request = request.header(CALL_HEADER, ascii_json(&call)?).body(outgoing.body(content))?;
            self.exchange::<O>(request).await
        };
        tokio::select! {
            outcome = exchange => self.outcome::<O>(outcome),
            () = outgoing.stalled(self.timeout) => Err(self.unavailable::<O>("no progress")),
        }
    }

    fn request<O: Operation>(&self) -> hyper::http::request::Builder {
        let request = Request::builder().method(Method::POST).uri(format!("{}{}", self.base_url, path(O::NAME)));
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, token.authorization()),
            None => request,
        }
    }

    /// The outer error is a fault of the exchange, the inner one the house's answer.
    async fn exchange<O: Operation>(&self, request: Request<OutgoingBody>) -> Result<Result<O::Output, Problem>, Cause> {
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

    fn outcome<O: Operation>(&self, outcome: Result<Result<O::Output, Problem>, Cause>) -> Result<O::Output, Problem> {
        outcome.unwrap_or_else(|cause| Err(self.unavailable::<O>(&chain(cause.as_ref()))))
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
}

enum Scheme {
    Http,
    Https,
}

fn check_url(base_url: &str) -> Result<Scheme, BadUrl> {
    let uri: Uri = base_url.parse().map_err(|_| BadUrl::Malformed)?;
    let host = uri.host().ok_or(BadUrl::Malformed)?;
    let bare = uri.path() == "/" && uri.query().is_none() && !base_url.contains('@');
    match uri.scheme_str() {
        Some("https") if bare => Ok(Scheme::Https),
        Some("http") if bare && is_loopback(host) => Ok(Scheme::Http),
        Some("http") if bare => Err(BadUrl::NotLoopback),
        _ => Err(BadUrl::Malformed),
    }
}

/// `localhost` is always the machine itself (RFC 6761, 6.3).
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
}

/// The error and its causes on one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readable_calls_stay_on_the_machine() {
        let check = |url: &str, expect: Result<(), BadUrl>| {
            assert_eq!(RpcClient::new(url, None).map(|_| ()), expect, "{url}");
        };
        for url in ["http://localhost:1", "http://127.0.0.1:1/", "http://127.8.8.8:1", "http://[::1]:1"] {
            check(url, Ok(()));
        }
        for url in
            ["http://register:1", "http://10.0.0.1", "http://0.0.0.0:1", "http://localhost.example:1", "http://[2001:db8::1]:1"]
        {
            check(url, Err(BadUrl::NotLoopback));
        }
        check("https://localhost:1", Err(BadUrl::NoTrust));
        for url in
            ["", "register:80", "ftp://x", "http://localhost/?q=1", "http://localhost/v2", "http://a@localhost:1", "localhost"]
        {
            check(url, Err(BadUrl::Malformed));
        }
    }
}
