//! A register and a mediation of the test's own, in memory. They keep what their contracts promise to this house: a gapless feed, and a
//! submission that has its effect once. What this house never calls is refused.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use contracts::{
    Context, IdempotencyKey, ItemResult, Problem, ProblemCode,
    mediation::{
        BankAnswerReceipt, Content, DeliveryQuery, DeliverySummary, Deposited, Mediation, OrderBatch, PaymentOrder, PaymentPage,
        PaymentSearch, PaymentState, PaymentStory, PaymentSummary, StopRequest, Stopped, StoryQuery,
    },
    register::{
        AccessQuery, AccessRecord, AccountPurpose, Activation, Designation, DesignationReceipt, EndDesignation, FeedAfter,
        HistoryEntry, HistoryQuery, Holder, HolderRecord, Register, RegisterEvent, RegisterFeedItem, Resolution, ResolveAnswer,
        ResolveRequest, ResolvedAccount,
    },
};
use jiff::{Timestamp, civil::Date};
use primitives::{Account, BankCode, DataSupplierId, DeliveryId, EntryRef, FeedPosition, HolderRef, Identifier, PaymentRef};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn not_asked<T>() -> Result<T, Problem> {
    Err(Problem::new(ProblemCode::Forbidden, "Ventekontoen har ikke brug for dette.", "The holding account has no need of this."))
}

/// The register: who has an account, and the feed that tells of it.
#[derive(Default)]
pub struct Registry(Mutex<RegistryState>);

#[derive(Default)]
struct RegistryState {
    feed: Vec<RegisterEvent>,
    accounts: HashMap<Identifier, (HolderRef, Date)>,
    asked: Vec<ResolveRequest>,
}

impl Registry {
    /// The holder has designated a NemKonto from this day on: told by the feed.
    pub fn designate(&self, holder: HolderRef, identifier: Identifier, effective_from: Date) {
        self.known(holder, identifier.clone(), effective_from);
        self.tell(RegisterEvent::AccountDesignated {
            holder,
            identifier,
            purpose: AccountPurpose::NemKonto,
            entry: EntryRef(1),
            effective_from,
        });
    }

    /// The holder has an account from this day on: the feed says nothing, or has said it before.
    pub fn known(&self, holder: HolderRef, identifier: Identifier, effective_from: Date) {
        lock(&self.0).accounts.insert(identifier, (holder, effective_from));
    }

    pub fn tell(&self, event: RegisterEvent) {
        lock(&self.0).feed.push(event);
    }

    /// The lookups that were made.
    pub fn asked(&self) -> Vec<ResolveRequest> {
        lock(&self.0).asked.clone()
    }
}

#[async_trait]
impl Register for Registry {
    async fn resolve(&self, _: &Context, request: ResolveRequest) -> Result<ResolveAnswer, Problem> {
        let mut state = lock(&self.0);
        let resolutions = request
            .payees
            .iter()
            .map(|payee| match state.accounts.get(&payee.identifier) {
                Some((holder, from)) if *from <= request.on => Resolution::Found(ResolvedAccount {
                    holder: *holder,
                    entry: EntryRef(1),
                    account: Account::from_canonical("DK|0040|0440116243").unwrap(),
                    specific: false,
                    by_fallback: false,
                }),
                Some((holder, _)) => Resolution::NoAccount { holder: *holder },
                None => Resolution::Unknown,
            })
            .collect();
        state.asked.push(request);
        Ok(ResolveAnswer { as_known: Timestamp::UNIX_EPOCH, resolutions, replaced: vec![] })
    }

    async fn feed(&self, _: &Context, after: FeedAfter) -> Result<Vec<RegisterFeedItem>, Problem> {
        let state = lock(&self.0);
        Ok((1..)
            .zip(&state.feed)
            .filter(|(position, _)| *position > after.after.get())
            .take(after.limit as usize)
            .map(|(position, event)| RegisterFeedItem {
                position: FeedPosition(position),
                at: Timestamp::UNIX_EPOCH,
                event: event.clone(),
            })
            .collect())
    }

    async fn record_holders(
        &self, _: &Context, _: &IdempotencyKey, _: Vec<HolderRecord>,
    ) -> Result<Vec<ItemResult<HolderRef>>, Problem> {
        not_asked()
    }

    async fn holders(&self, _: &Context, _: Vec<Identifier>) -> Result<Vec<Option<Holder>>, Problem> {
        not_asked()
    }

    async fn designate(
        &self, _: &Context, _: &IdempotencyKey, _: Vec<Designation>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem> {
        not_asked()
    }

    async fn activate(
        &self, _: &Context, _: &IdempotencyKey, _: Vec<Activation>,
    ) -> Result<Vec<ItemResult<DesignationReceipt>>, Problem> {
        not_asked()
    }

    async fn end(&self, _: &Context, _: &IdempotencyKey, _: Vec<EndDesignation>) -> Result<Vec<ItemResult<EntryRef>>, Problem> {
        not_asked()
    }

    async fn history(&self, _: &Context, _: HistoryQuery) -> Result<Vec<HistoryEntry>, Problem> {
        not_asked()
    }

    async fn accesses(&self, _: &Context, _: AccessQuery) -> Result<Vec<AccessRecord>, Problem> {
        not_asked()
    }
}

/// Mediation: takes orders once, and says of each what the test has the bank say.
#[derive(Default)]
pub struct Mediator(Mutex<MediatorState>);

#[derive(Default)]
struct MediatorState {
    batches: HashMap<String, (OrderBatch, Vec<ItemResult<PaymentRef>>)>,
    payments: Vec<(PaymentSummary, PaymentOrder)>,
    refused: HashSet<Identifier>,
    lost_answers: u32,
}

impl Mediator {
    /// Every payment under way gets this state.
    pub fn bank_says(&self, state: PaymentState) {
        let mut mediator = lock(&self.0);
        mediator
            .payments
            .iter_mut()
            .filter(|(payment, _)| payment.state == PaymentState::Waiting)
            .for_each(|(payment, _)| payment.state = state);
    }

    /// Orders to this payee are refused.
    pub fn refuse(&self, payee: Identifier) {
        lock(&self.0).refused.insert(payee);
    }

    /// The next answers of a submission are lost after it took effect.
    pub fn lose_answers(&self, count: u32) {
        lock(&self.0).lost_answers = count;
    }

    /// What was submitted, in order.
    pub fn payments(&self) -> Vec<(PaymentSummary, PaymentOrder)> {
        lock(&self.0).payments.clone()
    }
}

impl MediatorState {
    fn take(&mut self, batch: &OrderBatch, order: &PaymentOrder) -> ItemResult<PaymentRef> {
        if self.refused.contains(&order.payee) {
            return Err(Problem::new(ProblemCode::InvalidInput, "Afvist.", "Refused."));
        }
        let row = i32::try_from(self.payments.len()).unwrap();
        let summary = PaymentSummary {
            payment: PaymentRef::new(900, row),
            delivery: DeliveryId(1),
            payer: batch.payer,
            payee: Some(order.payee.clone()),
            end_to_end_id: order.end_to_end_id.clone(),
            benefit: order.benefit,
            amount: order.amount,
            on: batch.on,
            state: PaymentState::Waiting,
        };
        self.payments.push((summary.clone(), order.clone()));
        Ok(summary.payment)
    }
}

#[async_trait]
impl Mediation for Mediator {
    async fn submit(&self, _: &Context, key: &IdempotencyKey, batch: OrderBatch) -> Result<Vec<ItemResult<PaymentRef>>, Problem> {
        let mut state = lock(&self.0);
        let answer = match state.batches.get(key.as_str()).cloned() {
            Some((same, answer)) if same == batch => answer,
            Some(_) => return Err(Problem::idempotency_mismatch()),
            None => {
                let answer: Vec<_> = batch.orders.iter().map(|order| state.take(&batch, order)).collect();
                state.batches.insert(key.as_str().to_owned(), (batch, answer.clone()));
                answer
            }
        };
        if state.lost_answers > 0 {
            state.lost_answers -= 1;
            return Err(Problem::unavailable());
        }
        Ok(answer)
    }

    async fn search(&self, _: &Context, search: PaymentSearch) -> Result<PaymentPage, Problem> {
        let state = lock(&self.0);
        let payments = state
            .payments
            .iter()
            .map(|(payment, _)| payment)
            .filter(|payment| search.payer.is_none_or(|payer| payer == payment.payer))
            .filter(|payment| search.end_to_end_id.as_ref().is_none_or(|id| *id == payment.end_to_end_id))
            .take(search.limit as usize)
            .cloned()
            .collect();
        Ok(PaymentPage { payments, more: false })
    }

    async fn deliver(&self, _: &Context, _: DataSupplierId, _: Content) -> Result<Deposited, Problem> {
        not_asked()
    }

    async fn bank_answer(&self, _: &Context, _: BankCode, _: Content) -> Result<BankAnswerReceipt, Problem> {
        not_asked()
    }

    async fn stop(&self, _: &Context, _: &IdempotencyKey, _: Vec<StopRequest>) -> Result<Vec<ItemResult<Stopped>>, Problem> {
        not_asked()
    }

    async fn story(&self, _: &Context, _: StoryQuery) -> Result<PaymentStory, Problem> {
        not_asked()
    }

    async fn deliveries(&self, _: &Context, _: DeliveryQuery) -> Result<Vec<DeliverySummary>, Problem> {
        not_asked()
    }
}
