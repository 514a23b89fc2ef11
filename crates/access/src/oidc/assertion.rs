//! Showing the broker who we are: an assertion signed by our private key (RFC 7523), so that no secret is shared with anybody.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use platform::SecretFileError;
use serde::Serialize;
use thiserror::Error;

use crate::jws::SigningKey;
use crate::provider::Refusal;

/// The kind of assertion.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion is good: it is used at once.
const LIFETIME_SECONDS: i64 = 60;

/// Why a key cannot be used.
#[derive(Debug, Error)]
pub enum BadKey {
    /// The file is no secret, or cannot be read.
    #[error(transparent)]
    File(#[from] SecretFileError),
    /// It holds no key of the kind.
    #[error("the key must be an elliptic curve key (P-256) in PEM (PKCS #8)")]
    Kind,
}

/// Our private key at a broker: ES256.
#[derive(Clone)]
pub struct ClientKey {
    key: Arc<SigningKey>,
    /// Which of our public keys verifies, as the broker knows it.
    key_id: Option<String>,
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientKey(••••)")
    }
}

#[derive(Serialize)]
struct Assertion<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
}

impl ClientKey {
    /// Reads the key from a file of mode 0600.
    ///
    /// # Errors
    /// See [`BadKey`].
    pub fn read(path: &Path, key_id: Option<String>) -> Result<Self, BadKey> {
        Self::from_pem(&platform::read_secret_file(path)?, key_id)
    }

    /// The key in PEM (PKCS #8).
    ///
    /// # Errors
    /// [`BadKey::Kind`].
    pub fn from_pem(pem: &[u8], key_id: Option<String>) -> Result<Self, BadKey> {
        Ok(Self { key: Arc::new(SigningKey::from_pem(pem).ok_or(BadKey::Kind)?), key_id })
    }

    /// An assertion for one request to `audience`.
    pub(super) fn assertion(&self, client_id: &str, audience: &str, now: Timestamp, id: &str) -> Result<String, Refusal> {
        let iat = now.as_second();
        let claims = Assertion { iss: client_id, sub: client_id, aud: audience, jti: id, iat, exp: iat + LIFETIME_SECONDS };
        self.key.sign(&claims, self.key_id.as_deref()).ok_or(Refusal::Unavailable)
    }
}
