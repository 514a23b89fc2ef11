//! A payment mediation that cannot be reached.

use async_trait::async_trait;
use contracts::{
    Context, IdempotencyKey, ItemResult, Problem,
    mediation::{
        BankAnswerReceipt, Content, DeliveryQuery, DeliverySummary, Deposited, Mediation, OrderBatch, PaymentPage, PaymentSearch,
        PaymentState, PaymentStory, StopRequest, Stopped, StoryQuery, TakenBy, TakenDelivery, TakenElsewhere,
    },
    register::FeedAfter,
};
use primitives::{BankCode, DataSupplierId, PaymentRef};

/// Answers every call with `UNAVAILABLE`, as a house does when it is down.
pub struct Down;

#[async_trait]
impl Mediation for Down {
    async fn deliver(&self, _: &Context, _: DataSupplierId, _: Content) -> Result<Deposited, Problem> {
        Err(Problem::unavailable())
    }

    async fn submit(&self, _: &Context, _: &IdempotencyKey, _: OrderBatch) -> Result<Vec<ItemResult<PaymentRef>>, Problem> {
        Err(Problem::unavailable())
    }

    async fn bank_answer(&self, _: &Context, _: BankCode, _: Content) -> Result<BankAnswerReceipt, Problem> {
        Err(Problem::unavailable())
    }

    async fn search(&self, _: &Context, _: PaymentSearch) -> Result<PaymentPage, Problem> {
        Err(Problem::unavailable())
    }

    async fn states(&self, _: &Context, _: Vec<PaymentRef>) -> Result<Vec<Option<PaymentState>>, Problem> {
        Err(Problem::unavailable())
    }

    async fn stop(&self, _: &Context, _: &IdempotencyKey, _: Vec<StopRequest>) -> Result<Vec<ItemResult<Stopped>>, Problem> {
        Err(Problem::unavailable())
    }

    async fn story(&self, _: &Context, _: StoryQuery) -> Result<PaymentStory, Problem> {
        Err(Problem::unavailable())
    }

    async fn deliveries(&self, _: &Context, _: DeliveryQuery) -> Result<Vec<DeliverySummary>, Problem> {
        Err(Problem::unavailable())
    }

    async fn note_taken(&self, _: &Context, _: &IdempotencyKey, _: TakenElsewhere) -> Result<Vec<ItemResult<TakenBy>>, Problem> {
        Err(Problem::unavailable())
    }

    async fn taken(&self, _: &Context, _: FeedAfter) -> Result<Vec<TakenDelivery>, Problem> {
        Err(Problem::unavailable())
    }
}
