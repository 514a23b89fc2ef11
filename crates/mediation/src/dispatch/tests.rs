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

/// A file of two payments; the second has terms of its own.
fn with_terms() -> String {
    let orders = vec![Order::incomplete("A-1", "1.00", person(1)), Order::incomplete("A-2", "2.00", person(2))];
    let sound = pain001("M-1", &[Block::of(orders)]);
    let of_block = "<PmtMtd>TRF</PmtMtd><PmtTpInf><SvcLvl><Cd>SDVA</Cd></SvcLvl><CtgyPurp><Cd>SALA</Cd></CtgyPurp></PmtTpInf>";
    let of_payment = "</EndToEndId></PmtId><PmtTpInf><SvcLvl><Cd>URGP</Cd></SvcLvl></PmtTpInf>";
    let text = sound.replacen("<PmtMtd>TRF</PmtMtd>", of_block, 1).replacen("</DbtrAgt>", "</DbtrAgt><ChrgBr>SHAR</ChrgBr>", 1);
    let (before, second) = text.split_once(">A-2<").unwrap();
    let second =
        second.replacen("/EndToEndId></PmtId>", &of_payment[1..], 1).replacen("</Amt>", "</Amt><ChrgBr>DEBT</ChrgBr>", 1);
    format!("{before}>A-2<{second}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_payer_s_terms_go_on_to_the_bank() {
    for version in [PainVersion::V03, PainVersion::V09] {
        let world = World::new().await;
        world.parties.banks.lock().unwrap()[0].pain_version = version;
        world.register.found(person(1), 1);
        world.register.found(person(2), 2);
        world.deliver(&with_terms()).await;
        world.receive().await;
        world.allocate().await;
        world.dispatch_and_send().await;
        let (_, text) = &world.bank_files()[0];
        let (block, payments) = text.split_once("<CdtTrfTxInf>").unwrap();
        let (first, second) = payments.split_once("<CdtTrfTxInf>").unwrap();
        let terms = |text| (values(text, "Cd").join(" "), values(text, "ChrgBr").join(" "));
        assert_eq!(terms(block), ("SDVA SALA".to_owned(), "SHAR".to_owned()));
        assert_eq!(terms(first), (String::new(), String::new()));
        assert_eq!(terms(second), ("URGP".to_owned(), "DEBT".to_owned()));
    }
}

/// A file of two payments: one whose payee has an address of these parts, another with two lines more.
fn with_address(parts: &str) -> String {
    let orders = vec![Order::incomplete("A-1", "1.00", person(1)), Order::incomplete("A-2", "2.00", person(2))];
    let (parts, lines) = (format!("{parts}<Ctry>DK</Ctry>"), "<AdrLine>Opgang\nB</AdrLine><AdrLine>Dør 3</AdrLine>");
    let sound = pain001("M-1", &[Block::of(orders)]);
    let (first, second) = sound.split_once("<EndToEndId>A-2<").unwrap();
    let with = |text: &str, address: &str| {
        text.replacen("<Nm>Modtager</Nm>", &format!("<Nm>Modtager</Nm><PstlAdr>{address}</PstlAdr>"), 1)
    };
    format!("{}<EndToEndId>A-2<{}", with(first, &parts), with(second, &format!("{parts}{lines}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_goes_on_to_the_bank_in_its_fields() {
    let street = "Vej".repeat(23);
    let known = format!("<StrtNm>{street}</StrtNm><BldgNb>12</BldgNb>");
    let place = "<PstCd>9999</PstCd><TwnNm>Nirgends</TwnNm>";
    let given = format!("{known}<Flr>2</Flr><Room>tv.</Room>{place}<DstrctNm>Nord</DstrctNm>");
    for (version, fields, beside) in
        [(PainVersion::V03, format!("{known}{place}"), "<AdrLine>2, tv., Nord</AdrLine>"), (PainVersion::V09, given.clone(), "")]
    {
        let world = World::new().await;
        world.parties.banks.lock().unwrap()[0].pain_version = version;
        world.register.found(person(1), 1);
        world.register.found(person(2), 2);
        world.deliver(&with_address(&given)).await;
        world.receive().await;
        world.allocate().await;
        world.dispatch_and_send().await;
        let (_, text) = &world.bank_files()[0];
        let first = format!("{fields}<Ctry>DK</Ctry>{beside}");
        let second = format!("{first}<AdrLine>Opgang B</AdrLine><AdrLine>Dør 3</AdrLine>");
        assert_eq!(values(text, "PstlAdr"), [first, second]);
        assert!(iso20022::validate(text.as_bytes(), iso20022::Limits::default()).unwrap().valid);
    }
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
    for table in ["file_sending set lease_until", "recipient_hold set not_before"] {
        let statement = format!("update mediation.{table} = now() - interval '1 second'");
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut world.admin().await).await.unwrap();
    }
    world.send().await;
    assert_eq!(world.bank_files().len(), 2);
    assert_eq!(world.rows("count(*)", "mediation.recipient_hold").await, ["0"]);
}

/// A world whose leases have run out when the next step looks, as after a night.
async fn world_of_short_leases() -> World {
    let lease = platform::lease::LeaseTerms { duration: std::time::Duration::from_millis(1) };
    World::with(crate::Settings { slice_payments: 3, lease, ..crate::Settings::default() }).await
}

/// Some steps of a room with pauses in between, whatever they say.
async fn steps(room: &dyn platform::driver::Room, count: usize) {
    for _ in 0..count {
        let _ = room.step().await;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_has_ended_holds_only_its_own_disposal() {
    let world = world_of_short_leases().await;
    world.parties.add_second_bank();
    world.register.found(person(1), 1);
    let block = |reference, debtor| {
        let orders = vec![Order::incomplete(reference, "1.00", person(1))];
        Block { debtor: crate::testing::account(debtor), ..Block::of(orders) }
    };
    world.deliver(&pain001("M-1", &[block("A-1", 900)])).await;
    world.deliver(&pain001("M-2", &[block("A-2", 902)])).await;
    world.receive().await;
    world.allocate().await;
    world.parties.end_first_bank(crate::testing::TODAY.yesterday().unwrap());
    steps(&DispatchRoom { house: world.house.clone() }, 5).await;
    assert_eq!(world.rows("state", "mediation.disposal order by delivery_id").await, ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_files_for_a_dead_bank_do_not_hold_those_of_others() {
    let world = world_of_short_leases().await;
    walk(&world).await;
    world.allocate().await;
    world.drive(&DispatchRoom { house: world.house.clone() }).await;
    for statement in [
        "insert into mediation.file (file_id, purpose, file_key, recipient, delivery_id, message_name, content_bytes, sha256, written_at)
         overriding system value
         select -n, 1, 'DEAD-' || n, 'DEAD', 1, 'pain.001.001.09', 1, decode(repeat('00', 32), 'hex'), now() from generate_series(1, 100) n",
        "insert into mediation.file_sending (file_id) select -n from generate_series(1, 100) n",
    ] {
        sqlx::query(statement).execute(&mut world.admin().await).await.unwrap();
    }
    let dead = primitives::BankCode::parse("DEAD").unwrap();
    *world.channel.refusing.lock().unwrap() = Some(crate::channel::Recipient::Bank(dead));
    steps(&crate::send::SendRoom { house: world.house.clone() }, 3).await;
    assert_eq!(world.bank_files().len(), 2);
    let tries = world.rows("sum(lease_token)::int", "mediation.file_sending where file_id < 0").await;
    assert_eq!(tries, ["1"], "one try tells that the bank is not there");
    assert_eq!(world.house.open_work().await.unwrap().files, 100);
}

/// Its partial file has been swept away by the worker that took over.
#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_has_fallen_behind_fails_nobody_and_holds_no_recipient() {
    let world = allocated().await;
    world.drive(&DispatchRoom { house: world.house.clone() }).await;
    let pool = world.house.database.pool();
    let slow = crate::store::file::claim(pool, uuid::Uuid::nil(), world.house.settings.lease).await.unwrap().unwrap();
    let run_out = "update mediation.file_sending set lease_until = now() - interval '1 second'";
    sqlx::query(run_out).execute(&mut world.admin().await).await.unwrap();
    world.dispatch_and_send().await;
    let bank = primitives::BankCode::parse(&slow.recipient).unwrap();
    *world.channel.refusing.lock().unwrap() = Some(crate::channel::Recipient::Bank(bank));
    assert_eq!(crate::send::send_or_put_off(&world.house, &slow).await.unwrap(), platform::driver::Progress::Worked(0));
    assert_eq!(world.rows("count(*)", "mediation.recipient_hold").await, ["0"]);
    assert_eq!(world.house.open_work().await.unwrap().files, 0);
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

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_days_late_is_not_ordered_for_a_day_that_has_passed() {
    let world = allocated().await;
    world.clock.advance(jiff::SignedDuration::from_hours(4 * 24));
    world.dispatch_and_send().await;
    for (_, text) in world.bank_files() {
        assert_eq!(values(values(&text, "ReqdExctnDt")[0], "Dt"), ["2026-01-19"], "Sunday's next bank day");
    }
    assert_eq!(world.rows("distinct execution_date", "mediation.batch").await, ["2026-01-19"]);
}

/// The street's foreign payment alone, for this day.
async fn foreign(world: &World, date: &'static str) {
    walk(world).await;
    let block = Block { id: "B-9", date, ..Block::of(vec![Order::incomplete("F-1", "1.00", person(3))]) };
    world.deliver(&pain001("M-9", &[block])).await;
    world.receive().await;
}

/// The execution day of the file that holds this reference.
fn ordered_for(world: &World, reference: &str) -> Option<String> {
    let files = world.bank_files();
    let (_, text) = files.iter().find(|(_, text)| values(text, "EndToEndId").contains(&reference))?;
    Some(values(values(text, "ReqdExctnDt")[0], "Dt")[0].to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payer_whose_date_is_the_execution_s_is_not_charged_before_it() {
    let world = World::new().await;
    world.parties.banks.lock().unwrap()[0].foreign_lag = 2;
    world.parties.change(|payer| payer.date_meaning = contracts::parties::DateMeaning::Execution);
    foreign(&world, "2026-01-19").await;
    world.clock.advance(jiff::SignedDuration::from_hours(2 * 24));
    world.allocate().await;
    world.dispatch_and_send().await;
    assert_eq!(ordered_for(&world, "F-1").as_deref(), Some("2026-01-19"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_payee_gets_every_line_and_the_reference_to_book_by() {
    let world = World::new().await;
    world.register.found(person(1), 1);
    let lines = [format!("Faktura 17 {}", "x".repeat(120)), format!("Faktura 18 {}", "y".repeat(120))];
    let remittance = format!(
        "<RmtInf><Ustrd>{}</Ustrd><Ustrd>{}</Ustrd><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>",
        lines[0], lines[1]
    );
    let file = pain001("M-1", &[Block::of(vec![Order::incomplete("A-1", "1.00", person(1))])]);
    world.deliver(&file.replace("</CdtTrfTxInf>", &format!("{remittance}</CdtTrfTxInf>"))).await;
    world.receive().await;
    world.allocate().await;
    world.dispatch_and_send().await;
    let text = &world.bank_files()[0].1;
    assert_eq!(values(text, "Ustrd"), lines);
    assert_eq!(values(text, "Ref"), ["RF18539007547034"]);
    assert!(iso20022::validate(text.as_bytes(), iso20022::Limits::default()).unwrap().valid);
}
