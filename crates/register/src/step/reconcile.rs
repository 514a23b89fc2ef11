//! Finds in what two registers differ, in bytes proportional to the differences, and makes them equal by the rules of who is the master of what.

use std::collections::HashSet;

use contracts::register::{
    ExtractHolder, ExtractInput, ExtractOutcome, ExtractRecord, HoldersQuery, MAX_DEPTH, MAX_NODES, MAX_RECORDS, NodesQuery,
    RegisterStep, StepState,
};
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::civil::Date;
use thiserror::Error;

use super::key::StepKey;
use super::masters::{Master, Masters};
use super::pairs::{Difference, Repair, pairs};
use super::tree::{CHILD_MASK, pack_holders, sum, unpack_children, unpack_holders};

/// Once a node has about so few holders, they are listed.
const FEW: u64 = 4;
/// More than so many differing holders are no drift: an extract is the way then.
const MOST_DIFFERING: usize = 100_000;
/// How often it is tried anew when the registers change meanwhile.
const ATTEMPTS: usize = 5;

/// What a comparison has found and done.
#[derive(Debug)]
pub struct Reconciled {
    /// This register's tree when it was compared.
    pub here: StepState,
    /// The other's.
    pub there: StepState,
    /// All in which they differed.
    pub differences: Vec<Difference>,
    /// Records taken over by either of them; none when it was not asked for.
    pub repaired: Option<u64>,
    /// Why records were not taken over.
    pub refused: Vec<Problem>,
    /// Whether they are equal now.
    pub equal: bool,
}

/// Why registers could not be compared.
#[derive(Debug, Error)]
pub enum ReconcileError {
    /// One of them refused, or could not answer.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// Their trees are made under other keys.
    #[error("the registers compare under two keys: give both the same key file")]
    OtherKeys,
    /// They have too little in common.
    #[error("more than 100,000 holders differ: take an extract over instead")]
    TooMany,
    /// One of them has answered something else than the contract says.
    #[error("a register has answered what is no node of the tree")]
    Malformed,
    /// They changed again and again while they were compared.
    #[error("the registers change while they are compared, and what was found does not add up: try again")]
    Changing,
}

/// What registers say of the holders in which they differ.
struct Found {
    states: [StepState; 2],
    lines: [Vec<ExtractHolder>; 2],
}

/// Compares two registers, and with `repair` makes them equal: each part of a holder as its master says it, as of the day `on`.
///
/// # Errors
/// See [`ReconcileError`]. What was repaired before an error stays so; to begin again does no harm.
pub async fn reconcile(
    context: &Context, [here, there]: [&dyn RegisterStep; 2], key: &StepKey, (masters, on): (&Masters, Date), repair: bool,
) -> Result<Reconciled, ReconcileError> {
    let comparison = Comparison { context, registers: [here, there], key };
    let Found { states: [state_here, state_there], lines: [lines_here, lines_there] } = comparison.find().await?;
    let pairs = pairs(lines_here, lines_there);
    let differences = pairs.iter().flat_map(|pair| pair.differences(masters, on)).collect();
    let mut reconciled = Reconciled {
        equal: state_here.digest == state_there.digest,
        here: state_here,
        there: state_there,
        differences,
        repaired: None,
        refused: Vec::new(),
    };
    if repair {
        let repairs: Vec<Repair> = pairs.iter().flat_map(|pair| pair.repairs(masters, on)).collect();
        let mut repaired = 0;
        for (side, register, state) in [(Master::Here, here, &reconciled.here), (Master::There, there, &reconciled.there)] {
            let records = repairs.iter().filter(|(at, _)| *at == side).map(|(_, record)| record.clone()).collect();
            let put = put_all(context, register, records, &format!("reconcile/{}", state.as_known.as_microsecond())).await?;
            repaired += put.changed;
            reconciled.refused.extend(put.refused);
        }
        let [after_here, after_there] = comparison.states().await?;
        reconciled.repaired = Some(repaired);
        reconciled.equal = after_here.digest == after_there.digest;
    }
    Ok(reconciled)
}

struct Comparison<'c> {
    context: &'c Context,
    registers: [&'c dyn RegisterStep; 2],
    key: &'c StepKey,
}

/// A node in which they differ, with both digests' low 48 bits.
type Differing = (u64, [u64; 2]);

impl Comparison<'_> {
    async fn states(&self) -> Result<[StepState; 2], ReconcileError> {
        let [here, there] = self.registers;
        let (here, there) = tokio::try_join!(here.step_state(self.context), there.step_state(self.context))?;
        let ours = self.key.check_text();
        if here.key_check != ours || there.key_check != ours { Err(ReconcileError::OtherKeys) } else { Ok([here, there]) }
    }

    /// All holders in which they differ. What is found must add up to the difference of the roots, or they have changed meanwhile.
    async fn find(&self) -> Result<Found, ReconcileError> {
        for _ in 0..ATTEMPTS {
            let states = self.states().await?;
            let [root_here, root_there] = [root(&states[0])?, root(&states[1])?];
            if root_here == root_there {
                return Ok(Found { states, lines: [Vec::new(), Vec::new()] });
            }
            let lines = self.differing_lines(&states, [root_here, root_there]).await?;
            let digests = |lines: &[ExtractHolder]| sum(lines.iter().map(|line| self.key.digest(line)));
            let found = digests(&lines[1]).wrapping_sub(digests(&lines[0]));
            if found == root_there.wrapping_sub(root_here) {
                return Ok(Found { states, lines });
            }
        }
        Err(ReconcileError::Changing)
    }

    async fn differing_lines(
        &self, states: &[StepState; 2], roots: [u128; 2],
    ) -> Result<[Vec<ExtractHolder>; 2], ReconcileError> {
        let list_at = list_depth(states[0].holders.max(states[1].holders));
        let mut differing: Vec<Differing> = vec![(0, roots.map(|root| (root as u64) & CHILD_MASK))];
        let mut lines = [Vec::new(), Vec::new()];
        for depth in 0..=MAX_DEPTH {
            if depth >= list_at {
                differing = self.list(depth, &differing, &mut lines).await?;
            }
            if differing.is_empty() {
                break;
            }
            if differing.len() > MOST_DIFFERING || lines.iter().any(|lines| lines.len() > MOST_DIFFERING) {
                return Err(ReconcileError::TooMany);
            }
            if depth < MAX_DEPTH {
                differing = self.descend(depth, &differing).await?;
            }
        }
        Ok(lines)
    }

    /// The children in which they differ.
    async fn descend(&self, depth: u8, differing: &[Differing]) -> Result<Vec<Differing>, ReconcileError> {
        let [here, there] = self.registers;
        let mut below = Vec::new();
        for part in differing.chunks(MAX_NODES) {
            let query = NodesQuery { depth, nodes: part.iter().map(|(node, _)| *node).collect() };
            let (ours, theirs) =
                tokio::try_join!(here.step_nodes(self.context, query.clone()), there.step_nodes(self.context, query))?;
            if ours.len() != part.len() || theirs.len() != part.len() {
                return Err(ReconcileError::Malformed);
            }
            for ((node, digests), (ours, theirs)) in part.iter().zip(ours.iter().zip(&theirs)) {
                let ours = unpack_children(digests[0], ours).ok_or(ReconcileError::Malformed)?;
                let theirs = unpack_children(digests[1], theirs).ok_or(ReconcileError::Malformed)?;
                let children = (0..).map(|child| node * 4 + child).zip(ours.into_iter().zip(theirs));
                below.extend(children.filter(|(_, (ours, theirs))| ours != theirs).map(|(child, (a, b))| (child, [a, b])));
            }
        }
        Ok(below)
    }

    /// Reads the holders in which small nodes differ; answers the nodes that are not small.
    async fn list(
        &self, depth: u8, differing: &[Differing], lines: &mut [Vec<ExtractHolder>; 2],
    ) -> Result<Vec<Differing>, ReconcileError> {
        let [here, there] = self.registers;
        let mut large = Vec::new();
        for part in differing.chunks(MAX_RECORDS / contracts::register::MOST_LISTED) {
            let query = NodesQuery { depth, nodes: part.iter().map(|(node, _)| *node).collect() };
            let (ours, theirs) =
                tokio::try_join!(here.step_digests(self.context, query.clone()), there.step_digests(self.context, query))?;
            if ours.len() != part.len() || theirs.len() != part.len() {
                return Err(ReconcileError::Malformed);
            }
            let mut wanted = [HoldersQuery::at(depth), HoldersQuery::at(depth)];
            for (node, (ours, theirs)) in part.iter().zip(ours.iter().zip(&theirs)) {
                let (Some(ours), Some(theirs)) = (ours, theirs) else {
                    large.push(*node);
                    continue;
                };
                let (ours, theirs) = (digests(ours)?, digests(theirs)?);
                want(&mut wanted[0], node.0, ours.difference(&theirs));
                want(&mut wanted[1], node.0, theirs.difference(&ours));
            }
            let [ours, theirs] = wanted;
            let (ours, theirs) = tokio::try_join!(self.read(here, ours), self.read(there, theirs))?;
            lines[0].extend(ours);
            lines[1].extend(theirs);
        }
        Ok(large)
    }

    async fn read(&self, register: &dyn RegisterStep, query: HoldersQuery) -> Result<Vec<ExtractHolder>, Problem> {
        if query.nodes.is_empty() { Ok(Vec::new()) } else { register.step_holders(self.context, query).await }
    }
}

fn root(state: &StepState) -> Result<u128, ReconcileError> {
    u128::from_str_radix(&state.digest, 16).map_err(|_| ReconcileError::Malformed)
}

fn digests(text: &str) -> Result<HashSet<u64>, ReconcileError> {
    Ok(unpack_holders(text).ok_or(ReconcileError::Malformed)?.into_iter().collect())
}

fn want<'d>(query: &mut HoldersQuery, node: u64, digests: impl Iterator<Item = &'d u64>) {
    let digests: Vec<u64> = digests.copied().collect();
    if !digests.is_empty() {
        query.nodes.push(node);
        query.digests.push(pack_holders(digests.into_iter()));
    }
}

/// The depth at which nodes have few holders.
fn list_depth(holders: u64) -> u8 {
    (0..MAX_DEPTH).find(|depth| holders >> (2 * u32::from(*depth)) <= FEW).unwrap_or(MAX_DEPTH)
}

/// What became of records.
#[derive(Debug, Default)]
pub(crate) struct Put {
    pub changed: u64,
    pub unchanged: u64,
    pub refused: Vec<Problem>,
}

/// Hands records to a register. Some can only be taken over after others, as when a number goes from one holder to another: they are tried again.
async fn put_all(
    context: &Context, register: &dyn RegisterStep, records: Vec<ExtractRecord>, key: &str,
) -> Result<Put, ReconcileError> {
    let mut put = Put::default();
    // What goes makes room for what comes.
    let (gone, come): (Vec<_>, Vec<_>) = records.into_iter().partition(|record| matches!(record, ExtractRecord::Removed(_)));
    let mut waiting: Vec<ExtractRecord> = gone.into_iter().chain(come).collect();
    for round in 0.. {
        let mut again = Vec::new();
        let mut refused = Vec::new();
        for (number, part) in waiting.chunks(MAX_RECORDS).enumerate() {
            let key = IdempotencyKey::new(format!("{key}/{round}/{number}"))?;
            let input = ExtractInput { records: part.to_vec(), as_known: None };
            for (record, outcome) in part.iter().zip(register.put_extract(context, &key, input).await?) {
                note(&mut put, &mut again, &mut refused, (record, outcome));
            }
        }
        if again.is_empty() || again.len() == waiting.len() {
            put.refused.append(&mut refused);
            return Ok(put);
        }
        put.refused.extend(refused.into_iter().filter(|problem| problem.code != ProblemCode::Conflict));
        waiting = again;
    }
    Ok(put)
}

fn note(
    put: &mut Put, again: &mut Vec<ExtractRecord>, refused: &mut Vec<Problem>,
    (record, outcome): (&ExtractRecord, ItemResult<ExtractOutcome>),
) {
    match outcome {
        Ok(ExtractOutcome::Changed) => put.changed += 1,
        Ok(ExtractOutcome::Unchanged) => put.unchanged += 1,
        Err(problem) => {
            if problem.code == ProblemCode::Conflict {
                again.push(record.clone());
            }
            refused.push(problem);
        }
    }
}
