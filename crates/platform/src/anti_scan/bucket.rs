//! A bucket of tokens, without a database.

use jiff::Timestamp;

/// What a lookup that finds its person costs.
const HIT: i64 = 1;
/// What a lookup that finds nobody costs: whoever guesses pays for it.
const MISS: i64 = 20;

/// A token has this many parts, so that few tokens per hour come back evenly: one part per token per hour and millisecond.
const PARTS: i64 = 3_600_000;

/// How big a bucket is and how fast it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The most tokens it holds: 1 to 1,000,000,000.
    pub size: i64,
    /// Tokens that come back in an hour: 0 to 1,000,000,000.
    pub per_hour: i64,
}

/// The limit of a user for whom no limit is recorded. No public source: chosen by us.
pub const DEFAULT_USER: Limit = Limit { size: 400, per_hour: 400 };

/// The limit of a party for which no limit is recorded. No public source: chosen by us.
pub const DEFAULT_PARTY: Limit = Limit { size: 1_000_000, per_hour: 1_000_000 };

/// What a call costs, by what it found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Lookups that found their person.
    pub hits: u32,
    /// Lookups that found nobody.
    pub misses: u32,
}

impl Cost {
    /// In tokens.
    #[must_use]
    pub fn tokens(self) -> i64 {
        i64::from(self.hits) * HIT + i64::from(self.misses) * MISS
    }
}

/// How full a bucket is. It can be in debt: what a call has cost is taken also where there was too little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// In parts of tokens.
    pub(super) level: i64,
    /// At this time.
    pub(super) at: Timestamp,
}

impl Bucket {
    /// A full bucket.
    #[must_use]
    pub fn full(limit: Limit, at: Timestamp) -> Self {
        Self { level: limit.size.saturating_mul(PARTS), at }
    }

    /// The bucket now, with what has come back since. A clock that runs back adds nothing.
    #[must_use]
    pub fn filled(self, limit: Limit, now: Timestamp) -> Self {
        let milliseconds = i64::try_from(now.duration_since(self.at).as_millis()).unwrap_or(i64::MAX).max(0);
        let level = self.level.saturating_add(limit.per_hour.saturating_mul(milliseconds)).min(Self::full(limit, now).level);
        Self { level, at: now.max(self.at) }
    }

    /// Whether a call may begin: at least one token is there.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.level >= PARTS
    }

    /// Takes tokens; answers whether there were enough. They are taken in any case, down to a debt as deep as the bucket is high.
    #[must_use]
    pub fn taken(self, limit: Limit, tokens: i64) -> (Self, bool) {
        let level = self.level.saturating_sub(tokens.saturating_mul(PARTS));
        let deepest = limit.size.saturating_mul(-PARTS);
        (Self { level: level.max(deepest), ..self }, level >= 0)
    }

    /// Gives tokens back, up to the bucket's size.
    #[must_use]
    pub fn given_back(self, limit: Limit, tokens: i64) -> Self {
        let level = self.level.saturating_add(tokens.saturating_mul(PARTS)).min(Self::full(limit, self.at).level);
        Self { level, ..self }
    }

    /// Seconds until a call may begin; `None` when no tokens come back.
    #[must_use]
    pub fn seconds_until_open(self, limit: Limit) -> Option<i64> {
        let missing = PARTS.saturating_sub(self.level).max(0);
        let per_second = limit.per_hour.saturating_mul(1_000);
        (per_second > 0).then(|| missing.saturating_add(per_second - 1) / per_second)
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use proptest::prelude::*;

    use super::*;

    const LIMIT: Limit = Limit { size: 100, per_hour: 60 };

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH.checked_add(minutes.minutes()).unwrap()
    }

    #[test]
    fn a_hit_costs_one_and_a_miss_twenty() {
        let check = |hits, misses, tokens| assert_eq!(Cost { hits, misses }.tokens(), tokens);
        check(0, 0, 0);
        check(1, 0, 1);
        check(0, 1, 20);
        check(3, 2, 43);
    }

    #[test]
    fn five_misses_empty_a_bucket_of_a_hundred_and_a_minute_opens_it_again() {
        let mut bucket = Bucket::full(LIMIT, at(0));
        for _ in 0..5 {
            assert!(bucket.is_open());
            let enough;
            (bucket, enough) = bucket.taken(LIMIT, 20);
            assert!(enough);
        }
        assert!(!bucket.is_open());
        assert_eq!(bucket.seconds_until_open(LIMIT), Some(60));
        assert!(!bucket.filled(LIMIT, at(0)).is_open());
        assert!(bucket.filled(LIMIT, at(1)).is_open());
        assert!(bucket.given_back(LIMIT, 1).is_open(), "a payment that is sent gives one back");
    }

    #[test]
    fn what_is_taken_beyond_is_a_debt_with_a_bottom() {
        let (bucket, enough) = Bucket::full(LIMIT, at(0)).taken(LIMIT, 150);
        assert!(!enough);
        assert_eq!(bucket.seconds_until_open(LIMIT), Some(51 * 60));
        let (deepest, _) = bucket.taken(LIMIT, i64::MAX);
        assert_eq!(deepest.seconds_until_open(LIMIT), Some(101 * 60));
        assert_eq!(deepest.seconds_until_open(Limit { per_hour: 0, ..LIMIT }), None);
    }

    proptest! {
        #[test]
        fn a_bucket_never_holds_more_than_its_size_and_time_never_takes(level in -200_i64..200, forward in 0_i64..10_000, back in 0_i64..100) {
            let bucket = Bucket { level: level * PARTS, at: at(100) };
            let full = Bucket::full(LIMIT, at(0)).level;
            let later = bucket.filled(LIMIT, at(100 + forward));
            prop_assert!(later.level <= full);
            prop_assert!(later.level >= bucket.level.min(full));
            let earlier = bucket.filled(LIMIT, at(100 - back));
            prop_assert_eq!(earlier, Bucket { level: bucket.level.min(full), at: at(100) });
            prop_assert!(bucket.given_back(LIMIT, forward).level <= full);
        }

        #[test]
        fn filling_in_two_steps_is_filling_in_one(level in -100_i64..100, first in 0_i64..60, second in 0_i64..60) {
            let bucket = Bucket { level: level * PARTS, at: at(0) };
            let two = bucket.filled(LIMIT, at(first)).filled(LIMIT, at(first + second));
            prop_assert_eq!(two, bucket.filled(LIMIT, at(first + second)));
        }
    }
}
