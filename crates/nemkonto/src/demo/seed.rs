//! Puts the seeded Denmark into the houses, through their contracts.

use contracts::register::{HolderRecord, HolderStatus};
use contracts::{Actor, Context, IdempotencyKey, ItemResult, LegalBasis, Problem, Purpose};
use simulation::World;
use uuid::Uuid;

use super::progress::Progress;
use crate::{Failure, street::Street};

/// How many items go in one call.
pub(crate) const BATCH: usize = 10_000;

/// Who seeds: the operator of the demo.
#[must_use]
pub fn operator() -> Context {
    Context {
        actor: Actor::Operator { user: "demo".to_owned() },
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov 696/2025").expect("a short text"),
        purpose: Purpose::new("seeding of a Denmark that does not exist").expect("a short text"),
        trace: Uuid::nil(),
        acting: None,
    }
}

/// The recovery authority, whose markers and rules they are.
fn recovery_authority() -> Context {
    Context { actor: Actor::RecoveryAuthority, ..operator() }
}

/// Records parties, holders, accounts, markers and rules.
///
/// # Errors
/// When a house refuses an item: the seeded Denmark has no faults.
pub async fn seed(street: &Street, world: &World, progress: &Progress) -> Result<(), Failure> {
    let operator = operator();
    all_done(street.parties.record(&operator, &key("parties", 0)?, world.parties()).await?)?;

    let size = world.size();
    let expected = size.people + size.companies;
    let bar = progress.phase("holders", expected);
    for (number, holders) in batches(world.holders().map(before_the_end)).enumerate() {
        let count = holders.len();
        all_done(street.register.record_holders(&operator, &key("holders", number)?, holders).await?)?;
        bar.advance(count as u64);
    }
    bar.done();

    let bar = progress.phase("accounts", expected);
    for (number, designations) in batches(world.designations()).enumerate() {
        let count = designations.len();
        all_done(street.register.designate(&operator, &key("designations", number)?, designations).await?)?;
        bar.advance(count as u64);
    }
    bar.done();

    for (number, holders) in batches(world.holders().filter(|holder| holder.status != HolderStatus::Active)).enumerate() {
        all_done(street.register.record_holders(&operator, &key("ended-holders", number)?, holders).await?)?;
    }

    let authority = recovery_authority();
    all_done(street.setoff.put_benefit_rules(&authority, &key("benefit-rules", 0)?, world.benefit_rules()).await?)?;
    for (number, markers) in batches(world.markers()).enumerate() {
        all_done(street.setoff.put_markers(&authority, &key("markers", number)?, markers).await?)?;
    }
    Ok(())
}

/// The holder as it was while it could still designate an account: an end-marked holder had one before.
pub(crate) fn before_the_end(holder: HolderRecord) -> HolderRecord {
    HolderRecord { status: HolderStatus::Active, status_from: None, ..holder }
}

fn key(what: &str, number: usize) -> Result<IdempotencyKey, Problem> {
    IdempotencyKey::new(format!("seed/{what}/{number}"))
}

/// The first refusal, if there is one.
pub(crate) fn all_done<T>(results: Vec<ItemResult<T>>) -> Result<(), Problem> {
    results.into_iter().try_for_each(|result| result.map(|_| ()))
}

/// The items in lists of [`BATCH`].
pub(crate) fn batches<T>(items: impl Iterator<Item = T>) -> impl Iterator<Item = Vec<T>> {
    let mut items = items.peekable();
    std::iter::from_fn(move || {
        items.peek()?;
        Some(items.by_ref().take(BATCH).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_full_but_the_last_and_none_is_empty() {
        let lengths = |count: usize| batches(0..count).map(|batch| batch.len()).collect::<Vec<_>>();
        assert_eq!(lengths(0), Vec::<usize>::new());
        assert_eq!(lengths(BATCH), [BATCH]);
        assert_eq!(lengths(2 * BATCH + 1), [BATCH, BATCH, 1]);
    }
}
