//! Grants rights to users.

use contracts::{
    Actor, Context, IdempotencyKey, ItemResult, Problem,
    parties::{Function, Grant, GrantQuery, NewGrant},
};
use platform::fault::Fault;
use platform::limits::check_count;
use primitives::{AgreementNumber, copenhagen_date};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    changes::{self, change},
    checks::{check_grant, invalid},
    held::{self, Held},
    house::House,
    limits::MAX_CHANGES,
    profiles,
    record::Recorded,
    rights, store,
};

/// Grants each right, or says why not; answers their ids.
pub(crate) async fn grant(
    house: &House, context: &Context, key: &IdempotencyKey, grants: &[NewGrant],
) -> Result<Vec<ItemResult<Uuid>>, Fault> {
    rights::require_person(context)?;
    check_count(grants.len(), MAX_CHANGES, "input")?;
    let once = house.answers.call_with(context, "grant", key, &grants)?;
    house
        .database
        .transaction("parties.grant", async |mut tx| {
            if let Some(answer) = once.replay(&mut tx).await? {
                return Ok(answer);
            }
            let recorded = Recorded { at: house.clock.now(), by: context.actor.label(), proposal: None };
            let mut results = Vec::with_capacity(grants.len());
            let mut log = Vec::new();
            for new in grants {
                let result = grant_one(&mut tx, house, context, new, &recorded).await?;
                if let Ok(id) = result {
                    log.push(change(changes::grant(id), None, Some(new), &new.why)?);
                }
                results.push(result);
            }
            house.log.append(&mut tx, context, "grant", recorded.at, &log).await?;
            once.remember(&mut tx, results).await
        })
        .await
}

async fn grant_one(
    connection: &mut PgConnection, house: &House, context: &Context, new: &NewGrant, recorded: &Recorded,
) -> Result<ItemResult<Uuid>, Fault> {
    if let Err(problem) = check_grant(new) {
        return Ok(Err(problem));
    }
    if let Err(problem) = may_grant(connection, context, new, recorded).await? {
        return Ok(Err(problem));
    }
    if !store::agreement::is_known(connection, new.authority).await? {
        return Ok(Err(invalid("authority", "Myndigheden har ingen aftale.", "The authority has no agreement.")));
    }
    store::lock(connection, &changes::user(&new.user)).await?;
    let held = Held {
        user: new.user.clone(),
        authority: new.authority,
        right: new.right.clone(),
        from: new.valid_from,
        until: new.valid_until,
    };
    if let Err(problem) = profiles::check_new(connection, &held).await? {
        return Ok(Err(problem));
    }
    let id = house.ids.uuid_v4();
    store::grant::insert(connection, id, new, recorded).await?;
    Ok(Ok(id))
}

/// Operators grant everywhere; a local administrator in the own authority, and never to itself.
async fn may_grant(
    connection: &mut PgConnection, context: &Context, new: &NewGrant, recorded: &Recorded,
) -> Result<Result<(), Problem>, Fault> {
    match &context.actor {
        Actor::Caseworker { user, .. } if *user == new.user => Ok(Err(rights::forbidden())),
        actor => administers(connection, actor, new.authority, recorded).await,
    }
}

/// Refuses who does not administer the authority's users today.
pub(crate) async fn administers(
    connection: &mut PgConnection, actor: &Actor, authority: AgreementNumber, recorded: &Recorded,
) -> Result<Result<(), Problem>, Fault> {
    let allowed = match actor {
        Actor::Operator { .. } => true,
        Actor::Caseworker { user, authority: own } if *own == authority => {
            let today = copenhagen_date(recorded.at);
            profiles::has_function(connection, user, authority, Function::AdministerUsers, today).await?
        }
        _ => false,
    };
    Ok(if allowed { Ok(()) } else { Err(rights::forbidden()) })
}

/// The grants of the authority's users that are in force on the day, those of recorded profiles among them.
pub(crate) async fn grants(house: &House, context: &Context, query: &GrantQuery) -> Result<Vec<Grant>, Fault> {
    match &context.actor {
        Actor::Operator { .. } | Actor::House { .. } => {}
        Actor::Caseworker { authority, .. } if *authority == query.authority => {}
        _ => return Err(rights::forbidden().into()),
    }
    let mut connection = house.database.pool().acquire().await?;
    let users = store::user::of_authority(&mut connection, query.authority).await?;
    let mut stored = held::of_profiles(&store::user::versions(&mut connection, &users).await?);
    stored.retain(|grant| grant.authority == query.authority);
    stored.extend(store::grant::of_authority(&mut connection, query.authority).await?);
    stored.sort_by(|one, other| one.user.cmp(&other.user));
    let in_force = stored.into_iter().filter(|grant| grant.from <= query.on && query.on < grant.until);
    Ok(in_force
        .map(|grant| Grant {
            grant: grant.id,
            user: grant.user,
            right: grant.right,
            valid_from: grant.from,
            valid_until: grant.until,
            granted_by: grant.granted_by,
        })
        .collect())
}
