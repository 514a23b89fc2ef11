//! Users by id on a day.

use std::collections::HashMap;

use contracts::{
    Context,
    parties::{UserProfile, UserQuery},
};
use platform::fault::Fault;
use platform::limits::check_count;

use crate::{
    house::House,
    limits::MAX_ASKED,
    rights::{may_see_user, require_profile_reader},
    store,
};

/// The users in the order asked for; `None` where unknown, expired, or not to be seen by the actor.
pub(crate) async fn users(house: &House, context: &Context, query: &UserQuery) -> Result<Vec<Option<UserProfile>>, Fault> {
    require_profile_reader(context)?;
    check_count(query.users.len(), MAX_ASKED, "users")?;
    let mut connection = house.database.pool().acquire().await?;
    let found: HashMap<String, UserProfile> = store::user::on(&mut connection, query.on, &query.users)
        .await?
        .into_iter()
        .filter(|user| may_see_user(&context.actor, user))
        .map(|user| (user.user.clone(), user))
        .collect();
    Ok(query.users.iter().map(|id| found.get(id).cloned()).collect())
}
