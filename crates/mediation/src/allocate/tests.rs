//! Slices completed in a real database, on the word of neighbours the test has set.

use contracts::parties::WithoutAccount;
use contracts::register::Resolution;
use primitives::{Account, HolderRef, Iban, Identifier, IdentifierKind};

use super::allocate_slice;
use crate::error::Error;
use crate::store;
use crate::testing::{Block, Order, World, account, pain001, person};

fn order(number: u32) -> Order {
    Order::incomplete(&format!("E-{number}"), "100.00", person(number))
}

/// Row position, leg, destination, amount, reservation and reason of each leg.
async fn legs(world: &World) -> Vec<String> {
    world
        .rows(
            "p.row_position, l.leg_no, l.destination, l.amount_minor, l.reservation, l.reason",
            "mediation.leg l join mediation.payment p using (slice_id, row_no) order by 1, l.leg_no",
        )
        .await
}

async fn delivered(orders: Vec<Order>) -> World {
    let world = World::new().await;
    world.deliver(&pain001("M-1", &[Block::of(orders)])).await;
    world.receive().await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn each_payment_goes_where_the_facts_say() {
    let mut complete = order(5);
    complete.account = Some(account(55));
    let world = delivered(vec![order(1), order(2), order(3), order(4), complete]).await;
    world.register.found(person(1), 11);
    world.register.no_account(person(2), 12);
    world.register.set(person(3), Resolution::Closed { holder: HolderRef::new(uuid::Uuid::from_u128(13)) });
    world.setoff.marked.lock().unwrap().insert(person(1));
    world.allocate().await;
    let expect = ["1 1 2 10000 100 -", "2 1 5 10000 - AC03", "3 1 5 10000 - AC04", "4 1 5 10000 - BE17", "5 1 1 10000 - -"];
    assert_eq!(legs(&world).await, expect);
    // A complete order is not looked up.
    assert_eq!(world.register.asked.lock().unwrap().len(), 4);
    let accounts: Vec<Vec<u8>> =
        sqlx::query_scalar("select account from mediation.leg where account is not null order by destination")
            .fetch_all(&mut world.admin().await)
            .await
            .unwrap();
    let accounts: Vec<Account> = accounts.iter().map(|sealed| world.house.vault.open_account(sealed).unwrap()).collect();
    assert_eq!(accounts, [account(55), account(800)]);
    assert_eq!(world.rows("distinct state, as_known is null, allocated_at is null", "mediation.slice").await, ["2 false false"]);
    // Slices of three: both hold somebody who could not be paid.
    assert_eq!(world.rows("answer, slice_id is null", "mediation.report_task where answer = 7").await, ["7 false", "7 false"]);
    assert_eq!(world.house.context(None).caller(), "house:mediation");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_countrys_number_is_never_taken_for_a_cpr_number() {
    // The digits are those of person 1, who owes money; the number is a Swede's.
    let digits = person(1).canonical().into_owned();
    let swede = Identifier::from_canonical(IdentifierKind::Foreign, &format!("SE|NIN|{digits}")).unwrap();
    let incomplete = Order::incomplete("E-1", "100.00", swede.clone());
    let mut complete = Order::incomplete("E-2", "100.00", swede.clone());
    complete.account = Some(Account::from_iban(Iban::parse("SE4550000000058398257466").unwrap(), None));
    let world = delivered(vec![incomplete, complete]).await;
    world.register.found(person(1), 11);
    for marked in [person(1), swede.clone()] {
        world.setoff.marked.lock().unwrap().insert(marked);
    }
    world.allocate().await;
    assert_eq!(legs(&world).await, ["1 1 5 10000 - BE17", "2 1 1 10000 - -"]);
    let asked: Vec<Identifier> = world.register.asked.lock().unwrap().iter().map(|query| query.identifier.clone()).collect();
    assert_eq!(asked, [swede]);
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_is_kept_with_the_leg() {
    let world = delivered(vec![order(1), order(2)]).await;
    world.register.found(person(1), 11);
    world.register.found(person(2), 12);
    world.setoff.marked.lock().unwrap().insert(person(2));
    world.allocate().await;
    let evidence = world.rows("entry, holder, rule_version, reservation", "mediation.leg order by row_no").await;
    assert_eq!(evidence, ["11 00000000-0000-0000-0000-00000000000b - -", "- - 3 100"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agreement_chooses_error_account_or_holding() {
    let world = delivered(vec![order(1), order(2)]).await;
    world.register.no_account(person(1), 11);
    world.parties.change(|payer| payer.without_account = WithoutAccount::ErrorAccount { account: account(600) });
    world.allocate().await;
    assert_eq!(legs(&world).await, ["1 1 4 10000 - AC03", "2 1 4 10000 - BE17"]);

    let world = delivered(vec![order(1), order(2), order(3)]).await;
    world.register.no_account(person(1), 11);
    world.register.no_account(person(3), 13);
    world.parties.change(|payer| payer.without_account = WithoutAccount::Holding);
    world.allocate().await;
    assert_eq!(legs(&world).await, ["1 1 3 10000 200 AC03", "2 1 5 10000 - BE17", "3 1 3 10000 201 AC03"]);
    assert_eq!(world.rows("count(*)", "mediation.reservation_task").await, ["0"], "a first attempt has abandoned nothing");

    let world = delivered(vec![order(1)]).await;
    world.register.no_account(person(1), 11);
    *world.holding.winding_down.lock().unwrap() = true;
    world.parties.change(|payer| payer.without_account = WithoutAccount::Holding);
    world.allocate().await;
    assert_eq!(legs(&world).await, ["1 1 5 10000 - AC03"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn legs_are_grouped_by_what_can_travel_together() {
    let mut euro = order(3);
    euro.currency = "EUR";
    let mut abroad = order(4);
    abroad.account = Some(Account::from_iban(Iban::parse("DE89370400440532013000").unwrap(), None));
    let second = Block { id: "B-2", debtor: account(901), ..Block::of(vec![order(5)]) };
    let world = World::with(crate::Settings { allocation_lead_bank_days: 10, ..crate::Settings::default() }).await;
    let mut first = Block::of(vec![order(1), order(2), euro, abroad]);
    first.date = "2026-01-20";
    world.deliver(&pain001("M-1", &[first, second])).await;
    world.receive().await;
    for number in 1..=5 {
        world.register.found(person(number), number);
    }
    world.allocate().await;
    let groups = world
        .rows(
            "due_date, block_no, route, currency, execution_date, leg_count, sum_minor",
            "mediation.leg_group order by slice_id, group_no",
        )
        .await;
    // A foreign transfer needs a bank day more.
    let expect = [
        "2026-01-20 1 1 DKK 2026-01-20 2 20000",
        "2026-01-20 1 2 EUR 2026-01-19 1 10000",
        "2026-01-20 1 2 DKK 2026-01-19 1 10000",
        "2026-01-14 2 1 DKK 2026-01-14 1 10000",
    ];
    let mut groups = groups;
    groups.sort();
    let mut expect = expect.map(str::to_owned).to_vec();
    expect.sort();
    assert_eq!(groups, expect);
    let consistent = "mediation.leg_group g where leg_count <> (select count(*) from mediation.leg l where l.slice_id = g.slice_id \
         and l.group_no = g.group_no) or sum_minor <> (select sum(amount_minor) from mediation.leg l where l.slice_id = g.slice_id \
         and l.group_no = g.group_no)";
    assert_eq!(world.rows("count(*)", consistent).await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slice_waits_for_its_day() {
    let mut block = Block::of(vec![order(1)]);
    block.date = "2026-01-16";
    let world = World::new().await;
    world.deliver(&pain001("M-1", &[block])).await;
    world.receive().await;
    world.allocate().await;
    assert_eq!(world.rows("state", "mediation.slice").await, ["1"], "two bank days ahead");
    world.clock.advance(jiff::SignedDuration::from_hours(24));
    world.allocate().await;
    assert_eq!(world.rows("state", "mediation.slice").await, ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_attempt_repeats_the_decisions_and_voids_what_it_does_not_need() {
    let world = delivered(vec![order(1), order(2)]).await;
    world.parties.change(|payer| payer.without_account = WithoutAccount::Holding);
    world.register.no_account(person(1), 11);
    world.register.no_account(person(2), 12);
    let pool = world.house.database.pool();
    let claim = || store::slice::claim(pool, crate::testing::TODAY, uuid::Uuid::nil(), world.house.settings.lease);
    let first = claim().await.unwrap().unwrap();
    // The first attempt reserves and dies before it writes.
    super::facts::load(&world.house, first).await.map(|_| ()).unwrap();
    assert_eq!(world.holding.reserved.lock().unwrap().len(), 2);
    // Meanwhile one payee gets an account.
    world.register.found(person(2), 12);
    sqlx::query("update mediation.slice set lease_until = now() - interval '1 second'").execute(pool).await.unwrap();
    let second = claim().await.unwrap().unwrap();
    allocate_slice(&world.house, second).await.unwrap();
    assert_eq!(legs(&world).await, ["1 1 3 10000 200 AC03", "2 1 1 10000 - -"]);
    let tasks = world.rows("row_no, leg_no, house, action, done_at", "mediation.reservation_task").await;
    assert_eq!(tasks, ["1 1 2 2 -"], "the deposit nobody needs is voided");
    let keys = world.setoff.keys.lock().unwrap().clone();
    assert_eq!(keys, [format!("allocate/{}", first.slice), format!("allocate/{}", first.slice)]);
    let keys = world.holding.keys.lock().unwrap().clone();
    assert_ne!(keys[0], keys[1], "other wishes are another call");
    // The first attempt wakes up: too late.
    assert!(matches!(allocate_slice(&world.house, first).await, Err(Error::LeaseLost)));
    assert_eq!(world.rows("count(*)", "mediation.leg").await, ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deposits_of_a_dead_attempt_are_voided_whatever_the_payer_chooses_now() {
    let world = delivered(vec![order(1), order(2)]).await;
    world.parties.change(|payer| payer.without_account = WithoutAccount::Holding);
    world.register.no_account(person(1), 11);
    world.register.no_account(person(2), 12);
    let pool = world.house.database.pool();
    let claim = || store::slice::claim(pool, crate::testing::TODAY, uuid::Uuid::nil(), world.house.settings.lease);
    let first = claim().await.unwrap().unwrap();
    super::facts::load(&world.house, first).await.map(|_| ()).unwrap();
    assert_eq!(world.holding.reserved.lock().unwrap().len(), 2);
    // Meanwhile the payer takes its money back itself, and the recovery authority asks for one payee's.
    world.parties.change(|payer| payer.without_account = WithoutAccount::Return);
    world.setoff.marked.lock().unwrap().insert(person(2));
    sqlx::query("update mediation.slice set lease_until = now() - interval '1 second'").execute(pool).await.unwrap();
    allocate_slice(&world.house, claim().await.unwrap().unwrap()).await.unwrap();
    assert_eq!(legs(&world).await, ["1 1 5 10000 - AC03", "2 1 2 10000 100 -"]);
    let tasks = world.rows("row_no, leg_no, house, action, done_at", "mediation.reservation_task order by row_no").await;
    assert_eq!(tasks, ["0 1 2 2 -", "1 1 2 2 -"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_workers_share_the_slices() {
    let world = delivered((0..40).map(order).collect()).await;
    for number in 0..40 {
        world.register.found(person(number), number + 1);
    }
    tokio::join!(world.allocate(), world.allocate(), world.allocate());
    let whole = world.rows("count(*), count(distinct (slice_id, row_no)), sum(amount_minor)", "mediation.leg").await;
    assert_eq!(whole, ["40 40 400000"]);
    assert_eq!(world.rows("count(*)", "mediation.slice where state = 2 and lease_token = 1").await, ["14"]);
    assert_eq!(world.register.asked.lock().unwrap().len(), 40);
}
