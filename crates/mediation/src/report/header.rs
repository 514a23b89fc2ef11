//! What a report says of the whole delivery. Pure.

use std::sync::Arc;

use contracts::mediation::DeliveryState;
use iso20022::{MessageKind, Pain002Version, Status};

use super::wrap::wrap;
use crate::return_answer;
use crate::store::report_task::{Original, StoredFinding};

/// Where a delivery does not tell its message identification or message, the standard's word for it.
const NOT_PROVIDED: &str = "NOTPROVIDED";

/// The head of a report.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub version: Pain002Version,
    pub original_message_id: String,
    pub original_message_name: String,
    pub original_created: Option<String>,
    pub original_payments: Option<u64>,
    /// Only of receipts (answers 0, 1 and 2): the later ones tell of some payments, not of the delivery.
    pub status: Option<Status>,
    pub reasons: Vec<Reason>,
    pub counts: Vec<(Status, u64)>,
}

/// A reason with its explanations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// Who gives it, where it is not we: a bank.
    pub originator: Option<Arc<str>>,
    pub code: String,
    /// Each a line of the report.
    pub information: Vec<String>,
}

impl Header {
    /// The head of a report on this answer.
    pub fn new(original: &Original, answer: i16, findings: Vec<StoredFinding>) -> Self {
        let kind = original.message_name.as_deref().and_then(MessageKind::from_name);
        let is_receipt = answer <= 2;
        let refused = original.state == DeliveryState::Refused;
        let payments = original.payments + original.rejected;
        Self {
            version: kind.map_or(Pain002Version::V10, Pain002Version::answering),
            original_message_id: original.message_id.clone().unwrap_or_else(|| NOT_PROVIDED.to_owned()),
            original_message_name: original.message_name.clone().unwrap_or_else(|| NOT_PROVIDED.to_owned()),
            original_created: original.created.clone(),
            original_payments: (!refused && payments > 0).then_some(payments),
            status: is_receipt.then(|| receipt_status(original)),
            reasons: if is_receipt { findings.into_iter().map(Reason::of).collect() } else { Vec::new() },
            counts: if is_receipt && !refused { counts(original) } else { Vec::new() },
        }
    }
}

fn receipt_status(original: &Original) -> Status {
    match (original.state, original.payments, original.rejected) {
        (DeliveryState::Refused, _, _) => return_answer::REFUSED.status(),
        (_, 0, 1..) => return_answer::ALL_REJECTED.status(),
        (_, _, 1..) => return_answer::IN_PART.status(),
        (_, _, 0) => return_answer::RECEIVED.status(),
    }
}

fn counts(original: &Original) -> Vec<(Status, u64)> {
    let counts = [(Status::Actc, original.payments), (Status::Rjct, original.rejected)];
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

impl Reason {
    /// A finding as a reason: where, and what in both languages.
    pub fn of(finding: StoredFinding) -> Self {
        let place = format!("line {}: {}", finding.line, finding.path);
        let information = [&place, &finding.da, &finding.en].into_iter().flat_map(|text| wrap(text)).collect();
        Self { originator: None, code: finding.code, information }
    }
}

#[cfg(test)]
mod tests {
    use primitives::{DataSupplierId, DeliveryId};

    use super::*;
    use crate::delivery::Origin;

    fn original(state: DeliveryState, payments: u64, rejected: u64) -> Original {
        Original {
            delivery: DeliveryId::new(1),
            supplier: DataSupplierId::parse("KMD").unwrap(),
            origin: Origin::File,
            state,
            repeats: None,
            message_name: Some("pain.001.001.03".to_owned()),
            message_id: None,
            created: None,
            payer: None,
            payments,
            rejected,
        }
    }

    fn check(original: Original, answer: i16, status: Option<Status>, counts: &[(Status, u64)]) {
        let header = Header::new(&original, answer, Vec::new());
        assert_eq!((header.status, header.counts.as_slice()), (status, counts));
    }

    #[test]
    fn receipts_tell_of_the_whole_and_later_answers_do_not() {
        let received = |payments, rejected| original(DeliveryState::Received, payments, rejected);
        check(original(DeliveryState::Refused, 0, 0), 1, Some(Status::Rjct), &[]);
        check(received(3, 0), 1, Some(Status::Actc), &[(Status::Actc, 3)]);
        check(received(3, 1), 2, Some(Status::Part), &[(Status::Actc, 3), (Status::Rjct, 1)]);
        check(received(0, 4), 2, Some(Status::Rjct), &[(Status::Rjct, 4)]);
        check(received(3, 1), 7, None, &[]);
    }

    #[test]
    fn a_report_is_of_the_order_s_generation_and_an_unknown_order_gets_the_newest() {
        let version = |name: Option<&str>| {
            let named = Original { message_name: name.map(str::to_owned), ..original(DeliveryState::Refused, 0, 0) };
            Header::new(&named, 0, Vec::new()).version
        };
        assert_eq!(version(Some("pain.001.001.03")), Pain002Version::V03);
        assert_eq!(version(Some("pain.001.001.09")), Pain002Version::V10);
        assert_eq!(version(None), Pain002Version::V10);
    }
}
