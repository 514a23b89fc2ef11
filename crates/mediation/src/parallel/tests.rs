//! Deliveries sent to both of two systems, on a real database.

use contracts::mediation::{Mediation, TakenBy, TakenElsewhere};
use contracts::register::FeedAfter;
use contracts::{Actor, Context, IdempotencyKey, ProblemCode};
use primitives::{AgreementNumber, FeedPosition};

use crate::receive::ReceiveRoom;
use crate::testing::{Block, Order, World, agreement, pain001, person};

fn file(message_id: &str, number: u32) -> String {
    pain001(message_id, &[Block::of(vec![Order::incomplete(&format!("E-{number}"), "100.00", person(number))])])
}

fn operator(world: &World) -> Context {
    Context { actor: Actor::Operator { user: "ida".to_owned() }, ..world.house.context(None) }
}

async fn note_of(world: &World, payer: AgreementNumber, key: &str, ids: &[&str]) -> Vec<Result<TakenBy, ProblemCode>> {
    let note = TakenElsewhere { payer, message_ids: ids.iter().map(|id| (*id).to_owned()).collect() };
    let key = IdempotencyKey::new(key).unwrap();
    let answers = world.house.note_taken(&operator(world), &key, note).await.unwrap();
    answers.into_iter().map(|answer| answer.map_err(|problem| problem.code)).collect()
}

async fn note(world: &World, key: &str, ids: &[&str]) -> Vec<Result<TakenBy, ProblemCode>> {
    note_of(world, agreement(), key, ids).await
}

/// The MsgIds this system has taken after a position, with their positions.
async fn taken(world: &World, after: i64, limit: u32) -> Vec<(i64, String)> {
    let after = FeedAfter { after: FeedPosition::new(after), limit };
    let taken = world.house.taken(&operator(world), after).await.unwrap();
    taken.into_iter().map(|taken| (taken.position.get(), taken.message_id)).collect()
}

/// What became of the deliveries, with their findings.
async fn outcomes(world: &World) -> Vec<String> {
    world
        .rows(
            "r.state, f.code",
            "mediation.delivery_reading r left join mediation.finding f using (delivery_id) order by delivery_id",
        )
        .await
}

use TakenBy::{TakenElsewhere as Elsewhere, TakenHere as Here};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_other_system_has_taken_is_refused_here() {
    let world = World::new().await;
    assert_eq!(note(&world, "1", &["M-1", "M-2"]).await, [Ok(Elsewhere), Ok(Elsewhere)]);
    world.deliver(&file("M-1", 1)).await;
    world.deliver(&file("M-1", 1)).await;
    world.deliver(&file("M-3", 3)).await;
    world.receive().await;
    assert_eq!(outcomes(&world).await, ["3 DU01", "3 DU01", "2 -"]);
    assert_eq!(world.rows("count(*)", "mediation.payment").await, ["1"]);
    let told = world.rows("line, path, text_da ~ 'gamle system', text_en ~ 'old system'", "mediation.finding limit 1").await;
    assert_eq!(told, ["3 /Document/CstmrCdtTrfInitn/GrpHdr/MsgId true true"]);
    // Another payer's is another delivery.
    let other = AgreementNumber::parse("00000002").unwrap();
    assert_eq!(note_of(&world, other, "2", &["M-3"]).await, [Ok(Elsewhere)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_here_the_other_system_is_told_not_to_pay() {
    let world = World::new().await;
    world.deliver(&file("M-1", 1)).await;
    world.deliver("no message").await;
    world.deliver(&file("M-2", 2).replace("00000001</Id>", "00000009</Id>")).await;
    world.receive().await;
    let noted = note(&world, "1", &["M-1", "M-2", "M-1", "", &"x".repeat(36)]).await;
    let no_id = Err(ProblemCode::InvalidInput);
    assert_eq!(noted, [Ok(Here), Ok(Elsewhere), Ok(Here), no_id, no_id], "what was refused here is not taken here");
    assert_eq!(note(&world, "2", &["M-2", "M-1"]).await, [Ok(Elsewhere), Ok(Here)], "the answer never changes");
    // The same file again repeats the first answer, whatever the other system has said meanwhile.
    world.deliver(&file("M-1", 1)).await;
    world.receive().await;
    assert_eq!(world.rows("state", "mediation.delivery_reading order by delivery_id").await, ["2", "3", "3", "4"]);
}

/// The other way: the other system reads what was taken here, each delivery once, in order.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_is_told_once_in_order() {
    let world = World::new().await;
    assert_eq!(taken(&world, 0, 10).await, []);
    note(&world, "1", &["M-2"]).await;
    for (id, number) in [("M-1", 1), ("M-2", 2), ("M-3", 3), ("M-3", 3)] {
        world.deliver(&file(id, number)).await;
    }
    world.receive().await;
    let expect = |rows: &[(i64, &str)]| -> Vec<_> { rows.iter().map(|(at, id)| (*at, (*id).to_owned())).collect() };
    assert_eq!(taken(&world, 0, 10).await, expect(&[(1, "M-1"), (2, "M-3")]));
    assert_eq!(taken(&world, 0, 1).await, expect(&[(1, "M-1")]));
    world.deliver(&file("M-4", 4)).await;
    world.receive().await;
    assert_eq!(taken(&world, 2, 10).await, expect(&[(3, "M-4")]));
    let beyond = FeedAfter { after: FeedPosition::new(4), limit: 1 };
    assert_eq!(world.house.taken(&operator(&world), beyond).await.unwrap_err().code, ProblemCode::Conflict);
}

/// Whoever comes first pays: of each of these deliveries, which come here and are noted at once again and again, one system alone says that it is its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_sent_to_both_at_once_is_paid_once() {
    const DELIVERIES: u32 = 40;
    let world = World::new().await;
    let ids: Vec<String> = (0..DELIVERIES).map(|number| format!("M-{number}")).collect();
    for (id, number) in ids.iter().zip(0..) {
        world.deliver(&file(id, number)).await;
    }
    let rooms = [(); 3].map(|()| ReceiveRoom { house: world.house.clone() });
    let noting = async |step: usize| {
        let mut answers = Vec::new();
        // From the other end, each alone, so that both meet in the middle.
        for id in ids.iter().rev().skip(step).step_by(2) {
            answers.push((id.clone(), note(&world, &format!("{step}-{id}"), &[id]).await[0].unwrap()));
        }
        answers
    };
    let (even, odd, ..) =
        tokio::join!(noting(0), noting(1), world.drive(&rooms[0]), world.drive(&rooms[1]), world.drive(&rooms[2]));
    let here: Vec<String> = taken(&world, 0, 1_000).await.into_iter().map(|(_, id)| id).collect();
    for (id, by) in even.iter().chain(&odd) {
        assert_eq!(*by == Here, here.contains(id), "{id}");
    }
    let paid = world.rows("count(*)", "mediation.payment").await;
    assert_eq!(paid, [here.len().to_string()]);
    let refused = world.rows("count(*)", "mediation.finding where code = 'DU01'").await;
    assert_eq!(refused, [(ids.len() - here.len()).to_string()]);
}

/// A note of a delivery that is being read waits for the end of the reading: what is received is ours, what is refused is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_note_waits_for_the_reading_that_has_begun() {
    let world = World::new().await;
    for (id, is_received, expect) in [("M-1", false, Elsewhere), ("M-2", true, Here)] {
        let sealed = world.house.vault.seal_message_id(id);
        let mut reading = world.house.database.pool().begin().await.unwrap();
        let is_ours =
            crate::store::taken::take(&mut reading, agreement(), &sealed, primitives::DeliveryId::new(1)).await.unwrap();
        assert!(is_ours, "{id}");
        let ending = async {
            let waiting =
                "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ~ 'message_taken'";
            while world.rows("pid", waiting).await.is_empty() {
                tokio::task::yield_now().await;
            }
            if is_received { reading.commit().await.unwrap() } else { reading.rollback().await.unwrap() }
        };
        let ids = [id];
        let (noted, ()) = tokio::join!(note(&world, id, &ids), ending);
        assert_eq!(noted, [Ok(expect)], "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_systems_are_settled_by_operations_alone() {
    let world = World::new().await;
    let caseworker = Context { actor: Actor::Caseworker { user: "u".to_owned(), authority: agreement() }, ..operator(&world) };
    let key = IdempotencyKey::new("k").unwrap();
    let note = TakenElsewhere { payer: agreement(), message_ids: vec!["M-1".to_owned()] };
    let refused = world.house.note_taken(&caseworker, &key, note.clone()).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::Forbidden);
    let after = FeedAfter { after: FeedPosition::new(0), limit: 1 };
    assert_eq!(world.house.taken(&caseworker, after).await.unwrap_err().code, ProblemCode::Forbidden);
    let many = TakenElsewhere { message_ids: vec!["M".to_owned(); contracts::mediation::MAX_NOTED + 1], ..note };
    assert_eq!(world.house.note_taken(&operator(&world), &key, many).await.unwrap_err().code, ProblemCode::TooLarge);
}
