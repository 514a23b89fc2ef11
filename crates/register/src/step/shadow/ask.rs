//! Asks a register.

use contracts::Context;
use contracts::register::{Register, Resolution, ResolveAnswer, ResolveRequest};

use super::ShadowError;
use super::compare::Told;
use super::questions::{Group, Question};

/// What the register answers, in order.
pub(super) async fn answers(
    context: &Context, register: &dyn Register, (payer, on): &Group, questions: &[Question],
) -> Result<Vec<Told>, ShadowError> {
    let payees = questions.iter().map(|question| question.payee.clone()).collect();
    let request = ResolveRequest { payer: *payer, on: *on, payees };
    let context = Context { on_behalf_of: Some(*payer), ..context.clone() };
    let ResolveAnswer { resolutions, replaced, .. } = register.resolve(&context, request).await?;
    if resolutions.len() != questions.len() {
        return Err(ShadowError::Malformed);
    }
    let mut told: Vec<Told> = resolutions.into_iter().map(told).collect();
    for place in replaced {
        let place = usize::try_from(place).map_err(|_| ShadowError::Malformed)?;
        told.get_mut(place).ok_or(ShadowError::Malformed)?.by_old_number = true;
    }
    Ok(told)
}

/// Without what is each register's own: holder and entry.
fn told(resolution: Resolution) -> Told {
    match resolution {
        Resolution::Found(found) => {
            let words = if found.specific { "specific" } else { "nem_konto" };
            Told { outcome: words, account: Some(found.account), by_fallback: found.by_fallback, by_old_number: false }
        }
        Resolution::NoAccount { .. } => Told::without("no_account"),
        Resolution::Closed { .. } => Told::without("closed"),
        Resolution::Unknown => Told::without("unknown"),
    }
}
