//! Where systems fetch tokens: OAuth 2 client credentials with a signed assertion (RFC 7523) over mutual TLS (RFC 8705), and the exchange of a
//! citizen's ID token for a token that speaks for the citizen (RFC 8693).

mod assertion;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Form, Json, Router};
use platform::serve::CallerCertificate;
use primitives::Identifier;
use serde_json::json;

use super::doorkeeper::{Doorkeeper, Shown, address_of};
use super::{AccessToken, AccessTokens, SystemParty, SystemRecord};
use crate::identity::{Identity, Subject};
use crate::oidc::OidcProvider;
use crate::provider::{Answer, Refusal};

use assertion::Assertions;

/// Where the endpoint stands.
const PATH: &str = "/oauth/token";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Gives tokens to systems.
#[derive(Clone)]
pub struct TokenEndpoint(Arc<Parts>);

struct Parts {
    door: Doorkeeper,
    /// The broker whose ID tokens are exchanged; without, nobody speaks for a citizen.
    broker: Option<Arc<OidcProvider>>,
    assertions: Assertions,
}

impl fmt::Debug for TokenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenEndpoint")
    }
}

/// Why no token is given, in the words of RFC 6749, 5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoToken {
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    Unauthorized,
    Unsupported,
    Unavailable,
}

impl TokenEndpoint {
    /// An endpoint behind the door; `address` is its own (`https://…/oauth/token`), for which assertions must be made.
    #[must_use]
    pub fn new(door: Doorkeeper, address: &str, broker: Option<Arc<OidcProvider>>) -> Self {
        let assertions = Assertions::new(address, Arc::clone(&door.clock));
        Self(Arc::new(Parts { door, broker, assertions }))
    }

    async fn give(&self, certificate: Option<CallerCertificate>, address: IpAddr, asked: &Answer) -> Result<Response, NoToken> {
        let Parts { door, assertions, .. } = &*self.0;
        let certificate = certificate.ok_or(NoToken::InvalidClient)?;
        let Shown { record, certificate } = door.shown(&certificate, address).await.map_err(|_| NoToken::InvalidClient)?;
        assertions.check(&record, asked).await?;
        let (citizen, kind) = match asked.one("grant_type") {
            Some("client_credentials") => (None, None),
            Some(EXCHANGE) => (Some(self.citizen(&record, asked).await?), Some(ACCESS_TOKEN)),
            Some(_) => return Err(NoToken::Unsupported),
            None => return Err(NoToken::InvalidRequest),
        };
        let token = door.tokens.give(&AccessToken { subject: record.subject, citizen }, &certificate);
        let mut answer = json!({
            "access_token": token, "token_type": "Bearer", "expires_in": AccessTokens::LIFETIME.as_secs(),
        });
        if let Some(kind) = kind {
            answer["issued_token_type"] = kind.into();
        }
        Ok(Json(answer).into_response())
    }

    /// The citizen who has signed in to the service whose system asks.
    async fn citizen(&self, record: &SystemRecord, asked: &Answer) -> Result<Identifier, NoToken> {
        let (SystemParty::Authority(_), Some(service), Some(broker)) = (&record.party, &record.broker_client_id, &self.0.broker)
        else {
            return Err(NoToken::Unauthorized);
        };
        if asked.one("subject_token_type") != Some(ID_TOKEN) {
            return Err(NoToken::InvalidRequest);
        }
        let token = asked.one("subject_token").ok_or(NoToken::InvalidRequest)?;
        match broker.identity_of_token(token, service).await {
            Ok(Identity { subject: Subject::Citizen { identifier, mandate: None }, .. }) => Ok(identifier),
            Err(Refusal::Unavailable) => Err(NoToken::Unavailable),
            // Neither employees nor powers of attorney are handed on to other services.
            Ok(_) | Err(_) => Err(NoToken::InvalidGrant),
        }
    }
}

/// The route of the endpoint. It asks for certificate and assertion itself, and so stands beside the door, not behind it.
pub fn token_routes(endpoint: TokenEndpoint) -> Router {
    Router::new().route(PATH, post(give)).with_state(endpoint)
}

async fn give(
    State(endpoint): State<TokenEndpoint>, certificate: Option<Extension<CallerCertificate>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>, Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let certificate = certificate.map(|Extension(certificate)| certificate);
    let address = address_of(peer.as_deref());
    let response = endpoint.give(certificate, address, &Answer::new(fields)).await.unwrap_or_else(NoToken::into_response);
    ([(header::CACHE_CONTROL, "no-store")], response).into_response()
}

impl NoToken {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::InvalidGrant => (StatusCode::BAD_REQUEST, "invalid_grant"),
            Self::InvalidRequest => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::Unauthorized => (StatusCode::BAD_REQUEST, "unauthorized_client"),
            Self::Unsupported => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        };
        (status, Json(json!({ "error": error }))).into_response()
    }
}
