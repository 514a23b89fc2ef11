//! Driving the rooms: each room is asked for steps until it has nothing to do.
//!
//! Rooms meet only in the database, so any number of workers and processes may drive them at once.

mod every;

pub use every::Every;

use std::error::Error as StdError;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Any failure of a step. Its text goes to the log, so it holds no personal numbers.
pub type RoomError = Box<dyn StdError + Send + Sync>;

/// A room of a house: a kind of work whose slices wait in the database.
#[async_trait]
pub trait Room: Send + Sync {
    /// `house.verb`, for the log.
    fn name(&self) -> &'static str;

    /// Does one slice of work, or finds that there is none.
    ///
    /// It may run in several workers at once; leases keep them on different slices.
    async fn step(&self) -> Result<Progress, RoomError>;
}

/// One unit of work failed and has been put off. The room itself is sound: it is driven on without a growing pause, so that the failure of
/// one unit does not hold the others.
#[derive(Debug, thiserror::Error)]
#[error("{unit} failed and is put off")]
pub struct UnitFailed {
    unit: String,
    #[source]
    cause: RoomError,
}

impl UnitFailed {
    /// The failure of `unit`, which is named for the log, as a step's error.
    pub fn boxed(unit: impl Into<String>, cause: impl Into<RoomError>) -> RoomError {
        Box::new(Self { unit: unit.into(), cause: cause.into() })
    }
}

/// What a step achieved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// This many things were done: there may be more.
    Worked(u64),
    /// There is nothing to do now.
    Idle,
}

/// How long an idle worker of [`run_forever`] waits before it looks again.
const IDLE_PAUSE: Duration = Duration::from_millis(200);

/// How long a worker of [`run_until_idle`] that found nothing waits before it looks whether the others have made work.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How long a worker leaves a room alone after its first failure; doubled for each further one up to [`LONGEST_PAUSE`].
const FAILURE_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long a worker waits after a unit that failed and was put off: many such units must neither hold the sound ones nor fill the log.
const UNIT_PAUSE: Duration = Duration::from_millis(50);

/// Steps through all rooms with `workers` tasks until every room is idle, and answers how many things were done.
///
/// # Errors
/// The first failure of a step; the other workers finish the steps they are in.
pub async fn run_until_idle(rooms: &[Arc<dyn Room>], workers: usize) -> Result<u64, RoomError> {
    let mut total = 0;
    // One room may make work for another, also for one that had just gone idle; only a whole round without work ends it.
    loop {
        let done = round(rooms, workers).await?;
        if done == 0 {
            return Ok(total);
        }
        total += done;
    }
}

/// Each of `workers` tasks goes through the rooms until all of them find nothing at the same time: one that is out of work looks again while
/// another may still make some.
async fn round(rooms: &[Arc<dyn Room>], workers: usize) -> Result<u64, RoomError> {
    let workers = workers.max(1);
    let (done, resting) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut tasks = JoinSet::new();
    for _ in 0..workers {
        let (rooms, done, resting) = (rooms.to_vec(), Arc::clone(&done), Arc::clone(&resting));
        tasks.spawn(async move { step_until_all_rest(&rooms, &done, &resting, workers).await });
    }
    let mut outcome = Ok(());
    while let Some(finished) = tasks.join_next().await {
        // A step that panicked never rests; the others must not wait for it.
        let finished = finished.unwrap_or_else(|panic| {
            resting.fetch_add(1, Ordering::AcqRel);
            Err(panic.into())
        });
        outcome = outcome.and(finished);
    }
    outcome.map(|()| done.load(Ordering::Relaxed))
}

async fn step_until_all_rest(
    rooms: &[Arc<dyn Room>], done: &AtomicU64, resting: &AtomicUsize, workers: usize,
) -> Result<(), RoomError> {
    loop {
        let worked = step_through(rooms, done).await;
        if matches!(worked, Ok(true)) {
            continue;
        }
        let all_rest = resting.fetch_add(1, Ordering::AcqRel) + 1 >= workers;
        // After a failure it rests for good.
        worked?;
        if all_rest {
            return Ok(());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
        if resting.load(Ordering::Acquire) >= workers {
            return Ok(());
        }
        resting.fetch_sub(1, Ordering::AcqRel);
    }
}

/// One step in each room; answers whether any had work.
async fn step_through(rooms: &[Arc<dyn Room>], done: &AtomicU64) -> Result<bool, RoomError> {
    let mut worked = false;
    for room in rooms {
        if let Progress::Worked(count) = room.step().await? {
            // At least one: a step that worked must not look like an idle round.
            done.fetch_add(count.max(1), Ordering::Relaxed);
            worked = true;
        }
    }
    Ok(worked)
}

/// Drives each room with `workers` tasks until `shutdown` says true; steps under way are finished first.
///
/// A room that fails is logged and tried again after a growing pause; the others go on. A panic in a step counts as a failure. Where only a
/// unit of the room's work failed ([`UnitFailed`]), the pause is short and does not grow.
pub async fn run_forever(rooms: Vec<Arc<dyn Room>>, workers: usize, shutdown: watch::Receiver<bool>) {
    let mut tasks = JoinSet::new();
    for room in &rooms {
        for _ in 0..workers.max(1) {
            tasks.spawn(drive(Arc::clone(room), shutdown.clone()));
        }
    }
    while tasks.join_next().await.is_some() {}
}

async fn drive(room: Arc<dyn Room>, mut shutdown: watch::Receiver<bool>) {
    let mut pause_after_failure = FAILURE_PAUSE;
    while !*shutdown.borrow() {
        // In a task of its own, so that a panic ends the step and not the room.
        let step = tokio::spawn({
            let room = Arc::clone(&room);
            async move { room.step().await }
        });
        let pause = match step.await.unwrap_or_else(|panic| Err(panic.into())) {
            Ok(Progress::Worked(_)) => {
                pause_after_failure = FAILURE_PAUSE;
                continue;
            }
            Ok(Progress::Idle) => {
                pause_after_failure = FAILURE_PAUSE;
                IDLE_PAUSE
            }
            Err(error) if error.is::<UnitFailed>() => {
                tracing::error!(room = room.name(), error = %chain(error.as_ref()), "a unit of work failed");
                pause_after_failure = FAILURE_PAUSE;
                UNIT_PAUSE
            }
            Err(error) => {
                tracing::error!(room = room.name(), error = %chain(error.as_ref()), "a step failed");
                let pause = pause_after_failure;
                pause_after_failure = (pause * 2).min(LONGEST_PAUSE);
                pause
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            // When the sender is gone nobody can stop us politely any more: stop.
            changed = shutdown.changed() => if changed.is_err() { return; },
        }
    }
}

/// The error and its causes on one line.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::AtomicU32;

    use super::*;

    /// Takes work from its own pile and passes it on to the next room's.
    struct Passing {
        pile: Arc<Mutex<u64>>,
        next: Option<Arc<Mutex<u64>>>,
        failures: AtomicU32,
    }

    fn passing(pile: &Arc<Mutex<u64>>, next: Option<&Arc<Mutex<u64>>>, failures: u32) -> Arc<dyn Room> {
        Arc::new(Passing { pile: Arc::clone(pile), next: next.cloned(), failures: AtomicU32::new(failures) })
    }

    #[async_trait]
    impl Room for Passing {
        fn name(&self) -> &'static str {
            "test.passing"
        }

        async fn step(&self) -> Result<Progress, RoomError> {
            tokio::task::yield_now().await;
            let failed = self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            match failed {
                Ok(1) => panic!("the last failure is a panic"),
                Ok(_) => return Err("out of order".into()),
                Err(_) => {}
            }
            let mut pile = self.pile.lock().unwrap();
            if *pile == 0 {
                return Ok(Progress::Idle);
            }
            *pile -= 1;
            if let Some(next) = &self.next {
                *next.lock().unwrap() += 1;
            }
            Ok(Progress::Worked(1))
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn rooms_that_feed_each_other_backwards_are_all_emptied() {
        let (first, second) = (Arc::new(Mutex::new(50)), Arc::new(Mutex::new(0)));
        let rooms = [passing(&second, None, 0), passing(&first, Some(&second), 0)];
        assert_eq!(run_until_idle(&rooms, 3).await.unwrap(), 100);
        assert_eq!((*first.lock().unwrap(), *second.lock().unwrap()), (0, 0));
    }

    /// A room whose first step is long and makes the work of another room; it notes how many steps of that are under way at once.
    struct Making {
        waiting: AtomicU32,
        made: AtomicU32,
        under_way: AtomicU32,
        most: AtomicU32,
    }

    #[async_trait]
    impl Room for Making {
        fn name(&self) -> &'static str {
            "test.making"
        }

        async fn step(&self) -> Result<Progress, RoomError> {
            if self.made.fetch_add(1, Ordering::SeqCst) == 0 {
                tokio::time::sleep(Duration::from_millis(100)).await;
                self.waiting.store(20, Ordering::SeqCst);
                return Ok(Progress::Worked(1));
            }
            if self.waiting.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err() {
                return Ok(Progress::Idle);
            }
            let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            // However slow the machine: the steps are long until three of them have met.
            for _ in 0..1_000 {
                if self.most.load(Ordering::SeqCst) >= 3 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            self.under_way.fetch_sub(1, Ordering::SeqCst);
            Ok(Progress::Worked(1))
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn workers_that_found_nothing_at_first_help_with_what_is_made_later() {
        let room = Arc::new(Making { waiting: 0.into(), made: 0.into(), under_way: 0.into(), most: 0.into() });
        assert_eq!(run_until_idle(&[Arc::clone(&room) as Arc<dyn Room>], 3).await.unwrap(), 21);
        assert_eq!(room.most.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_failure_ends_the_run_until_idle() {
        let rooms = [passing(&Arc::default(), None, 2)];
        assert_eq!(run_until_idle(&rooms, 1).await.unwrap_err().to_string(), "out of order");
    }

    /// Units that fail, one a step, and a sound one behind them.
    struct Poisoned {
        failing: AtomicU32,
        sound: AtomicU32,
        idle_between: bool,
        steps: AtomicU32,
    }

    #[async_trait]
    impl Room for Poisoned {
        fn name(&self) -> &'static str {
            "test.poisoned"
        }

        async fn step(&self) -> Result<Progress, RoomError> {
            let step = self.steps.fetch_add(1, Ordering::SeqCst);
            if self.idle_between && step % 2 == 1 {
                return Ok(Progress::Idle);
            }
            if self.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
                return if self.idle_between { Err("the room".into()) } else { Err(UnitFailed::boxed("a unit", "broken")) };
            }
            self.sound.fetch_add(1, Ordering::SeqCst);
            Ok(Progress::Idle)
        }
    }

    /// What six pauses come to that double from the first.
    const DOUBLED: Duration = Duration::from_millis(12_600);

    /// How long it takes until the sound unit behind six failures is reached.
    async fn time_to_the_sound_unit(idle_between: bool) -> Duration {
        let room = Arc::new(Poisoned { failing: 6.into(), sound: 0.into(), idle_between, steps: 0.into() });
        let (stop, shutdown) = watch::channel(false);
        let start = std::time::Instant::now();
        let running = tokio::spawn(run_forever(vec![Arc::clone(&room) as Arc<dyn Room>], 1, shutdown));
        while room.sound.load(Ordering::SeqCst) == 0 && start.elapsed() < DOUBLED {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.send(true).unwrap();
        running.await.unwrap();
        start.elapsed()
    }

    #[tokio::test]
    async fn units_that_fail_do_not_make_the_room_slow() {
        assert!(time_to_the_sound_unit(false).await < DOUBLED);
    }

    #[tokio::test]
    async fn a_room_that_has_found_itself_sound_again_starts_with_a_short_pause() {
        assert!(time_to_the_sound_unit(true).await < DOUBLED);
    }

    #[tokio::test]
    async fn a_failing_room_comes_back_and_does_not_hold_the_others() {
        let (broken, sound) = (Arc::new(Mutex::new(1)), Arc::new(Mutex::new(10)));
        let (stop, shutdown) = watch::channel(false);
        let running = tokio::spawn(run_forever(vec![passing(&broken, None, 2), passing(&sound, None, 0)], 1, shutdown));
        for _ in 0..3_000 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if *broken.lock().unwrap() + *sound.lock().unwrap() == 0 {
                break;
            }
        }
        stop.send(true).unwrap();
        running.await.unwrap();
        assert_eq!((*broken.lock().unwrap(), *sound.lock().unwrap()), (0, 0));
    }
}
