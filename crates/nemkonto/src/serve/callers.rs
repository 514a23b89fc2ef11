//! Who may call the houses: processes of the system by the shared secret, and, where it is asked for, other parties' systems by their
//! certificates.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use access::certificate::file_good_until;
use access::oidc::OidcProvider;
use access::system::{
    AccessTokens, Doorkeeper, ExpiryRoom, ExpiryWatch, PartiesDirectory, RegisteredSystems, SystemDirectory, TokenEndpoint, keep,
    token_routes,
};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use platform::driver::{Every, Room};
use platform::seal::KeyRing;
use platform::service_token::{ServiceToken, require_token};
use platform::tls::Identity;
use primitives::{Clock, RandomIds, SystemClock};

use crate::Failure;
use crate::cli::ServeArgs;
use crate::settings::Settings;
use crate::street::Part;

/// How often the certificates' ends are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the command line says of callers.
pub(super) struct Callers {
    identity: Option<Identity>,
    systems: Option<RegisteredSystems>,
    known_as: Option<String>,
    broker: Option<Arc<OidcProvider>>,
    watch: Arc<ExpiryWatch>,
    clock: Arc<dyn Clock>,
}

impl Callers {
    /// Reads the files that are named.
    ///
    /// # Errors
    /// When one cannot be used.
    pub(super) fn read(args: &ServeArgs, settings: &Settings) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let watch = Arc::new(ExpiryWatch::new(Arc::clone(&clock)));
        let own: Option<(&PathBuf, &PathBuf)> = args.certificate.as_ref().zip(args.key.as_ref());
        let identity = match (own, &args.callers_ca) {
            (None, _) => None,
            (Some((certificate, key)), None) => Some(Identity::read(certificate, key)?),
            (Some((certificate, key)), Some(callers)) => Some(Identity::read_asking_callers(certificate, key, callers)?),
        };
        if let Some((certificate, _)) = own {
            watch.note(&format!("own {}", certificate.display()), None, file_good_until(certificate)?);
        }
        let sign_in = settings.sign_in.as_ref().filter(|_| args.callers_ca.is_some());
        let broker = sign_in.map(|sign_in| sign_in.provider(Arc::clone(&clock), Arc::new(RandomIds))).transpose()?;
        Ok(Self {
            identity,
            systems: args.callers_ca.is_some().then(|| bootstrap(args)).transpose()?,
            known_as: args.known_as.clone(),
            broker: broker.map(Arc::new),
            watch,
            clock,
        })
    }

    pub(super) fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The open interfaces with the door before them.
    pub(super) fn before(&self, part: &Part, secret: ServiceToken, keys: &KeyRing, url: &str) -> Router {
        let metrics = self.metrics().layer(from_fn_with_state(secret.clone(), require_token));
        let Some(systems) = &self.systems else {
            return part.routes().layer(from_fn_with_state(secret, require_token)).merge(metrics);
        };
        let parties = part.parties();
        let directory: Arc<dyn SystemDirectory> = match parties.clone() {
            Some(parties) => Arc::new(PartiesDirectory::new(parties, systems.clone(), Arc::clone(&self.clock))),
            None => Arc::new(systems.clone()),
        };
        let door = Doorkeeper {
            secret,
            systems: directory,
            tokens: Arc::new(AccessTokens::new(keys, Arc::clone(&self.clock), Arc::new(RandomIds))),
            parties: parties.clone().map(|parties| parties as _),
            oversight: parties.map(|parties| parties as _),
            watch: Arc::clone(&self.watch),
            clock: Arc::clone(&self.clock),
        };
        let address = format!("{}/oauth/token", self.known_as.as_deref().unwrap_or(url).trim_end_matches('/'));
        let tokens = token_routes(TokenEndpoint::new(door.clone(), &address, self.broker.clone()));
        part.routes().layer(from_fn_with_state(door, keep)).merge(tokens).merge(metrics)
    }

    /// How many days each certificate has left, for those who watch.
    fn metrics(&self) -> Router {
        let watch = Arc::clone(&self.watch);
        Router::new().route("/metrics", get(async move || watch.metrics()))
    }

    /// The rooms of the houses, and the one that warns of certificates that end soon.
    pub(super) fn rooms(&self, part: &Part) -> Vec<Arc<dyn Room>> {
        let mut rooms = part.rooms();
        let expiry = ExpiryRoom {
            watch: Arc::clone(&self.watch),
            oversight: part.parties().map(|parties| parties as _),
            ids: Arc::new(RandomIds),
        };
        rooms.push(Arc::new(Every::new(Arc::new(expiry), LOOK_EVERY, Arc::clone(&self.clock))));
        rooms
    }
}

/// The systems of the operator's file, where there is one: parties knows the others.
fn bootstrap(args: &ServeArgs) -> Result<RegisteredSystems, Failure> {
    Ok(args.systems.as_deref().map(RegisteredSystems::read).transpose()?.unwrap_or_default())
}
