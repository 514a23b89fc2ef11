//! Whether an actor may: one answer for all houses and pages. What nothing allows is denied.

use contracts::{
    Actor, Context,
    parties::{Function, RightAnswer, RightQuestion, RightReason, Whose},
};
use platform::fault::Fault;
use platform::limits::check_count;
use primitives::{Identifier, IdentifierKind};

use crate::{
    held::{self, Asked, Held},
    house::House,
    limits::MAX_ASKED,
    profiles, rights, store,
    store::mandate::StoredMandate,
};

/// The answers in the order of the questions.
pub(crate) async fn may(house: &House, context: &Context, questions: &[RightQuestion]) -> Result<Vec<RightAnswer>, Fault> {
    check_count(questions.len(), MAX_ASKED, "input")?;
    if !questions.iter().all(|question| may_ask(context, &question.actor)) {
        return Err(rights::forbidden().into());
    }
    let known = Known::read(house, questions).await?;
    Ok(questions.iter().map(|question| known.decide(question).into()).collect())
}

/// Houses and operators ask about anybody, everybody else about oneself.
fn may_ask(context: &Context, about: &Actor) -> bool {
    matches!(context.actor, Actor::House { .. } | Actor::Operator { .. }) || context.actor == *about
}

/// What the answers rest on.
#[derive(Default)]
struct Known {
    held: Vec<Held>,
    mandates: Vec<StoredMandate>,
}

impl Known {
    async fn read(house: &House, questions: &[RightQuestion]) -> Result<Self, Fault> {
        let mut users = Vec::new();
        let mut holders: Vec<Identifier> = Vec::new();
        for question in questions {
            match (&question.actor, &question.of) {
                (Actor::Caseworker { user, .. }, _) => users.push(user.clone()),
                (Actor::Payee { identifier }, Whose::Payee { identifier: subject }) if identifier != subject => {
                    holders.push(identifier.clone());
                }
                _ => {}
            }
        }
        users.sort_unstable();
        users.dedup();
        let mut connection = house.database.pool().acquire().await?;
        let mut known = Self::default();
        if !users.is_empty() {
            known.held = profiles::held_by(&mut connection, &users).await?;
        }
        if !holders.is_empty() {
            known.mandates = store::mandate::of_holders(&mut connection, &house.vault, &holders).await?;
        }
        Ok(known)
    }

    fn decide(&self, question: &RightQuestion) -> RightReason {
        match &question.actor {
            Actor::Caseworker { user, authority } => {
                if matches!(&question.of, Whose::Payer { agreement } if agreement != authority) {
                    return RightReason::OtherAuthority;
                }
                let RightQuestion { function, benefit, unit, at, .. } = question;
                let asked =
                    Asked { user, authority: *authority, function: *function, benefit: benefit.as_ref(), unit: *unit, at: *at };
                held::decide(&self.held, &asked)
            }
            Actor::Payee { identifier } => self.self_service(identifier, question),
            Actor::Operator { .. } => operation(question.function),
            Actor::House { .. } | Actor::DataSupplier { .. } | Actor::Bank { .. } | Actor::RecoveryAuthority => {
                RightReason::NotForActor
            }
        }
    }

    /// A person or company in self-service: the own data, or another's by mandate. Companies only look: they change their account through
    /// their bank. From which age a person acts alone is a fact of the register.
    fn self_service(&self, identifier: &Identifier, question: &RightQuestion) -> RightReason {
        let Whose::Payee { identifier: subject } = &question.of else {
            return RightReason::NotForActor;
        };
        let offered = match question.function {
            Function::SearchPayments => true,
            Function::DesignateAccounts => subject.kind() == IdentifierKind::Cpr,
            _ => false,
        };
        if !offered {
            return RightReason::NotForActor;
        }
        if identifier == subject {
            return RightReason::Own;
        }
        let covers = |mandate: &&StoredMandate| {
            mandate.holder == *identifier
                && mandate.subject == *subject
                && mandate.from <= question.at
                && question.at < mandate.until
                && mandate.functions.contains(&question.function)
                && mandate.benefits.allows(question.benefit.as_ref())
        };
        if self.mandates.iter().any(|mandate| covers(&mandate)) { RightReason::Mandated } else { RightReason::NoMandate }
    }
}

/// Operators keep agreements and users in order; payments and accounts are no business of theirs.
fn operation(function: Function) -> RightReason {
    match function {
        Function::AdministerUsers | Function::ManageBenefits | Function::ProposeChanges | Function::ApproveChanges => {
            RightReason::Operation
        }
        Function::SearchPayments
        | Function::StopPayments
        | Function::DesignateAccounts
        | Function::SpecificAccounts
        | Function::ControlLists
        | Function::SeeProtected => RightReason::NotForActor,
    }
}

#[cfg(test)]
mod tests;
