//! Refusing a change that waits: it never comes into force, and what it had put aside is as it was before.

use contracts::register::{HoldRefusal, MAX_REFUSALS};
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use primitives::EntryRef;
use serde_json::json;
use sqlx::PgConnection;

use crate::House;
use crate::batch::Batch;
use crate::changes::{self, Change};
use crate::designate::{REASON_LIMIT, item_result};
use crate::dossier::{Dossier, EntryChanges};
use crate::entry::{Entry, Stamp, State};
use crate::fault::{Fault, check_text};
use crate::hold::{check_expected, check_releaser, no_hold, waiting};
use crate::keyed::{KeyedCall, Opened};
use crate::notice::{Kind, Note};
use crate::span::Span;
use crate::store::hold::{self, Decision, Kept};
use crate::store::{self};
use crate::vault::SealedNumber;

impl House {
    pub(crate) async fn refuse_all(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<HoldRefusal>,
    ) -> Result<Vec<ItemResult<EntryRef>>, Problem> {
        check_few(items.len())?;
        check_releaser(context)?;
        let call = KeyedCall::new(self, context, "refuse-holds", key, &items)?;
        let vault = self.vault.clone();
        let numbers: Vec<SealedNumber> = items.iter().map(|item| vault.seal_number(&item.identifier)).collect();
        let answer = self.database.transaction("register.refuse_holds", async |mut tx| {
            let at = match call.open(&mut tx, self.clock.now()).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let mut batch = Batch::load(&mut tx, &vault, context, at, &numbers).await?;
            let mut desk = Desk::default();
            let mut refused = Vec::with_capacity(items.len());
            for item in &items {
                let refusal = self.refuse_one(&mut tx, (&mut batch, &mut desk), context, item).await;
                refused.push(item_result(refusal)?);
            }
            hold::refuse(&mut tx, &desk.made, at).await?;
            let mut changes = desk.told;
            changes.extend(batch.write(&mut tx).await?);
            self.log_changes(&mut tx, context, "refuse-holds", at, changes).await?;
            call.close(&mut tx, refused).await
        });
        Ok(answer.await?)
    }

    async fn refuse_one(
        &self, conn: &mut PgConnection, (batch, desk): (&mut Batch<'_>, &mut Desk), context: &Context, item: &HoldRefusal,
    ) -> Result<EntryRef, Fault> {
        let holder = batch.next_holder()?;
        check_text(&item.reason, REASON_LIMIT, "reason")?;
        let by = context.actor.label();
        let id = (holder, item.entry);
        let people = hold::releases_of(conn, &[holder.get()]).await?.remove(&id).unwrap_or_default();
        let holds = hold::of_holders(conn, &[holder.get()]).await?;
        let kept = waiting(holds.get(&id), people.len(), batch.today, &by)?;
        check_expected(item.expected, people.len())?;
        let before = Before::of(conn, kept).await?;
        let (dossier, _) = batch.open(holder)?;
        let waits = |entry: &&Entry| entry.entry == item.entry && entry.state == State::Active;
        let purpose = dossier.entries.iter().find(waits).ok_or_else(no_hold)?.purpose.clone();
        batch.claim(holder, &purpose)?;
        let reason = self.vault.seal_reason(&item.reason);
        let stamp = batch.stamp(reason.clone());
        let (dossier, changes) = batch.open(holder)?;
        let was = dossier.withdraw(item.entry, &stamp, changes).ok_or_else(no_hold)?;
        let again = before.give_back(dossier, &was, kept.held.until, &stamp, changes);
        batch.tell_ended(holder, &purpose, item.entry, kept.held.until);
        for (entry, day) in again {
            batch.tell_designated(holder, &purpose, entry, day)?;
        }
        batch.tell_refused(Note::new(holder, Kind::Refused, &purpose, None));
        let change =
            Change::new(changes::entry(holder, item.entry), json!({ "until": kept.held.until }), json!({ "refused_by": by }));
        desk.told.push(change.by(&by, &item.reason));
        desk.made.push(Decision { holder, entry: item.entry, by, reason });
        Ok(item.entry)
    }
}

/// Refusals under way.
#[derive(Default)]
struct Desk {
    made: Vec<Decision>,
    told: Vec<Change>,
}

/// What the holder had before a change was held.
enum Before {
    /// These entries, and the change was recorded at that time.
    Known(Vec<Entry>, Timestamp),
    /// The change was taken over from another holder since: what it had put aside there is not known here.
    TakenOver,
}

impl Before {
    async fn of(conn: &mut PgConnection, kept: &Kept) -> Result<Self, Fault> {
        let (holder, at) = ([kept.held.holder.get()], kept.placed_at);
        let then = store::entry::known_at(conn, &holder, at).await?;
        if !then.iter().any(|entry| entry.entry == kept.held.entry) {
            return Ok(Self::TakenOver);
        }
        // Recorded times are whole microseconds, as the database keeps them.
        let just_before = at - SignedDuration::from_micros(1);
        Ok(Self::Known(store::entry::known_at(conn, &holder, just_before).await?, at))
    }

    /// Gives the days back that the change had taken, as far as nothing else has them now; answers which entries have them from which day.
    fn give_back(
        &self, dossier: &mut Dossier, was: &Entry, from: Date, stamp: &Stamp, changes: &mut EntryChanges,
    ) -> Vec<(EntryRef, Date)> {
        let mut again = Vec::new();
        for (entry, whole, day) in self.taken(dossier, was, from) {
            let others = dossier
                .entries
                .iter()
                .filter(|other| other.state == State::Active && other.purpose == was.purpose && other.entry != entry);
            let free = whole.without(others.map(|other| other.valid));
            let Some(free) = free.into_iter().find(|free| free.contains(day) && free.from == whole.from) else { continue };
            dossier.reinstate(entry, free, stamp, changes);
            again.push((entry, day));
        }
        again
    }

    /// The entries the change had taken days from, with all their days, and the first of those taken.
    fn taken(&self, dossier: &Dossier, was: &Entry, from: Date) -> Vec<(EntryRef, Span, Date)> {
        let of_purpose = |entry: &&Entry| entry.purpose == was.purpose && entry.entry != was.entry;
        let shortened = dossier.entries.iter().filter(of_purpose);
        let shortened = shortened.filter(|entry| entry.state == State::Active && entry.valid.until == Some(from));
        let mut taken: Vec<(EntryRef, Span, Date)> = shortened
            .filter_map(|entry| Some((entry.entry, Span { until: self.end_of_shortened(was, from)?, ..entry.valid }, from)))
            .collect();
        let Self::Known(entries, at) = self else { return taken };
        let put_aside = entries.iter().filter(of_purpose).filter(|entry| entry.state == State::Active);
        for entry in put_aside {
            // What was changed again since is no longer the refused change's.
            let is_aside =
                |open: &Entry| open.entry == entry.entry && open.state == State::Withdrawn && open.recorded_from == *at;
            if let (true, Some(day)) = (dossier.entries.iter().any(is_aside), entry.valid.from) {
                taken.push((entry.entry, entry.valid, day));
            }
        }
        taken
    }

    /// Until when the entry was to last that the change shortened; the outer `None`: it shortened none.
    fn end_of_shortened(&self, was: &Entry, from: Date) -> Option<Option<Date>> {
        let Self::Known(entries, _) = self else { return Some(None) };
        let lasted = |entry: &&Entry| {
            entry.state == State::Active
                && entry.purpose == was.purpose
                && entry.valid.contains(from)
                && entry.valid.from < Some(from)
        };
        entries.iter().find(lasted).map(|entry| entry.valid.until)
    }
}

fn check_few(items: usize) -> Result<(), Problem> {
    if items <= MAX_REFUSALS {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::TooLarge,
        format!("Et kald kan højst have {MAX_REFUSALS} poster; der kom {items}."),
        format!("A call may carry at most {MAX_REFUSALS} items; it had {items}."),
    ))
}
