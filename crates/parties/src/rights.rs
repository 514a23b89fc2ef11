//! Who may record and who may see what.

use contracts::{
    Actor, Context, Problem, ProblemCode,
    parties::{PartyKey, PartyKind, PayerProfile, UserProfile},
};

/// Parties are recorded by the system owner's operator, or by another house on its behalf.
pub(crate) fn require_recorder(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::Operator { .. } | Actor::House { .. } => Ok(()),
        _ => Err(forbidden()),
    }
}

/// The system owner's own rules are recorded by its operators.
pub(crate) fn require_operator(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::Operator { .. } => Ok(()),
        _ => Err(forbidden()),
    }
}

/// What takes a person to answer for it: operators and caseworkers, never a system.
pub(crate) fn require_person(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::Operator { .. } | Actor::Caseworker { .. } => Ok(()),
        _ => Err(forbidden()),
    }
}

/// Profiles hold account numbers and grants: self-service, banks and the recovery authority have no business with them.
pub(crate) fn require_profile_reader(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::Operator { .. } | Actor::House { .. } | Actor::Caseworker { .. } | Actor::DataSupplier { .. } => Ok(()),
        Actor::Payee { .. } | Actor::Bank { .. } | Actor::RecoveryAuthority => Err(forbidden()),
    }
}

/// Whether the actor may see this payer: a caseworker the own authority, a data supplier those it sends for.
pub(crate) fn may_see_payer(actor: &Actor, payer: &PayerProfile) -> bool {
    match actor {
        Actor::Operator { .. } | Actor::House { .. } => true,
        Actor::Caseworker { authority, .. } => *authority == payer.agreement,
        Actor::DataSupplier { id } => payer.data_suppliers.contains(id),
        Actor::Payee { .. } | Actor::Bank { .. } | Actor::RecoveryAuthority => false,
    }
}

/// Whether the actor may see these terms: a caseworker those of the own authority, a data supplier and a bank the own ones.
pub(crate) fn may_see_terms(actor: &Actor, party: &PartyKey) -> bool {
    match actor {
        Actor::Operator { .. } | Actor::House { .. } => true,
        Actor::Caseworker { authority, .. } => party.kind.pays() && party.id == authority.digits(),
        Actor::DataSupplier { id } => party.kind == PartyKind::DataSupplier && party.id == id.as_str(),
        Actor::Bank { code } => party.kind == PartyKind::Bank && party.id == code.as_str(),
        Actor::RecoveryAuthority => party.kind == PartyKind::RecoveryAuthority,
        Actor::Payee { .. } => false,
    }
}

/// Whether the actor may see this user: a caseworker those of the own authority.
pub(crate) fn may_see_user(actor: &Actor, user: &UserProfile) -> bool {
    match actor {
        Actor::Operator { .. } | Actor::House { .. } => true,
        Actor::Caseworker { authority, .. } => *authority == user.authority,
        Actor::DataSupplier { .. } | Actor::Payee { .. } | Actor::Bank { .. } | Actor::RecoveryAuthority => false,
    }
}

pub(crate) fn forbidden() -> Problem {
    Problem::new(
        ProblemCode::Forbidden,
        "Handlingen er forbeholdt systemets drift og dem, oplysningerne vedrører.",
        "The operation is reserved for the operators of the system and those the data is about.",
    )
}
