//! Deliveries read into a real database.

use contracts::parties::{DateMeaning, PayerKind};
use primitives::{Cvr, Identifier};

use super::ReceiveRoom;
use crate::testing::{Block, Order, World, account, pain001, payer, person};

fn order(number: u32) -> Order {
    Order::incomplete(&format!("E-{number}"), "100.00", person(number))
}

fn orders(count: u32) -> Vec<Order> {
    (0..count).map(order).collect()
}

const NOTHING: &str = "slice 0, payment 0, payment_reference 0, delivery_claim 0, disposal 0, payment_block 0";

/// What a delivery became: its state, rows, findings (level, code, row, line) and the return answer.
async fn outcome(world: &World, delivery: i64) -> String {
    let state = world
        .rows(
            "r.state, h.payments, h.rejected",
            &format!(
                "mediation.delivery_reading r join mediation.delivery_header h using (delivery_id) where delivery_id = {delivery}"
            ),
        )
        .await;
    let findings = world
        .rows("level, code, row_position", &format!("mediation.finding where delivery_id = {delivery} order by finding_no"))
        .await;
    let answers = world.rows("answer", &format!("mediation.report_task where delivery_id = {delivery} order by task_id")).await;
    format!("{} | {} | {}", state.join(";"), findings.join(";"), answers.join(";"))
}

async fn check(world: &World, content: &str, expect: &str) -> i64 {
    let delivery = world.deliver(content).await.delivery.get();
    world.receive().await;
    assert_eq!(outcome(world, delivery).await, expect);
    delivery
}

#[tokio::test(flavor = "multi_thread")]
async fn good_rows_become_slices_of_their_day() {
    let world = World::new().await;
    let mut second = Block::of(vec![order(10)]);
    (second.id, second.date) = ("B-2", "2026-01-31");
    let delivery = check(&world, &pain001("M-1", &[Block::of(orders(7)), second]), "2 8 0 |  | 1").await;
    let slices = world.rows("due_date, payment_count, state", "mediation.slice order by due_date, slice_id").await;
    // Slices of three; the 31st is a Saturday.
    assert_eq!(slices, ["2026-01-14 3 1", "2026-01-14 3 1", "2026-01-14 1 1", "2026-02-02 1 1"]);
    let days = world.rows("due_date, payer, state", "mediation.disposal order by due_date").await;
    assert_eq!(days, ["2026-01-14 00000001 1", "2026-02-02 00000001 1"]);
    let totals =
        world.rows("currency, taken_count, taken_minor, rejected_count, rejected_minor", "mediation.control_total").await;
    assert_eq!(totals, ["DKK 8 80000 0 0"]);
    let blocks = world.rows("block_no, bank, requested_date", "mediation.payment_block order by block_no").await;
    assert_eq!(blocks, ["1 BANK 2026-01-14", "2 BANK 2026-01-31"]);
    let header = world.rows("message_name, payer", &format!("mediation.delivery_header where delivery_id = {delivery}")).await;
    assert_eq!(header, ["pain.001.001.09 00000001"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_number_stands_readable_in_a_row() {
    let world = World::new().await;
    let mut complete = order(2);
    complete.account = Some(account(77));
    check(&world, &pain001("MSG-SECRET", &[Block::of(vec![order(1), complete])]), "2 2 0 |  | 1").await;
    let stored: Vec<String> = [
        world.rows("payment::text", "mediation.payment").await,
        world.rows("content::text", "mediation.delivery_chunk").await,
        world.rows("delivery_header::text", "mediation.delivery_header").await,
        world.rows("payment_block::text", "mediation.payment_block").await,
    ]
    .concat();
    for secret in ["0101605001", "0040", "MSG-SECRET", "Modtager", "E-1"] {
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(stored.iter().all(|row| !row.contains(secret) && !row.contains(&hex)), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_rows_are_findings_and_the_good_ones_are_taken() {
    let world = World::new().await;
    let mut rows = orders(6);
    rows[1].payee = None;
    rows[2].amount = "100.005".to_owned();
    rows[3].benefit = Some("UNKNOWN");
    rows[4].reference = "E-0".to_owned();
    rows[5].amount = "200000000000.00".to_owned();
    check(&world, &pain001("M-1", &[Block::of(rows)]), "2 1 5 | 5 BE17 2;5 CH20 3;5 FF07 4;5 AM02 6;5 DU04 5 | 2").await;
    let totals =
        world.rows("currency, taken_count, taken_minor, rejected_count", "mediation.control_total order by currency").await;
    assert_eq!(totals, ["DKK 1 10000 3", "XXX 0 0 2"]);
    let paths = world.rows("path", "mediation.finding where code = 'DU04'").await;
    assert_eq!(paths, ["/Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[5]/PmtId/EndToEndId"]);
    let reference = sqlx::query_scalar::<_, Vec<u8>>("select row_reference from mediation.finding where code = 'DU04'")
        .fetch_one(&mut world.admin().await)
        .await
        .unwrap();
    let opened = world.house.vault.open_row_reference(&reference).unwrap();
    assert_eq!(crate::delivery::RowReference::decode(&opened).unwrap().end_to_end_id, "E-0");
}

#[tokio::test(flavor = "multi_thread")]
async fn references_are_unique_across_deliveries_and_slices() {
    let world = World::new().await;
    check(&world, &pain001("M-1", &[Block::of(orders(4))]), "2 4 0 |  | 1").await;
    check(&world, &pain001("M-2", &[Block::of((2..7).map(order).collect())]), "2 3 2 | 5 DU04 1;5 DU04 2 | 2").await;
    check(&world, &pain001("M-3", &[Block::of(orders(3))]), "2 0 3 | 5 DU04 1;5 DU04 2;5 DU04 3 | 2").await;
    assert_eq!(world.rows("count(*), count(distinct reference)", "mediation.payment_reference").await, ["7 7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn block_faults_reject_the_block() {
    let world = World::new().await;
    let block = |id, date, debtor: u32, number| Block { id, date, debtor: account(debtor), ..Block::of(vec![order(number)]) };
    let blocks = [block("B-1", "2026-01-14", 900, 1), block("B-2", "2026-01-14", 555, 2), block("B-3", "2024-01-14", 900, 3)];
    check(&world, &pain001("M-1", &blocks), "2 1 2 | 4 AC02 -;4 CH04 - | 2").await;
    assert_eq!(world.rows("block_no", "mediation.finding order by finding_no").await, ["2", "3"]);
    assert_eq!(world.rows("block_no", "mediation.payment_block").await, ["1"]);
    assert_eq!(world.rows("rejected_count, rejected_minor", "mediation.control_total").await, ["2 20000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_is_refused_whole() {
    let world = World::new().await;
    let good = pain001("M-1", &[Block::of(orders(9))]);
    let cut = &good[..good.len() - 60];
    let schema = good.replace("<PmtMtd>TRF</PmtMtd>", "<PmtMtd>XYZ</PmtMtd>");
    let count = good.replace("<NbOfTxs>9", "<NbOfTxs>8");
    let sum = good.replace("</NbOfTxs><InitgPty>", "</NbOfTxs><CtrlSum>1.00</CtrlSum><InitgPty>");
    let block_count = good.replace("</PmtMtd>", "</PmtMtd><NbOfTxs>8</NbOfTxs>");
    // A sum that can be none of amounts is as wrong as another one, and speaks against the whole file too.
    let block_sum = good.replace("</PmtMtd>", "</PmtMtd><CtrlSum>900.000001</CtrlSum>");
    let payer = good.replace("00000001</Id>", "00000009</Id>");
    for (content, expect) in [
        ("", "3 0 0 | 1 FF01 - | 0"),
        ("not a message", "3 0 0 | 1 FF01 - | 0"),
        (cut, "3 0 0 | 1 FF01 - | 0"),
        (&schema, "3 0 0 | 2 CH16 - | 1"),
        (&count, "3 0 0 | 3 AM19 - | 1"),
        (&sum, "3 0 0 | 3 AM16 - | 1"),
        (&block_count, "3 0 0 | 3 AM20 - | 1"),
        (&block_sum, "3 0 0 | 3 AM17 - | 1"),
        (&payer, "3 0 0 | 3 BE05 - | 1"),
    ] {
        check(&world, content, expect).await;
    }
    assert_eq!(world.counts().await, NOTHING);
    let places = world.rows("line > 1, path", "mediation.finding where code = 'CH16'").await;
    assert_eq!(places, ["true /Document/CstmrCdtTrfInitn/PmtInf[1]/PmtMtd"]);
    // Its identification is free: the corrected file is taken.
    check(&world, &good, "2 9 0 |  | 1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplier_sends_only_for_its_payers() {
    let world = World::new().await;
    world.parties.change(|payer| payer.data_suppliers.clear());
    check(&world, &pain001("M-1", &[Block::of(orders(1))]), "3 0 0 | 3 AG01 - | 1").await;
    let foreign = contracts::Context { actor: contracts::Actor::RecoveryAuthority, ..world.supplier_context() };
    let content = Box::pin(std::io::Cursor::new(Vec::new()));
    let refused = crate::keep::deliver(&world.house, &foreign, crate::testing::supplier(), content).await.unwrap_err();
    assert_eq!(refused.code, contracts::ProblemCode::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_content_again_repeats_and_other_content_is_refused() {
    let world = World::new().await;
    let content = pain001("M-1", &[Block::of(orders(4))]);
    let first = check(&world, &content, "2 4 0 |  | 1").await;
    let again = check(&world, &content, "4 0 0 |  | 1").await;
    assert_eq!(
        world.rows("repeats", &format!("mediation.delivery_reading where delivery_id = {again}")).await,
        [first.to_string()]
    );
    check(&world, &pain001("M-1", &[Block::of(orders(2))]), "3 0 0 | 3 DU01 - | 1").await;
    assert_eq!(world.rows("count(*)", "mediation.payment").await, ["4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn delivered_twice_at_once_it_has_one_effect() {
    let world = World::new().await;
    let content = pain001("M-1", &[Block::of(orders(20))]);
    let other = pain001("M-2", &[Block::of(orders(20))]);
    tokio::join!(world.deliver(&content), world.deliver(&content), world.deliver(&other));
    let room = || ReceiveRoom { house: world.house.clone() };
    let rooms = [room(), room(), room()];
    tokio::join!(world.drive(&rooms[0]), world.drive(&rooms[1]), world.drive(&rooms[2]));
    let mut states = world.rows("state", "mediation.delivery_reading").await;
    states.sort();
    // M-2 has the same references, so whoever came second has none of its rows taken.
    assert_eq!(states, ["2", "2", "4"]);
    assert_eq!(world.rows("count(*)", "mediation.payment").await, ["20"]);
    assert_eq!(world.rows("sum(payment_count)", "mediation.slice").await, ["20"]);
    assert_eq!(world.rows("sum(taken_count), sum(rejected_count)", "mediation.control_total").await, ["20 20"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_lease_writes_nothing() {
    let world = World::new().await;
    world.deliver(&pain001("M-1", &[Block::of(orders(4))])).await;
    let pool = world.house.database.pool();
    let claim = || crate::store::delivery::claim_reading(pool, uuid::Uuid::nil(), world.house.settings.lease);
    let slow = claim().await.unwrap().unwrap();
    assert!(claim().await.unwrap().is_none(), "leased");
    sqlx::query("update mediation.delivery_reading set lease_until = now() - interval '1 second'").execute(pool).await.unwrap();
    let quick = claim().await.unwrap().unwrap();
    assert_eq!(quick.lease_token, slow.lease_token + 1);
    assert!(matches!(super::intake::take_in(&world.house, &slow).await, Err(crate::Error::LeaseLost)));
    assert_eq!(world.counts().await, NOTHING);
    assert_eq!(super::intake::take_in(&world.house, &quick).await.unwrap(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agreement_says_what_dates_benefits_and_numbers_mean() {
    let world = World::new().await;
    let company = Identifier::Cvr(Cvr::parse("10150817").unwrap());
    world.parties.change(|payer| {
        payer.date_meaning = DateMeaning::Execution;
        payer.kind = PayerKind::RecoveryAuthority;
    });
    let mut rows = vec![order(1), Order::incomplete("E-2", "5", company)];
    rows[0].benefit = Some("NKSSOP");
    let mut block = Block::of(rows);
    (block.date, block.benefit) = ("2026-01-31", Some("NKSOST"));
    check(&world, &pain001("M-1", &[block]), "2 2 0 |  | 1").await;
    let rows = world
        .rows(
            "s.due_date, p.benefit, p.payee_kind, p.exempt, p.amount_minor",
            "mediation.payment p join mediation.slice s using (slice_id) order by p.row_position",
        )
        .await;
    // The row's own benefit moves to the bank day before, the block's to the one after.
    assert_eq!(rows, ["2026-01-30 NKSSOP 1 true 10000", "2026-02-02 NKSOST 2 true 500"]);
    assert_eq!(payer().benefits.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_more_days_than_slices_may_be_open_is_taken_whole() {
    let world = World::new().await;
    let dates: Vec<String> = (2..=27).map(|day| format!("2026-02-{day:02}")).collect();
    let blocks: Vec<Block> = dates
        .iter()
        .zip(0..)
        .map(|(date, number)| Block {
            id: String::leak(format!("B-{number}")),
            date: String::leak(date.clone()),
            ..Block::of(vec![order(number)])
        })
        .collect();
    check(&world, &pain001("M-1", &blocks), "2 26 0 |  | 1").await;
    // Twenty bank days in those four weeks; the days of each week-end fall on the Monday after.
    assert_eq!(world.rows("count(distinct due_date), sum(payment_count)", "mediation.slice").await, ["20 26"]);
    assert_eq!(world.rows("count(*)", "mediation.disposal").await, ["20"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suppliers_later_delivery_waits_for_the_earlier_one() {
    let world = World::new().await;
    let first = world.deliver(&pain001("M-1", &[Block::of(orders(1))])).await.delivery;
    world.deliver(&pain001("M-1", &[Block::of(orders(2))])).await;
    let claim = async || {
        let house = &world.house;
        crate::store::delivery::claim_reading(house.database.pool(), uuid::Uuid::nil(), house.settings.lease).await.unwrap()
    };
    assert_eq!(claim().await.map(|claimed| claimed.delivery), Some(first));
    // However many workers look: which of two deliveries with one MsgId counts is decided by the order they came in.
    assert!(claim().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_uses_twice_is_found_by_the_reader() {
    let world = World::new().await;
    let name = |content: String, order: &str, before: &str, behind: &str| {
        let id = format!("<EndToEndId>{order}</EndToEndId>");
        content.replacen(&id, &format!("{before}{id}{behind}"), 1)
    };
    let instructed = |content, order| name(content, order, "<InstrId>I-1</InstrId>", "");
    let twice = instructed(instructed(pain001("M-1", &[Block::of(orders(3))]), "E-0"), "E-2");
    check(&world, &twice, "2 2 1 | 5 DU05 3 | 2").await;
    let traced = |content, order| name(content, order, "", "<UETR>3f2d8f4e-5d2f-4c1e-9d5a-0a6c3b1e7f11</UETR>");
    let twice = traced(traced(pain001("M-2", &[Block::of((10..13).map(order).collect())]), "E-10"), "E-11");
    check(&world, &twice, "2 2 1 | 5 DU03 2 | 2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_too_far_ahead_and_an_account_of_another_unit_reject_the_block() {
    let world = World::new().await;
    let far = Block { date: "2027-01-12", ..Block::of(vec![order(1)]) };
    check(&world, &pain001("M-1", &[far]), "2 0 1 | 4 CH03 - | 2").await;
    let unit = |code| primitives::UnitCode::parse(code).unwrap();
    world.parties.change(|payer| {
        payer.units.push(contracts::parties::Unit { code: unit("U2"), name: "Enhed 2".to_owned() });
        payer.debtor_accounts[0].unit = Some(unit("U1"));
    });
    let of_unit = |message: &str, number, code: &str| {
        let id = format!("<Id><OrgId><Othr><Id>{code}</Id><SchmeNm><Prtry>LOS</Prtry></SchmeNm></Othr></OrgId></Id>");
        let order = pain001(message, &[Block::of(vec![order(number), order(number + 1)])]);
        order.replace("<Dbtr><Nm>Styrelsen</Nm></Dbtr>", &format!("<Dbtr><Nm>Styrelsen</Nm>{id}</Dbtr>"))
    };
    check(&world, &of_unit("M-2", 2, "U2"), "2 0 2 | 4 AG01 - | 2").await;
    check(&world, &of_unit("M-3", 4, "U1"), "2 2 0 |  | 1").await;
}

/// A file of one-payment blocks, whose dates follow each other round and round.
fn scattered(blocks: u32, days: u32) -> String {
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let day = |number: u32| crate::testing::TODAY.saturating_add(jiff::Span::new().days(i64::from(number % days)));
    let block = |number: u32| {
        let orders = vec![Order::incomplete(&format!("E-{number}"), "1.00", person(number % 100))];
        Block { id: leak(format!("B-{number}")), date: leak(day(number).to_string()), ..Block::of(orders) }
    };
    pain001("M-1", &(0..blocks).map(block).collect::<Vec<_>>())
}

#[tokio::test(flavor = "multi_thread")]
async fn days_in_no_order_fill_their_slices_all_the_same() {
    let world = World::with(crate::Settings { slice_payments: 50, ..crate::Settings::default() }).await;
    // About 40 bank days.
    world.deliver(&scattered(1_200, 60)).await;
    world.receive().await;
    assert_eq!(world.rows("sum(payment_count)::int", "mediation.slice").await, ["1200"]);
    let slices: u32 = world.rows("count(*)", "mediation.slice").await[0].parse().unwrap();
    assert!(slices <= 200, "{slices} slices");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_faults_of_the_whole_are_enough_and_no_row_of_a_refused_file_is_stored() {
    let world = World::new().await;
    let file = scattered(1_500, 1).replace("<PmtMtd>TRF</PmtMtd>", "<PmtMtd>TRF</PmtMtd><NbOfTxs>2</NbOfTxs>");
    world.deliver(&file).await;
    world.receive().await;
    assert_eq!(world.rows("state", "mediation.delivery_reading").await, ["3"]);
    assert_eq!(world.rows("count(*)", "mediation.finding").await, ["1000"]);
    assert_eq!(
        world.rows("text_en", "mediation.finding where finding_no = 999").await,
        ["There are more faults than are shown here."]
    );
    // Sequences are not rolled back: at most the slice that was full before the first fault took a number.
    assert_eq!(world.rows("is_called", "mediation.slice_slice_id_seq").await, ["false"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_that_need_the_same_partitions_at_once_wait_for_each_other() {
    let world = World::new().await;
    let pool = world.house.database.pool();
    let making = (0..6).map(|_| crate::store::slice::ensure_partitions(pool, 100_000));
    for made in futures_util::future::join_all(making).await {
        made.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_delivery_has_its_partitions_before_it_is_read() {
    let world = World::new().await;
    let needed = super::reading::most_slices(4 << 30, 20_000);
    assert!((50_000..60_000).contains(&needed), "{needed}");
    crate::store::slice::ensure_partitions(world.house.database.pool(), needed).await.unwrap();
    for table in ["payment", "leg"] {
        let parts = world.rows("count(*)", &format!("pg_inherits where inhparent = 'mediation.{table}'::regclass")).await;
        assert!(parts[0].parse::<i64>().unwrap() > needed / 10_000, "{table}: {parts:?}");
    }
}
