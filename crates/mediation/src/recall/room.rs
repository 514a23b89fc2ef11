//! The room that asks banks to give back what a recall came too late to stop.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use contracts::parties::BankProfile;
use iso20022::MessageKind;
use jiff::civil::Date;
use platform::crash;
use platform::driver::{Progress, Room, RoomError};
use primitives::{BankCode, DeliveryId, copenhagen_date};
use sqlx::PgConnection;
use tokio::sync::mpsc;

use super::bank_file::{Document, read};
use crate::chunks::ChunkWriter;
use crate::error::Error;
use crate::file_key::recall_file_key;
use crate::house::House;
use crate::put_off::{PutOff, or_put_off};
use crate::store;
use crate::store::file::{NewFile, Purpose};
use crate::store::recall_leg::AskedBank;

/// How many sealed pieces may wait between the threads.
const PIECES_IN_FLIGHT: usize = 4;
/// How many legs may wait between the threads, each some hundred bytes.
const LEGS_IN_FLIGHT: usize = 1024;

/// The room that writes recalls to banks.
#[derive(Clone, Debug)]
pub(crate) struct RecallRoom {
    /// The house it belongs to.
    pub house: House,
}

#[async_trait]
impl Room for RecallRoom {
    fn name(&self) -> &'static str {
        "mediation.recall"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        let at_work = Mutex::new(None);
        or_put_off(ask_next(&self.house, &at_work), async {
            let Some(recall) = *at_work.lock().unwrap_or_else(PoisonError::into_inner) else { return Ok(PutOff::NoUnit) };
            store::recall_leg::put_off(self.house.database.pool(), recall).await?;
            Ok(PutOff::Done(format!("recall {}", recall.get())))
        })
        .await
    }
}

/// Writes the files of the recall that has waited longest: one for each bank that has something to give back. The recall stays locked, which
/// keeps other workers from asking the same. Which one it is, is noted in `at_work`.
async fn ask_next(house: &House, at_work: &Mutex<Option<DeliveryId>>) -> Result<Progress, Error> {
    let _share = house.connections.for_pair().await;
    house
        .database
        .transaction("mediation.recall", async |mut tx| {
            let Some(recall) = store::recall_leg::lock_next(&mut tx).await? else { return Ok(Progress::Idle) };
            *at_work.lock().unwrap_or_else(PoisonError::into_inner) = Some(recall);
            let banks = store::recall_leg::banks(&mut tx, recall).await?;
            for (place, bank) in banks.iter().enumerate() {
                ask(house, &mut tx, recall, (place, *bank)).await?;
            }
            store::recall_leg::finish(&mut tx, recall, house.clock.now()).await?;
            Ok(Progress::Worked(1))
        })
        .await
}

/// Writes the file for one bank and notes what it asks for.
async fn ask(house: &House, tx: &mut PgConnection, recall: DeliveryId, (place, asked): (usize, AskedBank)) -> Result<(), Error> {
    let bank = asked.bank;
    let profile = match profile(house, bank, house.clock.today()).await? {
        Some(profile) => profile,
        // Its profile has ended since: it still has the payments, and is written to as it was then.
        None => profile(house, bank, copenhagen_date(asked.sent_at))
            .await?
            .ok_or(Error::Corrupt("a bank without a profile in force"))?,
    };
    let (key, written_at) = (recall_file_key(recall, place), house.clock.now());
    let document = Document::new(key.clone(), written_at, &profile);
    let (message, vault): (MessageKind, _) = (document.message, house.vault.clone());
    let (legs_in, legs_out) = mpsc::channel(LEGS_IN_FLIGHT);
    let (pieces_in, pieces_out) = mpsc::channel(PIECES_IN_FLIGHT);
    let formatting = tokio::task::spawn_blocking(move || {
        let chunks = ChunkWriter::sending(vault.clone(), &pieces_in);
        Ok::<_, Error>(document.write(chunks, &vault, legs_out)?.finish()?)
    });
    let reading = read(house, recall, bank, legs_in);
    let file = store::file::next_id(tx).await?;
    tokio::try_join!(reading, store::file::store_pieces(tx, file, pieces_out))?;
    let digest = formatting.await.map_err(|_| Error::Interrupted)??;
    let recipient = bank.as_str();
    let new =
        NewFile { file, purpose: Purpose::Recall, key: &key, recipient, delivery: recall, message: message.name(), written_at };
    store::file::insert(tx, &new, digest).await?;
    store::recall_leg::insert(tx, recall, bank, file).await?;
    crash::point("mediation.recall.file_stored");
    Ok(())
}

/// The bank as it applies on a day.
async fn profile(house: &House, bank: BankCode, on: Date) -> Result<Option<BankProfile>, Error> {
    let profiles = house.parties.banks(&house.context(None), on).await?;
    Ok(profiles.into_iter().find(|profile| profile.code == bank))
}
