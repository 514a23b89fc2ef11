//! A recall to a bank: a camt.055 in the generation the bank takes, written as the legs come.

use std::io::Write;

use contracts::mediation::Destination;
use contracts::parties::{BankProfile, PainVersion};
use futures_util::TryStreamExt;
use iso20022::{
    Assignment, BankRef, BlockRecall, CaseParty, CaseRef, DateChoice, GivenReason, GroupRecall, List, MessageKind, PartyRef,
    PaymentRecall, Prose, RecallHead, RecallRecord, RecallWriter,
};
use jiff::Timestamp;
use primitives::{AgreementNumber, BankCode, Bic, DeliveryId, LegRef, PaymentRef};
use tokio::sync::mpsc;

use crate::error::Error;
use crate::house::House;
use crate::leg::destination_from_code;
use crate::payment::Carry;
use crate::store;
use crate::store::payment::amount;
use crate::store::recall_leg::SentLeg;
use crate::vault::Vault;

/// Who asks a bank: this system, for the payer.
const ASSIGNER: &str = "NemKonto";
/// Why, whatever the payer's own reason was: a code that both versions have.
const REASON: &str = "CUST";

/// Sends the legs that a bank is to be asked for, in the order of its files, until the receiver has enough.
pub(super) async fn read(house: &House, recall: DeliveryId, bank: BankCode, legs: mpsc::Sender<SentLeg>) -> Result<(), Error> {
    let mut connection = house.database.pool().acquire().await?;
    let mut rows = store::recall_leg::legs(&mut connection, recall, bank);
    while let Some(leg) = rows.try_next().await? {
        if legs.send(leg).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// A recall to be written, with all that is known before its first leg.
#[derive(Clone, Debug)]
pub(super) struct Document {
    key: String,
    created: Timestamp,
    bank_bic: Bic,
    pub message: MessageKind,
}

impl Document {
    pub fn new(key: String, created: Timestamp, bank: &BankProfile) -> Self {
        let message = match bank.pain_version {
            PainVersion::V03 => MessageKind::Camt055V01,
            PainVersion::V09 => MessageKind::Camt055V08,
        };
        Self { key, created, bank_bic: bank.bic, message }
    }

    /// Writes the whole recall from the legs as they come.
    pub fn write<W: Write>(&self, out: W, vault: &Vault, mut legs: mpsc::Receiver<SentLeg>) -> Result<W, Error> {
        let mut writer = RecallWriter::new(out, self.message)?;
        self.head(&mut writer)?;
        let (mut file, mut batch) = (String::new(), String::new());
        while let Some(leg) = legs.blocking_recv() {
            if leg.file_key != file {
                file.clone_from(&leg.file_key);
                batch.clear();
                writer.write(&RecallRecord::Group(GroupRecall {
                    original_message_id: Some(&leg.file_key),
                    original_message_name: Some(&leg.message_name),
                    ..GroupRecall::default()
                }))?;
            }
            if leg.batch_key != batch {
                batch.clone_from(&leg.batch_key);
                writer.write(&RecallRecord::Block(BlockRecall { original_id: &leg.batch_key, ..BlockRecall::default() }))?;
            }
            payment(&mut writer, vault, &leg)?;
        }
        Ok(writer.finish()?)
    }

    fn head<W: Write>(&self, writer: &mut RecallWriter<W>) -> std::io::Result<()> {
        let us = CaseParty::of_party(PartyRef { name: Some(Prose(ASSIGNER)), ..PartyRef::default() });
        let bank = CaseParty::of_bank(BankRef::of_bic(&self.bank_bic));
        writer.write(&RecallRecord::Head(RecallHead {
            assignment: Assignment { id: &self.key, assigner: us, assignee: bank, created: Some(self.created) },
            // A bank may answer on the case alone.
            case: CaseRef { id: Some(&self.key), creator: us },
            ..RecallHead::default()
        }))
    }
}

/// A leg, by the references under which the bank got it.
fn payment<W: Write>(writer: &mut RecallWriter<W>, vault: &Vault, leg: &SentLeg) -> Result<(), Error> {
    let reference: LegRef = PaymentRef::new(leg.slice_id, leg.row_no).leg(leg.leg_no);
    let own_reference = reference.to_string();
    let agreement = AgreementNumber::parse(&leg.payer).map_err(|_| Error::Corrupt("a slice's payer"))?;
    let instruction_id = format!("{}{own_reference}", agreement.digits());
    let opened = vault.open_carry(&leg.carry)?;
    let carry = Carry::decode(&opened)?;
    let end_to_end_id = match destination_from_code(leg.destination)? {
        Destination::Payee | Destination::ErrorAccount => carry.end_to_end_id,
        Destination::Recovery | Destination::Holding | Destination::Payer => &own_reference,
    };
    let reasons = [GivenReason::of(REASON)];
    writer.write(&RecallRecord::Payment(PaymentRecall {
        instruction_id: Some(&instruction_id),
        end_to_end_id: Some(end_to_end_id),
        uetr: (leg.message_name == MessageKind::Pain001V09.name()).then(|| vault.uetr(reference)),
        amount: Some(amount(leg.amount_minor, &leg.currency)?),
        requested_date: DateChoice::of(leg.execution_date.to_jiff()),
        reasons: List::of(&reasons),
        ..PaymentRecall::default()
    }))?;
    Ok(())
}
