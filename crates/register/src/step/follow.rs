//! Brings the digest tree up to date: what was recorded since, holder by holder. Writers do nothing for it and wait for nothing.

use std::collections::{BTreeMap, HashMap};

use contracts::Problem;
use jiff::Timestamp;
use primitives::{HolderRef, Identifier};
use sqlx::PgConnection;
use uuid::Uuid;

use super::line::line_of;
use super::tree::{bucket_of, stored, unstored};
use crate::House;
use crate::fault::Fault;
use crate::store::step::{self, Leaf};
use crate::store::{self, head};

/// About how many changes of each kind one step takes.
const CHANGES_A_STEP: i64 = 2_000;

/// Digests by place, as stored, and holder. Each number a holder has or had has a leaf; the digest stands at the current one, the others have 0, so that an
/// extract as known at any time finds the holder where it stood then.
type Wanted = HashMap<(i64, Uuid), u128>;

/// What a bucket gains: digest and holders.
type Gain = (u128, i32);

impl House {
    /// Brings the tree a step closer to the latest change; answers how many holders were looked at, 0 when it is up to date.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database fails.
    pub async fn follow_changes(&self) -> Result<u64, Problem> {
        let following = self.database.transaction("register.follow_changes", async |mut tx| self.follow_step(&mut tx).await);
        Ok(following.await?)
    }

    async fn follow_step(&self, conn: &mut PgConnection) -> Result<u64, Fault> {
        let mut tree = step::lock_head(conn).await?;
        let key_check = self.step.key.check().cast_signed();
        if tree.key_check.is_some_and(|made_under| made_under != key_check) {
            step::clear(conn).await?;
            tree.followed_until = Timestamp::UNIX_EPOCH;
        }
        let latest = head::latest(conn).await?;
        if tree.followed_until >= latest && tree.key_check == Some(key_check) {
            return Ok(0);
        }
        let until = step::boundary(conn, tree.followed_until, latest, CHANGES_A_STEP).await?;
        let changed = step::changed(conn, tree.followed_until, until).await?;
        self.renew(conn, &changed, tree.followed_until).await?;
        step::move_head(conn, key_check, until).await?;
        // A step without holders has moved on all the same.
        Ok(u64::try_from(changed.len()).unwrap_or(u64::MAX).max(1))
    }

    /// Puts the leaves of holders right, and the buckets with them.
    async fn renew(&self, conn: &mut PgConnection, holders: &[Uuid], since: Timestamp) -> Result<(), Fault> {
        if holders.is_empty() {
            return Ok(());
        }
        let dossiers = store::dossier::load(conn, holders.iter().copied().map(HolderRef)).await?;
        let mut wanted = Wanted::with_capacity(holders.len());
        // Where a holder stood with a number it no longer has, it does not stand now.
        for (holder, number) in step::unlinked(conn, holders, since).await? {
            wanted.insert((self.stored_place(&self.vault.open_number(&number)?), holder), 0);
        }
        for (holder, dossier) in &dossiers {
            let Some(line) = line_of(&self.vault, dossier)? else { continue };
            for (number, is_current) in line.identifiers.iter().zip([true].into_iter().chain(std::iter::repeat(false))) {
                let digest = if is_current { self.step.key.digest(&line) } else { 0 };
                wanted.insert((self.stored_place(number), holder.get()), digest);
            }
        }
        let mut places: Vec<i64> = wanted.keys().map(|(place, _)| *place).collect();
        places.sort_unstable();
        let known = step::leaves_at(conn, &places).await?;
        let (put, gains) = moves(&known, wanted);
        step::put(conn, &put).await?;
        add_to_buckets(conn, gains).await
    }

    /// Where a number stands, as the database has it.
    pub(crate) fn stored_place(&self, number: &Identifier) -> i64 {
        stored(self.step.key.place(number))
    }
}

/// Which leaves are put, and what the buckets gain by it.
fn moves(known: &[Leaf], wanted: Wanted) -> (Vec<Leaf>, BTreeMap<i32, Gain>) {
    let known: Wanted = known.iter().map(|leaf| ((leaf.place, leaf.holder), leaf.digest)).collect();
    let (mut put, mut gains) = (Vec::new(), BTreeMap::<i32, Gain>::new());
    for ((place, holder), digest) in wanted {
        let was = known.get(&(place, holder)).copied();
        if was == Some(digest) {
            continue;
        }
        put.push(Leaf { place, holder, digest });
        let was = was.unwrap_or(0);
        let bucket = gains.entry(bucket_of(unstored(place))).or_default();
        let holders = i32::from(digest != 0) - i32::from(was != 0);
        *bucket = (bucket.0.wrapping_add(digest).wrapping_sub(was), bucket.1 + holders);
    }
    // In the order of the index: neighbours share its pages.
    put.sort_unstable_by_key(|leaf| (leaf.place, leaf.holder));
    (put, gains)
}

async fn add_to_buckets(conn: &mut PgConnection, gains: BTreeMap<i32, Gain>) -> Result<(), Fault> {
    let numbers: Vec<i32> = gains.keys().copied().collect();
    let known = step::buckets(conn, &numbers).await?;
    let mut known: HashMap<i32, Gain> = known.into_iter().map(|(number, digest, holders)| (number, (digest, holders))).collect();
    let buckets: Vec<step::Bucket> = gains
        .into_iter()
        .map(|(number, (digest, holders))| {
            let was = known.remove(&number).unwrap_or_default();
            (number, was.0.wrapping_add(digest), was.1 + holders)
        })
        .collect();
    Ok(step::put_buckets(conn, &buckets).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLDER: Uuid = Uuid::from_u128(1);

    fn check(known: &[(i64, u128)], wanted: &[(i64, u128)], put: &[(i64, u128)], gains: &[(i32, Gain)]) {
        let leaf = |(place, digest): &(i64, u128)| Leaf { place: *place, holder: HOLDER, digest: *digest };
        let wanted = wanted.iter().map(|(place, digest)| ((*place, HOLDER), *digest)).collect();
        let moved = moves(&known.iter().map(leaf).collect::<Vec<_>>(), wanted);
        let gains: BTreeMap<i32, Gain> = gains.iter().copied().filter(|(_, gain)| *gain != (0, 0)).collect();
        let gained: BTreeMap<i32, Gain> = moved.1.into_iter().filter(|(_, gain)| *gain != (0, 0)).collect();
        assert_eq!((moved.0, gained), (put.iter().map(leaf).collect(), gains));
    }

    #[test]
    fn buckets_gain_what_leaves_do() {
        let (here, there) = (stored(0), stored(1 << 48));
        check(&[], &[(here, 7)], &[(here, 7)], &[(0, (7, 1))]);
        check(&[(here, 7)], &[(here, 7)], &[], &[]);
        check(&[(here, 7)], &[(here, 9)], &[(here, 9)], &[(0, (2, 0))]);
        check(&[(here, 7)], &[(here, 0), (there, 9)], &[(here, 0), (there, 9)], &[(0, (7u128.wrapping_neg(), -1)), (1, (9, 1))]);
        check(&[], &[(here, 0)], &[(here, 0)], &[]);
        check(&[(here, 0)], &[(here, 0)], &[], &[]);
        check(&[(here, 0)], &[(here, 5)], &[(here, 5)], &[(0, (5, 1))]);
    }

    #[test]
    fn anothers_leaf_at_the_same_place_stays() {
        let other = Leaf { place: 0, holder: Uuid::from_u128(2), digest: 4 };
        let (put, gains) = moves(&[other], [((0, HOLDER), 5)].into());
        assert_eq!((put.len(), gains.values().next()), (1, Some(&(5, 1))));
    }
}
