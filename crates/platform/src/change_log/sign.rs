//! The keys of checkpoints.

use std::fmt;
use std::sync::Arc;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use super::bytes::Checkpoint;
use crate::seal::KeyRing;

/// A key that checkpoints are verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The version of the key ring it belongs to.
    pub version: u8,
    /// The 32 bytes of an Ed25519 public key (RFC 8032).
    pub bytes: Vec<u8>,
}

impl PublicKey {
    /// Whether the checkpoint of `house` was signed with this key.
    pub(super) fn has_signed(&self, house: &str, checkpoint: &Checkpoint<'_>, signature: &[u8]) -> bool {
        self.version == checkpoint.key_version
            && UnparsedPublicKey::new(&ED25519, &self.bytes).verify(&checkpoint.signed_bytes(house), signature).is_ok()
    }
}

impl fmt::Display for PublicKey {
    /// The version and 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.version, primitives::hex::encode(&self.bytes))
    }
}

/// The house's signing keys, derived from the key ring; the one of the highest version signs.
#[derive(Clone)]
pub(super) struct SigningKey {
    pairs: Arc<Vec<(u8, Ed25519KeyPair)>>,
}

impl SigningKey {
    pub(super) fn new(keys: &KeyRing, house: &str) -> Self {
        let pair = |seed: &[u8; 32]| Ed25519KeyPair::from_seed_unchecked(seed).expect("32 bytes are a seed of Ed25519");
        let pairs = keys.derive("sign", house).iter().map(|(version, seed)| (*version, pair(seed))).collect();
        Self { pairs: Arc::new(pairs) }
    }

    fn current(&self) -> &(u8, Ed25519KeyPair) {
        self.pairs.last().expect("a ring holds at least one version")
    }

    pub(super) fn version(&self) -> u8 {
        self.current().0
    }

    /// The signature, 64 bytes, by the current version, which the checkpoint must name.
    pub(super) fn sign(&self, house: &str, checkpoint: &Checkpoint<'_>) -> Vec<u8> {
        debug_assert_eq!(checkpoint.key_version, self.version());
        self.current().1.sign(&checkpoint.signed_bytes(house)).as_ref().to_vec()
    }

    pub(super) fn public_keys(&self) -> Vec<PublicKey> {
        let key =
            |(version, pair): &(u8, Ed25519KeyPair)| PublicKey { version: *version, bytes: pair.public_key().as_ref().to_vec() };
        self.pairs.iter().map(key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_one_house_one_key_and_one_checkpoint() {
        let (ours, theirs) = (SigningKey::new(&KeyRing::for_tests(), "ours"), SigningKey::new(&KeyRing::for_tests(), "theirs"));
        let checkpoint = Checkpoint { number: 1, position: 2, hash: &[3; 32], at: 0, key_version: ours.version() };
        let signature = ours.sign("ours", &checkpoint);
        let key = &ours.public_keys()[0];
        assert!(key.has_signed("ours", &checkpoint, &signature));
        assert!(!key.has_signed("theirs", &checkpoint, &signature));
        assert!(!theirs.public_keys()[0].has_signed("ours", &checkpoint, &signature));
        assert!(!key.has_signed("ours", &Checkpoint { number: 2, ..checkpoint }, &signature));
        assert!(!key.has_signed("ours", &Checkpoint { position: 3, ..checkpoint }, &signature));
        assert!(!key.has_signed("ours", &Checkpoint { key_version: 2, ..checkpoint }, &signature));
        assert!(!key.has_signed("ours", &checkpoint, &signature[..63]));
        assert_eq!(key.to_string().len(), 66);
    }
}
