//! The secret that services of the system show each other. It says that a caller belongs to the system; whom it acts for stands in the call.

use std::fmt;
use std::path::Path;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use contracts::{Problem, ProblemCode};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::http::ProblemResponse;
use crate::secret_file::{self, SecretFileError};

/// The token of all services of one system.
#[derive(Clone)]
pub struct ServiceToken(String);

impl fmt::Debug for ServiceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceToken(••••)")
    }
}

impl ServiceToken {
    /// The fewest characters a token may have: 32 random ones of a 64-letter alphabet are 192 bits.
    pub const SHORTEST: usize = 32;

    /// Takes a token of at least [`SHORTEST`](Self::SHORTEST) visible ASCII characters.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Option<Self> {
        let token = token.into();
        (token.len() >= Self::SHORTEST && token.bytes().all(|byte| byte.is_ascii_graphic())).then_some(Self(token))
    }

    /// Reads the token from a file of mode 0600 with nothing else in it; white space around it does not count.
    ///
    /// # Errors
    /// See [`SecretFileError`].
    pub fn read(path: &Path) -> Result<Self, SecretFileError> {
        let bytes = secret_file::read(path)?;
        str::from_utf8(bytes.trim_ascii()).ok().and_then(Self::new).ok_or_else(|| SecretFileError::Malformed {
            path: path.to_owned(),
            expected: "a token of at least 32 visible ASCII characters",
        })
    }

    /// The value of the `Authorization` header (RFC 6750).
    #[must_use]
    pub fn authorization(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// Whether the request shows this token. The comparison takes the same time wherever a wrong token differs, and whatever its length.
    #[must_use]
    pub fn is_shown_by(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(AUTHORIZATION).map(axum::http::HeaderValue::as_bytes).unwrap_or_default();
        Sha256::digest(shown).ct_eq(&Sha256::digest(self.authorization())).into()
    }
}

/// Middleware that lets only callers with the token in, before anything of their call is read:
/// `router.layer(axum::middleware::from_fn_with_state(token, require_token))`.
pub async fn require_token(State(token): State<ServiceToken>, request: Request, next: Next) -> Response {
    if token.is_shown_by(request.headers()) {
        return next.run(request).await;
    }
    let problem = Problem::new(
        ProblemCode::Forbidden,
        "Kaldet mangler systemets adgangsnøgle.",
        "The call lacks the system's access token.",
    );
    ProblemResponse::new(problem, request.headers()).into_response()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::testing::TemporaryFolder;

    #[test]
    fn short_tokens_are_refused_and_tokens_are_never_shown() {
        assert!(ServiceToken::new("short").is_none());
        let token = ServiceToken::new("x".repeat(32)).unwrap();
        assert_eq!(format!("{token:?}"), "ServiceToken(••••)");
    }

    #[test]
    fn only_the_same_token_is_taken() {
        let token = ServiceToken::new("x".repeat(32)).unwrap();
        let shown = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().unwrap());
            token.is_shown_by(&headers)
        };
        assert!(shown(&token.authorization()));
        for wrong in
            ["", "Bearer", &"x".repeat(32), &format!("Bearer {}", "x".repeat(33)), &format!("Bearer {}y", "x".repeat(31))]
        {
            assert!(!shown(wrong), "{wrong}");
        }
        assert!(!token.is_shown_by(&HeaderMap::new()));
    }

    #[test]
    fn a_token_is_read_from_a_private_file_and_never_quoted() {
        let folder = TemporaryFolder::new();
        let path = folder.path().join("token");
        let check = |content: &str, mode: u32, expect: Option<&str>| {
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let read = ServiceToken::read(&path);
            match expect {
                None => assert_eq!(read.unwrap().0, "t".repeat(40)),
                Some(reason) => {
                    let said = read.unwrap_err().to_string();
                    assert!(said.contains(reason) && !said.contains("ttt"), "{said}");
                }
            }
        };
        check(&format!("{}\n", "t".repeat(40)), 0o600, None);
        check(&"t".repeat(40), 0o644, Some("0600"));
        check(&"t".repeat(31), 0o600, Some("does not hold a token"));
        check(&format!("{} {}", "t".repeat(40), "t"), 0o600, Some("does not hold a token"));
    }
}
