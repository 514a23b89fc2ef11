//! Ends grants and mandates before their time.

use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode, parties::GrantEnd};
use platform::change_log::NewChange;
use platform::fault::Fault;
use platform::limits::check_count;
use sqlx::PgConnection;

use crate::{
    changes::{self, change},
    checks::{check_why, invalid},
    grant::administers,
    house::House,
    limits::MAX_CHANGES,
    record::Recorded,
    rights, store,
};

/// Ends each, or says why not.
pub(crate) async fn end_grants(
    house: &House, context: &Context, key: &IdempotencyKey, ends: &[GrantEnd],
) -> Result<Vec<ItemResult<()>>, Fault> {
    check_count(ends.len(), MAX_CHANGES, "input")?;
    let once = house.answers.call_with(context, "end-grants", key, &ends)?;
    house
        .database
        .transaction("parties.end_grants", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let recorded = Recorded { at: house.clock.now(), by: context.actor.label(), proposal: None };
            let mut results = Vec::with_capacity(ends.len());
            let mut log = Vec::new();
            for end in ends {
                let result = end_one(&mut tx, context, end, &recorded).await?;
                results.push(result.map(|logged| log.push(logged)));
            }
            house.log.append(&mut tx, context, "end-grants", recorded.at, &log).await?;
            once.remember(&mut tx, results).await
        })
        .await
}

/// Who may grant may end; a mandate is ended by who records mandates.
async fn end_one<'c>(
    connection: &mut PgConnection, context: &Context, end: &'c GrantEnd, recorded: &Recorded,
) -> Result<ItemResult<NewChange<'c>>, Fault> {
    if let Err(problem) = check_why(&end.why) {
        return Ok(Err(problem));
    }
    if end.ends_on < recorded.day() {
        return Ok(Err(invalid("ends_on", "En rettighed kan ikke ende før i dag.", "A right cannot end before today.")));
    }
    let authority = match store::grant::find(connection, end.grant).await? {
        Some(grant) => Some(grant.authority),
        None => store::user::authority_of_grant(connection, end.grant).await?,
    };
    let allowed = match authority {
        Some(authority) => administers(connection, &context.actor, authority, recorded).await?,
        None if store::mandate::is_known(connection, end.grant).await? => rights::require_recorder(context),
        None => Err(unknown()),
    };
    if let Err(problem) = allowed {
        return Ok(Err(problem));
    }
    store::grant::end(connection, end.grant, end.ends_on, recorded).await?;
    Ok(Ok(change(changes::grant(end.grant), None, Some(end), &end.why)?))
}

fn unknown() -> Problem {
    Problem::new(ProblemCode::NotFound, "Rettigheden findes ikke.", "There is no such grant or mandate.").in_field("grant")
}
