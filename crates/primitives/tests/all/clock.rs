//! The clocks and the sources of random identifiers.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use primitives::{Clock, IdSource, ManualClock, RandomIds, SeededIds, SystemClock, copenhagen_date};
use uuid::{Variant, Version};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_business_day_is_a_day_in_copenhagen() {
    let check = |instant: &str, expect| assert_eq!(copenhagen_date(at(instant)), expect, "{instant}");
    check("2026-01-14T22:59:59Z", date(2026, 1, 14)); // winter: UTC+1
    check("2026-01-14T23:00:00Z", date(2026, 1, 15));
    check("2026-07-14T21:59:59Z", date(2026, 7, 14)); // summer: UTC+2
    check("2026-07-14T22:00:00Z", date(2026, 7, 15));
    check("2026-03-29T00:59:59Z", date(2026, 3, 29)); // the hour that is skipped
}

#[test]
fn a_manual_clock_moves_only_when_moved() {
    let clock = ManualClock::new(at("2026-01-14T22:30:00Z"));
    let shared: Arc<dyn Clock> = Arc::new(clock.clone());
    assert_eq!(shared.now(), shared.now());
    assert_eq!(shared.today(), date(2026, 1, 14));
    clock.advance(SignedDuration::from_mins(30));
    assert_eq!(shared.now(), at("2026-01-14T23:00:00Z"));
    assert_eq!(shared.today(), date(2026, 1, 15));
    clock.set(at("2025-01-01T00:00:00Z"));
    assert_eq!(shared.today(), date(2025, 1, 1));
    clock.advance(SignedDuration::MAX);
    assert_eq!(clock.now(), Timestamp::MAX);
    clock.advance(SignedDuration::MIN);
    assert_eq!(clock.now(), Timestamp::MIN);
}

#[test]
fn noon_is_noon_in_copenhagen() {
    let clock = ManualClock::at_noon(date(2026, 7, 14)).unwrap();
    assert_eq!(clock.now(), at("2026-07-14T10:00:00Z"));
}

#[test]
fn the_system_clock_is_not_before_this_test_was_written() {
    assert!(SystemClock.now() > at("2025-01-01T00:00:00Z"));
    assert_eq!(SystemClock.today(), copenhagen_date(SystemClock.now()));
}

#[test]
fn seeded_ids_repeat_and_random_ids_do_not() {
    let draw = |source: &dyn IdSource| (0..100).map(|_| source.uuid_v4()).collect::<Vec<_>>();
    let first = draw(&SeededIds::new(7));
    assert_eq!(first, draw(&SeededIds::new(7)));
    assert_ne!(first, draw(&SeededIds::new(8)));
    let random = draw(&RandomIds);
    assert_ne!(random, draw(&RandomIds));
    for ids in [first, random] {
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        for id in ids {
            assert_eq!((id.get_version(), id.get_variant()), (Some(Version::Random), Variant::RFC4122));
        }
    }
}

#[test]
fn clones_of_seeded_ids_share_one_sequence() {
    let ids = SeededIds::new(7);
    let clone: Arc<dyn IdSource> = Arc::new(ids.clone());
    assert_ne!(ids.uuid_v4(), clone.uuid_v4());
}
