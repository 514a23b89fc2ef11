//! Activate pending designations with the code from the physical letter (BEK 788/2025 § 10).

use std::collections::HashMap;

use contracts::register::{Activation, DesignationReceipt, EntryState};
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use jiff::Timestamp;
use primitives::{EntryRef, HolderRef};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::House;
use crate::batch::Batch;
use crate::designate::item_result;
use crate::entry::State;
use crate::fault::{Fault, check_size};
use crate::keyed::{KeyedCall, Opened};
use crate::store::letter::{self, Letter};
use crate::vault::{SealedNumber, Vault};

/// Documented with every activation.
const REASON: &str = "Activated with the code from the letter";

/// What became of the codes: letters used, and letters a wrong code was tried on.
#[derive(Default)]
struct Tried {
    used: Vec<(HolderRef, EntryRef)>,
    wrong: Vec<(HolderRef, EntryRef)>,
}

impl House {
    pub(crate) async fn activate_all(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Activation>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem> {
        check_size(items.len())?;
        let call = KeyedCall::new(self, context, "activate", key, &items)?;
        let vault = self.vault.clone();
        let numbers: Vec<SealedNumber> = items.iter().map(|item| vault.seal_number(&item.identifier)).collect();
        let answer = self.database.transaction("register.activate", async |mut tx| {
            let at = match call.open(&mut tx, self.clock.now()).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let batch = Batch::load(&mut tx, &vault, context, at, &numbers).await?;
            let receipts = self.activate_loaded(&mut tx, &vault, batch, &items).await?;
            call.close(&mut tx, receipts).await
        });
        Ok(answer.await?)
    }

    async fn activate_loaded(
        &self, conn: &mut PgConnection, vault: &Vault, mut batch: Batch<'_>, items: &[Activation],
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Fault> {
        let letters = self.live_letters(conn, &batch).await?;
        let mut tried = Tried::default();
        let mut receipts = Vec::with_capacity(items.len());
        for item in items {
            let receipt = self.activate_one(&mut batch, vault, &letters, item, &mut tried);
            receipts.push(item_result(receipt)?);
        }
        letter::mark_used(conn, &tried.used, batch.at).await?;
        tried.wrong.sort_unstable();
        tried.wrong.dedup();
        letter::count_attempt(conn, &tried.wrong).await?;
        batch.write(conn).await?;
        Ok(receipts)
    }

    async fn live_letters(&self, conn: &mut PgConnection, batch: &Batch<'_>) -> Result<HashMap<HolderRef, Vec<Letter>>, Fault> {
        let holders: Vec<Uuid> = batch.holders().into_iter().map(HolderRef::get).collect();
        let mut letters: HashMap<HolderRef, Vec<Letter>> = HashMap::new();
        for letter in letter::live_of(conn, &holders, batch.at, self.settings.letter_attempts).await? {
            letters.entry(letter.holder).or_default().push(letter);
        }
        Ok(letters)
    }

    fn activate_one(
        &self, batch: &mut Batch<'_>, vault: &Vault, letters: &HashMap<HolderRef, Vec<Letter>>, item: &Activation,
        tried: &mut Tried,
    ) -> Result<DesignationReceipt, Fault> {
        let holder = batch.next_holder()?;
        let letters = letters.get(&holder).map_or(&[][..], |letters| &letters[..]);
        let pending = pending_entries(batch, holder, batch.at)?;
        let mut waiting = letters.iter().filter(|letter| pending.contains(&letter.entry));
        let Some(letter) = find_by_code(vault, waiting.clone(), &item.code)? else {
            tried.wrong.extend(waiting.by_ref().map(|letter| (holder, letter.entry)));
            return Err(wrong_code().into());
        };
        let entry = letter.entry;
        let effect = self.settings.effect_of(batch.today);
        let stamp = batch.stamp(vault.seal_reason(REASON));
        let (dossier, _) = batch.open(holder)?;
        let (purpose, wished) = dossier
            .entries
            .iter()
            .find(|e| e.entry == entry)
            .and_then(|e| Some((e.purpose.clone(), e.valid.from?)))
            .ok_or(Fault::Corrupt("entry without first day"))?;
        batch.claim(holder, &purpose)?;
        let day = wished.max(effect);
        let (dossier, changes) = batch.open(holder)?;
        dossier.activate(entry, day, &stamp, changes);
        batch.tell_designated(holder, &purpose, entry, day)?;
        tried.used.push((holder, entry));
        Ok(DesignationReceipt { entry, holder, state: EntryState::Active, effective_from: Some(day) })
    }
}

fn pending_entries(batch: &mut Batch<'_>, holder: HolderRef, at: Timestamp) -> Result<Vec<EntryRef>, Problem> {
    let (dossier, _) = batch.open(holder)?;
    let waits = |state| matches!(state, State::Pending { expires_at } if at < expires_at);
    Ok(dossier.entries.iter().filter(|entry| waits(entry.state)).map(|entry| entry.entry).collect())
}

fn find_by_code<'l>(
    vault: &Vault, mut letters: impl Iterator<Item = &'l Letter>, code: &str,
) -> Result<Option<&'l Letter>, Fault> {
    letters.try_fold(None, |found, letter| {
        let matches = vault.open_code(letter.entry, &letter.code)? == code;
        Ok(found.or(matches.then_some(letter)))
    })
}

/// One answer for a wrong, used or expired code and for no pending account: a guesser learns nothing.
fn wrong_code() -> Problem {
    Problem::new(
        ProblemCode::NotFound,
        "Koden passer ikke, eller den gælder ikke længere.",
        "The code does not match, or it no longer counts.",
    )
    .in_field("code")
}
