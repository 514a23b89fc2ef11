//! The operations of the open interface: each method of a contract has a name, an input and an output.

use std::pin::Pin;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::AsyncRead;

use crate::{Context, IdempotencyKey};

/// Bytes of a file, as a stream: memory does not grow with the file.
pub type Content = Pin<Box<dyn AsyncRead + Send>>;

/// The header that carries the [`Call`] as JSON in ASCII, where the body is [`Content`].
pub const CALL_HEADER: &str = "NemKonto-Call";

/// Where an operation stands in the open interface: `POST /v1/<house>/<name>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationName {
    /// The house that answers.
    pub house: &'static str,
    /// The operation within the house.
    pub name: &'static str,
    /// One line on what it does, for the interface document.
    pub summary: &'static str,
    /// Whether the call changes state and so must carry an idempotency key. A file that is handed in stands for itself: the same bytes again
    /// have no second effect.
    pub keyed: bool,
}

/// One operation with its input and output types.
pub trait Operation {
    /// Where it stands.
    const NAME: OperationName;
    /// What the caller sends.
    type Input: Serialize + DeserializeOwned + JsonSchema + Send + 'static;
    /// What the caller gets.
    type Output: Serialize + DeserializeOwned + JsonSchema + Send + 'static;
}

/// A call as it travels: context, key and input.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Call<I> {
    /// Who acts, for whom, on which legal basis.
    pub context: Context,
    /// Required where the operation changes state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<IdempotencyKey>,
    /// The operation's input.
    pub input: I,
}

macro_rules! operations {
    ($house:literal; $($(#[$doc:meta])* $name:ident = $path:literal ($keyed:literal) $summary:literal : $input:ty => $output:ty;)+) => {
        $(
            $(#[$doc])*
            #[doc = $summary]
            #[derive(Debug)]
            pub struct $name;

            impl $crate::operation::Operation for $name {
                const NAME: $crate::operation::OperationName = $crate::operation::OperationName {
                    house: $house,
                    name: $path,
                    summary: $summary,
                    keyed: $keyed,
                };
                type Input = $input;
                type Output = $output;
            }
        )+
    };
}
pub(crate) use operations;
