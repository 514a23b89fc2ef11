use contracts::mediation::{PaymentPage, PaymentSearch, PaymentState};
use contracts::parties::{BenefitScope, UnitScope};
use contracts::{AccessQuery, Actor, Context, Problem, ProblemCode};
use primitives::{AgreementNumber, BenefitCode, DataSupplierId, DeliveryId, UnitCode};

use crate::merge::MergeRoom;
use crate::testing::street::walk;
use crate::testing::{Block, Order, World, agreement, pain001, payer, person, supplier};

fn other() -> AgreementNumber {
    AgreementNumber::parse("00000002").unwrap()
}

/// The street, and a delivery of another payer to two of its payees.
async fn two_payers() -> World {
    let world = World::new().await;
    walk(&world).await;
    let mut profile = payer();
    profile.agreement = other();
    profile.debtor_accounts.iter_mut().for_each(|debtor| debtor.unit = Some(UnitCode::parse("U1").unwrap()));
    world.parties.payers.lock().unwrap().push(profile);
    let orders = vec![
        Order::incomplete("A-1", "10.00", person(1)),
        Order { benefit: Some("NKSOST"), ..Order::incomplete("X-2", "20.00", person(2)) },
    ];
    let file = pain001("M-1", &[Block::of(orders)]).replace("<Id>00000001</Id>", "<Id>00000002</Id>");
    world.deliver(&file).await;
    world.receive().await;
    world
}

fn operator(world: &World) -> Context {
    Context { actor: Actor::Operator { user: "o".to_owned() }, ..world.house.context(None) }
}

fn of_payer(payer: AgreementNumber) -> PaymentSearch {
    PaymentSearch { payer: Some(payer), limit: 100, ..PaymentSearch::default() }
}

async fn find(world: &World, context: &Context, search: PaymentSearch) -> Result<PaymentPage, Problem> {
    super::search(&world.house, context, search).await
}

async fn check(world: &World, search: PaymentSearch, expect: &[&str]) {
    let page = find(world, &operator(world), search.clone()).await.unwrap();
    let found: Vec<_> =
        page.payments.iter().map(|p| format!("{}:{}", p.payer.digits().trim_start_matches('0'), p.end_to_end_id)).collect();
    assert_eq!(found, expect, "{search:?}");
    assert!(!page.more);
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_are_found_by_what_is_asked() {
    let world = two_payers().await;
    let own = ["1:A-7", "1:A-6", "1:A-5", "1:A-4", "1:A-3", "1:A-2", "1:A-1"];
    check(&world, of_payer(agreement()), &own).await;
    check(&world, of_payer(other()), &["2:X-2", "2:A-1"]).await;
    let to = |number| PaymentSearch { payee: Some(person(number)), limit: 10, ..PaymentSearch::default() };
    check(&world, to(1), &["2:A-1", "1:A-1"]).await;
    check(&world, PaymentSearch { payer: Some(other()), ..to(1) }, &["2:A-1"]).await;
    check(&world, PaymentSearch { end_to_end_id: Some("A-1".to_owned()), ..of_payer(agreement()) }, &["1:A-1"]).await;
    check(&world, PaymentSearch { end_to_end_id: Some("X-2".to_owned()), ..of_payer(agreement()) }, &[]).await;
    check(&world, PaymentSearch { end_to_end_id: Some("X-2".to_owned()), ..to(2) }, &["2:X-2"]).await;
    check(&world, PaymentSearch { delivery: Some(DeliveryId::new(2)), ..of_payer(agreement()) }, &[]).await;
    check(&world, PaymentSearch { from: Some(jiff::civil::date(2026, 1, 16)), ..of_payer(agreement()) }, &[]).await;
    check(&world, PaymentSearch { until: Some(jiff::civil::date(2026, 1, 15)), ..of_payer(agreement()) }, &own).await;
    check(&world, PaymentSearch { payee: Some(person(1)), end_to_end_id: Some("A-2".to_owned()), ..of_payer(agreement()) }, &[])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn states_and_scopes_are_respected_by_every_way_of_searching() {
    let world = two_payers().await;
    world.allocate().await;
    let states = |states: &[PaymentState], search| PaymentSearch { states: states.to_vec(), ..search };
    check(&world, states(&[PaymentState::Returned], of_payer(agreement())), &["1:A-6", "1:A-5"]).await;
    check(&world, states(&[PaymentState::Waiting], of_payer(agreement())), &[]).await;
    let only = |without| BenefitScope::Only { benefits: vec![BenefitCode::parse("NKSOST").unwrap()], without };
    let scoped = |without, search| PaymentSearch { scope: Some(only(without)), ..search };
    check(&world, scoped(false, of_payer(other())), &["2:X-2"]).await;
    check(&world, scoped(true, of_payer(other())), &["2:X-2", "2:A-1"]).await;
    let referenced = PaymentSearch { end_to_end_id: Some("A-1".to_owned()), ..of_payer(other()) };
    check(&world, scoped(false, referenced.clone()), &[]).await;
    check(&world, states(&[PaymentState::Sent], referenced.clone()), &[]).await;
    let payee = PaymentSearch { payee: Some(person(2)), limit: 10, ..PaymentSearch::default() };
    check(&world, scoped(false, payee.clone()), &["2:X-2"]).await;

    // The other payer's payments are of the unit U1.
    let at_unit = |unit: &str, benefits, search| PaymentSearch {
        scope: Some(BenefitScope::nothing()),
        units: vec![UnitScope { unit: UnitCode::parse(unit).unwrap(), benefits }],
        ..search
    };
    for (unit, benefits, expect) in [
        ("U1", BenefitScope::All, &["2:X-2", "2:A-1"][..]),
        ("U1", only(true), &["2:X-2", "2:A-1"]),
        ("U1", only(false), &["2:X-2"]),
        ("U2", BenefitScope::All, &[]),
    ] {
        check(&world, at_unit(unit, benefits.clone(), of_payer(other())), expect).await;
        let of_payee: Vec<_> = expect.iter().copied().filter(|found| *found == "2:X-2").collect();
        check(&world, at_unit(unit, benefits.clone(), payee.clone()), &of_payee).await;
        let of_reference: Vec<_> = expect.iter().copied().filter(|found| *found == "2:A-1").collect();
        check(&world, at_unit(unit, benefits, referenced.clone()), &of_reference).await;
    }
    check(&world, at_unit("U1", BenefitScope::All, of_payer(agreement())), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let world = two_payers().await;
    let search = PaymentSearch { limit: 2, ..of_payer(agreement()) };
    assert_eq!(all_pages(&world, search).await, ["A-7", "A-6", "A-5", "A-4", "A-3", "A-2", "A-1"]);
}

/// A payee's payments come from many slices, and from the same ones after their runs have been merged.
#[tokio::test(flavor = "multi_thread")]
async fn a_payee_s_payments_are_paged_before_and_after_merging() {
    let world = World::new().await;
    let orders = (0..60).map(|n| Order::incomplete(&format!("P-{n:02}"), "10.00", person(1 + n % 2))).collect();
    world.deliver(&pain001("M-1", &[Block::of(orders)])).await;
    world.receive().await;
    let expect: Vec<String> = (0..30).rev().map(|n| format!("P-{:02}", 2 * n)).collect();
    let search = PaymentSearch { payee: Some(person(1)), limit: 7, ..PaymentSearch::default() };
    let referenced = PaymentSearch { end_to_end_id: Some("P-02".to_owned()), ..search.clone() };
    assert_eq!(all_pages(&world, search.clone()).await, expect);
    assert_eq!(all_pages(&world, referenced.clone()).await, ["P-02"]);
    assert_eq!(world.rows("generation, count(*)", "mediation.payee_index_run group by 1").await, ["0 20"]);
    world.drive(&MergeRoom { house: world.house.clone() }).await;
    assert_eq!(world.rows("generation, count(*)", "mediation.payee_index_run group by 1 order by 1").await, ["0 4", "1 1"]);
    assert_eq!(all_pages(&world, search).await, expect);
    assert_eq!(all_pages(&world, referenced).await, ["P-02"]);
}

async fn all_pages(world: &World, mut search: PaymentSearch) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let page = find(world, &operator(world), search.clone()).await.unwrap();
        assert!(page.payments.len() <= usize::try_from(search.limit).unwrap());
        found.extend(page.payments.iter().map(|payment| payment.end_to_end_id.clone()));
        search.after = page.payments.last().map(|payment| payment.payment);
        if !page.more {
            return found;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_finds_another_s_payments() {
    let world = two_payers().await;
    let as_actor = |actor| Context { actor, ..world.house.context(None) };
    let caseworker = as_actor(Actor::Caseworker { user: "u".to_owned(), authority: agreement() });
    let payee = as_actor(Actor::Payee { identifier: person(1) });
    let file_sender = as_actor(Actor::DataSupplier { id: DataSupplierId::parse(supplier().as_str()).unwrap() });
    let to = |number| PaymentSearch { payee: Some(person(number)), limit: 10, ..PaymentSearch::default() };
    for (context, search) in [
        (&caseworker, of_payer(other())),
        (&caseworker, to(1)),
        (&payee, to(2)),
        (&payee, of_payer(agreement())),
        (&file_sender, of_payer(agreement())),
    ] {
        assert_eq!(find(&world, context, search).await.unwrap_err().code, ProblemCode::Forbidden);
    }
    let page = find(&world, &caseworker, PaymentSearch { payee: Some(person(1)), ..of_payer(agreement()) }).await.unwrap();
    assert!(page.payments.iter().all(|payment| payment.payer == agreement()) && page.payments.len() == 1);
    assert_eq!(find(&world, &payee, to(1)).await.unwrap().payments.len(), 2);
    let nobody = PaymentSearch { payee: Some(person(77)), ..of_payer(agreement()) };
    assert!(find(&world, &caseworker, nobody).await.unwrap().payments.is_empty());
    // Whoever was named is written down with what came of it, and the payee is told.
    let logged = world.rows("actor, result, octet_length(subjects)", "mediation.access_log order by access_id").await;
    let expect =
        ["caseworker:00000001:u refused 17", "payee:CPR refused 17", "caseworker:00000001:u found 17", "payee:CPR found 34"];
    assert_eq!(logged[..4], expect.map(str::to_owned));
    assert_eq!(logged[4..], ["caseworker:00000001:u not_found 17"]);
    let query = |number| AccessQuery { identifier: person(number), limit: 10 };
    let told = crate::accesses::accesses(&world.house, &payee, query(1)).await.unwrap();
    let told: Vec<_> = told.into_iter().map(|access| access.result.unwrap().as_str()).collect();
    assert_eq!(told, ["found", "found", "refused"], "newest first");
    let refused = crate::accesses::accesses(&world.house, &payee, query(2)).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_refused_without_its_terms_and_logged_with_them() {
    let world = two_payers().await;
    for search in [
        PaymentSearch { limit: 1, ..PaymentSearch::default() },
        PaymentSearch { limit: 0, ..of_payer(agreement()) },
        PaymentSearch { limit: 501, ..of_payer(agreement()) },
    ] {
        assert_eq!(find(&world, &operator(&world), search).await.unwrap_err().code, ProblemCode::InvalidInput);
    }
    assert_eq!(world.rows("count(*)", "mediation.access_log").await, ["0"]);
    find(&world, &operator(&world), of_payer(agreement())).await.unwrap();
    // A-7 is a complete order with a payee too: seven persons of 17 bytes.
    let logged = world.rows("actor, operation, legal_basis, octet_length(subjects)", "mediation.access_log").await;
    assert_eq!(logged, ["operator:o search lov 696/2025 119"]);
}
