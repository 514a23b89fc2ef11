//! Sending a message: one `POST` over TLS to a public address, without redirects.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use axum::http::{Request, Response, StatusCode, Uri};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use platform::tls::Trust;
use tower::Service;

use super::address::is_public;

/// How long a receiver may take: the standard recommends 15 to 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A message as it is sent.
#[derive(Debug)]
pub(super) struct Letter {
    pub url: Uri,
    pub id: String,
    /// When it is sent, in seconds.
    pub seconds: i64,
    pub signatures: String,
    pub body: String,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// The receiver has it.
    Taken,
    /// The receiver wants no more (410).
    Gone,
    /// It failed; the receiver may have said when to try again.
    Failed(Option<Duration>),
}

/// Sends messages to servers that one of some authorities vouches for.
#[derive(Clone)]
pub(crate) struct Sender {
    client: Client<HttpsConnector<HttpConnector<PublicNames>>, Full<Bytes>>,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}

impl Sender {
    /// A sender that trusts so, and into private networks only where those are allowed.
    pub fn new(trust: &Trust, private_networks: bool) -> Self {
        let mut http = HttpConnector::new_with_resolver(PublicNames { private_networks });
        http.enforce_http(false);
        http.set_connect_timeout(Some(TIMEOUT));
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(trust.config()).https_only().enable_http1().wrap_connector(http);
        // Seldom two messages to one receiver follow each other: no connection is kept.
        Self { client: Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector) }
    }

    /// Tries once.
    pub(super) async fn send(&self, letter: Letter) -> Attempt {
        let request = Request::post(letter.url)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, "NemKonto")
            .header("webhook-id", letter.id)
            .header("webhook-timestamp", letter.seconds)
            .header("webhook-signature", letter.signatures)
            .body(Full::new(Bytes::from(letter.body)));
        let Ok(request) = request else { return Attempt::Failed(None) };
        match tokio::time::timeout(TIMEOUT, self.client.request(request)).await {
            Ok(Ok(response)) => outcome(&response),
            // No connection, no trust, no answer: the cause is the receiver's to look for, and it hears of it by its own log.
            Ok(Err(_)) | Err(_) => Attempt::Failed(None),
        }
    }
}

fn outcome(response: &Response<Incoming>) -> Attempt {
    let asked = || {
        let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
        text.trim().parse().ok().map(Duration::from_secs)
    };
    match response.status() {
        status if status.is_success() => Attempt::Taken,
        StatusCode::GONE => Attempt::Gone,
        _ => Attempt::Failed(asked()),
    }
}

/// Looks names up, and knows only where they lead in the public Internet. The connection is made to the address that was checked, so
/// that a name cannot lead elsewhere a moment later.
#[derive(Clone, Copy, Debug)]
struct PublicNames {
    private_networks: bool,
}

impl Service<Name> for PublicNames {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let private_networks = self.private_networks;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| private_networks || is_public(address.ip())).collect();
            if allowed.is_empty() {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the name leads to no public address"));
            }
            Ok(allowed.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_followed() {
        let name = || -> Name { "localhost".parse().unwrap() };
        let refused = PublicNames { private_networks: false }.call(name()).await;
        assert_eq!(refused.map(|_| ()).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        assert!(PublicNames { private_networks: true }.call(name()).await.is_ok());
    }
}
