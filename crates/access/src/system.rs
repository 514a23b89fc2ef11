//! Systems that call: which party each of them is, and what it may do.
//!
//! A system shows a certificate on its connection (mutual TLS). The certificate's names lead to a party through the [`SystemDirectory`]; with
//! the certificate alone a system may call, or it fetches a token that is bound to the certificate (RFC 8705).

mod doorkeeper;
mod endpoint;
mod expiry;
mod guard;
mod registered;
mod scope;
mod token;

use std::path::PathBuf;

use async_trait::async_trait;
use contracts::{Actor, Problem};
use primitives::{AgreementNumber, BankCode, DataSupplierId};

use crate::certificate::SubjectName;

pub use doorkeeper::{Doorkeeper, keep};
pub use endpoint::{TokenEndpoint, token_routes};
pub use expiry::{ExpiryWatch, Watched};
pub use guard::SystemGuard;
pub use registered::{BadSystems, RegisteredSystems};
pub use token::{AccessToken, AccessTokens};

/// The party a system belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SystemParty {
    /// An authority: its system speaks for its caseworkers, each with a role profile, and may be given tokens to speak for a citizen.
    Authority(AgreementNumber),
    /// A data supplier that sends files for payers.
    Supplier(DataSupplierId),
    /// A bank, or its data centre.
    Bank(BankCode),
    /// The recovery authority.
    Recovery,
}

impl SystemParty {
    /// Who acts when the system speaks for itself; nobody, where it only speaks for people.
    #[must_use]
    pub fn actor(&self) -> Option<Actor> {
        match self {
            Self::Authority(_) => None,
            Self::Supplier(id) => Some(Actor::DataSupplier { id: *id }),
            Self::Bank(code) => Some(Actor::Bank { code: *code }),
            Self::Recovery => Some(Actor::RecoveryAuthority),
        }
    }
}

/// A system that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemRecord {
    /// The names its certificates carry.
    pub subject: SubjectName,
    /// The party it belongs to.
    pub party: SystemParty,
    /// Its client id, where it fetches tokens.
    pub client_id: Option<String>,
    /// The public key (PEM) that verifies its client assertions, where it fetches tokens.
    pub key_file: Option<PathBuf>,
    /// Its client id at the identity broker, where citizens sign in to it: whose ID tokens it may exchange.
    pub broker_client_id: Option<String>,
}

/// Finds the party of a system.
#[async_trait]
pub trait SystemDirectory: Send + Sync {
    /// The system whose certificates carry these names; `None` when it is not known.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn by_subject(&self, subject: &SubjectName) -> Result<Option<SystemRecord>, Problem>;
}
