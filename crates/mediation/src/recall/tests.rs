//! Recalls in a real database: stopped, too late, asked of the bank, and answered.

use contracts::parties::PainVersion;

use super::RecallRoom;
use crate::Settings;
use crate::testing::street::{check_golden, pain002, values, walk};
use crate::testing::{Block, Order, World, account, pain001, person};

/// A recall of version 08 by the tests' payer; `underlying` is what it asks for.
fn camt055(id: &str, underlying: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.055.001.08\"><CstmrPmtCxlReq>\n\
         <Assgnmt><Id>{id}</Id><Assgnr><Pty><Nm>Styrelsen</Nm><Id><OrgId><Othr><Id>00000001</Id><SchmeNm><Prtry>NKS</Prtry></SchmeNm>\
         </Othr></OrgId></Id></Pty></Assgnr><Assgne><Pty><Nm>NemKonto</Nm></Pty></Assgne><CreDtTm>2026-01-14T12:00:00Z</CreDtTm></Assgnmt>\n\
         {underlying}</CstmrPmtCxlReq></Document>\n"
    )
}

fn of_delivery(rest: &str) -> String {
    format!(
        "<OrgnlGrpInfAndCxl><OrgnlMsgId>M-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{rest}</OrgnlGrpInfAndCxl>"
    )
}

fn of_block(id: &str, rest: &str) -> String {
    format!("<OrgnlPmtInfAndCxl><OrgnlPmtInfId>{id}</OrgnlPmtInfId>{rest}</OrgnlPmtInfAndCxl>")
}

fn of_payment(reference: &str) -> String {
    format!("<TxInf><OrgnlEndToEndId>{reference}</OrgnlEndToEndId><CxlRsnInf><Rsn><Cd>DUPL</Cd></Rsn></CxlRsnInf></TxInf>")
}

/// A recall of these payments of block B-1 of delivery M-1.
pub(crate) fn of_payments(id: &str, references: &[&str]) -> String {
    let payments: String = references.iter().map(|reference| of_payment(reference)).collect();
    camt055(id, &format!("<Undrlyg>{}{}</Undrlyg>", of_delivery(""), of_block("B-1", &payments)))
}

/// A world in which the street's delivery is received.
async fn received() -> World {
    let world = World::new().await;
    walk(&world).await;
    world
}

impl World {
    /// Delivers a recall, has it carried out, and gives what its sender is told.
    async fn recall(&self, content: &str) -> String {
        self.deliver(content).await;
        self.receive().await;
        self.answered().await
    }

    /// The newest answer to a recall, or its refusal.
    async fn answered(&self) -> String {
        self.report().await;
        let key =
            self.rows("file_key", "mediation.file where message_name ~ 'camt.029|admi' order by file_id desc limit 1").await;
        let files = self.channel.files.lock().unwrap();
        key.first().map(|key| files[key].1.clone()).unwrap_or_default()
    }

    async fn ask_banks(&self) {
        self.drive(&RecallRoom { house: self.house.clone() }).await;
        self.send().await;
    }

    /// The recalls that banks got, in the order they were written.
    async fn bank_recalls(&self) -> Vec<String> {
        let keys = self.rows("file_key", "mediation.file where purpose = 4 order by file_id").await;
        let files = self.channel.files.lock().unwrap();
        keys.iter().map(|key| files[key].1.clone()).collect()
    }

    /// What became of the recalled payments, by reference in the street.
    async fn recalled(&self) -> Vec<String> {
        self.rows("slice_id, row_no, state, reason", "mediation.recall_payment order by delivery_id, slice_id, row_no").await
    }
}

/// Status and reason of each payment of an answer.
fn told(answer: &str) -> Vec<String> {
    let payments = answer.split("<TxInfAndSts>").skip(1);
    payments
        .map(|payment| {
            let first = |element| values(payment, element).first().copied().unwrap_or("-");
            format!("{} {} {}", first("OrgnlEndToEndId"), first("TxCxlSts"), first("Cd"))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_left_is_stopped_and_each_request_is_answered() {
    let world = received().await;
    let answer = world.recall(&of_payments("STOP-1", &["A-1", "A-4", "A-99"])).await;
    check_golden("recall-answer.camt.029.001.09.xml", &answer);
    assert_eq!(told(&answer), ["A-1 ACCR -", "A-4 ACCR -", "A-99 RJCR NOOR"]);
    assert_eq!(values(&answer, "Conf"), ["PECR"]);
    let reports = world.reports();
    let stopped: Vec<_> =
        reports.iter().flat_map(|(_, text)| text.split("<TxInfAndSts>")).filter(|row| row.contains("CANC")).collect();
    assert_eq!(stopped.len(), 2, "the payer is told of each as of any stop");
    assert!(stopped.iter().all(|row| row.contains("<Cd>CUST</Cd>")));
    world.allocate().await;
    world.dispatch_and_send().await;
    let files = world.bank_files().into_iter().map(|(_, text)| text).collect::<String>();
    assert!(!files.contains(">A-1<") && files.contains(">A-2<"));
    assert_eq!(world.rows("requested_by, reason", "mediation.stop order by slice_id, row_no").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_delivery_and_a_whole_block_are_stopped() {
    let world = received().await;
    let whole = world.recall(&camt055("STOP-1", &format!("<Undrlyg>{}</Undrlyg>", of_delivery("<GrpCxl>true</GrpCxl>")))).await;
    assert_eq!((values(&whole, "GrpCxlSts"), values(&whole, "Conf")), (vec!["ACCR"], vec!["CNCL"]));
    assert_eq!(world.rows("distinct state", "mediation.payment_standing").await, ["7"]);
    let block = of_block("B-1", "<PmtInfCxl>true</PmtInfCxl>");
    let block = world.recall(&camt055("STOP-2", &format!("<Undrlyg>{}{block}</Undrlyg>", of_delivery("")))).await;
    assert_eq!(values(&block, "PmtInfCxlSts"), ["ACCR"], "what was stopped before is stopped");
    assert_eq!(world.rows("count(*)", "mediation.stop").await, ["7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_of_the_recall_s_generation() {
    let world = received().await;
    let old = of_payments("STOP-1", &["A-1", "A-99"]).replace("camt.055.001.08", "camt.055.001.01");
    let answer = world.recall(&old).await;
    check_golden("recall-answer.camt.029.001.03.xml", &answer);
    assert!(answer.contains("<Prtry>NOOR</Prtry>"), "the older version's list of reasons is closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_recall_again_gets_its_answer_again_and_another_with_its_id_is_refused() {
    let world = received().await;
    let recall = of_payments("STOP-1", &["A-1"]);
    let first = world.recall(&recall).await;
    let again = world.recall(&recall).await;
    let without_key = |text: &str| text.lines().filter(|line| !line.contains("<Assgnmt>")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(without_key(&first), without_key(&again));
    assert_eq!(world.rows("count(*)", "mediation.recall").await, ["1"]);
    let other = world.recall(&of_payments("STOP-1", &["A-2"])).await;
    assert_eq!((values(&other, "Ref"), values(&other, "RjctgPtyRsn")), (vec!["STOP-1"], vec!["DU01"]));
    assert_eq!(world.rows("count(*)", "mediation.stop").await, ["1"], "a refused recall stops nothing");
    // An order may have the recall's name: they are two kinds of things.
    world.deliver(&pain001("STOP-1", &[])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_doubtful_stops_nothing() {
    let world = received().await;
    let amount = "<TxInf><OrgnlEndToEndId>A-1</OrgnlEndToEndId><OrgnlInstdAmt Ccy=\"DKK\">101.00</OrgnlInstdAmt></TxInf>";
    let nameless = "<TxInf><OrgnlInstrId>I-1</OrgnlInstrId></TxInf>";
    let underlying = format!("<Undrlyg>{}{}</Undrlyg>", of_delivery(""), of_block("B-1", &format!("{amount}{nameless}")));
    let answer = world.recall(&camt055("STOP-1", &underlying)).await;
    assert_eq!(told(&answer), ["A-1 RJCR NARR", "- RJCR NARR"]);
    let other_block = format!("<Undrlyg>{}{}</Undrlyg>", of_delivery(""), of_block("B-2", &of_payment("A-1")));
    assert_eq!(told(&world.recall(&camt055("STOP-2", &other_block)).await), ["A-1 RJCR NOOR"]);
    let other_delivery = of_payments("STOP-3", &["A-1"]).replace(">M-1<", ">M-2<");
    assert_eq!(told(&world.recall(&other_delivery).await), ["A-1 RJCR NOOR"]);
    let nothing = world.recall(&camt055("STOP-4", &format!("<Undrlyg>{}</Undrlyg>", of_delivery("")))).await;
    check_golden("recall-refused.admi.002.001.01.xml", &nothing);
    assert_eq!(world.rows("count(*)", "mediation.stop").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recall_comes_under_the_same_rights_as_an_order() {
    let world = received().await;
    let recall = of_payments("STOP-1", &["A-1"]);
    let unknown = world.recall(&recall.replace(">00000001<", ">00000009<")).await;
    assert_eq!(values(&unknown, "RjctgPtyRsn"), ["BE05"]);
    let nameless = world.recall(&recall.replace(">NKS<", ">OTHER<")).await;
    assert_eq!(values(&nameless, "RjctgPtyRsn"), ["BE05"]);
    let mut other = crate::testing::payer();
    other.agreement = primitives::AgreementNumber::parse("00000002").unwrap();
    world.parties.payers.lock().unwrap().push(other);
    let anothers = world.recall(&recall.replace(">00000001<", ">00000002<")).await;
    assert_eq!(told(&anothers), ["A-1 RJCR NOOR"], "another payer's payment is not found");
    world.parties.change(|payer| payer.data_suppliers.clear());
    assert_eq!(values(&world.recall(&recall).await, "RjctgPtyRsn"), ["AG01"]);
    assert_eq!(world.rows("count(*)", "mediation.stop").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recall_in_an_envelope_behind_a_header_is_recognised_and_a_broken_one_is_refused() {
    let world = received().await;
    let party = "<FIId><FinInstnId><BICFI>DABADKKK</BICFI></FinInstnId></FIId>";
    let header = format!(
        "<AppHdr xmlns=\"urn:iso:std:iso:20022:tech:xsd:head.001.001.02\"><Fr>{party}</Fr><To>{party}</To><BizMsgIdr>B-1</BizMsgIdr>\
         <MsgDefIdr>camt.055.001.08</MsgDefIdr><CreDt>2026-01-14T12:00:00Z</CreDt></AppHdr>"
    );
    let recall = of_payments("STOP-1", &["A-1"]);
    let enveloped = format!("<Envelope>{header}{}</Envelope>", recall.split_once('\n').unwrap().1);
    assert_eq!(told(&world.recall(&enveloped).await), ["A-1 ACCR -"]);
    let broken = recall.replace("STOP-1", "STOP-2");
    let broken = world.recall(&broken[..broken.len() - 40]).await;
    assert_eq!(values(&broken, "RjctgPtyRsn"), ["FF01"]);
    let invalid = recall.replace("STOP-1", "STOP-3").replace("<CreDtTm>", "<Unknown/><CreDtTm>");
    assert_eq!(values(&world.recall(&invalid).await, "RjctgPtyRsn").len(), 1);
    assert_eq!(world.rows("r.state", "mediation.delivery_reading r order by delivery_id").await, ["2", "2", "3", "3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recall_whose_counts_do_not_hold_is_refused_and_stops_nothing() {
    let world = received().await;
    let recall = |id: &str, count: u32| {
        of_payments(id, &["A-1"]).replace("</Assgnmt>", &format!("</Assgnmt><CtrlData><NbOfTxs>{count}</NbOfTxs></CtrlData>"))
    };
    assert_eq!(values(&world.recall(&recall("STOP-1", 2)).await, "RjctgPtyRsn"), ["AM19"]);
    assert_eq!(world.rows("count(*)", "mediation.stop").await, ["0"]);
    assert_eq!(told(&world.recall(&recall("STOP-2", 1)).await), ["A-1 ACCR -"]);
}

/// The street's payments are at the bank, and the recall of these has come.
async fn asked(references: &[&str]) -> World {
    let world = received().await;
    world.allocate().await;
    world.dispatch_and_send().await;
    let answer = world.recall(&of_payments("STOP-1", references)).await;
    assert!(told(&answer).iter().all(|told| told.contains("PDCR")), "{answer}");
    world.ask_banks().await;
    world
}

/// A bank's answer on a recall.
fn camt029(head: &str, details: &str) -> String {
    let details = if details.is_empty() { String::new() } else { format!("<CxlDtls>{details}</CxlDtls>") };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.029.001.09\"><RsltnOfInvstgtn>\
         <Assgnmt><Id>BANK-R-1</Id><Assgnr><Agt><FinInstnId><BICFI>DABADKKK</BICFI></FinInstnId></Agt></Assgnr><Assgne><Pty/></Assgne>\
         <CreDtTm>2026-01-14T13:00:00Z</CreDtTm></Assgnmt>{head}{details}</RsltnOfInvstgtn></Document>\n"
    )
}

fn answered_payment(instruction: &str, status: &str) -> String {
    let reason = if status == "RJCR" { "<CxlStsRsnInf><Rsn><Cd>AGNT</Cd></Rsn></CxlStsRsnInf>" } else { "" };
    format!("<TxInfAndSts><OrgnlInstrId>{instruction}</OrgnlInstrId><TxCxlSts>{status}</TxCxlSts>{reason}</TxInfAndSts>")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_left_is_asked_of_the_bank_and_its_answer_is_passed_on() {
    let world = asked(&["A-1", "A-2", "A-4"]).await;
    let recalls = world.bank_recalls().await;
    assert_eq!(recalls.len(), 1);
    check_golden("bank-recall.camt.055.001.08.xml", &recalls[0]);
    assert!(!recalls[0].contains("010160"), "a bank gets no CPR number");
    let (batch, sent) = (values(&recalls[0], "OrgnlPmtInfId")[0], values(&recalls[0], "OrgnlInstrId"));
    let rows =
        [answered_payment(sent[0], "ACCR"), answered_payment(sent[1], "RJCR"), answered_payment("00000001P-9-0/1", "ACCR")];
    let block = format!("<OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch}</OrgnlPmtInfId>{}</OrgnlPmtInfAndSts>", rows.concat());
    let answer = camt029("<Sts><Conf>PECR</Conf></Sts>", &block);
    let receipt = world.answer(&answer).await;
    assert_eq!((receipt.applied, receipt.repeated, receipt.unmatched.len()), (2, 0, 1));
    let told_payer = world.answered().await;
    check_golden("recall-answer-of-bank.camt.029.001.09.xml", &told_payer);
    assert_eq!(told(&told_payer), ["A-1 ACCR -", "A-2 RJCR AGNT"]);
    let again = world.answer(&answer).await;
    assert_eq!((again.applied, again.repeated), (0, 2), "the same bytes");
    let receipt = world.answer(&answer.replace("BANK-R-1", "BANK-R-2")).await;
    assert_eq!((receipt.applied, receipt.repeated), (0, 2), "the same in another message");
    assert_eq!(world.recalled().await, ["1 0 4 -", "1 1 5 AGNT", "2 0 3 -"]);
    let receipt = world.answer(&camt029("<Sts><Conf>CNCL</Conf></Sts>", &answered_group(&recalls[0]))).await;
    assert_eq!((receipt.applied, receipt.unmatched.len()), (1, 0));
    assert_eq!(world.rows("status, reason", "mediation.leg_outcome order by slice_id, row_no").await, ["2 CUST", "2 CUST"]);
    let reports: String = world.reports().into_iter().map(|(_, text)| text).collect();
    let given_back = "<TxSts>RJCT</TxSts><StsRsnInf><Orgtr><Nm>Prøvebanken</Nm></Orgtr><Rsn><Cd>CUST</Cd></Rsn></StsRsnInf>";
    assert!(reports.contains(given_back), "{reports}");
}

/// The bank says of all of the file that it is given back.
fn answered_group(recall: &str) -> String {
    let file = values(recall, "OrgnlMsgId")[0];
    format!(
        "<OrgnlGrpInfAndSts><OrgnlMsgId>{file}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpCxlSts>ACCR</GrpCxlSts></OrgnlGrpInfAndSts>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_may_answer_on_the_case_alone_and_after_it_had_executed() {
    let world = asked(&["A-1", "A-2"]).await;
    let key = world.bank_files()[0].0.clone();
    let recall = world.bank_recalls().await.remove(0);
    world.answer(&pain002(&key, "<GrpSts>ACSC</GrpSts>", "")).await;
    let pending = camt029("<Sts><Conf>PDCR</Conf></Sts>", "");
    assert_eq!(world.answer(&pending).await.unmatched.len(), 1, "it decides nothing, which a person may look at");
    let case = values(recall.split("<Case>").nth(1).unwrap(), "Id")[0].to_owned();
    let resolved = format!("<RslvdCase><Id>{case}</Id><Cretr><Pty/></Cretr></RslvdCase><Sts><Conf>RJCR</Conf></Sts>");
    let receipt = world.answer(&camt029(&resolved, "")).await;
    assert_eq!((receipt.applied, receipt.unmatched.len()), (2, 0));
    assert_eq!(world.recalled().await, ["1 0 5 NARR", "1 1 5 NARR"]);
    let told_payer = world.answered().await;
    assert_eq!(told(&told_payer), ["A-1 RJCR NARR", "A-2 RJCR NARR"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_of_the_older_generation_is_asked_in_its_own() {
    let world = World::new().await;
    world.parties.banks.lock().unwrap()[0].pain_version = PainVersion::V03;
    walk(&world).await;
    world.allocate().await;
    world.dispatch_and_send().await;
    world.recall(&of_payments("STOP-1", &["A-1"])).await;
    world.ask_banks().await;
    check_golden("bank-recall.camt.055.001.01.xml", &world.bank_recalls().await[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_banks_are_not_asked_it_is_too_late_and_what_went_back_is_said_to() {
    let world = World::with(Settings { slice_payments: 3, asks_banks: false, ..Settings::default() }).await;
    walk(&world).await;
    world.allocate().await;
    world.dispatch_and_send().await;
    let answer = world.recall(&of_payments("STOP-1", &["A-1", "A-6"])).await;
    assert_eq!(told(&answer), ["A-1 RJCR PTNA", "A-6 RJCR ARDT"]);
    world.ask_banks().await;
    assert!(world.bank_recalls().await.is_empty());
    let whole = format!("<Undrlyg>{}</Undrlyg>", of_delivery("<GrpCxl>true</GrpCxl>"));
    let answer = world.recall(&camt055("STOP-2", &whole)).await;
    check_golden("recall-answer-too-late.camt.029.001.09.xml", &answer);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bank_rejects_before_it_is_asked_needs_no_asking() {
    let world = received().await;
    world.allocate().await;
    world.dispatch_and_send().await;
    world.recall(&of_payments("STOP-1", &["A-1"])).await;
    for (key, _) in world.bank_files() {
        world.answer(&pain002(&key, "<GrpSts>RJCT</GrpSts>", "")).await;
    }
    world.ask_banks().await;
    assert!(world.bank_recalls().await.is_empty());
    assert_eq!(told(&world.answered().await), ["A-1 RJCR ARDT"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn recalls_and_dispatches_at_the_same_time_agree_on_every_payment() {
    let world = received().await;
    world.allocate().await;
    for (id, references) in [("STOP-1", ["A-1", "A-2"]), ("STOP-2", ["A-3", "A-4"]), ("STOP-3", ["A-2", "A-7"])] {
        world.deliver(&of_payments(id, &references)).await;
    }
    tokio::join!(world.receive(), world.receive(), world.dispatch_and_send());
    world.receive().await;
    let files: String = world.bank_files().into_iter().map(|(_, text)| text).collect();
    let stopped = world.rows("slice_id, row_no", "mediation.stop").await;
    let late = world.rows("distinct slice_id, row_no", "mediation.recall_payment where state = 3").await;
    assert_eq!(stopped.len() + late.len(), 5, "each is either stopped or too late");
    for (place, reference) in [("1 0", "A-1"), ("1 1", "A-2"), ("1 2", "A-3"), ("2 0", "P-2-0/1"), ("3 0", "A-7")] {
        let has_left = files.contains(&format!("<EndToEndId>{reference}</EndToEndId>"));
        assert_eq!(has_left, !stopped.iter().any(|stopped| stopped == place), "{reference}");
    }
    assert_eq!(world.rows("count(*)", "mediation.recall").await, ["3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_is_asked_once_however_many_workers_ask_and_whenever_one_dies() {
    let world = received().await;
    world.allocate().await;
    world.dispatch_and_send().await;
    world.recall(&of_payments("STOP-1", &["A-1"])).await;
    let house = &world.house;
    let mut died = house.database.pool().begin().await.unwrap();
    let recall = crate::store::recall_leg::lock_next(&mut died).await.unwrap().unwrap();
    assert!(crate::store::recall_leg::lock_next(&mut house.database.pool().begin().await.unwrap()).await.unwrap().is_none());
    crate::store::recall_leg::finish(&mut died, recall, house.clock.now()).await.unwrap();
    // Not dropped: then the pool would roll back only a little later.
    died.rollback().await.unwrap();
    let room = || RecallRoom { house: house.clone() };
    let rooms = [room(), room(), room()];
    tokio::join!(world.drive(&rooms[0]), world.drive(&rooms[1]), world.drive(&rooms[2]));
    world.send().await;
    assert_eq!(world.bank_recalls().await.len(), 1);
    assert_eq!(world.rows("count(*)", "mediation.recall_leg").await, ["1"]);
    assert_eq!(world.recalled().await, ["1 0 3 -"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_has_ended_is_asked_as_it_was_when_it_got_the_payments() {
    let world = received().await;
    world.allocate().await;
    world.dispatch_and_send().await;
    world.parties.end_first_bank(crate::testing::TODAY);
    world.clock.advance(jiff::SignedDuration::from_hours(24));
    world.recall(&of_payments("STOP-1", &["A-1"])).await;
    world.ask_banks().await;
    let recalls = world.bank_recalls().await;
    assert_eq!(values(&recalls[0], "BICFI"), ["DABADKKK"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recall_that_cannot_be_written_does_not_hold_the_others() {
    let world = World::new().await;
    world.parties.add_second_bank();
    let block = |id, reference, number, debtor| {
        world.register.found(person(number), number);
        let orders = vec![Order::incomplete(reference, "1.00", person(number))];
        Block { id, debtor: account(debtor), ..Block::of(orders) }
    };
    world.deliver(&pain001("M-1", &[block("B-1", "A-1", 1, 900)])).await;
    world.deliver(&pain001("M-2", &[block("B-1", "A-2", 2, 902)])).await;
    world.receive().await;
    world.allocate().await;
    world.dispatch_and_send().await;
    world.deliver(&of_payments("STOP-1", &["A-1"])).await;
    world.deliver(&of_payments("STOP-2", &["A-2"]).replace(">M-1<", ">M-2<")).await;
    world.receive().await;
    // As if it had never been: there is no word on the bank on any day.
    world.parties.end_first_bank(crate::testing::TODAY.yesterday().unwrap());
    let room = RecallRoom { house: world.house.clone() };
    for _ in 0..3 {
        let _ = platform::driver::Room::step(&room).await;
    }
    assert_eq!(world.rows("to_ask", "mediation.recall order by delivery_id").await, ["true", "false"]);
}

/// Whether a payout was redirected is not to be learnt by recalling it.
#[tokio::test(flavor = "multi_thread")]
async fn a_redirected_payment_is_asked_back_as_any_other() {
    let world = received().await;
    world.setoff.marked.lock().unwrap().insert(person(3));
    world.allocate().await;
    world.dispatch_and_send().await;
    let redirected = world.rows("distinct slice_id, row_no", "mediation.leg where destination = 2").await;
    assert!(!redirected.is_empty());
    let answer = world.recall(&of_payments("STOP-1", &["A-1", "A-2", "A-3", "A-4"])).await;
    assert!(told(&answer).iter().all(|told| told.ends_with("PDCR -")), "{answer}");
}
