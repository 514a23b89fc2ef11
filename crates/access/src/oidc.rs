//! OpenID Connect, as brokers of MitID offer it: authorization code with PKCE (RFC 7636), state and nonce, client assertion by a private key
//! (RFC 7523), issuer in the answer (RFC 9207). The library `openidconnect` reads the broker's documents and verifies its ID tokens.

mod assertion;
mod broker;
mod http;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreIdToken};
use openidconnect::{
    AuthType, AuthenticationContextClass, AuthorizationCode, ClientId, CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenResponse,
};
use platform::tls::Trust;
use primitives::{Clock, IdSource, Text};
use sha2::{Digest, Sha256};

use crate::claims::{ClaimNames, Claims, Privileges};
use crate::identity::Identity;
use crate::provider::{Answer, Asked, Departure, IdentityProvider, Pending, Refusal};

pub use assertion::{BadKey, ClientKey};
pub use http::BadAddress;

use broker::Broker;
use http::Http;

/// How we are known to a broker, and what we ask of it.
#[derive(Clone, Debug)]
pub struct OidcSettings {
    /// The provider's name in our addresses.
    pub id: String,
    /// What stands on the button.
    pub label: Text,
    /// The broker, by its issuer identifier: an https address, or http on the machine itself.
    pub issuer: String,
    /// Our id at the broker.
    pub client_id: String,
    /// Where the browser comes back: `https://<our name>/sign-in/<id>/answer`.
    pub redirect_address: String,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// Levels of assurance that are asked for (`acr_values`). What came is checked anyhow.
    pub levels: Vec<String>,
    /// What the claims are called.
    pub claims: ClaimNames,
    /// Which privileges give which role.
    pub privileges: Privileges,
}

/// What a provider works with.
#[derive(Clone)]
pub struct OidcMeans {
    /// Who may vouch for the broker's addresses.
    pub trust: Trust,
    /// Our private key, whose public half the broker knows.
    pub key: ClientKey,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Unforeseeable values for state, nonce and PKCE.
    pub ids: Arc<dyn IdSource>,
}

/// A broker of MitID by OpenID Connect.
pub struct OidcProvider {
    settings: OidcSettings,
    redirect: RedirectUrl,
    key: ClientKey,
    ids: Arc<dyn IdSource>,
    http: Http,
    broker: Broker,
}

impl fmt::Debug for OidcProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcProvider").field("issuer", &self.settings.issuer).finish_non_exhaustive()
    }
}

impl OidcProvider {
    /// A provider; the broker is looked up at the first sign-in.
    ///
    /// # Errors
    /// When issuer or redirect address is no address, or would travel readable between machines.
    pub fn new(settings: OidcSettings, means: OidcMeans) -> Result<Self, BadAddress> {
        http::check(&settings.issuer)?;
        http::check(&settings.redirect_address)?;
        let malformed = |_| BadAddress::Malformed;
        Ok(Self {
            redirect: RedirectUrl::new(settings.redirect_address.clone()).map_err(malformed)?,
            broker: Broker::new(&settings.issuer, &settings.client_id, Arc::clone(&means.clock))?,
            http: Http::new(&means.trust),
            key: means.key,
            ids: means.ids,
            settings,
        })
    }

    /// The person an ID token was given for to another service: for delegated calls. The broker's signature, issuer and lifetime are checked,
    /// and that it was given to this service.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn identity_of_token(&self, id_token: &str, service: &str) -> Result<Identity, Refusal> {
        let token: CoreIdToken = id_token.parse().map_err(|_| Refusal::Unproven("an ID token that is none"))?;
        self.broker.verify(&self.http, &token, service, any_nonce).await?;
        self.identity(&token)
    }

    fn identity(&self, verified: &CoreIdToken) -> Result<Identity, Refusal> {
        claims_of(verified)?.identity(&self.settings.claims, &self.settings.privileges)
    }

    fn random(&self) -> String {
        format!("{}{}", self.ids.uuid_v4().simple(), self.ids.uuid_v4().simple())
    }

    /// Exchanges the code for the proof, and shows who we are by our key.
    async fn exchange(&self, code: &str, pending: &Pending) -> Result<CoreIdToken, Refusal> {
        let metadata = self.broker.metadata(&self.http).await?;
        let client = CoreClient::from_provider_metadata(metadata, ClientId::new(self.settings.client_id.clone()), None)
            .set_redirect_uri(self.redirect.clone())
            .set_auth_type(AuthType::RequestBody);
        let assertion = self.key.assertion(&self.settings.client_id, &self.settings.issuer, self.broker.now(), &self.random())?;
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| Refusal::Unavailable)?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.verifier.clone()))
            .add_extra_param("client_assertion_type", assertion::TYPE)
            .add_extra_param("client_assertion", assertion)
            .request_async(&self.http)
            .await
            .map_err(|error| unexchanged(&error))?;
        tokens.id_token().cloned().ok_or(Refusal::Unproven("no ID token came"))
    }
}

#[async_trait]
impl IdentityProvider for OidcProvider {
    fn id(&self) -> &str {
        &self.settings.id
    }

    fn label(&self) -> Text {
        self.settings.label.clone()
    }

    fn admits(&self, _: &Asked<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    async fn depart(&self) -> Result<Departure, Refusal> {
        let pending = Pending { state: self.random(), nonce: self.random(), verifier: self.random() };
        let metadata = self.broker.metadata(&self.http).await?;
        let client = CoreClient::from_provider_metadata(metadata, ClientId::new(self.settings.client_id.clone()), None)
            .set_redirect_uri(self.redirect.clone());
        let (state, nonce) = (pending.state.clone(), pending.nonce.clone());
        let verifier = PkceCodeVerifier::new(pending.verifier.clone());
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || CsrfToken::new(state), move || Nonce::new(nonce))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        for scope in &self.settings.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        for level in &self.settings.levels {
            request = request.add_auth_context_value(AuthenticationContextClass::new(level.clone()));
        }
        Ok(Departure { address: request.url().0.into(), pending })
    }

    async fn arrive(&self, pending: Option<&Pending>, answer: &Answer) -> Result<Identity, Refusal> {
        let pending = pending.ok_or(Refusal::NotAwaited)?;
        if !answer.one("state").is_some_and(|state| same(state, &pending.state)) {
            return Err(Refusal::NotAwaited);
        }
        if answer.one("iss").is_some_and(|issuer| issuer != self.settings.issuer) {
            return Err(Refusal::Unproven("an answer of another issuer"));
        }
        if answer.one("error").is_some() {
            return Err(Refusal::Declined);
        }
        let code = answer.one("code").ok_or(Refusal::Unproven("an answer without a code"))?;
        let token = self.exchange(code, pending).await?;
        let nonce = Nonce::new(pending.nonce.clone());
        self.broker.verify(&self.http, &token, &self.settings.client_id, &nonce).await?;
        self.identity(&token)
    }
}

/// A token that was given to another service answers that service's question, whose nonce we do not know.
fn any_nonce(_: Option<&Nonce>) -> Result<(), String> {
    Ok(())
}

/// A code that the broker does not take is a proof that does not hold; anything else is the broker's fault.
fn unexchanged<E: std::error::Error + 'static, R: openidconnect::ErrorResponse + 'static>(
    error: &openidconnect::RequestTokenError<E, R>,
) -> Refusal {
    match error {
        openidconnect::RequestTokenError::ServerResponse(_) => Refusal::Unproven("the broker does not take the code"),
        _ => Refusal::Unavailable,
    }
}

/// All claims of a token whose signature was verified.
fn claims_of(verified: &CoreIdToken) -> Result<Claims, Refusal> {
    use base64::Engine as _;
    let text = verified.to_string();
    let payload = text.split('.').nth(1).unwrap_or_default();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    serde_json::from_slice(&bytes).map_err(|_| Refusal::Unproven("an ID token whose claims cannot be read"))
}

/// Compares digests, so that the time it takes says nothing about the value.
fn same(sent: &str, expected: &str) -> bool {
    Sha256::digest(sent) == Sha256::digest(expected)
}
