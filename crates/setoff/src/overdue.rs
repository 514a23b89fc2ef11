//! Reservations the bank has not answered in time.

use jiff::Timestamp;
use platform::fault::Fault;
use primitives::{LegRef, ReservationRef};

use crate::{house::House, store};

/// A reservation that has neither been posted nor voided by its expiry. Nothing is ended by itself: the money may be on its way, and a
/// reservation of a whole payout keeps nothing else from being collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// The leg.
    pub leg: LegRef,
    /// The reservation.
    pub reservation: ReservationRef,
    /// When an answer was due at latest.
    pub since: Timestamp,
}

pub(crate) async fn overdue(house: &House, limit: u32) -> Result<Vec<Overdue>, Fault> {
    let mut conn = house.database.pool().acquire().await?;
    let rows = store::reservation::overdue(&mut conn, house.clock.now(), i64::from(limit)).await?;
    Ok(rows.into_iter().map(|(leg, reservation, since)| Overdue { leg, reservation, since }).collect())
}
