//! Finding what a recall speaks of, by the payer's own references. Several payments at once, whatever the number of requests.

use std::collections::HashMap;

use primitives::{AgreementNumber, DataSupplierId, DeliveryId, Money, PaymentRef};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Asked, Refusal, Scope};
use crate::error::Error;
use crate::store;
use crate::store::recall::FoundPayment;
use crate::vault::Vault;

/// What a request speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub delivery: DeliveryId,
    pub block: Option<i32>,
    pub payment: Option<PaymentRef>,
}

/// Finds what each request speaks of, among what the data suppliers have delivered for the payer.
pub(super) async fn find(
    connection: &mut PgConnection, vault: &Vault, payer: AgreementNumber, suppliers: &[DataSupplierId], asked: &[Asked],
) -> Result<Vec<Result<Target, Refusal>>, Error> {
    let references = References { vault, payer, suppliers };
    let deliveries = references.deliveries(connection, asked).await?;
    let payments = references.payments(connection, asked).await?;
    let mut known = Known { deliveries, payments, blocks: HashMap::new() };
    let candidates: Vec<Result<Found, Refusal>> = asked.iter().map(|asked| references.candidate(&known, asked)).collect();
    for found in candidates.iter().flatten() {
        if let std::collections::hash_map::Entry::Vacant(place) = known.blocks.entry(found.delivery) {
            place.insert(store::report_task::blocks(connection, vault, found.delivery).await?);
        }
    }
    Ok(candidates.into_iter().zip(asked).map(|(found, asked)| known.target(found?, asked)).collect())
}

/// The digests under which the payer's references are kept, for each of its data suppliers.
struct References<'r> {
    vault: &'r Vault,
    payer: AgreementNumber,
    suppliers: &'r [DataSupplierId],
}

/// What is kept of the references that were asked for.
struct Known {
    deliveries: HashMap<Uuid, DeliveryId>,
    payments: HashMap<Uuid, FoundPayment>,
    /// The PmtInfIds of a delivery's blocks.
    blocks: HashMap<DeliveryId, Vec<(i32, String)>>,
}

/// A delivery, and the payment of it where one is asked for.
#[derive(Clone, Copy)]
struct Found {
    delivery: DeliveryId,
    payment: Option<FoundPayment>,
}

impl References<'_> {
    fn of_delivery(&self, message_id: &str) -> impl Iterator<Item = Uuid> {
        self.suppliers.iter().map(move |supplier| self.vault.delivery_claim(self.payer, supplier, message_id))
    }

    fn of_payment(&self, end_to_end_id: &str) -> impl Iterator<Item = Uuid> {
        let digits = self.payer.digits();
        self.suppliers.iter().map(move |supplier| self.vault.payment_reference(digits, supplier.as_str(), end_to_end_id))
    }

    async fn deliveries(&self, connection: &mut PgConnection, asked: &[Asked]) -> Result<HashMap<Uuid, DeliveryId>, Error> {
        let mut named: Vec<&str> = asked.iter().filter_map(|asked| asked.names.message_id.as_deref()).collect();
        named.sort_unstable();
        named.dedup();
        let claims: Vec<Uuid> = named.into_iter().flat_map(|id| self.of_delivery(id)).collect();
        store::recall::deliveries(connection, &claims).await
    }

    async fn payments(&self, connection: &mut PgConnection, asked: &[Asked]) -> Result<HashMap<Uuid, FoundPayment>, Error> {
        let single = asked.iter().filter(|asked| asked.scope == Scope::Payment);
        let named = single.filter_map(|asked| asked.names.end_to_end_id.as_deref());
        let references: Vec<Uuid> = named.flat_map(|id| self.of_payment(id)).collect();
        store::recall::payments(connection, &references).await
    }

    /// The delivery a request speaks of, and the payment, before the block is compared.
    fn candidate(&self, known: &Known, asked: &Asked) -> Result<Found, Refusal> {
        let named = asked.names.message_id.as_deref();
        let deliveries: Vec<DeliveryId> = named
            .into_iter()
            .flat_map(|id| self.of_delivery(id))
            .filter_map(|claim| known.deliveries.get(&claim).copied())
            .collect();
        if asked.scope != Scope::Payment {
            return one(&deliveries).map(|delivery| Found { delivery, payment: None });
        }
        let reference = asked.names.end_to_end_id.as_deref().ok_or(Refusal::NoReference)?;
        let payments: Vec<FoundPayment> = self
            .of_payment(reference)
            .filter_map(|reference| known.payments.get(&reference).copied())
            .filter(|payment| named.is_none() || deliveries.contains(&payment.delivery))
            .collect();
        one(&payments).map(|payment| Found { delivery: payment.delivery, payment: Some(payment) })
    }
}

/// The only one there is.
fn one<T: Copy>(found: &[T]) -> Result<T, Refusal> {
    match found {
        [] => Err(Refusal::NotFound),
        [one] => Ok(*one),
        _ => Err(Refusal::Doubtful),
    }
}

impl Known {
    fn target(&self, found: Found, asked: &Asked) -> Result<Target, Refusal> {
        let block =
            asked.names.block_id.as_deref().map(|id| self.block(found.delivery, id).ok_or(Refusal::NotFound)).transpose()?;
        let Some(payment) = found.payment else { return Ok(Target { delivery: found.delivery, block, payment: None }) };
        if block.is_some_and(|block| block != payment.block) {
            return Err(Refusal::NotFound);
        }
        if asked.amount.is_some_and(|amount: Money| amount != payment.amount) {
            return Err(Refusal::OtherAmount);
        }
        Ok(Target { delivery: found.delivery, block, payment: Some(payment.payment) })
    }

    /// A block's number. That no two of a delivery have one name is the reading's care (DU02).
    fn block(&self, delivery: DeliveryId, id: &str) -> Option<i32> {
        self.blocks.get(&delivery)?.iter().find(|(_, known)| known == id).map(|(number, _)| *number)
    }
}
