//! What every mediation must do, as far as its open interface shows it.

mod files;
mod parallel;

use jiff::civil::Date;
use primitives::{
    Account, AgreementNumber, Country, Currency, DanishAccount, DeliveryId, ForeignId, Identifier, Money, PaymentRef,
};
use uuid::Uuid;

use crate::{
    Actor, Context, IdempotencyKey, LegalBasis, Problem, ProblemCode, Purpose,
    mediation::{
        DeliveryQuery, DeliveryState, Mediation, OrderBatch, PaymentOrder, PaymentSearch, PaymentState, PaymentStory,
        StopRequest, StopTarget, Stopped, StoryQuery, Viewer,
    },
    parties::BenefitScope,
};

/// What the mediation must know before the suite runs.
#[derive(Clone, Debug)]
pub struct Given {
    /// A payer with an agreement in force.
    pub payer: AgreementNumber,
    /// One of its debtor accounts, in kroner.
    pub debtor_account: Account,
    /// A bank day within the payer's window, and far enough ahead that nothing leaves for the bank while the suite runs.
    pub on: Date,
    /// Another payer with an agreement in force.
    pub other_payer: AgreementNumber,
}

/// One run of the suite: `seed` makes its references, and must be another in each run against the same system.
struct Suite<'s, M: Mediation + ?Sized> {
    house: &'s M,
    given: &'s Given,
    seed: u64,
}

/// Runs the whole suite.
///
/// # Panics
/// When the implementation does not keep the contract.
pub async fn all<M: Mediation + ?Sized>(house: &M, given: &Given, seed: u64) {
    let suite = |part| Suite { house, given, seed: seed * 100 + part };
    suite(1).what_was_ordered_is_found().await;
    suite(2).orders_are_taken_once().await;
    suite(3).bad_orders_are_refused_one_by_one().await;
    suite(4).a_waiting_payment_can_be_stopped().await;
    suite(5).a_waiting_delivery_can_be_stopped().await;
    suite(6).stops_are_keyed_and_stay_with_the_payer().await;
    suite(7).the_story_is_for_those_with_a_right_to_it().await;
    suite(8).pages_follow_each_other().await;
    suite(9).searches_need_their_terms().await;
    suite(10).rights_are_kept().await;
    suite(11).deliveries_are_listed().await;
    suite(12).a_delivery_is_kept_whole().await;
    suite(13).a_stream_that_breaks_is_not_taken().await;
    suite(14).files_are_handed_in_by_their_owners().await;
    suite(15).an_unreadable_answer_changes_nothing().await;
    suite(16).a_delivery_is_noted_as_taken_once().await;
    suite(17).what_was_taken_is_read_in_order().await;
}

impl<M: Mediation + ?Sized> Suite<'_, M> {
    /// An order becomes a payment that is found by payer, payee and reference, and not by another payer.
    async fn what_was_ordered_is_found(&self) {
        let payment = self.order(1).await;
        for search in [
            PaymentSearch { payee: Some(self.payee(1)), ..self.of_payer() },
            PaymentSearch { end_to_end_id: Some(self.reference(1)), ..self.of_payer() },
            PaymentSearch { payer: None, payee: Some(self.payee(1)), ..self.of_payer() },
        ] {
            let found = self.find(search).await;
            assert_eq!(found, [payment], "the order is found");
        }
        let other = PaymentSearch { payer: Some(self.given.other_payer), payee: Some(self.payee(1)), ..self.of_payer() };
        assert_eq!(self.find(other).await, [], "another payer has not paid it");
        let states = PaymentSearch { states: vec![PaymentState::Sent], payee: Some(self.payee(1)), ..self.of_payer() };
        assert_eq!(self.find(states).await, [], "it has not been sent");
    }

    /// The same call again has no second effect; the same reference in another call is refused.
    async fn orders_are_taken_once(&self) {
        let batch = self.batch(vec![self.payment_order(1)]);
        let first = self.house.submit(&house(), &self.key("one"), batch.clone()).await.expect("orders are taken");
        let again = self.house.submit(&house(), &self.key("one"), batch).await.expect("a repeated call is answered");
        assert_eq!(first, again, "a repeated call gets the first answer");
        let other = self.house.submit(&house(), &self.key("one"), self.batch(vec![self.payment_order(2)])).await;
        assert_eq!(code(other), Some(ProblemCode::IdempotencyMismatch));
        let twice = self.house.submit(&house(), &self.key("two"), self.batch(vec![self.payment_order(1)])).await;
        assert!(twice.is_ok_and(|results| results[0].is_err()), "a reference is used once");
        assert_eq!(self.find(PaymentSearch { payee: Some(self.payee(1)), ..self.of_payer() }).await.len(), 1);
    }

    /// A bad order does not hold the good ones.
    async fn bad_orders_are_refused_one_by_one(&self) {
        let nothing = PaymentOrder { amount: Money::zero(Currency::DKK), ..self.payment_order(1) };
        let long = PaymentOrder { end_to_end_id: "X".repeat(36), ..self.payment_order(2) };
        let batch = self.batch(vec![nothing, self.payment_order(3), long]);
        let results = self.house.submit(&house(), &self.key("mixed"), batch).await.expect("the call is answered");
        let good: Vec<bool> = results.iter().map(Result::is_ok).collect();
        assert_eq!(good, [false, true, false]);
    }

    /// A stop is an effect that can be asked for again.
    async fn a_waiting_payment_can_be_stopped(&self) {
        let payment = self.order(1).await;
        for key in ["first", "second"] {
            let answer = self.stop(key, StopTarget::Payment { payment }).await.expect("the stop is answered");
            assert_eq!(answer, [Ok(Stopped { stopped: 1, too_late: 0 })]);
        }
        let story = self.story(payment, self.as_payer()).await.expect("the payer sees its payment");
        assert_eq!(story.summary.state, PaymentState::Stopped);
    }

    /// All payments of a delivery.
    async fn a_waiting_delivery_can_be_stopped(&self) {
        let batch = self.batch(vec![self.payment_order(1), self.payment_order(2)]);
        let results = self.house.submit(&house(), &self.key("both"), batch).await.expect("orders are taken");
        let payment = *results[0].as_ref().expect("the order is good");
        let delivery = self.story(payment, self.as_payer()).await.expect("the payer sees its payment").summary.delivery;
        let answer = self.stop("all", StopTarget::Delivery { delivery }).await.expect("the stop is answered");
        assert_eq!(answer, [Ok(Stopped { stopped: 2, too_late: 0 })]);
    }

    /// Same key, same answer; another payer's payment does not exist.
    async fn stops_are_keyed_and_stay_with_the_payer(&self) {
        let payment = self.order(1).await;
        let target = StopTarget::Payment { payment };
        let foreign = StopRequest { payer: self.given.other_payer, ..stop_request(self.given.payer, target) };
        let answer = self.house.stop(&house(), &self.key("foreign"), vec![foreign]).await.expect("the call is answered");
        assert_eq!(answer[0].as_ref().map_err(|problem| problem.code), Err(ProblemCode::NotFound));
        let nameless = StopRequest { reason: String::new(), ..stop_request(self.given.payer, target) };
        let answer = self.house.stop(&house(), &self.key("nameless"), vec![nameless]).await.expect("the call is answered");
        assert_eq!(answer[0].as_ref().map_err(|problem| problem.code), Err(ProblemCode::InvalidInput));
        let first = self.stop("key", target).await;
        assert_eq!(first, self.stop("key", target).await);
        let missing = StopTarget::Payment { payment: PaymentRef::new(i64::MAX, 0) };
        assert_eq!(code(self.stop("key", missing).await), Some(ProblemCode::IdempotencyMismatch));
        let answer = self.stop("missing", missing).await.expect("the call is answered");
        assert_eq!(answer[0].as_ref().map_err(|problem| problem.code), Err(ProblemCode::NotFound));
    }

    /// The payee and the payer see it; for everybody else it does not exist.
    async fn the_story_is_for_those_with_a_right_to_it(&self) {
        let payment = self.order(1).await;
        let own = self.story(payment, Viewer::Payee { identifier: self.payee(1) }).await.expect("the payee sees the payment");
        assert_eq!((own.summary.payment, own.summary.amount), (payment, self.payment_order(1).amount));
        assert!(own.steps.windows(2).all(|steps| steps[0].at <= steps[1].at), "what happened is told in its order");
        let nothing = BenefitScope::Only { benefits: Vec::new(), without: false };
        for viewer in [
            Viewer::Payee { identifier: self.payee(2) },
            Viewer::Payer { agreement: self.given.other_payer, scope: BenefitScope::All, units: vec![] },
            Viewer::Payer { agreement: self.given.payer, scope: nothing, units: vec![] },
        ] {
            assert_eq!(code(self.story(payment, viewer).await), Some(ProblemCode::NotFound));
        }
    }

    /// Without gap and without overlap, the newest first.
    async fn pages_follow_each_other(&self) {
        let order = |number| PaymentOrder { payee: self.payee(1), ..self.payment_order(number) };
        let batch = self.batch((1..=5).map(order).collect());
        let results = self.house.submit(&house(), &self.key("five"), batch).await.expect("orders are taken");
        let mut ordered: Vec<PaymentRef> = results.into_iter().map(|result| result.expect("the order is good")).collect();
        ordered.sort_unstable_by(|a, b| b.cmp(a));
        let mut search = PaymentSearch { payee: Some(self.payee(1)), limit: 2, ..self.of_payer() };
        let mut found = Vec::new();
        loop {
            let page = self.house.search(&house(), search.clone()).await.expect("the search is answered");
            found.extend(page.payments.iter().map(|payment| payment.payment));
            search.after = page.payments.last().map(|payment| payment.payment);
            if !page.more {
                break;
            }
        }
        assert_eq!(found, ordered);
    }

    /// Payer or payee, and a limit in its range.
    async fn searches_need_their_terms(&self) {
        for search in [
            PaymentSearch { payer: None, ..self.of_payer() },
            PaymentSearch { limit: 0, ..self.of_payer() },
            PaymentSearch { limit: 501, ..self.of_payer() },
        ] {
            assert_eq!(code(self.house.search(&house(), search).await), Some(ProblemCode::InvalidInput));
        }
    }

    /// Nobody acts for another.
    async fn rights_are_kept(&self) {
        let payment = self.order(1).await;
        let caseworker = context(Actor::Caseworker { user: "suite".to_owned(), authority: self.given.other_payer });
        assert_eq!(code(self.house.search(&caseworker, self.of_payer()).await), Some(ProblemCode::Forbidden));
        let request = stop_request(self.given.payer, StopTarget::Payment { payment });
        assert_eq!(code(self.house.stop(&caseworker, &self.key("c"), vec![request]).await), Some(ProblemCode::Forbidden));
        let payee = context(Actor::Payee { identifier: self.payee(2) });
        let search = PaymentSearch { payer: None, payee: Some(self.payee(1)), ..self.of_payer() };
        assert_eq!(code(self.house.search(&payee, search).await), Some(ProblemCode::Forbidden));
        let batch = self.batch(vec![self.payment_order(2)]);
        assert_eq!(code(self.house.submit(&caseworker, &self.key("s"), batch).await), Some(ProblemCode::Forbidden));
    }

    /// The newest first.
    async fn deliveries_are_listed(&self) {
        let payment = self.order(1).await;
        let delivery = self.story(payment, self.as_payer()).await.expect("the payer sees its payment").summary.delivery;
        let query = |limit| DeliveryQuery { payer: self.given.payer, limit };
        let listed = self.house.deliveries(&house(), query(500)).await.expect("the list is answered");
        let found = listed.iter().find(|summary| summary.delivery == delivery).expect("the delivery is listed");
        assert_eq!((found.state, found.payments, found.rejected), (DeliveryState::Received, 1, 0));
        let ids: Vec<DeliveryId> = listed.iter().map(|summary| summary.delivery).collect();
        assert!(ids.is_sorted_by(|a, b| a > b), "the newest first");
        assert_eq!(code(self.house.deliveries(&house(), query(0)).await), Some(ProblemCode::InvalidInput));
    }

    async fn order(&self, number: u64) -> PaymentRef {
        let batch = self.batch(vec![self.payment_order(number)]);
        let results = self.house.submit(&house(), &self.key("order"), batch).await.expect("orders are taken");
        *results[0].as_ref().expect("the order is good")
    }

    async fn find(&self, search: PaymentSearch) -> Vec<PaymentRef> {
        let page = self.house.search(&house(), search).await.expect("the search is answered");
        page.payments.into_iter().map(|payment| payment.payment).collect()
    }

    async fn stop(&self, key: &str, target: StopTarget) -> Result<Vec<Result<Stopped, Problem>>, Problem> {
        self.house.stop(&house(), &self.key(key), vec![stop_request(self.given.payer, target)]).await
    }

    async fn story(&self, payment: PaymentRef, viewer: Viewer) -> Result<PaymentStory, Problem> {
        self.house.story(&house(), StoryQuery { payment, viewer }).await
    }

    fn as_payer(&self) -> Viewer {
        Viewer::Payer { agreement: self.given.payer, scope: BenefitScope::All, units: vec![] }
    }

    fn of_payer(&self) -> PaymentSearch {
        PaymentSearch { payer: Some(self.given.payer), limit: 100, ..PaymentSearch::default() }
    }

    fn batch(&self, orders: Vec<PaymentOrder>) -> OrderBatch {
        OrderBatch { payer: self.given.payer, debtor_account: self.given.debtor_account.clone(), on: self.given.on, orders }
    }

    /// A complete order, so that the register need not know the payee.
    fn payment_order(&self, number: u64) -> PaymentOrder {
        PaymentOrder {
            end_to_end_id: self.reference(number),
            payee: self.payee(number),
            amount: Money::new(12_345, Currency::DKK),
            benefit: None,
            account: Some(DanishAccount::new("0040", "0440116243").expect("a published example").into()),
            exempt_from_setoff: true,
            text: None,
        }
    }

    fn reference(&self, number: u64) -> String {
        format!("S{}-{number}", self.seed)
    }

    /// A payee of the suite's own: a foreign number, so that it is nobody's.
    fn payee(&self, number: u64) -> Identifier {
        let country = Country::parse("SE").expect("a country");
        Identifier::Foreign(ForeignId::new(country, "SUITE", format!("{}-{number}", self.seed)).expect("a short number"))
    }

    fn key(&self, name: &str) -> IdempotencyKey {
        IdempotencyKey::new(format!("suite-{}-{name}", self.seed)).expect("a short key")
    }
}

fn stop_request(payer: AgreementNumber, target: StopTarget) -> StopRequest {
    StopRequest { target, payer, reason: "The suite stops it".to_owned() }
}

fn house() -> Context {
    context(Actor::House { name: "suite".to_owned() })
}

fn context(actor: Actor) -> Context {
    Context {
        actor,
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov 696/2025").expect("a short text"),
        purpose: Purpose::new("conformance").expect("a short text"),
        trace: Uuid::nil(),
        acting: None,
    }
}

fn code<T>(result: Result<T, Problem>) -> Option<ProblemCode> {
    result.err().map(|problem| problem.code)
}
