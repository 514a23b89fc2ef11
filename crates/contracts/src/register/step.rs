//! In step with another register: extracts, a digest tree over what is known of holders, and changes taken over from the other.

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use primitives::{Account, Identifier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AccountPurpose, HolderKind, HolderStatus};
use crate::{Context, IdempotencyKey, ItemResult, Problem, operation::operations};

/// The most records one page of an extract, or one call that takes records over, may have.
pub const MAX_RECORDS: usize = 10_000;
/// The most nodes of the tree one call may ask for.
pub const MAX_NODES: usize = 10_000;
/// The deepest node that can be asked for. At depth `d` there are 4ᵈ nodes.
pub const MAX_DEPTH: u8 = 24;
/// Bytes of a child's digest in an answer of [`StepNodes`]: the low 48 bits, big-endian.
pub const CHILD_BYTES: usize = 6;
/// Bytes of a holder's digest in an answer of [`StepDigests`]: the low 64 bits, big-endian.
pub const HOLDER_BYTES: usize = 8;
/// A node with more holders than this is not listed: its children are asked for instead.
pub const MOST_LISTED: usize = 64;

/// What a register offers another one, to keep in step with it. For operations, and houses of one system; a trait of its own, so that who pays or
/// serves depends on no more.
///
/// Each holder has a *place* in the tree, a keyed digest of its current number, and a *digest*, a keyed digest of its [`ExtractHolder`] as JSON. Both
/// are made under a key that the two registers share and nobody else has; neither tells a number. A node of the tree at depth `d` stands for the
/// holders whose places begin with its `2·d` bits; its digest is the sum of theirs modulo 2¹²⁸.
#[async_trait]
pub trait RegisterStep: Send + Sync {
    /// The root of the tree, brought up to date.
    async fn step_state(&self, context: &Context) -> Result<StepState, Problem>;

    /// The children of nodes, in order. For each node the digests of its first three children, the low 48 bits of each, as base64; the fourth child has
    /// what is missing to the node's own.
    async fn step_nodes(&self, context: &Context, query: NodesQuery) -> Result<Vec<String>, Problem>;

    /// The holders of nodes, in order: of each the low 64 bits of its digest, one after the other, as base64; nothing for a node that has more than
    /// [`MOST_LISTED`].
    async fn step_digests(&self, context: &Context, query: NodesQuery) -> Result<Vec<Option<String>>, Problem>;

    /// What is known of holders that stand in nodes, by the low 64 bits of their digests. Logged as lookups of these holders.
    async fn step_holders(&self, context: &Context, query: HoldersQuery) -> Result<Vec<ExtractHolder>, Problem>;

    /// A page of an extract: of everything as known at a moment, or of what has changed since another. Logged as lookups of its holders.
    async fn extract(&self, context: &Context, query: ExtractQuery) -> Result<ExtractPage, Problem>;

    /// Makes holders what the records say. The same record again changes nothing.
    async fn put_extract(
        &self, context: &Context, key: &IdempotencyKey, input: ExtractInput,
    ) -> Result<Vec<ItemResult<ExtractOutcome>>, Problem>;
}

operations! { "register";
    StepStateOf = "step-state" (false) "The root of the digest tree" : () => StepState;
    StepNodes = "step-nodes" (false) "Digests of the children of nodes of the tree" : NodesQuery => Vec<String>;
    StepDigests = "step-digests" (false) "Digests of the holders of nodes" : NodesQuery => Vec<Option<String>>;
    StepHolders = "step-holders" (false) "What is known of holders of nodes" : HoldersQuery => Vec<ExtractHolder>;
    Extract = "extract" (false) "A page of an extract of the register" : ExtractQuery => ExtractPage;
    PutExtract = "put-extract" (true) "Take records of an extract over" : ExtractInput => Vec<ItemResult<ExtractOutcome>>;
}

/// What is known of a holder, in the form in which registers compare and exchange it. Holds nothing that is a register's own: no reference, no
/// entry number, no recorded time.
///
/// The digest is taken over its JSON without white space, the fields in the order they have here, lists in the order said at each.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtractHolder {
    /// The holder's numbers, 1 to 20: the current one first, then the others by kind and number.
    pub identifiers: Vec<Identifier>,
    /// Person or unit.
    pub kind: HolderKind,
    /// Full name, 1 to 140 characters.
    pub name: String,
    /// Date of birth, if recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Date>,
    /// Whether the holder can be paid, from which day, by day; the first since ever. Empty: active since ever.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<ExtractStatus>,
    /// Accounts that were, are or will be in force: the NemKonto first, then by payer and benefit, each by day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<ExtractAccount>,
}

/// A status of a holder, until the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtractStatus {
    /// The status.
    pub status: HolderStatus,
    /// Its first day; none: since ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
}

/// An account on its days.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtractAccount {
    /// What it is for.
    pub purpose: AccountPurpose,
    /// The account.
    pub account: Account,
    /// First day it applies.
    pub valid_from: Date,
    /// First day it no longer applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
}

/// A record of an extract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExtractRecord {
    /// What is known of a holder.
    Holder(ExtractHolder),
    /// A holder that is known no longer, by the numbers it had. Only in extracts of changes.
    Removed(Vec<Identifier>),
}

/// The root of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepState {
    /// The state of the register the tree stands for.
    pub as_known: Timestamp,
    /// How many holders it has.
    pub holders: u64,
    /// The sum of all holders' digests modulo 2¹²⁸: 32 hexadecimal digits.
    pub digest: String,
    /// Tells keys apart: two registers that are to be compared must have the same. 16 hexadecimal digits.
    pub key_check: String,
}

/// Asks for nodes of one depth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodesQuery {
    /// The depth, 0 (the root) to [`MAX_DEPTH`].
    pub depth: u8,
    /// The nodes, each by the first `2·depth` bits of the places it stands for, at most [`MAX_NODES`].
    pub nodes: Vec<u64>,
}

/// Asks for holders by their digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HoldersQuery {
    /// The depth of the nodes.
    pub depth: u8,
    /// The nodes they stand in, at most [`MAX_NODES`].
    pub nodes: Vec<u64>,
    /// For each node the low 64 bits of the digests, one after the other, as base64.
    pub digests: Vec<String>,
}

/// Asks for a page of an extract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExtractQuery {
    /// As known at this moment; the latest change when absent. Every page of one extract must ask for the moment the first one answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_known: Option<Timestamp>,
    /// Only what has changed after this moment; everything when absent. A holder that changed several times may come several times, each time as known at
    /// `as_known`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Where the page before ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How many records are wanted, 1 to [`MAX_RECORDS`]. There may be fewer, also before the end; in an extract of changes there may be more, when they were
    /// made by one call.
    pub limit: u32,
}

/// A page of an extract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExtractPage {
    /// The moment it is known at.
    pub as_known: Timestamp,
    /// The records, in the order of the holders' places.
    pub records: Vec<ExtractRecord>,
    /// Where the page ended; none at the end of the extract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Records to take over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExtractInput {
    /// The records, at most [`MAX_RECORDS`].
    pub records: Vec<ExtractRecord>,
    /// With the last records of an extract: the moment it is known at. As long as nothing changes afterwards, the register is known at that moment too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_known: Option<Timestamp>,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExtractOutcome {
    /// The holder is now what the record says.
    Changed,
    /// It was already.
    Unchanged,
}

impl HoldersQuery {
    /// For nodes of this depth; none yet.
    #[must_use]
    pub fn at(depth: u8) -> Self {
        Self { depth, nodes: Vec::new(), digests: Vec::new() }
    }
}
