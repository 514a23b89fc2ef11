//! Why a payment went where it did, as the one who asks may see it.
//!
//! The payee sees everything about the own payment. The payer never sees that a payout was redirected to the recovery authority: that would
//! reveal a debt. So it sees of every payment that got through only that it was paid through NemKonto, and neither account nor register
//! entry: an account shown for some would give the others away.

#[cfg(test)]
mod tests;

use contracts::mediation::{Destination, LegStory, PaymentStory, PaymentSummary, StoryQuery, StoryStep, Viewer};
use contracts::{Actor, Context, Problem, ProblemCode};
use primitives::{EntryRef, Text};

use crate::error::Error;
use crate::house::House;
use crate::leg::destination_from_code;
use crate::reach;
use crate::store;
use crate::store::payment::amount;
use crate::store::search::{StoredLeg, StoredMoment};
use crate::vault::Vault;

/// The story of a payment.
///
/// # Errors
/// `NOT_FOUND` for a payment the viewer may not see, or none; `FORBIDDEN` when the viewer is not who the caller is; `UNAVAILABLE`.
pub(crate) async fn story(house: &House, context: &Context, query: StoryQuery) -> Result<PaymentStory, Problem> {
    may_view(context, &query.viewer)?;
    let found = store::search::one(house.database.pool(), query.payment).await?;
    let Some(found) = found else { return Err(not_found()) };
    let summary = found.summary(&house.vault)?;
    if !sees(&query.viewer, &summary) {
        return Err(not_found());
    }
    crate::search::log(house, context, "story", std::slice::from_ref(&found)).await?;
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

fn sees(viewer: &Viewer, summary: &PaymentSummary) -> bool {
    match viewer {
        Viewer::Payee { identifier } => summary.payee.as_ref() == Some(identifier),
        Viewer::Payer { agreement, scope } => summary.payer == *agreement && scope.allows(summary.benefit.as_ref()),
    }
}

fn not_found() -> Problem {
    Problem::new(ProblemCode::NotFound, "Betalingen findes ikke.", "There is no such payment.")
}

async fn tell(house: &House, summary: PaymentSummary, viewer: &Viewer) -> Result<PaymentStory, Error> {
    let mut connection = house.database.pool().acquire().await?;
    let stored = store::search::legs(&mut connection, summary.payment).await?;
    let moments = store::search::moments(&mut connection, summary.payment).await?;
    let legs = stored.iter().map(|leg| leg_story(leg, viewer, &house.vault)).collect::<Result<_, _>>()?;
    let mut steps: Vec<StoryStep> = moments.into_iter().filter_map(step).collect();
    if summary.state != contracts::mediation::PaymentState::Stopped {
        steps.extend(sent_steps(&stored));
    }
    steps.sort_by_key(|step| step.at);
    steps.dedup();
    Ok(PaymentStory { summary, legs, steps })
}

/// A leg as the viewer may see it.
fn leg_story(leg: &StoredLeg, viewer: &Viewer, vault: &Vault) -> Result<LegStory, Error> {
    let destination = destination_from_code(leg.destination)?;
    let amount = amount(leg.amount_minor, leg.currency.trim_end())?;
    let got_through = matches!(destination, Destination::Payee | Destination::Recovery);
    if got_through && matches!(viewer, Viewer::Payer { .. }) {
        let why = Text::new("Betalt gennem NemKonto.", "Paid through NemKonto.");
        return Ok(LegStory { destination: Destination::Payee, amount, account: None, entry: None, why });
    }
    Ok(LegStory {
        destination,
        amount,
        account: leg.account.as_deref().map(|sealed| vault.open_account(sealed)).transpose()?,
        entry: leg.entry.map(EntryRef::new),
        why: why(destination, leg),
    })
}

fn why(destination: Destination, leg: &StoredLeg) -> Text {
    match (destination, leg.entry) {
        (Destination::Payee, Some(_)) => {
            Text::new("Til den konto, som modtageren har anvist.", "To the account the payee has designated.")
        }
        (Destination::Payee, None) => {
            Text::new("Til den konto, som udbetaleren har angivet.", "To the account the payer has given.")
        }
        (Destination::Recovery, _) => Text::new(
            "Sendt til Gældsstyrelsen, som har bedt om det (lov 696/2025 § 16). Gældsstyrelsen giver begrundelsen.",
            "Sent to the Danish debt agency (Gældsstyrelsen), which has asked for it (lov 696/2025 § 16). It gives the grounds.",
        ),
        (Destination::Holding, _) => reasoned("Til ventekontoen", "To the holding account", leg),
        (Destination::ErrorAccount, _) => reasoned("Til udbetalerens fejlkonto", "To the payer's error account", leg),
        (Destination::Payer, _) => reasoned("Tilbage til udbetaleren", "Back to the payer", leg),
    }
}

fn reasoned(da: &str, en: &str, leg: &StoredLeg) -> Text {
    let (because_da, because_en) = match leg.reason.as_deref() {
        Some("AC03") => ("modtageren har ingen aktiv konto", "the payee has no active account"),
        Some("AC04") => ("modtagerens konto er lukket", "the payee's account is closed"),
        _ => ("modtagerens nummer er ikke i registret", "the payee's number is not in the register"),
    };
    Text::new(format!("{da}: {because_da}."), format!("{en}: {because_en}."))
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
