//! The database's side of a reading: stores what the thread sends, all in one transaction.

use std::collections::{BTreeSet, HashSet};

use contracts::Actor;
use contracts::mediation::DeliveryState;
use iso20022::{Level, MessageKind, ReasonCode};
use jiff::civil::Date;
use platform::copy::{CopyBuffer, copy_in};
use platform::crash;
use platform::database::expect_rows;
use primitives::{AgreementNumber, DeliveryId, Money, PaymentRef, Text};
use sqlx::{Connection, PgConnection};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::fault::{Fault, Place};
use super::reading;
use super::row::fault_place;
use super::same;
use super::slice_rows::{Row, SliceRows};
use super::step::{Done, Portion, Recalled, Step, Verdict};
use super::tally::Tally;
use crate::delivery::RowReference;
use crate::error::Error;
use crate::house::House;
use crate::payment::Carry;
use crate::recall::{self, Claimant};
use crate::report::RECALL_ANSWER;
use crate::store;
use crate::store::delivery::ClaimedReading;
use crate::store::receive::{Claim, Header};
use crate::store::slice::NewSlice;
use crate::vault::Vault;

/// Stored pieces that may wait for the reading thread, each some tens of kilobytes.
const PIECES_IN_FLIGHT: usize = 4;
/// Read portions that may wait for the database, each some megabytes.
const PORTIONS_IN_FLIGHT: usize = 1;

/// How the intake ended.
enum Ended {
    Received {
        header: Header,
        tally: Tally,
    },
    Recalled {
        header: Header,
    },
    Refused {
        header: Header,
        answer: i16,
        faults: Vec<Fault>,
    },
    Repeats {
        header: Header,
        earlier: DeliveryId,
    },
    /// An earlier delivery of other bytes has the message identification.
    Claimed {
        header: Header,
        earlier: DeliveryId,
        message_id: Place,
    },
}

/// Reads a claimed delivery and stores what it holds; answers how many payments were taken.
pub(super) async fn take_in(house: &House, claimed: &ClaimedReading) -> Result<u64, Error> {
    let now = house.clock.now();
    house
        .database
        .transaction("mediation.receive", async |mut tx| {
            let (mut steps, reading) = start_reading(house, claimed);
            let mut intake = Intake::new(claimed.delivery, house.vault.clone());
            let mut savepoint = tx.begin().await?;
            let ended = intake.run(house, &mut savepoint, claimed, &mut steps).await;
            drop(steps);
            // The thread's own failure explains an intake that ended early.
            reading.await.map_err(|_| Error::Interrupted)??;
            let ended = compared(house, claimed, ended?).await?;
            crash::point("mediation.receive.rows_stored");
            if matches!(ended, Ended::Received { .. } | Ended::Recalled { .. }) {
                savepoint.commit().await?;
            } else {
                // A refused delivery leaves nothing behind but the reasons: its identification is free again.
                savepoint.rollback().await?;
            }
            let (state, repeats, answer) = intake.close(&mut tx, ended).await?;
            store::receive::insert_receipt_task(&mut tx, claimed.delivery, answer, now).await?;
            store::delivery::finish_reading(&mut tx, claimed, state, repeats).await?;
            Ok(intake.taken)
        })
        .await
}

/// Other bytes may say the same: then the earlier delivery is the one that counts, else the message identification is used twice.
async fn compared(house: &House, claimed: &ClaimedReading, ended: Ended) -> Result<Ended, Error> {
    let Ended::Claimed { header, earlier, message_id } = ended else { return Ok(ended) };
    let message = header.message_name.and_then(MessageKind::from_name).ok_or(Error::Corrupt("a claim of no message"))?;
    if same::say_the_same(house, message, [earlier, claimed.delivery]).await? {
        return Ok(Ended::Repeats { header, earlier });
    }
    Ok(Ended::Refused { header, answer: 1, faults: vec![used_message_id(&message_id)] })
}

/// Starts the thread that reads and the task that feeds it.
fn start_reading(house: &House, claimed: &ClaimedReading) -> (mpsc::Receiver<Step>, JoinHandle<Result<(), Error>>) {
    let (pieces_in, pieces) = mpsc::channel(PIECES_IN_FLIGHT);
    tokio::spawn(store::delivery::send_pieces(house.database.pool().clone(), claimed.delivery, pieces_in));
    let (steps_in, steps) = mpsc::channel(PORTIONS_IN_FLIGHT);
    let (house, claimed, runtime) = (house.clone(), claimed.clone(), Handle::current());
    let reading = tokio::task::spawn_blocking(move || reading::read(&house, &claimed, pieces, steps_in, runtime));
    (steps, reading)
}

/// A delivery while it is stored. Its buffers are used again for every slice.
pub(crate) struct Intake {
    delivery: DeliveryId,
    vault: Vault,
    payer: Option<AgreementNumber>,
    /// Payments taken.
    pub taken: u64,
    findings: i32,
    row_faults: bool,
    days: BTreeSet<Date>,
    duplicates: Vec<Money>,
    rows: CopyBuffer,
    references: CopyBuffer,
    payees: Vec<store::payee_index::Entry>,
}

impl Intake {
    /// An intake of nothing yet.
    pub fn new(delivery: DeliveryId, vault: Vault) -> Self {
        Self {
            delivery,
            vault,
            payer: None,
            taken: 0,
            findings: 0,
            row_faults: false,
            days: BTreeSet::new(),
            duplicates: Vec::new(),
            rows: CopyBuffer::new(),
            references: CopyBuffer::new(),
            payees: Vec::new(),
        }
    }

    async fn run(
        &mut self, house: &House, connection: &mut PgConnection, claimed: &ClaimedReading, steps: &mut mpsc::Receiver<Step>,
    ) -> Result<Ended, Error> {
        while let Some(step) = steps.recv().await {
            match step {
                Step::Opened { header, claim, message_id, paid_elsewhere } => {
                    self.payer = header.payer;
                    match store::receive::claim(connection, claim, self.delivery, &claimed.sha256).await? {
                        Claim::Taken => {}
                        Claim::Repeats(earlier) => return Ok(Ended::Repeats { header, earlier }),
                        Claim::OtherBytes(earlier) => return Ok(Ended::Claimed { header, earlier, message_id }),
                    }
                    // What was taken here before is answered above: it is paid here, whoever pays the payer now.
                    let taken_elsewhere = !self.takes_message(connection, &header).await?;
                    let fault = if taken_elsewhere { Some(sent_to_both(&message_id)) } else { paid_elsewhere };
                    if let Some(fault) = fault {
                        return Ok(Ended::Refused { header, answer: 1, faults: vec![fault] });
                    }
                }
                Step::Recalled(recalled) => return self.recalled(house, connection, claimed, *recalled).await,
                Step::Portion(portion) => self.portion(connection, portion).await?,
                Step::Done(Done { header, verdict }) => {
                    return Ok(match verdict {
                        Verdict::Received(tally) => Ended::Received { header, tally },
                        Verdict::Refused { answer, faults } => Ended::Refused { header, answer, faults },
                    });
                }
            }
        }
        Err(Error::Interrupted)
    }

    /// Whether the delivery is ours to pay: an order whose MsgId the system beside this one has not taken, or a recall, which pays nothing.
    async fn takes_message(&self, connection: &mut PgConnection, header: &Header) -> Result<bool, Error> {
        if header.message_name.and_then(MessageKind::from_name).is_some_and(recall::is_recall) {
            return Ok(true);
        }
        let (Some(payer), Some(message_id)) = (header.payer, &header.message_id) else {
            return Err(Error::Corrupt("an order without payer or MsgId"));
        };
        store::taken::take(connection, payer, message_id, self.delivery).await
    }

    async fn recalled(
        &self, house: &House, connection: &mut PgConnection, claimed: &ClaimedReading, recalled: Recalled,
    ) -> Result<Ended, Error> {
        let payer = self.payer.ok_or(Error::Corrupt("a recall before its payer"))?;
        let sender = Actor::DataSupplier { id: claimed.supplier }.label();
        let claimant = Claimant { payer, suppliers: &recalled.suppliers, requested_by: &sender };
        recall::carry_out(house, connection, self.delivery, &recalled.recall, claimant).await?;
        Ok(Ended::Recalled { header: recalled.header })
    }

    async fn portion(&mut self, connection: &mut PgConnection, portion: Portion) -> Result<(), Error> {
        if !portion.blocks.is_empty() {
            store::block::insert(connection, &portion.blocks).await?;
        }
        // What is said of a delivery that is received refuses nothing.
        self.row_faults |= portion.faults.iter().any(|fault| fault.level != Level::Group);
        self.faults(connection, &portion.faults).await?;
        if let Some(slice) = portion.slice {
            let payer = self.payer.ok_or(Error::Corrupt("rows before their payer"))?;
            self.slice(connection, payer, &slice).await?;
        }
        Ok(())
    }

    /// Stores a slice's payments and answers its number with the rows that were not taken, because their reference was used before.
    pub async fn slice(
        &mut self, connection: &mut PgConnection, payer: AgreementNumber, slice: &SliceRows,
    ) -> Result<(i64, HashSet<i32>), Error> {
        let id = store::slice::next_id(connection).await?;
        let duplicates = self.references(connection, id, slice).await?;
        self.rows.clear();
        self.payees.clear();
        let mut faults = Vec::new();
        for (number, row) in (0..).zip(&slice.rows) {
            if duplicates.contains(&number) {
                faults.push(self.used_reference(slice, row)?);
                self.duplicates.push(row.amount());
            } else {
                slice.encode(id, number, row, &mut self.rows);
                self.payees.extend(slice.payee_key(row).map(|key| store::payee_index::entry(key, PaymentRef::new(id, number))));
            }
        }
        self.row_faults |= !faults.is_empty();
        self.faults(connection, &faults).await?;
        if !self.rows.is_empty() {
            let stored = copy_in(connection, store::payment::COPY_IN, &self.rows).await?;
            expect_rows(stored, usize::try_from(self.rows.rows()).unwrap_or(usize::MAX), "payments")?;
            store::payee_index::write(connection, &mut self.payees).await?;
            let payments = i32::try_from(stored).map_err(|_| Error::Corrupt("a slice's length"))?;
            let new = NewSlice { slice: id, delivery: self.delivery, due: slice.due, payer, payments };
            store::slice::insert(connection, new).await?;
            self.days.insert(slice.due);
            self.taken += stored;
        }
        Ok((id, duplicates))
    }

    /// Takes the references of a slice; answers the rows whose reference was used before.
    ///
    /// As a rule none was, and one COPY takes them all, in the index's order. Only when that fails are they taken one by one.
    async fn references(&mut self, connection: &mut PgConnection, id: i64, slice: &SliceRows) -> Result<HashSet<i32>, Error> {
        let mut order: Vec<(uuid::Uuid, i32)> = slice.rows.iter().map(|row| row.reference).zip(0..).collect();
        order.sort_unstable();
        self.references.clear();
        for (reference, number) in &order {
            self.references.begin_row(3);
            self.references.uuid(*reference);
            self.references.i64(id);
            self.references.i32(*number);
        }
        let mut savepoint = connection.begin().await?;
        match copy_in(&mut savepoint, store::payment::COPY_REFERENCES_IN, &self.references).await {
            Ok(stored) => {
                savepoint.commit().await?;
                expect_rows(stored, order.len(), "references")?;
                Ok(HashSet::new())
            }
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                savepoint.rollback().await?;
                let taken: HashSet<i32> =
                    store::payment::insert_new_references(connection, id, &order).await?.into_iter().collect();
                Ok(order.into_iter().map(|(_, number)| number).filter(|number| !taken.contains(number)).collect())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The fault of a row whose reference was used before: ISO reason DU04.
    fn used_reference(&self, slice: &SliceRows, row: &Row) -> Result<Fault, Error> {
        let carry = self.vault.open_carry(slice.carry(row))?;
        let carry = Carry::decode(&carry)?;
        let reference = RowReference {
            end_to_end_id: carry.end_to_end_id.to_owned(),
            instruction_id: carry.instruction_id.map(str::to_owned),
            amount: Some(row.amount()),
        };
        Ok(Fault {
            level: Level::Payment,
            place: fault_place(row.place, "PmtId/EndToEndId"),
            code: ReasonCode::DU04,
            text: Text::new("Referencen er brugt før.", "The reference was used before."),
            reference: Some(self.vault.seal_row_reference(&reference.encode())),
        })
    }

    async fn faults(&mut self, connection: &mut PgConnection, faults: &[Fault]) -> Result<(), Error> {
        if faults.is_empty() {
            return Ok(());
        }
        let mut rows = CopyBuffer::new();
        for fault in faults {
            fault.encode(self.delivery, self.findings, &mut rows);
            self.findings = self.findings.checked_add(1).ok_or(Error::Corrupt("more findings than can be numbered"))?;
        }
        store::receive::insert_findings(connection, &rows).await
    }

    /// Writes what stands at the end; answers the delivery's state, what it repeats, and the return answer the payer is to get.
    async fn close(
        &mut self, connection: &mut PgConnection, ended: Ended,
    ) -> Result<(DeliveryState, Option<DeliveryId>, i16), Error> {
        match ended {
            Ended::Received { header, tally } => {
                self.received(connection, header, tally).await?;
                let answer = if self.row_faults { 2 } else { 1 };
                Ok((DeliveryState::Received, None, answer))
            }
            Ended::Recalled { header } => {
                store::receive::insert_header(connection, self.delivery, &header).await?;
                Ok((DeliveryState::Received, None, RECALL_ANSWER))
            }
            Ended::Refused { header, answer, faults } => {
                (self.findings, self.taken) = (0, 0);
                self.faults(connection, &faults).await?;
                store::receive::insert_header(connection, self.delivery, &header).await?;
                Ok((DeliveryState::Refused, None, answer))
            }
            Ended::Claimed { .. } => Err(Error::Corrupt("a claim that was not settled")),
            Ended::Repeats { header, earlier } => {
                store::receive::insert_header(connection, self.delivery, &header).await?;
                let is_recall = header.message_name.and_then(MessageKind::from_name).is_some_and(recall::is_recall);
                Ok((DeliveryState::Repeated, Some(earlier), if is_recall { RECALL_ANSWER } else { 1 }))
            }
        }
    }

    /// Writes what a received delivery is, once all its slices are stored: totals, days and header.
    pub async fn received(&mut self, connection: &mut PgConnection, mut header: Header, mut tally: Tally) -> Result<(), Error> {
        for amount in self.duplicates.drain(..) {
            tally.reject(amount).ok_or(Error::Corrupt("a sum beyond 64 bits"))?;
        }
        for (currency, total) in tally.totals() {
            store::receive::insert_total(connection, self.delivery, currency, total).await?;
        }
        let days: Vec<Date> = self.days.iter().copied().collect();
        if let Some(payer) = header.payer.filter(|_| !days.is_empty()) {
            store::slice::insert_disposals(connection, self.delivery, payer, &days).await?;
        }
        (header.payments, header.rejected) = tally.rows();
        store::receive::insert_header(connection, self.delivery, &header).await
    }
}

fn sent_to_both(place: &Place) -> Fault {
    let text = Text::new(
        "Leverancen med dette MsgId er taget af det gamle system, som udbetaler den. Her udbetales intet.",
        "The delivery with this MsgId was taken by the old system, which pays it. Nothing is paid here.",
    );
    Fault::of_delivery(place.line, &place.path, ReasonCode::DU01, text)
}

fn used_message_id(place: &Place) -> Fault {
    let text = Text::new(
        "MsgId er brugt før til en leverance med andet indhold.",
        "The MsgId was used before for a delivery with other content.",
    );
    Fault::of_delivery(place.line, &place.path, ReasonCode::DU01, text)
}
