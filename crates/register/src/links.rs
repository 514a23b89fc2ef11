//! The merges and splits a holder has been part of. Logged like any lookup.

use contracts::register::HolderLink;
use contracts::{Context, Problem};
use primitives::Identifier;

use crate::House;
use crate::lookup::reachable;
use crate::rights::check_population;
use crate::store::link;

impl House {
    pub(crate) async fn links_of(&self, context: &Context, identifier: Identifier) -> Result<Vec<HolderLink>, Problem> {
        let vault = self.vault.clone();
        let now = self.clock.now();
        let number = vault.seal_number(&identifier);
        self.told(context, "holder-links", std::slice::from_ref(&number), check_population(context)).await?;
        let links = self.database.transaction("register.holder_links", async |mut tx| {
            let holder = reachable(&mut tx, &vault, context, &number).await?;
            self.log_access(&mut tx, context, "holder-links", std::slice::from_ref(&number), now).await?;
            link::of_holder(&mut tx, &vault, holder).await
        });
        self.told(context, "holder-links", std::slice::from_ref(&number), links.await.map_err(Problem::from)).await
    }
}
