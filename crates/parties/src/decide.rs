//! Decides a proposal. Approved changes are recorded in the same transaction.

use contracts::{
    Context, IdempotencyKey, Problem, ProblemCode,
    parties::{AgreementChange, Decision, ProposalState, Verdict},
};
use platform::change_log::NewChange;
use platform::fault::Fault;
use platform::four_eyes::{self, Refusal, State, Stored};
use primitives::copenhagen_date;
use sqlx::PgConnection;

use crate::{
    changes::{self, change},
    checks::check_why,
    house::House,
    proposed::{self, KIND, Proposed},
    record::{Recorded, check_banks_known},
    rights, store,
};

/// Decides; answers the state it led to.
pub(crate) async fn decide(
    house: &House, context: &Context, key: &IdempotencyKey, decision: &Decision,
) -> Result<ProposalState, Fault> {
    rights::require_person(context)?;
    check_why(&decision.why)?;
    let once = house.answers.call_with(context, "decide", key, decision)?;
    house
        .database
        .transaction("parties.decide", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let state = decide_once(&mut tx, house, context, decision).await?;
            once.remember(&mut tx, state).await
        })
        .await
}

async fn decide_once(
    connection: &mut PgConnection, house: &House, context: &Context, decision: &Decision,
) -> Result<ProposalState, Fault> {
    let (now, by, verdict) = (house.clock.now(), context.actor.label(), verdict(decision.verdict));
    let stored = four_eyes::lock(connection, "parties", KIND, decision.proposal).await?.ok_or_else(unknown)?;
    let proposed = Proposed::open(&house.vault, &stored.payload)?;
    if !proposed.may_see(&context.actor) {
        return Err(unknown().into());
    }
    if decision.verdict != Verdict::Withdraw {
        proposed::may_approve(connection, context, &proposed, copenhagen_date(now)).await??;
    }
    let state = four_eyes::judge(&stored, verdict, &by, now).map_err(refused)?;
    four_eyes::decide(connection, "parties", stored.id, verdict, &by, now).await?;
    let recorded = Recorded { at: now, by, proposal: Some(stored.id) };
    let mut log = vec![change(changes::proposal(stored.id), None, Some(decision), &decision.why)?];
    if state == State::Approved {
        log.extend(apply(connection, house, &stored, &proposed, &recorded).await?);
    }
    house.log.append(connection, context, "decide", now, &log).await?;
    Ok(proposal_state(state))
}

/// Records the changes, each from the version it was made from.
async fn apply<'p>(
    connection: &mut PgConnection, house: &House, stored: &'p Stored, proposed: &'p Proposed, recorded: &'p Recorded,
) -> Result<Vec<NewChange<'p>>, Fault> {
    // In one order, so that two approvals wait for each other and not for ever.
    let mut subjects: Vec<String> = proposed.content.changes.iter().map(proposed::subject).collect();
    subjects.sort_unstable();
    for subject in &subjects {
        store::lock(connection, subject).await?;
    }
    let mut log = Vec::with_capacity(subjects.len());
    for (new, base) in proposed.content.changes.iter().zip(&proposed.based_on) {
        let current = proposed::current(connection, house, new).await?;
        if current.as_ref().map(|(version, _)| *version) != *base {
            return Err(proposed::out_of_date().into());
        }
        match new {
            AgreementChange::Payer(payer) => {
                check_banks_known(connection, payer).await??;
                store::agreement::insert(connection, &house.vault, payer, recorded).await?;
            }
            AgreementChange::Terms(terms) => {
                store::terms::insert(connection, &house.vault, terms, stored.id, recorded).await?;
            }
            AgreementChange::Routing(routing) => store::routing::insert(connection, routing, stored.id, recorded).await?,
        }
        let known = current.as_ref().map(|(_, known)| known);
        let made = change(proposed::subject(new), known, Some(new), &proposed.content.why)?;
        log.push(NewChange { by: Some(&stored.proposed_by), approved_by: Some(&recorded.by), ..made });
    }
    Ok(log)
}

fn verdict(verdict: Verdict) -> four_eyes::Verdict {
    match verdict {
        Verdict::Approve => four_eyes::Verdict::Approve,
        Verdict::Reject => four_eyes::Verdict::Reject,
        Verdict::Withdraw => four_eyes::Verdict::Withdraw,
    }
}

/// The state as the contract says it.
pub(crate) fn proposal_state(state: State) -> ProposalState {
    match state {
        State::Open => ProposalState::Open,
        State::Approved => ProposalState::Approved,
        State::Rejected => ProposalState::Rejected,
        State::Withdrawn => ProposalState::Withdrawn,
        State::Expired => ProposalState::Expired,
    }
}

fn unknown() -> Problem {
    Problem::new(ProblemCode::NotFound, "Forslaget findes ikke.", "There is no such proposal.").in_field("proposal")
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::OwnProposal => Problem::new(
            ProblemCode::Forbidden,
            "Den, der har foreslået en ændring, kan ikke selv godkende eller afvise den.",
            "Who proposed a change can neither approve nor reject it.",
        ),
        Refusal::NotOwnProposal => Problem::new(
            ProblemCode::Forbidden,
            "Kun den, der har foreslået en ændring, kan trække den tilbage.",
            "Only who proposed a change can withdraw it.",
        ),
        Refusal::NotOpen(State::Expired) => {
            Problem::new(ProblemCode::Conflict, "Forslaget er udløbet.", "The proposal has expired.").in_field("proposal")
        }
        Refusal::NotOpen(_) => {
            Problem::new(ProblemCode::Conflict, "Forslaget er afgjort.", "The proposal is decided.").in_field("proposal")
        }
    }
}
