//! The ledger's balances.

use contracts::{Context, holding::LedgerBalance};
use platform::fault::Fault;

use crate::{house::House, permission::require_bookkeeper, store};

/// One line per kind of account and currency: `bank`, `payees` and `treasury`. A pending amount counts on both its accounts.
pub(crate) async fn trial_balance(house: &House, context: &Context) -> Result<Vec<LedgerBalance>, Fault> {
    require_bookkeeper(context)?;
    let mut conn = house.database.pool().acquire().await?;
    store::ledger::balances(&mut conn).await
}
