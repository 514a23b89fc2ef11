//! Signed assertions in the compact form of JWS (RFC 7515, 7.1), by the two kinds of signature that are asked of systems: ES256 and PS256
//! (RFC 7518, 3). Nothing else is made or believed; least of all what an assertion says of its own algorithm.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};
use serde::Serialize;
use serde_json::{Value, json};
use x509_parser::asn1_rs::oid;
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

/// The longest assertion that is looked at.
const LONGEST: usize = 8_192;

/// A private key that signs by ES256.
pub struct SigningKey {
    key: EcdsaKeyPair,
    random: SystemRandom,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(••••)")
    }
}

impl SigningKey {
    /// An elliptic curve key (P-256) in PEM (PKCS #8); `None` when it is none.
    #[must_use]
    pub fn from_pem(pem: &[u8]) -> Option<Self> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem).ok()?;
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.secret_pkcs8_der(), &random).ok()?;
        Some(Self { key, random })
    }

    /// The claims with their signature; `None` when the system has no randomness.
    pub fn sign(&self, claims: &impl Serialize, key_id: Option<&str>) -> Option<String> {
        let mut header = json!({ "alg": "ES256", "typ": "JWT" });
        if let Some(key_id) = key_id {
            header["kid"] = key_id.into();
        }
        let part = |json: Vec<u8>| URL_SAFE_NO_PAD.encode(json);
        let signed = format!("{}.{}", part(serde_json::to_vec(&header).ok()?), part(serde_json::to_vec(claims).ok()?));
        let signature = self.key.sign(&self.random, signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// A public key, and the one algorithm it verifies by.
#[derive(Clone)]
pub struct VerifyingKey {
    name: &'static str,
    algorithm: &'static dyn VerificationAlgorithm,
    key: Vec<u8>,
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.name)
    }
}

impl VerifyingKey {
    /// A public key in PEM: elliptic curve (P-256) for ES256, or RSA of 2,048 bits or more for PS256; `None` when it is neither.
    #[must_use]
    pub fn from_pem(pem: &[u8]) -> Option<Self> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem).ok()?;
        let (_, info) = SubjectPublicKeyInfo::from_der(&der).ok()?;
        let key = info.subject_public_key.data.to_vec();
        let (name, algorithm): (_, &'static dyn VerificationAlgorithm) = if info.algorithm.algorithm == oid!(1.2.840.10045.2.1) {
            ("ES256", &ECDSA_P256_SHA256_FIXED)
        } else if info.algorithm.algorithm == oid!(1.2.840.113549.1.1.1) {
            ("PS256", &RSA_PSS_2048_8192_SHA256)
        } else {
            return None;
        };
        Some(Self { name, algorithm, key })
    }

    /// The claims, if the signature is this key's.
    #[must_use]
    pub fn verify(&self, assertion: &str) -> Option<Value> {
        let (signed, signature) = assertion.get(..assertion.len().min(LONGEST))?.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let read = |part: &str| -> Option<Value> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok() };
        let header = read(header)?;
        // An extension that must be understood is one we do not (RFC 7515, 4.1.11).
        if header["alg"] != self.name || header.get("crit").is_some() {
            return None;
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        UnparsedPublicKey::new(self.algorithm, &self.key).verify(signed.as_bytes(), &signature).ok()?;
        read(claims)
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

    use super::*;

    fn pair() -> (SigningKey, VerifyingKey) {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let signing = SigningKey::from_pem(key.serialize_pem().as_bytes()).unwrap();
        (signing, VerifyingKey::from_pem(key.public_key_pem().as_bytes()).unwrap())
    }

    #[test]
    fn what_was_signed_is_read_by_its_own_key_alone() {
        let (signing, verifying) = pair();
        let claims = json!({ "iss": "x", "exp": 1 });
        let assertion = signing.sign(&claims, Some("k1")).unwrap();
        assert_eq!(verifying.verify(&assertion), Some(claims));
        assert_eq!(pair().1.verify(&assertion), None, "another key");
    }

    #[test]
    fn a_changed_assertion_is_not_read() {
        let (signing, verifying) = pair();
        let assertion = signing.sign(&json!({ "iss": "x" }), None).unwrap();
        let [header, claims, signature] = assertion.split('.').collect::<Vec<_>>().try_into().unwrap();
        let encoded = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
        for changed in [
            format!("{header}.{}.{signature}", encoded(json!({ "iss": "y" }))),
            format!("{}.{claims}.{signature}", encoded(json!({ "alg": "none" }))),
            format!("{}.{claims}.", encoded(json!({ "alg": "none" }))),
            format!("{}.{claims}.{signature}", encoded(json!({ "alg": "ES256", "crit": ["x"] }))),
            format!("{header}.{claims}."),
            format!("{header}.{claims}"),
            format!("{assertion}."),
            String::new(),
        ] {
            assert_eq!(verifying.verify(&changed), None, "{changed}");
        }
    }

    #[test]
    fn other_kinds_of_keys_are_refused() {
        for kind in [&PKCS_ECDSA_P384_SHA384, &PKCS_ED25519] {
            let key = KeyPair::generate_for(kind).unwrap();
            assert!(SigningKey::from_pem(key.serialize_pem().as_bytes()).is_none());
        }
        assert!(VerifyingKey::from_pem(KeyPair::generate_for(&PKCS_ED25519).unwrap().public_key_pem().as_bytes()).is_none());
        assert!(VerifyingKey::from_pem(b"no key").is_none());
    }
}
