//! What the answer to a recall says: its requests in their order, and the payments of those that are not answered as a whole.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use iso20022::MessageKind;
use primitives::DeliveryId;
use sqlx::PgConnection;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::resolution::{Part, Resolved};
use crate::error::Error;
use crate::house::House;
use crate::payment::Carry;
use crate::recall::{Names, Refusal, Scope};
use crate::store;
use crate::store::recall_report::{Counts, StoredPayment, StoredRequest};
use crate::vault::Vault;

/// The version that answers a recall of this message.
pub(super) fn version(recall: Option<&str>) -> MessageKind {
    match recall.and_then(MessageKind::from_name) {
        Some(MessageKind::Camt055V01) => MessageKind::Camt029V03,
        _ => MessageKind::Camt029V09,
    }
}

/// The answer on all of it.
pub(super) fn confirmation(counts: Counts) -> &'static str {
    match counts {
        Counts { pending: 1.., .. } => "PDCR",
        Counts { accepted: 0, .. } => "RJCR",
        Counts { rejected: 0, .. } => "CNCL",
        _ => "PECR",
    }
}

/// The states of [`StoredPayment`] as an answer.
fn of_state(state: i16, reason: Option<String>) -> Resolved {
    match (state, reason) {
        (1 | 4, _) => Resolved::Accepted,
        (3, _) => Resolved::Pending,
        (_, reason) => {
            let reason = reason.unwrap_or_else(|| "NARR".to_owned());
            let words = words(&reason).to_vec();
            Resolved::Rejected(reason, words)
        }
    }
}

/// What our own reasons mean, in Danish and in English; a bank's are passed on as they are.
fn words(reason: &str) -> &'static [&'static str] {
    match reason {
        "PTNA" => &["Betalingen er sendt til banken.", "The payment has been sent to the bank."],
        "ARDT" => &["Betalingen er allerede afvist eller returneret.", "The payment was rejected or returned already."],
        _ => &[],
    }
}

/// The answer on a delivery or a block, and whether its payments are to be told one by one.
fn of_whole(counts: Counts) -> (Resolved, bool) {
    match counts {
        Counts { accepted: 0, pending: 0, rejected: 0 } => (refused(Refusal::NotFound), false),
        Counts { pending: 0, rejected: 0, .. } => (Resolved::Accepted, false),
        Counts { accepted: 0, rejected: 0, .. } => (Resolved::Pending, false),
        Counts { accepted: 0, pending: 0, .. } => (Resolved::Rejected("NARR".to_owned(), SEE_PAYMENTS.to_vec()), true),
        _ => (Resolved::Partial, true),
    }
}

const SEE_PAYMENTS: [&str; 2] = ["Årsagen står ved hver betaling.", "The reason stands at each payment."];

fn refused(refusal: Refusal) -> Resolved {
    Resolved::Rejected(refusal.reason().to_owned(), refusal.words().to_vec())
}

/// Reads what is to be told and sends it, until the receiver has enough.
pub(super) async fn read(house: &House, recall: DeliveryId, answer: Option<i64>, parts: mpsc::Sender<Part>) -> Result<(), Error> {
    let mut connection = house.database.pool().acquire().await?;
    let requests = store::recall_report::requests(&mut connection, recall, answer).await?;
    let mut teller = Teller { vault: &house.vault, parts, blocks: HashMap::new(), open: None };
    for request in requests {
        if !teller.tell(&mut connection, recall, answer, request).await? {
            return Ok(());
        }
    }
    Ok(())
}

struct Teller<'t> {
    vault: &'t Vault,
    parts: mpsc::Sender<Part>,
    /// The PmtInfIds of a delivery's blocks.
    blocks: HashMap<i64, HashMap<i32, String>>,
    /// The delivery and block whose payments are told now, by their names.
    open: Option<(Option<String>, Option<String>)>,
}

impl Teller<'_> {
    /// Tells of one request; says whether anybody listens.
    async fn tell(
        &mut self, connection: &mut PgConnection, recall: DeliveryId, answer: Option<i64>, request: StoredRequest,
    ) -> Result<bool, Error> {
        let names = Names::decode(&self.vault.open_recall_names(&request.names)?)?;
        let refusal = request.refusal.and_then(Refusal::from_code);
        if Scope::from_code(request.scope)? == Scope::Payment {
            let resolved = match refusal {
                Some(refusal) => refused(refusal),
                None => of_state(request.state.unwrap_or(2), request.reason),
            };
            return Ok(self.frame(&names).await && self.send(Part::Payment(names, None, resolved)).await);
        }
        let (resolved, one_by_one) = refusal.map_or_else(|| of_whole(request.counts), |refusal| (refused(refusal), false));
        self.open = None;
        let of_block = names.block_id.is_some();
        let group = if of_block { None } else { Some(resolved.clone()) };
        if !self.send(Part::Group(names.clone(), group)).await {
            return Ok(false);
        }
        if of_block && !self.send(Part::Block(names.clone(), Some(resolved))).await {
            return Ok(false);
        }
        match request.target {
            Some(target) if one_by_one => self.payments(connection, (recall, request.number, answer), target, names).await,
            _ => Ok(true),
        }
    }

    /// Tells the payments of a request on a delivery or a block, one by one.
    async fn payments(
        &mut self, connection: &mut PgConnection, request: (DeliveryId, i32, Option<i64>), target: i64, names: Names,
    ) -> Result<bool, Error> {
        if !self.blocks.contains_key(&target) {
            let blocks = store::report_task::blocks(connection, self.vault, DeliveryId::new(target)).await?;
            self.blocks.insert(target, blocks.into_iter().collect());
        }
        let mut open = None;
        let mut rows = store::recall_report::payments(connection, request);
        while let Some(row) = rows.try_next().await? {
            if names.block_id.is_none() && open != Some(row.block) {
                open = Some(row.block);
                let id = self.blocks.get(&target).and_then(|blocks| blocks.get(&row.block)).cloned();
                let block = Names { block_id: id, ..Names::default() };
                if !self.send(Part::Block(block, None)).await {
                    return Ok(false);
                }
            }
            if !self.send(payment(self.vault, row)?).await {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The delivery and block of a single payment, unless they are those of the payment before.
    async fn frame(&mut self, names: &Names) -> bool {
        let around = (names.message_id.clone(), names.block_id.clone());
        if self.open.as_ref() == Some(&around) {
            return true;
        }
        let same_delivery = self.open.as_ref().is_some_and(|(message, _)| *message == around.0);
        self.open = Some(around);
        let group = same_delivery || self.send(Part::Group(names.clone(), None)).await;
        group && self.send(Part::Block(names.clone(), None)).await
    }

    async fn send(&mut self, part: Part) -> bool {
        self.parts.send(part).await.is_ok()
    }
}

fn payment(vault: &Vault, row: StoredPayment) -> Result<Part, Error> {
    let opened = vault.open_carry(&row.carry)?;
    let carry = Carry::decode(&opened)?;
    let names = Names {
        end_to_end_id: Some(carry.end_to_end_id.to_owned()),
        instruction_id: carry.instruction_id.map(str::to_owned),
        uetr: carry.uetr.filter(|uetr| Uuid::parse_str(uetr).is_ok()).map(str::to_owned),
        ..Names::default()
    };
    Ok(Part::Payment(names, None, of_state(row.state, row.reason)))
}
