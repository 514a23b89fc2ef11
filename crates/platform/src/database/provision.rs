//! Making a house's roles, schema and tables.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use thiserror::Error;

use super::{acting_as, options_of};

/// A house as the database sees it.
#[derive(Clone, Copy, Debug)]
pub struct HouseSchema {
    /// The schema's name, for example `register`: lower-case ASCII letters and `_` only.
    pub name: &'static str,
    /// The house's migrations, as `sqlx::migrate!()` gives them.
    pub migrator: &'static Migrator,
}

impl HouseSchema {
    /// A house's schema and migrations.
    #[must_use]
    pub const fn new(name: &'static str, migrator: &'static Migrator) -> Self {
        Self { name, migrator }
    }

    /// The role that owns the schema and runs its migrations. It cannot log in.
    #[must_use]
    pub fn owner_role(&self) -> String {
        format!("nemkonto_{}_owner", self.name)
    }

    /// The role the house works as: it sees this schema only, with the rights the migrations grant.
    #[must_use]
    pub fn runtime_role(&self) -> String {
        format!("nemkonto_{}", self.name)
    }
}

/// Why provisioning failed.
#[derive(Debug, Error)]
pub enum ProvisionError {
    /// The server or a statement failed.
    #[error("the database could not be provisioned")]
    Database(#[from] sqlx::Error),
    /// A migration failed, or an applied one was changed afterwards.
    #[error("the migrations of schema {schema} failed")]
    Migrate {
        /// Which house.
        schema: &'static str,
        /// sqlx's reason.
        source: MigrateError,
    },
    /// A schema's name goes into statements as text.
    #[error("schema name {0:?} must be lower-case ASCII letters and underscores")]
    BadName(&'static str),
}

/// Makes the database `name` unless it is there. `url` names any other database of the server, usually `postgres`.
///
/// # Errors
/// When the server does not answer or the user may not make databases.
pub async fn create_database(url: &str, name: &str) -> Result<(), sqlx::Error> {
    let mut connection = options_of(url)?.connect().await?;
    let exists = "select exists (select from pg_database where datname = $1)";
    if !sqlx::query_scalar(exists).bind(name).fetch_one(&mut connection).await? {
        let created = run(&mut connection, format!("create database \"{}\"", name.replace('"', "\"\""))).await;
        // Another process may have been quicker.
        let exists_now: bool = sqlx::query_scalar(exists).bind(name).fetch_one(&mut connection).await?;
        if !exists_now {
            created?;
        }
    }
    connection.close().await
}

/// Makes what is missing of each house's roles, schema and tables. Repeating it changes nothing, and two processes may do it at once.
///
/// `admin_url` names a superuser, or a user that may create roles and schemas. The migrations run as the owner role, and are booked in
/// `<schema>._migrations`. A schema that is one release newer than this program is accepted, so that a rolling upgrade works.
///
/// # Errors
/// See [`ProvisionError`].
pub async fn provision(admin_url: &str, houses: &[HouseSchema]) -> Result<(), ProvisionError> {
    for house in houses {
        if house.name.is_empty() || !house.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            return Err(ProvisionError::BadName(house.name));
        }
    }
    let mut admin = options_of(admin_url)?.connect().await?;
    // Held until the connection closes, so that two processes provision one after the other.
    sqlx::query("select pg_advisory_lock(hashtext('nemkonto.provision'))").execute(&mut admin).await?;
    prepare_database(&mut admin).await?;
    for house in houses {
        make_roles_and_schema(&mut admin, house).await?;
        migrate(admin_url, house).await?;
    }
    admin.close().await?;
    Ok(())
}

/// What all houses share: nobody writes in `public`, and exclusion constraints may compare plain values (`btree_gist`).
async fn prepare_database(admin: &mut PgConnection) -> Result<(), sqlx::Error> {
    run(admin, "create extension if not exists btree_gist with schema public".into()).await?;
    run(admin, "revoke create on schema public from public".into()).await
}

async fn make_roles_and_schema(admin: &mut PgConnection, house: &HouseSchema) -> Result<(), sqlx::Error> {
    let (schema, owner, runtime) = (house.name, house.owner_role(), house.runtime_role());
    make_role(admin, &owner, "nologin").await?;
    make_role(admin, &runtime, "login").await?;
    run(admin, format!("create schema if not exists {schema} authorization {owner}")).await?;
    run(admin, format!("revoke all on schema {schema} from public")).await?;
    run(admin, format!("grant usage on schema {schema} to {runtime}")).await
}

/// Roles belong to the whole server, so another database may be making the same one at this moment.
async fn make_role(admin: &mut PgConnection, role: &str, login: &str) -> Result<(), sqlx::Error> {
    let statement = format!(
        "do $$ begin
            if not exists (select from pg_roles where rolname = '{role}') then
                create role {role} {login};
            end if;
        exception when duplicate_object or unique_violation then null;
        end $$"
    );
    run(admin, statement).await?;
    // A superuser may act as anyone; another administrator must be a member.
    run(
        admin,
        format!(
            "do $$ begin if not pg_has_role(current_user, '{role}', 'member') then grant {role} to current_user; end if; end $$"
        ),
    )
    .await
}

async fn migrate(admin_url: &str, house: &HouseSchema) -> Result<(), ProvisionError> {
    let mut owner = acting_as(admin_url, &house.owner_role())?.connect().await?;
    let mut migrator = Migrator::with_migrations(house.migrator.iter().cloned().collect());
    migrator.dangerous_set_table_name(format!("{}._migrations", house.name));
    // An older program must start on a schema that a newer one has migrated.
    migrator.set_ignore_missing(true);
    migrator
        .run_direct(None, &mut owner, false)
        .await
        .map_err(|source| ProvisionError::Migrate { schema: house.name, source })?;
    owner.close().await?;
    Ok(())
}

/// Runs a statement put together from names that were checked, never from data.
async fn run(connection: &mut PgConnection, statement: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}
