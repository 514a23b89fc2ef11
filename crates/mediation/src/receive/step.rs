//! What the reading thread sends to the database's side.

use platform::copy::CopyBuffer;
use uuid::Uuid;

use super::fault::Fault;
use super::slice_rows::SliceRows;
use super::tally::Tally;
use crate::store::receive::Header;

/// What the thread sends, in this order: `Opened`, any number of `Portion`s, `Done`. A file that is refused may begin with `Done`.
pub(super) enum Step {
    /// The payer is known; the message identification can be claimed.
    Opened {
        /// What is known so far.
        header: Header,
        /// Payer, supplier and MsgId as a digest.
        claim: Uuid,
        /// Where the MsgId stands.
        message_id_line: u64,
    },
    /// Rows, blocks and faults to be stored.
    Portion(Portion),
    /// The end.
    Done(Done),
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
