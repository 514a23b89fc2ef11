use crate::testing::World;
use crate::testing::street::{answered_block, check_golden, pain002, values, walk};

/// A world where everything is at the bank: the domestic file's key, batch key and instruction ids of, the redirect and A-7.
struct Sent {
    world: World,
    file: String,
    batch: String,
    instructions: Vec<String>,
}

async fn sent() -> Sent {
    let world = World::new().await;
    walk(&world).await;
    world.allocate().await;
    world.dispatch_and_send().await;
    let files = world.bank_files();
    let (file, text) = files.iter().find(|(_, text)| !text.contains("DE89")).unwrap();
    let batch = values(text, "PmtInfId")[0].to_owned();
    let instructions = values(text, "InstrId").into_iter().map(str::to_owned).collect();
    Sent { file: file.clone(), batch, instructions, world }
}

impl Sent {
    /// What is known of the payments A-1 … A-7, and what is to be done with the reservation of the redirect.
    async fn check(&self, states: &str, reservations: &[&str]) {
        let found = self.world.rows("string_agg(state::text, ' ' order by slice_id, row_no)", "mediation.payment_standing").await;
        assert_eq!(found, [states]);
        self.world.settle_reservations().await;
        let settled = self.world.setoff.settled.lock().unwrap();
        assert_eq!(settled.iter().map(|(verb, leg)| format!("{verb} {leg}")).collect::<Vec<_>>(), reservations);
    }

    async fn faults(&self) -> Vec<String> {
        self.world.rows("line, text_en", "mediation.bank_answer_fault order by answer_id, fault_no").await
    }

    async fn tasks(&self) -> Vec<String> {
        self.world.rows("answer", "mediation.report_task where answer in (8, 9) order by task_id").await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_file_is_accepted() {
    let sent = sent().await;
    let receipt = sent.world.answer(&pain002(&sent.file, "<GrpSts>ACSC</GrpSts>", "")).await;
    assert_eq!((receipt.applied, receipt.repeated, receipt.unmatched.len()), (1, 0, 0));
    sent.check("4 4 3 4 6 6 4", &["post P-2-0/1"]).await;
    assert_eq!(sent.tasks().await, ["8"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_file_is_rejected() {
    let sent = sent().await;
    sent.world.answer(&pain002(&sent.file, "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>", "")).await;
    sent.check("5 5 3 5 6 6 5", &["void P-2-0/1"]).await;
    assert_eq!(sent.tasks().await, ["9"]);
    assert_eq!(sent.world.rows("status, reason", "mediation.batch_outcome").await, ["2 AM04"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_answer_twice_is_one_answer() {
    let sent = sent().await;
    let answer = pain002(&sent.file, "<GrpSts>ACSC</GrpSts>", "");
    sent.world.answer(&answer).await;
    let receipt = sent.world.answer(&answer).await;
    assert_eq!((receipt.applied, receipt.repeated), (0, 1));
    assert_eq!(sent.world.rows("count(*)", "mediation.bank_answer").await, ["1"]);
    assert_eq!(sent.world.rows("count(*)", "mediation.bank_answer_chunk").await, ["1"]);
    let receipt = sent.world.answer(&answer.replace("BANK-1", "BANK-2")).await;
    assert_eq!((receipt.applied, receipt.repeated), (0, 1), "another message that says the same");
    sent.check("4 4 3 4 6 6 4", &["post P-2-0/1"]).await;
    assert_eq!(sent.tasks().await, ["8"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_file_that_is_rejected_after_each_payment_was_accepted_comes_back() {
    let sent = sent().await;
    let rows: Vec<_> = sent.instructions.iter().map(|id| (id.as_str(), "ACSP")).collect();
    sent.world.answer(&pain002(&sent.file, "", &answered_block(&sent.batch, "", &rows))).await;
    sent.check("4 4 3 4 6 6 4", &["post P-2-0/1"]).await;
    let receipt =
        sent.world.answer(&pain002(&sent.file, "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>", "")).await;
    assert_eq!((receipt.applied, receipt.unmatched.len()), (5, 0), "the redirect is reversed");
    sent.check("5 5 3 5 6 6 5", &["post P-2-0/1", "reverse P-2-0/1"]).await;
    assert_eq!(sent.tasks().await, ["8", "9"]);
    let outcomes = sent.world.rows("distinct status, reason", "mediation.leg_outcome where status <> 1").await;
    assert_eq!(outcomes, ["3 AM04"]);
    sent.world.report().await;
    let rejected: usize = sent.world.reports().iter().map(|(_, text)| text.matches("<TxSts>RJCT</TxSts>").count()).sum();
    assert!(rejected >= 4, "the payer is told of each");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rejected_block_still_accepts_by_name_stays_accepted() {
    let sent = sent().await;
    let rows: Vec<_> = sent.instructions.iter().map(|id| (id.as_str(), "ACSP")).collect();
    sent.world.answer(&pain002(&sent.file, "", &answered_block(&sent.batch, "", &rows))).await;
    let block = answered_block(&sent.batch, "<PmtInfSts>RJCT</PmtInfSts>", &rows[..1]);
    sent.world.answer(&pain002(&sent.file, "<GrpSts>PART</GrpSts>", &block)).await;
    sent.check("4 5 3 5 6 6 5", &["reverse P-2-0/1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_named_twice_in_one_block_is_heard_in_order() {
    let sent = sent().await;
    let rows = [(sent.instructions[0].as_str(), "ACSP"), (sent.instructions[0].as_str(), "RJCT")];
    sent.world.answer(&pain002(&sent.file, "", &answered_block(&sent.batch, "", &rows))).await;
    assert_eq!(sent.world.rows("status", "mediation.leg_outcome order by status").await, ["1", "3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_answers_on_one_payment_at_the_same_time_are_heard_one_after_the_other() {
    let sent = sent().await;
    let answer = |status| {
        let block = answered_block(&sent.batch, "", &[(sent.instructions[0].as_str(), status)]);
        pain002(&sent.file, "", &block)
    };
    let (accepted, rejected) = (answer("ACSP"), answer("RJCT"));
    let mut gate = sent.world.admin().await;
    sqlx::raw_sql("begin; lock table mediation.leg_outcome in exclusive mode").execute(&mut gate).await.unwrap();
    let open = async {
        // Long enough that both have read what is known and wait to write.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        sqlx::raw_sql("commit").execute(&mut gate).await.unwrap();
    };
    tokio::join!(sent.world.answer(&accepted), sent.world.answer(&rejected), open);
    let statuses = sent.world.rows("status", "mediation.leg_outcome order by status").await.join(" ");
    let faults = sent.faults().await.len();
    assert!(matches!((statuses.as_str(), faults), ("1 3", 0) | ("2", 1)), "{statuses}, {faults} faults");
}

#[tokio::test(flavor = "multi_thread")]
async fn partly_with_counts_accepts_those_not_listed() {
    let sent = sent().await;
    let counts = "<NbOfTxsPerSts><DtldNbOfTxs>3</DtldNbOfTxs><DtldSts>ACSC</DtldSts></NbOfTxsPerSts>\
                  <NbOfTxsPerSts><DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>RJCT</DtldSts></NbOfTxsPerSts>";
    let block = answered_block(&sent.batch, &format!("<PmtInfSts>PART</PmtInfSts>{counts}"), &[(&sent.instructions[1], "RJCT")]);
    let receipt = sent.world.answer(&pain002(&sent.file, "<GrpSts>PART</GrpSts>", &block)).await;
    assert_eq!((receipt.applied, receipt.unmatched.len()), (2, 0));
    sent.check("4 5 3 4 6 6 4", &["post P-2-0/1"]).await;
    assert_eq!(sent.tasks().await, ["8", "9"]);
    assert_eq!(sent.world.rows("status, reason", "mediation.leg_outcome").await, ["2 AC04"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn partly_without_counts_says_nothing_of_those_not_listed() {
    let sent = sent().await;
    let rows = [(sent.instructions[1].as_str(), "RJCT"), (sent.instructions[0].as_str(), "ACSC")];
    let block = answered_block(&sent.batch, "<PmtInfSts>PART</PmtInfSts>", &rows);
    let receipt = sent.world.answer(&pain002(&sent.file, "<GrpSts>PART</GrpSts>", &block)).await;
    assert_eq!((receipt.applied, receipt.unmatched.len()), (2, 1));
    sent.check("4 5 3 3 6 6 3", &[]).await;
    assert_eq!(sent.faults().await.len(), 1);
    sent.world.answer(&pain002(&sent.file, "", &answered_block(&sent.batch, "", &[(&sent.instructions[2], "RJCT")]))).await;
    sent.check("4 5 3 5 6 6 3", &["void P-2-0/1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_is_kept_as_a_fault_and_the_rest_is_applied() {
    let sent = sent().await;
    let rows = [("", "RJCT"), ("99999999P-2-0/1", "RJCT"), ("00000001P-9-0/1", "RJCT"), (sent.instructions[0].as_str(), "RJCT")];
    let rows: Vec<_> = rows.iter().map(|(id, status)| (if id.is_empty() { "X" } else { id }, *status)).collect();
    let blocks = answered_block(&sent.batch, "", &rows) + &answered_block("NKP-9", "<PmtInfSts>RJCT</PmtInfSts>", &[]);
    let receipt = sent.world.answer(&pain002(&sent.file, "", &blocks)).await;
    assert_eq!((receipt.applied, receipt.unmatched.len()), (1, 4));
    sent.check("5 3 3 3 6 6 3", &[]).await;
    assert_eq!(sent.world.rows("state", "mediation.bank_answer_reading").await, ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_nothing_of_ours_or_unreadable_changes_nothing() {
    let sent = sent().await;
    let block = answered_block(&sent.batch, "<PmtInfSts>RJCT</PmtInfSts>", &[(&sent.instructions[0], "RJCT")]);
    for answer in [
        pain002("NKB-X", "<GrpSts>RJCT</GrpSts>", ""),
        "not xml".to_owned(),
        pain002(&sent.file, "<GrpSts>RJCT</GrpSts>", &block).replace("</CstmrPmtStsRpt>", "<Unknown/></CstmrPmtStsRpt>"),
    ] {
        let receipt = sent.world.answer(&answer).await;
        assert_eq!((receipt.applied, receipt.unmatched.len()), (0, 1));
    }
    sent.check("3 3 3 3 6 6 3", &[]).await;
    assert_eq!(sent.world.rows("state", "mediation.bank_answer_reading").await, ["3", "3", "3"]);
    assert_eq!(sent.tasks().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_after_acceptance_is_a_new_fact_and_an_acceptance_after_it_is_refused() {
    let sent = sent().await;
    sent.world.answer(&pain002(&sent.file, "<GrpSts>ACSC</GrpSts>", "")).await;
    sent.world.settle_reservations().await;
    let rows = [(sent.instructions[0].as_str(), "RJCT"), (sent.instructions[2].as_str(), "RJCT")];
    let receipt = sent.world.answer(&pain002(&sent.file, "", &answered_block(&sent.batch, "", &rows))).await;
    assert_eq!((receipt.applied, receipt.unmatched.len()), (2, 0));
    assert_eq!(sent.world.rows("status", "mediation.leg_outcome").await, ["3", "3"]);
    let rows = [(sent.instructions[0].as_str(), "ACSC")];
    let receipt = sent.world.answer(&pain002(&sent.file, "", &answered_block(&sent.batch, "", &rows))).await;
    assert_eq!((receipt.applied, receipt.unmatched.len()), (0, 1));
    sent.check("5 4 3 5 6 6 4", &["post P-2-0/1", "reverse P-2-0/1"]).await;
    assert_eq!(sent.tasks().await, ["8", "9"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_kept_and_not_applied_is_applied_later() {
    let sent = sent().await;
    let content: contracts::mediation::Content =
        Box::pin(std::io::Cursor::new(pain002(&sent.file, "<GrpSts>ACSC</GrpSts>", "").into_bytes()));
    super::keep::keep(&sent.world.house, crate::testing::street::bank_code(), content).await.unwrap();
    let room = super::SettleRoom { house: sent.world.house.clone() };
    sent.world.drive(&room).await;
    sent.check("3 3 3 3 6 6 3", &[]).await;
    let expire = "update mediation.bank_answer_reading set lease_until = now() - interval '1 second'";
    sqlx::query(expire).execute(&mut sent.world.admin().await).await.unwrap();
    sent.world.drive(&room).await;
    sent.check("4 4 3 4 6 6 4", &["post P-2-0/1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_answers_only_in_its_own_name() {
    let world = World::new().await;
    let context = world.supplier_context();
    let content: contracts::mediation::Content = Box::pin(std::io::Cursor::new(Vec::new()));
    let refused = super::keep_answer(&world.house, &context, crate::testing::street::bank_code(), content).await.unwrap_err();
    assert_eq!(refused.code, contracts::ProblemCode::Forbidden);
}

/// A notification of bookings; each of `transactions` is a booking of its own: instruction id, or all its references; amount; and the rest.
fn camt054(version: &str, transactions: &[(&str, &str, &str)]) -> String {
    let status = if version == "02" { "BOOK" } else { "<Cd>BOOK</Cd>" };
    let entries: String = transactions
        .iter()
        .map(|(instruction, amount, rest)| {
            format!(
                "<Ntry><Amt Ccy=\"DKK\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>{status}</Sts><BkTxCd/><NtryDtls>\
                 <TxDtls><Refs>{}</Refs>{rest}</TxDtls></NtryDtls></Ntry>",
                if instruction.starts_with('<') {
                    (*instruction).to_owned()
                } else {
                    format!("<InstrId>{instruction}</InstrId>")
                }
            )
        })
        .collect();
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}\"><BkToCstmrDbtCdtNtfctn>\
         <GrpHdr><MsgId>BANK-54</MsgId><CreDtTm>2026-01-16T10:00:00Z</CreDtTm></GrpHdr><Ntfctn><Id>N-1</Id>\
         <CreDtTm>2026-01-16T10:00:00Z</CreDtTm><Acct><Id><IBAN>DK5000400440116243</IBAN></Id></Acct>{entries}</Ntfctn>\
         </BkToCstmrDbtCdtNtfctn></Document>"
    )
}

const CLOSED: &str = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>";

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_comes_back_goes_back_to_the_payer_once() {
    for version in ["02", "08"] {
        let sent = sent().await;
        sent.world.answer(&pain002(&sent.file, "<GrpSts>ACSC</GrpSts>", "")).await;
        sent.world.report().await;
        let [first, second, ..] = &sent.instructions[..] else { panic!("four payments") };
        let answer = camt054(version, &[(first, "100.00", CLOSED), (second, "200.00", "")]);
        let receipt = sent.world.answer(&answer).await;
        assert_eq!(
            (receipt.applied, receipt.repeated, receipt.unmatched.len()),
            (1, 0, 0),
            "a credit without a reason is no return"
        );
        sent.check("5 4 3 4 6 6 4", &["post P-2-0/1"]).await;
        assert_eq!(sent.tasks().await, ["8", "9"]);
        assert_eq!(sent.world.rows("status, reason", "mediation.leg_outcome").await, ["3 AC04"]);
        let receipt = sent.world.answer(&answer.replace("BANK-54", "BANK-55")).await;
        assert_eq!((receipt.applied, receipt.repeated), (0, 1), "the return stands in the statement too");
        sent.world.report().await;
        assert_eq!(sent.tasks().await, ["8", "9"]);
        let reports = sent.world.reports();
        let told: Vec<_> = reports.iter().filter(|(_, text)| text.contains("<Orgtr>")).collect();
        assert_eq!(told.len(), 1);
        check_golden("report-9-returned.pain.002.001.10.xml", &told[0].1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_before_the_bank_s_word_wins_over_it_and_voids_the_reservation() {
    let sent = sent().await;
    let receipt = sent.world.answer(&camt054("08", &[(&sent.instructions[2], "400.00", CLOSED)])).await;
    assert_eq!((receipt.applied, receipt.unmatched.len()), (1, 0));
    sent.world.answer(&pain002(&sent.file, "<GrpSts>ACSC</GrpSts>", "")).await;
    sent.check("4 4 3 5 6 6 4", &["void P-2-0/1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_that_is_not_ours_or_of_another_amount_is_for_a_person_to_look_at() {
    let sent = sent().await;
    let rows = [("X", "1.00", CLOSED), ("00000001P-9-0/1", "1.00", CLOSED), ("00000002P-1-0/1", "1.00", CLOSED)];
    let receipt = sent.world.answer(&camt054("08", &rows)).await;
    assert_eq!((receipt.applied, receipt.unmatched.len()), (0, 3));
    let receipt = sent.world.answer(&camt054("08", &[(&sent.instructions[0], "99.00", CLOSED)])).await;
    assert_eq!((receipt.applied, receipt.unmatched.len()), (1, 1), "it is back all the same");
    let announced = camt054("08", &[(&sent.instructions[1], "200.00", CLOSED)]).replace("BOOK", "PDNG");
    assert_eq!(sent.world.answer(&announced).await.applied, 0, "money that is announced is not back yet");
    let debit = camt054("08", &[(&sent.instructions[1], "200.00", CLOSED)]).replace("CRDT", "DBIT");
    assert_eq!(sent.world.answer(&debit).await.applied, 0);
    let broken = camt054("08", &[(&sent.instructions[1], "200.00", CLOSED)]).replace("</Ntfctn>", "<Unknown/></Ntfctn>");
    assert_eq!(sent.world.answer(&broken).await.applied, 0);
    assert_eq!(sent.world.rows("state", "mediation.bank_answer_reading order by answer_id").await, ["2", "2", "2", "2", "3"]);
    sent.check("5 3 3 3 6 6 3", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_of_an_amount_that_cannot_be_read_is_not_booked() {
    let sent = sent().await;
    let transaction = |amount: &str| format!("<AmtDtls><TxAmt><Amt Ccy=\"DKK\">{amount}</Amt></TxAmt></AmtDtls>{CLOSED}");
    for (of_entry, of_transaction) in [("50.000", CLOSED), ("100.00", &transaction("50.000"))] {
        let answer = camt054("08", &[(&sent.instructions[0], of_entry, of_transaction)]);
        let receipt = sent.world.answer(&answer).await;
        assert_eq!((receipt.applied, receipt.repeated, receipt.unmatched.len()), (0, 0, 1), "{of_entry} {of_transaction}");
    }
    let xts = camt054("08", &[(&sent.instructions[0], "100.00", CLOSED)]).replacen("Ccy=\"DKK\"", "Ccy=\"XQQ\"", 1);
    let receipt = sent.world.answer(&xts).await;
    assert_eq!(receipt.applied, 0);
    assert!(receipt.unmatched[0].en.starts_with("The returned amount cannot be read, and nothing is booked. "));
    assert!(receipt.unmatched[0].en.contains("currency"), "the finding is told");
    // What the entry's amount cannot say, the transaction's may: the bank's word on the payment itself comes first.
    let told = camt054("08", &[(&sent.instructions[0], "50.000", &transaction("100.00"))]);
    let receipt = sent.world.answer(&told).await;
    assert_eq!((receipt.applied, receipt.unmatched.len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_is_found_by_the_payer_s_reference_with_the_batch_or_the_file() {
    let sent = sent().await;
    let by_batch = format!("<PmtInfId>{}</PmtInfId><EndToEndId>A-1</EndToEndId>", sent.batch);
    let by_file = format!("<MsgId>{}</MsgId><EndToEndId>A-2</EndToEndId>", sent.file);
    let redirected = format!("<PmtInfId>{}</PmtInfId><EndToEndId>P-2-0/1</EndToEndId>", sent.batch);
    let by_nothing = "<EndToEndId>A-7</EndToEndId>";
    let rows = [
        (by_batch.as_str(), "100.00", CLOSED),
        (by_file.as_str(), "200.00", CLOSED),
        (redirected.as_str(), "400.00", CLOSED),
        (by_nothing, "700.00", CLOSED),
    ];
    let receipt = sent.world.answer(&camt054("08", &rows)).await;
    assert_eq!((receipt.applied, receipt.unmatched.len()), (3, 1));
    sent.check("5 5 3 5 6 6 3", &["void P-2-0/1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_answers_at_once_than_there_are_connections_wait_for_each_other() {
    let sent = sent().await;
    // Who waited for a connection that another holds would be refused at the pool's time limit.
    let answers = (0..24).map(|number| {
        let text = pain002(&sent.file, "<GrpSts>ACSC</GrpSts>", "").replace("BANK-1", &format!("BANK-{number}"));
        let world = &sent.world;
        async move { world.answer(&text).await.unmatched.len() }
    });
    assert_eq!(futures_util::future::join_all(answers).await, [0; 24]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_of_a_bank_reaches_the_payer_as_the_bank_s() {
    let passed_on =
        ["AC01", "AC02", "AC03", "AC04", "AC05", "AC06", "AC07", "AG01", "AM02", "AM03", "BE01", "BE17", "DT01", "MS03", "RR10"];
    // A reason of returns that no status has is told in words, with the bank's code.
    let narrated = ["AC17", "FRTR", "ZZ99"];
    for (code, expect) in passed_on.map(|code| (code, code)).into_iter().chain(narrated.map(|code| (code, "NARR"))) {
        let sent = sent().await;
        let block = answered_block(&sent.batch, "", &[(&sent.instructions[0], "RJCT")]).replace("AC04", code);
        sent.world.answer(&pain002(&sent.file, "", &block)).await;
        sent.world.report().await;
        let reports = sent.world.reports();
        let told: Vec<&String> = reports.iter().map(|(_, text)| text).filter(|text| text.contains("<Orgtr>")).collect();
        assert_eq!(told.len(), 1, "{code}");
        assert_eq!((values(told[0], "TxSts"), values(told[0], "Cd")), (vec!["RJCT"], vec![expect]));
        let words = values(told[0], "AddtlInf");
        assert_eq!(words.is_empty(), expect != "NARR", "{words:?}");
        assert!(words.iter().take(2).all(|line| line.contains(code)), "{words:?}");
        assert_eq!(values(told[0], "OrgnlEndToEndId"), ["A-1"]);
        assert_eq!(sent.world.rows("reason", "mediation.leg_outcome").await, [code], "the bank's own word is kept");
    }
}

/// An example of a message, as the documentation shows it.
fn example(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../../fixtures/messages/{name}.xml", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_counts_in_whichever_message_it_is_booked() {
    for kind in ["052", "053", "054"] {
        for version in ["02", "08"] {
            let sent = sent().await;
            let booked = example(&format!("camt.{kind}.001.{version}"));
            let ours = booked.replace("12345678P-1-0/1", &sent.instructions[0]).replace("7000.25", "100.00");
            let receipt = sent.world.answer(&ours).await;
            assert_eq!((receipt.applied, receipt.unmatched.len()), (1, 0), "camt.{kind}.001.{version}");
            sent.check("5 3 3 3 6 6 3", &[]).await;
            assert_eq!(sent.tasks().await, ["9"]);
        }
    }
}

/// What is no bank's answer to us is refused as such, and changes nothing: messages between banks, and questions to the register.
#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_no_answers_are_refused_with_a_word() {
    let sent = sent().await;
    for name in ["pacs.002.001.10", "pacs.004.001.09", "acmt.023.001.03", "acmt.024.001.03", "camt.055.001.01"] {
        let receipt = sent.world.answer(&example(name)).await;
        assert_eq!((receipt.applied, receipt.unmatched.len()), (0, 1), "{name}");
        assert!(!receipt.unmatched[0].en.is_empty() && !receipt.unmatched[0].da.is_empty(), "{name}");
    }
    sent.check("3 3 3 3 6 6 3", &[]).await;
    assert_eq!(sent.world.rows("distinct state", "mediation.bank_answer_reading").await, ["3"]);
}
