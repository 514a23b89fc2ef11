//! Proposes changes of agreements and terms.

use std::collections::HashSet;

use contracts::{
    Context, IdempotencyKey, Problem,
    parties::{AgreementChange, NewProposal},
};
use jiff::{SignedDuration, Timestamp};
use platform::fault::Fault;
use platform::four_eyes;
use platform::limits::check_count;
use primitives::copenhagen_date;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    changes::{self, change},
    checks::{check_payer, check_terms, check_why, invalid},
    house::House,
    limits::MAX_PROPOSED,
    proposed::{self, KIND, Proposed},
    record::check_banks_known,
    rights, routing,
};

/// Writes the proposal; answers its id.
pub(crate) async fn propose(house: &House, context: &Context, key: &IdempotencyKey, new: &NewProposal) -> Result<Uuid, Fault> {
    rights::require_person(context)?;
    check(new)?;
    let once = house.answers.call_with(context, "propose", key, new)?;
    house
        .database
        .transaction("parties.propose", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let at = house.clock.now();
            let based_on = base(&mut tx, house, context, new, at).await?;
            let id = house.ids.uuid_v4();
            write(&mut tx, house, context, &Proposed { content: new.clone(), based_on }, (id, at)).await?;
            let log = [change(changes::proposal(id), None, Some(new), &new.why)?];
            house.log.append(&mut tx, context, "propose", at, &log).await?;
            once.remember(&mut tx, id).await
        })
        .await
}

fn check(new: &NewProposal) -> Result<(), Problem> {
    check_why(&new.why)?;
    check_count(new.changes.len(), MAX_PROPOSED, "changes")?;
    if new.changes.is_empty() {
        return Err(invalid("changes", "Der er ingen ændring.", "There is no change."));
    }
    let mut subjects = HashSet::new();
    if !new.changes.iter().all(|change| subjects.insert(proposed::subject(change))) {
        return Err(invalid("changes", "Den samme aftale står der to gange.", "The same agreement stands there twice."));
    }
    new.changes.iter().try_for_each(|change| match change {
        AgreementChange::Payer(payer) => check_payer(payer),
        AgreementChange::Terms(terms) => check_terms(terms),
        AgreementChange::Routing(_) => Ok(()),
    })
}

/// The versions the changes are made from, when the caller may propose each of them.
async fn base(
    connection: &mut PgConnection, house: &House, context: &Context, new: &NewProposal, at: Timestamp,
) -> Result<Vec<Option<i64>>, Fault> {
    let mut based_on = Vec::with_capacity(new.changes.len());
    for change in &new.changes {
        let current = proposed::current(connection, house, change).await?;
        let known = current.as_ref().map(|(_, known)| known);
        proposed::may_propose(connection, context, change, known, copenhagen_date(at)).await??;
        match change {
            AgreementChange::Payer(payer) => check_banks_known(connection, payer).await??,
            AgreementChange::Routing(routing) => routing::check_payer_known(connection, routing.payer).await??,
            AgreementChange::Terms(_) => {}
        }
        based_on.push(current.map(|(version, _)| version));
    }
    Ok(based_on)
}

async fn write(
    connection: &mut PgConnection, house: &House, context: &Context, proposed: &Proposed, (id, at): (Uuid, Timestamp),
) -> Result<(), Fault> {
    let life = SignedDuration::try_from(house.proposals_live).unwrap_or(SignedDuration::MAX);
    let subjects: Vec<String> = proposed.content.changes.iter().map(proposed::subject).collect();
    let new = four_eyes::NewProposal {
        id,
        kind: KIND,
        subject: &subjects.join(" "),
        payload: &proposed.seal(&house.vault)?,
        by: &context.actor.label(),
        at,
        expires_at: at.saturating_add(life).unwrap_or(Timestamp::MAX),
    };
    Ok(four_eyes::propose(connection, "parties", &new).await?)
}
