//! Telling the register whom the banks have paid: a holder that is not paid for years is deleted there.
//!
//! A task for a slice and a bank's answer is written where the answer is applied; this room carries it out in one call. The register keeps
//! the latest day, so a crash between its answer and our note of it does no harm.

use async_trait::async_trait;
use contracts::register::{LastPayout, RegisterServices};
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use platform::crash;
use platform::driver::{Progress, Room, RoomError};
use platform::idempotency::digest;
use primitives::{HolderRef, hex};
use sqlx::PgConnection;

use crate::error::Error;
use crate::house::House;
use crate::store;
use crate::store::payout_task::PayoutTask;

/// Whoever takes the days of the latest payouts: a register. Paying needs no more of its services.
#[async_trait]
pub trait TakesPayouts: Send + Sync {
    /// Takes the days of the latest payouts, one answer for each.
    ///
    /// # Errors
    /// As [`RegisterServices::note_payouts`].
    async fn take_payouts(
        &self, context: &Context, key: &IdempotencyKey, payouts: Vec<LastPayout>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem>;
}

#[async_trait]
impl<R: RegisterServices> TakesPayouts for R {
    async fn take_payouts(
        &self, context: &Context, key: &IdempotencyKey, payouts: Vec<LastPayout>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        self.note_payouts(context, key, payouts).await
    }
}

/// The room that tells the register of payouts.
#[derive(Clone, Debug)]
pub(crate) struct PayoutsRoom {
    /// The house it belongs to.
    pub house: House,
}

#[async_trait]
impl Room for PayoutsRoom {
    fn name(&self) -> &'static str {
        "mediation.payouts"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        // The task stays locked during the call, which keeps other workers from making the same one.
        let telling = self.house.database.transaction("mediation.payouts", async |mut tx| self.tell_next(&mut tx).await);
        Ok(telling.await?)
    }
}

impl PayoutsRoom {
    async fn tell_next(&self, tx: &mut PgConnection) -> Result<Progress, Error> {
        let Some(task) = store::payout_task::lock_next(tx).await? else { return Ok(Progress::Idle) };
        let payees = store::payout_task::paid(tx, task).await?;
        let count = u64::try_from(payees.len()).unwrap_or(u64::MAX);
        if !payees.is_empty() {
            self.tell(task, payees).await?;
            crash::point("mediation.payouts.called");
        }
        store::payout_task::note(tx, task, self.house.clock.now()).await?;
        Ok(Progress::Worked(count))
    }

    async fn tell(&self, task: PayoutTask, payees: Vec<HolderRef>) -> Result<(), Error> {
        let key = key(task, &payees)?;
        let payouts = payees.into_iter().map(|holder| LastPayout { holder, on: task.on }).collect();
        let answers = self.house.payouts.take_payouts(&self.house.context(None), &key, payouts).await?;
        let refused = answers.iter().filter_map(|answer| answer.as_ref().err());
        for problem in refused.filter(|problem| problem.code != ProblemCode::NotFound) {
            tracing::error!(slice = task.slice, code = problem.code.as_str(), "the register did not take the day of a payout");
        }
        Ok(())
    }
}

/// The key of a call: a function of what it tells, so that the same call again is the same call.
fn key(task: PayoutTask, payees: &[HolderRef]) -> Result<IdempotencyKey, Problem> {
    let bytes: Vec<u8> = payees.iter().flat_map(|holder| holder.get().into_bytes()).collect();
    IdempotencyKey::new(format!("payouts/{}.{}/{}", task.slice, task.answer, hex::encode(&digest(&bytes)[..16])))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;
    use crate::testing::World;
    use crate::testing::street::{DUE, answered_block, pain002, values, walk};

    /// What the register is told when a bank answers the domestic file of the street.
    async fn told(answer: impl Fn(&str, &str, &[&str]) -> String) -> (World, Vec<String>) {
        let world = World::new().await;
        walk(&world).await;
        world.allocate().await;
        world.dispatch_and_send().await;
        let files = world.bank_files();
        let (file, text) = files.iter().find(|(_, text)| !text.contains("DE89")).unwrap();
        world.answer(&answer(file, values(text, "PmtInfId")[0], &values(text, "InstrId"))).await;
        world.tell_payouts().await;
        let told = world.payouts.told();
        (world, told)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_register_hears_once_of_those_whose_accounts_were_paid() {
        let (world, told) = told(|file, _, _| pain002(file, "<GrpSts>ACSC</GrpSts>", "")).await;
        // Not A-3, whose file is not answered, A-4, redirected, nor A-7, whose account the payer gave.
        assert_eq!(told, ["1 on 2026-01-15", "2 on 2026-01-15"]);
        assert_eq!(world.rows("count(*)", "mediation.payout_task where done_at is null").await, ["0"]);
        world.tell_payouts().await;
        assert_eq!(world.payouts.told().len(), 2, "told once");
        assert!(world.house.open_work().await.unwrap().payouts == 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_rejected_payment_is_no_payout() {
        let rejected = |file: &str, batch: &str, instructions: &[&str]| {
            let rows = [(instructions[0], "RJCT"), (instructions[1], "ACSC")];
            pain002(file, "<GrpSts>PART</GrpSts>", &answered_block(batch, "", &rows))
        };
        assert_eq!(told(rejected).await.1, ["2 on 2026-01-15"]);
        let all = |file: &str, _: &str, _: &[&str]| pain002(file, "<GrpSts>RJCT</GrpSts>", "");
        assert_eq!(told(all).await.1, [""; 0]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn while_the_register_is_away_the_task_waits() {
        let world = World::new().await;
        walk(&world).await;
        world.allocate().await;
        world.dispatch_and_send().await;
        for (file, _) in world.bank_files() {
            world.answer(&pain002(&file, "<GrpSts>ACSC</GrpSts>", "")).await;
        }
        *world.payouts.away.lock().unwrap() = true;
        let room = PayoutsRoom { house: world.house.clone() };
        assert!(room.step().await.is_err());
        assert!(world.house.open_work().await.unwrap().payouts > 0);
        *world.payouts.away.lock().unwrap() = false;
        world.tell_payouts().await;
        assert_eq!(world.payouts.told(), ["1 on 2026-01-15", "2 on 2026-01-15", "3 on 2026-01-15"]);
    }

    #[test]
    fn the_key_is_a_function_of_the_call() {
        let holder = |number| HolderRef::new(Uuid::from_u128(number));
        let task = PayoutTask { slice: 1, answer: 2, on: DUE };
        let of = |task, holders: &[HolderRef]| key(task, holders).unwrap().as_str().to_owned();
        assert_eq!(of(task, &[holder(1)]), of(task, &[holder(1)]));
        assert_ne!(of(task, &[holder(1)]), of(task, &[holder(2)]));
        assert_ne!(of(task, &[holder(1)]), of(PayoutTask { answer: 3, on: date(2026, 1, 1), ..task }, &[holder(1)]));
    }
}
