//! What is known of a broker: its addresses and its keys, which change.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreProviderMetadata};
use openidconnect::{ClaimsVerificationError, ClientId, IssuerUrl, NonceVerifier, SignatureVerificationError};
use primitives::Clock;

use super::http::{BadAddress, Http};
use crate::provider::Refusal;

/// How old what is known may be: the addresses seldom change, and keys that are not known are asked for at once.
const FRESH: SignedDuration = SignedDuration::from_hours(12);
/// The pause between two questions for keys, so that invented key ids do not make us call the broker without end.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// The signatures that are believed: asymmetric ones only.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 3] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
];

/// A broker, and what is known of it.
pub(super) struct Broker {
    issuer: IssuerUrl,
    own_id: String,
    clock: Arc<dyn Clock>,
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    metadata: CoreProviderMetadata,
    keys: CoreJsonWebKeySet,
    at: Timestamp,
    keys_at: Timestamp,
}

impl Broker {
    pub(super) fn new(issuer: &str, own_id: &str, clock: Arc<dyn Clock>) -> Result<Self, BadAddress> {
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| BadAddress::Malformed)?;
        Ok(Self { issuer, own_id: own_id.to_owned(), clock, known: Mutex::new(None) })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The broker's addresses.
    pub(super) async fn metadata(&self, http: &Http) -> Result<CoreProviderMetadata, Refusal> {
        Ok(self.known(http).await?.metadata)
    }

    /// Verifies that the broker gave the token to `audience`, that it is still good, and that its nonce is the expected one.
    pub(super) async fn verify<N: NonceVerifier + Clone>(
        &self, http: &Http, token: &CoreIdToken, audience: &str, nonce: N,
    ) -> Result<(), Refusal> {
        let known = self.known(http).await?;
        match self.verify_by(known.keys.clone(), token, audience, nonce.clone()) {
            Err(error) if is_unknown_key(&error) => {
                let keys = self.newer_keys(http, known).await?;
                self.verify_by(keys, token, audience, nonce).map_err(|error| unproven(&error))
            }
            outcome => outcome.map_err(|error| unproven(&error)),
        }
    }

    fn verify_by<N: NonceVerifier>(
        &self, keys: CoreJsonWebKeySet, token: &CoreIdToken, audience: &str, nonce: N,
    ) -> Result<(), ClaimsVerificationError> {
        let clock = Arc::clone(&self.clock);
        let verifier = CoreIdTokenVerifier::new_public_client(ClientId::new(audience.to_owned()), self.issuer.clone(), keys)
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || chrono::DateTime::from_timestamp(clock.now().as_second(), 0).unwrap_or_default())
            // A token that was given to others too is nobody's proof.
            .set_other_audience_verifier_fn(|_| false);
        token.claims(&verifier, nonce).map(|_| ())
    }

    async fn known(&self, http: &Http) -> Result<Known, Refusal> {
        let now = self.clock.now();
        if let Some(known) = self.kept().filter(|known| now.duration_since(known.at) < FRESH) {
            return Ok(known);
        }
        let metadata = CoreProviderMetadata::discover_async(self.issuer.clone(), http).await.map_err(|error| {
            tracing::warn!(issuer = self.issuer.as_str(), client = self.own_id, %error, "the broker cannot be looked up");
            Refusal::Unavailable
        })?;
        let known = Known { keys: metadata.jwks().clone(), metadata, at: now, keys_at: now };
        self.keep(known.clone());
        Ok(known)
    }

    /// Asks for the keys anew: the broker has signed with one that was not known.
    async fn newer_keys(&self, http: &Http, mut known: Known) -> Result<CoreJsonWebKeySet, Refusal> {
        let now = self.clock.now();
        if now.duration_since(known.keys_at) < PAUSE {
            return Ok(known.keys);
        }
        known.keys = CoreJsonWebKeySet::fetch_async(known.metadata.jwks_uri(), http).await.map_err(|_| Refusal::Unavailable)?;
        known.keys_at = now;
        self.keep(known.clone());
        Ok(known.keys)
    }

    fn kept(&self) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, known: Known) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }
}

fn is_unknown_key(error: &ClaimsVerificationError) -> bool {
    matches!(error, ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey))
}

/// Why the proof does not hold, in words without its content.
fn unproven(error: &ClaimsVerificationError) -> Refusal {
    Refusal::Unproven(match error {
        ClaimsVerificationError::Expired(_) => "an ID token that has expired",
        ClaimsVerificationError::InvalidAudience(_) => "an ID token for somebody else",
        ClaimsVerificationError::InvalidIssuer(_) => "an ID token of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "an ID token of another sign-in",
        ClaimsVerificationError::SignatureVerification(_) => "an ID token whose signature does not hold",
        _ => "an ID token that cannot be believed",
    })
}
