//! Runs all rooms until there is nothing left to do, and shows how far they have come.

use std::sync::Arc;

use async_trait::async_trait;
use indicatif::ProgressBar;
use platform::driver::{Progress as Step, Room, RoomError, run_until_idle};

use super::progress::Progress;
use crate::Failure;

/// A room whose work moves a progress bar.
struct Watched {
    room: Arc<dyn Room>,
    bar: ProgressBar,
}

#[async_trait]
impl Room for Watched {
    fn name(&self) -> &'static str {
        self.room.name()
    }

    async fn step(&self) -> Result<Step, RoomError> {
        let step = self.room.step().await?;
        if let Step::Worked(count) = step {
            self.bar.inc(count);
        }
        Ok(step)
    }
}

/// Runs the rooms with so many workers until all are idle.
///
/// # Errors
/// The first failure of a room.
pub async fn work(
    rooms: &[Arc<dyn Room>], workers: usize, phase: &'static str, expected: u64, progress: &Progress,
) -> Result<(), Failure> {
    let bar = progress.phase(phase, expected);
    let watched: Vec<Arc<dyn Room>> =
        rooms.iter().map(|room| Arc::new(Watched { room: Arc::clone(room), bar: bar.handle() }) as Arc<dyn Room>).collect();
    run_until_idle(&watched, workers).await?;
    bar.done();
    Ok(())
}
