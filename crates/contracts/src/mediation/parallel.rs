//! Beside another system: which of the two has taken a delivery, so that one that is sent to both is paid once.

use jiff::Timestamp;
use primitives::{AgreementNumber, DeliveryId, FeedPosition};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most deliveries one note may name.
pub const MAX_NOTED: usize = 5_000;

/// Deliveries of a payer that the other system has taken, or is about to take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TakenElsewhere {
    /// The payer.
    pub payer: AgreementNumber,
    /// Their `MsgId`s, 1 to 35 characters each, at most [`MAX_NOTED`].
    pub message_ids: Vec<String>,
}

/// Which system pays a delivery. What has been answered once never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TakenBy {
    /// The other one: whoever delivers it here is refused.
    TakenElsewhere,
    /// This one: the other must not pay it.
    TakenHere,
}

/// A delivery this system has taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TakenDelivery {
    /// Its position: gapless, and in an epoch never reused.
    pub position: FeedPosition,
    /// The life of the database that gave the position: one more with each restore from a backup. A reader whose last fact is of another epoch now
    /// begins anew.
    pub epoch: i32,
    /// When it was taken.
    pub at: Timestamp,
    /// The payer.
    pub payer: AgreementNumber,
    /// The message's `MsgId`.
    pub message_id: String,
    /// The delivery.
    pub delivery: DeliveryId,
}
