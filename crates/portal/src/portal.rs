//! The portal and what it works with.

use std::{fmt, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    response::Redirect,
    routing::{get, post},
};
use contracts::{holding::Holding, mediation::Mediation, parties::Parties, register::Register};
use primitives::{Clock, IdSource};

use crate::{
    assets, caseworker, failure, front, headers, language, payee,
    persona::LoopbackPersonas,
    session::{SessionLimits, Sessions},
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
    /// Payments and their stories.
    pub mediation: Arc<dyn Mediation>,
    /// Money that waits for an account.
    pub holding: Arc<dyn Holding>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random identifiers: of sessions, forms and calls. They must be unforeseeable ([`primitives::RandomIds`]) wherever people sign in.
    pub ids: Arc<dyn IdSource>,
    /// Whom one may sign in as.
    pub sign_in: LoopbackPersonas,
    /// How long a session lives.
    pub limits: SessionLimits,
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
    pub(crate) mediation: Arc<dyn Mediation>,
    pub(crate) holding: Arc<dyn Holding>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) sign_in: LoopbackPersonas,
    pub(crate) sessions: Sessions,
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Portal").field("personas", &self.site.sign_in.personas.len()).finish_non_exhaustive()
    }
}

impl Portal {
    /// The portal over these houses.
    pub fn new(deps: PortalDeps) -> Self {
        let sessions = Sessions::new(deps.clock.clone(), deps.ids.clone(), deps.limits);
        Self {
            site: Arc::new(Site {
                register: deps.register,
                parties: deps.parties,
                mediation: deps.mediation,
                holding: deps.holding,
                clock: deps.clock,
                ids: deps.ids,
                sign_in: deps.sign_in,
                sessions,
            }),
        }
    }

    /// The pages. Sign-in needs the peer's address: serve them with [`crate::serve()`], or with
    /// `into_make_service_with_connect_info::<SocketAddr>()` on an address that [`crate::check_bind`] accepts.
    pub fn router(&self) -> Router {
        let site = self.site.clone();
        let pages = Router::new()
            .route("/", get(front::front))
            .route("/language/{code}", get(language::switch))
            .route("/sign-in", get(sign_in::show).post(sign_in::enter))
            .route("/sign-out", post(sign_in::leave).get(async || Redirect::to("/")))
            .merge(payee::routes())
            .merge(caseworker::routes())
            .fallback(failure::no_such_page)
            .method_not_allowed_fallback(failure::no_such_page)
            .layer(middleware::from_fn_with_state(site.clone(), failure::explain))
            .layer(middleware::from_fn_with_state(site.clone(), visit::attend))
            .layer(middleware::from_fn(headers::of_pages))
            .layer(DefaultBodyLimit::max(FORM_LIMIT))
            .with_state(site);
        Router::new().merge(pages).merge(assets::routes()).layer(middleware::from_fn(headers::strict))
    }
}
