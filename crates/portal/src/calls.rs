//! Under which circumstances the portal calls the houses.

use contracts::{ActingPerson, Actor, ActsBy, Context, IdempotencyKey, LegalBasis, Problem, Purpose};
use primitives::{AgreementNumber, Identifier};
use uuid::Uuid;

use crate::visit::Visit;

/// The law on NemKonto: what self-service and caseworkers act under.
const LEGAL_BASIS: &str = "lov nr. 696 af 20/6/2025";

/// The context of a payee who looks after the own affairs, or whose affairs are looked after by another: the log says by whom.
pub(crate) fn as_payee(visit: &Visit, identifier: &Identifier, acting: Option<ActingPerson>) -> Context {
    let by_mandate = acting.as_ref().is_some_and(|person| person.by == ActsBy::PowerOfAttorney);
    let purpose = purpose(if by_mandate { "selvbetjening ved digital fuldmagt" } else { "selvbetjening" });
    Context { acting, ..context(visit, Actor::Payee { identifier: identifier.clone() }, None, purpose) }
}

/// The context of a caseworker.
pub(crate) fn as_caseworker(visit: &Visit, user: &str, authority: AgreementNumber, purpose: Purpose) -> Context {
    context(visit, Actor::Caseworker { user: user.to_owned(), authority }, Some(authority), purpose)
}

/// The context of the portal itself, before it knows who asks.
pub(crate) fn as_portal(visit: &Visit) -> Context {
    context(visit, Actor::House { name: "portal".to_owned() }, None, purpose("offentlige sider og login"))
}

/// A purpose the portal words itself.
pub(crate) fn purpose(text: &str) -> Purpose {
    Purpose::new(text).expect("our own wordings are short and not blank")
}

/// The key of a form's effect: the one the form was shown with. One that is no UUID was not ours and is refused.
pub(crate) fn key(field: &str) -> Result<IdempotencyKey, Problem> {
    let id = Uuid::parse_str(field).unwrap_or_default();
    IdempotencyKey::new(if id.is_nil() { String::new() } else { format!("portal-{id}") })
}

fn context(visit: &Visit, actor: Actor, on_behalf_of: Option<AgreementNumber>, purpose: Purpose) -> Context {
    let legal_basis = LegalBasis::new(LEGAL_BASIS).expect("a short text that is not blank");
    Context { actor, on_behalf_of, legal_basis, purpose, trace: visit.trace, acting: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_uuid_of_ours() {
        assert!(key("6f9619ff-8b86-4d01-b42d-00cf4fc964ff").is_ok());
        assert!(key("").is_err());
        assert!(key("select 1").is_err());
    }
}
