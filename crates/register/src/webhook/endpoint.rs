//! The address of a webhook.

use std::net::IpAddr;

use axum::http::Uri;
use contracts::{Problem, ProblemCode};

use super::address::is_public;

/// Longest address, in characters.
const LONGEST: usize = 500;

/// The address, if a webhook may have it: `https`, without a user, and in no private network unless those are allowed. A name is looked
/// up when a message is sent, and where it leads is checked then.
pub(super) fn endpoint(url: &str, private_networks: bool) -> Result<Uri, Problem> {
    let uri: Uri = url.parse().map_err(|_| malformed())?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(malformed)?;
    let is_plain =
        url.len() <= LONGEST && url.starts_with("https://") && !uri.authority().is_some_and(|it| it.as_str().contains('@'));
    if !is_plain {
        return Err(malformed());
    }
    if private_networks || is_public_host(host) { Ok(uri) } else { Err(private()) }
}

/// Whether a host is a public address, or a name that may lead to one.
fn is_public_host(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => is_public(address),
        Err(_) => !host.eq_ignore_ascii_case("localhost") && !host.to_ascii_lowercase().ends_with(".localhost"),
    }
}

fn malformed() -> Problem {
    Problem::new(
        ProblemCode::InvalidInput,
        "Adressen skal være af formen https://vært/sti og have højst 500 tegn.",
        "The address must be of the form https://host/path and have at most 500 characters.",
    )
    .in_field("url")
}

fn private() -> Problem {
    Problem::new(ProblemCode::InvalidInput, "Adressen ligger i et privat net.", "The address is in a private network.")
        .in_field("url")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expect: bool) {
        assert_eq!(endpoint(url, false).is_ok(), expect, "{url}");
    }

    #[test]
    fn only_public_encrypted_addresses_are_taken() {
        check("https://payer.example/hooks?id=1", true);
        check("https://payer.example:8443/", true);
        check("https://8.8.8.8/", true);
        check("http://payer.example/", false);
        check("https://user:word@payer.example/", false);
        check("https://127.0.0.1/", false);
        check("https://[::1]:8443/", false);
        check("https://[::ffff:10.0.0.1]/", false);
        check("https://169.254.169.254/latest/meta-data", false);
        check("https://localhost/", false);
        check("https://a.LOCALHOST/", false);
        check("https:///path", false);
        check("payer.example", false);
        check(&format!("https://payer.example/{}", "x".repeat(500)), false);
    }

    #[test]
    fn private_networks_can_be_allowed() {
        assert!(endpoint("https://127.0.0.1:1/", true).is_ok());
        assert!(endpoint("http://127.0.0.1:1/", true).is_err());
    }
}
