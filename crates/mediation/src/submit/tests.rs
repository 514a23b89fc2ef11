//! Orders of another house, in a real database.

use contracts::mediation::{OrderBatch, PaymentOrder};
use contracts::{Actor, Context, IdempotencyKey, ItemResult, ProblemCode};
use jiff::civil::date;
use primitives::{BenefitCode, Currency, Money, PaymentRef};

use super::submit;
use crate::testing::{World, account, agreement, person};

fn holding(world: &World) -> Context {
    Context { actor: Actor::House { name: "holding".to_owned() }, ..world.house.context(None) }
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

fn order(number: u32) -> PaymentOrder {
    PaymentOrder {
        end_to_end_id: format!("D-{number}"),
        payee: person(number),
        amount: Money::new(10_000, Currency::DKK),
        benefit: None,
        account: None,
        exempt_from_setoff: false,
        text: Some("Frigivet fra ventekonto".to_owned()),
    }
}

fn batch(orders: Vec<PaymentOrder>) -> OrderBatch {
    OrderBatch { payer: agreement(), debtor_account: account(900), on: date(2026, 1, 14), orders }
}

async fn submitted(world: &World, name: &str, orders: Vec<PaymentOrder>) -> Vec<Result<PaymentRef, ProblemCode>> {
    let results = submit(&world.house, &holding(world), &key(name), batch(orders)).await.unwrap();
    results.into_iter().map(|result: ItemResult<_>| result.map_err(|problem| problem.code)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_walk_the_way_of_every_payment() {
    let world = World::new().await;
    world.register.found(person(1), 11);
    let mut exempt = order(2);
    exempt.exempt_from_setoff = true;
    world.setoff.marked.lock().unwrap().extend([person(1), person(2)]);
    let results = submitted(&world, "K-1", vec![order(1), exempt]).await;
    world.allocate().await;
    let rows = world
        .rows(
            "p.slice_id, p.row_no, l.destination, l.reason",
            "mediation.payment p join mediation.leg l using (slice_id, row_no) order by 2",
        )
        .await;
    let reference = |place: usize| results[place].map(|payment| format!("{} {}", payment.slice, payment.row)).unwrap();
    assert_eq!(rows, [format!("{} 2 -", reference(0)), format!("{} 5 BE17", reference(1))]);
    let delivery = world.rows("d.origin, d.supplier, r.state, h.payments, h.message_name",
        "mediation.delivery d join mediation.delivery_reading r using (delivery_id) join mediation.delivery_header h using (delivery_id)").await;
    assert_eq!(delivery, ["2 house-holding 2 2 -"]);
    assert_eq!(world.rows("taken_count, taken_minor", "mediation.control_total").await, ["2 20000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_call_has_one_effect() {
    let world = World::new().await;
    let first = submitted(&world, "K-1", vec![order(1), order(2)]).await;
    assert_eq!(submitted(&world, "K-1", vec![order(1), order(2)]).await, first);
    assert_eq!(world.rows("count(*)", "mediation.payment").await, ["2"]);
    let other = submit(&world.house, &holding(&world), &key("K-1"), batch(vec![order(3)])).await.unwrap_err();
    assert_eq!(other.code, ProblemCode::IdempotencyMismatch);
    let used = submitted(&world, "K-2", vec![order(2), order(3)]).await;
    assert_eq!(used[0], Err(ProblemCode::Conflict));
    assert!(used[1].is_ok());
    assert_eq!(world.rows("sum(taken_count), sum(rejected_count)", "mediation.control_total").await, ["3 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_repeated_late_is_still_the_same_call() {
    let world = World::new().await;
    let first = submitted(&world, "K-1", vec![order(1)]).await;
    world.parties.payers.lock().unwrap().clear();
    assert_eq!(submitted(&world, "K-1", vec![order(1)]).await, first, "there is no agreement any more, but there was");
    let other = submit(&world.house, &holding(&world), &key("K-1"), batch(vec![order(2)])).await.unwrap_err();
    assert_eq!(other.code, ProblemCode::IdempotencyMismatch);
    let new = submit(&world.house, &holding(&world), &key("K-2"), batch(vec![order(2)])).await.unwrap_err();
    assert_eq!(new.code, ProblemCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_orders_are_refused_one_by_one() {
    let world = World::new().await;
    let mut orders: Vec<PaymentOrder> = (0..5).map(order).collect();
    orders[0].end_to_end_id = "X".repeat(28);
    orders[1].amount = Money::new(0, Currency::DKK);
    orders[2].benefit = Some(BenefitCode::parse("UNKNOWN").unwrap());
    orders[3].text = Some("x".repeat(141));
    let results = submitted(&world, "K-1", orders.clone()).await;
    assert!(results[..4].iter().all(|result| *result == Err(ProblemCode::InvalidInput)));
    assert!(results[4].is_ok());
    // Nothing to pay: no delivery, and the answer is repeated all the same.
    let refused = submitted(&world, "K-2", orders[..2].to_vec()).await;
    assert_eq!(submitted(&world, "K-2", orders[..2].to_vec()).await, refused);
    assert_eq!(world.rows("count(*)", "mediation.delivery").await, ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_houses_submit_and_only_from_the_payers_accounts() {
    let world = World::new().await;
    let refused =
        async |context: &Context, batch: OrderBatch| submit(&world.house, context, &key("K"), batch).await.unwrap_err().code;
    assert_eq!(refused(&world.supplier_context(), batch(vec![order(1)])).await, ProblemCode::Forbidden);
    let house = holding(&world);
    assert_eq!(refused(&house, OrderBatch { debtor_account: account(1), ..batch(vec![]) }).await, ProblemCode::InvalidInput);
    assert_eq!(refused(&house, OrderBatch { on: date(2020, 1, 1), ..batch(vec![]) }).await, ProblemCode::InvalidInput);
    let unknown = primitives::AgreementNumber::parse("00000077").unwrap();
    assert_eq!(refused(&house, OrderBatch { payer: unknown, ..batch(vec![]) }).await, ProblemCode::NotFound);
    assert_eq!(world.rows("count(*)", "mediation.delivery").await, ["0"]);
}
