//! Who was told here that a payee's payout is redirected: for the payee itself, and for auditors.

use contracts::{AccessQuery, AccessRecord, AccessResult, Actor, Context};
use platform::fault::Fault;

use crate::{house::House, permission::forbidden};

/// The latest accesses to the payee, newest first. To look is an access too, and so is an attempt.
pub(crate) async fn accesses(house: &House, context: &Context, query: AccessQuery) -> Result<Vec<AccessRecord>, Fault> {
    let may_see = match &context.actor {
        Actor::Payee { identifier } => *identifier == query.identifier,
        Actor::House { .. } | Actor::Operator { .. } => true,
        _ => false,
    };
    let sealed = house.vault.seal(&query.identifier);
    let mut conn = house.database.pool().acquire().await?;
    let result = if may_see { AccessResult::Found } else { AccessResult::Refused };
    let told = if may_see { house.access.of_person(&mut conn, &sealed, query.limit).await? } else { Vec::new() };
    let seen = (result, std::iter::once(sealed.as_slice()));
    house.access.record(&mut conn, context, "accesses", house.clock.now(), seen).await?;
    if may_see { Ok(told) } else { Err(forbidden().into()) }
}
