//! Who may call what.

use contracts::{Actor, Context, Problem, ProblemCode};

/// Payouts are matched and settled by another house only.
pub(crate) fn require_house(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::House { .. } => Ok(()),
        _ => Err(forbidden()),
    }
}

/// Markers, rules and advices are the recovery authority's; an operator may act in its place when data is taken over.
pub(crate) fn require_recovery_authority(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::RecoveryAuthority | Actor::Operator { .. } => Ok(()),
        _ => Err(forbidden()),
    }
}

pub(crate) fn forbidden() -> Problem {
    Problem::new(
        ProblemCode::Forbidden,
        "Denne handling er forbeholdt restanceinddrivelsesmyndigheden eller betalingsformidlingen.",
        "This operation is reserved for the recovery authority or for payment mediation.",
    )
}
