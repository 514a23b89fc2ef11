//! The room that pays deposits to their payees once they have an account: it follows the register's feed, orders payments from mediation, and
//! asks what became of them. Each stage keeps its result before the next begins, so that it can be stopped and started anywhere.

mod confirm;
mod follow;
mod order;
mod submit;

use std::sync::Arc;

use async_trait::async_trait;
use contracts::holding::DepositState;
use contracts::{Context, Problem, mediation::Mediation, register::Register};
use platform::driver::{Progress, Room, RoomError};
use platform::fault::Fault;
use primitives::IdSource;
use sqlx::PgConnection;

use crate::{changes, house::House, settings::ReleaseSettings, store::release::Undone};

/// Releases deposits.
#[derive(Clone)]
pub struct Release {
    house: House,
    register: Arc<dyn Register>,
    mediation: Arc<dyn Mediation>,
    ids: Arc<dyn IdSource>,
    settings: Arc<ReleaseSettings>,
}

impl std::fmt::Debug for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Release").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Release {
    /// The release room of this house.
    pub fn new(
        house: House, register: Arc<dyn Register>, mediation: Arc<dyn Mediation>, ids: Arc<dyn IdSource>,
        settings: ReleaseSettings,
    ) -> Self {
        Self { house, register, mediation, ids, settings: Arc::new(settings) }
    }

    /// Who asks, when this house asks the others.
    fn context(&self) -> Result<Context, Problem> {
        let ourselves = changes::ourselves("release from the holding account", self.ids.uuid_v4())?;
        Ok(Context { on_behalf_of: Some(self.settings.agreement), ..ourselves })
    }

    /// Notes in the change log what was reversed because its release was undone.
    async fn log_reversed(&self, tx: &mut PgConnection, context: &Context, undone: &Undone) -> Result<(), Fault> {
        let log = changes::taken(&undone.reversed, DepositState::Reversed, context);
        Ok(self.house.log.append(tx, context, "reverse", self.house.clock.now(), &log).await?)
    }

    /// How much is worked at a time: something, and no more than the register gives at once.
    fn batch(&self) -> u16 {
        self.settings.batch.clamp(1, 10_000)
    }
}

#[async_trait]
impl Room for Release {
    fn name(&self) -> &'static str {
        "holding.release"
    }

    /// One batch of every stage.
    async fn step(&self) -> Result<Progress, RoomError> {
        let followed = self.follow().await?;
        let ordered = self.order().await?;
        // What cannot be submitted does not keep us from asking what became of the rest.
        let submitted = self.submit().await;
        let confirmed = self.confirm().await?;
        let worked = followed + ordered + submitted? + confirmed;
        Ok(if worked == 0 { Progress::Idle } else { Progress::Worked(worked) })
    }
}
