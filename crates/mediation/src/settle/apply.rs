//! Applying an answer: what it says becomes outcomes, reservations to be settled, and reports to the payer; all or nothing.

use std::collections::HashMap;

use contracts::mediation::BankAnswerReceipt;
use jiff::Timestamp;
use primitives::{LegRef, Text};
use sqlx::{Connection, PgConnection};
use tokio::sync::mpsc;

use super::said::{News, Said, Tally, news};
use super::told::{self, Told, ToldRow, ToldWhole};
use super::verdict::{BatchSaid, GroupSaid, Verdict, verdicts};
use crate::error::Error;
use crate::house::House;
use crate::store;
use crate::store::bank_answer::{ClaimedAnswer, Ending, Fault};
use crate::store::outcome::{NewLegOutcomes, SentBatch, SentFile};

/// How many pieces, and how many blocks of rows, may wait between the threads.
const IN_FLIGHT: usize = 4;

/// The most faults kept of one answer; the last one says that there are more.
const MOST_FAULTS: usize = 1_000;

/// Applies the answer and ends its reading.
pub(super) async fn apply(house: &House, answer: &ClaimedAnswer) -> Result<BankAnswerReceipt, Error> {
    let told_at = house.clock.now();
    house
        .database
        .transaction("mediation.settle", async |mut tx| {
            let mut attempt = tx.begin().await?;
            let mut application = Application::new(answer, told_at);
            let ending = match application.listen(house, &mut attempt).await? {
                Heard::All => {
                    attempt.commit().await?;
                    Ending::Applied
                }
                Heard::Refused(fault) => {
                    attempt.rollback().await?;
                    application = Application { faults: vec![fault], ..Application::new(answer, told_at) };
                    Ending::CouldNotBeApplied
                }
            };
            store::bank_answer::insert_faults(&mut tx, answer.answer, &application.faults).await?;
            store::bank_answer::finish(&mut tx, answer, ending).await?;
            Ok(application.receipt())
        })
        .await
}

/// Whether the answer could be applied.
enum Heard {
    All,
    /// It is not readable, or about nothing we sent.
    Refused(Fault),
}

/// A batch of the file, with what the answer says of it.
struct Batch {
    sent: SentBatch,
    said: Option<Said>,
    reason: Option<String>,
    counts: Option<Tally>,
    listed: Tally,
    /// Legs that the answer names without rejecting them, where it rejects the rest.
    spared: Vec<LegRef>,
}

/// What an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// A file of ours: pain.002.
    File,
    /// Payments that came back: camt.054.
    Returns,
    /// Our recalls: camt.029.
    Recalls,
}

pub(super) struct Application<'a> {
    pub(super) answer: &'a ClaimedAnswer,
    pub(super) told_at: Timestamp,
    about: About,
    file: Option<SentFile>,
    group: Option<ToldWhole>,
    batches: Vec<Batch>,
    places: HashMap<String, usize>,
    /// The batch whose rows are told now.
    current: Option<usize>,
    pub(super) applied: u64,
    pub(super) repeated: u64,
    pub(super) faults: Vec<Fault>,
}

impl<'a> Application<'a> {
    fn new(answer: &'a ClaimedAnswer, told_at: Timestamp) -> Self {
        Self {
            answer,
            told_at,
            about: About::File,
            file: None,
            group: None,
            batches: Vec::new(),
            places: HashMap::new(),
            current: None,
            applied: 0,
            repeated: 0,
            faults: Vec::new(),
        }
    }

    fn receipt(self) -> BankAnswerReceipt {
        let unmatched = self.faults.into_iter().map(|fault| fault.text).collect();
        BankAnswerReceipt { applied: self.applied, repeated: self.repeated, unmatched }
    }

    /// Hears the whole answer and writes what follows from it.
    async fn listen(&mut self, house: &House, tx: &mut PgConnection) -> Result<Heard, Error> {
        let (pieces_in, pieces_out) = mpsc::channel(IN_FLIGHT);
        let (told_in, mut told_out) = mpsc::channel(IN_FLIGHT);
        tokio::spawn(store::bank_answer::send_pieces(house.database.pool().clone(), self.answer.answer, pieces_in));
        let vault = house.vault.clone();
        let reading = tokio::task::spawn_blocking(move || told::read(vault, pieces_out, &told_in));
        while let Some(told) = told_out.recv().await {
            if let Heard::Refused(fault) = self.hear(house, tx, told).await? {
                return Ok(Heard::Refused(fault));
            }
        }
        reading.await.map_err(|_| Error::Interrupted)??;
        self.conclude(tx).await
    }

    async fn hear(&mut self, house: &House, tx: &mut PgConnection, told: Told) -> Result<Heard, Error> {
        match told {
            Told::Group(whole) => return self.hear_group(tx, whole).await,
            Told::Batch(whole) => self.hear_batch(whole),
            Told::Rows(rows) => self.hear_rows(tx, rows).await?,
            Told::Returns(rows) => {
                self.about = About::Returns;
                self.hear_returns(&house.vault, tx, rows).await?;
            }
            Told::Recalls(rows) => {
                self.about = About::Recalls;
                self.hear_recalls(tx, rows).await?;
            }
            Told::RecallWholes(wholes) => self.hear_recall_wholes(tx, wholes).await?,
            Told::Broken { line, text } => return Ok(Heard::Refused(Fault { line, text })),
        }
        Ok(Heard::All)
    }

    /// The head of the answer names the file it is about.
    async fn hear_group(&mut self, tx: &mut PgConnection, whole: ToldWhole) -> Result<Heard, Error> {
        let Some(file) = store::outcome::sent_file(tx, self.answer.bank, &whole.key).await? else {
            return Ok(Heard::Refused(fault(
                0,
                "Svaret gælder ikke en fil, som er sendt til banken.",
                "The answer is about no file that was sent to the bank.",
            )));
        };
        store::outcome::lock_file(tx, file.file).await?;
        let sent = store::outcome::sent_batches(tx, file.file).await?;
        self.places = sent.iter().enumerate().map(|(place, batch)| (batch.key.clone(), place)).collect();
        let batch = |sent| Batch { sent, said: None, reason: None, counts: None, listed: Tally::default(), spared: Vec::new() };
        self.batches = sent.into_iter().map(batch).collect();
        self.file = Some(file);
        self.group = Some(whole);
        Ok(Heard::All)
    }

    fn hear_batch(&mut self, whole: ToldWhole) {
        self.current = self.places.get(&whole.key).copied();
        match self.current {
            Some(place) => {
                let batch = &mut self.batches[place];
                (batch.said, batch.reason, batch.counts) = (whole.said, whole.reason, whole.counts);
            }
            None => self.complain(fault(
                0,
                "Svaret nævner en betalingsgruppe, som ikke er i filen; dens betalinger er ikke læst.",
                "The answer names a payment information block that is not in the file; its payments were not read.",
            )),
        }
    }

    async fn hear_rows(&mut self, tx: &mut PgConnection, rows: Vec<ToldRow>) -> Result<(), Error> {
        let (Some(place), Some(file)) = (self.current, &self.file) else { return Ok(()) };
        let payer = file.payer;
        let is_ours = |row: &ToldRow| row.reference.filter(|(agreement, _)| *agreement == payer).map(|(_, leg)| leg);
        let legs: Vec<LegRef> = rows.iter().filter_map(is_ours).collect();
        let known = store::outcome::known_legs(tx, self.batches[place].sent.batch, &legs).await?;
        let mut known_of: Vec<Option<Option<super::Outcome>>> = vec![None; legs.len()];
        for (leg, outcome) in known {
            known_of[leg] = Some(outcome);
        }
        let mut known_of = known_of.into_iter();
        let mut new = NewLegOutcomes::default();
        // A leg may be named twice: what was said first is known then.
        let mut heard = HashMap::with_capacity(legs.len());
        for row in rows {
            let found = is_ours(&row).and_then(|leg| Some((leg, known_of.next()??)));
            match found {
                Some((leg, known)) => {
                    let known = heard.get(&leg).copied().or(known);
                    if let Some(outcome) = self.judge(place, row, leg, known, &mut new) {
                        heard.insert(leg, outcome);
                    }
                }
                None => self.complain(fault(
                    row.line,
                    "Svaret nævner en betaling, som ikke er i filen.",
                    "The answer names a payment that is not in the file.",
                )),
            }
        }
        let inserted = store::outcome::insert_legs(tx, self.answer.answer, self.told_at, &new).await?;
        self.applied += inserted;
        self.repeated += u64::try_from(new.legs.len()).unwrap_or(u64::MAX).saturating_sub(inserted);
        Ok(())
    }

    /// Adds one leg's word to what is to be written, and answers what is new of it.
    fn judge(
        &mut self, place: usize, row: ToldRow, leg: LegRef, known: Option<super::Outcome>, new: &mut NewLegOutcomes,
    ) -> Option<super::Outcome> {
        self.batches[place].listed.add(row.said, 1);
        if !matches!(row.said, Said::Rejected | Said::Returned) && self.rejects(place) {
            self.batches[place].spared.push(leg);
        }
        match news(known, row.said) {
            News::New(outcome) => {
                new.legs.push(leg);
                new.statuses.push(outcome.code());
                new.reasons.push(row.reason);
                return Some(outcome);
            }
            News::Repeated => self.repeated += 1,
            News::Nothing => {}
            News::Contradiction => self.complain(contradiction(row.line)),
        }
        None
    }

    /// Whether the answer rejects those of the batch that it does not name.
    fn rejects(&self, place: usize) -> bool {
        let said = self.batches[place].said.or(self.group.as_ref().and_then(|group| group.said));
        matches!(said, Some(Said::Rejected | Said::Returned))
    }

    /// The answer has ended: what follows from it.
    async fn conclude(&mut self, tx: &mut PgConnection) -> Result<Heard, Error> {
        match self.about {
            About::File => return self.conclude_file(tx).await,
            About::Returns => self.conclude_legs(tx).await?,
            About::Recalls => self.conclude_recalls(tx).await?,
        }
        Ok(Heard::All)
    }

    /// What a status report says of whole batches, and what follows.
    async fn conclude_file(&mut self, tx: &mut PgConnection) -> Result<Heard, Error> {
        let (Some(file), Some(group)) = (self.file.clone(), self.group.take()) else {
            return Ok(Heard::Refused(fault(
                0,
                "Svaret siger ikke, hvilken fil det gælder.",
                "The answer does not say which file it is about.",
            )));
        };
        let said = GroupSaid { said: group.said, counts: group.counts };
        let batches: Vec<BatchSaid> = self.batches.iter().map(Batch::as_said).collect();
        for (place, verdict) in verdicts(said, &batches).into_iter().enumerate() {
            self.conclude_batch(tx, place, verdict, group.reason.as_deref()).await?;
        }
        self.settle_reservations(tx).await?;
        store::payout_task::insert(tx, self.answer.answer).await?;
        store::outcome::insert_report_tasks(tx, self.answer.answer, file.delivery, self.told_at).await?;
        Ok(Heard::All)
    }

    /// Reservations are posted or voided as the answer says of their legs.
    pub(super) async fn settle_reservations(&mut self, tx: &mut PgConnection) -> Result<(), Error> {
        let to_look_at = store::outcome::insert_reservation_tasks(tx, self.answer.answer).await?;
        if to_look_at > 0 {
            tracing::error!(
                answer = self.answer.answer,
                legs = to_look_at,
                "money to the recovery authority or the holding account came back, and had been refused there; a person must look"
            );
            self.complain(fault(
                0,
                &format!("{to_look_at} returnerede beløb til inddrivelsen eller ventekontoen var ikke bogført dér."),
                &format!(
                    "{to_look_at} amounts that came back from the recovery authority or the holding account were not in the books there."
                ),
            ));
        }
        Ok(())
    }

    async fn conclude_batch(
        &mut self, tx: &mut PgConnection, place: usize, verdict: Verdict, group_reason: Option<&str>,
    ) -> Result<(), Error> {
        let said = match verdict {
            Verdict::Accepted => Said::Accepted,
            Verdict::Rejected => Said::Rejected,
            Verdict::Open => return Ok(()),
            Verdict::Unclear => {
                self.complain(fault(
                    0,
                    "Svaret er delvist og siger ikke, hvad der blev af alle betalinger i en betalingsgruppe.",
                    "The answer is partial and does not say what became of all payments of a payment information block.",
                ));
                return Ok(());
            }
        };
        let batch = &self.batches[place];
        let reason = (said == Said::Rejected).then(|| batch.reason.as_deref().or(group_reason)).flatten();
        if said == Said::Rejected {
            // A leg's own word wins over its batch's; those that were accepted by name before are rejected by name.
            let by = (self.answer.answer, self.told_at);
            self.applied += store::outcome::take_back_legs(tx, by, batch.sent.batch, reason, &batch.spared).await?;
        }
        match news(batch.sent.known, said) {
            News::New(outcome) => {
                store::outcome::insert_batch(tx, self.answer.answer, self.told_at, batch.sent.batch, outcome, reason).await?;
                self.applied += 1;
            }
            News::Repeated => self.repeated += 1,
            News::Nothing => {}
            News::Contradiction => self.complain(contradiction(0)),
        }
        Ok(())
    }

    pub(super) fn complain(&mut self, fault: Fault) {
        if self.faults.len() + 1 < MOST_FAULTS {
            self.faults.push(fault);
        } else if self.faults.len() + 1 == MOST_FAULTS {
            self.faults.push(self::fault(
                fault.line,
                "Der er flere fejl end vist her.",
                "There are more faults than are shown here.",
            ));
        }
    }
}

impl Batch {
    fn as_said(&self) -> BatchSaid {
        BatchSaid { legs: self.sent.legs, said: self.said, counts: self.counts, listed: self.listed }
    }
}

pub(super) fn fault(line: u64, da: &str, en: &str) -> Fault {
    Fault { line, text: Text::new(da, en) }
}

fn contradiction(line: u64) -> Fault {
    fault(
        line,
        "Svaret accepterer noget, som før blev afvist eller returneret.",
        "The answer accepts something that was rejected or returned before.",
    )
}
