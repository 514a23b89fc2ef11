//! What is written down of accesses: also of changes, of those that find nobody and of those that are refused, with the person who acted.

use contracts::register::{
    AccessQuery, AccountPurpose, Designation, DesignationRoute, EndDesignation, HistoryQuery, Register, RegisterServices,
    ResolveRequest, SourceEvent, SourceFact, SourceRegister,
};
use contracts::{AccessRecord, AccessResult, ActingPerson, Actor, ActsBy, Context, ProblemCode};
use sqlx::Executor;

use crate::support::{Street, TODAY, citizen, context, key, nemkonto, number, operator, payee, payer, person, street};

impl Street {
    /// What a person is told of those who asked for them, oldest first; the looks at the list itself left out.
    async fn told(&self, n: u32) -> Vec<AccessRecord> {
        let query = AccessQuery { identifier: number(n), limit: 100 };
        let mut told = self.house.accesses(&operator(), query).await.unwrap();
        told.retain(|access| access.operation != "accesses");
        told.reverse();
        told
    }

    async fn operations(&self, n: u32) -> Vec<(String, Option<AccessResult>)> {
        self.told(n).await.into_iter().map(|access| (access.operation, access.result)).collect()
    }
}

fn wish(n: u32, route: DesignationRoute) -> Designation {
    Designation { route, valid_from: TODAY, ..nemkonto(n) }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_misses_and_refusals_are_written_down_too() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let caseworker = context(Actor::Caseworker { user: "anne".into(), authority: payer() });
    let items = vec![
        wish(1, DesignationRoute::Caseworker),
        wish(2, DesignationRoute::Caseworker),
        wish(1, DesignationRoute::SelfService),
    ];
    let answer = street.house.designate(&caseworker, &key("wish"), items).await.unwrap();
    assert!(answer[0].is_ok() && answer[1].is_err() && answer[2].is_err(), "{answer:?}");
    let end = EndDesignation {
        identifier: number(1),
        purpose: AccountPurpose::NemKonto,
        from: TODAY,
        expected: None,
        reason: "test".into(),
    };
    street.house.end(&caseworker, &key("end"), vec![end]).await.unwrap().remove(0).unwrap();
    street.house.holds(&citizen(9), number(1)).await.unwrap_err();
    let request = ResolveRequest { payer: payer(), on: TODAY, payees: vec![payee(1)] };
    street.house.resolve(&citizen(9), request).await.unwrap_err();
    street.house.holds(&operator(), number(1)).await.unwrap();
    street.house.holders(&caseworker, vec![number(1), number(2)]).await.unwrap();
    street.resolve(TODAY, [1, 2]).await;
    // Another citizen tries.
    let query = HistoryQuery { identifier: number(1), as_known: None };
    assert_eq!(street.house.history(&citizen(9), query).await.unwrap_err().code, ProblemCode::Forbidden);

    let result = |operation: &str, result| (operation.to_owned(), Some(result));
    use AccessResult::{Found, NotFound, Refused};
    let expect = [
        // Of the two items about the first person one was done, and one refused.
        result("designate", Found),
        result("designate", Refused),
        result("end", Found),
        result("holds", Refused),
        result("resolve", Refused),
        result("holds", Found),
        result("holders", Found),
        result("resolve", Found),
        result("history", Refused),
    ];
    let mut told = street.operations(1).await;
    told[..2].sort_by_key(|(_, result)| *result == Some(Refused));
    assert_eq!(told, expect);
    let mut admin = street.database.admin().await;
    let sql = "select count(*) from register.access_log where result = 'not_found' and operation = any($1)";
    let missed: i64 = sqlx::query_scalar(sql).bind(vec!["designate", "holders", "resolve"]).fetch_one(&mut admin).await.unwrap();
    assert_eq!(missed, 3, "{NotFound:?} is a row of its own, for whoever the number is given to later");
}

/// The change is done, and whoever did not get the answer repeats the key.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_cannot_be_written_down_is_not_answered() {
    let street = street().await;
    street.record("people", vec![person(1)]).await;
    let mut admin = street.database.admin().await;
    admin.execute("revoke insert on register.access_log from nemkonto_register").await.unwrap();
    let asked = async || street.house.designate(&operator(), &key("wish"), vec![nemkonto(1)]).await;
    assert_eq!(asked().await.unwrap_err().code, ProblemCode::Unavailable);
    let query = HistoryQuery { identifier: number(2), as_known: None };
    let refused = street.house.history(&citizen(1), query.clone()).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::Unavailable, "not even that it is refused");
    admin.execute("grant insert on register.access_log to nemkonto_register").await.unwrap();
    assert!(asked().await.unwrap()[0].is_ok());
    assert_eq!(street.operations(1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_who_acts_for_another_is_sealed_and_told_without_the_number() {
    let street = street().await;
    street.record("people", vec![person(1), person(2), person(3)]).await;
    let guardianship = SourceFact::GuardianshipBegan { guardians: vec![number(2)] };
    let event = SourceEvent { source: SourceRegister::Cpr, position: 1, identifier: number(1), on: TODAY, fact: guardianship };
    street.house.take_events(&operator(), &key("event"), vec![event]).await.unwrap().remove(0).unwrap();
    let by_attorney =
        ActingPerson { by: ActsBy::PowerOfAttorney, name: Some("Agnes Agent".into()), person: Some(number(3)), user: None };
    let agent = Context { acting: Some(by_attorney.clone()), ..citizen(1) };
    street.house.holders(&agent, vec![number(1)]).await.unwrap();
    street.house.designate(&agent, &key("agent"), vec![wish(1, DesignationRoute::SelfService)]).await.unwrap().remove(0).unwrap();
    let guardian = wish(1, DesignationRoute::Guardian);
    street.house.designate(&citizen(2), &key("guardian"), vec![guardian]).await.unwrap().remove(0).unwrap();

    let acting: Vec<_> = street.told(1).await.into_iter().map(|access| access.acting).collect();
    let told = Some(ActingPerson { person: None, ..by_attorney });
    let as_guardian = ActingPerson { by: ActsBy::Guardianship, name: None, person: None, user: None };
    assert_eq!(acting, [told.clone(), told, Some(as_guardian)]);

    // At rest neither name nor number is readable; the change log holds both, sealed with what was changed.
    let mut admin = street.database.admin().await;
    let rows: Vec<Vec<u8>> = sqlx::query_scalar(
        "select person from register.access_log where person is not null
         union all select content from register.change where operation = 'designate'",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    assert!(rows.len() > 4, "{}", rows.len());
    for readable in ["Agnes", number(3).canonical().as_ref(), number(2).canonical().as_ref()] {
        let is_in = |row: &Vec<u8>| row.windows(readable.len()).any(|window| window == readable.as_bytes());
        assert!(!rows.iter().any(is_in), "{readable}");
    }
}
