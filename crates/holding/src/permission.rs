//! Who may call what.

use contracts::{Actor, Context, Problem, ProblemCode};
use primitives::{AgreementNumber, Identifier};

/// Deposits are made and settled by another house only.
pub(crate) fn require_house(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::House { .. } => Ok(()),
        _ => Err(forbidden()),
    }
}

/// The books are open to houses and operators.
pub(crate) fn require_bookkeeper(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::House { .. } | Actor::Operator { .. } => Ok(()),
        _ => Err(forbidden()),
    }
}

/// Which of a payee's deposits a caller may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// All of them.
    All,
    /// Those one authority has paid.
    PaidBy(AgreementNumber),
}

/// A payee sees the own deposits, a caseworker those the own authority has paid, houses and operators all.
pub(crate) fn sight(context: &Context, payee: &Identifier) -> Result<Sight, Problem> {
    match &context.actor {
        Actor::Payee { identifier } if identifier == payee => Ok(Sight::All),
        Actor::Caseworker { authority, .. } => Ok(Sight::PaidBy(*authority)),
        Actor::House { .. } | Actor::Operator { .. } => Ok(Sight::All),
        _ => Err(forbidden()),
    }
}

pub(crate) fn forbidden() -> Problem {
    Problem::new(
        ProblemCode::Forbidden,
        "Du har ikke ret til denne handling på ventekontoen.",
        "You have no right to this operation on the holding account.",
    )
}
