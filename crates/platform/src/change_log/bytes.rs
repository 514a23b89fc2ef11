//! The bytes that are hashed and signed; the module's documentation is their definition.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{HASH_BYTES, SALT_BYTES};

/// A SHA-256 value.
pub(super) type Hash = [u8; HASH_BYTES];

/// What stands before the first link.
pub(super) const NO_LINK: Hash = [0; HASH_BYTES];

/// The digest of a content and its salt, which stand one after the other.
pub(super) fn content_digest(salted: &[u8]) -> Hash {
    debug_assert!(salted.len() >= SALT_BYTES);
    Sha256::new_with_prefix(b"nemkonto-content-1").chain_update(salted).finalize().into()
}

/// Everything of a change but its content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'h> {
    pub(super) change_id: i64,
    /// Microseconds since 1970.
    pub(super) at: i64,
    pub(super) actor: &'h str,
    pub(super) on_behalf_of: Option<&'h str>,
    pub(super) operation: &'h str,
    pub(super) subject: &'h str,
    pub(super) approved_by: Option<&'h str>,
    pub(super) trace: Uuid,
    pub(super) digest: &'h [u8],
}

impl Head<'_> {
    /// The hash of the change's link at this position, after the link with the hash `before`.
    pub(super) fn link(&self, house: &str, before: &[u8], position: i64) -> Hash {
        let mut hash = Sha256::new_with_prefix(b"nemkonto-link-1");
        text(&mut hash, house);
        hash.update(before);
        hash.update(position.to_be_bytes());
        hash.update(self.change_id.to_be_bytes());
        hash.update(self.at.to_be_bytes());
        text(&mut hash, self.actor);
        option(&mut hash, self.on_behalf_of);
        text(&mut hash, self.operation);
        text(&mut hash, self.subject);
        option(&mut hash, self.approved_by);
        hash.update(self.trace.as_bytes());
        hash.update(self.digest);
        hash.finalize().into()
    }
}

fn text(hash: &mut Sha256, text: &str) {
    hash.update(length(text));
    hash.update(text);
}

fn option(hash: &mut Sha256, value: Option<&str>) {
    match value {
        None => hash.update([0]),
        Some(value) => {
            hash.update([1]);
            text(hash, value);
        }
    }
}

fn length(text: &str) -> [u8; 4] {
    u32::try_from(text.len()).expect("the columns hold names and labels, never 4 GB").to_be_bytes()
}

/// The chain up to a position, as it is signed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checkpoint<'c> {
    pub(super) number: i64,
    pub(super) position: i64,
    pub(super) hash: &'c [u8],
    /// Microseconds since 1970.
    pub(super) at: i64,
    pub(super) key_version: u8,
}

impl Checkpoint<'_> {
    pub(super) fn signed_bytes(&self, house: &str) -> Vec<u8> {
        [
            b"nemkonto-checkpoint-1",
            &length(house)[..],
            house.as_bytes(),
            &self.number.to_be_bytes(),
            &self.position.to_be_bytes(),
            self.hash,
            &self.at.to_be_bytes(),
            &[self.key_version],
        ]
        .concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(change: impl FnOnce(&mut Head<'static>)) -> Hash {
        let mut head = Head {
            change_id: 1,
            at: 5,
            actor: "ab",
            on_behalf_of: None,
            operation: "c",
            subject: "d",
            approved_by: Some("e"),
            trace: Uuid::nil(),
            digest: &[7; 32],
        };
        change(&mut head);
        head.link("house", &NO_LINK, 1)
    }

    #[test]
    fn whatever_differs_gives_another_hash() {
        let changed = [
            head(|_| {}),
            head(|head| head.change_id = 2),
            head(|head| head.at = 6),
            head(|head| (head.actor, head.operation) = ("a", "bc")),
            head(|head| head.on_behalf_of = Some("")),
            head(|head| head.approved_by = None),
            head(|head| (head.subject, head.approved_by) = ("", Some("de"))),
            head(|head| head.trace = Uuid::max()),
            head(|head| head.digest = &[8; 32]),
        ];
        for (one, hash) in changed.iter().enumerate() {
            assert_eq!(changed.iter().position(|other| other == hash), Some(one));
        }
    }

    #[test]
    fn houses_and_places_have_hashes_of_their_own() {
        let head = Head {
            change_id: 1,
            at: 0,
            actor: "a",
            on_behalf_of: None,
            operation: "b",
            subject: "c",
            approved_by: None,
            trace: Uuid::nil(),
            digest: &[0; 32],
        };
        let here = head.link("house", &NO_LINK, 1);
        assert_ne!(here, head.link("other", &NO_LINK, 1));
        assert_ne!(here, head.link("house", &[1; 32], 1));
        assert_ne!(here, head.link("house", &NO_LINK, 2));
    }
}
