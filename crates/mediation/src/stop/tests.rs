use std::time::Duration;

use contracts::mediation::{StopRequest, StopTarget, Stopped};
use contracts::{Actor, Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use primitives::{AgreementNumber, DeliveryId, PaymentRef};

use crate::store;
use crate::testing::street::{DUE, check_golden, values, walk};
use crate::testing::{World, agreement};

fn of(target: StopTarget) -> StopRequest {
    StopRequest { target, payer: agreement(), reason: "Udbetalt ved en fejl".to_owned() }
}

fn payment(slice: i64, row: i32) -> StopRequest {
    of(StopTarget::Payment { payment: PaymentRef::new(slice, row) })
}

fn delivery(id: i64) -> StopRequest {
    of(StopTarget::Delivery { delivery: DeliveryId::new(id) })
}

fn caseworker(world: &World) -> Context {
    Context { actor: Actor::Caseworker { user: "u1".to_owned(), authority: agreement() }, ..world.house.context(None) }
}

async fn call(world: &World, key: &str, stops: Vec<StopRequest>) -> Result<Vec<ItemResult<Stopped>>, Problem> {
    super::stop(&world.house, &caseworker(world), &IdempotencyKey::new(key).unwrap(), stops).await
}

async fn check(world: &World, request: StopRequest, stopped: u64, too_late: u64) {
    let key = world.house.ids.uuid_v4().to_string();
    let answer = call(world, &key, vec![request.clone()]).await.unwrap();
    assert_eq!(answer, [Ok(Stopped { stopped, too_late })], "{request:?}");
}

async fn received() -> World {
    let world = World::new().await;
    walk(&world).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_payment_does_not_leave_and_its_reservation_is_voided() {
    let world = received().await;
    check(&world, payment(1, 0), 1, 0).await;
    world.allocate().await;
    check(&world, payment(2, 0), 1, 0).await;
    check(&world, payment(1, 0), 1, 0).await;
    world.dispatch_and_send().await;
    let files = world.bank_files();
    let domestic = &files.iter().find(|(_, text)| !text.contains("DE89")).unwrap().1;
    assert_eq!(values(domestic, "EndToEndId"), ["A-2", "A-7"]);
    assert_eq!(values(domestic, "CtrlSum"), ["900.00", "900.00"]);
    world.settle_reservations().await;
    assert_eq!(*world.setoff.settled.lock().unwrap(), [("void", PaymentRef::new(2, 0).leg(1))]);
    world.report().await;
    let reports = world.reports();
    let stopped: Vec<_> = reports.iter().filter(|(_, text)| text.contains("CANC")).collect();
    assert_eq!(stopped.len(), 2, "each is told in its order");
    check_golden("report-5-stopped.pain.002.001.10.xml", &stopped[0].1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_the_older_generation_is_told_of_a_stop_in_its_own_words() {
    let world = World::new().await;
    let block = crate::testing::Block::of(vec![crate::testing::Order::incomplete("A-1", "1.00", crate::testing::person(1))]);
    let order = crate::testing::pain001("M-1", &[block]);
    let older = order.replace("pain.001.001.09", "pain.001.001.03").replace("BICFI", "BIC");
    world.deliver(&older.replace("<ReqdExctnDt><Dt>", "<ReqdExctnDt>").replace("</Dt></ReqdExctnDt>", "</ReqdExctnDt>")).await;
    world.receive().await;
    check(&world, delivery(1), 1, 0).await;
    world.report().await;
    let reports = world.reports();
    let stopped = reports.iter().find(|(_, text)| text.contains("CUST")).expect("the stop is told");
    check_golden("report-5-stopped.pain.002.001.03.xml", &stopped.1);
    assert_eq!(values(&stopped.1, "TxSts"), ["RJCT"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_left_or_gone_back_is_too_late() {
    let world = received().await;
    world.allocate().await;
    check(&world, payment(2, 1), 0, 1).await;
    check(&world, payment(1, 1), 1, 0).await;
    world.dispatch_and_send().await;
    check(&world, payment(1, 0), 0, 1).await;
    check(&world, payment(1, 1), 1, 0).await;
    check(&world, delivery(1), 1, 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_delivery_is_stopped() {
    let world = received().await;
    check(&world, payment(1, 0), 1, 0).await;
    check(&world, delivery(1), 7, 0).await;
    world.allocate().await;
    world.dispatch_and_send().await;
    assert_eq!(world.bank_files(), []);
    assert_eq!(world.rows("distinct state", "mediation.payment_standing").await, ["7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_call_gives_the_first_answer_and_another_s_payment_is_not_found() {
    let world = received().await;
    let other = AgreementNumber::parse("00000002").unwrap();
    let first = call(&world, "k", vec![payment(1, 0), payment(9, 0), StopRequest { reason: String::new(), ..payment(1, 1) }])
        .await
        .unwrap();
    let codes: Vec<_> = first.iter().map(|result| result.as_ref().err().map(|problem| problem.code)).collect();
    assert_eq!(codes, [None, Some(ProblemCode::NotFound), Some(ProblemCode::InvalidInput)]);
    world.allocate().await;
    world.dispatch_and_send().await;
    let again = vec![payment(1, 0), payment(9, 0), StopRequest { reason: String::new(), ..payment(1, 1) }];
    assert_eq!(call(&world, "k", again).await.unwrap(), first);
    assert_eq!(call(&world, "k", vec![payment(1, 1)]).await.unwrap_err().code, ProblemCode::IdempotencyMismatch);
    let foreign = StopRequest { payer: other, ..payment(1, 0) };
    assert_eq!(call(&world, "l", vec![foreign.clone()]).await.unwrap_err().code, ProblemCode::Forbidden);
    let operator = Context { actor: Actor::Operator { user: "o".to_owned() }, ..world.house.context(None) };
    let answer = super::stop(&world.house, &operator, &IdempotencyKey::new("m").unwrap(), vec![foreign]).await.unwrap();
    assert_eq!(answer[0].as_ref().unwrap_err().code, ProblemCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_a_dispatch_that_has_begun_and_then_is_too_late() {
    let world = received().await;
    world.allocate().await;
    let pool = world.house.database.pool();
    let claimed = store::disposal::claim(pool, DUE, uuid::Uuid::nil(), world.house.settings.lease).await.unwrap().unwrap();
    let facts = crate::dispatch::load_facts(&world.house, &claimed).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    crate::dispatch::dispatch(&world.house, &mut transaction, &claimed, &facts).await.unwrap();
    let stop = check(&world, payment(1, 0), 0, 1);
    let mut stop = std::pin::pin!(stop);
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut stop).await.is_err(), "it waits");
    transaction.commit().await.unwrap();
    stop.await;
    world.send().await;
    assert!(world.bank_files().iter().any(|(_, text)| text.contains("<EndToEndId>A-1</EndToEndId>")));
}

#[tokio::test(flavor = "multi_thread")]
async fn stops_and_dispatches_at_the_same_time_agree_on_every_payment() {
    let world = received().await;
    world.allocate().await;
    let stops = async {
        let mut stopped = Vec::new();
        for (slice, row) in [(1, 0), (1, 1), (2, 0), (3, 0)] {
            let answer = call(&world, &format!("{slice}/{row}"), vec![payment(slice, row)]).await.unwrap();
            stopped.push(answer[0].as_ref().unwrap().stopped);
        }
        stopped
    };
    let (stopped, ()) = tokio::join!(stops, world.dispatch_and_send());
    let sent: Vec<String> =
        world.bank_files().iter().flat_map(|(_, text)| values(text, "EndToEndId")).map(str::to_owned).collect();
    for (reference, stopped) in ["A-1", "A-2", "P-2-0/1", "A-7"].into_iter().zip(stopped) {
        assert_eq!(sent.iter().any(|sent| sent == reference), stopped == 0, "{reference}");
    }
}
