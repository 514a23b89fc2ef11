//! The arithmetic of the tree: nodes, sums, and how digests travel.

use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use contracts::register::{CHILD_BYTES, HOLDER_BYTES, MAX_DEPTH, MAX_NODES, NodesQuery};
use contracts::{Problem, ProblemCode};
use jiff::Timestamp;

/// The depth of the buckets.
pub(crate) const BUCKET_DEPTH: u8 = 8;
/// How many there are: 4⁸.
pub(crate) const BUCKETS: usize = 1 << (2 * BUCKET_DEPTH);
/// The low 48 bits.
pub(crate) const CHILD_MASK: u64 = (1 << (8 * CHILD_BYTES)) - 1;

/// The sums of all buckets, as they were at a time.
#[derive(Debug)]
pub(crate) struct Buckets {
    pub followed_until: Timestamp,
    pub key_check: i64,
    /// By bucket.
    pub digests: Vec<u128>,
    /// By bucket.
    pub holders: Vec<u32>,
}

impl Buckets {
    /// The sum of all.
    pub(crate) fn root(&self) -> u128 {
        sum(self.digests.iter().copied())
    }

    /// How many holders a node has that is not below the buckets.
    pub(crate) fn holders_in(&self, depth: u8, node: u64) -> u64 {
        let width = BUCKETS >> (2 * depth);
        let first = usize::try_from(node).unwrap_or(usize::MAX).saturating_mul(width);
        self.holders.iter().skip(first).take(width).map(|count| u64::from(*count)).sum()
    }

    /// The sums of the four children of a node above the buckets.
    pub(crate) fn children(&self, depth: u8, node: u64) -> [u128; 4] {
        let width = BUCKETS >> (2 * (depth + 1));
        let first = usize::try_from(node).unwrap_or(usize::MAX) * 4 * width;
        std::array::from_fn(|child| {
            let from = first + child * width;
            sum(self.digests.get(from..from + width).unwrap_or_default().iter().copied())
        })
    }
}

/// The sum of digests modulo 2¹²⁸.
pub(crate) fn sum(digests: impl Iterator<Item = u128>) -> u128 {
    digests.fold(0, u128::wrapping_add)
}

/// The bucket of a place.
pub(crate) fn bucket_of(place: u64) -> i32 {
    i32::from((place >> 48) as u16)
}

/// A place as it stands in the database, where numbers have a sign and must sort the same.
pub(crate) fn stored(place: u64) -> i64 {
    (place ^ (1 << 63)).cast_signed()
}

/// A place as it was before [`stored`].
pub(crate) fn unstored(place: i64) -> u64 {
    place.cast_unsigned() ^ (1 << 63)
}

/// The places a node stands for.
pub(crate) fn places(depth: u8, node: u64) -> RangeInclusive<u64> {
    if depth == 0 {
        return 0..=u64::MAX;
    }
    let shift = 64 - 2 * u32::from(depth);
    let first = node << shift;
    first..=(first | ((1 << shift) - 1))
}

/// Which child of a node of this depth a place belongs to.
pub(crate) fn child_of(depth: u8, place: u64) -> usize {
    ((place >> (62 - 2 * u32::from(depth))) & 3) as usize
}

/// Refuses nodes that are none.
pub(crate) fn check_nodes(query: &NodesQuery) -> Result<(), Problem> {
    let fits = |node: &u64| query.depth > 0 && *node >> (2 * u32::from(query.depth)) == 0 || *node == 0;
    if query.depth > MAX_DEPTH || !query.nodes.iter().all(fits) {
        return Err(
            Problem::new(ProblemCode::InvalidInput, "Træet har ikke den knude.", "The tree has no such node.").in_field("nodes")
        );
    }
    if query.nodes.len() > MAX_NODES {
        let (da, en) = ("Der er spurgt om for mange knuder.", "Too many nodes were asked for.");
        return Err(Problem::new(ProblemCode::TooLarge, da, en).in_field("nodes"));
    }
    Ok(())
}

/// The digests of the first three children as they travel.
pub(crate) fn pack_children(children: &[u128; 4]) -> String {
    pack(children[..3].iter().map(|digest| (*digest as u64) & CHILD_MASK), CHILD_BYTES)
}

/// The digests of a node's four children, of which three travelled.
pub(crate) fn unpack_children(node: u64, text: &str) -> Option<[u64; 4]> {
    let [a, b, c] = unpack(text, CHILD_BYTES)?[..] else { return None };
    let fourth = node.wrapping_sub(a).wrapping_sub(b).wrapping_sub(c) & CHILD_MASK;
    Some([a, b, c, fourth])
}

/// The digests of holders as they travel.
pub(crate) fn pack_holders(digests: impl Iterator<Item = u64>) -> String {
    pack(digests, HOLDER_BYTES)
}

/// The digests of holders that travelled.
pub(crate) fn unpack_holders(text: &str) -> Option<Vec<u64>> {
    unpack(text, HOLDER_BYTES)
}

fn pack(digests: impl Iterator<Item = u64>, width: usize) -> String {
    let bytes: Vec<u8> = digests.flat_map(|digest| digest.to_be_bytes().into_iter().skip(8 - width)).collect();
    BASE64.encode(bytes)
}

fn unpack(text: &str, width: usize) -> Option<Vec<u64>> {
    let bytes = BASE64.decode(text).ok()?;
    let whole = bytes.len().is_multiple_of(width);
    whole.then(|| bytes.chunks(width).map(|digest| digest.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn places_sort_in_the_database_as_they_are(a: u64, b: u64) {
            prop_assert_eq!(a.cmp(&b), stored(a).cmp(&stored(b)));
            prop_assert_eq!(unstored(stored(a)), a);
        }

        #[test]
        fn a_place_is_in_the_child_it_is_said_to_be_in(place: u64, depth in 0..MAX_DEPTH) {
            let node = if depth == 0 { 0 } else { place >> (64 - 2 * u32::from(depth)) };
            prop_assert!(places(depth, node).contains(&place));
            let child = node * 4 + child_of(depth, place) as u64;
            prop_assert!(places(depth + 1, child).contains(&place));
            prop_assert!(!places(depth + 1, child ^ 1).contains(&place));
        }

        #[test]
        fn the_fourth_child_is_what_is_missing(children: [u128; 4]) {
            let node = (sum(children.into_iter()) as u64) & CHILD_MASK;
            let expect = children.map(|digest| (digest as u64) & CHILD_MASK);
            prop_assert_eq!(unpack_children(node, &pack_children(&children)), Some(expect));
        }

        #[test]
        fn holders_travel(digests: Vec<u64>) {
            prop_assert_eq!(unpack_holders(&pack_holders(digests.iter().copied())), Some(digests));
        }

        /// Whatever the depth, the children of a node add up to it.
        #[test]
        fn children_add_up(seed: u64, depth in 0..BUCKET_DEPTH - 1) {
            let digests = (0..BUCKETS as u64).map(|n| u128::from(n.wrapping_mul(seed | 1)) << 60).collect();
            let buckets = Buckets { followed_until: Timestamp::UNIX_EPOCH, key_check: 0, digests, holders: Vec::new() };
            let node = seed % (1 << (2 * depth));
            let children = buckets.children(depth, node);
            for (child, digest) in (0..).zip(children) {
                prop_assert_eq!(sum(buckets.children(depth + 1, node * 4 + child).into_iter()), digest);
            }
        }
    }

    #[test]
    fn buckets_are_the_first_bits_of_places() {
        assert_eq!((bucket_of(0), bucket_of(u64::MAX), bucket_of(0x8000 << 48)), (0, 0xffff, 0x8000));
    }

    #[test]
    fn nodes_that_are_none_are_refused() {
        let check =
            |depth, node, is| assert_eq!(check_nodes(&NodesQuery { depth, nodes: vec![node] }).is_ok(), is, "{depth} {node}");
        check(0, 0, true);
        check(0, 1, false);
        check(2, 15, true);
        check(2, 16, false);
        check(MAX_DEPTH, 0, true);
        check(MAX_DEPTH + 1, 0, false);
    }
}
