//! A recall on the reading thread: read whole, judged by the agreement as an order is, and given to the database's side.

use std::io::Read;

use iso20022::MessageKind;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::fault::{Fault, Place};
use super::initiator::find_payer;
use super::step::{Done, Recalled, Step, Verdict};
use crate::error::Error;
use crate::house::House;
use crate::recall::{self, Faulty};
use crate::store::delivery::ClaimedReading;
use crate::store::receive::Header;

const INITIATOR: &str = "/Document/CstmrPmtCxlReq/Assgnmt/Assgnr";
const MESSAGE_ID: &str = "/Document/CstmrPmtCxlReq/Assgnmt/Id";

/// Reads the recall and sends what it asks for, or why it is refused.
pub(super) fn read(
    house: &House, claimed: &ClaimedReading, message: MessageKind, input: impl Read, steps: &mpsc::Sender<Step>, runtime: &Handle,
) -> Result<(), Error> {
    let named = Header { message_name: Some(message.name()), ..Header::default() };
    let recall = match recall::read(input)? {
        Ok(recall) => recall,
        Err(Faulty { answer, id, findings }) => {
            let message_id = id.map(|id| house.vault.seal_message_id(&id));
            refuse(steps, Header { message_id, ..named }, answer, findings.iter().map(Fault::of_finding).collect());
            return Ok(());
        }
    };
    let mut header =
        Header { message_id: Some(house.vault.seal_message_id(&recall.id)), created: recall.created.clone(), ..named };
    let payer = match runtime.block_on(find_payer(house, &claimed.supplier, &recall.initiator, (recall.line, INITIATOR)))? {
        Ok(payer) => payer,
        Err(fault) => {
            refuse(steps, header, 1, vec![fault]);
            return Ok(());
        }
    };
    header.payer = Some(payer.agreement);
    let claim = house.vault.recall_claim(payer.agreement, &claimed.supplier, &recall.id);
    let message_id = Place { line: recall.line, path: MESSAGE_ID.to_owned(), ..Place::default() };
    // Nobody listens any more when the delivery is settled or the work was given up.
    if steps.blocking_send(Step::Opened { header: header.clone(), claim, message_id, paid_elsewhere: None }).is_ok() {
        let recalled = Recalled { header, recall, suppliers: payer.data_suppliers };
        let _ = steps.blocking_send(Step::Recalled(Box::new(recalled)));
    }
    Ok(())
}

fn refuse(steps: &mpsc::Sender<Step>, header: Header, answer: i16, faults: Vec<Fault>) {
    let _ = steps.blocking_send(Step::Done(Done { header, verdict: Verdict::Refused { answer, faults } }));
}
