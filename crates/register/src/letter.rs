//! The physical letters with activation codes (BEK 788/2025 § 10): what the printing house gets.

use std::fmt;

use contracts::{Actor, Context, Problem};
use jiff::Timestamp;
use primitives::{EntryRef, HolderRef, IdSource, Identifier};

use crate::House;
use crate::dossier::Dossier;
use crate::fact::Facts;
use crate::fault::{Fault, forbidden};
use crate::lookup::log;
use crate::store;
use crate::store::letter::{self, Letter};
use crate::vault::{SealedNumber, Vault};

/// A letter to print and send to the holder's registered address.
#[derive(Clone, PartialEq, Eq)]
pub struct LetterToPrint {
    /// The holder.
    pub holder: HolderRef,
    /// The pending entry the code activates.
    pub entry: EntryRef,
    /// The holder's number in use now, by which the address is found.
    pub identifier: Identifier,
    /// The holder's name.
    pub name: String,
    /// The 8-digit code.
    pub code: String,
    /// When the code no longer counts.
    pub expires_at: Timestamp,
}

impl fmt::Debug for LetterToPrint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LetterToPrint").field("holder", &self.holder).field("entry", &self.entry).finish_non_exhaustive()
    }
}

impl House {
    /// The oldest letters that are not printed yet, at most `limit`, for the operator's printing. Logged like any lookup.
    ///
    /// # Errors
    /// `FORBIDDEN` for others than the operator and houses of the system; `UNAVAILABLE` when the database fails.
    pub async fn letters_to_print(&self, context: &Context, limit: u32) -> Result<Vec<LetterToPrint>, Problem> {
        check_printing(context)?;
        Ok(self.unprinted(context, limit).await?)
    }

    async fn unprinted(&self, context: &Context, limit: u32) -> Result<Vec<LetterToPrint>, Fault> {
        let vault = self.vault.clone();
        let now = self.clock.now();
        let read = self.database.transaction("register.letters_to_print", async |mut tx| {
            let letters = letter::unprinted(&mut tx, now, i64::from(limit)).await?;
            let dossiers = store::dossier::load(&mut tx, letters.iter().map(|letter| letter.holder)).await?;
            let facts = letters.iter().map(|letter| dossiers.get(&letter.holder).and_then(Dossier::latest_facts).cloned());
            let facts = facts.collect::<Option<Vec<Facts>>>().ok_or(Fault::Corrupt("holder without facts"))?;
            let numbers: Vec<SealedNumber> = facts.iter().map(|facts| facts.current.clone()).collect();
            log(&mut tx, context, "letters", &numbers, now).await?;
            Ok::<_, Fault>((letters, facts))
        });
        let (letters, facts) = read.await?;
        letters.into_iter().zip(facts).map(|(letter, facts)| open_letter(&vault, letter, &facts)).collect()
    }

    /// Takes letters out of the tray once they are printed; answers how many.
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

fn open_letter(vault: &Vault, letter: Letter, facts: &Facts) -> Result<LetterToPrint, Fault> {
    Ok(LetterToPrint {
        holder: letter.holder,
        entry: letter.entry,
        identifier: vault.open_number(&facts.current)?,
        name: vault.open_name(&facts.name)?,
        code: vault.open_code(letter.entry, &letter.code)?,
        expires_at: letter.expires_at,
    })
}

fn check_printing(context: &Context) -> Result<(), Problem> {
    match context.actor {
        Actor::Operator { .. } | Actor::House { .. } => Ok(()),
        _ => Err(forbidden("Kun driften udskriver breve.", "Only operations print letters.")),
    }
}

/// How many codes there are.
const CODES: u64 = 100_000_000;
/// The random bits of a version 4 UUID's second half; the two above them are fixed.
const RANDOM_BITS: u64 = (1 << 62) - 1;

/// Eight random digits. (2⁶² is no multiple of 10⁸: some codes are likelier than others by one part in 46 billion.)
pub(crate) fn letter_code(ids: &dyn IdSource) -> String {
    let (_, low) = ids.uuid_v4().as_u64_pair();
    format!("{:08}", (low & RANDOM_BITS) % CODES)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use primitives::SeededIds;

    use super::*;

    #[test]
    fn codes_have_eight_digits_and_differ() {
        let ids = SeededIds::new(1);
        let codes: HashSet<String> = (0..1000).map(|_| letter_code(&ids)).collect();
        assert!(codes.iter().all(|code| code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit())));
        assert!(codes.len() > 990, "only {} different codes", codes.len());
    }
}
