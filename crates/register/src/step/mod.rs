//! In step with another register: extracts, the digest tree, comparison and repair, and shadow mode.

mod ask;
mod extract;
pub(crate) mod file;
mod follow;
mod http;
mod key;
mod line;
mod masters;
mod pairs;
mod put;
mod reconcile;
mod record;
mod remote;
mod shadow;
mod tree;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use contracts::register::{
    ExtractHolder, ExtractInput, ExtractOutcome, ExtractPage, ExtractQuery, HoldersQuery, NodesQuery, RegisterStep, StepState,
};
use contracts::{Actor, Context, IdempotencyKey, ItemResult, Problem};

pub use file::{Exported, FileFault, ImportReport, export, import};
pub use http::{operations, routes};
pub use key::StepKey;
pub use masters::{Master, MasterRule, Masters, Part};
pub use pairs::{Difference, What};
pub use reconcile::{ReconcileError, Reconciled, reconcile};
pub use shadow::{AnswerKind, Questions, Sample, Shadow, ShadowError, ShadowReport};

use crate::House;
use crate::fault::forbidden;
use tree::Buckets;

/// What the house keeps for it.
#[derive(Debug)]
pub(crate) struct Step {
    pub key: StepKey,
    /// The buckets as they were read last: a megabyte that saves reading it for each question.
    buckets: Mutex<Option<Arc<Buckets>>>,
}

impl Step {
    pub(crate) fn new(key: StepKey) -> Self {
        Self { key, buckets: Mutex::new(None) }
    }

    fn kept(&self) -> Option<Arc<Buckets>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, buckets: &Arc<Buckets>) {
        *self.buckets.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(buckets));
    }
}

impl House {
    /// Compares under this key, which the other register has too. Without it the key is made of the house's own, and only registers with the same
    /// keys can be compared.
    #[must_use]
    pub fn with_step_key(mut self, key: StepKey) -> Self {
        self.step = Step::new(key);
        self
    }

    /// The key under which this register is compared.
    #[must_use]
    pub fn step_key(&self) -> &StepKey {
        &self.step.key
    }
}

/// Whole registers are exchanged by operations, and by houses of the system.
fn check_step(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::House { .. } | Actor::Operator { .. } => Ok(()),
        _ => Err(forbidden("Kun driften sammenligner og udveksler registre.", "Only operations compare and exchange registers.")),
    }
}

#[async_trait]
impl RegisterStep for House {
    async fn step_state(&self, context: &Context) -> Result<StepState, Problem> {
        self.state_of_tree(context).await
    }

    async fn step_nodes(&self, context: &Context, query: NodesQuery) -> Result<Vec<String>, Problem> {
        self.children_of(context, query).await
    }

    async fn step_digests(&self, context: &Context, query: NodesQuery) -> Result<Vec<Option<String>>, Problem> {
        self.digests_in(context, query).await
    }

    async fn step_holders(&self, context: &Context, query: HoldersQuery) -> Result<Vec<ExtractHolder>, Problem> {
        self.holders_in(context, query).await
    }

    async fn extract(&self, context: &Context, query: ExtractQuery) -> Result<ExtractPage, Problem> {
        self.page_of_extract(context, query).await
    }

    async fn put_extract(
        &self, context: &Context, key: &IdempotencyKey, input: ExtractInput,
    ) -> Result<Vec<ItemResult<ExtractOutcome>>, Problem> {
        self.put_records(context, key, input).await
    }
}
