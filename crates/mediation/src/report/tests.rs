use jiff::Timestamp;

use super::{Task, first_report};
use crate::testing::street::{answered_block, check_golden, pain002, values, walk};
use crate::testing::{Block, Order, World, pain001, person};

fn check(tasks: &[(i16, Option<i64>)], expect: usize) {
    let task = |(answer, bank_answer): &(i16, Option<i64>)| Task {
        task: 1,
        answer: *answer,
        slice: None,
        bank_answer: *bank_answer,
        arisen_at: Timestamp::UNIX_EPOCH,
    };
    let tasks: Vec<Task> = tasks.iter().map(task).collect();
    assert_eq!(first_report(&tasks).len(), expect);
}

#[test]
fn a_report_tells_what_follows_with_the_same_answer() {
    check(&[], 0);
    check(&[(1, None), (7, None), (7, None)], 1);
    check(&[(7, None), (7, None), (5, None), (7, None)], 2);
    check(&[(8, Some(1)), (8, Some(2))], 1);
}

/// The reports written since the last call, in order.
struct Reports {
    world: World,
    seen: usize,
}

impl Reports {
    async fn next(&mut self) -> Vec<String> {
        self.world.report().await;
        let keys = self.world.rows("file_key", "mediation.file where purpose <> 1 order by file_id").await;
        let files = self.world.channel.files.lock().unwrap();
        let new = keys[self.seen..].iter().map(|key| files[key].1.clone()).collect();
        self.seen = keys.len();
        new
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payer_is_told_the_whole_story_of_a_delivery() {
    let mut reports = Reports { world: World::new().await, seen: 0 };
    reports.world.parties.change(|payer| payer.without_account = contracts::parties::WithoutAccount::Holding);
    walk(&reports.world).await;
    let receipt = reports.next().await;
    check_golden("report-2-received-in-part.pain.002.001.10.xml", &receipt[0]);
    reports.world.allocate().await;
    let unpayable = reports.next().await;
    check_golden("report-7-no-account.pain.002.001.10.xml", &unpayable[0]);
    assert_eq!((receipt.len(), unpayable.len()), (1, 1), "what came up together is told together");
    reports.world.dispatch_and_send().await;
    assert_eq!(reports.next().await, [""; 0], "that files were sent is not told");
    let files = reports.world.bank_files();
    let (file, text) = files.iter().find(|(_, text)| !text.contains("DE89")).unwrap();
    let (batch, instructions) = (values(text, "PmtInfId")[0], values(text, "InstrId"));
    let counts = "<NbOfTxsPerSts><DtldNbOfTxs>4</DtldNbOfTxs><DtldSts>ACSC</DtldSts></NbOfTxsPerSts>\
                  <NbOfTxsPerSts><DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>RJCT</DtldSts></NbOfTxsPerSts>";
    let block = answered_block(batch, &format!("<PmtInfSts>PART</PmtInfSts>{counts}"), &[(instructions[0], "RJCT")]);
    reports.world.answer(&pain002(file, "<GrpSts>PART</GrpSts>", &block)).await;
    let told = reports.next().await;
    assert_eq!(told.len(), 2);
    check_golden("report-8-accepted-in-part.pain.002.001.10.xml", &told[0]);
    check_golden("report-9-rejected.pain.002.001.10.xml", &told[1]);
    assert_eq!(values(&told[0], "OrgnlEndToEndId"), ["A-2", "A-4", "A-5", "A-7"], "the redirected one is told like any other");
    assert!(!receipt.concat().contains("010160") && !told.concat().contains("ldsstyrelsen"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_is_accepted_whole_is_told_as_a_block() {
    let mut reports = Reports { world: World::new().await, seen: 0 };
    let order = |number: u32| {
        reports.world.register.found(person(number), number);
        Order::incomplete(&format!("A-{number}"), "1.00", person(number))
    };
    let first = Block::of((1..=4).map(order).collect());
    let second = Block { id: "B-2", ..Block::of(vec![order(5)]) };
    reports.world.deliver(&pain001("M-1", &[first, second])).await;
    reports.world.receive().await;
    reports.world.allocate().await;
    reports.world.dispatch_and_send().await;
    let receipt = reports.next().await;
    check_golden("report-1-received.pain.002.001.10.xml", &receipt[0]);
    let (file, _) = &reports.world.bank_files()[0];
    reports.world.answer(&pain002(file, "<GrpSts>ACSC</GrpSts>", "")).await;
    let told = reports.next().await;
    assert_eq!(told.len(), 1);
    check_golden("report-8-accepted.pain.002.001.10.xml", &told[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_refused_whole_is_told_why() {
    let mut reports = Reports { world: World::new().await, seen: 0 };
    reports.world.deliver("this is no message").await;
    let good = pain001("M-1", &[Block::of(vec![Order::incomplete("A-1", "1.00", person(1))])]);
    reports.world.deliver(&good.replace("<PmtMtd>TRF</PmtMtd>", "<PmtMtd>XXX</PmtMtd>")).await;
    reports.world.receive().await;
    let told = reports.next().await;
    assert_eq!(told.len(), 2);
    check_golden("report-0-unreadable.admi.002.001.01.xml", &told[0]);
    check_golden("report-1-refused.pain.002.001.10.xml", &told[1]);
    let cut = good.replace("M-1", "M-2");
    reports.world.deliver(&cut[..cut.len() - 30]).await;
    reports.world.receive().await;
    let told = reports.next().await;
    assert_eq!((values(&told[0], "Ref"), values(&told[0], "RjctgPtyRsn")), (vec!["M-2"], vec!["FF01"]));
    reports.world.deliver(&cut).await;
    reports.world.receive().await;
    assert_eq!(values(&reports.next().await[0], "GrpSts"), ["ACTC"], "what cannot be read leaves its MsgId free");
    let recipients = reports.world.rows("purpose, recipient", "mediation.file order by file_id").await;
    assert_eq!(recipients[0], "3 DLV-1", "who the payer is cannot be read");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_delivery_again_gets_the_first_answer_again() {
    let mut reports = Reports { world: World::new().await, seen: 0 };
    walk(&reports.world).await;
    let first = reports.next().await;
    walk(&reports.world).await;
    let second = reports.next().await;
    let without_key = |text: &str| text.lines().filter(|line| !line.contains("<GrpHdr>")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(second.len(), 1);
    assert_eq!(without_key(&first[0]), without_key(&second[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_cannot_be_written_does_not_hold_the_others() {
    let world = World::new().await;
    for id in ["M-1", "M-2"] {
        world.deliver(&pain001(id, &[Block::of(vec![Order::incomplete(id, "1.00", person(1))])])).await;
    }
    world.receive().await;
    let broken = "update mediation.delivery_header set message_id = '\\x00' where delivery_id = 1";
    sqlx::query(broken).execute(&mut world.admin().await).await.unwrap();
    let room = super::ReportRoom { house: world.house.clone() };
    for _ in 0..3 {
        let _ = platform::driver::Room::step(&room).await;
    }
    let told = world.rows("delivery_id, report_id is not null as told", "mediation.report_task order by delivery_id").await;
    assert_eq!(told, ["1 false", "2 true"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payer_that_uses_an_old_number_is_told_so_and_not_the_new_one() {
    let mut reports = Reports { world: World::new().await, seen: 0 };
    let order = |number: u32| Order::incomplete(&format!("A-{number}"), "1.00", person(number));
    for number in 1..=5 {
        reports.world.register.found(person(number), number);
    }
    for number in [2, 3, 5] {
        reports.world.register.replaced.lock().unwrap().insert(person(number));
    }
    // That a payout is redirected is never told; an old number is, whoever gets the money.
    reports.world.setoff.marked.lock().unwrap().insert(person(3));
    reports.world.deliver(&pain001("M-1", &[Block::of((1..=5).map(order).collect())])).await;
    reports.world.receive().await;
    reports.next().await;
    reports.world.allocate().await;
    let told = reports.next().await;
    assert_eq!(told.len(), 1, "two slices, one report");
    check_golden("report-replaced-number.pain.002.001.10.xml", &told[0]);
    assert_eq!(values(&told[0], "OrgnlEndToEndId"), ["A-2", "A-3", "A-5"]);
    assert_eq!(values(&told[0], "TxSts"), ["ACWC"; 3]);
    let payments = reports.world.rows("state", "mediation.payment_standing order by slice_id, row_no").await;
    assert_eq!(payments, ["2"; 5], "the payees are paid");
}

/// What is no order and no recall is refused by an admi.002, whatever message it is, and leaves nothing.
#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_no_orders_are_refused_as_such() {
    let mut reports = Reports { world: World::new().await, seen: 0 };
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/messages");
    for name in [
        "camt.052.001.02",
        "camt.052.001.08",
        "camt.053.001.02",
        "camt.053.001.08",
        "camt.054.001.02",
        "camt.054.001.08",
        "pacs.002.001.10",
        "pacs.004.001.09",
        "acmt.023.001.03",
        "pain.002.001.14",
    ] {
        let file = std::fs::read_to_string(format!("{examples}/{name}.xml")).unwrap();
        reports.world.deliver(&file).await;
        reports.world.receive().await;
        let told = reports.next().await;
        assert_eq!(told.len(), 1, "{name}");
        assert!(told[0].contains("admi.002.001.01"), "{name}: {}", told[0]);
        assert_eq!(values(&told[0], "RjctgPtyRsn"), ["FF01"], "{name}");
    }
    assert_eq!(reports.world.rows("count(*)", "mediation.slice").await, ["0"]);
}

/// Return answer 7 by the agreement's choice, and then 8 where the money has gone elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_paid_is_told_by_the_agreement_s_choice_and_then_what_the_bank_did() {
    use contracts::parties::WithoutAccount;
    let error_account = crate::testing::account(950);
    for (choice, first, then) in [
        (WithoutAccount::Return, "RJCT", None),
        (WithoutAccount::ErrorAccount { account: error_account }, "ACWC", Some("ACSP")),
        (WithoutAccount::Holding, "ACWC", Some("ACSP")),
    ] {
        for message in ["pain.001.001.09", "pain.001.001.03"] {
            let mut reports = Reports { world: World::new().await, seen: 0 };
            reports.world.parties.change(|payer| payer.without_account = choice.clone());
            reports.world.register.no_account(person(1), 1);
            reports.world.register.found(person(2), 2);
            let order = |number: u32| Order::incomplete(&format!("A-{number}"), "1.00", person(number));
            let file = pain001("M-1", &[Block::of(vec![order(1), order(2)])]);
            reports.world.deliver(&in_version(&file, message)).await;
            reports.world.receive().await;
            reports.next().await;
            reports.world.allocate().await;
            let seven = reports.next().await;
            assert_eq!(seven.len(), 1);
            assert_eq!((values(&seven[0], "TxSts"), values(&seven[0], "Cd")), (vec![first], vec!["AC03"]), "{choice:?}");
            assert_eq!(values(&seven[0], "OrgnlEndToEndId"), ["A-1"]);
            reports.world.dispatch_and_send().await;
            let [(file, sent)] = &reports.world.bank_files()[..] else { panic!("one file") };
            assert_eq!(
                values(sent, "NbOfTxs")[0],
                if then.is_some() { "2" } else { "1" },
                "money moves only where it goes elsewhere"
            );
            reports.world.answer(&pain002(file, "<GrpSts>ACSC</GrpSts>", "")).await;
            let eight = reports.next().await;
            assert_eq!(eight.len(), 1);
            match then {
                // All of the block is accepted, so it is told as a block.
                Some(then) => assert_eq!((values(&eight[0], "PmtInfSts"), values(&eight[0], "TxSts").len()), (vec![then], 0)),
                None => assert_eq!(values(&eight[0], "OrgnlEndToEndId"), ["A-2"], "what went back is not accepted"),
            }
            let generation = if message.ends_with("03") { "pain.002.001.03" } else { "pain.002.001.10" };
            assert!(seven[0].contains(generation) && eight[0].contains(generation));
        }
    }
}

/// A file of version 09 in another one.
fn in_version(file: &str, message: &str) -> String {
    if message.ends_with("09") {
        return file.to_owned();
    }
    let older = file.replace("pain.001.001.09", message).replace("BICFI>", "BIC>");
    older.replace("<ReqdExctnDt><Dt>", "<ReqdExctnDt>").replace("</Dt></ReqdExctnDt>", "</ReqdExctnDt>")
}
