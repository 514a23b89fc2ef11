//! Reading a recall: what it asks for.

use std::io::Read;

use iso20022::{Finding, InitiatingParty, Limits, MessageKind, RecallHead, RecallRecord, RecallRequest, RecallTarget, Whole};
use primitives::Money;
use sha2::{Digest, Sha256};

use super::names::Names;
use crate::error::Error;

/// How much a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Delivery,
    Block,
    Payment,
}

impl Scope {
    /// The code in the database.
    pub fn code(self) -> i16 {
        match self {
            Self::Delivery => 1,
            Self::Block => 2,
            Self::Payment => 3,
        }
    }

    pub fn from_code(code: i16) -> Result<Self, Error> {
        [Self::Delivery, Self::Block, Self::Payment]
            .into_iter()
            .find(|scope| scope.code() == code)
            .ok_or(Error::Corrupt("the scope of a request"))
    }
}

/// One thing a recall asks for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub scope: Scope,
    pub names: Names,
    /// Of a payment, where the recall gives it.
    pub amount: Option<Money>,
    /// Why: 1 to 35 characters.
    pub reason: String,
}

/// A recall, read whole.
#[derive(Clone, Debug)]
pub(crate) struct Recall {
    pub message: MessageKind,
    /// Its own identification.
    pub id: String,
    /// Line where it begins.
    pub line: u64,
    pub created: Option<String>,
    pub initiator: InitiatingParty,
    pub case_id: Option<String>,
    pub requests: Vec<Asked>,
}

impl Recall {
    /// A digest of all it says: of two recalls that differ in their dress alone it is the same.
    pub fn digest(&self) -> [u8; 32] {
        let mut sha256 = Sha256::new();
        let mut add = |part: &[u8]| {
            sha256.update(part.len().to_be_bytes());
            sha256.update(part);
        };
        let InitiatingParty { name, agreement, cvr, unit, data_supplier } = &self.initiator;
        add(self.message.name().as_bytes());
        for text in [Some(&self.id), self.created.as_ref(), self.case_id.as_ref(), name.as_ref()] {
            add(text.map_or(&b""[..], |text| text.as_bytes()));
        }
        add(agreement.as_ref().map_or("", |agreement| agreement.digits()).as_bytes());
        add(cvr.as_ref().map_or("", |cvr| cvr.digits()).as_bytes());
        add(unit.as_ref().map_or("", |unit| unit.as_str()).as_bytes());
        add(data_supplier.as_ref().map_or("", |supplier| supplier.as_str()).as_bytes());
        for asked in &self.requests {
            add(&asked.scope.code().to_be_bytes());
            add(&asked.names.encode());
            add(asked.amount.map(|amount| amount.to_string()).unwrap_or_default().as_bytes());
            add(asked.reason.as_bytes());
        }
        sha256.finalize().into()
    }
}

/// The reason of a request that gives none.
const NO_REASON: &str = "NARR";

/// Whether the message is a recall.
pub(crate) fn is_recall(message: MessageKind) -> bool {
    matches!(message, MessageKind::Camt055V01 | MessageKind::Camt055V08)
}

/// Why a recall is not carried out: nothing of it is.
pub(crate) struct Faulty {
    /// Return answer 0 (unreadable) or 1.
    pub answer: i16,
    /// The recall's own identification, where it is readable.
    pub id: Option<String>,
    pub findings: Vec<Finding>,
}

/// Reads a recall to its end. One with a fault is refused whole: what is doubtful stops nothing.
pub(crate) fn read(input: impl Read) -> Result<Result<Recall, Faulty>, Error> {
    let whole = match Whole::<iso20022::Recall>::read(input, Limits::default())? {
        Ok(whole) => whole,
        Err(refused) => {
            let unreadable = refused.findings.iter().any(|finding| finding.level == iso20022::Level::Unreadable);
            return Ok(Err(Faulty { answer: i16::from(!unreadable), id: None, findings: refused.findings }));
        }
    };
    let (requests, unclear) = whole.requests();
    let findings: Vec<Finding> = whole.findings().cloned().chain(unclear).collect();
    let head = whole.records().find_map(|told| match told.record {
        RecallRecord::Head(head) => Some((told.line, head)),
        _ => None,
    });
    let (line, head) = head.ok_or(Error::Corrupt("a recall without its head"))?;
    if !findings.is_empty() {
        return Ok(Err(Faulty { answer: 1, id: Some(head.assignment.id.to_owned()), findings }));
    }
    Ok(Ok(Recall { line, ..recall(whole.message(), &head, &requests) }))
}

fn recall(message: MessageKind, head: &RecallHead<'_>, requests: &[RecallRequest<'_>]) -> Recall {
    let assigner = head.assignment.assigner.party;
    Recall {
        message,
        id: head.assignment.id.to_owned(),
        line: 0,
        created: head.assignment.created.map(|created| created.to_string()),
        initiator: assigner.and_then(|party| party.initiating()).unwrap_or_default(),
        case_id: head.case.id.map(str::to_owned),
        requests: requests.iter().map(asked).collect(),
    }
}

fn asked(request: &RecallRequest<'_>) -> Asked {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let mut names =
        Names { message_id: owned(request.message_id), message_name: owned(request.message_name), ..Names::default() };
    let (scope, amount) = match request.target {
        RecallTarget::Delivery(group) => {
            names.group_request = owned(group.id);
            (Scope::Delivery, None)
        }
        RecallTarget::Block(block) | RecallTarget::Payment(block, _) => {
            names.block_id = Some(block.original_id.to_owned());
            names.block_request = owned(block.id);
            match request.target {
                RecallTarget::Payment(_, payment) => {
                    names.instruction_id = owned(payment.instruction_id);
                    names.end_to_end_id = owned(payment.end_to_end_id);
                    names.uetr = payment.uetr.map(|uetr| uetr.to_string());
                    (Scope::Payment, payment.amount)
                }
                _ => (Scope::Block, None),
            }
        }
    };
    let reason = request.reasons.first().and_then(|reason| reason.code.or(reason.text)).unwrap_or(NO_REASON);
    Asked { scope, names, amount, reason: reason.to_owned() }
}
