//! What another register asks of the digest tree.

use std::collections::HashSet;
use std::sync::Arc;

use contracts::register::{ExtractHolder, HoldersQuery, MAX_RECORDS, MOST_LISTED, NodesQuery, StepState};
use contracts::{Context, Problem, ProblemCode};
use primitives::HolderRef;
use sqlx::PgConnection;

use super::check_step;
use super::line::line_of;
use super::tree::{
    BUCKET_DEPTH, BUCKETS, Buckets, check_nodes, child_of, pack_children, pack_holders, places, stored, unpack_holders, unstored,
};
use crate::House;
use crate::fault::Fault;
use crate::store;
use crate::store::step::{self, Leaf};
use crate::vault::SealedNumber;

/// Steps in which a question brings the tree up to date itself. What is further behind is the room's work.
const STEPS_A_QUESTION: usize = 20;

impl House {
    pub(crate) async fn state_of_tree(&self, context: &Context) -> Result<StepState, Problem> {
        check_step(context)?;
        for _ in 0..STEPS_A_QUESTION {
            if self.follow_changes().await? == 0 {
                let buckets = self.buckets().await?;
                return Ok(StepState {
                    as_known: buckets.followed_until,
                    holders: buckets.holders_in(0, 0),
                    digest: format!("{:032x}", buckets.root()),
                    key_check: self.step.key.check_text(),
                });
            }
        }
        let (da, en) = ("Træet er ved at blive bygget. Prøv igen.", "The tree is being built. Try again.");
        Err(Problem::new(ProblemCode::Unavailable, da, en))
    }

    pub(crate) async fn children_of(&self, context: &Context, query: NodesQuery) -> Result<Vec<String>, Problem> {
        check_step(context)?;
        check_nodes(&query)?;
        if query.depth < BUCKET_DEPTH {
            let buckets = self.buckets().await?;
            return Ok(query.nodes.iter().map(|node| pack_children(&buckets.children(query.depth, *node))).collect());
        }
        let nodes = self.leaves_of(&query).await?;
        let children = nodes.iter().map(|leaves| {
            let mut children = [0u128; 4];
            for leaf in leaves {
                let child = &mut children[child_of(query.depth, unstored(leaf.place))];
                *child = child.wrapping_add(leaf.digest);
            }
            pack_children(&children)
        });
        Ok(children.collect())
    }

    pub(crate) async fn digests_in(&self, context: &Context, query: NodesQuery) -> Result<Vec<Option<String>>, Problem> {
        check_step(context)?;
        check_nodes(&query)?;
        let listed = self.listed(query).await?;
        let digests = |leaves: Vec<Leaf>| pack_holders(leaves.iter().map(|leaf| leaf.digest as u64));
        Ok(listed.into_iter().map(|leaves| leaves.map(digests)).collect())
    }

    pub(crate) async fn holders_in(&self, context: &Context, query: HoldersQuery) -> Result<Vec<ExtractHolder>, Problem> {
        check_step(context)?;
        let nodes = NodesQuery { depth: query.depth, nodes: query.nodes };
        check_nodes(&nodes)?;
        let mut wanted = Vec::with_capacity(query.digests.len());
        for digests in &query.digests {
            wanted.push(unpack_holders(digests).ok_or_else(not_digests)?.into_iter().collect::<HashSet<u64>>());
        }
        if wanted.len() != nodes.nodes.len() || wanted.iter().map(HashSet::len).sum::<usize>() > MAX_RECORDS {
            return Err(not_digests());
        }
        let listed = self.listed(nodes).await?;
        let found = listed.into_iter().map(Option::unwrap_or_default).zip(&wanted);
        let found = found.flat_map(|(leaves, wanted)| leaves.into_iter().filter(|leaf| wanted.contains(&(leaf.digest as u64))));
        let holders: Vec<HolderRef> = found.map(|leaf| HolderRef(leaf.holder)).collect();
        let now = self.clock.now();
        let lines = self.database.transaction("register.step_holders", async |mut tx| {
            let dossiers = store::dossier::load(&mut tx, holders.iter().copied()).await?;
            let numbers: Vec<SealedNumber> = dossiers.values().flat_map(|dossier| dossier.numbers.iter().cloned()).collect();
            self.log_access(&mut tx, context, "step-holders", &numbers, now).await?;
            let dossiers = holders.iter().filter_map(|holder| dossiers.get(holder));
            dossiers.filter_map(|dossier| line_of(&self.vault, dossier).transpose()).collect::<Result<Vec<_>, Fault>>()
        });
        Ok(lines.await?)
    }

    /// The holders of nodes, node by node; nothing for one that has too many.
    async fn listed(&self, query: NodesQuery) -> Result<Vec<Option<Vec<Leaf>>>, Problem> {
        let buckets = self.buckets().await?;
        // A node above the buckets may have millions: their counts tell before they are read.
        let is_small = |node: &u64| query.depth >= BUCKET_DEPTH || buckets.holders_in(query.depth, *node) <= MOST_LISTED as u64;
        let small = NodesQuery { depth: query.depth, nodes: query.nodes.iter().copied().filter(is_small).collect() };
        let mut leaves = self.leaves_of(&small).await?.into_iter();
        let listed = query.nodes.iter().map(|node| {
            let mut leaves = is_small(node).then(|| leaves.next()).flatten()?;
            leaves.retain(|leaf| leaf.digest != 0);
            (leaves.len() <= MOST_LISTED).then_some(leaves)
        });
        Ok(listed.collect())
    }

    /// The leaves of nodes, node by node.
    async fn leaves_of(&self, query: &NodesQuery) -> Result<Vec<Vec<Leaf>>, Problem> {
        let ranges: Vec<_> = query.nodes.iter().map(|node| places(query.depth, *node)).collect();
        let from: Vec<i64> = ranges.iter().map(|range| stored(*range.start())).collect();
        let until: Vec<i64> = ranges.iter().map(|range| stored(*range.end())).collect();
        let leaves = self.database.transaction("register.step_leaves", async |mut tx| {
            let leaves = step::leaves_between(&mut tx, &from, &until).await?;
            Ok::<_, Fault>(leaves)
        });
        let leaves = leaves.await?;
        // They come sorted by place.
        let of = |range: (&i64, &i64)| {
            let first = leaves.partition_point(|leaf| leaf.place < *range.0);
            let last = leaves.partition_point(|leaf| leaf.place <= *range.1);
            leaves[first..last].to_vec()
        };
        Ok(from.iter().zip(&until).map(of).collect())
    }

    /// The buckets as they are now: read again only when the tree has moved.
    async fn buckets(&self) -> Result<Arc<Buckets>, Problem> {
        let kept = self.step.kept();
        let read = self.database.transaction("register.step_buckets", async |mut tx| {
            let head = step::head(&mut tx).await?;
            let is_current =
                |kept: &Arc<Buckets>| kept.followed_until == head.followed_until && Some(kept.key_check) == head.key_check;
            match kept.clone().filter(is_current) {
                Some(kept) => Ok::<_, Fault>(kept),
                None => read_buckets(&mut tx, head).await.map(Arc::new),
            }
        });
        let buckets = read.await?;
        self.step.keep(&buckets);
        Ok(buckets)
    }
}

async fn read_buckets(conn: &mut PgConnection, head: step::Head) -> Result<Buckets, Fault> {
    let mut digests = vec![0u128; BUCKETS];
    let mut holders = vec![0u32; BUCKETS];
    for (number, digest, count) in step::all_buckets(conn).await? {
        let number = usize::try_from(number).ok().filter(|number| *number < BUCKETS).ok_or(Fault::Corrupt("bucket"))?;
        digests[number] = digest;
        holders[number] = u32::try_from(count).map_err(|_| Fault::Corrupt("bucket"))?;
    }
    Ok(Buckets { followed_until: head.followed_until, key_check: head.key_check.unwrap_or(0), digests, holders })
}

fn not_digests() -> Problem {
    let (da, en) = (
        "Der ventes op til 10.000 kontohavere, for hver knude 64 bit for hver.",
        "Expected up to 10,000 holders, for each node 64 bits of each.",
    );
    Problem::new(ProblemCode::InvalidInput, da, en).in_field("digests")
}
