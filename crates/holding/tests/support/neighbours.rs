//! A register and a mediation of the test's own, in memory. They keep what their contracts promise to this house: a gapless feed, and a
//! submission that has its effect once. What this house never calls is refused.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use contracts::{
    Context, IdempotencyKey, ItemResult, Problem, ProblemCode,
    mediation::{
        BankAnswerReceipt, Content, DeliveryQuery, DeliverySummary, Deposited, Mediation, OrderBatch, PaymentOrder, PaymentPage,
        PaymentSearch, PaymentState, PaymentStory, PaymentSummary, StopRequest, Stopped, StoryQuery, TakenBy, TakenDelivery,
        TakenElsewhere,
    },
    register::{
        AccessQuery, AccessRecord, AccountPurpose, Activation, Designation, DesignationReceipt, EndDesignation, FeedAfter,
        HistoryEntry, HistoryQuery, Holder, HolderRecord, Register, RegisterEvent, RegisterFeedItem, Resolution, ResolveAnswer,
        ResolveRequest, ResolvedAccount,
    },
};
use jiff::{Timestamp, civil::Date};
use primitives::{Account, BankCode, DataSupplierId, DeliveryId, EntryRef, FeedPosition, HolderRef, Identifier, PaymentRef};
use tokio::sync::Notify;

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
    /// By position, each with its epoch.
    feed: Vec<(i32, RegisterEvent)>,
    /// How often the register was restored.
    restores: i32,
    accounts: HashMap<Identifier, (HolderRef, Date)>,
    asked: Vec<ResolveRequest>,
    held: Option<Arc<Notify>>,
    away: bool,
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
        let mut state = lock(&self.0);
        let epoch = 1 + state.restores;
        state.feed.push((epoch, event));
    }

    /// The next lookup is answered as things stand when it comes, but the answer is on its way until it is let go.
    pub fn hold_next_answer(&self) -> Arc<Notify> {
        Arc::clone(lock(&self.0).held.insert(Arc::default()))
    }

    /// Whether lookups are answered by `UNAVAILABLE`.
    pub fn away(&self, away: bool) {
        lock(&self.0).away = away;
    }

    /// The register is restored from a backup: it has lost its last facts.
    pub fn restore(&self, lost: usize) {
        let mut state = lock(&self.0);
        let kept = state.feed.len() - lost;
        state.feed.truncate(kept);
        state.restores += 1;
    }

    /// The lookups that were made.
    pub fn asked(&self) -> Vec<ResolveRequest> {
        lock(&self.0).asked.clone()
    }
}

impl RegistryState {
    fn resolve(&mut self, request: ResolveRequest) -> Result<(ResolveAnswer, Option<Arc<Notify>>), Problem> {
        if self.away {
            return Err(Problem::unavailable());
        }
        let resolutions = request
            .payees
            .iter()
            .map(|payee| match self.accounts.get(&payee.identifier) {
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
        self.asked.push(request);
        Ok((ResolveAnswer { as_known: Timestamp::UNIX_EPOCH, resolutions, replaced: vec![] }, self.held.take()))
    }
}

#[async_trait]
impl Register for Registry {
    async fn resolve(&self, _: &Context, request: ResolveRequest) -> Result<ResolveAnswer, Problem> {
        let (answer, held) = lock(&self.0).resolve(request)?;
        if let Some(held) = held {
            held.notified().await;
        }
        Ok(answer)
    }

    async fn feed(&self, _: &Context, after: FeedAfter) -> Result<Vec<RegisterFeedItem>, Problem> {
        let state = lock(&self.0);
        if after.after.get() > state.feed.len() as i64 {
            return Err(refusal(ProblemCode::Conflict));
        }
        Ok((1..)
            .zip(&state.feed)
            .filter(|(position, _)| *position > after.after.get())
            .take(after.limit as usize)
            .map(|(position, (epoch, event))| RegisterFeedItem {
                position: FeedPosition(position),
                epoch: *epoch,
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
    refused_batches: Vec<ProblemCode>,
    last_day: Option<Date>,
    lost_answers: u32,
    asked: Vec<usize>,
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

    /// What the bank has accepted comes back to it.
    pub fn bank_returns(&self) {
        let mut mediator = lock(&self.0);
        mediator
            .payments
            .iter_mut()
            .filter(|(payment, _)| payment.state == PaymentState::Accepted)
            .for_each(|(payment, _)| payment.state = PaymentState::Rejected);
    }

    /// The next submissions are refused, whole, with these codes.
    pub fn refuse_batches(&self, codes: &[ProblemCode]) {
        lock(&self.0).refused_batches = codes.to_vec();
    }

    /// Batches for a later day are refused.
    pub fn take_until(&self, day: Date) {
        lock(&self.0).last_day = Some(day);
    }

    /// Orders to this payee are refused.
    pub fn refuse(&self, payee: Identifier) {
        lock(&self.0).refused.insert(payee);
    }

    /// The next answers of a submission are lost after it took effect.
    pub fn lose_answers(&self, count: u32) {
        lock(&self.0).lost_answers = count;
    }

    /// About how many payments each question was.
    pub fn asked(&self) -> Vec<usize> {
        lock(&self.0).asked.clone()
    }

    /// What was submitted, in order.
    pub fn payments(&self) -> Vec<(PaymentSummary, PaymentOrder)> {
        lock(&self.0).payments.clone()
    }
}

fn refusal(code: ProblemCode) -> Problem {
    Problem::new(code, "Afvist.", "Refused.")
}

impl MediatorState {
    fn take(&mut self, batch: &OrderBatch, order: &PaymentOrder) -> ItemResult<PaymentRef> {
        if self.refused.contains(&order.payee) {
            return Err(refusal(ProblemCode::InvalidInput));
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
            None if state.last_day.is_some_and(|last| batch.on > last) => return Err(refusal(ProblemCode::InvalidInput)),
            None if !state.refused_batches.is_empty() => return Err(refusal(state.refused_batches.remove(0))),
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

    async fn states(&self, _: &Context, payments: Vec<PaymentRef>) -> Result<Vec<Option<PaymentState>>, Problem> {
        let mut mediator = lock(&self.0);
        mediator.asked.push(payments.len());
        let state =
            |wanted| mediator.payments.iter().find(|(payment, _)| payment.payment == wanted).map(|(payment, _)| payment.state);
        Ok(payments.into_iter().map(state).collect())
    }

    async fn search(&self, _: &Context, _: PaymentSearch) -> Result<PaymentPage, Problem> {
        not_asked()
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

    async fn note_taken(&self, _: &Context, _: &IdempotencyKey, _: TakenElsewhere) -> Result<Vec<ItemResult<TakenBy>>, Problem> {
        not_asked()
    }

    async fn taken(&self, _: &Context, _: FeedAfter) -> Result<Vec<TakenDelivery>, Problem> {
        not_asked()
    }
}
