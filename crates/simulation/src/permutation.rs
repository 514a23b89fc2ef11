//! A secret order of the numbers 0..n that can be walked both ways without a table.

use crate::dice::mix;

const ROUNDS: usize = 6;

/// A bijection of `0..limit` onto itself: a Feistel network over the next even power of two, walked until it lands inside.
#[derive(Clone, Debug)]
pub(crate) struct Permutation {
    limit: u64,
    half_bits: u32,
    keys: [u64; ROUNDS],
}

impl Permutation {
    /// The order of `0..limit` that belongs to the seed; the limit is at least 1 and below 2^62.
    pub(crate) fn new(seed: u64, limit: u64) -> Self {
        let bits = u64::BITS - (limit.max(2) - 1).leading_zeros();
        let mut key = mix(seed ^ limit);
        let keys = std::array::from_fn(|_| {
            key = mix(key.wrapping_add(limit | 1));
            key
        });
        Self { limit, half_bits: bits.div_ceil(2), keys }
    }

    /// Where a number is moved to. The number must be below the limit.
    pub(crate) fn forward(&self, number: u64) -> u64 {
        debug_assert!(number < self.limit, "the number is outside the permutation");
        let mut walked = self.once(number, self.keys.iter());
        while walked >= self.limit {
            walked = self.once(walked, self.keys.iter());
        }
        walked
    }

    /// Which number is moved here; `None` outside the range.
    pub(crate) fn backward(&self, number: u64) -> Option<u64> {
        if number >= self.limit {
            return None;
        }
        let mut walked = self.swapped(self.once(self.swapped(number), self.keys.iter().rev()));
        while walked >= self.limit {
            walked = self.swapped(self.once(self.swapped(walked), self.keys.iter().rev()));
        }
        Some(walked)
    }

    fn once<'k>(&self, number: u64, keys: impl Iterator<Item = &'k u64>) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (number >> self.half_bits, number & mask);
        for key in keys {
            (left, right) = (right, left ^ (mix(right ^ key) & mask));
        }
        (left << self.half_bits) | right
    }

    /// A Feistel network is undone by running it on swapped halves with its keys reversed.
    fn swapped(&self, number: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        ((number & mask) << self.half_bits) | (number >> self.half_bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_hits_every_number_once() {
        for limit in [1, 2, 3, 10, 1_000, 1_025] {
            let order = Permutation::new(3, limit);
            let mut hit = vec![false; usize::try_from(limit).unwrap()];
            for number in 0..limit {
                let place = usize::try_from(order.forward(number)).unwrap();
                assert!(!std::mem::replace(&mut hit[place], true), "twice at limit {limit}");
            }
        }
    }

    proptest! {
        #[test]
        fn it_can_be_walked_back(seed: u64, limit in 1_u64..100_000_000_000, part: u64) {
            let number = part % limit;
            let order = Permutation::new(seed, limit);
            prop_assert!(order.forward(number) < limit);
            prop_assert_eq!(order.backward(order.forward(number)), Some(number));
            prop_assert_eq!(order.backward(limit), None);
        }
    }
}
