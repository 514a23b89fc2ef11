//! What a call says of itself, held against what was proven of its caller.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use contracts::{Context, OperationName, Problem};
use serde_json::Value;

/// A call that has been read and not yet answered.
#[derive(Clone, Copy)]
pub struct CallFacts<'c> {
    /// Which operation is called.
    pub operation: OperationName,
    /// Who the call says acts, for whom, and why.
    pub context: &'c Context,
    /// The operation's input as JSON, where the guard looks into it.
    pub input: Option<&'c Value>,
}

impl fmt::Debug for CallFacts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallFacts").field("operation", &self.operation.name).finish_non_exhaustive()
    }
}

/// Judges calls by what was proven of the caller.
#[async_trait]
pub trait CallGuard: Send + Sync {
    /// Whether it must look into the input of this operation.
    fn looks_into(&self, operation: OperationName) -> bool;

    /// The context the house gets: the call's own, where the caller may make it so.
    ///
    /// # Errors
    /// `Forbidden`, when the caller has not the right to make this call, or says to be somebody else.
    async fn admit(&self, call: CallFacts<'_>) -> Result<Context, Problem>;

    /// Whether it must look into the answer of this operation before it leaves.
    fn looks_into_answer(&self, _operation: OperationName) -> bool {
        false
    }

    /// Lets an answer leave: the call as it was admitted, and what the house has answered. A refusal is an answer too: that nobody is there tells
    /// as much as that somebody is. Asked where [`looks_into_answer`](Self::looks_into_answer) says so.
    ///
    /// # Errors
    /// When the answer must be withheld.
    async fn release(&self, _call: CallFacts<'_>, _outcome: Result<&Value, &Problem>) -> Result<(), Problem> {
        Ok(())
    }
}

/// The guard of a request: an extension that the door puts there. Where there is none, whoever reaches the routes is believed.
#[derive(Clone)]
pub struct Guard(pub Arc<dyn CallGuard>);
