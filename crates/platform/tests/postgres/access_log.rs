//! The access log.

use contracts::{AccessResult, ActingPerson, Actor, ActsBy, Context, LegalBasis, Purpose};
use platform::access_log::AccessLog;
use platform::seal::{KeyRing, Sealer};
use platform::testing::TestDatabase;
use primitives::{AgreementNumber, Cpr};
use uuid::Uuid;

use crate::houses::first;

fn context(acting: Option<ActingPerson>) -> Context {
    Context {
        actor: Actor::House { name: "mediation".into() },
        on_behalf_of: Some(AgreementNumber::parse("12345678").unwrap()),
        legal_basis: LegalBasis::new("lov 696/2025 § 1").unwrap(),
        purpose: Purpose::new("payout").unwrap(),
        trace: Uuid::from_u128(5),
        acting,
    }
}

#[tokio::test]
async fn a_call_leaves_one_row_without_numbers() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let sealer = Sealer::new(&KeyRing::for_tests(), "first");
    let log = AccessLog::new("first", sealer.clone());
    let sealed = [b"0101901234", b"0202901234"].map(|number| sealer.seal("cpr", number));
    let seen = || sealed.iter().map(Vec::as_slice);
    let at = "2026-01-02T03:04:05Z".parse().unwrap();
    let mut connection = house.pool().acquire().await.unwrap();
    log.record(&mut connection, &context(None), "resolve", at, (AccessResult::Found, seen())).await.unwrap();
    let query = "select concat_ws('|', at at time zone 'UTC', actor, on_behalf_of, legal_basis, purpose, operation, result,
            octet_length(subjects), person is null)
        from first.access_log";
    let rows: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut *connection).await.unwrap();
    assert_eq!(rows, ["2026-01-02 03:04:05|house:mediation|12345678|lov 696/2025 § 1|payout|resolve|found|34|t"]);
    let nobody = (AccessResult::Refused, std::iter::empty());
    log.record(&mut connection, &context(None), "resolve", at, nobody).await.unwrap();
    let rows: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut *connection).await.unwrap();
    assert_eq!(rows.len(), 1, "a call about nobody leaves none");
}

#[tokio::test]
async fn a_person_is_told_of_the_own_rows_newest_first_and_who_acted() {
    let database = TestDatabase::new(&[first()]).await;
    let house = database.connect("first").await;
    let sealer = Sealer::new(&KeyRing::for_tests(), "first");
    let log = AccessLog::new("first", sealer.clone());
    let (karen, ole) = (sealer.seal("cpr", b"0101901234"), sealer.seal("cpr", b"0202901234"));
    let employee = ActingPerson {
        by: ActsBy::Employee,
        name: Some("Eva".into()),
        person: Some(Cpr::parse("0101585005").unwrap().into()),
        user: Some("u-1".into()),
    };
    let at = |second: i64| jiff::Timestamp::from_second(second).unwrap();
    let mut connection = house.pool().acquire().await.unwrap();
    let both = || [&karen[..], &ole[..], &karen[..]].into_iter();
    log.record(&mut connection, &context(None), "first", at(1), (AccessResult::Found, both())).await.unwrap();
    let own = (AccessResult::Refused, std::iter::once(&karen[..]));
    log.record(&mut connection, &context(Some(employee.clone())), "second", at(2), own).await.unwrap();
    let told = log.of_person(&mut connection, &karen, 10).await.unwrap();
    let short: Vec<_> = told.iter().map(|access| (access.operation.as_str(), access.result)).collect();
    assert_eq!(short, [("second", Some(AccessResult::Refused)), ("first", Some(AccessResult::Found))]);
    assert_eq!(told[0].acting, Some(ActingPerson { person: None, ..employee }), "who acted is told, not by which number");
    assert_eq!(told[1].acting, None);
    assert_eq!(log.of_person(&mut connection, &karen, 1).await.unwrap().len(), 1);
    assert_eq!(log.of_person(&mut connection, &ole, 10).await.unwrap().len(), 1);
    assert!(log.of_person(&mut connection, &ole, 0).await.is_err() && log.of_person(&mut connection, &ole, 1_001).await.is_err());
    let readable: i64 = sqlx::query_scalar("select count(*) from first.access_log where position('Eva'::bytea in person) > 0")
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    assert_eq!(readable, 0, "the person is sealed");
    for change in ["update first.access_log set actor = 'nobody'", "delete from first.access_subject"] {
        assert!(sqlx::query(change).execute(&mut *connection).await.is_err(), "{change}");
    }
}
