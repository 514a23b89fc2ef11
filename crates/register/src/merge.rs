//! Make two holders one.

use contracts::register::{HolderMerge, LinkKind, RegisterEvent};
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use primitives::{HolderRef, copenhagen_date};
use sqlx::PgConnection;
use std::collections::HashSet;

use crate::House;
use crate::batch::append_events;
use crate::branch;
use crate::changes::{self, Change};
use crate::designate::{REASON_LIMIT, item_result};
use crate::dossier::{Dossier, EntryChanges};
use crate::entry::{Entry, Stamp, State};
use crate::fault::{Fault, check_size, check_text, unknown_number};
use crate::fold::Fresh;
use crate::keyed::{KeyedCall, Opened};
use crate::rights::check_population;
use crate::store::{self, circumstance, head, hold, identifier, last_word, link, payout, private, projection};
use crate::vault::{SealedNumber, Vault};

/// The most holders merged or split in one call: each is a transaction's worth of work, and rare.
pub(crate) const POPULATION_LIMIT: usize = 1_000;

impl House {
    pub(crate) async fn merge_all(
        &self, context: &Context, key: &IdempotencyKey, merges: Vec<HolderMerge>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        check_few(merges.len())?;
        check_population(context)?;
        let call = KeyedCall::new(self, context, "merge-holders", key, &merges)?;
        let by = context.actor.label();
        let answer = self.database.transaction("register.merge_holders", async |mut tx| {
            let at = match call.open(&mut tx, self.clock.now()).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let mut merged = Vec::with_capacity(merges.len());
            let mut changes = Vec::new();
            let mut touched = HashSet::new();
            for merge in &merges {
                let stamp = Stamp { at, by: by.clone(), reason: self.vault.seal_reason(&merge.reason) };
                let outcome = item_result(self.merge_one(&mut tx, merge, &mut touched, &stamp).await)?;
                merged.push(outcome.map(|(into, told)| {
                    changes.extend(told);
                    into
                }));
            }
            self.log_changes(&mut tx, context, "merge-holders", at, changes).await?;
            call.close(&mut tx, merged).await
        });
        Ok(answer.await?)
    }

    async fn merge_one(
        &self, conn: &mut PgConnection, merge: &HolderMerge, touched: &mut HashSet<HolderRef>, stamp: &Stamp,
    ) -> Result<(HolderRef, Vec<Change>), Fault> {
        check_text(&merge.reason, REASON_LIMIT, "reason")?;
        let numbers = [self.vault.seal_number(&merge.from), self.vault.seal_number(&merge.into)];
        let found = identifier::holders_of(conn, &numbers.iter().collect()).await?;
        let [Some(from), Some(into)] = found[..] else {
            return Err(unknown_number().into());
        };
        if from == into {
            return Err(one_holder().into());
        }
        // What is never known between two changes of one call would have no time at which it was known.
        if touched.contains(&from) || touched.contains(&into) {
            return Err(crate::fault::twice_in_one_call().into());
        }
        touched.extend([from, into]);
        let Joined { numbers, change } = join(conn, &self.vault, from, into, stamp).await?;
        let fresh = Fresh { relinked: numbers.into_iter().collect(), ..Fresh::default() };
        let mut changes = vec![change];
        changes.extend(self.fold(conn, HashSet::from([into]), fresh, (stamp.at, &stamp.by)).await?);
        Ok((into, changes))
    }
}

/// Two holders that have become one.
pub(crate) struct Joined {
    /// The numbers of both.
    pub numbers: Vec<SealedNumber>,
    /// What the change log is to tell of it.
    pub change: Change,
}

/// Makes `from` part of `into`: its numbers lead there, and its accounts go along on the days on which `into` has none for their purpose.
pub(crate) async fn join(
    conn: &mut PgConnection, vault: &Vault, from: HolderRef, into: HolderRef, stamp: &Stamp,
) -> Result<Joined, Fault> {
    let mut dossiers = store::dossier::load(conn, [from, into]).await?;
    let (Some(mut gone), Some(mut kept)) = (dossiers.remove(&from), dossiers.remove(&into)) else {
        return Err(Fault::Corrupt("holder without facts"));
    };
    let stale: Vec<SealedNumber> = gone.numbers.iter().chain(&kept.numbers).cloned().collect();
    let mut written = EntryChanges::default();
    let lost = gone.withdraw_all(stamp, &mut written);
    let adopted = adopt(conn, &mut kept, &lost, stamp, &mut written).await?;
    branch::follow_known(conn, vault, &mut kept, (stamp.at, &stamp.by), &mut written).await?;
    store::entry::write(conn, &written, stamp.at).await?;
    identifier::unlink(conn, &gone.numbers, stamp.at).await?;
    let links: Vec<(HolderRef, SealedNumber)> = gone.numbers.iter().map(|number| (into, number.clone())).collect();
    identifier::link(conn, &links, stamp.at).await?;
    kept.numbers.append(&mut gone.numbers);
    projection::clear(conn, &stale).await?;
    projection::write(conn, &[&kept]).await?;
    link::insert(conn, LinkKind::Merge, from, into, stamp).await?;
    payout::merge(conn, from, into).await?;
    private::follow(conn, from, into).await?;
    last_word::merge(conn, from, into).await?;
    circumstance::forget(conn, &[from.get()]).await?;
    let mut events = vec![RegisterEvent::HolderMerged { from, into }];
    events.extend(tell_adopted(vault, &kept, &adopted, stamp)?);
    append_events(conn, vault, &events).await?;
    let change = changes::merged(vault, from, into, (&lost, &adopted), stamp)?;
    Ok(Joined { numbers: kept.numbers, change })
}

/// Takes over what is lost elsewhere, on the days on which the holder has no account for the purpose.
async fn adopt(
    conn: &mut PgConnection, kept: &mut Dossier, lost: &[Entry], stamp: &Stamp, changes: &mut EntryChanges,
) -> Result<Vec<Entry>, Fault> {
    let pieces: Vec<Entry> = lost.iter().flat_map(|entry| on_free_days(kept, entry)).collect();
    adopt_all(conn, kept, &pieces, stamp, changes).await
}

/// The entry, on the days on which the holder has no account for its purpose.
fn on_free_days(kept: &Dossier, entry: &Entry) -> Vec<Entry> {
    let own = kept.entries.iter().filter(|own| own.state == State::Active && own.purpose == entry.purpose);
    let free = entry.valid.without(own.map(|own| own.valid));
    free.into_iter().map(|valid| Entry { valid, ..entry.clone() }).collect()
}

/// Takes entries over, under new references, and what holds them back; answers them as they are now.
pub(crate) async fn adopt_all(
    conn: &mut PgConnection, kept: &mut Dossier, entries: &[Entry], stamp: &Stamp, changes: &mut EntryChanges,
) -> Result<Vec<Entry>, Fault> {
    let numbers = head::take_entries(conn, entries.len()).await?;
    let before = kept.entries.len();
    for (entry, number) in entries.iter().zip(numbers) {
        kept.adopt(number, entry, stamp, changes);
    }
    let adopted = kept.entries[before..].to_vec();
    hold::follow(conn, entries.iter().zip(&adopted)).await?;
    Ok(adopted)
}

/// Tells others of accounts that are in force, now or later, for another holder than before.
pub(crate) fn tell_adopted(
    vault: &Vault, holder: &Dossier, adopted: &[Entry], stamp: &Stamp,
) -> Result<Vec<RegisterEvent>, Fault> {
    let today = copenhagen_date(stamp.at);
    let facts = holder.latest_facts().ok_or(Fault::Corrupt("holder without facts"))?;
    let in_force = adopted.iter().filter(|entry| !entry.valid.is_over(today));
    in_force
        .map(|entry| {
            Ok(RegisterEvent::AccountDesignated {
                holder: holder.holder,
                identifier: vault.open_number(&facts.current)?,
                purpose: entry.purpose.clone(),
                entry: entry.entry,
                effective_from: entry.valid.from.ok_or(Fault::Corrupt("entry without first day"))?,
            })
        })
        .collect()
}

/// Refuses longer lists of holders to merge or split.
pub(crate) fn check_few(items: usize) -> Result<(), Problem> {
    check_size(items)?;
    if items <= POPULATION_LIMIT {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::TooLarge,
        format!("Et kald kan højst have {POPULATION_LIMIT} poster; der kom {items}."),
        format!("A call may carry at most {POPULATION_LIMIT} items; it had {items}."),
    ))
}

fn one_holder() -> Problem {
    Problem::new(ProblemCode::Conflict, "Numrene tilhører allerede én kontohaver.", "The numbers belong to one holder already.")
        .in_field("into")
}
