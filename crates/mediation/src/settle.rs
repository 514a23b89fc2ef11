//! Settling: what the banks say of what was sent. An answer is kept before it is read, and applied whole or not at all.
//!
//! What cannot be matched is kept as a fault for a person to look at; nothing is dropped silently. The same bytes from the same bank are
//! one answer.

mod apply;
mod keep;
mod recalled;
mod returned;
mod said;
#[cfg(test)]
mod tests;
mod told;
mod told_recall;
mod told_return;
mod verdict;

use async_trait::async_trait;
use contracts::mediation::{BankAnswerReceipt, Content};
use contracts::{Actor, Context, Problem, ProblemCode};
use platform::crash;
use platform::driver::{Progress, Room, RoomError};
use primitives::BankCode;

use crate::error::Error;
use crate::house::House;
use crate::put_off::{PutOff, or_put_off, pause};
use crate::store;
use crate::store::bank_answer::ClaimedAnswer;
use keep::Kept;
pub(crate) use said::Outcome;

/// The room that applies answers which were kept and not applied, because the program ended in between.
#[derive(Clone, Debug)]
pub(crate) struct SettleRoom {
    /// The house it belongs to.
    pub house: House,
}

#[async_trait]
impl Room for SettleRoom {
    fn name(&self) -> &'static str {
        "mediation.settle"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        settle_next(&self.house).await
    }
}

async fn settle_next(house: &House) -> Result<Progress, RoomError> {
    let claimed = store::bank_answer::claim(house.database.pool(), house.ids.uuid_v4(), house.settings.lease).await?;
    let Some(answer) = claimed else { return Ok(Progress::Idle) };
    let work = async { Ok(Progress::Worked(settle(house, &answer).await?.applied.max(1))) };
    or_put_off(work, async {
        let still_ours = store::bank_answer::renew(house.database.pool(), &answer, pause(answer.lease_token)).await?;
        Ok(PutOff::of(still_ours, format!("answer {} of bank {}", answer.answer, answer.bank.as_str())))
    })
    .await
}

/// Takes a bank's answer, keeps it durably, applies it and tells what it did.
///
/// # Errors
/// `FORBIDDEN` for a bank that answers in another's name, `TOO_LARGE` beyond the setting, `UNAVAILABLE` otherwise. An answer that was kept
/// is applied later, should this call end early.
pub(crate) async fn keep_answer(
    house: &House, context: &Context, bank: BankCode, content: Content,
) -> Result<BankAnswerReceipt, Problem> {
    may_answer(&context.actor, &bank)?;
    match keep::keep(house, bank, content).await? {
        Kept::New(answer) => {
            crash::point("mediation.settle.kept");
            Ok(settle(house, &answer).await?)
        }
        Kept::Known(answer) => Ok(store::bank_answer::repeated_receipt(house.database.pool(), answer).await?),
    }
}

async fn settle(house: &House, answer: &ClaimedAnswer) -> Result<BankAnswerReceipt, Error> {
    let (pool, lease) = (house.database.pool(), house.settings.lease);
    let apply = async {
        let _share = house.connections.for_pair().await;
        apply::apply(house, answer).await
    };
    lease.renew_while(apply, async || store::bank_answer::renew(pool, answer, lease).await.map(drop)).await
}

/// A bank answers for itself; the operator and other houses may hand answers over for it.
fn may_answer(actor: &Actor, bank: &BankCode) -> Result<(), Problem> {
    match actor {
        Actor::Bank { code } if code == bank => Ok(()),
        Actor::Operator { .. } | Actor::House { .. } => Ok(()),
        _ => Err(Problem::new(
            ProblemCode::Forbidden,
            "Kun banken selv kan svare i sit navn.",
            "Only the bank itself may answer in its name.",
        )),
    }
}
