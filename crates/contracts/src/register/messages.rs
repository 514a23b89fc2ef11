//! Messages of ISO 20022 at the register.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A message as it stands in its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageText {
    /// The message as XML, at most 4 MiB.
    pub xml: String,
}
