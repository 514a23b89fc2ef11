//! The advices (*Advis*) to the recovery authority: one per executed redirect, in posting order, and one more for each whose money has gone
//! back.

use std::collections::HashMap;

use contracts::{AccessResult, Context, Problem, ProblemCode, register::FeedAfter, setoff::Advice};
use platform::fault::Fault;
use platform::feed::{self, FeedItem, NewEvent};
use platform::legs::{self, LegColumns};
use primitives::{FeedPosition, LegRef};
use sqlx::PgConnection;

use crate::{
    house::House,
    permission::require_recovery_authority,
    store::reservation::{self as store, Executed},
};

/// What an advice says of a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// It is executed.
    Executed,
    /// Its money has left the account again.
    Reversed,
}

impl Told {
    fn kind(self) -> &'static str {
        match self {
            Self::Executed => "advice",
            Self::Reversed => "contra-advice",
        }
    }
}

/// The most advices one call gives.
const MAX_ADVICES: u32 = 10_000;
/// A leg in an event: slice, row and number, little-endian.
const LEG_BYTES: usize = 8 + 4 + 2;

/// Writes an advice for each leg, in this order. The event names the leg alone; what is told about it stands in the reservation.
pub(crate) async fn write(conn: &mut PgConnection, told: Told, legs: &[LegRef]) -> Result<(), sqlx::Error> {
    if legs.is_empty() {
        return Ok(());
    }
    let events: Vec<NewEvent<'_>> = legs.iter().map(|leg| NewEvent { kind: told.kind(), payload: leg_to_bytes(*leg) }).collect();
    feed::append(conn, "setoff", &events).await
}

/// The advices after a position.
pub(crate) async fn advices(house: &House, context: &Context, after: FeedAfter) -> Result<Vec<Advice>, Fault> {
    require_recovery_authority(context)?;
    if !(1..=MAX_ADVICES).contains(&after.limit) {
        return Err(bad_limit().into());
    }
    let mut conn = house.database.pool().acquire().await?;
    feed::check_cursor(&mut conn, "setoff", after.after).await?;
    let items = feed::read(&mut conn, "setoff", after.after, i64::from(after.limit)).await?;
    let legs: Vec<LegRef> = items.iter().map(|item| leg_from_bytes(&item.payload)).collect::<Result<_, _>>()?;
    let executed = store::executed(&mut conn, &legs.iter().copied().collect::<LegColumns>()).await?;
    let payees = executed.iter().map(|executed| executed.payee.as_slice());
    house.access.record(&mut conn, context, "advices", house.clock.now(), (AccessResult::Found, payees)).await?;
    // A leg is asked for twice where its reversal is told too.
    let by_leg: HashMap<LegRef, Executed> = executed.into_iter().map(|executed| (executed.leg, executed)).collect();
    let vault = house.vault.clone();
    items
        .iter()
        .zip(legs)
        .map(|(item, leg)| {
            let executed = by_leg.get(&leg).ok_or(Fault::Stored("advice"))?;
            let payee = vault.open(&executed.payee)?;
            advice(item, executed, payee)
        })
        .collect()
}

fn advice(item: &FeedItem, executed: &Executed, payee: primitives::Identifier) -> Result<Advice, Fault> {
    let reversal = item.kind == Told::Reversed.kind();
    let at = if reversal { executed.reversed_at.ok_or(Fault::Stored("contra-advice"))? } else { executed.at };
    Ok(Advice {
        position: FeedPosition(item.position),
        epoch: item.epoch,
        reservation: executed.reservation,
        leg: executed.leg,
        payee,
        payer: executed.payer,
        benefit: executed.benefit,
        amount: executed.amount,
        on: executed.on,
        at,
        reversal,
    })
}

fn leg_to_bytes(leg: LegRef) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(LEG_BYTES);
    bytes.extend_from_slice(&leg.payment.slice.to_le_bytes());
    bytes.extend_from_slice(&leg.payment.row.to_le_bytes());
    bytes.extend_from_slice(&leg.leg.to_le_bytes());
    bytes
}

fn leg_from_bytes(bytes: &[u8]) -> Result<LegRef, Fault> {
    let parts = bytes.split_first_chunk::<8>().and_then(|(slice, rest)| {
        let (row, rest) = rest.split_first_chunk::<4>()?;
        let number: [u8; 2] = rest.try_into().ok()?;
        Some((*slice, *row, number))
    });
    let (slice, row, number) = parts.ok_or(Fault::Stored("advice"))?;
    Ok(legs::leg(i64::from_le_bytes(slice), i32::from_le_bytes(row), i16::from_le_bytes(number)))
}

fn bad_limit() -> Problem {
    Problem::new(
        ProblemCode::InvalidInput,
        format!("Der kan hentes 1 til {MAX_ADVICES} advis ad gangen."),
        format!("1 to {MAX_ADVICES} advices may be fetched at a time."),
    )
    .in_field("limit")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_leg_survives_its_event(slice: i64, row: i32, number: i16) {
            let leg = legs::leg(slice, row, number);
            prop_assert_eq!(leg_from_bytes(&leg_to_bytes(leg)).unwrap(), leg);
        }

        #[test]
        fn other_bytes_are_no_leg(bytes: Vec<u8>) {
            prop_assert_eq!(leg_from_bytes(&bytes).is_ok(), bytes.len() == LEG_BYTES);
        }
    }
}
