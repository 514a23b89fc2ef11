//! A payee's deposits.

use contracts::{Context, holding::Deposit};
use primitives::Identifier;

use crate::{
    access,
    fault::Fault,
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
    access::record(&mut conn, context, "deposits", house.clock.now(), std::iter::once(sealed.as_slice())).await?;
    store::deposit::of_payee(&mut conn, &sealed, payer).await
}
