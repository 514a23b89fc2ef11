//! Completing payments: each payment of a slice gets its legs, on the register's, set-off's and the holding account's word.
//!
//! Facts are loaded in bulk, one call per house and slice; the decision is the pure [`allocate`](crate::allocation::allocate); the legs are
//! written in one transaction that checks the lease. A crash in between leaves reservations at most, and these are the same again at the
//! next attempt, or voided by it.

mod facts;
#[cfg(test)]
mod tests;
mod write;

use async_trait::async_trait;
use platform::crash;
use platform::driver::{Progress, Room, RoomError};
use primitives::add_bank_days;

use crate::error::Error;
use crate::house::House;
use crate::put_off::{PutOff, or_put_off, pause};
use crate::store;
use crate::store::slice::ClaimedSlice;

/// The room that completes payments.
#[derive(Clone, Debug)]
pub(crate) struct AllocateRoom {
    /// The house it belongs to.
    pub house: House,
}

#[async_trait]
impl Room for AllocateRoom {
    fn name(&self) -> &'static str {
        "mediation.allocate"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        allocate_next(&self.house).await
    }
}

/// Allocates the slice that is due first.
async fn allocate_next(house: &House) -> Result<Progress, RoomError> {
    let until = add_bank_days(house.clock.today(), i32::from(house.settings.allocation_lead_bank_days));
    let lease = house.settings.lease;
    let pool = house.database.pool();
    let Some(slice) = store::slice::claim(pool, until, house.ids.uuid_v4(), lease).await? else {
        return Ok(Progress::Idle);
    };
    let renew = |terms| store::slice::renew(pool, slice.slice, slice.lease_token, terms);
    let work = async {
        lease.renew_while(allocate_slice(house, slice), async || renew(lease).await.map(drop)).await?;
        Ok(Progress::Worked(u64::from(slice.payments.unsigned_abs())))
    };
    or_put_off(work, async {
        let still_ours = renew(pause(slice.lease_token)).await?;
        Ok(PutOff::of(still_ours, format!("slice {}", slice.slice)))
    })
    .await
}

async fn allocate_slice(house: &House, slice: ClaimedSlice) -> Result<(), Error> {
    let facts = facts::load(house, slice).await?;
    crash::point("mediation.allocate.reserved");
    let vault = house.vault.clone();
    let today = house.clock.today();
    let decided =
        tokio::task::spawn_blocking(move || write::decide(&facts, &vault, today)).await.map_err(|_| Error::Interrupted)??;
    write::store(house, &decided).await
}
