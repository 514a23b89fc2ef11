//! Keeping the index of payments by payee in few runs, so that a search looks into few.

use async_trait::async_trait;
use platform::driver::{Progress, Room, RoomError};

use crate::house::House;
use crate::store::payee_index;

/// The room that merges runs of the index.
#[derive(Clone, Debug)]
pub(crate) struct MergeRoom {
    /// The house it belongs to.
    pub house: House,
}

#[async_trait]
impl Room for MergeRoom {
    fn name(&self) -> &'static str {
        "mediation.merge_payee_index"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        let database = &self.house.database;
        let merging = database.transaction("mediation.merge_payee_index", async |mut tx| payee_index::merge(&mut tx).await);
        Ok(match merging.await? {
            0 => Progress::Idle,
            entries => Progress::Worked(entries),
        })
    }
}
