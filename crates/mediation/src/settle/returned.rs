//! Applying what a bank has booked: payments that came back.

use primitives::{BankCode, LegRef};
use sqlx::PgConnection;
use uuid::Uuid;

use super::apply::{Application, fault};
use super::said::{News, Said, news};
use super::told_return::ToldReturn;
use crate::error::Error;
use crate::store;
use crate::store::outcome::{KnownLeg, NewLegOutcomes};
use crate::vault::Vault;

/// Finds the payments whose reference of ours the bank does not repeat, by the batch or the file and the payer's reference.
async fn find_by_names(vault: &Vault, tx: &mut PgConnection, bank: BankCode, rows: &mut [ToldReturn]) -> Result<(), Error> {
    let nameless: Vec<&mut ToldReturn> = rows.iter_mut().filter(|row| row.reference.is_none()).collect();
    let keys: Vec<String> = nameless.iter().filter_map(|row| row.names.key.clone()).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let senders = store::sent_reference::senders(tx, bank, &keys).await?;
    let digest = |row: &ToldReturn| {
        let sender = senders.get(row.names.key.as_ref()?)?;
        let reference = row.names.end_to_end_id.as_deref()?;
        Some((sender.payer, vault.payment_reference(sender.payer.digits(), &sender.supplier, reference)))
    };
    let references: Vec<Uuid> = nameless.iter().filter_map(|row| digest(row)).map(|(_, reference)| reference).collect();
    let legs = store::sent_reference::legs(tx, bank, &references).await?;
    for row in nameless {
        let own = || row.names.end_to_end_id.as_deref()?.parse::<LegRef>().ok();
        let Some((payer, reference)) = digest(row) else { continue };
        row.reference = legs.get(&reference).copied().or_else(own).map(|leg| (payer, leg));
    }
    Ok(())
}

impl Application<'_> {
    /// Hears of payments that came back.
    pub(super) async fn hear_returns(
        &mut self, vault: &Vault, tx: &mut PgConnection, mut rows: Vec<ToldReturn>,
    ) -> Result<(), Error> {
        find_by_names(vault, tx, self.answer.bank, &mut rows).await?;
        let legs: Vec<LegRef> = rows.iter().filter_map(|row| row.reference.map(|(_, leg)| leg)).collect();
        store::outcome::lock_files_of_legs(tx, self.answer.bank, &legs).await?;
        let mut known: Vec<Option<KnownLeg>> = vec![None; legs.len()];
        for leg in store::outcome::known_legs_of_bank(tx, self.answer.bank, &legs).await? {
            known[leg.place] = Some(leg);
        }
        let mut known = known.into_iter();
        let mut new = NewLegOutcomes::default();
        for row in rows {
            let found = row.reference.and_then(|(agreement, leg)| {
                let known = known.next()??;
                (known.payer == agreement).then_some((leg, known))
            });
            match found {
                Some((leg, known)) => self.judge_return(row, leg, known, &mut new),
                None => self.complain(fault(
                    row.line,
                    "En returneret betaling er ikke sendt til banken herfra, eller dens reference er ikke vores.",
                    "A returned payment was not sent to the bank from here, or its reference is not ours.",
                )),
            }
        }
        let inserted = store::outcome::insert_legs(tx, self.answer.answer, self.told_at, &new).await?;
        self.applied += inserted;
        self.repeated += u64::try_from(new.legs.len()).unwrap_or(u64::MAX).saturating_sub(inserted);
        Ok(())
    }

    fn judge_return(&mut self, row: ToldReturn, leg: LegRef, known: KnownLeg, new: &mut NewLegOutcomes) {
        match row.amount {
            Ok(amount) if amount.is_none_or(|amount| amount == known.amount) => {}
            Ok(_) => self.complain(fault(
                row.line,
                "Der er returneret et andet beløb, end der er sendt.",
                "Another amount was returned than was sent.",
            )),
            // Nobody can say how much is back: nothing is booked until a person has looked, or the bank says it anew.
            Err(why) => {
                return self.complain(fault(
                    row.line,
                    &format!("Det returnerede beløb kan ikke læses, og intet er bogført. {}", why.da),
                    &format!("The returned amount cannot be read, and nothing is booked. {}", why.en),
                ));
            }
        }
        match news(known.outcome, Said::Returned) {
            News::New(outcome) => {
                new.legs.push(leg);
                new.statuses.push(outcome.code());
                new.reasons.push(Some(row.reason));
            }
            News::Repeated => self.repeated += 1,
            News::Nothing | News::Contradiction => {}
        }
    }

    /// What follows from legs that an answer of more than one file has settled: reservations, and what payers are told.
    pub(super) async fn conclude_legs(&mut self, tx: &mut PgConnection) -> Result<(), Error> {
        self.settle_reservations(tx).await?;
        store::outcome::insert_report_tasks_of_legs(tx, self.answer.answer, self.told_at).await
    }
}
