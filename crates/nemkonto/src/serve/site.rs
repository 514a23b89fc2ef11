//! What the kept site is about: the size of its seeded Denmark, noted in its database once it is whole.

use platform::database::options_of;
use simulation::WorldSize;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};

use crate::Failure;
use crate::demo::SEED;

/// A table of the site's own, beside the schemas of the houses.
const NOTE: &str = "
    create schema if not exists site;
    create table if not exists site.denmark (
        only_one boolean primary key default true constraint only_one_denmark check (only_one),
        seed bigint not null,
        people bigint not null,
        companies bigint not null
    );
    comment on table site.denmark is 'The seeded Denmark this site was made from; written when it was whole.';
";

/// Companies are a tenth of the people.
fn size_of(people: u64) -> WorldSize {
    WorldSize { people, companies: people / 10 }
}

/// How many people there are on a new site.
const PEOPLE: u64 = 2_000;

/// The site of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Site {
    /// Its Denmark's size.
    pub size: WorldSize,
    /// Whether it is there already.
    pub kept: bool,
}

impl Site {
    /// The site the database holds, or the one to be made in it.
    ///
    /// # Errors
    /// When another site is wanted than the one that is there, or the database cannot be reached.
    pub async fn find(admin_url: &str, people: Option<u64>) -> Result<Self, Failure> {
        let mut connection = options_of(admin_url)?.connect().await?;
        let noted = noted(&mut connection).await;
        connection.close().await?;
        choose(noted?, people)
    }

    /// Notes that the site is whole.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn note(self, admin_url: &str) -> Result<(), Failure> {
        let mut connection = options_of(admin_url)?.connect().await?;
        connection.execute(NOTE).await?;
        sqlx::query("insert into site.denmark (seed, people, companies) values ($1, $2, $3)")
            .bind(i64::try_from(SEED)?)
            .bind(i64::try_from(self.size.people)?)
            .bind(i64::try_from(self.size.companies)?)
            .execute(&mut connection)
            .await?;
        Ok(connection.close().await?)
    }
}

/// Seed and size, if a site was noted.
async fn noted(connection: &mut PgConnection) -> Result<Option<(u64, WorldSize)>, Failure> {
    let there: bool = sqlx::query_scalar("select to_regclass('site.denmark') is not null").fetch_one(&mut *connection).await?;
    if !there {
        return Ok(None);
    }
    let row: Option<(i64, i64, i64)> =
        sqlx::query_as("select seed, people, companies from site.denmark").fetch_optional(connection).await?;
    let Some((seed, people, companies)) = row else { return Ok(None) };
    Ok(Some((seed.try_into()?, WorldSize { people: people.try_into()?, companies: companies.try_into()? })))
}

fn choose(noted: Option<(u64, WorldSize)>, people: Option<u64>) -> Result<Site, Failure> {
    let Some((seed, size)) = noted else {
        return Ok(Site { size: size_of(people.unwrap_or(PEOPLE)), kept: false });
    };
    if seed != SEED {
        return Err("the kept site was made from another seed by another release; begin anew with --fresh".into());
    }
    if people.is_some_and(|people| size_of(people) != size) {
        let there = size.people;
        return Err(format!("the kept site has {there} people: leave --people out, or begin anew with --fresh").into());
    }
    Ok(Site { size, kept: true })
}

#[cfg(test)]
mod tests {
    use platform::testing::TestDatabase;

    use super::*;

    #[test]
    fn a_kept_site_is_taken_as_it_is_and_never_as_another() {
        let check = |noted, people, expect: Result<Site, &str>| match (choose(noted, people), expect) {
            (Ok(site), expect) => assert_eq!(Ok(site), expect),
            (Err(error), expect) => assert!(error.to_string().contains(expect.unwrap_err()), "{error}"),
        };
        let kept = Some((SEED, size_of(300)));
        check(None, None, Ok(Site { size: size_of(PEOPLE), kept: false }));
        check(None, Some(300), Ok(Site { size: size_of(300), kept: false }));
        check(kept, None, Ok(Site { size: size_of(300), kept: true }));
        check(kept, Some(300), Ok(Site { size: size_of(300), kept: true }));
        check(kept, Some(301), Err("300 people"));
        check(Some((SEED + 1, size_of(300))), None, Err("another seed"));
    }

    #[tokio::test]
    async fn what_is_noted_is_found_again() {
        let database = TestDatabase::new(&[]).await;
        let new = Site::find(database.url(), Some(400)).await.unwrap();
        assert!(!new.kept);
        new.note(database.url()).await.unwrap();
        assert_eq!(Site::find(database.url(), None).await.unwrap(), Site { size: size_of(400), kept: true });
        assert!(Site::find(database.url(), Some(401)).await.is_err());
        assert!(new.note(database.url()).await.is_err(), "a second Denmark was noted");
    }
}
