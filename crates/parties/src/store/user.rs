//! Users and their grants.

use contracts::parties::UserProfile;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::fault::Fault;
use primitives::AgreementNumber;
use sqlx::PgConnection;

use super::scope;
use crate::record::Recorded;

/// Records a version of the user's grant.
pub(crate) async fn insert(connection: &mut PgConnection, user: &UserProfile, recorded: &Recorded) -> Result<(), sqlx::Error> {
    let functions = scope::function_words(&user.functions);
    let (all, benefits, without) = scope::columns(&user.scope);
    let done = sqlx::query!(
        "insert into parties.user_grant (user_id, name, authority, functions, all_benefits, benefits, without_benefit,
             valid_from, valid_until, recorded_at, recorded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        user.user,
        user.name,
        user.authority.digits(),
        &functions,
        all,
        &benefits,
        without,
        user.valid_from.to_sqlx(),
        user.valid_until.to_sqlx(),
        recorded.at.to_sqlx(),
        recorded.by,
    )
    .execute(connection)
    .await?;
    expect_rows(done.rows_affected(), 1, "user grant")
}

/// Those of the users whose grant is in force on the day.
pub(crate) async fn on(connection: &mut PgConnection, on: Date, users: &[String]) -> Result<Vec<UserProfile>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select user_id, name, authority, functions, all_benefits, benefits, without_benefit, valid_from, valid_until
         from (select distinct on (user_id) * from parties.user_grant
               where user_id = any($2) and valid_from <= $1
               order by user_id, version desc) latest
         where valid_until > $1",
        on.to_sqlx(),
        users,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::into_profile).collect()
}

/// Every version of the users' grants, in the order they were recorded.
pub(crate) async fn versions(connection: &mut PgConnection, users: &[String]) -> Result<Vec<UserProfile>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select user_id, name, authority, functions, all_benefits, benefits, without_benefit, valid_from, valid_until
         from parties.user_grant where user_id = any($1) order by version",
        users,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::into_profile).collect()
}

/// The user's grant as it was recorded last.
pub(crate) async fn latest(connection: &mut PgConnection, user: &str) -> Result<Option<UserProfile>, Fault> {
    Ok(versions(connection, &[user.to_owned()]).await?.pop())
}

struct Row {
    user_id: String,
    name: String,
    authority: String,
    functions: Vec<String>,
    all_benefits: bool,
    benefits: Vec<String>,
    without_benefit: bool,
    valid_from: jiff_sqlx::Date,
    valid_until: jiff_sqlx::Date,
}

impl Row {
    fn into_profile(self) -> Result<UserProfile, Fault> {
        Ok(UserProfile {
            user: self.user_id,
            name: self.name,
            authority: AgreementNumber::parse(&self.authority).map_err(|_| Fault::Stored("authority"))?,
            functions: scope::read_functions(&self.functions)?,
            scope: scope::read(self.all_benefits, &self.benefits, self.without_benefit)?,
            valid_from: self.valid_from.to_jiff(),
            valid_until: self.valid_until.to_jiff(),
        })
    }
}
