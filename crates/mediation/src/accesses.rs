//! Who has looked a payee up here: for the payee itself, and for auditors.

use contracts::{AccessQuery, AccessRecord, AccessResult, Context, Problem};
use platform::fault::Fault;

use crate::house::House;
use crate::reach;
use crate::search::log_attempt;

/// The latest accesses to the payee, newest first. To look is an access too.
///
/// # Errors
/// `FORBIDDEN` for another's, `INVALID_INPUT` for a limit that is none, `UNAVAILABLE`.
pub(crate) async fn accesses(house: &House, context: &Context, query: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
    if let Err(problem) = reach::of_payee(context, Some(&query.identifier)) {
        log_attempt(house, context, "accesses", Some(&query.identifier)).await?;
        return Err(problem);
    }
    tell(house, context, &query).await.map_err(|fault| fault.into_problem("mediation", "accesses"))
}

async fn tell(house: &House, context: &Context, query: &AccessQuery) -> Result<Vec<AccessRecord>, Fault> {
    let (_, sealed) = house.vault.seal_payee(&query.identifier);
    let mut connection = house.database.pool().acquire().await?;
    let told = house.access.of_person(&mut connection, &sealed, query.limit).await?;
    let seen = (AccessResult::Found, std::iter::once(&sealed[..]));
    house.access.record(&mut connection, context, "accesses", house.clock.now(), seen).await?;
    Ok(told)
}
