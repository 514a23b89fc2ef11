//! The cookies of the portal: what they are called, and what browsers are told of them.

use axum::http::{HeaderMap, header};

use crate::portal::Transport;

/// A cookie of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The session's token. It comes with requests of our own pages alone.
    Session,
    /// The secret of a sign-in that is under way elsewhere: it must come back with the browser from another site, and is good for minutes.
    SigningIn,
    /// The chosen language.
    Language,
}

impl Cookie {
    /// Its name: encrypted, one that browsers take from this very host alone (`__Host-`).
    fn name(self, transport: Transport) -> &'static str {
        match (self, transport) {
            (Self::Session, Transport::Loopback) => "session",
            (Self::Session, Transport::Encrypted) => "__Host-session",
            (Self::SigningIn, Transport::Loopback) => "signing-in",
            (Self::SigningIn, Transport::Encrypted) => "__Host-signing-in",
            (Self::Language, Transport::Loopback) => "language",
            (Self::Language, Transport::Encrypted) => "__Host-language",
        }
    }

    /// The header that sets it. Without an age it ends with the browser.
    pub(crate) fn set(self, transport: Transport, value: &str, seconds: Option<i64>) -> String {
        let same_site = if self == Self::Session { "Strict" } else { "Lax" };
        let secure = if transport == Transport::Encrypted { "; Secure" } else { "" };
        let age = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        format!("{}={value}; Path=/{age}; HttpOnly; SameSite={same_site}{secure}", self.name(transport))
    }

    /// The header that ends it.
    pub(crate) fn end(self, transport: Transport) -> String {
        self.set(transport, "", Some(0))
    }

    /// Its value in a request.
    pub(crate) fn sent(self, transport: Transport, headers: &HeaderMap) -> Option<&str> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(found, value)| (found == self.name(transport)).then_some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_are_told() {
        for (cookie, transport, expect) in [
            (Cookie::Session, Transport::Loopback, "session=x; Path=/; HttpOnly; SameSite=Strict"),
            (Cookie::Session, Transport::Encrypted, "__Host-session=x; Path=/; HttpOnly; SameSite=Strict; Secure"),
            (Cookie::SigningIn, Transport::Encrypted, "__Host-signing-in=x; Path=/; HttpOnly; SameSite=Lax; Secure"),
        ] {
            assert_eq!(cookie.set(transport, "x", None), expect);
        }
        assert!(Cookie::Session.end(Transport::Loopback).contains("Max-Age=0"));
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "xsession=1; session=2; __Host-session=3".parse().unwrap());
        assert_eq!(Cookie::Session.sent(Transport::Loopback, &headers), Some("2"));
        assert_eq!(Cookie::Session.sent(Transport::Encrypted, &headers), Some("3"));
        assert_eq!(Cookie::SigningIn.sent(Transport::Loopback, &headers), None);
    }
}
