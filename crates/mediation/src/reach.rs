//! Who may see and stop whose payments. The rights within an authority are the caller's to check; that one authority never reaches
//! another's payments, and no payee another's, is checked here again.

use contracts::{Actor, Context, Problem, ProblemCode};
use primitives::{AgreementNumber, Identifier};

/// Whether the actor may act on payments of this payer.
pub(crate) fn of_payer(context: &Context, payer: Option<AgreementNumber>) -> Result<(), Problem> {
    match &context.actor {
        Actor::House { .. } | Actor::Operator { .. } => Ok(()),
        Actor::Caseworker { authority, .. } if payer == Some(*authority) => Ok(()),
        _ => Err(forbidden()),
    }
}

/// Whether the actor may act on payments to this payee.
pub(crate) fn of_payee(context: &Context, payee: Option<&Identifier>) -> Result<(), Problem> {
    match &context.actor {
        Actor::House { .. } | Actor::Operator { .. } => Ok(()),
        Actor::Payee { identifier } if payee == Some(identifier) => Ok(()),
        _ => Err(forbidden()),
    }
}

fn forbidden() -> Problem {
    Problem::new(
        ProblemCode::Forbidden,
        "Kun egne betalinger kan ses og stoppes.",
        "Only one's own payments can be seen and stopped.",
    )
}

#[cfg(test)]
mod tests {
    use contracts::{LegalBasis, Purpose};
    use primitives::{BankCode, Cvr};
    use uuid::Uuid;

    use super::*;

    fn context(actor: Actor) -> Context {
        let (legal_basis, purpose) = (LegalBasis::new("lov 696/2025").unwrap(), Purpose::new("test").unwrap());
        Context { actor, on_behalf_of: None, legal_basis, purpose, trace: Uuid::nil(), acting: None }
    }

    #[test]
    fn everybody_reaches_only_what_is_their_own() {
        let own = AgreementNumber::parse("00000001").unwrap();
        let other = AgreementNumber::parse("00000002").unwrap();
        let caseworker = context(Actor::Caseworker { user: "u".to_owned(), authority: own });
        let company = Identifier::Cvr(Cvr::parse("10150817").unwrap());
        let payee = context(Actor::Payee { identifier: company.clone() });
        let bank = context(Actor::Bank { code: BankCode::parse("8079").unwrap() });
        let operator = context(Actor::Operator { user: "o".to_owned() });
        for (context, payer, expect) in [
            (&caseworker, Some(own), true),
            (&caseworker, Some(other), false),
            (&caseworker, None, false),
            (&payee, Some(own), false),
            (&bank, Some(own), false),
            (&operator, None, true),
        ] {
            assert_eq!(of_payer(context, payer).is_ok(), expect, "{context:?} {payer:?}");
        }
        assert!(of_payee(&payee, Some(&company)).is_ok());
        assert!(of_payee(&payee, None).is_err() && of_payee(&caseworker, Some(&company)).is_err());
    }
}
