//! The physical letters with activation codes (BEK 788/2025 § 10): writing them, and what the printing house gets.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use contracts::register::PostalAddress;
use contracts::{Actor, Context, Problem};
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::{EntryRef, HolderRef, IdSource, Identifier, copenhagen_date};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::House;
use crate::dossier::Dossier;
use crate::fact::Facts;
use crate::fault::{Fault, forbidden};
use crate::letter_code;
use crate::letter_pdf::{self, LetterText};
use crate::store;
use crate::store::circumstance::{self, Standing};
use crate::store::letter::{self, Letter, PrintJob, Written};
use crate::vault::{SealedNumber, Vault};

/// A letter to print and send to the holder's registered address.
#[derive(Clone, PartialEq, Eq)]
pub struct LetterToPrint {
    /// The holder.
    pub holder: HolderRef,
    /// The pending entry the code activates.
    pub entry: EntryRef,
    /// The holder's number in use now, by which the address is found where it is not known here.
    pub identifier: Identifier,
    /// The holder's name.
    pub name: String,
    /// The registered address, where the civil or business register has told it.
    pub address: Option<PostalAddress>,
    /// The 8-digit code.
    pub code: String,
    /// When the code no longer counts.
    pub expires_at: Timestamp,
    /// The letter: one page of A4 as PDF.
    pub pdf: Vec<u8>,
}

impl fmt::Debug for LetterToPrint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LetterToPrint").field("holder", &self.holder).field("entry", &self.entry).finish_non_exhaustive()
    }
}

/// Letters written by a reader that wants to print: hashing a code takes some ten milliseconds.
const LETTERS_A_READ: u32 = 200;

impl House {
    /// Writes at most `limit` letters: gives each a code, keeps its slow hash, and puts it in the tray of those to print. No letter is
    /// written to the dead or the ceased. Answers how many letters were taken.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the database fails.
    pub async fn write_letters(&self, limit: u32) -> Result<u64, Problem> {
        let writing = self.database.transaction("register.write_letters", async |mut tx| {
            let now = self.clock.now();
            let dead = letter::drop_dead_jobs(&mut tx, now).await?;
            let letters = letter::unwritten(&mut tx, now, i64::from(limit)).await?;
            if letters.is_empty() {
                return Ok::<_, Fault>(dead);
            }
            let holders: Vec<Uuid> = letters.iter().map(|letter| letter.holder.get()).collect();
            let standings = circumstance::load(&mut tx, &self.vault, &holders).await?;
            let taken = letters.len() as u64;
            let (void, good): (Vec<Letter>, Vec<Letter>) =
                letters.into_iter().partition(|letter| standings.get(&letter.holder).is_some_and(Standing::is_over));
            self.void(&mut tx, &void, now).await?;
            let written = self.give_codes(good).await?;
            letter::write(&mut tx, &written).await?;
            Ok(taken + dead)
        });
        Ok(writing.await?)
    }

    async fn void(&self, conn: &mut PgConnection, letters: &[Letter], now: Timestamp) -> Result<(), Fault> {
        let keys: Vec<(HolderRef, EntryRef)> = letters.iter().map(|letter| (letter.holder, letter.entry)).collect();
        Ok(letter::void(conn, &keys, now).await?)
    }

    /// Hashing is slow on purpose, so it has a thread of its own.
    async fn give_codes(&self, letters: Vec<Letter>) -> Result<Vec<Written>, Fault> {
        let (vault, ids) = (self.vault.clone(), Arc::clone(&self.ids));
        let giving = tokio::task::spawn_blocking(move || {
            letters.into_iter().map(|letter| give_code(&vault, &*ids, &letter)).collect::<Result<Vec<_>, Fault>>()
        });
        giving.await.map_err(|_| Fault::Corrupt("thread that hashes"))?
    }

    /// The oldest letters that are not printed yet, at most `limit`, for the operator's printing. Logged like any lookup.
    ///
    /// # Errors
    /// `FORBIDDEN` for others than the operator and houses of the system; `UNAVAILABLE` when the database fails.
    pub async fn letters_to_print(&self, context: &Context, limit: u32) -> Result<Vec<LetterToPrint>, Problem> {
        check_printing(context)?;
        // A printing house that has caught up does not wait for the room's next round.
        self.write_letters(limit.min(LETTERS_A_READ)).await?;
        Ok(self.unprinted(context, limit).await?)
    }

    async fn unprinted(&self, context: &Context, limit: u32) -> Result<Vec<LetterToPrint>, Fault> {
        let vault = self.vault.clone();
        let now = self.clock.now();
        let read = self.database.transaction("register.letters_to_print", async |mut tx| {
            let jobs = letter::to_print(&mut tx, now, i64::from(limit)).await?;
            let dossiers = store::dossier::load(&mut tx, jobs.iter().map(|job| job.letter.holder)).await?;
            let facts = jobs.iter().map(|job| dossiers.get(&job.letter.holder).and_then(Dossier::latest_facts).cloned());
            let facts = facts.collect::<Option<Vec<Facts>>>().ok_or(Fault::Corrupt("holder without facts"))?;
            let holders: Vec<Uuid> = jobs.iter().map(|job| job.letter.holder.get()).collect();
            let standings = circumstance::load(&mut tx, &vault, &holders).await?;
            let numbers: Vec<SealedNumber> = facts.iter().map(|facts| facts.current.clone()).collect();
            self.log_access(&mut tx, context, "letters", &numbers, now).await?;
            Ok::<_, Fault>((jobs, facts, standings))
        });
        let (jobs, facts, standings) = read.await?;
        jobs.into_iter().zip(facts).map(|(job, facts)| open_letter(&vault, job, &facts, &standings)).collect()
    }

    /// Takes letters out of the tray once they are printed, and lets go of their codes; answers how many.
    ///
    /// # Errors
    /// `FORBIDDEN` for others than the operator and houses of the system; `UNAVAILABLE` when the database fails.
    pub async fn letters_printed(&self, context: &Context, letters: &[(HolderRef, EntryRef)]) -> Result<u64, Problem> {
        check_printing(context)?;
        let marked = self.database.transaction("register.letters_printed", async |mut tx| {
            Ok::<_, Fault>(letter::mark_printed(&mut tx, letters, self.clock.now()).await?)
        });
        Ok(marked.await?)
    }
}

fn give_code(vault: &Vault, ids: &dyn IdSource, letter: &Letter) -> Result<Written, Fault> {
    let code = letter_code::random_code(ids);
    Ok(Written {
        holder: letter.holder,
        entry: letter.entry,
        hash: letter_code::hash(&vault.digest_code(letter.entry, &code), ids)?,
        sealed_code: vault.seal_code(letter.entry, &code),
    })
}

fn open_letter(
    vault: &Vault, job: PrintJob, facts: &Facts, standings: &HashMap<HolderRef, Standing>,
) -> Result<LetterToPrint, Fault> {
    let PrintJob { letter, sealed_code } = job;
    let name = vault.open_name(&facts.name)?;
    let code = vault.open_code(letter.entry, &sealed_code)?;
    let address = standings.get(&letter.holder).and_then(|standing| standing.details.address.clone());
    // The last day on which the code counts until midnight.
    let until = copenhagen_date(letter.expires_at).yesterday().unwrap_or(Date::MIN);
    let pdf = letter_pdf::render(&LetterText { name: &name, address: address.as_ref(), code: &code, until })?;
    Ok(LetterToPrint {
        holder: letter.holder,
        entry: letter.entry,
        identifier: vault.open_number(&facts.current)?,
        name,
        address,
        code,
        expires_at: letter.expires_at,
        pdf,
    })
}

pub(crate) fn check_printing(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::Operator { .. } | Actor::House { .. } => Ok(()),
        _ => Err(forbidden("Kun driften udskriver breve.", "Only operations print letters.")),
    }
}
