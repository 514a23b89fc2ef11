//! Systems that call: which party each of them is, and what it may do.
//!
//! A system shows a certificate on its connection (mutual TLS). The certificate's names lead to a party through the [`SystemDirectory`]; with
//! the certificate alone a system may call, or it fetches a token that is bound to the certificate (RFC 8705).

mod directory;
mod doorkeeper;
mod endpoint;
mod expiry;
mod guard;
mod meter;
mod registered;
mod scope;
mod token;

use std::net::IpAddr;
use std::path::PathBuf;

use async_trait::async_trait;
use contracts::parties::{PartyKey, PartyKind};
use contracts::{Actor, Problem};
use primitives::{AgreementNumber, BankCode, DataSupplierId};

use crate::certificate::SubjectName;

pub use directory::PartiesDirectory;
pub use doorkeeper::{Doorkeeper, keep};
pub use endpoint::{TokenEndpoint, token_routes};
pub use expiry::{ExpiryRoom, ExpiryWatch, Watched};
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
    /// The recovery authority, by its agreement number.
    Recovery(AgreementNumber),
}

impl SystemParty {
    /// Who acts when the system speaks for itself; nobody, where it only speaks for people.
    #[must_use]
    pub fn actor(&self) -> Option<Actor> {
        match self {
            Self::Authority(_) => None,
            Self::Supplier(id) => Some(Actor::DataSupplier { id: *id }),
            Self::Bank(code) => Some(Actor::Bank { code: *code }),
            Self::Recovery(_) => Some(Actor::RecoveryAuthority),
        }
    }

    /// Which party it is, as parties knows it.
    #[must_use]
    pub fn key(&self) -> PartyKey {
        let (kind, id) = match self {
            Self::Authority(number) => (PartyKind::Authority, number.digits().to_owned()),
            Self::Supplier(id) => (PartyKind::DataSupplier, id.as_str().to_owned()),
            Self::Bank(code) => (PartyKind::Bank, code.as_str().to_owned()),
            Self::Recovery(number) => (PartyKind::RecoveryAuthority, number.digits().to_owned()),
        };
        PartyKey { kind, id }
    }
}

/// The key that verifies a system's client assertions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssertionKey {
    /// A file of the operator (PEM), read at each use, so that it can be replaced.
    File(PathBuf),
    /// The key itself (PEM).
    Pem(String),
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
    /// The public key that verifies its client assertions, where it fetches tokens.
    pub key: Option<AssertionKey>,
    /// Its client id at the identity broker, where citizens sign in to it: whose ID tokens it may exchange.
    pub broker_client_id: Option<String>,
}

/// What a system has shown by calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownCertificate {
    /// The names in its subject.
    pub subject: SubjectName,
    /// Its own serial number: lower-case hexadecimal digits without leading zeros.
    pub serial_number: String,
    /// The address it calls from.
    pub address: IpAddr,
}

/// Finds the party of a system.
#[async_trait]
pub trait SystemDirectory: Send + Sync {
    /// The system that may call with this certificate from this address; `None` when there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn holder_of(&self, shown: &ShownCertificate) -> Result<Option<SystemRecord>, Problem>;
}
