//! Activate pending designations with the code from the physical letter (BEK 788/2025 § 10).

use std::collections::HashMap;

use contracts::register::{Activation, DesignationReceipt, EntryState, MAX_ACTIVATIONS};
use contracts::{Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use primitives::{EntryRef, HolderRef};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::House;
use crate::batch::Batch;
use crate::changes::Change;
use crate::designate::item_result;
use crate::entry::State;
use crate::fault::Fault;
use crate::keyed::{KeyedCall, Opened};
use crate::letter_code;
use crate::notice::{Kind, Note};
use crate::store::circumstance::Standing;
use crate::store::identifier;
use crate::store::letter::{self, LiveLetter};
use crate::vault::{SealedNumber, Vault};

/// Documented with every activation.
const REASON: &str = "Activated with the code from the letter";

/// Which codes have the hashes of which letters: by the item's place and the letter's entry.
type Matches = HashMap<(usize, EntryRef), bool>;

/// What became of the codes: letters used, and letters a wrong code was tried on.
#[derive(Default)]
struct Tried {
    used: Vec<(HolderRef, EntryRef)>,
    /// As often as wrong codes were tried.
    wrong: Vec<(HolderRef, EntryRef)>,
}

/// Letters whose code can still be entered, with the attempts of this call.
type Letters = HashMap<HolderRef, Vec<LiveLetter>>;

impl House {
    pub(crate) async fn activate_all(
        &self, context: &Context, key: &IdempotencyKey, items: Vec<Activation>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem> {
        check_activations(items.len())?;
        let call = KeyedCall::new(self, context, "activate", key, &items)?;
        let vault = self.vault.clone();
        let numbers: Vec<SealedNumber> = items.iter().map(|item| vault.seal_number(&item.identifier)).collect();
        let matches = self.match_codes(&numbers, &items).await?;
        let answer = self.database.transaction("register.activate", async |mut tx| {
            let at = match call.open(&mut tx, self.clock.now()).await? {
                Opened::Answered(answer) => return Ok::<_, Fault>(answer),
                Opened::At(at) => at,
            };
            let batch = Batch::load(&mut tx, &vault, context, at, &numbers).await?;
            let (receipts, changes) = self.activate_loaded(&mut tx, &vault, batch, (&items, &matches)).await?;
            self.log_changes(&mut tx, context, "activate", at, changes).await?;
            call.close(&mut tx, receipts).await
        });
        Ok(answer.await?)
    }

    async fn activate_loaded(
        &self, conn: &mut PgConnection, vault: &Vault, mut batch: Batch<'_>, (items, matches): (&[Activation], &Matches),
    ) -> Result<(Vec<ItemResult<DesignationReceipt>>, Vec<Change>), Fault> {
        let mut letters = self.live_letters(conn, &batch).await?;
        let waiting = batch.pending_accounts();
        let waiting: Vec<&[u8]> = waiting.iter().map(|account| &account[..]).collect();
        self.look_for_sharing(conn, &mut batch, &waiting).await?;
        let mut tried = Tried::default();
        let mut receipts = Vec::with_capacity(items.len());
        for place in 0..items.len() {
            let receipt = self.activate_one(&mut batch, vault, &mut letters, (place, matches), &mut tried);
            receipts.push(item_result(receipt)?);
        }
        letter::mark_used(conn, &tried.used, batch.at).await?;
        letter::count_attempt(conn, &tried.wrong).await?;
        Ok((receipts, batch.write(conn).await?))
    }

    /// Which letters have the codes. Hashing is slow on purpose, so it is done on a thread of its own, before the register is locked for
    /// the change; there only letters that still count are looked at.
    async fn match_codes(&self, numbers: &[SealedNumber], items: &[Activation]) -> Result<Matches, Fault> {
        let now = self.clock.now();
        let reading = self.database.transaction("register.activate.letters", async |mut tx| {
            let found = identifier::holders_of(&mut tx, &numbers.iter().collect()).await?;
            let holders: Vec<Uuid> = found.iter().flatten().map(|holder| holder.get()).collect();
            let letters = letter::live_of(&mut tx, &holders, now, self.settings.letter_attempts).await?;
            Ok::<_, Fault>((found, letters))
        });
        let (found, letters) = reading.await?;
        let vault = self.vault.clone();
        let codes: Vec<(Option<HolderRef>, String)> = found.into_iter().zip(items.iter().map(|item| item.code.clone())).collect();
        let matching = tokio::task::spawn_blocking(move || match_all(&vault, &codes, &letters));
        matching.await.map_err(|_| Fault::Corrupt("thread that hashes"))?
    }

    async fn live_letters(&self, conn: &mut PgConnection, batch: &Batch<'_>) -> Result<Letters, Fault> {
        let holders: Vec<Uuid> = batch.holders().into_iter().map(HolderRef::get).collect();
        let mut letters = Letters::new();
        for letter in letter::live_of(conn, &holders, batch.at, self.settings.letter_attempts).await? {
            letters.entry(letter.holder).or_default().push(letter);
        }
        Ok(letters)
    }

    fn activate_one(
        &self, batch: &mut Batch<'_>, vault: &Vault, letters: &mut Letters, (place, matches): (usize, &Matches),
        tried: &mut Tried,
    ) -> Result<DesignationReceipt, Fault> {
        let holder = batch.next_holder_or_ward()?;
        let pending = pending_entries(batch, holder)?;
        let matched = |letter: &LiveLetter| matches.get(&(place, letter.entry)).copied();
        let letters = letters.entry(holder).or_default();
        let limit = self.settings.letter_attempts;
        let counts = |letter: &&mut LiveLetter| letter.attempts < limit && pending.contains(&letter.entry);
        // Whoever has the code of a letter that a newer one has replaced is not guessing.
        let is_replaced = letters.iter().any(|letter| matched(letter) == Some(true));
        let Some((entry, wrong_codes)) =
            letters.iter_mut().filter(counts).find(|letter| matched(letter) == Some(true)).map(|l| (l.entry, l.attempts))
        else {
            // A letter written since the code was tried was not tried.
            for letter in letters.iter_mut().filter(counts).filter(|letter| !is_replaced && matched(letter).is_some()) {
                letter.attempts += 1;
                tried.wrong.push((holder, letter.entry));
            }
            return Err(wrong_code().into());
        };
        let effect = self.settings.effect_of(batch.today);
        let stamp = batch.stamp(vault.seal_reason(REASON));
        let (dossier, _) = batch.open(holder)?;
        let (purpose, account, wished) = dossier
            .entries
            .iter()
            .find(|e| e.entry == entry)
            .and_then(|e| Some((e.purpose.clone(), e.account.clone(), e.valid.from?)))
            .ok_or(Fault::Corrupt("entry without first day"))?;
        batch.claim(holder, &purpose)?;
        let evidence = self.evidence(batch, holder, &vault.open_account(&account)?, &account, wrong_codes);
        let day = self.hold_back(batch, holder, entry, wished.max(effect), evidence);
        let (dossier, changes) = batch.open(holder)?;
        dossier.activate(entry, day, &stamp, changes);
        batch.tell_designated(holder, &purpose, entry, day)?;
        tried.used.push((holder, entry));
        batch.tell_holder(Note::new(holder, Kind::Designated, &purpose, Some(day)));
        Ok(DesignationReceipt { entry, holder, state: EntryState::Active, effective_from: Some(day) })
    }
}

/// What a code can activate. A letter that was printed before its holder died or ceased has no code that counts: whoever opens it is not the holder.
fn pending_entries(batch: &mut Batch<'_>, holder: HolderRef) -> Result<Vec<EntryRef>, Problem> {
    let (at, today) = (batch.at, batch.today);
    let is_over = batch.standing(holder).is_some_and(Standing::is_over);
    let (dossier, _) = batch.open(holder)?;
    if is_over || !dossier.is_payable(today) {
        return Ok(Vec::new());
    }
    let waits = |state| matches!(state, State::Pending { expires_at } if at < expires_at);
    Ok(dossier.entries.iter().filter(|entry| waits(entry.state)).map(|entry| entry.entry).collect())
}

/// Tries each code on the letters of its holder. Where there are none, as much work is done, so that the time tells nothing.
fn match_all(vault: &Vault, codes: &[(Option<HolderRef>, String)], letters: &[LiveLetter]) -> Result<Matches, Fault> {
    let mut matches = Matches::new();
    for (place, (holder, code)) in codes.iter().enumerate() {
        let before = matches.len();
        for letter in letters.iter().filter(|letter| Some(letter.holder) == *holder) {
            let matched = letter_code::matches(&vault.digest_code(letter.entry, code), &letter.hash)?;
            matches.insert((place, letter.entry), matched);
        }
        if matches.len() == before {
            letter_code::waste_time()?;
        }
    }
    Ok(matches)
}

fn check_activations(items: usize) -> Result<(), Problem> {
    if items <= MAX_ACTIVATIONS {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::TooLarge,
        format!("Et kald kan højst prøve {MAX_ACTIVATIONS} koder; der kom {items}."),
        format!("A call may try at most {MAX_ACTIVATIONS} codes; it had {items}."),
    ))
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
