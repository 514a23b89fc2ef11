//! The house as its contract promises it.

use async_trait::async_trait;
use contracts::mediation::{
    BankAnswerReceipt, Content, DeliveryQuery, DeliverySummary, Deposited, Mediation, OrderBatch, PaymentPage, PaymentSearch,
    PaymentState, PaymentStory, StopRequest, Stopped, StoryQuery, TakenBy, TakenDelivery, TakenElsewhere,
};
use contracts::register::FeedAfter;
use contracts::{AccessQuery, AccessRecord, Context, IdempotencyKey, ItemResult, Problem};
use primitives::{BankCode, DataSupplierId, PaymentRef};

use crate::house::House;
use crate::{accesses, deliveries, keep, parallel, search, settle, states, stop, story, submit};

#[async_trait]
impl Mediation for House {
    async fn deliver(&self, context: &Context, supplier: DataSupplierId, content: Content) -> Result<Deposited, Problem> {
        keep::deliver(self, context, supplier, content).await
    }

    async fn submit(
        &self, context: &Context, key: &IdempotencyKey, batch: OrderBatch,
    ) -> Result<Vec<ItemResult<PaymentRef>>, Problem> {
        submit::submit(self, context, key, batch).await
    }

    async fn bank_answer(&self, context: &Context, bank: BankCode, content: Content) -> Result<BankAnswerReceipt, Problem> {
        settle::keep_answer(self, context, bank, content).await
    }

    async fn search(&self, context: &Context, search: PaymentSearch) -> Result<PaymentPage, Problem> {
        search::search(self, context, search).await
    }

    async fn states(&self, context: &Context, payments: Vec<PaymentRef>) -> Result<Vec<Option<PaymentState>>, Problem> {
        states::states(self, context, payments).await
    }

    async fn stop(
        &self, context: &Context, key: &IdempotencyKey, stops: Vec<StopRequest>,
    ) -> Result<Vec<ItemResult<Stopped>>, Problem> {
        stop::stop(self, context, key, stops).await
    }

    async fn story(&self, context: &Context, query: StoryQuery) -> Result<PaymentStory, Problem> {
        story::story(self, context, query).await
    }

    async fn accesses(&self, context: &Context, query: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
        accesses::accesses(self, context, query).await
    }

    async fn deliveries(&self, context: &Context, query: DeliveryQuery) -> Result<Vec<DeliverySummary>, Problem> {
        deliveries::deliveries(self, context, query).await
    }

    async fn note_taken(
        &self, context: &Context, key: &IdempotencyKey, note: TakenElsewhere,
    ) -> Result<Vec<ItemResult<TakenBy>>, Problem> {
        parallel::note_taken(self, context, key, note).await
    }

    async fn taken(&self, context: &Context, after: FeedAfter) -> Result<Vec<TakenDelivery>, Problem> {
        parallel::taken(self, context, after).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use contracts::conformance::mediation::{Given, all};
    use platform::rpc::RpcClient;
    use platform::serve::Door;
    use primitives::AgreementNumber;

    use crate::testing::{World, account, agreement, payer};
    use crate::{Remote, routes};

    /// A world with a second payer, and what the suite is to know of it.
    async fn given() -> (World, Given) {
        let world = World::new().await;
        let mut other = payer();
        other.agreement = AgreementNumber::parse("00000002").unwrap();
        let given = Given {
            payer: agreement(),
            debtor_account: account(900),
            on: jiff::civil::date(2026, 2, 16),
            other_payer: other.agreement,
        };
        world.parties.payers.lock().unwrap().push(other);
        (world, given)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_house_keeps_its_contract() {
        let (world, given) = given().await;
        all(&world.house, &given, 1).await;
        all(&world.house, &given, 2).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_house_keeps_its_contract_over_http() {
        let (world, given) = given().await;
        let door = Door::open("127.0.0.1:0".parse().unwrap(), None).await.unwrap();
        let remote = Remote::new(RpcClient::new(&door.url(), None).unwrap());
        tokio::spawn(door.serve(routes(Arc::new(world.house.clone())), std::future::pending()));
        all(&remote, &given, 1).await;
        all(&remote, &given, 2).await;
    }
}
