//! Keys for other uses than sealing, derived from the ring.

use hkdf::Hkdf;
use sha2::Sha512;

use super::KeyRing;

/// Bytes of a derived key.
const DERIVED_BYTES: usize = 32;

impl KeyRing {
    /// A key of `house` for `purpose` from each version of the ring, ascending: HKDF-SHA-512 (RFC 5869), with purpose and house as info.
    pub(crate) fn derive(&self, purpose: &str, house: &str) -> Vec<(u8, [u8; DERIVED_BYTES])> {
        let derive = |root: &[u8]| {
            let mut key = [0; DERIVED_BYTES];
            Hkdf::<Sha512>::new(None, root)
                .expand_multi_info(&[b"nemkonto/", purpose.as_bytes(), b"/", house.as_bytes()], &mut key)
                .expect("32 bytes are within HKDF-SHA-512's limit of 255 × 64");
            key
        };
        self.iter().map(|(version, root)| (version, derive(root))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_house_and_purpose_has_its_own_key_per_version() {
        let ring = KeyRing::from_versions([(1, [1; 64]), (2, [2; 64])]).unwrap();
        let ours = ring.derive("sign", "ours");
        assert_eq!(ours.iter().map(|(version, _)| *version).collect::<Vec<_>>(), [1, 2]);
        assert_ne!(ours[0].1, ours[1].1);
        assert_ne!(ours, ring.derive("sign", "theirs"));
        assert_ne!(ours, ring.derive("other", "ours"));
        assert_eq!(ours, ring.derive("sign", "ours"));
    }
}
