//! Handing over the files that are stored: to banks and to payers. A file may be handed over twice, if the program is killed in between;
//! it is the same file.

use async_trait::async_trait;
use contracts::IdempotencyKey;
use contracts::parties::SentPayments;
use platform::crash;
use platform::driver::{Progress, Room, RoomError};
use primitives::{AgreementNumber, BankCode, DataSupplierId};
use tokio::sync::mpsc;

use crate::channel::{Exactly, OutgoingFile, Recipient};
use crate::chunks::ChunkReader;
use crate::error::Error;
use crate::house::House;
use crate::put_off::{PutOff, or_put_off, pause};
use crate::store;
use crate::store::file::{ClaimedFile, Purpose};

/// How many stored pieces may wait between the database and the channel.
const PIECES_IN_FLIGHT: usize = 4;

/// How many files one step tries before it tells what it did.
const FILES_PER_STEP: usize = 16;

/// The room that hands files over.
#[derive(Clone, Debug)]
pub(crate) struct SendRoom {
    /// The house it belongs to.
    pub house: House,
}

#[async_trait]
impl Room for SendRoom {
    fn name(&self) -> &'static str {
        "mediation.send"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        send_some(&self.house).await
    }
}

/// Hands some files over. One that fails is put off, and its recipient with it; the step fails only when nothing could be sent.
async fn send_some(house: &House) -> Result<Progress, RoomError> {
    let (mut sent, mut failure) = (0, None);
    for _ in 0..FILES_PER_STEP {
        let claimed = store::file::claim(house.database.pool(), house.ids.uuid_v4(), house.settings.lease).await?;
        let Some(file) = claimed else { break };
        match send_or_put_off(house, &file).await {
            Ok(_) => sent += 1,
            Err(error) => {
                tracing::error!(recipient = file.recipient, key = file.key, error = &*error, "a file is not sent");
                failure = Some(error);
            }
        }
    }
    match failure {
        Some(error) if sent == 0 => Err(error),
        None if sent == 0 => Ok(Progress::Idle),
        _ => Ok(Progress::Worked(sent)),
    }
}

pub(crate) async fn send_or_put_off(house: &House, file: &ClaimedFile) -> Result<Progress, RoomError> {
    or_put_off(send(house, file), put_off(house, file)).await
}

/// Twice as long as its recipient, so that a file that always fails does not stand before the recipient's others.
async fn put_off(house: &House, file: &ClaimedFile) -> Result<PutOff, sqlx::Error> {
    let still_ours = store::file::put_off(house.database.pool(), file, pause(file.lease_token.saturating_add(1))).await?;
    Ok(PutOff::of(still_ours, format!("file {}", file.key)))
}

async fn send(house: &House, file: &ClaimedFile) -> Result<Progress, Error> {
    let (pool, lease) = (house.database.pool(), house.settings.lease);
    lease.renew_while(hand_over(house, file), async || store::file::renew(pool, file, lease).await.map(drop)).await?;
    crash::point("mediation.send.handed_over");
    store::file::sent(pool, file, house.clock.now()).await?;
    crash::point("mediation.send.after_commit");
    if matches!(file.purpose, Purpose::Bank)
        && let Err(error) = tell_sent(house, file).await
    {
        tracing::warn!(
            key = file.key,
            error = &error as &dyn std::error::Error,
            "the tokens of payments that were sent are not given back"
        );
    }
    Ok(Progress::Worked(1))
}

/// Tells parties how many payments have left: who looks up and pays is not who goes through numbers. A courtesy, and so neither a task nor
/// repeated: where it fails, time gives the tokens back.
async fn tell_sent(house: &House, file: &ClaimedFile) -> Result<(), Error> {
    let Some((payer, payments)) = store::file::payments_of(house.database.pool(), file.file).await? else { return Ok(()) };
    let payer = AgreementNumber::parse(&payer).map_err(|_| Error::Corrupt("a delivery's payer"))?;
    let sent = SentPayments { payer, payments: u32::try_from(payments).unwrap_or(u32::MAX) };
    let key = IdempotencyKey::new(format!("sent/{}", file.key))?;
    Ok(house.parties.payments_sent(&house.context(Some(payer)), &key, sent).await?)
}

/// Gives the file's bytes to the channel, on a thread that may block.
async fn hand_over(house: &House, file: &ClaimedFile) -> Result<(), Error> {
    let outgoing = outgoing(file)?;
    let (pieces_in, mut pieces_out) = mpsc::channel(PIECES_IN_FLIGHT);
    let reading = store::file::send_pieces(house.database.pool().clone(), file.file, pieces_in);
    let (vault, channel) = (house.vault.clone(), house.channel.clone());
    let handing = tokio::task::spawn_blocking(move || {
        let content = ChunkReader::new(vault, || pieces_out.blocking_recv());
        channel.hand_over(&outgoing, &mut Exactly::new(content, outgoing.bytes))
    });
    let ((), handed) = tokio::join!(reading, handing);
    Ok(handed.map_err(|_| Error::Interrupted)??)
}

fn outgoing(file: &ClaimedFile) -> Result<OutgoingFile, Error> {
    let unknown = |_| Error::Corrupt("a file's recipient");
    let recipient = match file.purpose {
        Purpose::Bank | Purpose::Recall => Recipient::Bank(BankCode::parse(&file.recipient).map_err(unknown)?),
        Purpose::SupplierReport => Recipient::Supplier(DataSupplierId::parse(&file.recipient).map_err(unknown)?),
        Purpose::Report => {
            let agreement = AgreementNumber::parse(&file.recipient);
            Recipient::Payer(agreement.map_err(|_| Error::Corrupt("a file's recipient"))?)
        }
    };
    let attempt = file.lease_token.unsigned_abs();
    Ok(OutgoingFile { recipient, key: file.key.clone(), message: file.message.clone(), bytes: file.bytes, attempt })
}
