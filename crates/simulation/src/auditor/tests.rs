//! An honest run balances; every fault planted in it is found.

use std::collections::HashSet;
use std::fs;

use super::honest::{Run, Scene, Sent, Told, What, another_account};

#[test]
fn an_honest_run_balances_and_every_place_is_used() {
    let scene = Scene::new("honest");
    let recount = scene.audited(&scene.run);
    assert_eq!(recount.differences, Vec::<String>::new());
    assert!(recount.balanced);
    let places = [
        &recount.accounts,
        &recount.recovery,
        &recount.holding,
        &recount.error_account,
        &recount.returned,
        &recount.rejected,
        &recount.waiting,
    ];
    assert!(places.iter().all(|place| place.count > 0), "{recount:?}");
    assert_eq!(places.iter().map(|place| place.count).sum::<u64>(), recount.received.count);
    assert_eq!(places.iter().map(|place| place.minor).sum::<i64>(), recount.received.minor);
    let euro = |tally: &super::Tally| tally.by_currency.get("EUR").copied().unwrap_or_default();
    assert!(euro(&recount.received) > 0);
    assert_eq!(places.iter().map(|place| euro(place)).sum::<i64>(), euro(&recount.received));
    assert!(recount.received.count > 1_200);
}

#[test]
fn a_recount_is_the_same_every_time_and_reads_as_json() {
    let scene = Scene::new("json");
    let (first, second) = (scene.audited(&scene.run), scene.audited(&scene.run));
    assert_eq!(first, second);
    let json = serde_json::to_value(&first).unwrap();
    let names: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
    for name in ["received", "accounts", "recovery", "holding", "error_account", "returned", "rejected", "waiting"] {
        assert!(names.contains(&name.to_owned()));
        assert!(json[name]["count"].is_u64() && json[name]["minor"].is_i64() && json[name]["by_currency"].is_object());
    }
    assert_eq!(json["balanced"], true);
}

/// Plants a fault and expects a difference that says so, and nothing personal in it.
fn finds(name: &str, expected: &str, plant: impl FnOnce(&Scene, &mut Run)) {
    let scene = Scene::new(name);
    let mut run = scene.run.clone();
    plant(&scene, &mut run);
    let recount = scene.audited(&run);
    assert!(!recount.balanced, "the fault was not found");
    let found = recount.differences.iter().any(|difference| difference.contains(expected));
    assert!(found, "expected “{expected}” in {:?}", recount.differences);
    assert!(recount.differences.len() <= 4, "one fault, not {:?}", recount.differences);
    let digits = |text: &str| text.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    assert!(recount.differences.iter().all(|difference| digits(difference) <= 8), "no number longer than an agreement's");
}

fn payee_row(run: &Run) -> usize {
    run.sent.iter().position(|sent| sent.to_payee).unwrap()
}

fn state_row(scene: &Scene, run: &Run) -> usize {
    run.sent.iter().position(|sent| sent.account == scene.world.recovery_account()).unwrap()
}

#[test]
fn a_lost_payment_is_found() {
    finds("lost", "is nowhere", |_, run| drop(run.sent.remove(payee_row(run))));
}

#[test]
fn a_lost_redirect_is_found() {
    finds("lost-redirect", "is nowhere", |scene, run| drop(run.sent.remove(state_row(scene, run))));
}

#[test]
fn a_doubled_payment_is_found() {
    finds("doubled", "is paid once too often", |_, run| {
        let mut again = run.sent[payee_row(run)].clone();
        again.instruction.push('X');
        run.sent.push(again);
    });
}

#[test]
fn a_doubled_redirect_is_found() {
    finds("doubled-redirect", "has no order", |scene, run| {
        let mut again = run.sent[state_row(scene, run)].clone();
        again.reference.push('X');
        run.sent.push(again);
    });
}

#[test]
fn a_changed_oere_is_found() {
    finds("changed", "has another amount", |_, run| {
        let row = payee_row(run);
        let last = run.sent[row].amount.pop().unwrap();
        run.sent[row].amount.push(if last == '0' { '1' } else { '0' });
    });
}

#[test]
fn a_changed_currency_is_found() {
    finds("currency", "has another amount", |_, run| {
        let row = payee_row(run);
        run.sent[row].currency = "SEK";
    });
}

#[test]
fn a_wrong_account_is_found() {
    finds("account", "went to a wrong account", |scene, run| {
        let row = payee_row(run);
        run.sent[row].account = another_account(&scene.world);
    });
}

#[test]
fn two_swapped_accounts_are_found_though_the_sums_are_right() {
    finds("swapped", "went to a wrong account", |_, run| {
        let first = payee_row(run);
        let other = run.sent.iter().rposition(|sent| sent.to_payee && sent.account != run.sent[first].account).unwrap();
        let account = run.sent[first].account.clone();
        run.sent[first].account = std::mem::replace(&mut run.sent[other].account, account);
    });
}

#[test]
fn a_redirect_without_a_marker_is_found() {
    finds("unmarked", "without a marker", |scene, run| {
        let row = payee_row(run);
        run.sent[row].account = scene.world.recovery_account();
    });
}

#[test]
fn a_deposit_of_another_payer_is_found() {
    finds("deposit", "holding account", |scene, run| {
        let row = payee_row(run);
        run.sent[row].account = scene.world.holding_account();
    });
}

#[test]
fn a_payment_nobody_ordered_is_found() {
    finds("unordered", "has no order", |_, run| {
        let mut other = run.sent[payee_row(run)].clone();
        other.reference = "NOBODYS".to_owned();
        other.instruction.push('X');
        run.sent.push(other);
    });
}

#[test]
fn a_payment_of_another_payer_is_found() {
    finds("payer", "is nowhere", |_, run| {
        let row = payee_row(run);
        let other =
            run.sent.iter().map(|sent| sent.agreement.clone()).find(|agreement| *agreement != run.sent[row].agreement).unwrap();
        run.sent[row].instruction.replace_range(..8, &other);
    });
}

#[test]
fn a_return_nobody_was_told_of_is_found() {
    finds("untold", "is nowhere", |_, run| {
        let row = run.told.iter().position(|told| told.what != What::Delivery && told.code == "AC03").unwrap();
        run.told.remove(row);
    });
}

#[test]
fn a_refusal_without_a_fault_is_found() {
    finds("refused", "was refused though nothing is wrong with it", |_, run| {
        let row = run.sent.remove(payee_row(run));
        run.told.push(row.told("AC03"));
    });
}

/// Refuses what `what` names of the delivery or block a payment is in, and so pays nothing of it.
fn refuse(run: &mut Run, what: impl Fn(&Sent) -> What, code: &'static str) {
    let row = run.sent[payee_row(run)].clone();
    let refused = what(&row);
    run.sent.retain(|sent| (&sent.agreement, &sent.message, what(sent)) != (&row.agreement, &row.message, refused.clone()));
    run.told.push(Told { what: refused, ..row.told(code) });
}

#[test]
fn a_good_delivery_that_was_refused_is_found() {
    for code in ["NARR", "DU01"] {
        finds("refused-delivery", "main.xml was refused though nothing is wrong with it", |_, run| {
            refuse(run, |_| What::Delivery, code);
        });
    }
}

#[test]
fn a_good_block_that_was_refused_is_found() {
    finds("refused-block", "has a block that was refused though nothing is wrong with it", |_, run| {
        refuse(run, |sent| What::Block(sent.block.clone()), "AC02");
    });
}

#[test]
fn of_a_file_from_outside_a_refusal_is_believed_and_a_wrong_account_is_not() {
    let scene = Scene::new("outside");
    let mut run = scene.run.clone();
    refuse(&mut run, |sent| What::Payment(sent.payers_reference.clone()), "AG01");
    assert!(!scene.audited(&run).balanced);
    assert_eq!(scene.audit_folder_from_outside().differences, Vec::<String>::new());
    let wrong = payee_row(&run);
    run.sent[wrong].account = another_account(&scene.world);
    scene.audited(&run);
    let differences = scene.audit_folder_from_outside().differences;
    assert!(differences.len() == 1 && differences[0].contains("wrong account"), "{differences:?}");
}

#[test]
fn a_refusal_that_names_no_message_means_the_only_one() {
    let scene = Scene::new("nameless");
    let mut run = scene.run.clone();
    refuse(&mut run, |_| What::Delivery, "NARR");
    let told = run.told.pop().unwrap();
    run.told.push(Told { message: "NOTPROVIDED".to_owned(), ..told.clone() });
    scene.audited(&run);
    let folder = scene.folder.join("in").join(&told.agreement);
    let message = format!("<MsgId>{}<", told.message);
    for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if !fs::read_to_string(&file).unwrap().contains(&message) {
            assert!(scene.audit_folder_from_outside().differences.iter().any(|difference| difference.contains("is nowhere")));
            fs::remove_file(file).unwrap();
        }
    }
    let differences = scene.audit_folder_from_outside().differences;
    assert!(!differences.iter().any(|difference| difference.contains("is nowhere")), "{differences:?}");
}

#[test]
fn a_mediation_that_refuses_everything_does_not_balance() {
    let scene = Scene::new("refused-all");
    let mut run = scene.run.clone();
    let deliveries: HashSet<_> = run.sent.iter().map(|sent| (sent.agreement.clone(), sent.message.clone())).collect();
    run.sent.clear();
    run.told.retain(|told| told.code != "DU01");
    let told = |(agreement, message)| Told { agreement, message, what: What::Delivery, code: "NARR" };
    run.told.extend(deliveries.iter().cloned().map(told));
    let recount = scene.audited(&run);
    assert!(!recount.balanced);
    let objections = recount.differences.iter().filter(|difference| difference.contains("was refused though nothing is wrong"));
    assert!(objections.count() >= deliveries.len(), "{:?}", recount.differences);
}

#[test]
fn a_faulty_delivery_that_was_taken_is_found() {
    for (code, objection) in
        [("AM16", "declares another control sum than its rows have and was not refused"), ("DU01", "uses a message id again")]
    {
        let scene = Scene::new(&format!("taken-{code}"));
        let mut run = scene.run.clone();
        run.told.retain(|told| told.code != code);
        let recount = scene.audited(&run);
        assert!(recount.differences.iter().any(|difference| difference.contains(objection)), "{:?}", recount.differences);
    }
}

/// A delivery of nothing but faulty rows is told as rejected, and so are its rows.
#[test]
fn a_delivery_of_faulty_rows_alone_may_be_told_as_rejected() {
    let scene = Scene::new("all-faulty");
    scene.audited(&scene.run);
    let agreement = scene.world.agreements().next().unwrap();
    let folder = scene.folder.join("in").join(agreement.digits());
    let cases = fs::read_to_string(folder.join("02-cases.xml")).unwrap();
    let (head, rest) = cases.split_once("<CdtTrfTxInf>").unwrap();
    let row = rest.split("<CdtTrfTxInf>").find(|row| row.contains(">0.00<")).unwrap().split("</CdtTrfTxInf>").next().unwrap();
    let reference = row.split("<EndToEndId>").nth(1).unwrap().split('<').next().unwrap();
    let one_row = |text: &str| {
        let count = text.split("<NbOfTxs>").nth(1).unwrap().split('<').next().unwrap();
        let sum = text.split("<CtrlSum>").nth(1).unwrap().split('<').next().unwrap();
        let text = text.replace(&format!("<NbOfTxs>{count}<"), "<NbOfTxs>1<");
        text.replace(&format!("<CtrlSum>{sum}<"), "<CtrlSum>0<").replace("-02</MsgId>", "-77</MsgId>")
    };
    let text = format!("{}<CdtTrfTxInf>{row}</CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>", one_row(head));
    let text = text.replace(reference, "ONE-OF-A-KIND");
    fs::write(folder.join("99-faulty.xml"), &text).unwrap();
    let message = text.split("<MsgId>").nth(1).unwrap().split('<').next().unwrap();
    let report = |row_status: &str| {
        format!(
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts>\
             <OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>ONE-OF-A-KIND</OrgnlEndToEndId><TxSts>{row_status}</TxSts></TxInfAndSts>\
             </OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
        )
    };
    let report_file = scene.folder.join("out/reports").join(agreement.digits()).join("faulty.xml");
    fs::write(&report_file, report("RJCT")).unwrap();
    assert_eq!(scene.audit_folder().differences, Vec::<String>::new());
    fs::write(&report_file, report("ACTC")).unwrap();
    let differences = scene.audit_folder().differences;
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert!(differences[0].ends_with("99-faulty.xml was refused though nothing is wrong with it"), "{differences:?}");
}

/// A payer's recall of one payment, in an envelope.
fn recall(row: &Sent) -> String {
    format!(
        "<E><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.055.001.08\"><CstmrPmtCxlReq><Assgnmt><Id>RECALL</Id></Assgnmt><Undrlyg>\
         <OrgnlPmtInfAndCxl><TxInf><OrgnlEndToEndId>{}</OrgnlEndToEndId></TxInf></OrgnlPmtInfAndCxl></Undrlyg></CstmrPmtCxlReq></Document></E>",
        row.payers_reference
    )
}

/// An answer to a recall, of a bank or to a payer.
fn resolution(row: &Sent, status: &str) -> String {
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.029.001.09\"><RsltnOfInvstgtn><CxlDtls><OrgnlPmtInfAndSts><TxInfAndSts>\
         <OrgnlInstrId>{}</OrgnlInstrId><OrgnlEndToEndId>{}</OrgnlEndToEndId><TxCxlSts>{status}</TxCxlSts></TxInfAndSts>\
         </OrgnlPmtInfAndSts></CxlDtls></RsltnOfInvstgtn></Document>",
        row.instruction, row.payers_reference
    )
}

impl Scene {
    /// Writes one more file into a folder of the day, and audits again.
    fn audited_with(&self, files: &[(&str, &Sent, String)]) -> super::Recount {
        for (side, row, text) in files {
            let folder = match *side {
                "answers" => self.folder.join("answers/DEMO"),
                side => self.folder.join(side).join(&row.agreement),
            };
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("99-more.xml"), text).unwrap();
        }
        self.audit_folder()
    }
}

#[test]
fn a_payment_stopped_as_its_payer_asked_is_no_difference() {
    let scene = Scene::new("stopped");
    let mut run = scene.run.clone();
    let before = scene.audited(&run).rejected.count;
    let row = run.sent.remove(payee_row(&run));
    run.told.push(row.told("CUST"));
    let unasked = scene.audited(&run);
    assert_eq!(unasked.differences.len(), 1, "{:?}", unasked.differences);
    assert!(unasked.differences[0].ends_with("was stopped though its payer did not ask"), "{:?}", unasked.differences);
    let unanswered = scene.audited_with(&[("in", &row, recall(&row))]);
    assert!(unanswered.differences[0].ends_with("1 recalled payments were not answered"), "{:?}", unanswered.differences);
    let recount = scene.audited_with(&[("out/reports", &row, resolution(&row, "ACCR"))]);
    assert_eq!(recount.differences, Vec::<String>::new());
    assert_eq!((recount.balanced, recount.rejected.count, recount.stopped.count), (true, before + 1, 1));
}

#[test]
fn a_payment_that_was_paid_is_not_stopped_whatever_its_payer_is_told() {
    let scene = Scene::new("told-stopped");
    let row = scene.run.sent[payee_row(&scene.run)].clone();
    scene.audited(&scene.run);
    let refused = scene.audited_with(&[("in", &row, recall(&row)), ("out/reports", &row, resolution(&row, "RJCR"))]);
    assert!(refused.balanced, "{:?}", refused.differences);
    let told = scene.audited_with(&[("out/reports", &row, resolution(&row, "ACCR"))]);
    assert!(told.differences[0].ends_with("was paid and the payer was told that it is stopped"), "{:?}", told.differences);
}

#[test]
fn what_a_bank_sends_back_is_not_paid_and_its_payer_must_be_told() {
    let booked = |row: &Sent| {
        format!(
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.02\"><BkToCstmrDbtCdtNtfctn><Ntfctn><Ntry><CdtDbtInd>CRDT\
             </CdtDbtInd><Sts>BOOK</Sts><NtryDtls><TxDtls><Refs><InstrId>{}</InstrId></Refs><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>\
             </TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>",
            row.instruction
        )
    };
    for (name, answer) in [("booked", &booked as &dyn Fn(&Sent) -> String), ("given", &|row| resolution(row, "ACCR"))] {
        let scene = Scene::new(name);
        let mut run = scene.run.clone();
        let row = run.sent[payee_row(&run)].clone();
        let before = scene.audited(&run);
        let untold = scene.audited_with(&[("answers", &row, answer(&row))]);
        assert_eq!(untold.differences.len(), 1, "{:?}", untold.differences);
        assert!(untold.differences[0].ends_with("was sent back and the payer was not told"), "{:?}", untold.differences);
        run.told.push(row.told("AC04"));
        scene.audited(&run);
        let recount = scene.audited_with(&[("answers", &row, answer(&row))]);
        assert_eq!(recount.differences, Vec::<String>::new());
        assert_eq!((recount.rejected.count, recount.sent_back.count), (before.rejected.count + 1, 1));
        assert_eq!(recount.accounts.count + 1, before.accounts.count, "it is in no account any more");
        assert!(recount.balanced);
    }
}

#[test]
fn a_payment_both_made_and_refused_is_found() {
    finds("both", "was paid and reported as refused", |_, run| {
        let row = run.sent[payee_row(run)].clone();
        run.told.push(row.told("AC03"));
    });
}

#[test]
fn a_refusal_of_the_bank_that_nobody_was_told_of_is_found() {
    let scene = Scene::new("bank");
    assert!(scene.audited(&scene.run).balanced);
    for folder in fs::read_dir(scene.folder.join("out/reports")).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.file_name().unwrap().to_str().unwrap().starts_with("bank") {
                fs::remove_file(path).unwrap();
            }
        }
    }
    let recount = scene.audit_folder();
    assert!(!recount.balanced);
    let told = recount.differences.iter().filter(|difference| difference.contains("the payer was not told")).count();
    assert!(told > 0 && told == recount.differences.len());
}

#[test]
fn a_broken_delivery_that_was_not_refused_is_found() {
    finds("unrefused", "cannot be read and was not refused", |_, run| {
        let row = run.told.iter().position(|told| told.code == "FF01").unwrap();
        run.told.remove(row);
    });
}

#[test]
fn a_bank_file_with_a_wrong_count_or_a_broken_one_is_found() {
    let scene = Scene::new("bank-file");
    scene.audited(&scene.run);
    let path = scene.folder.join("out/bank/DEMO").join(format!("{}.xml", scene.world.agreements().next().unwrap().digits()));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("<NbOfTxs>", "<NbOfTxs>1", 1)).unwrap();
    assert!(scene.audit_folder().differences.iter().any(|difference| difference.contains("declares another number")));
    fs::write(&path, &text[..text.len() - 20]).unwrap();
    assert!(scene.audit_folder().differences.iter().any(|difference| difference.contains("is not readable")));
}

#[test]
fn without_a_world_sums_and_references_are_still_checked() {
    let scene = Scene::new("no-world");
    scene.audited(&scene.run);
    let (input, output, answers) = (scene.folder.join("in"), scene.folder.join("out"), scene.folder.join("answers"));
    let blind =
        super::AuditInput { input: &input, output: &output, answers: Some(&answers), today: scene.world.today(), world: None };
    let recount = super::audit(&blind).unwrap();
    // Nobody knows the state's accounts here, so what goes there without the payer's reference cannot be matched.
    assert!(
        recount.differences.iter().all(|difference| difference.contains("is nowhere") || difference.contains("has no order"))
    );
    assert_eq!(recount.received, scene.audit_folder().received);
}
