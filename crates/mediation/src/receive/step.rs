//! What the reading thread sends to the database's side.

use platform::copy::CopyBuffer;
use primitives::DataSupplierId;
use uuid::Uuid;

use super::fault::{Fault, Place};
use super::slice_rows::SliceRows;
use super::tally::Tally;
use crate::recall::Recall;
use crate::store::receive::Header;

/// What the thread sends of an order, in this sequence: `Opened`, any number of `Portion`s, `Done`; of a recall `Opened`, `Recalled`. A file that
/// is refused may begin with `Done`.
pub(super) enum Step {
    /// The payer is known; the message identification can be claimed.
    Opened {
        /// What is known so far.
        header: Header,
        /// Payer, supplier and MsgId as a digest.
        claim: Uuid,
        /// Where the MsgId stands.
        message_id: Place,
        /// Why an order is none of ours, if the old system pays its payer.
        paid_elsewhere: Option<Fault>,
    },
    /// All of a recall, after `Opened`.
    Recalled(Box<Recalled>),
    /// Rows, blocks and faults to be stored.
    Portion(Portion),
    /// The end.
    Done(Done),
}

/// A recall of a known payer.
pub(super) struct Recalled {
    pub header: Header,
    pub recall: Recall,
    /// Who may send for the payer.
    pub suppliers: Vec<DataSupplierId>,
}

/// A part of what was read.
#[derive(Default)]
pub(super) struct Portion {
    pub blocks: CopyBuffer,
    pub faults: Vec<Fault>,
    pub slice: Option<SliceRows>,
}

/// How the reading ended.
pub(super) struct Done {
    pub header: Header,
    pub verdict: Verdict,
}

/// Whether the delivery stands.
pub(super) enum Verdict {
    /// It is received; its good rows are on their way.
    Received(Tally),
    /// It is refused whole.
    Refused {
        /// Return answer 0 (unreadable) or 1.
        answer: i16,
        /// Why.
        faults: Vec<Fault>,
    },
}
