//! The bank file itself: a pain.001 in the version and the characters the bank takes, written as the legs come.

use std::collections::HashMap;
use std::io;

use contracts::parties::PainVersion;
use iso20022::{AccountForm, Agent, CharacterSet, ControlSum, DebtorBlock, MessageHeader, Pain001Version, Pain001Writer, Party};
use jiff::Timestamp;
use jiff::civil::Date;
use primitives::{Bic, Cvr, Identifier, Money};
use tokio::sync::mpsc;

use super::creditor::{Common, OpenLeg};
use super::facts::Facts;
use super::legs::LegBlock;
use crate::batch::{BatchPlan, FilePlan};
use crate::characters;
use crate::chunks::{ChunkWriter, StreamDigest};
use crate::error::Error;
use crate::payment::Carry;
use crate::store::disposal::{ClaimedDisposal, DebtorSide};
use crate::vault::Vault;

/// Who sends a bank its file: this system, for the payer.
const INITIATOR: &str = "NemKonto";

/// A bank file to be written, with all that is known before its first leg.
#[derive(Clone, Debug)]
pub(super) struct Document {
    key: String,
    created: Timestamp,
    execution_date: Date,
    batches: Vec<BatchPlan>,
    sides: HashMap<i32, DebtorSide>,
    payer_cvr: Option<Cvr>,
    bank_bic: Bic,
    characters: CharacterSet,
    common: Common,
}

impl Document {
    pub fn new(facts: &Facts, disposal: &ClaimedDisposal, plan: &FilePlan, created: Timestamp) -> Result<Self, Error> {
        let bank = facts.bank(&plan.bank)?;
        let blocks = plan.batches.iter().map(|batch| batch.block);
        let sides = blocks.map(|block| Ok((block, facts.side(block)?.clone()))).collect::<Result<_, Error>>()?;
        let version = match bank.pain_version {
            PainVersion::V03 => Pain001Version::V03,
            PainVersion::V09 => Pain001Version::V09,
        };
        Ok(Self {
            key: plan.key.clone(),
            created,
            execution_date: plan.execution_date,
            batches: plan.batches.clone(),
            sides,
            payer_cvr: facts.payer.as_ref().map(|payer| payer.cvr),
            bank_bic: bank.bic,
            characters: characters::of_bank(bank),
            common: Common {
                agreement: disposal.payer,
                version,
                payer_name: facts.payer.as_ref().map(|payer| payer.name.clone()),
                recovery_name: facts.recovery_name.clone(),
                holding_name: facts.holding_name.clone(),
            },
        })
    }

    /// The message's name.
    pub fn message(&self) -> &'static str {
        self.common.version.message().name()
    }

    /// Writes the whole file from the legs as they come, and sends its sealed pieces. The writer itself refuses to end when counts or
    /// sums are not what was declared.
    pub fn write(
        self, vault: Vault, mut blocks: mpsc::Receiver<LegBlock>, pieces: &mpsc::Sender<Vec<u8>>,
    ) -> Result<StreamDigest, Error> {
        let chunks = ChunkWriter::sending(vault.clone(), pieces);
        let mut writer =
            Pain001Writer::with_style(chunks, self.common.version, &self.header()?, self.characters, AccountForm::Iban)?;
        let mut leg_open = OpenLeg::default();
        let mut open_batch = None;
        while let Some(block) = blocks.blocking_recv() {
            let batch = self.batches.get(block.batch).ok_or(Error::Corrupt("a leg of no batch"))?;
            if open_batch != Some(block.batch) {
                self.write_batch(&mut writer, batch)?;
                open_batch = Some(block.batch);
            }
            for leg in block.legs() {
                leg_open
                    .transfer(&self.common, &vault, (block.slice, &leg), batch.currency, |transfer| writer.payment(transfer))?;
            }
        }
        Ok(writer.finish()?.finish()?)
    }

    fn header(&self) -> Result<MessageHeader<'_>, Error> {
        let mut sum = ControlSum::default();
        for batch in &self.batches {
            add(&mut sum, batch)?;
        }
        let legs: i64 = self.batches.iter().map(|batch| batch.legs).sum();
        Ok(MessageHeader {
            message_id: &self.key,
            created: self.created,
            payments: legs.unsigned_abs(),
            sum,
            initiator: Party { name: Some(INITIATOR), ..Party::default() },
        })
    }

    fn write_batch<W: io::Write>(&self, writer: &mut Pain001Writer<W>, batch: &BatchPlan) -> Result<(), Error> {
        let side = self.sides.get(&batch.block).ok_or(Error::Corrupt("a batch without its block"))?;
        let mut sum = ControlSum::default();
        add(&mut sum, batch)?;
        let cvr = self.payer_cvr.map(Identifier::Cvr);
        let more = side.more.as_deref().map(Carry::decode).transpose()?.unwrap_or_default();
        let block = DebtorBlock {
            id: &batch.key,
            batch_booking: side.batch_booking,
            payments: batch.legs.unsigned_abs(),
            sum,
            requested_date: self.execution_date,
            debtor: Party {
                name: self.common.payer_name.as_deref(),
                identifiers: cvr.as_slice(),
                unit: side.unit.as_deref(),
                ..Party::default()
            },
            account: &side.account,
            agent: Agent { bic: Some(self.bank_bic), ..Agent::default() },
            benefit: None,
            terms: side.terms.as_terms(),
            extras: more.extras,
        };
        Ok(writer.payment_information(&block)?)
    }
}

fn add(sum: &mut ControlSum, batch: &BatchPlan) -> Result<(), Error> {
    let amount = Money::new(batch.sum_minor, batch.currency);
    *sum = sum.add_money(amount).ok_or(Error::Corrupt("a sum beyond the standard's digits"))?;
    Ok(())
}
