//! Rights granted to users, and their early ends.

use contracts::parties::{GrantedRight, NewGrant};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::fault::Fault;
use primitives::{AgreementNumber, UnitCode};
use sqlx::PgConnection;
use uuid::Uuid;

use super::scope;
use crate::record::Recorded;

/// A grant as it is stored; its last day is the earliest of those that were said.
#[derive(Clone, Debug)]
pub(crate) struct StoredGrant {
    pub(crate) id: Uuid,
    pub(crate) user: String,
    pub(crate) authority: AgreementNumber,
    pub(crate) right: GrantedRight,
    pub(crate) from: Date,
    pub(crate) until: Date,
    pub(crate) granted_by: String,
}

/// Records the grant.
pub(crate) async fn insert(
    connection: &mut PgConnection, id: Uuid, grant: &NewGrant, recorded: &Recorded,
) -> Result<(), sqlx::Error> {
    let (functions, unit, benefits) = match &grant.right {
        GrantedRight::Functions { functions } => (Some(scope::function_words(functions)), None, None),
        GrantedRight::Scope { unit, benefits } => (None, unit.map(|unit| unit.to_string()), Some(scope::columns(benefits))),
    };
    let (all, benefits, without) = match benefits {
        Some((all, benefits, without)) => (Some(all), Some(benefits), Some(without)),
        None => (None, None, None),
    };
    let done = sqlx::query!(
        "insert into parties.role_grant (grant_id, user_id, authority, functions, unit, all_benefits, benefits, without_benefit,
             valid_from, valid_until, recorded_at, recorded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        id,
        grant.user,
        grant.authority.digits(),
        functions.as_deref(),
        unit,
        all,
        benefits.as_deref(),
        without,
        grant.valid_from.to_sqlx(),
        grant.valid_until.to_sqlx(),
        recorded.at.to_sqlx(),
        recorded.by,
    )
    .execute(connection)
    .await?;
    expect_rows(done.rows_affected(), 1, "role grant")
}

/// All grants of the users.
pub(crate) async fn of_users(connection: &mut PgConnection, users: &[String]) -> Result<Vec<StoredGrant>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        r#"select g.grant_id, user_id, authority, functions, unit, all_benefits, benefits, without_benefit, valid_from,
                  least(valid_until, (select min(e.ends_on) from parties.grant_end e where e.grant_id = g.grant_id)) as "until!",
                  recorded_by
           from parties.role_grant g where user_id = any($1) order by user_id, g.grant_id"#,
        users,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::into_grant).collect()
}

/// All grants at the authority.
pub(crate) async fn of_authority(connection: &mut PgConnection, authority: AgreementNumber) -> Result<Vec<StoredGrant>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        r#"select g.grant_id, user_id, authority, functions, unit, all_benefits, benefits, without_benefit, valid_from,
                  least(valid_until, (select min(e.ends_on) from parties.grant_end e where e.grant_id = g.grant_id)) as "until!",
                  recorded_by
           from parties.role_grant g where authority = $1 order by user_id, g.grant_id"#,
        authority.digits(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::into_grant).collect()
}

/// The grant of this id.
pub(crate) async fn find(connection: &mut PgConnection, id: Uuid) -> Result<Option<StoredGrant>, Fault> {
    let row = sqlx::query_as!(
        Row,
        r#"select g.grant_id, user_id, authority, functions, unit, all_benefits, benefits, without_benefit, valid_from,
                  least(valid_until, (select min(e.ends_on) from parties.grant_end e where e.grant_id = g.grant_id)) as "until!",
                  recorded_by
           from parties.role_grant g where g.grant_id = $1"#,
        id,
    )
    .fetch_optional(connection)
    .await?;
    row.map(Row::into_grant).transpose()
}

/// Records that a grant or mandate ends.
pub(crate) async fn end(connection: &mut PgConnection, id: Uuid, ends_on: Date, recorded: &Recorded) -> Result<(), sqlx::Error> {
    let done = sqlx::query!(
        "insert into parties.grant_end (grant_id, ends_on, recorded_at, recorded_by) values ($1, $2, $3, $4)",
        id,
        ends_on.to_sqlx(),
        recorded.at.to_sqlx(),
        recorded.by,
    )
    .execute(connection)
    .await?;
    expect_rows(done.rows_affected(), 1, "end of a grant")
}

struct Row {
    grant_id: Uuid,
    user_id: String,
    authority: String,
    functions: Option<Vec<String>>,
    unit: Option<String>,
    all_benefits: Option<bool>,
    benefits: Option<Vec<String>>,
    without_benefit: Option<bool>,
    valid_from: jiff_sqlx::Date,
    until: jiff_sqlx::Date,
    recorded_by: String,
}

impl Row {
    fn into_grant(self) -> Result<StoredGrant, Fault> {
        let right = self.right()?;
        Ok(StoredGrant {
            id: self.grant_id,
            user: self.user_id,
            authority: AgreementNumber::parse(&self.authority).map_err(|_| Fault::Stored("authority"))?,
            right,
            from: self.valid_from.to_jiff(),
            until: self.until.to_jiff(),
            granted_by: self.recorded_by,
        })
    }

    fn right(&self) -> Result<GrantedRight, Fault> {
        match (&self.functions, self.all_benefits, &self.benefits, self.without_benefit) {
            (Some(functions), None, None, None) => Ok(GrantedRight::Functions { functions: scope::read_functions(functions)? }),
            (None, Some(all), Some(benefits), Some(without)) => {
                let unit = self.unit.as_deref().map(|unit| UnitCode::parse(unit).map_err(|_| Fault::Stored("unit")));
                Ok(GrantedRight::Scope { unit: unit.transpose()?, benefits: scope::read(all, benefits, without)? })
            }
            _ => Err(Fault::Stored("grant")),
        }
    }
}
