//! The codes of letters: 8 random digits, kept as a slow hash only.

use argon2::{Algorithm, Argon2, Params, Version};
use primitives::IdSource;

use crate::fault::Fault;

/// How many codes there are.
const CODES: u64 = 100_000_000;
/// The random bits of a version 4 UUID's second half; the two above them are fixed.
const RANDOM_BITS: u64 = (1 << 62) - 1;
/// The first byte of a stored hash: which algorithm and which cost.
const HASH_VERSION: u8 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// Argon2id with the least memory and passes OWASP recommends (2024): 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

/// Eight random digits. (2⁶² is no multiple of 10⁸: some codes are likelier than others by one part in 46 billion.)
pub(crate) fn random_code(ids: &dyn IdSource) -> String {
    let (_, low) = ids.uuid_v4().as_u64_pair();
    format!("{:08}", (low & RANDOM_BITS) % CODES)
}

/// The slow hash of a code, with a random salt. What is hashed is a keyed digest of the code and its entry: without the house's key even
/// trying all codes finds none.
pub(crate) fn hash(digest: &[u8; 16], ids: &dyn IdSource) -> Result<Vec<u8>, Fault> {
    let salt = ids.uuid_v4().into_bytes();
    let mut stored = Vec::with_capacity(1 + SALT_BYTES + HASH_BYTES);
    stored.push(HASH_VERSION);
    stored.extend_from_slice(&salt);
    stored.extend_from_slice(&slow(digest, &salt)?);
    Ok(stored)
}

/// Whether a code has this hash.
pub(crate) fn matches(digest: &[u8; 16], stored: &[u8]) -> Result<bool, Fault> {
    let Some((&[HASH_VERSION], rest)) = stored.split_first_chunk::<1>() else {
        return Err(Fault::Corrupt("hash of a code"));
    };
    let (salt, hash) = rest.split_at_checked(SALT_BYTES).ok_or(Fault::Corrupt("hash of a code"))?;
    Ok(slow(digest, salt)? == *hash)
}

/// As much work as trying a code.
pub(crate) fn waste_time() -> Result<(), Fault> {
    slow(&[0; 16], &[0; SALT_BYTES]).map(drop)
}

fn slow(digest: &[u8; 16], salt: &[u8]) -> Result<[u8; HASH_BYTES], Fault> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(HASH_BYTES)).map_err(|_| Fault::Corrupt("cost of hashing"))?;
    let mut out = [0; HASH_BYTES];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(digest, salt, &mut out).map_err(|_| Fault::Corrupt("hash of a code"))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use primitives::SeededIds;

    use super::*;

    #[test]
    fn codes_have_eight_digits_and_differ() {
        let ids = SeededIds::new(1);
        let codes: HashSet<String> = (0..1000).map(|_| random_code(&ids)).collect();
        assert!(codes.iter().all(|code| code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit())));
        assert!(codes.len() > 990, "only {} different codes", codes.len());
    }

    #[test]
    fn a_hash_knows_its_code_and_no_other() {
        let ids = SeededIds::new(1);
        let stored = hash(&[7; 16], &ids).unwrap();
        assert_eq!(stored.len(), 49);
        assert!(matches(&[7; 16], &stored).unwrap());
        assert!(!matches(&[8; 16], &stored).unwrap());
        assert_ne!(hash(&[7; 16], &ids).unwrap(), stored, "the same code twice looks different");
        assert!(matches(&[7; 16], &stored[..10]).is_err());
        assert!(matches(&[7; 16], &[]).is_err());
    }
}
