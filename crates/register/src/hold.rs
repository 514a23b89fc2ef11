//! Holds: a change with a signal of fraud waits. Payments follow the account of before meanwhile, until the cooling-off is over or two people
//! have released the change; or for good, where somebody has refused it (`hold_refusal.rs`).

use std::collections::HashMap;

use contracts::register::{Hold, HoldRelease, HoldReleased};
use contracts::{Actor, Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::ToSpan;
use jiff::civil::Date;
use primitives::{Account, EntryRef, HolderRef, Identifier};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::House;
use crate::batch::Batch;
use crate::changes::{self, Change};
use crate::designate::{REASON_LIMIT, item_result};
use crate::fault::{Fault, check_size, check_text, forbidden};
use crate::fraud::Evidence;
use crate::keyed::{KeyedCall, Opened};
use crate::lookup::reachable;
use crate::store::hold::{self, Decision, Held, Kept};
use crate::vault::SealedNumber;

/// How many people it takes to release a change.
const RELEASERS: usize = 2;

impl House {
    /// The day a change comes into force that would on `day`: with a hold, and no earlier than the cooling-off ends, where it looks wrong.
    pub(crate) fn hold_back(
        &self, batch: &mut Batch<'_>, holder: HolderRef, entry: EntryRef, day: Date, evidence: Evidence,
    ) -> Date {
        let today = batch.today;
        let Some(rule) = self.settings.fraud_rules.on(today) else { return day };
        let signals = rule.signals(&evidence, today);
        if signals.is_empty() {
            return day;
        }
        // A change that comes later than the cooling-off anyway is not put off, but it is there to be looked at until its day.
        let until = rule.until(day, today);
        batch.holds.push(Held { holder, entry, signals, until, wished: day, rule_from: rule.from });
        until
    }

    /// Looks for payees that share accounts about to be designated, as far back as the rule of today says.
    pub(crate) async fn look_for_sharing(
        &self, conn: &mut PgConnection, batch: &mut Batch<'_>, accounts: &[&[u8]],
    ) -> Result<(), Fault> {
        let today = batch.today;
        let Some(rule) = self.settings.fraud_rules.on(today) else { return Ok(()) };
        let since = today.saturating_sub(i64::from(rule.shared_days).days());
        Ok(batch.look_for_sharing(conn, accounts, since).await?)
    }

    /// What is known of a change to an account.
    pub(crate) fn evidence(
        &self, batch: &mut Batch<'_>, holder: HolderRef, account: &Account, sealed: &[u8], wrong_codes: u8,
    ) -> Evidence {
        Evidence {
            other_payees: batch.share(holder, sealed),
            is_abroad: !matches!(account, Account::Danish(_)),
            contact_changed: batch.standing(holder).and_then(|standing| standing.details.address_since),
            wrong_codes,
            is_estate: false,
        }
    }

    pub(crate) async fn release_all(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<HoldRelease>,
    ) -> Result<Vec<ItemResult<HoldReleased>>, Problem> {
        check_size(items.len())?;
        check_releaser(context)?;
        let call = KeyedCall::new(self, context, "release-holds", key, &items)?;
        let vault = self.vault.clone();
        let numbers: Vec<SealedNumber> = items.iter().map(|item| vault.seal_number(&item.identifier)).collect();
        let answer = self.database.transaction("register.release_holds", async |mut tx| {
            let at = match call.open(&mut tx, self.clock.now()).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let mut batch = Batch::load(&mut tx, &vault, context, at, &numbers).await?;
            let holds = hold::of_holders(&mut tx, &batch.holder_refs()).await?;
            let releases = hold::releases_of(&mut tx, &batch.holder_refs()).await?;
            let mut desk = Desk { holds, releases, made: Vec::new(), told: Vec::new() };
            let mut released = Vec::with_capacity(items.len());
            for item in &items {
                released.push(item_result(self.release_one(&mut batch, &mut desk, context, item))?);
            }
            hold::release(&mut tx, &desk.made, at).await?;
            let mut changes = desk.told;
            changes.extend(batch.write(&mut tx).await?);
            self.log_changes(&mut tx, context, "release-holds", at, changes).await?;
            call.close(&mut tx, released).await
        });
        Ok(answer.await?)
    }

    fn release_one(
        &self, batch: &mut Batch<'_>, desk: &mut Desk, context: &Context, item: &HoldRelease,
    ) -> Result<HoldReleased, Fault> {
        let holder = batch.next_holder()?;
        check_text(&item.reason, REASON_LIMIT, "reason")?;
        let id = (holder, item.entry);
        let by = context.actor.label();
        let people = desk.releases.get(&id).map_or(0, Vec::len);
        let kept = waiting(desk.holds.get(&id), people, batch.today, &by)?;
        check_expected(item.expected, people)?;
        let (wished, until) = (kept.held.wished, kept.held.until);
        let people = desk.releases.entry(id).or_default();
        if people.contains(&by) {
            return Err(released_by_you().into());
        }
        people.push(by.clone());
        let reason = self.vault.seal_reason(&item.reason);
        desk.made.push(Decision { holder, entry: item.entry, by, reason: reason.clone() });
        let people = people.clone();
        if people.len() < RELEASERS {
            desk.told.push(release_change(
                id,
                json!({ "until": until }),
                json!({ "released_by": people }),
                (&people[..], &item.reason[..]),
            ));
            return Ok(HoldReleased::First);
        }
        let effective_from = wished.max(self.settings.effect_of(batch.today));
        let stamp = batch.stamp(reason);
        let (dossier, changes) = batch.open(holder)?;
        if effective_from < until && !dossier.advance(item.entry, effective_from, &stamp, changes) {
            return Err(no_hold().into());
        }
        let to = json!({ "from": effective_from, "released_by": people });
        desk.told.push(release_change(id, json!({ "until": until }), to, (&people[..], &item.reason[..])));
        Ok(HoldReleased::Released { effective_from })
    }

    pub(crate) async fn holds_of(&self, context: &Context, identifier: Identifier) -> Result<Vec<Hold>, Problem> {
        let vault = self.vault.clone();
        let now = self.clock.now();
        let number = vault.seal_number(&identifier);
        self.told(context, "holds", std::slice::from_ref(&number), check_releaser(context)).await?;
        let reading = self.database.transaction("register.holds", async |mut tx| {
            let holder = reachable(&mut tx, &vault, context, &number).await?;
            self.log_access(&mut tx, context, "holds", std::slice::from_ref(&number), now).await?;
            let releases = hold::releases_of(&mut tx, &[holder.get()]).await?;
            let holds = hold::of_holders(&mut tx, &[holder.get()]).await?;
            let mut told: Vec<Hold> = holds.into_values().map(|kept| describe(&kept, &releases)).collect();
            told.sort_by_key(|hold| hold.entry);
            Ok::<_, Fault>(told)
        });
        self.told(context, "holds", std::slice::from_ref(&number), reading.await.map_err(Problem::from)).await
    }
}

/// Releases under way.
struct Desk {
    holds: HashMap<(HolderRef, EntryRef), Kept>,
    releases: HashMap<(HolderRef, EntryRef), Vec<String>>,
    made: Vec<Decision>,
    told: Vec<Change>,
}

/// The first who releases makes the change, the second approves it.
fn release_change((holder, entry): (HolderRef, EntryRef), from: Value, to: Value, (people, reason): (&[String], &str)) -> Change {
    let change = Change::new(changes::entry(holder, entry), from, to);
    Change { by: people.first().cloned(), approved_by: people.get(1).cloned(), why: Some(reason.to_owned()), ..change }
}

/// The hold, if it can be decided on by this person now: it still waits, and the person has not made the change.
pub(crate) fn waiting<'k>(kept: Option<&'k Kept>, people: usize, today: Date, by: &str) -> Result<&'k Kept, Problem> {
    let still = |kept: &&Kept| kept.held.until > today && kept.refused_by.is_none() && people < RELEASERS;
    let kept = kept.filter(still).ok_or_else(no_hold)?;
    if kept.made_by.iter().any(|maker| maker == by) { Err(made_by_you()) } else { Ok(kept) }
}

/// Refuses a decision on something the caller saw otherwise.
pub(crate) fn check_expected(expected: Option<u32>, people: usize) -> Result<(), Problem> {
    if expected.is_none_or(|expected| usize::try_from(expected) == Ok(people)) {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::Conflict,
        "En anden har frigivet ændringen, siden den blev vist. Se den igen, og prøv så.",
        "Somebody else has released the change since it was shown. Look at it again, then try.",
    )
    .in_field("expected"))
}

pub(crate) fn describe(kept: &Kept, releases: &HashMap<(HolderRef, EntryRef), Vec<String>>) -> Hold {
    let held = &kept.held;
    Hold {
        entry: held.entry,
        signals: held.signals.iter().map(|signal| signal.as_str().to_owned()).collect(),
        until: held.until,
        wished: held.wished,
        released_by: releases.get(&(held.holder, held.entry)).cloned().unwrap_or_default(),
        refused_by: kept.refused_by.clone(),
    }
}

/// People release holds, not programs, and no payee its own.
pub(crate) fn check_releaser(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::Operator { .. } | Actor::Caseworker { .. } => Ok(()),
        _ => Err(forbidden(
            "Kun sagsbehandlere og driften ser og afgør det, der holdes tilbage.",
            "Only caseworkers and operators see and decide what is held.",
        )),
    }
}

pub(crate) fn no_hold() -> Problem {
    Problem::new(ProblemCode::NotFound, "Der er intet, der venter.", "There is nothing that waits.").in_field("entry")
}

fn made_by_you() -> Problem {
    Problem::new(
        ProblemCode::Forbidden,
        "Du har selv lavet ændringen; andre afgør den.",
        "You made the change yourself; others decide on it.",
    )
    .in_field("entry")
}

fn released_by_you() -> Problem {
    Problem::new(
        ProblemCode::Conflict,
        "Du har allerede frigivet; der skal to personer til.",
        "You have released it already; it takes two people.",
    )
    .in_field("entry")
}
