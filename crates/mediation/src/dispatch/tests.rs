use contracts::parties::PainVersion;

use crate::store;
use crate::testing::street::{DUE, check_golden, values, walk};
use crate::testing::{Block, Order, World, pain001, person};

use super::DispatchRoom;

async fn allocated() -> World {
    let world = World::new().await;
    walk(&world).await;
    world.allocate().await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn each_leg_goes_to_the_bank_in_the_version_it_takes() {
    let world = allocated().await;
    world.dispatch_and_send().await;
    let files = world.bank_files();
    assert_eq!(files.len(), 2, "one for the foreign transfer's earlier execution day, one for the rest");
    check_golden("bank-foreign.pain.001.001.09.xml", &files.iter().find(|(_, text)| text.contains("DE89")).unwrap().1);
    let domestic = &files.iter().find(|(_, text)| !text.contains("DE89")).unwrap().1;
    check_golden("bank-domestic.pain.001.001.09.xml", domestic);
    assert!(!domestic.contains("010160"), "a bank gets no CPR number");
    assert_eq!(
        values(domestic, "EndToEndId"),
        ["A-1", "A-2", "P-2-0/1", "A-7"],
        "the redirect tells its advice and not the payer's reference"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_of_the_older_generation_that_needs_numbers_gets_both() {
    let world = World::new().await;
    {
        let mut banks = world.parties.banks.lock().unwrap();
        (banks[0].pain_version, banks[0].needs_payee_number, banks[0].foreign_lag) = (PainVersion::V03, true, 0);
    }
    walk(&world).await;
    world.allocate().await;
    world.dispatch_and_send().await;
    let files = world.bank_files();
    assert_eq!(files.len(), 1, "one execution day, one file");
    check_golden("bank-all.pain.001.001.03.xml", &files[0].1);
    assert_eq!(files[0].1.matches("<PmtInf>").count(), 2, "domestic and foreign are batches of their own");
    assert_eq!(files[0].1.matches("010160").count(), 4, "the redirected payee is not named");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_dispatched_before_its_day_or_before_it_is_allocated() {
    let world = World::new().await;
    world.register.found(person(1), 1);
    let block = Block { date: "2026-01-19", ..Block::of(vec![Order::incomplete("A-1", "1.00", person(1))]) };
    world.deliver(&pain001("M-1", &[block])).await;
    world.receive().await;
    world.allocate().await;
    world.dispatch_and_send().await;
    assert_eq!(world.bank_files(), []);
    world.clock.advance(jiff::SignedDuration::from_hours(3 * 24));
    world.dispatch_and_send().await;
    assert_eq!(world.bank_files(), [], "it is due to be sent, and has no account yet");
    world.allocate().await;
    world.dispatch_and_send().await;
    assert_eq!(world.bank_files().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disposal_with_nothing_to_pay_is_dispatched_without_a_file() {
    let world = World::new().await;
    world.deliver(&pain001("M-1", &[Block::of(vec![Order::incomplete("A-1", "1.00", person(1))])])).await;
    world.receive().await;
    world.allocate().await;
    world.dispatch_and_send().await;
    assert_eq!(world.rows("state", "mediation.disposal").await, ["2"]);
    assert_eq!(world.rows("count(*)", "mediation.file").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_was_overtaken_writes_nothing() {
    let world = allocated().await;
    let pool = world.house.database.pool();
    let claim = async || store::disposal::claim(pool, DUE, uuid::Uuid::nil(), world.house.settings.lease).await.unwrap();
    let slow = claim().await.unwrap();
    assert!(claim().await.is_none(), "it is leased");
    sqlx::query("update mediation.disposal set lease_until = now() - interval '1 second'")
        .execute(&mut world.admin().await)
        .await
        .unwrap();
    let quick = claim().await.unwrap();
    let write = async |claimed| {
        let facts = super::facts::load(&world.house, &claimed).await.unwrap();
        let house = &world.house;
        house.database.transaction("test", async |mut tx| super::dispatch(house, &mut tx, &claimed, &facts).await).await
    };
    assert!(matches!(write(slow).await, Err(crate::Error::LeaseLost)));
    assert_eq!(world.rows("count(*)", "mediation.file").await, ["0"]);
    assert_eq!(write(quick).await.unwrap(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_before_the_commit_leaves_nothing_and_the_next_attempt_writes_the_same() {
    let world = allocated().await;
    let pool = world.house.database.pool();
    let claimed = store::disposal::claim(pool, DUE, uuid::Uuid::nil(), world.house.settings.lease).await.unwrap().unwrap();
    let facts = super::facts::load(&world.house, &claimed).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    super::dispatch(&world.house, &mut transaction, &claimed, &facts).await.unwrap();
    let written: Vec<Vec<u8>> =
        sqlx::query_scalar("select sha256 from mediation.file order by file_key").fetch_all(&mut *transaction).await.unwrap();
    drop(transaction);
    assert_eq!(world.rows("count(*)", "mediation.file_chunk").await, ["0"]);
    sqlx::query("update mediation.disposal set lease_until = now() - interval '1 second'")
        .execute(&mut world.admin().await)
        .await
        .unwrap();
    world.drive(&DispatchRoom { house: world.house.clone() }).await;
    let again: Vec<Vec<u8>> = sqlx::query_scalar("select sha256 from mediation.file order by file_key")
        .fetch_all(&mut world.admin().await)
        .await
        .unwrap();
    assert_eq!(written, again);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_cannot_be_reached_holds_only_its_own_files() {
    let world = allocated().await;
    let refused = crate::channel::Recipient::Bank(crate::testing::street::bank_code());
    *world.channel.refusing.lock().unwrap() = Some(refused);
    world.drive(&DispatchRoom { house: world.house.clone() }).await;
    world.drive(&crate::report::ReportRoom { house: world.house.clone() }).await;
    let room = crate::send::SendRoom { house: world.house.clone() };
    let step = async || platform::driver::Room::step(&room).await;
    assert!(step().await.is_ok(), "the reports were sent");
    assert_eq!((world.bank_files().len(), world.reports().is_empty()), (0, false));
    *world.channel.refusing.lock().unwrap() = None;
    sqlx::query("update mediation.file_sending set lease_until = now() - interval '1 second'")
        .execute(&mut world.admin().await)
        .await
        .unwrap();
    world.send().await;
    assert_eq!(world.bank_files().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_longer_than_a_slice_and_blocks_that_share_one_keep_their_payments() {
    let world = World::new().await;
    let order = |number: u32| {
        world.register.found(person(number), number);
        Order::incomplete(&format!("A-{number}"), "1.00", person(number))
    };
    let long = Block::of((1..=8).map(order).collect());
    let short = |id, number| Block { id, ..Block::of(vec![order(number)]) };
    world.deliver(&pain001("M-1", &[long, short("B-2", 9), short("B-3", 10)])).await;
    world.receive().await;
    world.allocate().await;
    world.dispatch_and_send().await;
    let files = world.bank_files();
    let references: Vec<String> = (1..=10).map(|number| format!("A-{number}")).collect();
    assert_eq!(values(&files[0].1, "EndToEndId"), references);
    assert_eq!(values(&files[0].1, "NbOfTxs"), ["10", "8", "1", "1"]);
    assert_eq!(values(&files[0].1, "CtrlSum"), ["10.00", "8.00", "1.00", "1.00"]);
}
