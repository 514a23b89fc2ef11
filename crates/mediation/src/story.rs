//! Where a payment goes and why, and how far it has come, as the one who asks may see it.
//!
//! The payee sees everything about the own payment. The payer never sees that a payout was redirected to the recovery authority: that would
//! reveal a debt. So it sees of every payment that gets through only that it is paid through NemKonto, and neither account nor register
//! entry: an account shown for some would give the others away.

#[cfg(test)]
mod tests;
mod words;

use contracts::mediation::{Destination, LegStory, PaymentState, PaymentStory, PaymentSummary, StoryQuery, StoryStep, Viewer};
use contracts::parties::UnitScope;
use contracts::{AccessResult, Actor, Context, Problem, ProblemCode};
use primitives::{EntryRef, Text, UnitCode};

use crate::error::Error;
use crate::house::House;
use crate::leg::destination_from_code;
use crate::reach;
use crate::search::log_payments;
use crate::store;
use crate::store::payment::amount;
use crate::store::search::{StoredLeg, StoredMoment};
use crate::vault::Vault;
use words::{Fate, Way, words};

/// The story of a payment.
///
/// # Errors
/// `NOT_FOUND` for a payment the viewer may not see, or none; `FORBIDDEN` when the viewer is not who the caller is; `UNAVAILABLE`.
pub(crate) async fn story(house: &House, context: &Context, query: StoryQuery) -> Result<PaymentStory, Problem> {
    let found = store::search::one(house.database.pool(), query.payment).await.map_err(Problem::from)?;
    let Some(found) = found else {
        may_view(context, &query.viewer)?;
        return Err(not_found());
    };
    let summary = found.summary(&house.vault)?;
    let seen = match may_view(context, &query.viewer) {
        Ok(()) if sees(&query.viewer, &summary, found.unit()?) => Ok(AccessResult::Found),
        Ok(()) => Err(not_found()),
        Err(problem) => Err(problem),
    };
    let result = *seen.as_ref().unwrap_or(&AccessResult::Refused);
    log_payments(house, context, ("story", result), std::slice::from_ref(&found)).await?;
    seen?;
    Ok(tell(house, summary, &query.viewer).await?)
}

/// The viewer must be the caller, or one whom the system itself speaks for.
fn may_view(context: &Context, viewer: &Viewer) -> Result<(), Problem> {
    match (&context.actor, viewer) {
        (Actor::Payee { .. }, Viewer::Payer { .. }) => reach::of_payer(context, None),
        (_, Viewer::Payee { identifier }) => reach::of_payee(context, Some(identifier)),
        (_, Viewer::Payer { agreement, .. }) => reach::of_payer(context, Some(*agreement)),
    }
}

fn sees(viewer: &Viewer, summary: &PaymentSummary, unit: Option<UnitCode>) -> bool {
    match viewer {
        Viewer::Payee { identifier } => summary.payee.as_ref() == Some(identifier),
        Viewer::Payer { agreement, scope, units } => {
            let benefit = summary.benefit.as_ref();
            summary.payer == *agreement && (scope.allows(benefit) || UnitScope::allow(units, unit, benefit))
        }
    }
}

fn not_found() -> Problem {
    Problem::new(ProblemCode::NotFound, "Betalingen findes ikke.", "There is no such payment.")
}

async fn tell(house: &House, summary: PaymentSummary, viewer: &Viewer) -> Result<PaymentStory, Error> {
    let mut connection = house.database.pool().acquire().await?;
    let stored = store::search::legs(&mut connection, summary.payment).await?;
    let moments = store::search::moments(&mut connection, summary.payment).await?;
    let legs = stored.iter().map(|leg| leg_story(leg, summary.state, viewer, &house.vault)).collect::<Result<_, _>>()?;
    let mut steps: Vec<StoryStep> = moments.into_iter().filter_map(step).collect();
    if summary.state != PaymentState::Stopped {
        steps.extend(sent_steps(&stored));
    }
    steps.sort_by_key(|step| step.at);
    steps.dedup();
    Ok(PaymentStory { summary, legs, steps })
}

/// A leg as the viewer may see it.
fn leg_story(leg: &StoredLeg, payment: PaymentState, viewer: &Viewer, vault: &Vault) -> Result<LegStory, Error> {
    let destination = destination_from_code(leg.destination)?;
    let amount = amount(leg.amount_minor, leg.currency.trim_end())?;
    let fate = Fate::of(payment, destination, leg.sent_at.is_some(), leg.outcome);
    let gets_through = matches!(destination, Destination::Payee | Destination::Recovery);
    if gets_through && matches!(viewer, Viewer::Payer { .. }) {
        let why = words(fate, Way::ThroughNemKonto);
        return Ok(LegStory { destination: Destination::Payee, amount, account: None, entry: None, why });
    }
    Ok(LegStory {
        destination,
        amount,
        account: leg.account.as_deref().map(|sealed| vault.open_account(sealed)).transpose()?,
        entry: leg.entry.map(EntryRef::new),
        why: words(fate, way(destination, leg)),
    })
}

fn way(destination: Destination, leg: &StoredLeg) -> Way<'_> {
    let reason = leg.reason.as_deref();
    match destination {
        Destination::Payee if leg.entry.is_some() => Way::Designated,
        Destination::Payee => Way::Given,
        Destination::Recovery => Way::Recovery,
        Destination::Holding => Way::Holding(reason),
        Destination::ErrorAccount => Way::ErrorAccount(reason),
        Destination::Payer => Way::Payer(reason),
    }
}

fn step(moment: StoredMoment) -> Option<StoryStep> {
    let what = match moment.kind {
        1 => Text::new("Modtaget fra udbetaleren.", "Received from the payer."),
        2 => Text::new("Klargjort: det er afgjort, hvor pengene skal hen.", "Completed: it is decided where the money goes."),
        3 => Text::new("Stoppet, før den blev sendt.", "Stopped before it was sent."),
        4 => Text::new("Modtaget af udbetalerens bank.", "Accepted by the payer's bank."),
        5 => Text::new("Afvist af udbetalerens bank.", "Rejected by the payer's bank."),
        6 => Text::new("Returneret af banken.", "Returned by the bank."),
        _ => return None,
    };
    Some(StoryStep { at: moment.at.to_jiff(), what, reason: moment.reason })
}

/// When the files with the payment's legs were handed over.
fn sent_steps(legs: &[StoredLeg]) -> impl Iterator<Item = StoryStep> {
    legs.iter().filter_map(|leg| {
        let what = Text::new("Sendt til udbetalerens bank.", "Sent to the payer's bank.");
        Some(StoryStep { at: leg.sent_at?.to_jiff(), what, reason: None })
    })
}
