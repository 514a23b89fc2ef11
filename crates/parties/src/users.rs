//! Users by id on a day: what was recorded of them and what was granted to them since, together.

use contracts::{
    Context,
    parties::{PayerKey, UserProfile, UserQuery},
};
use platform::fault::Fault;
use platform::limits::check_count;
use primitives::AgreementNumber;
use sqlx::PgConnection;

use crate::{
    held::{self, Held},
    house::House,
    limits::MAX_ASKED,
    rights::{may_see_user, require_profile_reader},
    store::{self, user::StoredProfile},
};

/// The users in the order asked for; `None` where nothing is held on the day, or where it is not to be seen by the actor.
pub(crate) async fn users(house: &House, context: &Context, query: &UserQuery) -> Result<Vec<Option<UserProfile>>, Fault> {
    require_profile_reader(context)?;
    check_count(query.users.len(), MAX_ASKED, "users")?;
    let mut connection = house.database.pool().acquire().await?;
    let asked = asked(&mut connection, query).await?;
    let versions = store::user::versions(&mut connection, &query.users).await?;
    let recorded: Vec<Held> = held::of_profiles(&versions).into_iter().map(Held::from).collect();
    let granted = store::grant::of_users(&mut connection, &query.users).await?.into_iter().map(Held::from);
    let known = Known { held: recorded.iter().cloned().chain(granted).collect(), recorded, versions };
    let profile = |user: &String| known.profile(user, query, asked.as_deref());
    Ok(query.users.iter().map(|user| profile(user).filter(|profile| may_see_user(&context.actor, profile))).collect())
}

/// The authorities that are asked about; all when `None`.
async fn asked(connection: &mut PgConnection, query: &UserQuery) -> Result<Option<Vec<AgreementNumber>>, Fault> {
    match &query.at {
        None => Ok(None),
        Some(PayerKey::Agreement { number }) => Ok(Some(vec![*number])),
        Some(PayerKey::Cvr { number }) => Ok(Some(store::agreement::of_cvr(connection, number).await?)),
    }
}

/// What is known of the users.
struct Known {
    /// By their profiles and by grants.
    held: Vec<Held>,
    /// By their profiles alone.
    recorded: Vec<Held>,
    versions: Vec<StoredProfile>,
}

impl Known {
    fn profile(&self, user: &str, query: &UserQuery, asked: Option<&[AgreementNumber]>) -> Option<UserProfile> {
        let authority = self.authority(user, query, asked)?;
        held::profile_on(&self.held, user, authority, self.name(user, authority), query.on)
    }

    /// Where the user holds something. Ids are unique only within an authority: of several, the recorded profile's is meant, else none.
    fn authority(&self, user: &str, query: &UserQuery, asked: Option<&[AgreementNumber]>) -> Option<AgreementNumber> {
        let of = |held: &[Held]| {
            let here = |held: &&Held| {
                held.applies(user, held.authority, query.on) && asked.is_none_or(|asked| asked.contains(&held.authority))
            };
            let mut found: Vec<_> = held.iter().filter(here).map(|held| held.authority).collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        match (&of(&self.recorded)[..], &of(&self.held)[..]) {
            ([recorded], _) => Some(*recorded),
            (_, [only]) => Some(*only),
            _ => None,
        }
    }

    /// The name that was recorded at the authority last; a user who has only been granted something has no other than the id.
    fn name<'k>(&'k self, user: &'k str, authority: AgreementNumber) -> &'k str {
        let of_user = |stored: &&StoredProfile| stored.profile.user == user && stored.profile.authority == authority;
        self.versions.iter().rev().find(of_user).map_or(user, |stored| &stored.profile.name)
    }
}
