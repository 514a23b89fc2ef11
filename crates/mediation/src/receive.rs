//! Reading deliveries: bytes that are kept become payments and findings.
//!
//! A thread of its own reads the message ([`reading`]) while the database takes what is read ([`intake`]); a bounded channel joins them,
//! so memory does not grow with the file. Everything of a delivery is one transaction: it is received whole, or refused whole.

#[cfg(test)]
mod agreement_tests;
mod block;
#[cfg(test)]
mod extras_tests;
mod fault;
mod initiator;
mod intake;
mod left_out;
mod payer;
mod reading;
mod recalled;
mod routing;
mod row;
mod same;
mod slice_rows;
mod step;
mod tally;
#[cfg(test)]
mod tests;
mod unfit;

use async_trait::async_trait;
use platform::driver::{Progress, Room, RoomError};

pub(crate) use block::TakenBlock;
pub(crate) use intake::Intake;
pub(crate) use payer::Payer;
pub(crate) use row::LARGEST_MINOR;
pub(crate) use slice_rows::{NewRow, RowPlace, SliceRows};
pub(crate) use tally::Tally;

use crate::house::House;
use crate::put_off::{PutOff, or_put_off, pause};
use crate::store;

/// The room that reads deliveries.
#[derive(Clone, Debug)]
pub(crate) struct ReceiveRoom {
    /// The house it belongs to.
    pub house: House,
}

#[async_trait]
impl Room for ReceiveRoom {
    fn name(&self) -> &'static str {
        "mediation.receive"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        receive_next(&self.house).await
    }
}

/// Reads the oldest delivery that waits.
async fn receive_next(house: &House) -> Result<Progress, RoomError> {
    let _share = house.connections.for_intake().await;
    let pool = house.database.pool();
    let lease = house.settings.lease;
    let Some(claimed) = store::delivery::claim_reading(pool, house.ids.uuid_v4(), lease).await? else {
        return Ok(Progress::Idle);
    };
    let renew = |terms| store::delivery::renew_reading(pool, claimed.delivery, claimed.lease_token, terms);
    let work = async {
        store::slice::ensure_partitions(pool, reading::most_slices(claimed.bytes, house.settings.slice_payments)).await?;
        let payments = lease.renew_while(intake::take_in(house, &claimed), async || renew(lease).await.map(drop)).await?;
        Ok(Progress::Worked(payments.max(1)))
    };
    or_put_off(work, async {
        let still_ours = renew(pause(claimed.lease_token)).await?;
        Ok(PutOff::of(still_ours, format!("delivery {}", claimed.delivery.get())))
    })
    .await
}
