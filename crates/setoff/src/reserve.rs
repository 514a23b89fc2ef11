//! Matches payouts against the markers in force and reserves the redirects. Costs what is redirected; a payout that is not costs one index
//! lookup.

mod request;

use contracts::{
    AccessResult, Context, IdempotencyKey, Problem, ProblemCode,
    setoff::{Redirect, SetoffAnswer, SetoffRequest},
};
use jiff::SignedDuration;
use platform::fault::Fault;
use platform::legs::LegColumns;
use sqlx::PgConnection;

use crate::{
    decide::{Facts, decide},
    house::House,
    marker::Marker,
    permission::require_house,
    rules::BenefitRules,
    store::{
        self,
        reservation::{Hit, Outcome, Reserved, Terms},
    },
};
use request::Question;

/// Answers which payouts are redirected, and reserves them.
pub(crate) async fn reserve(
    house: &House, context: &Context, key: &IdempotencyKey, request: SetoffRequest,
) -> Result<SetoffAnswer, Fault> {
    require_house(context)?;
    let question = Question::new(&house.vault.clone(), request)?;
    let once = house.answers.call(context, "reserve", key, &question.canonical());
    house
        .database
        .transaction("setoff.reserve", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let answer = match_and_reserve(house, context, &mut tx, &question).await?;
            once.remember(&mut tx, answer).await
        })
        .await
}

async fn match_and_reserve(
    house: &House, context: &Context, tx: &mut PgConnection, question: &Question,
) -> Result<SetoffAnswer, Fault> {
    let rules = store::rule::in_force(tx, question.request.on).await?;
    let matches = store::marker::matching(tx, &question.payees, question.request.on).await?;
    let hits = hits(question, &matches, &rules);
    if !hits.is_empty() {
        let legs: LegColumns = hits.iter().map(|hit| hit.leg).collect();
        legs.lock_slices(tx, "setoff").await?;
        let gone = store::voided_leg::among(tx, &legs).await?;
        if let Some(index) = gone.into_iter().find_map(|leg| question.index_of(leg)) {
            return Err(voided(index).into());
        }
        store::reservation::insert(tx, &terms(house, question, &rules)?, &hits).await?;
    }
    let reserved = store::reservation::in_spans(tx, &question.spans()).await?;
    let redirects = redirects(question, &reserved)?;
    let told = reserved.iter().map(|reservation| reservation.payee.as_slice());
    house.access.record(tx, context, "reserve", house.clock.now(), (AccessResult::Found, told)).await?;
    Ok(SetoffAnswer { recovery_account: house.settings.recovery_account.clone(), redirects })
}

/// The payouts a marker catches. `matches` holds each payee's markers next to each other.
fn hits<'q>(question: &'q Question, matches: &[(usize, Marker)], rules: &BenefitRules) -> Vec<Hit<'q>> {
    matches
        .chunk_by(|one, next| one.0 == next.0)
        .filter_map(|chunk| {
            let place = chunk.first()?.0;
            let markers: Vec<Marker> = chunk.iter().map(|(_, marker)| marker.clone()).collect();
            let payout = question.payout_at(place);
            let facts =
                Facts { payer: question.request.payer, benefit: payout.benefit, exempt: payout.exempt, on: question.request.on };
            let marker = decide(&facts, &markers, rules)?;
            Some(Hit {
                leg: payout.leg,
                payee: &question.payees[place],
                benefit: payout.benefit,
                amount: payout.amount,
                marker_version: marker.version,
            })
        })
        .collect()
}

fn terms(house: &House, question: &Question, rules: &BenefitRules) -> Result<Terms, Fault> {
    let reserved_at = house.clock.now();
    let lifetime = SignedDuration::try_from(house.settings.reservation_lifetime).unwrap_or(SignedDuration::MAX);
    let expires_at = reserved_at.checked_add(lifetime).unwrap_or(jiff::Timestamp::MAX);
    Ok(Terms { payer: question.request.payer, on: question.request.on, rule_version: rules.version, reserved_at, expires_at })
}

/// The answer is made of what is reserved, not of what was matched just now: a leg that was reserved by an earlier call, or by one made at
/// the same time, keeps its first reservation.
fn redirects(question: &Question, reserved: &[Reserved]) -> Result<Vec<Redirect>, Problem> {
    let mut redirects = Vec::with_capacity(reserved.len());
    for reservation in reserved {
        let Some(index) = question.index_of(reservation.leg) else { continue };
        let payout = &question.request.payouts[index];
        let same = payout.amount == reservation.amount && question.is_payee(index, &reservation.payee);
        if !same {
            return Err(another_payout(index));
        }
        if reservation.outcome == Some(Outcome::Voided) {
            return Err(voided(index));
        }
        redirects.push(Redirect {
            index: u32::try_from(index).unwrap_or(u32::MAX),
            reservation: reservation.reservation,
            rule_version: reservation.rule_version,
        });
    }
    redirects.sort_unstable_by_key(|redirect| redirect.index);
    Ok(redirects)
}

fn another_payout(index: usize) -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Delbetalingen er allerede reserveret med en anden modtager eller et andet beløb.",
        "The leg is already reserved with another payee or amount.",
    )
    .in_field(format!("payouts[{index}].leg"))
}

fn voided(index: usize) -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Delbetalingens reservation er annulleret; en ny betaling er en ny delbetaling.",
        "The reservation of the leg was voided; a new payment is a new leg.",
    )
    .in_field(format!("payouts[{index}].leg"))
}
