//! A payee's deposits, and who has looked them up.

use contracts::{AccessQuery, AccessRecord, AccessResult, Context, Problem, holding::Deposit};
use platform::fault::Fault;
use primitives::Identifier;

use crate::{
    house::House,
    permission::{Sight, forbidden, sight},
    store,
};

/// All of them, newest first, as far as the caller may see them.
pub(crate) async fn deposits(house: &House, context: &Context, payee: Identifier) -> Result<Vec<Deposit>, Fault> {
    let payer = match sight(context, &payee) {
        Ok(Sight::All) => None,
        Ok(Sight::PaidBy(authority)) => Some(authority),
        Err(problem) => return refuse(house, context, ("deposits", &payee), problem).await,
    };
    let mut conn = house.database.pool().acquire().await?;
    let sealed = house.vault.seal(&payee);
    let deposits = store::deposit::of_payee(&mut conn, &sealed, payer).await?;
    let result = if deposits.is_empty() { AccessResult::NotFound } else { AccessResult::Found };
    let seen = (result, std::iter::once(sealed.as_slice()));
    house.access.record(&mut conn, context, "deposits", house.clock.now(), seen).await?;
    Ok(deposits)
}

/// Who has looked the payee up here, newest first: for the payee itself, and for auditors. To look is an access too.
pub(crate) async fn accesses(house: &House, context: &Context, query: AccessQuery) -> Result<Vec<AccessRecord>, Fault> {
    if !matches!(sight(context, &query.identifier), Ok(Sight::All)) {
        return refuse(house, context, ("accesses", &query.identifier), forbidden()).await;
    }
    let mut conn = house.database.pool().acquire().await?;
    let sealed = house.vault.seal(&query.identifier);
    let told = house.access.of_person(&mut conn, &sealed, query.limit).await?;
    let seen = (AccessResult::Found, std::iter::once(sealed.as_slice()));
    house.access.record(&mut conn, context, "accesses", house.clock.now(), seen).await?;
    Ok(told)
}

/// Refuses, once it is written down that somebody tried.
async fn refuse<T>(
    house: &House, context: &Context, (operation, payee): (&str, &Identifier), problem: Problem,
) -> Result<T, Fault> {
    let mut conn = house.database.pool().acquire().await?;
    let sealed = house.vault.seal(payee);
    let seen = (AccessResult::Refused, std::iter::once(sealed.as_slice()));
    house.access.record(&mut conn, context, operation, house.clock.now(), seen).await?;
    Err(problem.into())
}
