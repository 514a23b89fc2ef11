//! Serving the portal on an address of the machine itself.

use std::{future::Future, io, net::SocketAddr};

use thiserror::Error;
use tokio::net::TcpListener;

use crate::portal::Portal;

/// The address can be reached from other machines, and sign-in asks for no proof.
#[derive(Debug, Error)]
#[error("{address} can be reached from other machines: sign-in with personas is for loopback addresses only")]
pub struct NotLoopback {
    address: SocketAddr,
}

/// Why the portal is not served.
#[derive(Debug, Error)]
pub enum ServeError {
    /// Not a loopback address.
    #[error(transparent)]
    NotLoopback(#[from] NotLoopback),
    /// The socket failed.
    #[error("the portal's socket failed")]
    Io(#[from] io::Error),
}

/// Refuses an address other machines can reach, the unspecified one (`0.0.0.0`, `::`) included.
///
/// # Errors
/// [`NotLoopback`].
pub fn check_bind(address: SocketAddr) -> Result<(), NotLoopback> {
    if address.ip().to_canonical().is_loopback() { Ok(()) } else { Err(NotLoopback { address }) }
}

/// Serves the portal until `shutdown` is done and the last answer is given.
///
/// # Errors
/// [`ServeError::NotLoopback`] when the listener is not bound to a loopback address.
pub async fn serve(
    listener: TcpListener, portal: &Portal, shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    check_bind(listener.local_addr()?)?;
    let service = portal.router().into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(shutdown).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, expect: bool) {
        assert_eq!(check_bind(address.parse().unwrap()).is_ok(), expect, "{address}");
    }

    #[test]
    fn only_loopback_addresses_are_served() {
        check("127.0.0.1:8080", true);
        check("127.9.9.9:80", true);
        check("[::1]:8080", true);
        check("[::ffff:127.0.0.1]:8080", true);
        check("0.0.0.0:8080", false);
        check("[::]:8080", false);
        check("192.168.1.10:8080", false);
        check("[::ffff:10.0.0.1]:8080", false);
    }
}
