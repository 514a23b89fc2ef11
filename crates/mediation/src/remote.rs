//! A mediation that runs elsewhere: the same contract over HTTP.

use async_trait::async_trait;
use contracts::mediation::{
    Accesses, BankAnswer, BankAnswerReceipt, Content, Deliver, Deliveries, DeliveryQuery, DeliverySummary, Deposited, Mediation,
    NoteTaken, OrderBatch, PaymentPage, PaymentSearch, PaymentState, PaymentStory, Search, States, Stop, StopRequest, Stopped,
    Story, StoryQuery, Submit, TakenBy, TakenDelivery, TakenElsewhere, TakenHere,
};
use contracts::register::FeedAfter;
use contracts::{AccessQuery, AccessRecord, Context, IdempotencyKey, ItemResult, Problem};
use platform::rpc::RpcClient;
use primitives::{BankCode, DataSupplierId, PaymentRef};

/// A mediation behind the open interface.
#[derive(Clone, Debug)]
pub struct Remote(RpcClient);

impl Remote {
    /// The mediation the client speaks to.
    #[must_use]
    pub fn new(client: RpcClient) -> Self {
        Self(client)
    }
}

#[async_trait]
impl Mediation for Remote {
    async fn deliver(&self, context: &Context, supplier: DataSupplierId, content: Content) -> Result<Deposited, Problem> {
        self.0.upload::<Deliver>(context, supplier, content).await
    }

    async fn submit(
        &self, context: &Context, key: &IdempotencyKey, batch: OrderBatch,
    ) -> Result<Vec<ItemResult<PaymentRef>>, Problem> {
        self.0.call::<Submit>(context, Some(key), batch).await
    }

    async fn bank_answer(&self, context: &Context, bank: BankCode, content: Content) -> Result<BankAnswerReceipt, Problem> {
        self.0.upload::<BankAnswer>(context, bank, content).await
    }

    async fn search(&self, context: &Context, search: PaymentSearch) -> Result<PaymentPage, Problem> {
        self.0.call::<Search>(context, None, search).await
    }

    async fn states(&self, context: &Context, payments: Vec<PaymentRef>) -> Result<Vec<Option<PaymentState>>, Problem> {
        self.0.call::<States>(context, None, payments).await
    }

    async fn stop(
        &self, context: &Context, key: &IdempotencyKey, stops: Vec<StopRequest>,
    ) -> Result<Vec<ItemResult<Stopped>>, Problem> {
        self.0.call::<Stop>(context, Some(key), stops).await
    }

    async fn story(&self, context: &Context, query: StoryQuery) -> Result<PaymentStory, Problem> {
        self.0.call::<Story>(context, None, query).await
    }

    async fn accesses(&self, context: &Context, query: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
        self.0.call::<Accesses>(context, None, query).await
    }

    async fn deliveries(&self, context: &Context, query: DeliveryQuery) -> Result<Vec<DeliverySummary>, Problem> {
        self.0.call::<Deliveries>(context, None, query).await
    }

    async fn note_taken(
        &self, context: &Context, key: &IdempotencyKey, note: TakenElsewhere,
    ) -> Result<Vec<ItemResult<TakenBy>>, Problem> {
        self.0.call::<NoteTaken>(context, Some(key), note).await
    }

    async fn taken(&self, context: &Context, after: FeedAfter) -> Result<Vec<TakenDelivery>, Problem> {
        self.0.call::<TakenHere>(context, None, after).await
    }
}
