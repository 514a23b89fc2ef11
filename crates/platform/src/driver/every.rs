//! Work that is due now and then.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use primitives::Clock;

use super::{Progress, Room, RoomError};

/// A room that is left alone for a while once it has nothing to do, so that it does not ask the database five times a second for what is due
/// once a day. It is looked into at the start of the program. Each process looks for itself: what is due is done once all the same.
pub struct Every {
    room: Arc<dyn Room>,
    pause: SignedDuration,
    clock: Arc<dyn Clock>,
    /// When it is looked into next.
    next: Mutex<Timestamp>,
}

impl Every {
    /// The room, with this pause between looks that find nothing to do.
    #[must_use]
    pub fn new(room: Arc<dyn Room>, pause: Duration, clock: Arc<dyn Clock>) -> Self {
        let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
        Self { room, pause, clock, next: Mutex::new(Timestamp::MIN) }
    }

    fn is_due(&self) -> bool {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) <= self.clock.now()
    }

    fn look_later(&self) {
        let next = self.clock.now().checked_add(self.pause).unwrap_or(Timestamp::MAX);
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = next;
    }
}

#[async_trait]
impl Room for Every {
    fn name(&self) -> &'static str {
        self.room.name()
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        if !self.is_due() {
            return Ok(Progress::Idle);
        }
        let progress = self.room.step().await?;
        match progress {
            Progress::Worked(count) => tracing::info!(room = self.name(), count, "done what was due"),
            Progress::Idle => self.look_later(),
        }
        Ok(progress)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use primitives::ManualClock;

    use super::*;

    /// Has this much to do, and counts how often it is looked into.
    struct Pile {
        left: AtomicU64,
        looks: AtomicU64,
    }

    #[async_trait]
    impl Room for Pile {
        fn name(&self) -> &'static str {
            "test.pile"
        }

        async fn step(&self) -> Result<Progress, RoomError> {
            self.looks.fetch_add(1, Ordering::Relaxed);
            let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            Ok(taken.map_or(Progress::Idle, |_| Progress::Worked(1)))
        }
    }

    #[tokio::test]
    async fn what_is_due_is_done_whole_and_then_left_alone() {
        let pile = Arc::new(Pile { left: AtomicU64::new(3), looks: AtomicU64::new(0) });
        let clock = ManualClock::at_noon(jiff::civil::date(2026, 3, 2)).unwrap();
        let room = Every::new(Arc::clone(&pile) as _, Duration::from_secs(3600), Arc::new(clock.clone()));
        let work = async || {
            let mut done = 0;
            while let Progress::Worked(count) = room.step().await.unwrap() {
                done += count;
            }
            (done, pile.looks.load(Ordering::Relaxed))
        };
        assert_eq!(work().await, (3, 4), "at the start");
        pile.left.store(2, Ordering::Relaxed);
        clock.advance(SignedDuration::from_mins(59));
        assert_eq!(work().await, (0, 4), "not yet");
        clock.advance(SignedDuration::from_mins(1));
        assert_eq!(work().await, (2, 7));
    }
}
