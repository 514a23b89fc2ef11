//! What stands in the change log: decisions on whose money a deposit is. What the bank's word does to a reserved or released deposit is bookkeeping,
//! and stands in the ledger alone.

use contracts::{Actor, Context, LegalBasis, Problem, Purpose, holding::DepositState};
use platform::change_log::NewChange;
use primitives::Currency;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{deposit::state_text, store::release::BatchTerms};

/// The law this house works by.
const LAW: &str = "lov nr. 696 af 20/6/2025 om nemkonto";

/// This house as a caller, for what it does by itself.
pub(crate) fn ourselves(purpose: &str, trace: Uuid) -> Result<Context, Problem> {
    Ok(Context {
        actor: Actor::House { name: "holding".to_owned() },
        on_behalf_of: None,
        legal_basis: LegalBasis::new(LAW)?,
        purpose: Purpose::new(purpose)?,
        trace,
        acting: None,
    })
}

/// Posted deposits that are no longer their payees': reversed, or gone to the Treasury.
pub(crate) fn taken<'c>(deposits: &[i64], to: DepositState, context: &'c Context) -> Vec<NewChange<'c>> {
    let change = |deposit: &i64| NewChange {
        subject: format!("deposit:{deposit}"),
        from: Value::from(state_text(DepositState::Posted)),
        to: Value::from(state_text(to)),
        why: context.purpose.as_str(),
        by: None,
        approved_by: None,
    };
    deposits.iter().map(change).collect()
}

/// Deposits that are ordered paid to their payees.
pub(crate) fn release<'c>(
    batch: i64, terms: &BatchTerms<'_>, currency: Currency, deposits: &[i64], context: &'c Context,
) -> NewChange<'c> {
    NewChange {
        subject: format!("release-batch:{batch}"),
        from: Value::Null,
        to: json!({ "on": terms.on, "payer": terms.payer.digits(), "currency": currency.code(), "deposits": deposits }),
        why: context.purpose.as_str(),
        by: None,
        approved_by: None,
    }
}
