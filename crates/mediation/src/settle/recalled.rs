//! Applying a bank's answer to our recalls.

use primitives::LegRef;
use sqlx::PgConnection;

use super::apply::{Application, fault};
use super::told_recall::{ToldRecall, ToldRecallWhole};
use crate::error::Error;
use crate::store;
use crate::store::recall_answer::NewAnswers;

impl Application<'_> {
    /// Hears what is said of single payments.
    pub(super) async fn hear_recalls(&mut self, tx: &mut PgConnection, rows: Vec<ToldRecall>) -> Result<(), Error> {
        let legs: Vec<LegRef> = rows.iter().filter_map(|row| row.reference.map(|(_, leg)| leg)).collect();
        let mut known: Vec<Option<bool>> = vec![None; legs.len()];
        for (place, answered) in store::recall_answer::known(tx, self.answer.bank, &legs).await? {
            known[place] = Some(answered);
        }
        let mut known = known.into_iter();
        let mut new = NewAnswers::default();
        for row in rows {
            match row.reference.and_then(|(_, leg)| Some((leg, known.next()??))) {
                Some((_, true)) => self.repeated += 1,
                Some((leg, false)) => {
                    new.legs.push(leg);
                    new.statuses.push(row.said.code());
                    new.reasons.push(row.reason);
                }
                None => self.complain(fault(
                    row.line,
                    "Svaret nævner en betaling, som banken ikke er bedt om at give tilbage.",
                    "The answer names a payment that the bank was not asked to give back.",
                )),
            }
        }
        self.applied += store::recall_answer::insert(tx, self.answer.bank, self.answer.answer, self.told_at, &new).await?;
        Ok(())
    }

    /// Hears what is said of all payments that were not named.
    pub(super) async fn hear_recall_wholes(&mut self, tx: &mut PgConnection, wholes: Vec<ToldRecallWhole>) -> Result<(), Error> {
        for told in wholes {
            let (answer, whole) = ((self.answer.answer, self.told_at), (told.whole, told.key.as_str()));
            let said = (told.said.code(), told.reason.as_deref());
            self.applied += store::recall_answer::insert_whole(tx, self.answer.bank, answer, whole, said).await?;
        }
        if self.applied == 0 && self.repeated == 0 && self.faults.is_empty() {
            self.complain(fault(
                0,
                "Svaret afgør ikke noget, som banken er bedt om at give tilbage.",
                "The answer decides nothing that the bank was asked to give back.",
            ));
        }
        Ok(())
    }

    /// What follows for the payments and their payers.
    pub(super) async fn conclude_recalls(&mut self, tx: &mut PgConnection) -> Result<(), Error> {
        store::outcome::lock_recalled_files(tx, self.answer.answer).await?;
        store::recall_answer::conclude(tx, self.answer.answer, self.told_at).await?;
        self.conclude_legs(tx).await
    }
}
