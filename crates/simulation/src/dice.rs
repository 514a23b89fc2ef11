//! Chance that can be asked for by place: the same seed, stream and index always fall the same way, in any order of asking.

/// What is being decided; each has its own stream so that adding one decision does not change the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Stream {
    PersonName = 1,
    PersonBirth,
    PersonStatus,
    PersonAccount,
    PersonSpecific,
    PersonMarker,
    CompanyName,
    CompanyStatus,
    CompanyAccount,
    CompanyMarker,
    AccountNumber,
    ProductionUnitNumber,
    PaymentKind,
    PaymentPayee,
    PaymentAmount,
}

/// Random numbers of one place.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The dice of a place.
    pub(crate) fn new(seed: u64, stream: Stream, index: u64) -> Self {
        let keyed = mix(seed ^ mix((stream as u64).wrapping_mul(GOLDEN_GAMMA)));
        Self(mix(keyed ^ index.wrapping_mul(GOLDEN_GAMMA)))
    }

    /// The next 64 bits (SplitMix64).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        mix(self.0)
    }

    /// A number from 0 to below `limit`; 0 when the limit is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        let product = u128::from(self.next()) * u128::from(limit);
        u64::try_from(product >> 64).expect("the upper half of a product of two 64-bit numbers has 64 bits")
    }

    /// True in `per_10_000` of 10,000 throws.
    pub(crate) fn falls(&mut self, per_10_000: u32) -> bool {
        self.below(10_000) < u64::from(per_10_000)
    }

    /// One of the items. The slice must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let index = self.below(items.len() as u64);
        &items[usize::try_from(index).expect("below the length of a slice")]
    }

    /// A decimal text of exactly `count` digits.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + u8::try_from(self.below(10)).expect("one digit"))).collect()
    }
}

/// The increment of SplitMix64 (Steele, Lea, Flood 2014): odd, from the golden ratio.
const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finalizer of SplitMix64: spreads every input bit over all output bits.
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_falls_the_same_way_and_another_place_another() {
        let throw = |seed, stream, index| Dice::new(seed, stream, index).next();
        let first = throw(1, Stream::PersonName, 5);
        assert_eq!(first, throw(1, Stream::PersonName, 5));
        assert_ne!(first, throw(2, Stream::PersonName, 5));
        assert_ne!(first, throw(1, Stream::PersonBirth, 5));
        assert_ne!(first, throw(1, Stream::PersonName, 6));
    }

    #[test]
    fn a_rate_is_kept_within_a_tenth() {
        let hits = (0..100_000).filter(|index| Dice::new(7, Stream::PersonMarker, *index).falls(200)).count();
        assert!((1_800..2_200).contains(&hits), "{hits} of 100,000 at 2 %");
    }

    #[test]
    fn below_covers_its_whole_range_and_never_leaves_it() {
        let mut dice = Dice::new(1, Stream::PersonName, 0);
        let mut seen = [false; 7];
        for _ in 0..1_000 {
            seen[usize::try_from(dice.below(7)).unwrap()] = true;
        }
        assert_eq!(seen, [true; 7]);
        assert_eq!(dice.below(0), 0);
    }
}
