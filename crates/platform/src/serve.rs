//! Serving routes on an address: encrypted, or on this machine only.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::CertificateDer;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::tls::Identity;

/// The most connections at a time; further callers wait to be accepted.
const CONNECTIONS: usize = 1_000;
/// How long a caller may take to agree on encryption.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a caller may take to send the head of its next request; also how long an idle connection is kept.
pub(crate) const HEAD: Duration = Duration::from_secs(30);
/// How long answers under way are waited for at the end.
const FAREWELL: Duration = Duration::from_secs(30);
/// How long it is waited when the system has no means for another connection.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// Why an address is not served.
#[derive(Debug, Error)]
pub enum DoorError {
    /// Not encrypted, and other machines could reach it.
    #[error("{0} can be reached from other machines: it is served with a certificate only")]
    NotLoopback(SocketAddr),
    /// The address cannot be taken.
    #[error("{address} cannot be listened on")]
    Taken {
        /// Which address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
}

/// The certificate a caller has shown on its connection, verified against the authorities of callers: an extension of each of its requests.
#[derive(Clone)]
pub struct CallerCertificate(pub CertificateDer<'static>);

impl std::fmt::Debug for CallerCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallerCertificate(…)")
    }
}

/// An open door: an address that is listened on.
pub struct Door {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
}

impl Door {
    /// Listens on the address; port 0 takes a free one. Without an identity nothing is encrypted, and only a loopback address is taken.
    ///
    /// # Errors
    /// See [`DoorError`].
    pub async fn open(address: SocketAddr, identity: Option<&Identity>) -> Result<Self, DoorError> {
        if identity.is_none() && !address.ip().to_canonical().is_loopback() {
            return Err(DoorError::NotLoopback(address));
        }
        let taken = |source| DoorError::Taken { address, source };
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Self { listener, address, tls: identity.map(|identity| TlsAcceptor::from(identity.config())) })
    }

    /// Where the door is: `http://127.0.0.1:8010`.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The address itself.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves the routes until `shutdown` is done and the answers under way are given, for which it waits at most 30 seconds.
    pub async fn serve(self, router: Router, shutdown: impl Future<Output = ()> + Send) {
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let mut shutdown = pin!(shutdown);
        loop {
            let (stream, peer, place) = tokio::select! {
                () = &mut shutdown => break,
                accepted = accept(&self.listener, &places) => accepted,
            };
            let visit = Visit { router: router.clone(), peer, certificate: None };
            tokio::spawn(attend(stream, self.tls.clone(), visit, graceful.watcher(), place));
        }
        drop(self.listener);
        if timeout(FAREWELL, graceful.shutdown()).await.is_err() {
            tracing::warn!("connections were closed before their last answer");
        }
    }
}

/// The next connection, and its place among them.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let place = Arc::clone(places).acquire_owned().await.expect("the places are never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(EXHAUSTED).await;
            }
        }
    }
}

/// Who is at the other end of a connection, and what is served there.
struct Visit {
    router: Router,
    peer: SocketAddr,
    certificate: Option<CallerCertificate>,
}

/// One connection from its handshake to its end.
async fn attend(stream: TcpStream, tls: Option<TlsAcceptor>, visit: Visit, watcher: Watcher, _place: OwnedSemaphorePermit) {
    // Answers are written whole; waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    match tls {
        None => answer(TokioIo::new(stream), visit, watcher).await,
        Some(acceptor) => match timeout(HANDSHAKE, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first).cloned();
                let certificate = shown.map(|certificate| CallerCertificate(certificate.into_owned()));
                answer(TokioIo::new(stream), Visit { certificate, ..visit }, watcher).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, "a caller did not agree on encryption"),
            Err(_) => tracing::debug!("a caller did not agree on encryption in time"),
        },
    }
}

/// Answers the requests of a connection; each knows who is at its other end.
async fn answer(io: impl Read + Write + Unpin + Send + 'static, visit: Visit, watcher: Watcher) {
    let routes = TowerToHyperService::new(visit.router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(visit.peer));
        if let Some(certificate) = &visit.certificate {
            request.extensions_mut().insert(certificate.clone());
        }
        routes.call(request)
    });
    let connection = http1::Builder::new().timer(TokioTimer::new()).header_read_timeout(HEAD).serve_connection(io, service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_certificate_only_the_machine_itself_is_served() {
        let check = async |address: &str, expect: bool| {
            let opened = Door::open(address.parse().unwrap(), None).await;
            assert_eq!(opened.is_ok(), expect, "{address}");
        };
        check("127.0.0.1:0", true).await;
        check("127.9.9.9:0", true).await;
        for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:0.0.0.0]:0"] {
            check(address, false).await;
        }
    }
}
