//! Whether a request comes from the machine itself, with nothing in between.

use std::net::SocketAddr;

use axum::http::{HeaderMap, header};

/// Headers that proxies add.
const PROXY_HEADERS: [&str; 9] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
    "client-ip",
];

/// Names of the machine itself. Another name that leads here is another site's trick (DNS rebinding).
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Whether the request comes from the machine itself: the peer is a loopback address, the host name is the machine's own, and no header of a
/// proxy is present.
pub(crate) fn is_from_here(peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
    let is_local = peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let is_direct = PROXY_HEADERS.iter().all(|name| !headers.contains_key(*name));
    let is_named = headers.get(header::HOST).and_then(|host| host.to_str().ok()).is_some_and(is_own_name);
    is_local && is_direct && is_named
}

fn is_own_name(host: &str) -> bool {
    OWN_NAMES
        .iter()
        .any(|name| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port)))
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(peer: Option<&str>, headers: &[(&'static str, &'static str)], expect: bool) {
        let peer = peer.map(|peer| peer.parse().unwrap());
        let headers: HeaderMap = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        assert_eq!(is_from_here(peer, &headers), expect, "{peer:?} {headers:?}");
    }

    #[test]
    fn the_machine_itself_may_sign_in() {
        check(Some("127.0.0.1:5000"), &[("host", "localhost:8080")], true);
        check(Some("[::1]:5000"), &[("host", "[::1]:8080")], true);
        check(Some("[::ffff:127.0.0.1]:5000"), &[("host", "127.0.0.1")], true);
    }

    #[test]
    fn others_may_not() {
        check(None, &[("host", "localhost")], false);
        check(Some("10.0.0.7:5000"), &[("host", "localhost")], false);
        check(Some("127.0.0.1:5000"), &[], false);
        check(Some("127.0.0.1:5000"), &[("host", "evil.example:8080")], false);
        check(Some("127.0.0.1:5000"), &[("host", "localhost.evil.example")], false);
        check(Some("127.0.0.1:5000"), &[("host", "127.0.0.1:80@evil.example")], false);
    }

    #[test]
    fn nobody_signs_in_through_a_proxy() {
        for name in PROXY_HEADERS {
            check(Some("127.0.0.1:5000"), &[("host", "localhost"), (name, "127.0.0.1")], false);
        }
    }
}
