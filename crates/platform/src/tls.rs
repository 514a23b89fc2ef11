//! TLS between services (version 1.3, RFC 8446): who we are, and whom we trust. There is no default for either.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use thiserror::Error;

use crate::secret_file::{self, SecretFileError};

/// Why certificates cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The certificates' file cannot be read.
    #[error("the certificate file {path} cannot be read")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// There is no certificate in the file.
    #[error("the file {0} holds no PEM certificates")]
    NoCertificate(PathBuf),
    /// The key's file is not a secret, or holds no key.
    #[error(transparent)]
    Key(#[from] SecretFileError),
    /// Certificate and key do not fit, or one of them cannot be used.
    #[error("the certificates cannot be used")]
    Unusable(#[from] rustls::Error),
    /// The authorities that vouch for callers cannot be used.
    #[error("the authorities of callers' certificates cannot be used")]
    Callers(#[from] rustls::server::VerifierBuilderError),
}

/// Who this service is: its certificate and the key to it.
#[derive(Clone)]
pub struct Identity(Arc<ServerConfig>);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(••••)")
    }
}

impl Identity {
    /// Reads the certificate chain (PEM, own certificate first) and its private key (PEM, in a file of mode 0600).
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn read(certificate_file: &Path, key_file: &Path) -> Result<Self, TlsError> {
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13])?
            .with_no_client_auth()
            .with_single_cert(certificates(certificate_file)?, private_key(key_file)?)?;
        Ok(Self(Arc::new(config)))
    }

    /// As [`read`](Self::read), and asks callers for a certificate that one of these authorities (PEM) vouches for. A caller may come without
    /// one; who it then is, is for others to judge. One that is shown and does not hold ends the connection.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn read_asking_callers(certificate_file: &Path, key_file: &Path, callers_file: &Path) -> Result<Self, TlsError> {
        let callers = Arc::new(roots(callers_file)?);
        let verifier = WebPkiClientVerifier::builder_with_provider(callers, provider()).allow_unauthenticated().build()?;
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(verifier)
            .with_single_cert(certificates(certificate_file)?, private_key(key_file)?)?;
        Ok(Self(Arc::new(config)))
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0)
    }
}

/// Whose certificates are believed: an authority of one's own, so that no other authority in the world can vouch for a house.
#[derive(Clone)]
pub struct Trust(ClientConfig);

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust")
    }
}

impl Trust {
    /// Reads the certificates of the authorities (PEM).
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn read(authorities_file: &Path) -> Result<Self, TlsError> {
        Self::in_roots(roots(authorities_file)?)
    }

    /// As [`read`](Self::read), for a caller that shows a certificate (PEM, own certificate first) by its private key (PEM, in a file of mode
    /// 0600).
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn read_as(authorities_file: &Path, certificate_file: &Path, key_file: &Path) -> Result<Self, TlsError> {
        let config = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13])?;
        let config = config.with_root_certificates(roots(authorities_file)?);
        Ok(Self(config.with_client_auth_cert(certificates(certificate_file)?, private_key(key_file)?)?))
    }

    /// Believes nobody: for connections that are not encrypted.
    pub(crate) fn nobody() -> Self {
        Self::in_roots(RootCertStore::empty()).expect("the provider has TLS 1.3")
    }

    fn in_roots(roots: RootCertStore) -> Result<Self, TlsError> {
        let config = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13])?;
        Ok(Self(config.with_root_certificates(roots).with_no_client_auth()))
    }

    /// The configuration of a connection that trusts so.
    #[must_use]
    pub fn config(&self) -> ClientConfig {
        self.0.clone()
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn roots(authorities_file: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(authorities_file)? {
        roots.add(certificate)?;
    }
    Ok(roots)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let malformed = |_| SecretFileError::Malformed { path: path.to_owned(), expected: "a private key in PEM" };
    Ok(PrivateKeyDer::from_pem_slice(&secret_file::read(path)?).map_err(malformed)?)
}

/// The certificates of a file (PEM), in its order.
///
/// # Errors
/// When the file cannot be read or holds none.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = fs::read(path).map_err(|source| TlsError::Unreadable { path: path.to_owned(), source })?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    certificates.ok().filter(|found| !found.is_empty()).ok_or_else(|| TlsError::NoCertificate(path.to_owned()))
}
