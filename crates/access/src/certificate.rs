//! What a certificate says, once it has been verified by rustls: whose it is, and until when it is good.
//!
//! OCES certificates of Danish organisations name the organisation by `organizationIdentifier` (OID 2.5.4.97), `NTRDK-` and the CVR number (ETSI
//! EN 319 412-1), and the certified system by the subject's `serialNumber` (OID 2.5.4.5), which stays the same when the certificate is
//! renewed.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use jiff::{SignedDuration, Timestamp};
use platform::tls::{TlsError, certificates};
use sha2::{Digest, Sha256};
use thiserror::Error;
use x509_parser::asn1_rs::{Oid, oid};
use x509_parser::prelude::{FromDer, X509Certificate, X509Name};

/// From this long before its last moment on, a certificate's end is warned of.
pub const WARN_BEFORE: SignedDuration = SignedDuration::from_hours(60 * 24);

/// Whose certificate it is, by the names that outlive a renewal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectName {
    /// The organisation: `NTRDK-` and the CVR number.
    pub organisation: String,
    /// The subject's serial number: which system of the organisation.
    pub serial: String,
}

/// The SHA-256 digest of a certificate, by which a token is bound to it (`x5t#S256`, RFC 8705, 3.1).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Thumbprint(String);

impl Thumbprint {
    /// Of the certificate in DER.
    #[must_use]
    pub fn of(der: &[u8]) -> Self {
        Self(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(der)))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A certificate that cannot be read.
#[derive(Debug, Error)]
pub enum BadCertificate {
    /// The file.
    #[error(transparent)]
    File(#[from] TlsError),
    /// What is in it.
    #[error("a certificate that cannot be read")]
    Malformed,
}

/// The names of the certificate's subject; `None` where one is missing or there twice, so that nobody is taken for another.
#[must_use]
pub fn subject_of(der: &[u8]) -> Option<SubjectName> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let subject = certificate.subject();
    Some(SubjectName { organisation: attribute(subject, &oid!(2.5.4.97))?, serial: attribute(subject, &oid!(2.5.4.5))? })
}

/// The certificate's own serial number, as parties records it: lower-case hexadecimal digits without leading zeros.
#[must_use]
pub fn serial_number_of(der: &[u8]) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let digits = primitives::hex::encode(certificate.raw_serial());
    Some(digits.trim_start_matches('0').to_owned()).filter(|digits| !digits.is_empty())
}

fn attribute(name: &X509Name<'_>, kind: &Oid<'static>) -> Option<String> {
    let mut found = name.iter_by_oid(kind);
    let value = found.next()?.as_str().ok()?.to_owned();
    found.next().is_none().then_some(value)
}

/// The last moment the certificate is good.
///
/// # Errors
/// [`BadCertificate::Malformed`].
pub fn good_until(der: &[u8]) -> Result<Timestamp, BadCertificate> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|_| BadCertificate::Malformed)?;
    Timestamp::from_second(certificate.validity().not_after.timestamp()).map_err(|_| BadCertificate::Malformed)
}

/// The first certificate of a file to end.
///
/// # Errors
/// See [`BadCertificate`].
pub fn file_good_until(path: &Path) -> Result<Timestamp, BadCertificate> {
    let ends: Result<Vec<_>, _> = certificates(path)?.iter().map(|certificate| good_until(certificate)).collect();
    ends?.into_iter().min().ok_or(BadCertificate::Malformed)
}

/// Whole days until `good_until`, negative once it is past.
#[must_use]
pub fn days_left(good_until: Timestamp, now: Timestamp) -> i64 {
    good_until.duration_since(now).as_hours().div_euclid(24)
}

/// Whether it is time to warn.
#[must_use]
pub fn ends_soon(good_until: Timestamp, now: Timestamp) -> bool {
    good_until.duration_since(now) <= WARN_BEFORE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_warned_of_from_sixty_days_before() {
        let now: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        let check = |end: &str, days: i64, soon: bool| {
            let end = end.parse().unwrap();
            assert_eq!((days_left(end, now), ends_soon(end, now)), (days, soon), "{end}");
        };
        check("2026-05-01T12:00:01Z", 60, false);
        check("2026-05-01T12:00:00Z", 60, true);
        check("2026-03-03T11:00:00Z", 0, true);
        check("2026-03-02T11:00:00Z", -1, true);
    }

    #[test]
    fn what_is_no_certificate_names_nobody() {
        assert_eq!(subject_of(b"no certificate"), None);
        assert!(good_until(b"no certificate").is_err());
    }
}
