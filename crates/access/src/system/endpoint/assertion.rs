//! Client assertions (RFC 7523): who asks for a token shows it by a signature that is good for this endpoint, now, and once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use primitives::Clock;
use serde::Deserialize;

use super::super::{AssertionKey, SystemRecord};
use super::NoToken;
use crate::jws::VerifyingKey;
use crate::provider::Answer;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The furthest an assertion's end may lie ahead, in seconds: as long is its id remembered.
const LONGEST: i64 = 300;
/// How far clocks may differ, in seconds.
const LEEWAY: i64 = 5;
/// The most ids that are remembered at a time; beyond it nobody gets a token, rather than one twice.
const MOST: usize = 100_000;

/// Checks assertions, and remembers those that were used.
pub(super) struct Assertions {
    address: String,
    clock: Arc<dyn Clock>,
    /// Until when each id is remembered, in seconds.
    used: Mutex<HashMap<(String, String), i64>>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    jti: String,
    exp: i64,
}

/// For whom an assertion was made: one, or a list of one (RFC 7519, 4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    List([String; 1]),
}

impl Audience {
    fn is(&self, address: &str) -> bool {
        let (Self::One(named) | Self::List([named])) = self;
        named == address
    }
}

impl Assertions {
    pub(super) fn new(address: &str, clock: Arc<dyn Clock>) -> Self {
        Self { address: address.to_owned(), clock, used: Mutex::new(HashMap::new()) }
    }

    /// Whether the assertion is this system's, for this endpoint, in time, and not yet used.
    pub(super) async fn check(&self, record: &SystemRecord, asked: &Answer) -> Result<(), NoToken> {
        let (Some(client_id), Some(key)) = (&record.client_id, &record.key) else {
            return Err(NoToken::Unauthorized);
        };
        if asked.one("client_assertion_type") != Some(TYPE) || asked.one("client_id").is_some_and(|id| id != client_id) {
            return Err(NoToken::InvalidClient);
        }
        let key = public_key(key.clone()).await?;
        let claims = key.verify(asked.one("client_assertion").unwrap_or_default()).ok_or(NoToken::InvalidClient)?;
        let claims: Claims = serde_json::from_value(claims).map_err(|_| NoToken::InvalidClient)?;
        let now = self.clock.now().as_second();
        let is_in_time = now <= claims.exp + LEEWAY && claims.exp <= now + LONGEST + LEEWAY;
        let is_ours = claims.iss == *client_id && claims.sub == *client_id && claims.aud.is(&self.address);
        if is_ours && is_in_time && self.is_new(client_id, claims, now) { Ok(()) } else { Err(NoToken::InvalidClient) }
    }

    fn is_new(&self, client_id: &str, claims: Claims, now: i64) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, until| *until >= now);
        used.len() < MOST && used.insert((client_id.to_owned(), claims.jti), claims.exp + LEEWAY).is_none()
    }
}

/// The system's public key, of the kind it says it is: elliptic curve P-256 (ES256) or RSA (PS256). Read at each use, so that it can be changed.
async fn public_key(key: AssertionKey) -> Result<VerifyingKey, NoToken> {
    let (pem, place) = match key {
        AssertionKey::Pem(pem) => (pem.into_bytes(), "its terms".to_owned()),
        AssertionKey::File(path) => {
            let pem = tokio::fs::read(&path).await.map_err(|error| {
                tracing::error!(path = %path.display(), %error, "the public key of a system cannot be read");
                NoToken::Unavailable
            })?;
            (pem, path.display().to_string())
        }
    };
    VerifyingKey::from_pem(&pem).ok_or_else(|| {
        tracing::error!(place, "there is no public key of a system");
        NoToken::Unavailable
    })
}
