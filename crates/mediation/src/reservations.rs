//! Settling reservations at the other houses: posted when the bank has executed the payment, voided when it was stopped or rejected,
//! reversed when the bank has given the money back.
//!
//! The tasks are written where the outcome is; this room carries them out. Posting and voiding a leg again gives the first answer, so a
//! crash between the other house's answer and our note of it does no harm.

use async_trait::async_trait;
use contracts::{IdempotencyKey, ItemResult, Problem, ProblemCode};
use platform::crash;
use platform::driver::{Progress, Room, RoomError};
use platform::idempotency::digest;
use primitives::{LegRef, hex};
use sqlx::PgConnection;

use crate::error::Error;
use crate::house::House;
use crate::store;
use crate::store::reservation_task::Kind;

/// How many reservations one call carries.
const TASKS_PER_CALL: i64 = 5_000;

/// A room that posts, voids or reverses reservations at one house; a house that does not answer does not hold what is to be done at another.
#[derive(Clone, Debug)]
pub(crate) struct ReservationsRoom {
    /// The house it belongs to.
    pub house: House,
    errand: Errand,
}

impl ReservationsRoom {
    /// The rooms of all errands.
    pub fn all(house: &House) -> impl Iterator<Item = Self> {
        Errand::ALL.into_iter().map(|errand| Self { house: house.clone(), errand })
    }
}

#[async_trait]
impl Room for ReservationsRoom {
    fn name(&self) -> &'static str {
        match self.errand {
            Errand::PostRedirects => "mediation.reservations.post_redirects",
            Errand::VoidRedirects => "mediation.reservations.void_redirects",
            Errand::PostDeposits => "mediation.reservations.post_deposits",
            Errand::VoidDeposits => "mediation.reservations.void_deposits",
            Errand::ReverseRedirects => "mediation.reservations.reverse_redirects",
            Errand::ReverseDeposits => "mediation.reservations.reverse_deposits",
        }
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        let done = carry_out(&self.house, self.errand).await?;
        Ok(if done == 0 { Progress::Idle } else { Progress::Worked(done) })
    }
}

/// What is to be done, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errand {
    PostRedirects,
    VoidRedirects,
    PostDeposits,
    VoidDeposits,
    ReverseRedirects,
    ReverseDeposits,
}

impl Errand {
    const ALL: [Self; 6] = [
        Self::PostRedirects,
        Self::VoidRedirects,
        Self::PostDeposits,
        Self::VoidDeposits,
        Self::ReverseRedirects,
        Self::ReverseDeposits,
    ];

    fn kind(self) -> Kind {
        match self {
            Self::PostRedirects => Kind { house: 1, action: 1 },
            Self::VoidRedirects => Kind { house: 1, action: 2 },
            Self::PostDeposits => Kind { house: 2, action: 1 },
            Self::VoidDeposits => Kind { house: 2, action: 2 },
            Self::ReverseRedirects => Kind { house: 1, action: 3 },
            Self::ReverseDeposits => Kind { house: 2, action: 3 },
        }
    }

    fn is_void(self) -> bool {
        matches!(self, Self::VoidRedirects | Self::VoidDeposits)
    }

    async fn call(self, house: &House, legs: Vec<LegRef>) -> Result<Vec<ItemResult<()>>, Problem> {
        let context = house.context(None);
        let key = key(self, &legs)?;
        match self {
            Self::PostRedirects => house.setoff.post(&context, &key, legs).await.map(without_value),
            Self::VoidRedirects => house.setoff.void(&context, &key, legs).await.map(without_value),
            Self::PostDeposits => house.holding.post(&context, &key, legs).await.map(without_value),
            Self::VoidDeposits => house.holding.void(&context, &key, legs).await.map(without_value),
            Self::ReverseRedirects => house.setoff.reverse(&context, &key, legs).await.map(without_value),
            Self::ReverseDeposits => house.holding.reverse(&context, &key, legs).await.map(without_value),
        }
    }
}

fn without_value<T>(items: Vec<ItemResult<T>>) -> Vec<ItemResult<()>> {
    items.into_iter().map(|item| item.map(|_| ())).collect()
}

/// The key of a call: a function of what it asks, so that the same call again is the same call.
fn key(errand: Errand, legs: &[LegRef]) -> Result<IdempotencyKey, Problem> {
    let texts: Vec<String> = legs.iter().map(LegRef::to_string).collect();
    let digest = digest(texts.join(" ").as_bytes());
    let kind = errand.kind();
    IdempotencyKey::new(format!("reservations/{}.{}/{}", kind.house, kind.action, hex::encode(digest)))
}

/// Carries out some tasks of one errand and answers how many.
async fn carry_out(house: &House, errand: Errand) -> Result<u64, Error> {
    // The tasks stay locked during the call, which keeps other workers from making the same one.
    house.database.transaction("mediation.reservations", async |mut tx| carry_out_in(house, &mut tx, errand).await).await
}

async fn carry_out_in(house: &House, tx: &mut PgConnection, errand: Errand) -> Result<u64, Error> {
    let legs = store::reservation_task::lock(tx, errand.kind(), TASKS_PER_CALL).await?;
    if legs.is_empty() {
        return Ok(0);
    }
    let results = errand.call(house, legs.clone()).await?;
    crash::point("mediation.reservations.called");
    if results.len() != legs.len() {
        return Err(Error::Corrupt("another house did not answer every leg"));
    }
    let answers: Vec<_> = legs.into_iter().zip(&results).map(|(leg, result)| (leg, refusal(errand, leg, result))).collect();
    store::reservation_task::note(tx, errand.kind(), &answers, house.clock.now()).await?;
    Ok(u64::try_from(answers.len()).unwrap_or(u64::MAX))
}

/// Why the house refused for good, if it did. Where there is nothing to void, it is as good as voided: an attempt to allocate that did not
/// get to its end may have reserved it, or not.
fn refusal(errand: Errand, leg: LegRef, result: &ItemResult<()>) -> Option<&'static str> {
    let problem = result.as_ref().err()?;
    if errand.is_void() && problem.code == ProblemCode::NotFound {
        return None;
    }
    tracing::error!(%leg, ?errand, code = problem.code.as_str(), "a reservation could not be settled; a person must look");
    Some(problem.code.as_str())
}

#[cfg(test)]
mod tests {
    use primitives::PaymentRef;

    use super::*;
    use crate::testing::World;
    use crate::testing::street::{pain002, walk};

    #[test]
    fn the_key_is_a_function_of_the_call() {
        let legs = [PaymentRef::new(1, 2).leg(1), PaymentRef::new(1, 3).leg(1)];
        let of = |errand, legs| key(errand, legs).unwrap().as_str().to_owned();
        assert_eq!(of(Errand::PostRedirects, &legs), of(Errand::PostRedirects, &legs));
        assert_ne!(of(Errand::PostRedirects, &legs), of(Errand::PostRedirects, &legs[..1]));
        assert_ne!(of(Errand::PostRedirects, &legs), of(Errand::VoidRedirects, &legs));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_house_that_is_down_does_not_hold_the_errands_of_the_other() {
        let world = World::new().await;
        world.parties.change(|payer| payer.without_account = contracts::parties::WithoutAccount::Holding);
        walk(&world).await;
        world.allocate().await;
        world.dispatch_and_send().await;
        for (key, _) in world.bank_files() {
            world.answer(&pain002(&key, "<GrpSts>ACSC</GrpSts>", "")).await;
        }
        *world.setoff.down.lock().unwrap() = true;
        let rooms = world.house.rooms();
        let mut failed = 0;
        for room in rooms.iter().filter(|room| room.name().starts_with("mediation.reservations")) {
            failed += u32::from(room.step().await.is_err());
        }
        assert_eq!((failed, world.holding.settled.lock().unwrap().len()), (1, 1));
        *world.setoff.down.lock().unwrap() = false;
        world.settle_reservations().await;
        assert_eq!(world.setoff.settled.lock().unwrap().len(), 1);
    }

    #[test]
    fn what_is_not_there_need_not_be_voided_but_must_be_posted() {
        let leg = PaymentRef::new(1, 2).leg(1);
        let refused = |code| Err(Problem::new(code, "", ""));
        for (errand, result, expect) in [
            (Errand::VoidDeposits, refused(ProblemCode::NotFound), None),
            (Errand::PostDeposits, refused(ProblemCode::NotFound), Some("NOT_FOUND")),
            (Errand::VoidRedirects, refused(ProblemCode::Conflict), Some("CONFLICT")),
            (Errand::ReverseDeposits, refused(ProblemCode::Conflict), Some("CONFLICT")),
            (Errand::PostRedirects, Ok(()), None),
        ] {
            assert_eq!(refusal(errand, leg, &result), expect);
        }
    }
}
