//! The agreements' locks ("lås for kontoændringer") as the register keeps them: a chore that tells it which benefits are locked today.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use contracts::parties::{Parties, PayerKey, PayerQuery};
use contracts::register::{RegisterServices, SpecificRule};
use contracts::{Actor, Context, IdempotencyKey, ItemResult, LegalBasis, Problem, ProblemCode, Purpose};
use platform::driver::{Progress, Room, RoomError};
use primitives::{Clock, IdSource};

/// Tells the register which benefits the agreements in force lock, and which not; what the register knows already changes nothing.
pub(crate) struct Locks {
    pub parties: Arc<dyn Parties>,
    pub register: Arc<dyn RegisterServices>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
}

impl fmt::Debug for Locks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locks").finish_non_exhaustive()
    }
}

#[async_trait]
impl Room for Locks {
    fn name(&self) -> &'static str {
        "register.follow_locks"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        self.follow().await?;
        // What is told again tomorrow is no work left today.
        Ok(Progress::Idle)
    }
}

impl Locks {
    async fn follow(&self) -> Result<(), Problem> {
        let today = self.clock.today();
        let context = self.context()?;
        let agreements = self.parties.directory(&context, today).await?;
        let payers = agreements.iter().map(|entry| PayerKey::Agreement { number: entry.agreement }).collect();
        let profiles = self.parties.payers(&context, PayerQuery { on: today, payers }).await?;
        let terms = profiles
            .iter()
            .flatten()
            .flat_map(|profile| profile.benefits.iter().map(move |benefit| (profile.agreement, benefit)));
        let rule = |(payer, benefit): (_, &contracts::parties::BenefitTerms)| SpecificRule {
            payer,
            benefit: benefit.code,
            valid_from: today,
            is_locked: benefit.locked,
        };
        let rules: Vec<SpecificRule> = terms.map(rule).collect();
        for rules in rules.chunks(contracts::register::MAX_ITEMS) {
            let key = IdempotencyKey::new(format!("locks/{}", self.ids.uuid_v4())).map_err(|_| Problem::unavailable())?;
            let set = self.register.set_specific_rules(&context, &key, rules.to_vec()).await?;
            set.into_iter().try_for_each(settled)?;
        }
        Ok(())
    }

    fn context(&self) -> Result<Context, Problem> {
        Ok(Context {
            actor: Actor::House { name: "parties".to_owned() },
            on_behalf_of: None,
            legal_basis: LegalBasis::new("lov 696/2025").map_err(|_| Problem::unavailable())?,
            purpose: Purpose::new("locks of benefits").map_err(|_| Problem::unavailable())?,
            trace: self.ids.uuid_v4(),
            acting: None,
        })
    }
}

/// A second change of one day counts from the next.
fn settled<T>(set: ItemResult<T>) -> Result<(), Problem> {
    match set {
        Err(problem) if problem.code != ProblemCode::Conflict => Err(problem),
        _ => Ok(()),
    }
}
