//! Sealing and opening of single values.

use std::fmt;
use std::sync::Arc;

use hkdf::Hkdf;
use sha2::Sha512;

use super::key_ring::KEY_BYTES;
use super::siv::{IV_BYTES, Siv};
use super::{KeyRing, SealError};

/// Version byte and synthetic initialisation vector in front of the ciphertext.
const HEADER_BYTES: usize = 1 + IV_BYTES;

/// Seals and opens the values of one house. A clone is the same sealer.
#[derive(Clone)]
pub struct Sealer(Arc<HouseKeys>);

/// The keys of one house, derived from the ring and prepared.
struct HouseKeys {
    /// Version and key, ascending; the last one seals new values.
    seal: Vec<(u8, Siv)>,
    digest: Siv,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").finish_non_exhaustive()
    }
}

impl Sealer {
    /// The sealer of `house`, with keys of its own: HKDF-SHA-512 (RFC 5869) of each version's root key, with the house and the use as info.
    ///
    /// Digests use the ring's first version, so that uniqueness tables outlive a change of key.
    #[must_use]
    pub fn new(ring: &KeyRing, house: &str) -> Self {
        let derive = |root: &[u8; KEY_BYTES], purpose: &str| {
            let mut key = [0; KEY_BYTES];
            Hkdf::<Sha512>::new(None, root)
                .expand_multi_info(&[b"nemkonto/", purpose.as_bytes(), b"/", house.as_bytes()], &mut key)
                .expect("64 bytes are within HKDF-SHA-512's limit of 255 × 64");
            key
        };
        let seal: Vec<_> = ring.iter().map(|(version, root)| (version, Siv::new(&derive(root, "seal")))).collect();
        debug_assert_eq!(seal.last().map(|(version, _)| *version), Some(ring.current_version()));
        let first_root = ring.iter().next().map(|(_, root)| root).expect("a ring holds at least one version");
        let digest = Siv::new(&derive(first_root, "digest"));
        Self(Arc::new(HouseKeys { seal, digest }))
    }

    /// The sealed form of `plain`: key version (1 byte), synthetic IV (16), ciphertext (as long as the plain value).
    ///
    /// `kind` names what the value is ("cpr", "account", "original"); a value sealed as one kind does not open as another.
    #[must_use]
    pub fn seal(&self, kind: &str, plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(HEADER_BYTES + plain.len());
        self.seal_into(kind, plain, &mut sealed);
        sealed
    }

    /// As [`seal`](Self::seal), appended to `into`.
    pub fn seal_into(&self, kind: &str, plain: &[u8], into: &mut Vec<u8>) {
        let (version, key) = self.0.seal.last().expect("a ring holds at least one version");
        let start = into.len();
        into.push(*version);
        into.extend_from_slice(&[0; IV_BYTES]);
        into.extend_from_slice(plain);
        let (header, body) = into[start..].split_at_mut(HEADER_BYTES);
        header[1..].copy_from_slice(&key.encrypt(kind.as_bytes(), body));
    }

    /// The plain value.
    ///
    /// # Errors
    /// When the bytes were changed, belong to another kind, house or key, or are too short.
    pub fn open(&self, kind: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (header, body) = sealed.split_at_checked(HEADER_BYTES).ok_or(SealError::TooShort)?;
        let version = header[0];
        let (_, key) = self.0.seal.iter().find(|(known, _)| *known == version).ok_or(SealError::UnknownKeyVersion(version))?;
        let iv: [u8; IV_BYTES] = header[1..].try_into().map_err(|_| SealError::TooShort)?;
        let mut plain = body.to_vec();
        if key.decrypt(kind.as_bytes(), iv, &mut plain) { Ok(plain) } else { Err(SealError::NotAuthentic) }
    }

    /// The plain value as text.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when the value is not UTF-8.
    pub fn open_text(&self, kind: &str, sealed: &[u8]) -> Result<String, SealError> {
        String::from_utf8(self.open(kind, sealed)?).map_err(|_| SealError::NotText)
    }

    /// A keyed digest of `parts`, for narrow tables that only answer "seen before?".
    ///
    /// It is the S2V function of RFC 5297 over the kind and the parts as a vector: `["ab", "c"]` and `["a", "bc"]` differ. A vector has at most
    /// 125 parts there.
    #[must_use]
    pub fn digest(&self, kind: &str, parts: &[&[u8]]) -> [u8; 16] {
        debug_assert!(parts.len() <= 125, "the limit of S2V");
        self.0.digest.s2v(std::iter::once(kind.as_bytes()).chain(parts.iter().copied()), &[])
    }
}

/// The index key of a sealed value: the first eight bytes of its synthetic IV as a big-endian number.
///
/// Equal values have equal keys, and two others share one by chance once in 2⁶⁴ pairs: an index over it finds the rows, and the sealed value
/// settles which of them are meant. A btree compares such numbers several times as fast as sealed bytes.
///
/// # Panics
/// When `sealed` was not made by [`Sealer::seal`].
#[must_use]
pub fn index_key(sealed: &[u8]) -> i64 {
    let iv = sealed.get(1..).and_then(|iv| iv.first_chunk()).expect("a sealed value begins with its version and IV");
    i64::from_be_bytes(*iv)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sealer(house: &str) -> Sealer {
        Sealer::new(&KeyRing::for_tests(), house)
    }

    #[test]
    fn equal_values_are_equal_only_within_kind_and_house() {
        let register = sealer("register");
        let sealed = register.seal("cpr", b"0101701234");
        assert_eq!(sealed, register.clone().seal("cpr", b"0101701234"));
        assert_ne!(sealed, register.seal("se", b"0101701234"));
        assert_ne!(sealed, sealer("setoff").seal("cpr", b"0101701234"));
        assert!(matches!(register.open("se", &sealed), Err(SealError::NotAuthentic)));
        assert!(matches!(sealer("setoff").open("cpr", &sealed), Err(SealError::NotAuthentic)));
    }

    #[test]
    fn older_versions_stay_readable_and_digests_stay_equal() {
        let old = KeyRing::from_versions([(1, [1; KEY_BYTES])]).unwrap();
        let both = KeyRing::from_versions([(1, [1; KEY_BYTES]), (2, [2; KEY_BYTES])]).unwrap();
        let (old, both) = (Sealer::new(&old, "register"), Sealer::new(&both, "register"));
        let sealed = old.seal("cpr", b"x");
        assert_eq!(both.open("cpr", &sealed).unwrap(), b"x");
        assert_eq!(both.seal("cpr", b"x")[0], 2);
        assert!(matches!(old.open("cpr", &both.seal("cpr", b"x")), Err(SealError::UnknownKeyVersion(2))));
        assert_eq!(old.digest("id", &[b"x"]), both.digest("id", &[b"x"]));
    }

    #[test]
    fn digests_tell_the_parts_apart() {
        let sealer = sealer("mediation");
        assert_ne!(sealer.digest("id", &[b"ab", b"c"]), sealer.digest("id", &[b"a", b"bc"]));
        assert_ne!(sealer.digest("id", &[b"ab"]), sealer.digest("id", &[b"ab", b""]));
        assert_ne!(sealer.digest("id", &[]), sealer.digest("di", &[]));
    }

    #[test]
    fn the_index_key_is_of_the_iv_alone() {
        assert_eq!(index_key(&[9, 0, 0, 0, 0, 0, 0, 1, 2, 99]), 0x0102);
        assert_eq!(index_key(&[9, 255, 255, 255, 255, 255, 255, 255, 255]), -1);
        let sealer = sealer("register");
        assert_ne!(index_key(&sealer.seal("cpr", b"a")), index_key(&sealer.seal("cpr", b"b")));
    }

    #[test]
    fn a_fragment_is_too_short() {
        assert!(matches!(sealer("register").open("cpr", &[1; 16]), Err(SealError::TooShort)));
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(plain in proptest::collection::vec(any::<u8>(), 0..200), kind in "[a-z]{0,8}") {
            let sealer = sealer("register");
            let sealed = sealer.seal(&kind, &plain);
            prop_assert_eq!(sealed.len(), 17 + plain.len());
            prop_assert_eq!(sealer.open(&kind, &sealed).unwrap(), plain);
        }

        #[test]
        fn any_changed_bit_is_detected(plain in proptest::collection::vec(any::<u8>(), 0..64), at in any::<prop::sample::Index>(), bit in 0..8u8) {
            let sealer = sealer("register");
            let mut sealed = sealer.seal("cpr", &plain);
            let at = at.index(sealed.len());
            sealed[at] ^= 1 << bit;
            prop_assert!(sealer.open("cpr", &sealed).is_err());
        }
    }
}
