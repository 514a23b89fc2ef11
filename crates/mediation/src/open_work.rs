//! What waits to be done: for those who watch the house, and for those who wait for it.

use primitives::add_bank_days;

use crate::error::Error;
use crate::house::House;
use crate::store;

/// Work units that are due now, also those a worker has leased at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenWork {
    /// Deliveries to be read.
    pub deliveries: u64,
    /// Recalls that banks are to be asked for.
    pub recalls: u64,
    /// Slices to be allocated.
    pub slices: u64,
    /// Disposals to be dispatched.
    pub disposals: u64,
    /// Files to be handed over.
    pub files: u64,
    /// Banks' answers to be applied.
    pub answers: u64,
    /// Reservations to be posted or voided.
    pub reservations: u64,
    /// Payouts the register is to be told of.
    pub payouts: u64,
    /// Things a payer is to be told.
    pub reports: u64,
}

impl OpenWork {
    /// Whether nothing waits.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl House {
    /// What waits to be done. A room finds nothing to do while another worker has the lease, or one that died had it; this tells whether
    /// all is done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_work(&self) -> Result<OpenWork, Error> {
        let today = self.clock.today();
        let until = |lead: u8| add_bank_days(today, i32::from(lead));
        let allocation = until(self.settings.allocation_lead_bank_days);
        let dispatch = until(self.settings.dispatch_lead_bank_days);
        store::open_work::count(self.database.pool(), allocation, dispatch).await
    }
}

#[cfg(test)]
mod tests {
    use super::OpenWork;
    use crate::testing::{Block, Order, World, pain001, person};

    #[tokio::test(flavor = "multi_thread")]
    async fn work_is_counted_where_it_waits_also_while_it_is_leased() {
        let world = World::new().await;
        let open = async || world.house.open_work().await.unwrap();
        assert!(open().await.is_none());
        let orders = (0..4).map(|number| Order::incomplete(&format!("E-{number}"), "1", person(number))).collect();
        world.deliver(&pain001("M-1", &[Block::of(orders)])).await;
        let lease = world.house.settings.lease;
        crate::store::delivery::claim_reading(world.house.database.pool(), uuid::Uuid::nil(), lease).await.unwrap().unwrap();
        assert_eq!(open().await, OpenWork { deliveries: 1, ..OpenWork::default() });
        sqlx::query("update mediation.delivery_reading set lease_until = null").execute(&mut world.admin().await).await.unwrap();
        world.receive().await;
        assert_eq!(open().await, OpenWork { slices: 2, disposals: 1, reports: 1, ..OpenWork::default() });
        world.allocate().await;
        assert_eq!(open().await, OpenWork { disposals: 1, reports: 3, ..OpenWork::default() });
    }
}
