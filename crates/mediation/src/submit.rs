//! Payment orders of another house: an ordinary delivery without a file.
//!
//! A house that must pay (a release from the holding account, a reversal of set-off) hands its orders in here, and they walk the same way
//! as every payer's. Nothing is read later, so the orders are received in the call itself, under its idempotency key.

mod order;
#[cfg(test)]
mod tests;

use contracts::mediation::{MAX_ITEMS, OrderBatch};
use contracts::parties::{PayerKey, PayerProfile, PayerQuery};
use contracts::{Actor, Context, IdempotencyKey, ItemResult, Problem, ProblemCode};
use platform::copy::CopyBuffer;
use platform::once::Once;
use primitives::{DataSupplierId, DeliveryId, PaymentRef};
use sqlx::PgConnection;

use self::order::{GoodOrders, judge};
use crate::chunks::{ChunkWriter, StreamDigest};
use crate::delivery::Origin;
use crate::error::Error;
use crate::house::House;
use crate::receive::{Intake, Payer, TakenBlock};
use crate::store;
use crate::store::receive::Header;
use crate::terms::BlockTerms;

/// Takes orders; each gets its payment's reference or its own refusal.
///
/// # Errors
/// `FORBIDDEN` for callers that are no house, `TOO_LARGE`, `NOT_FOUND` without an agreement, `INVALID_INPUT` for a foreign debtor account
/// or a date out of range, `IDEMPOTENCY_MISMATCH`, `UNAVAILABLE`.
pub(crate) async fn submit(
    house: &House, context: &Context, key: &IdempotencyKey, batch: OrderBatch,
) -> Result<Vec<ItemResult<PaymentRef>>, Problem> {
    let supplier = supplier(&context.actor)?;
    if batch.orders.len() > MAX_ITEMS {
        return Err(too_many());
    }
    let canonical = serde_json::to_vec(&batch).map_err(|_| Problem::unavailable())?;
    let once = house.answers.call(context, "submit", key, &canonical);
    // What was taken before is taken, whatever the agreement says now and however far its day is.
    if let Some(answer) =
        once.known(&mut *house.database.pool().acquire().await.map_err(Error::from)?).await.map_err(Error::from)?
    {
        return Ok(answer);
    }
    let (payer, block) = terms(house, key, &batch).await?;
    let good = judge(house, &payer, &block, &supplier, &batch);
    let submission = Submission { house, payer: &payer, block: &block, supplier: &supplier, canonical: &canonical, good: &good };
    Ok(submission.store(&once).await?)
}

/// Only houses hand orders in: everybody else delivers files. The house's name stands where a data supplier's would.
fn supplier(actor: &Actor) -> Result<DataSupplierId, Problem> {
    let forbidden = || {
        Problem::new(
            ProblemCode::Forbidden,
            "Kun systemets egne moduler kan aflevere ordrer uden en fil.",
            "Only the system's own modules may hand in orders without a file.",
        )
    };
    match actor {
        Actor::House { name } => DataSupplierId::parse(&format!("house-{name}")).map_err(|_| forbidden()),
        _ => Err(forbidden()),
    }
}

fn too_many() -> Problem {
    Problem::new(
        ProblemCode::TooLarge,
        format!("Højst {MAX_ITEMS} ordrer pr. kald."),
        format!("At most {MAX_ITEMS} orders in a call."),
    )
    .in_field("orders")
}

/// The payer's agreement, and the orders' common terms as a block.
async fn terms(house: &House, key: &IdempotencyKey, batch: &OrderBatch) -> Result<(Payer, TakenBlock), Problem> {
    let today = house.clock.today();
    let context = house.context(Some(batch.payer));
    let query = PayerQuery { on: today, payers: vec![PayerKey::Agreement { number: batch.payer }] };
    let profile: Option<PayerProfile> = house.parties.payers(&context, query).await?.pop().flatten();
    let profile = profile.ok_or_else(|| {
        Problem::new(ProblemCode::NotFound, "Der er ingen gældende aftale.", "There is no agreement in force.").in_field("payer")
    })?;
    let banks = house.parties.banks(&context, today).await?;
    let payer = Payer::new(profile, &banks, today);
    let account = payer.debtor_account(&batch.debtor_account).ok_or_else(|| {
        let (da, en) = ("Kontoen er ikke en af udbetalerens.", "The account is none of the payer's.");
        Problem::new(ProblemCode::InvalidInput, da, en).in_field("debtor_account")
    })?;
    house.settings.horizon().check(batch.on, today).map_err(|_| {
        let (da, en) = ("Datoen ligger for langt fra i dag.", "The date is too far from today.");
        Problem::new(ProblemCode::InvalidInput, da, en).in_field("on")
    })?;
    let block = TakenBlock {
        number: 1,
        id: key.as_str().to_owned(),
        account: account.account.clone(),
        bank: account.bank,
        unit: account.unit,
        batch_booking: None,
        benefit: None,
        requested: batch.on,
        terms: BlockTerms::default(),
        extras: Vec::new(),
        characters: payer.characters(&account.bank),
    };
    Ok((payer, block))
}

/// All that is to be stored of one call.
struct Submission<'s> {
    house: &'s House,
    payer: &'s Payer,
    block: &'s TakenBlock,
    supplier: &'s DataSupplierId,
    canonical: &'s [u8],
    good: &'s GoodOrders,
}

impl Submission<'_> {
    async fn store(&self, once: &Once) -> Result<Vec<ItemResult<PaymentRef>>, Error> {
        let database = &self.house.database;
        store::slice::ensure_partitions(database.pool(), 0).await?;
        database
            .transaction("mediation.submit", async |mut tx| {
                if let Some(answer) = once.replay(&mut tx).await? {
                    return Ok(answer);
                }
                let results = self.deliver(&mut tx).await?;
                Ok(once.remember(&mut tx, results).await?)
            })
            .await
    }

    /// Stores the good orders as a received delivery.
    async fn deliver(&self, connection: &mut PgConnection) -> Result<Vec<ItemResult<PaymentRef>>, Error> {
        let mut results = self.good.refusals.clone();
        if self.good.slices.is_empty() {
            return Ok(results.into_iter().map(|refusal| refusal.unwrap_or_else(|| Err(Problem::unavailable()))).collect());
        }
        let delivery = self.record(connection).await?;
        let mut intake = Intake::new(delivery, self.house.vault.clone());
        for (slice, places) in &self.good.slices {
            let (id, duplicates) = intake.slice(connection, self.payer.agreement, slice).await?;
            for (row, place) in (0_i32..).zip(places) {
                let result = if duplicates.contains(&row) { Err(used_reference()) } else { Ok(PaymentRef::new(id, row)) };
                results[*place] = Some(result);
            }
        }
        let header = Header { payer: Some(self.payer.agreement), ..Header::default() };
        intake.received(connection, header, self.good.tally.clone()).await?;
        store::delivery::insert_received(connection, delivery).await?;
        results.into_iter().map(|result| result.ok_or(Error::Corrupt("an order without an answer"))).collect()
    }

    /// The delivery, its original and its one block.
    async fn record(&self, connection: &mut PgConnection) -> Result<DeliveryId, Error> {
        let delivery = store::delivery::next_id(connection).await?;
        let digest = self.keep_original(connection, delivery).await?;
        let received_at = self.house.clock.now();
        let row = store::delivery::NewDelivery { delivery, supplier: self.supplier, origin: Origin::Orders, received_at, digest };
        store::delivery::insert(connection, &row).await?;
        let mut block = CopyBuffer::new();
        self.block.encode(delivery, &self.house.vault, &mut block);
        store::block::insert(connection, &block).await?;
        Ok(delivery)
    }

    async fn keep_original(&self, connection: &mut PgConnection, delivery: DeliveryId) -> Result<StreamDigest, Error> {
        let mut rows = CopyBuffer::new();
        let mut number = 0_i32;
        let mut writer = ChunkWriter::new(self.house.vault.clone(), |piece| {
            rows.begin_row(3);
            rows.i64(delivery.get());
            rows.i32(number);
            rows.bytes(&piece);
            number += 1;
            Ok(())
        });
        std::io::Write::write_all(&mut writer, self.canonical)?;
        let digest = writer.finish()?;
        platform::copy::copy_in(connection, store::delivery::COPY_PIECES, &rows).await?;
        Ok(digest)
    }
}

fn used_reference() -> Problem {
    Problem::new(ProblemCode::Conflict, "Referencen er brugt før.", "The reference was used before.").in_field("end_to_end_id")
}
