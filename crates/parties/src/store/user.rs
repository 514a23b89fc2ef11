//! Users' recorded profiles.

use contracts::parties::UserProfile;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::fault::Fault;
use primitives::{AgreementNumber, IdSource};
use sqlx::PgConnection;
use uuid::Uuid;

use super::scope;
use crate::record::Recorded;

/// Records a version of the user's profile.
pub(crate) async fn insert(
    connection: &mut PgConnection, ids: &dyn IdSource, user: &UserProfile, recorded: &Recorded,
) -> Result<(), sqlx::Error> {
    let functions = scope::function_words(&user.functions);
    let (all, benefits, without) = scope::columns(&user.scope);
    let done = sqlx::query!(
        "insert into parties.user_grant (user_id, name, authority, functions, all_benefits, benefits, without_benefit,
             valid_from, valid_until, recorded_at, recorded_by, functions_id, scope_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
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
        ids.uuid_v4(),
        ids.uuid_v4(),
    )
    .execute(connection)
    .await?;
    expect_rows(done.rows_affected(), 1, "user grant")
}

/// Every version of the users' profiles, in the order they were recorded.
pub(crate) async fn versions(connection: &mut PgConnection, users: &[String]) -> Result<Vec<StoredProfile>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        r#"select user_id, name, authority, functions, all_benefits, benefits, without_benefit, valid_from, valid_until, recorded_by,
                  functions_id, scope_id,
                  (select min(e.ends_on) from parties.grant_end e where e.grant_id = g.functions_id) as functions_end,
                  (select min(e.ends_on) from parties.grant_end e where e.grant_id = g.scope_id) as scope_end
           from parties.user_grant g where user_id = any($1) order by version"#,
        users,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::into_profile).collect()
}

/// Who has or had a profile at the authority.
pub(crate) async fn of_authority(connection: &mut PgConnection, authority: AgreementNumber) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select distinct user_id from parties.user_grant where authority = $1 order by user_id",
        authority.digits()
    )
    .fetch_all(connection)
    .await
}

/// The authority of the profile that a grant id is of.
pub(crate) async fn authority_of_grant(connection: &mut PgConnection, id: Uuid) -> Result<Option<AgreementNumber>, Fault> {
    let found = sqlx::query_scalar!("select authority from parties.user_grant where functions_id = $1 or scope_id = $1", id)
        .fetch_optional(connection)
        .await?;
    found.map(|number| AgreementNumber::parse(&number).map_err(|_| Fault::Stored("authority"))).transpose()
}

/// The user's profile as it was recorded last.
pub(crate) async fn latest(connection: &mut PgConnection, user: &str) -> Result<Option<UserProfile>, Fault> {
    Ok(versions(connection, &[user.to_owned()]).await?.pop().map(|stored| stored.profile))
}

/// A version of a profile as it is stored, with the days its parts were ended on.
#[derive(Clone, Debug)]
pub(crate) struct StoredProfile {
    pub(crate) profile: UserProfile,
    pub(crate) functions: (Uuid, Option<Date>),
    pub(crate) scope: (Uuid, Option<Date>),
    pub(crate) recorded_by: String,
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
    recorded_by: String,
    functions_id: Uuid,
    scope_id: Uuid,
    functions_end: Option<jiff_sqlx::Date>,
    scope_end: Option<jiff_sqlx::Date>,
}

impl Row {
    fn into_profile(self) -> Result<StoredProfile, Fault> {
        let profile = UserProfile {
            user: self.user_id,
            name: self.name,
            authority: AgreementNumber::parse(&self.authority).map_err(|_| Fault::Stored("authority"))?,
            functions: scope::read_functions(&self.functions)?,
            scope: scope::read(self.all_benefits, &self.benefits, self.without_benefit)?,
            units: Vec::new(),
            valid_from: self.valid_from.to_jiff(),
            valid_until: self.valid_until.to_jiff(),
        };
        Ok(StoredProfile {
            profile,
            functions: (self.functions_id, self.functions_end.map(jiff_sqlx::Date::to_jiff)),
            scope: (self.scope_id, self.scope_end.map(jiff_sqlx::Date::to_jiff)),
            recorded_by: self.recorded_by,
        })
    }
}
