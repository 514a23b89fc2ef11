//! The portal and what it works with.

use std::{fmt, sync::Arc};

use access::IdentityProvider;
use axum::{Router, extract::DefaultBodyLimit, middleware, response::Redirect};
use contracts::{
    holding::Holding,
    mediation::Mediation,
    parties::{Oversight, Parties},
    register::Register,
    setoff::Setoff,
};
use primitives::{Clock, IdSource};

use crate::{
    assets, caseworker, failure, front, gate, headers, language,
    pages::Pages,
    payee,
    session::{PendingSignIns, SessionLimits, Sessions},
    sign_in, visit,
};

/// The largest form that is read: the longest field has 200 characters.
const FORM_LIMIT: usize = 16 * 1024;

/// What the portal works with: the houses by their contracts, the time, randomness, and whom one may sign in as.
#[derive(Clone)]
pub struct PortalDeps {
    /// Who has which account.
    pub register: Arc<dyn Register>,
    /// Payers, and the role profiles of caseworkers.
    pub parties: Arc<dyn Parties>,
    /// Where the lookups of caseworkers are counted.
    pub oversight: Arc<dyn Oversight>,
    /// Payments and their stories.
    pub mediation: Arc<dyn Mediation>,
    /// Money that waits for an account.
    pub holding: Arc<dyn Holding>,
    /// Payouts that are redirected to public debt: who was told of them.
    pub setoff: Arc<dyn Setoff>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random identifiers: of sessions, forms and calls. They must be unforeseeable ([`primitives::RandomIds`]) wherever people sign in.
    pub ids: Arc<dyn IdSource>,
    /// Who says who somebody is; each with an id of its own.
    pub sign_in: Vec<Arc<dyn IdentityProvider>>,
    /// How the pages travel.
    pub transport: Transport,
    /// How long a session lives.
    pub limits: SessionLimits,
}

/// How the pages travel between the portal and the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Readable, on the machine itself only.
    Loopback,
    /// Encrypted (TLS): cookies are `Secure` and bound to the host name (`__Host-`), and browsers are told never to come readably again.
    Encrypted,
}

/// nemkonto.dk: pages for citizens, companies and caseworkers.
#[derive(Clone)]
pub struct Portal {
    site: Arc<Site>,
}

/// What every page is made with.
pub(crate) struct Site {
    pub(crate) register: Arc<dyn Register>,
    pub(crate) parties: Arc<dyn Parties>,
    pub(crate) oversight: Arc<dyn Oversight>,
    pub(crate) mediation: Arc<dyn Mediation>,
    pub(crate) holding: Arc<dyn Holding>,
    pub(crate) setoff: Arc<dyn Setoff>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) sign_in: Vec<Arc<dyn IdentityProvider>>,
    pub(crate) pending: PendingSignIns,
    pub(crate) transport: Transport,
    pub(crate) sessions: Sessions,
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Portal").field("sign_in", &self.site.sign_in).finish_non_exhaustive()
    }
}

impl Portal {
    /// The portal over these houses.
    pub fn new(deps: PortalDeps) -> Self {
        let sessions = Sessions::new(deps.clock.clone(), deps.ids.clone(), deps.limits);
        let pending = PendingSignIns::new(deps.clock.clone(), deps.ids.clone());
        Self {
            site: Arc::new(Site {
                register: deps.register,
                parties: deps.parties,
                oversight: deps.oversight,
                mediation: deps.mediation,
                holding: deps.holding,
                setoff: deps.setoff,
                clock: deps.clock,
                ids: deps.ids,
                sign_in: deps.sign_in,
                pending,
                transport: deps.transport,
                sessions,
            }),
        }
    }

    /// The pages. Sign-in needs the peer's address: serve them with [`crate::serve()`], or with
    /// `into_make_service_with_connect_info::<SocketAddr>()` on an address that [`crate::check_bind`] accepts.
    pub fn router(&self) -> Router {
        let site = self.site.clone();
        let pages = pages()
            .into_parts()
            .0
            .layer(middleware::from_fn(gate::keep))
            .fallback(failure::no_such_page)
            .method_not_allowed_fallback(failure::no_such_page)
            .layer(middleware::from_fn_with_state(site.clone(), failure::explain))
            .layer(middleware::from_fn_with_state(site.clone(), visit::attend))
            .layer(middleware::from_fn(headers::of_pages))
            .layer(DefaultBodyLimit::max(FORM_LIMIT))
            .with_state(site);
        let strict = middleware::from_fn_with_state(self.site.transport, headers::strict);
        Router::new().merge(pages).merge(assets::routes()).layer(strict)
    }

    /// Every page there is, as method and path: what the declared rights are held against.
    #[must_use]
    pub fn endpoints() -> Vec<String> {
        pages().into_parts().1
    }
}

fn pages() -> Pages {
    let public = Pages::default()
        .get("/", front::front)
        .get("/language/{code}", language::switch)
        .get("/sign-in", sign_in::show)
        .post("/sign-in", sign_in::enter)
        .get("/sign-in/{provider}", sign_in::depart)
        .get("/sign-in/{provider}/answer", sign_in::arrive)
        .get("/sign-out", async || Redirect::to("/"))
        .post("/sign-out", sign_in::leave);
    caseworker::pages(payee::pages(public))
}
