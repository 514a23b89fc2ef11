//! How long is waited after a failed attempt.

use std::time::Duration;

/// The pauses after the first, second, … failure: the schedule the Standard Webhooks recommend. The last one is repeated.
const PAUSES: [u64; 9] = [5, 5 * 60, 30 * 60, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, LONGEST];
const HOUR: u64 = 60 * 60;
const LONGEST: u64 = 24 * HOUR;

/// The pause after `failures` failures in a row, at least what the receiver asked for, and up to a tenth longer by `chance`, so that receivers that
/// failed together are not all tried together.
pub(super) fn pause(failures: u32, asked: Option<Duration>, chance: u64) -> Duration {
    let step = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
    let planned = Duration::from_secs(PAUSES[step]);
    let pause = asked.map_or(planned, |asked| planned.max(asked.min(Duration::from_secs(LONGEST))));
    pause + pause / 1_000 * u32::try_from(chance % 100).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_day() {
        let seconds = |failures| pause(failures, None, 0).as_secs();
        assert_eq!([1, 2, 3, 4, 9, 10, u32::MAX].map(seconds), [5, 300, 1_800, 7_200, 86_400, 86_400, 86_400]);
    }

    #[test]
    fn the_receivers_wish_and_chance_lengthen_a_pause() {
        let asked = |seconds| pause(1, Some(Duration::from_secs(seconds)), 0).as_secs();
        assert_eq!([1, 60, 10_000_000].map(asked), [5, 60, 86_400]);
        let longest = pause(2, None, u64::MAX - 16);
        assert!(longest >= Duration::from_secs(300) && longest < Duration::from_secs(330), "{longest:?}");
        assert!(pause(2, None, 99) > pause(2, None, 1));
    }
}
