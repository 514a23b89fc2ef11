//! The rooms of the house.

use std::sync::Arc;

use platform::change_log::Chaining;
use platform::driver::Room;

use crate::allocate::AllocateRoom;
use crate::dispatch::DispatchRoom;
use crate::house::House;
use crate::merge::MergeRoom;
use crate::payouts::PayoutsRoom;
use crate::recall::RecallRoom;
use crate::receive::ReceiveRoom;
use crate::report::ReportRoom;
use crate::reservations::ReservationsRoom;
use crate::send::SendRoom;
use crate::settle::SettleRoom;

impl House {
    /// The rooms of the house, in the order in which a payment walks through them; the last ones keep house.
    #[must_use]
    pub fn rooms(&self) -> Vec<Arc<dyn Room>> {
        let mut rooms: Vec<Arc<dyn Room>> = vec![
            Arc::new(ReceiveRoom { house: self.clone() }),
            Arc::new(RecallRoom { house: self.clone() }),
            Arc::new(AllocateRoom { house: self.clone() }),
            Arc::new(DispatchRoom { house: self.clone() }),
            Arc::new(SendRoom { house: self.clone() }),
            Arc::new(SettleRoom { house: self.clone() }),
        ];
        rooms.extend(ReservationsRoom::all(self).map(|room| Arc::new(room) as Arc<dyn Room>));
        rooms.push(Arc::new(PayoutsRoom { house: self.clone() }));
        rooms.push(Arc::new(ReportRoom { house: self.clone() }));
        rooms.push(Arc::new(MergeRoom { house: self.clone() }));
        let (log, database, clock) = (self.log.clone(), self.database.clone(), Arc::clone(&self.clock));
        rooms.push(Arc::new(Chaining::new("mediation.chain", log, database, clock)));
        rooms
    }
}
