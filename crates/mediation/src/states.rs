//! How far payments have come, for the house that submitted them. Nobody's data is given out: a reference and a state name no person.

use contracts::mediation::{MAX_ITEMS, PaymentState};
use contracts::{Actor, Context, Problem, ProblemCode};
use platform::limits::check_count;
use primitives::PaymentRef;

use crate::error::Error;
use crate::house::House;
use crate::store;

/// The states of the payments, in order; `None` for a reference of no payment.
///
/// # Errors
/// `FORBIDDEN` for callers that are no house, `TOO_LARGE`, `UNAVAILABLE`.
pub(crate) async fn states(
    house: &House, context: &Context, payments: Vec<PaymentRef>,
) -> Result<Vec<Option<PaymentState>>, Problem> {
    if !matches!(context.actor, Actor::House { .. }) {
        return Err(forbidden());
    }
    check_count(payments.len(), MAX_ITEMS, "input")?;
    let mut states = vec![None; payments.len()];
    for (place, state) in store::search::states(house.database.pool(), &payments).await? {
        *states.get_mut(place).ok_or(Error::Corrupt("the place of a payment"))? = Some(state);
    }
    Ok(states)
}

fn forbidden() -> Problem {
    Problem::new(
        ProblemCode::Forbidden,
        "Kun systemets egne moduler kan spørge til betalinger ved deres reference.",
        "Only the system's own modules may ask about payments by their references.",
    )
}

#[cfg(test)]
mod tests {
    use contracts::mediation::{OrderBatch, PaymentOrder};
    use contracts::{Context, IdempotencyKey};
    use jiff::civil::date;
    use primitives::{Currency, Money};

    use super::*;
    use crate::testing::{World, account, agreement, person};

    #[tokio::test(flavor = "multi_thread")]
    async fn each_payment_is_told_in_its_place() {
        let world = World::new().await;
        world.register.found(person(1), 11);
        let order = |number| PaymentOrder {
            end_to_end_id: format!("D-{number}"),
            payee: person(number),
            amount: Money::new(10_000, Currency::DKK),
            benefit: None,
            account: None,
            exempt_from_setoff: false,
            text: None,
        };
        let batch = OrderBatch {
            payer: agreement(),
            debtor_account: account(900),
            on: date(2026, 1, 14),
            orders: vec![order(1), order(2)],
        };
        let holding = Context { actor: Actor::House { name: "holding".to_owned() }, ..world.house.context(None) };
        let key = IdempotencyKey::new("K-1").unwrap();
        let submitted = crate::submit::submit(&world.house, &holding, &key, batch).await.unwrap();
        let payments: Vec<PaymentRef> = submitted.into_iter().map(Result::unwrap).collect();
        let asked = vec![PaymentRef::new(-1, 0), payments[1], payments[0], payments[1]];
        let waiting = Some(PaymentState::Waiting);
        assert_eq!(states(&world.house, &holding, asked.clone()).await.unwrap(), [None, waiting, waiting, waiting]);
        world.allocate().await;
        let (returned, allocated) = (Some(PaymentState::Returned), Some(PaymentState::Allocated));
        assert_eq!(states(&world.house, &holding, asked.clone()).await.unwrap(), [None, returned, allocated, returned]);
        let refused = states(&world.house, &world.supplier_context(), asked).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::Forbidden);
        assert!(world.rows("operation", "mediation.access_log").await.is_empty(), "nobody's data was given out");
    }
}
