//! Which system pays a payer on a day, while two run beside each other.

use std::collections::HashMap;

use contracts::{
    Actor, Context, Problem,
    parties::{PayerRouting, PayingSystem, Routing, RoutingQuery},
};
use jiff::civil::Date;
use platform::fault::Fault;
use platform::limits::check_count;
use primitives::AgreementNumber;
use sqlx::PgConnection;

use crate::{checks::invalid, house::House, limits::MAX_ASKED, rights::forbidden, store};

/// The routing in the order asked for; `None` where the actor may not see it: a caseworker sees the own authority's.
pub(crate) async fn routing(house: &House, context: &Context, query: &RoutingQuery) -> Result<Vec<Option<Routing>>, Fault> {
    let seen: Box<dyn Fn(AgreementNumber) -> bool + Send> = match &context.actor {
        Actor::Operator { .. } | Actor::House { .. } => Box::new(|_| true),
        Actor::Caseworker { authority, .. } => Box::new(|payer| payer == *authority),
        _ => return Err(forbidden().into()),
    };
    check_count(query.payers.len(), MAX_ASKED, "payers")?;
    let mut versions: HashMap<AgreementNumber, Vec<PayerRouting>> = HashMap::new();
    let mut connection = house.database.pool().acquire().await?;
    for version in store::routing::versions(&mut connection, &query.payers, query.known_at).await? {
        versions.entry(version.payer).or_default().push(version);
    }
    let on_the_day = |payer| applies(versions.get(&payer).map_or(&[], Vec::as_slice), query.on);
    Ok(query.payers.iter().map(|payer| seen(*payer).then(|| on_the_day(*payer))).collect())
}

/// What versions, in the order they were recorded, say of a day: who pays, and the first later day on which that is another.
fn applies(versions: &[PayerRouting], on: Date) -> Routing {
    let pays_on = |day| versions.iter().rfind(|version| version.valid_from <= day).map_or(PayingSystem::New, |it| it.system);
    let system = pays_on(on);
    let changes = versions.iter().map(|version| version.valid_from).filter(|day| *day > on && pays_on(*day) != system);
    Routing { system, until: changes.min() }
}

/// Only a payer with an agreement can be routed.
pub(crate) async fn check_payer_known(
    connection: &mut PgConnection, payer: AgreementNumber,
) -> Result<Result<(), Problem>, Fault> {
    if store::agreement::is_known(connection, payer).await? {
        return Ok(Ok(()));
    }
    Ok(Err(invalid("payer", "Udbetaleren har ingen tilslutningsaftale.", "The payer has no agreement.")))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Versions as `(system, first day of March)`, the day in March asked for, who pays, and the day in March until which.
    fn check(versions: &[(PayingSystem, i8)], on: i8, system: PayingSystem, until: Option<i8>) {
        let payer = AgreementNumber::parse("00000001").unwrap();
        let march = |day| date(2026, 3, day);
        let version = |&(system, from): &(PayingSystem, i8)| PayerRouting { payer, system, valid_from: march(from) };
        let versions: Vec<_> = versions.iter().map(version).collect();
        assert_eq!(applies(&versions, march(on)), Routing { system, until: until.map(march) }, "{versions:?} on {on}");
    }

    #[test]
    fn the_latest_version_that_has_begun_says_who_pays_and_until_when() {
        use PayingSystem::{New, Old};
        check(&[], 1, New, None);
        check(&[(Old, 5)], 4, New, Some(5));
        check(&[(Old, 5)], 5, Old, None);
        let there_and_back = [(Old, 5), (New, 10)];
        check(&there_and_back, 4, New, Some(5));
        check(&there_and_back, 9, Old, Some(10));
        check(&there_and_back, 10, New, None);
        let put_off = [(Old, 1), (New, 10), (Old, 8), (New, 20)];
        check(&put_off, 7, Old, Some(20));
        check(&put_off, 12, Old, Some(20));
        let never_mind = [(Old, 5), (New, 2)];
        check(&never_mind, 1, New, None);
        check(&never_mind, 5, New, None);
        let the_same_again = [(Old, 1), (Old, 5), (New, 9)];
        check(&the_same_again, 2, Old, Some(9));
    }
}
