//! The answer to a recall: a camt.029 in the version of the recall, written as its parts come.

use std::io::{self, Write};

use iso20022::{
    Assignment, BlockResolution, CancellationStatus, CaseParty, CaseRef, GivenReason, GroupResolution, List, MessageKind,
    OtherId, PartyRef, PaymentResolution, Prose, ResolutionHead, ResolutionRecord, ResolutionWriter,
};
use jiff::Timestamp;
use primitives::Money;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::recall::Names;

/// Who answers.
const ANSWERER: &str = "NemKonto";
/// Where the recall does not name the delivery's message, the standard's word for it.
const NOT_PROVIDED: &str = "NOTPROVIDED";

/// What became of something that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    Accepted,
    /// With its reason, by *ExternalPaymentCancellationRejection1Code*, and explanations.
    Rejected(String, Vec<&'static str>),
    Pending,
    /// Of a delivery or a block: what became of its payments differs.
    Partial,
}

impl Resolved {
    fn status(&self) -> CancellationStatus {
        match self {
            Self::Accepted => CancellationStatus::Accepted,
            Self::Rejected(..) => CancellationStatus::Rejected,
            Self::Pending => CancellationStatus::Pending,
            Self::Partial => CancellationStatus::Partial,
        }
    }

    /// The reason as a version has it: the older one has a closed list of three codes, so ours stands there as a text.
    fn reasons(&self, version: MessageKind) -> Vec<Reason<'_>> {
        let Self::Rejected(code, words) = self else { return Vec::new() };
        let words = words.iter().map(|text| Prose(text)).collect();
        vec![Reason { code, words, closed_list: version == MessageKind::Camt029V03 }]
    }
}

/// A reason whose explanations are kept so that the record can borrow them.
struct Reason<'r> {
    code: &'r str,
    words: Vec<Prose<'r>>,
    closed_list: bool,
}

impl Reason<'_> {
    fn given(&self) -> GivenReason<'_> {
        let information = List::of(&self.words);
        match self.closed_list {
            true => GivenReason { text: Some(self.code), information, ..GivenReason::default() },
            false => GivenReason { code: Some(self.code), information, ..GivenReason::default() },
        }
    }
}

/// A piece of the answer, in its order.
#[derive(Debug)]
pub(super) enum Part {
    /// On a delivery, with what became of all of it, or the frame around its blocks.
    Group(Names, Option<Resolved>),
    Block(Names, Option<Resolved>),
    Payment(Names, Option<Money>, Resolved),
}

/// An answer to be written, with all that is known before its first part.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub key: String,
    pub created: Timestamp,
    pub version: MessageKind,
    /// The payer's agreement number.
    pub payer: Option<String>,
    pub case_id: Option<String>,
    /// The answer on the whole recall, a code of *ExternalInvestigationExecutionConfirmation1Code*.
    pub confirmation: &'static str,
}

impl Document {
    /// Writes the whole answer from the parts as they come.
    pub fn write<W: Write>(&self, out: W, mut parts: mpsc::Receiver<Part>) -> io::Result<W> {
        let mut writer = ResolutionWriter::new(out, self.version)?;
        self.head(&mut writer)?;
        while let Some(part) = parts.blocking_recv() {
            self.part(&mut writer, &part)?;
        }
        writer.finish()
    }

    fn head<W: Write>(&self, writer: &mut ResolutionWriter<W>) -> io::Result<()> {
        let us = CaseParty::of_party(PartyRef { name: Some(Prose(ANSWERER)), ..PartyRef::default() });
        let numbers: Vec<OtherId<'_>> = self.payer.iter().map(|number| OtherId::named("NKS", number)).collect();
        let payer = CaseParty::of_party(PartyRef { organisation: List::of(&numbers), ..PartyRef::default() });
        let case = self.case_id.as_deref().map(|id| CaseRef { id: Some(id), creator: payer }).unwrap_or_default();
        writer.write(&ResolutionRecord::Head(ResolutionHead {
            assignment: Assignment { id: &self.key, assigner: us, assignee: payer, created: Some(self.created) },
            case,
            confirmation: Some(self.confirmation),
            ..ResolutionHead::default()
        }))
    }

    fn part<W: Write>(&self, writer: &mut ResolutionWriter<W>, part: &Part) -> io::Result<()> {
        let resolved = match part {
            Part::Group(_, resolved) | Part::Block(_, resolved) => resolved.as_ref(),
            Part::Payment(_, _, resolved) => Some(resolved),
        };
        let reasons = resolved.map(|resolved| resolved.reasons(self.version)).unwrap_or_default();
        let reasons: Vec<GivenReason<'_>> = reasons.iter().map(Reason::given).collect();
        let (status, reasons) = (resolved.map(Resolved::status), List::of(&reasons));
        writer.write(&match part {
            Part::Group(names, _) => ResolutionRecord::Group(group(names, status, reasons)),
            Part::Block(names, _) => ResolutionRecord::Block(block(names, status, reasons)),
            Part::Payment(names, amount, _) => ResolutionRecord::Payment(PaymentResolution {
                instruction_id: names.instruction_id.as_deref(),
                end_to_end_id: names.end_to_end_id.as_deref(),
                uetr: names.uetr.as_deref().and_then(|uetr| Uuid::parse_str(uetr).ok()),
                status,
                reasons,
                amount: *amount,
                ..PaymentResolution::default()
            }),
        })
    }
}

fn group<'n>(names: &'n Names, status: Option<CancellationStatus>, reasons: List<'n, GivenReason<'n>>) -> GroupResolution<'n> {
    // A delivery that the recall does not name is not named here either; its blocks are answered without it.
    let name = |id: &'n str| (Some(id), Some(names.message_name.as_deref().unwrap_or(NOT_PROVIDED)));
    let (original_message_id, original_message_name) = names.message_id.as_deref().map_or((None, None), name);
    GroupResolution {
        request_id: names.group_request.as_deref(),
        original_message_id,
        original_message_name,
        status,
        reasons,
        ..GroupResolution::default()
    }
}

fn block<'n>(names: &'n Names, status: Option<CancellationStatus>, reasons: List<'n, GivenReason<'n>>) -> BlockResolution<'n> {
    BlockResolution {
        request_id: names.block_request.as_deref(),
        original_id: names.block_id.as_deref().unwrap_or(NOT_PROVIDED),
        status,
        reasons,
        ..BlockResolution::default()
    }
}
