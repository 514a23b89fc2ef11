//! Who stands before the door: a process of the system itself, by the shared secret; another system, by its certificate, with or without a
//! token; or nobody known.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use contracts::parties::{Oversight, Parties};
use contracts::{Problem, ProblemCode};
use platform::http::ProblemResponse;
use platform::rpc::Guard;
use platform::serve::CallerCertificate;
use platform::service_token::ServiceToken;
use primitives::Clock;

use super::guard::may_be_called;
use super::{AccessToken, AccessTokens, ExpiryWatch, ShownCertificate, SystemDirectory, SystemGuard, SystemRecord};
use crate::certificate::{Thumbprint, good_until, serial_number_of, subject_of};

/// What the door knows.
#[derive(Clone)]
pub struct Doorkeeper {
    /// The secret of the processes of this system.
    pub secret: ServiceToken,
    /// Which systems there are.
    pub systems: Arc<dyn SystemDirectory>,
    /// The tokens that were given out.
    pub tokens: Arc<AccessTokens>,
    /// Where role profiles are known.
    pub parties: Option<Arc<dyn Parties>>,
    /// Where lookups are counted; without, none is answered.
    pub oversight: Option<Arc<dyn Oversight>>,
    /// Which certificates end soon.
    pub watch: Arc<ExpiryWatch>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Doorkeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Doorkeeper")
    }
}

/// A system that has shown its certificate.
pub(super) struct Shown {
    pub(super) record: SystemRecord,
    pub(super) certificate: Thumbprint,
}

/// Middleware before the open interfaces: lets in whoever is known, and sends with each call what may be believed of it.
/// `router.layer(axum::middleware::from_fn_with_state(door, keep))`.
pub async fn keep(State(door): State<Doorkeeper>, mut request: Request, next: Next) -> Response {
    if door.secret.is_shown_by(request.headers()) {
        return next.run(request).await;
    }
    let certificate = request.extensions().get::<CallerCertificate>().cloned();
    let address = address_of(request.extensions().get());
    let guard = door.guard(certificate, address, bearer(request.headers())).await;
    match guard.and_then(|guard| may_be_called(request.uri().path()).map(|()| guard)) {
        Ok(guard) => {
            request.extensions_mut().insert(Guard(Arc::new(guard)));
            next.run(request).await
        }
        Err(problem) => {
            tracing::warn!(path = request.uri().path(), code = problem.code.as_str(), "a caller was refused at the door");
            ProblemResponse::new(problem, request.headers()).into_response()
        }
    }
}

impl Doorkeeper {
    async fn guard(
        &self, certificate: Option<CallerCertificate>, address: IpAddr, token: Option<String>,
    ) -> Result<SystemGuard, Problem> {
        let Shown { record, certificate } = self.shown(&certificate.ok_or_else(unknown)?, address).await?;
        let citizen = match token {
            None => None,
            Some(token) => self.token(&token, &certificate, &record)?.citizen,
        };
        let (parties, oversight, clock) = (self.parties.clone(), self.oversight.clone(), Arc::clone(&self.clock));
        Ok(SystemGuard { party: record.party, citizen, parties, oversight, clock })
    }

    /// The system a certificate leads to, where it may be used from the address.
    pub(super) async fn shown(&self, CallerCertificate(der): &CallerCertificate, address: IpAddr) -> Result<Shown, Problem> {
        let until = good_until(der).map_err(|_| unknown())?;
        // The handshake has looked at it; a connection may live on after its end.
        if until < self.clock.now() {
            return Err(unknown());
        }
        let subject = subject_of(der).ok_or_else(unknown)?;
        let serial_number = serial_number_of(der).ok_or_else(unknown)?;
        let name = format!("{} {}", subject.organisation, subject.serial);
        let shown = ShownCertificate { subject, serial_number, address };
        let record = self.systems.holder_of(&shown).await?.ok_or_else(unknown)?;
        self.watch.note(&name, Some(record.party.key()), until);
        Ok(Shown { record, certificate: Thumbprint::of(der) })
    }

    fn token(&self, token: &str, certificate: &Thumbprint, record: &SystemRecord) -> Result<AccessToken, Problem> {
        self.tokens.read(token, certificate).filter(|token| token.subject == record.subject).ok_or_else(unknown)
    }
}

/// Where a request comes from. One of which that is not known comes from nowhere: no network has that address.
pub(super) fn address_of(peer: Option<&ConnectInfo<SocketAddr>>) -> IpAddr {
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip().to_canonical())
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    // An `Authorization` that cannot be read is not the same as none.
    let header = headers.get(AUTHORIZATION)?;
    Some(header.to_str().ok().and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default().to_owned())
}

fn unknown() -> Problem {
    Problem::new(
        ProblemCode::Forbidden,
        "Kaldet mangler systemets adgangsnøgle, eller certifikat og adgangsbevis hører ikke til et system, der kendes her.",
        "The call lacks the system's access token, or its certificate and token belong to no system known here.",
    )
}
