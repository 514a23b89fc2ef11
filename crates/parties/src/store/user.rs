//! Users and their grants.

use contracts::parties::{BenefitScope, Function, UserProfile};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use platform::database::expect_rows;
use platform::fault::Fault;
use primitives::{AgreementNumber, BenefitCode};
use sqlx::PgConnection;

use crate::{record::Recorded, words::Spelled};

/// Records a version of the user's grant.
pub(crate) async fn insert(connection: &mut PgConnection, user: &UserProfile, recorded: &Recorded) -> Result<(), sqlx::Error> {
    let functions: Vec<String> = user.functions.iter().map(|function| function.word().to_owned()).collect();
    let (all, benefits, without) = match &user.scope {
        BenefitScope::All => (true, Vec::new(), true),
        BenefitScope::Only { benefits, without } => (false, benefits.iter().map(ToString::to_string).collect(), *without),
    };
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
    let rows = sqlx::query!(
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
    rows.into_iter()
        .map(|row| {
            let scope = if row.all_benefits {
                BenefitScope::All
            } else {
                BenefitScope::Only { benefits: read_benefits(&row.benefits)?, without: row.without_benefit }
            };
            Ok(UserProfile {
                user: row.user_id,
                name: row.name,
                authority: AgreementNumber::parse(&row.authority).map_err(|_| Fault::Stored("authority"))?,
                functions: row.functions.iter().map(|word| Function::read(word)).collect::<Result<_, _>>()?,
                scope,
                valid_from: row.valid_from.to_jiff(),
                valid_until: row.valid_until.to_jiff(),
            })
        })
        .collect()
}

fn read_benefits(codes: &[String]) -> Result<Vec<BenefitCode>, Fault> {
    codes.iter().map(|code| BenefitCode::parse(code).map_err(|_| Fault::Stored("benefit"))).collect()
}
