//! A payee's deposits.

use contracts::{Context, holding::Deposit};
use platform::access_log;
use platform::fault::Fault;
use primitives::Identifier;

use crate::{
    house::House,
    permission::{Sight, sight},
    store,
};

/// All of them, newest first, as far as the caller may see them.
pub(crate) async fn deposits(house: &House, context: &Context, payee: Identifier) -> Result<Vec<Deposit>, Fault> {
    let payer = match sight(context, &payee)? {
        Sight::All => None,
        Sight::PaidBy(authority) => Some(authority),
    };
    let mut conn = house.database.pool().acquire().await?;
    let sealed = house.vault.seal(&payee);
    access_log::record(&mut conn, "holding", context, "deposits", house.clock.now(), std::iter::once(sealed.as_slice())).await?;
    store::deposit::of_payee(&mut conn, &sealed, payer).await
}
