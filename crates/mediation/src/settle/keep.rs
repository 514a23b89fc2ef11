//! Keeping a bank's answer, before it is read.

use std::sync::{Mutex, PoisonError};

use contracts::mediation::Content;
use primitives::BankCode;

use crate::error::Error;
use crate::house::House;
use crate::sealed_stream::SealedStream;
use crate::store;
use crate::store::bank_answer::{ClaimedAnswer, NewAnswer};

/// What became of the bytes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kept {
    /// They are kept, and this worker is to apply them.
    New(ClaimedAnswer),
    /// The same bytes were kept before, as this answer.
    Known(i64),
}

/// Keeps the answer durably.
pub(super) async fn keep(house: &House, bank: BankCode, content: Content) -> Result<Kept, Error> {
    let received_at = house.clock.now();
    let holder = house.ids.uuid_v4();
    // The content can be read only once: should the server give the transaction up, the bank must send it again.
    let content = Mutex::new(Some(content));
    let _share = house.connections.for_upload().await;
    house
        .database
        .transaction("mediation.keep_answer", async |mut tx| {
            let content = content.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or(Error::Interrupted)?;
            let stream = SealedStream::start(house.vault.clone(), content, house.settings.longest_file);
            let answer = store::bank_answer::next_id(&mut tx).await?;
            // Inside a savepoint: the pieces of an answer that is already here are thrown away with it.
            let mut attempt = sqlx::Connection::begin(&mut *tx).await?;
            let digest = stream.store(&mut attempt, store::bank_answer::COPY_PIECES, answer).await?;
            let new = NewAnswer { answer, bank, received_at, digest };
            if store::bank_answer::insert(&mut attempt, &new).await? {
                let claimed = store::bank_answer::insert_claimed(&mut attempt, &new, holder, house.settings.lease).await?;
                attempt.commit().await?;
                return Ok(Kept::New(claimed));
            }
            attempt.rollback().await?;
            Ok(Kept::Known(store::bank_answer::find(&mut tx, bank, &digest.sha256).await?))
        })
        .await
}
