//! Leases: how several workers share the slices of a room without doing one twice.
//!
//! A slice's row carries `lease_token bigint not null default 0`, `lease_holder uuid` and `lease_until timestamptz`. The pattern has three parts,
//! each in the house's own checked SQL:
//!
//! 1. **Claim**, one statement, in database time so that the workers' clocks do not matter:
//!
//!    ```sql
//!    with open as materialized (
//!        select slice_id from mediation.slice where state = 'received' and (lease_until is null or lease_until < now())
//!        order by slice_id limit 1 for update skip locked
//!    )
//!    update mediation.slice s set lease_token = lease_token + 1, lease_holder = $1, lease_until = now() + $2 * interval '1 millisecond'
//!    from open where s.slice_id = open.slice_id
//!    returning s.slice_id, lease_token
//!    ```
//!
//!    `materialized` is what makes it one slice: a plain subquery may be run again for each row of the join, finds the slice it has just
//!    claimed changed by its own statement, passes over it, and claims the next one too, which then nobody works on until the lease ends.
//! 2. **Work and write.** Every transaction that writes the slice's results also checks the fencing token, and so fails when the lease ran out
//!    and another worker has claimed the slice meanwhile:
//!
//!    ```sql
//!    update mediation.slice set state = 'allocated', lease_until = null where slice_id = $1 and lease_token = $2
//!    ```
//!    with [`expect_rows`](crate::database::expect_rows)`(done, 1, …)`.
//! 3. **Renew** for long work: [`LeaseTerms::renew_while`].
//!
//! The token is never taken back, so a slow worker that wakes up late can never write.

use std::future::Future;
use std::time::Duration;

use uuid::Uuid;

/// A claim on one slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The fencing token: grows with each claim of the slice.
    pub token: i64,
    /// The worker.
    pub holder: Uuid,
}

/// How long a claim lasts without renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseTerms {
    /// From the claim, in database time. A crashed worker's slice waits this long, so it should be short against the work of a day and long
    /// against a pause of the machine. Default 60 s.
    pub duration: Duration,
}

impl Default for LeaseTerms {
    fn default() -> Self {
        Self { duration: Duration::from_secs(60) }
    }
}

impl LeaseTerms {
    /// The duration in whole milliseconds, as the claim's parameter.
    #[must_use]
    pub fn milliseconds(self) -> i64 {
        i64::try_from(self.duration.as_millis()).unwrap_or(i64::MAX)
    }

    /// Does `work`, and calls `renew` at each third of the duration until it is done.
    ///
    /// `renew` must extend the lease where the token still matches. A failed renewal is only logged: the token decides when `work` writes.
    /// The work goes on while it is renewed: a renewal may have to wait for a row that the work itself holds, and is given up when the work
    /// is done.
    pub async fn renew_while<T, E, R>(self, work: impl Future<Output = T>, mut renew: impl FnMut() -> R) -> T
    where
        R: Future<Output = Result<(), E>>,
        E: std::fmt::Display,
    {
        let mut work = std::pin::pin!(work);
        let pause = (self.duration / 3).max(Duration::from_millis(1));
        loop {
            let renewal = async {
                tokio::time::sleep(pause).await;
                renew().await
            };
            tokio::select! {
                biased;
                done = &mut work => return done,
                renewed = renewal => if let Err(error) = renewed {
                    tracing::warn!(%error, "a lease could not be renewed");
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn long_work_is_renewed_and_short_work_is_not() {
        let terms = LeaseTerms { duration: Duration::from_millis(30) };
        let renewals = Cell::new(0);
        let renew = || {
            renewals.set(renewals.get() + 1);
            std::future::ready(Err::<(), _>("refused"))
        };
        assert_eq!(terms.renew_while(std::future::ready(1), renew).await, 1);
        assert_eq!(renewals.get(), 0);
        // However slow the machine: the work is long until it has been renewed twice.
        let long = async {
            while renewals.get() < 2 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let renewed = tokio::time::timeout(Duration::from_secs(60), terms.renew_while(long, renew)).await;
        assert!(renewed.is_ok(), "renewed {} times in a minute", renewals.get());
    }

    /// As when the work has written the slice's row and has not committed yet.
    #[tokio::test]
    async fn work_that_holds_what_its_renewal_waits_for_is_done_all_the_same() {
        let terms = LeaseTerms { duration: Duration::from_millis(30) };
        let row = tokio::sync::Mutex::new(());
        let work = async {
            let _held = row.lock().await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        let renew = || async {
            let _ = row.lock().await;
            Ok::<_, &str>(())
        };
        let done = tokio::time::timeout(Duration::from_secs(20), terms.renew_while(work, renew)).await;
        assert!(done.is_ok(), "the renewal kept the work from going on");
    }
}
