//! What users hold, read from the tables, and the rule that conflicting functions are not held together.

use contracts::{
    Problem, ProblemCode,
    parties::{Function, UserProfile},
};
use jiff::civil::Date;
use platform::fault::Fault;
use primitives::AgreementNumber;
use sqlx::PgConnection;

use crate::{
    held::{self, Held},
    store,
    words::Spelled,
};

/// Everything the users hold, ever held or will hold.
pub(crate) async fn held_by(connection: &mut PgConnection, users: &[String]) -> Result<Vec<Held>, Fault> {
    let profiles = held::of_profiles(&store::user::versions(connection, users).await?);
    let granted = store::grant::of_users(connection, users).await?;
    Ok(profiles.into_iter().chain(granted).map(Held::from).collect())
}

/// Whether the user holds the function at the authority on the day.
pub(crate) async fn has_function(
    connection: &mut PgConnection, user: &str, authority: AgreementNumber, function: Function, on: Date,
) -> Result<bool, Fault> {
    let held = held_by(connection, &[user.to_owned()]).await?;
    Ok(held::has_function(&held, user, authority, function, on))
}

/// Refuses a right whose functions conflict with each other or with what the user holds. The user must be locked.
pub(crate) async fn check_new(connection: &mut PgConnection, new: &Held) -> Result<Result<(), Problem>, Fault> {
    let held = held_by(connection, std::slice::from_ref(&new.user)).await?;
    check_among(connection, &held, new).await
}

/// As [`check_new`], for a new version of the user's profile, which replaces the one before it from its first day.
pub(crate) async fn check_profile(connection: &mut PgConnection, profile: &UserProfile) -> Result<Result<(), Problem>, Fault> {
    let users = std::slice::from_ref(&profile.user);
    let held: Vec<Held> = store::grant::of_users(connection, users).await?.into_iter().map(Held::from).collect();
    for new in held::of_profile(profile) {
        if let Err(problem) = check_among(connection, &held, &new).await? {
            return Ok(Err(problem));
        }
    }
    Ok(Ok(()))
}

async fn check_among(connection: &mut PgConnection, held: &[Held], new: &Held) -> Result<Result<(), Problem>, Fault> {
    let conflicts = store::conflict::latest(connection).await?;
    Ok(match held::conflict_of(&conflicts, held, new) {
        None => Ok(()),
        Some(conflict) => Err(in_conflict(conflict)),
    })
}

fn in_conflict(conflict: &held::Conflict) -> Problem {
    let (one, other) = (conflict.one.word(), conflict.other.word());
    Problem::new(
        ProblemCode::Conflict,
        format!("Funktionerne {one} og {other} kan ikke haves sammen."),
        format!("The functions {one} and {other} cannot be held together."),
    )
    .in_field("functions")
}
