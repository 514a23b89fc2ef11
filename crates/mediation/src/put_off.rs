//! Putting off what fails: a unit of work that fails is left alone for a while, twice as long each time, and its room goes on with the others.
//!
//! Without it the oldest unit that always fails would be taken again and again, as soon as its lease has run out, and nothing behind it
//! would ever be reached.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use platform::driver::{Progress, RoomError, UnitFailed};
use platform::lease::LeaseTerms;

use crate::error::Error;

/// How long a unit is left alone after its first failure.
pub(crate) const FIRST: LeaseTerms = LeaseTerms { duration: Duration::from_secs(1) };
/// The longest it is left alone: as long as one may have to wait when the cause is gone.
pub(crate) const LONGEST: LeaseTerms = LeaseTerms { duration: Duration::from_secs(5 * 60) };

/// How long a unit is left alone after this many attempts. A lease's fencing token counts them.
pub(crate) fn pause(attempts: i64) -> LeaseTerms {
    let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 16)).unwrap_or(0);
    LeaseTerms { duration: FIRST.duration.saturating_mul(1 << doublings).min(LONGEST.duration) }
}

/// What became of putting a unit off.
#[derive(Debug)]
pub(crate) enum PutOff {
    /// The unit, as the log calls it, is left alone for a while.
    Done(String),
    /// Another worker has claimed the unit meanwhile, or has done it.
    Overtaken,
    /// The failure was none of a unit.
    NoUnit,
}

impl PutOff {
    /// Of a unit under a lease: whether that still stood, and what the unit is called.
    pub fn of(still_ours: bool, unit: String) -> Self {
        if still_ours { Self::Done(unit) } else { Self::Overtaken }
    }
}

/// Does the work on one unit. Should it fail, or panic, the unit is put off by `put_off`.
pub(crate) async fn or_put_off(
    work: impl Future<Output = Result<Progress, Error>>, put_off: impl Future<Output = Result<PutOff, sqlx::Error>>,
) -> Result<Progress, RoomError> {
    let error = match AssertUnwindSafe(work).catch_unwind().await.unwrap_or(Err(Error::Interrupted)) {
        Ok(progress) => return Ok(progress),
        // Another worker has the unit: what it writes is as good.
        Err(Error::LeaseLost) => return Ok(Progress::Worked(0)),
        Err(error) => error,
    };
    match put_off.await {
        Ok(PutOff::Done(unit)) => Err(UnitFailed::boxed(unit, error)),
        Ok(PutOff::Overtaken) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "failed at what another worker has taken over");
            Ok(Progress::Worked(0))
        }
        // Where not even this could be written, the room is as ill as the unit.
        Ok(PutOff::NoUnit) | Err(_) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PANICS: bool = true;

    #[test]
    fn the_pause_doubles_up_to_its_bound() {
        for (attempts, seconds) in [(0, 1), (1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (i64::MAX, 300)] {
            assert_eq!(pause(attempts).duration, Duration::from_secs(seconds), "{attempts}");
        }
    }

    #[tokio::test]
    async fn a_panic_puts_the_unit_off_too_and_a_lost_lease_does_not() {
        let put_off = async || Ok(PutOff::of(true, "the unit".to_owned()));
        let poison = async { if PANICS { panic!("poison") } else { Ok(Progress::Idle) } };
        let failed = or_put_off(poison, put_off()).await.unwrap_err();
        assert!(failed.is::<UnitFailed>() && failed.to_string().starts_with("the unit"));
        assert_eq!(or_put_off(async { Err(Error::LeaseLost) }, put_off()).await.unwrap(), Progress::Worked(0));
        let no_unit = or_put_off(async { Err(Error::Interrupted) }, async { Ok(PutOff::NoUnit) }).await.unwrap_err();
        assert!(!no_unit.is::<UnitFailed>());
        let overtaken = async { Ok(PutOff::of(false, "the unit".to_owned())) };
        assert_eq!(or_put_off(async { Err(Error::Interrupted) }, overtaken).await.unwrap(), Progress::Worked(0));
    }
}
