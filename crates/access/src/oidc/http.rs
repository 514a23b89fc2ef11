//! Calls to a broker: encrypted, or on this machine only; no redirects are followed, and no answer is read without end.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use platform::tls::Trust;
use thiserror::Error;
use tokio::time::timeout;

/// The largest answer that is read.
const ANSWER_LIMIT: usize = 1024 * 1024;
/// How long a call may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The address is not one that is called.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BadAddress {
    /// Not an http or https address.
    #[error("expected an address of the form https://name/path")]
    Malformed,
    /// Proofs of identity would travel readable between machines.
    #[error("without encryption (http) only the machine itself is an address")]
    NotLoopback,
}

/// A fault of the exchange, in words without content.
#[derive(Debug, Error)]
#[error("a call to the broker failed: {0}")]
pub(super) struct Fault(&'static str);

/// Whether the address may be called.
///
/// # Errors
/// See [`BadAddress`].
pub(super) fn check(address: &str) -> Result<(), BadAddress> {
    let uri: Uri = address.parse().map_err(|_| BadAddress::Malformed)?;
    let host = uri.host().ok_or(BadAddress::Malformed)?;
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if is_loopback(host) => Ok(()),
        Some("http") => Err(BadAddress::NotLoopback),
        _ => Err(BadAddress::Malformed),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
}

/// The client.
#[derive(Clone)]
pub(super) struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Http {
    pub(super) fn new(trust: &Trust) -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(TIMEOUT));
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(trust.config()).https_or_http().enable_http1().wrap_connector(http);
        Self(Client::builder(TokioExecutor::new()).build(connector))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        // The addresses come from the broker's own document: they are held to the same rule.
        check(&request.uri().to_string()).map_err(|_| Fault("an address that is not called"))?;
        let response = self.0.request(request.map(|body| Full::new(Bytes::from(body)))).await;
        let (head, body) = response.map_err(|_| Fault("no connection"))?.into_parts();
        let body = Limited::new(body, ANSWER_LIMIT).collect().await.map_err(|_| Fault("the answer broke off"))?;
        Ok(HttpResponse::from_parts(head, body.to_bytes().to_vec()))
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Fault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move { timeout(TIMEOUT, self.send(request)).await.unwrap_or(Err(Fault("no answer in time"))) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_encrypted_addresses_or_the_machine_itself_are_called() {
        for (address, expect) in [
            ("https://broker.example/op", Ok(())),
            ("http://localhost:3000", Ok(())),
            ("http://127.0.0.1:3000/op", Ok(())),
            ("http://[::1]:3000", Ok(())),
            ("http://broker.example", Err(BadAddress::NotLoopback)),
            ("http://169.254.169.254/latest", Err(BadAddress::NotLoopback)),
            ("ftp://broker.example", Err(BadAddress::Malformed)),
            ("broker.example", Err(BadAddress::Malformed)),
            ("", Err(BadAddress::Malformed)),
        ] {
            assert_eq!(check(address), expect, "{address}");
        }
    }
}
