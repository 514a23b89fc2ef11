//! What a delivery says of its payer, held against the agreement.

use contracts::parties::ClosedDays;

use crate::testing::{Block, Order, World, pain001, payer, person};

/// The agreement number and the CVR number of somebody else.
const OTHER_AGREEMENT: &str = "00000002";
const OTHER_CVR: &str = "12345674";

fn id(scheme: &str, number: &str) -> String {
    format!("<Othr><Id>{number}</Id><SchmeNm><Prtry>{scheme}</Prtry></SchmeNm></Othr>")
}

/// A file of one payment whose initiator and debtor say this of themselves.
fn file(initiator: &str, debtor: &str, date: &'static str) -> String {
    let block = Block { date, ..Block::of(vec![Order::incomplete("E-1", "1.00", person(1))]) };
    let debtor = if debtor.is_empty() { String::new() } else { format!("<Id><OrgId>{debtor}</OrgId></Id>") };
    pain001("M-1", &[block])
        .replace(&id("NKS", "00000001"), initiator)
        .replace("<Nm>Styrelsen</Nm></Dbtr>", &format!("<Nm>Styrelsen</Nm>{debtor}</Dbtr>"))
}

/// Delivers a file; its findings, code and path.
async fn found(world: &World, content: &str) -> Vec<String> {
    world.deliver(content).await;
    world.receive().await;
    world.rows("code, path", "mediation.finding order by finding_no").await
}

async fn check(initiator: &str, debtor: &str, expect: &[&str]) {
    let world = World::new().await;
    assert_eq!(found(&world, &file(initiator, debtor, "2026-01-14")).await, expect);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_contradict_each_other_refuse_the_delivery() {
    let (agreement, cvr) = (id("NKS", "00000001"), payer().cvr);
    let of_payer = id("CVR", cvr.digits());
    assert_ne!(cvr.digits(), OTHER_CVR);
    check(&format!("{agreement}{of_payer}"), &of_payer, &[]).await;
    check(&of_payer, &agreement, &[]).await;
    let group = "/Document/CstmrCdtTrfInitn/GrpHdr/InitgPty";
    check(&format!("{agreement}{}", id("CVR", OTHER_CVR)), "", &[&format!("BE05 {group}")]).await;
    let twice = format!("{agreement}{}", id("NKS", OTHER_AGREEMENT));
    check(&twice, "", &[&format!("BE05 {group}/Id/OrgId/Othr")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_debtor_of_another_payer_refuses_its_block() {
    let (agreement, of_payer) = (id("NKS", "00000001"), id("CVR", payer().cvr.digits()));
    let debtor = "BE16 /Document/CstmrCdtTrfInitn/PmtInf[1]/Dbtr";
    check(&agreement, &id("CVR", OTHER_CVR), &[debtor]).await;
    check(&agreement, &id("NKS", OTHER_AGREEMENT), &[debtor]).await;
    // Each number that is another's is told.
    check(&agreement, &[id("NKS", OTHER_AGREEMENT), id("CVR", OTHER_CVR)].concat(), &[debtor, debtor]).await;
    check(&agreement, &format!("{agreement}{of_payer}"), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recall_of_two_payers_is_refused() {
    let world = World::new().await;
    let one = id("NKS", "00000001");
    let recall = crate::recall::example("STOP-1", &["E-1"]);
    let path = "/Document/CstmrPmtCxlReq/Assgnmt/Assgnr";
    let two = recall.replace(&one, &format!("{one}{}", id("NKS", OTHER_AGREEMENT)));
    assert_eq!(found(&world, &two).await, [format!("BE05 {path}/Pty/Id/OrgId/Othr")]);
    let world = World::new().await;
    let other_cvr = recall.replace(&one, &format!("{one}{}", id("CVR", OTHER_CVR)));
    assert_eq!(found(&world, &other_cvr).await, [format!("BE05 {path}")]);
}

/// A Saturday and the Friday before it; the tests' today is a Wednesday.
const DAYS: [&str; 2] = ["2026-01-17", "2026-01-16"];

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_no_bank_day_is_moved_or_refused_as_the_agreement_says() {
    let refused = "DT03 /Document/CstmrCdtTrfInitn/PmtInf[1]/ReqdExctnDt";
    for (closed_days, date, findings, due) in [
        (ClosedDays::Move, DAYS[0], vec![], vec!["2026-01-19"]),
        (ClosedDays::Refuse, DAYS[0], vec![refused], vec![]),
        (ClosedDays::Refuse, DAYS[1], vec![], vec!["2026-01-16"]),
    ] {
        let world = World::new().await;
        world.parties.change(|payer| payer.closed_days = closed_days);
        assert_eq!(found(&world, &file(&id("NKS", "00000001"), "", date)).await, findings);
        assert_eq!(world.rows("due_date", "mediation.disposal").await, due);
    }
}

/// A file behind a header that names this message, in an envelope.
fn enveloped(content: &str, message: &str) -> String {
    let party = "<FIId><FinInstnId/></FIId>";
    format!(
        "<Envelope><AppHdr xmlns=\"urn:iso:std:iso:20022:tech:xsd:head.001.001.02\"><Fr>{party}</Fr><To>{party}</To><BizMsgIdr>B-1</BizMsgIdr>\
         <MsgDefIdr>{message}</MsgDefIdr><CreDt>2026-01-14T12:00:00Z</CreDt></AppHdr>{}</Envelope>",
        content.split_once('\n').unwrap().1
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_of_another_message_makes_the_file_unreadable() {
    let order = file(&id("NKS", "00000001"), "", "2026-01-14");
    let recall = crate::recall::example("STOP-1", &["E-1"]);
    for (content, own, others) in [
        (order, "pain.001.001.09", ["pain.001.001.03", "camt.055.001.08"]),
        (recall, "camt.055.001.08", ["camt.055.001.01", "pain.001.001.09"]),
    ] {
        for other in others {
            let world = World::new().await;
            assert_eq!(found(&world, &enveloped(&content, other)).await, ["FF01 /AppHdr/MsgDefIdr"]);
            assert_eq!(world.rows("answer", "mediation.report_task").await, ["0"]);
            // Its identification is free: the file that says what it is, is taken.
            world.deliver(&enveloped(&content, own)).await;
            world.receive().await;
            assert_eq!(world.rows("count(*)", "mediation.finding").await, ["1"]);
        }
    }
}
