//! What every set-off must do.

use std::time::Duration;

use jiff::civil::{Date, date};
use primitives::{
    AgreementNumber, BenefitCode, Country, Currency, FeedPosition, ForeignId, Identifier, LegRef, Money, PaymentRef,
};
use uuid::Uuid;

use crate::{
    Actor, Context, IdempotencyKey, LegalBasis, Problem, ProblemCode, Purpose,
    register::FeedAfter,
    setoff::{Advice, BenefitRule, MarkerAction, MarkerChange, MarkerScope, Payout, Setoff, SetoffAnswer, SetoffRequest},
};

/// How often an advice is looked for, and how long between: an advice may follow its posting.
const LOOKS: u32 = 100;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// One run of the suite: `seed` makes its numbers, and must be another in each run against the same system.
struct Suite<'s, S: Setoff + ?Sized> {
    house: &'s S,
    seed: i64,
}

/// Runs the whole suite.
///
/// # Panics
/// When the implementation does not keep the contract.
pub async fn all<S: Setoff + ?Sized>(house: &S, seed: i64) {
    let suite = |part| Suite { house, seed: seed * 100 + part };
    suite(1).a_payout_with_a_marker_is_redirected().await;
    suite(2).every_scope_catches_what_it_names().await;
    suite(3).markers_apply_on_their_days().await;
    suite(4).benefits_out_of_set_off_are_paid().await;
    suite(5).an_exempt_payout_is_paid().await;
    suite(6).a_leg_is_reserved_once().await;
    suite(7).repeated_calls_get_the_first_answer().await;
    suite(8).a_reservation_ends_once().await;
    suite(9).an_advice_follows_each_posting_in_order().await;
    suite(10).bad_input_is_refused().await;
    suite(11).rights_are_kept().await;
    suite(12).a_redirect_whose_money_goes_back_is_taken_back().await;
    suite(13).a_leg_voided_before_it_is_reserved_stays_void().await;
}

const DAY: Date = date(2026, 3, 2);

impl<S: Setoff + ?Sized> Suite<'_, S> {
    /// A payee with a marker is redirected, another is not, and the answer names the place of the first.
    async fn a_payout_with_a_marker_is_redirected(&self) {
        self.mark(1, MarkerScope::Common).await;
        let answer = self.reserve("a", vec![self.payout(2), self.payout(1)]).await;
        assert_eq!(indexes(&answer), [1], "only the payee with a marker is redirected");
    }

    /// The four scopes of the marker list.
    async fn every_scope_catches_what_it_names(&self) {
        let own = payer();
        let other = AgreementNumber::parse("99999998").expect("eight digits");
        self.mark(1, MarkerScope::General { payer: None }).await;
        self.mark(2, MarkerScope::General { payer: Some(own) }).await;
        self.mark(3, MarkerScope::General { payer: Some(other) }).await;
        self.mark(4, MarkerScope::Common).await;
        self.mark(5, MarkerScope::Internal { payer: own, benefit: self.benefit("A") }).await;
        self.mark(6, MarkerScope::Internal { payer: own, benefit: self.benefit("B") }).await;
        self.mark(7, MarkerScope::Internal { payer: other, benefit: self.benefit("A") }).await;
        self.mark(8, MarkerScope::AssignmentOrLevy).await;
        let payouts = (1..=8).map(|n| Payout { benefit: Some(self.benefit("A")), ..self.payout(n) }).collect();
        let answer = self.reserve("scopes", payouts).await;
        assert_eq!(
            indexes(&answer),
            [0, 1, 3, 4, 7],
            "general, general for the payer, common, internal and assignment catch the payout"
        );
    }

    /// A marker applies from its first day until it is removed.
    async fn markers_apply_on_their_days(&self) {
        let from = date(2026, 3, 10);
        let removed = date(2026, 3, 20);
        let change = |action, from| MarkerChange { action, from, ..self.marker(1, MarkerScope::Common) };
        self.put("set", vec![change(MarkerAction::Set, from)]).await;
        self.put("remove", vec![change(MarkerAction::Remove, removed)]).await;
        for (n, on, caught) in
            [(11, date(2026, 3, 9), false), (12, from, true), (13, date(2026, 3, 19), true), (14, removed, false)]
        {
            let payout = Payout { leg: self.leg(n), ..self.payout(1) };
            let request = SetoffRequest { payer: payer(), on, payouts: vec![payout] };
            let answer =
                self.house.reserve(&mediation(), &self.key(&format!("on-{n}")), request).await.expect("a match is answered");
            assert_eq!(!answer.redirects.is_empty(), caught, "a marker applies on its days only");
        }
        let again = self.house.put_markers(&authority(), &self.key("again"), vec![change(MarkerAction::Remove, removed)]).await;
        let refused = again.expect("the list is answered").remove(0).expect_err("there is nothing left to remove");
        assert_eq!(refused.code, ProblemCode::NotFound, "removing what is not there is refused for that customer");
    }

    /// A benefit that takes no part is out of reach of general and common markers, from the rule's day on.
    async fn benefits_out_of_set_off_are_paid(&self) {
        let benefit = self.benefit("C");
        let rule = |takes_part, from| BenefitRule { benefit, takes_part, from, source: "conformance suite".to_owned() };
        let rules = vec![rule(false, DAY), rule(true, date(2026, 4, 1))];
        let results = self.house.put_benefit_rules(&authority(), &self.key("rules"), rules).await.expect("rules are taken");
        assert!(results.iter().all(Result::is_ok), "each rule is taken");
        self.mark(1, MarkerScope::General { payer: None }).await;
        self.mark(2, MarkerScope::Internal { payer: payer(), benefit }).await;
        self.mark(3, MarkerScope::AssignmentOrLevy).await;
        for (slot, on, expect) in [
            (0, date(2026, 3, 1), vec![0, 1, 2]),
            (10, DAY, vec![1, 2]),
            (20, date(2026, 3, 31), vec![1, 2]),
            (30, date(2026, 4, 1), vec![0, 1, 2]),
        ] {
            let payouts = (1..=3).map(|n| Payout { leg: self.leg(slot + n), benefit: Some(benefit), ..self.payout(n) }).collect();
            let request = SetoffRequest { payer: payer(), on, payouts };
            let answer =
                self.house.reserve(&mediation(), &self.key(&format!("rule-{slot}")), request).await.expect("a match is answered");
            assert_eq!(indexes(&answer), expect, "the rule in force on the day decides");
        }
    }

    /// A payout the recovery authority itself makes is not caught by its own marker.
    async fn an_exempt_payout_is_paid(&self) {
        self.mark(1, MarkerScope::AssignmentOrLevy).await;
        let answer = self.reserve("exempt", vec![Payout { exempt: true, ..self.payout(1) }]).await;
        assert!(answer.redirects.is_empty(), "an exempt payout is paid");
    }

    /// A leg asked about again, under another key, keeps its reservation, also when the marker is gone; another payout of the leg is refused.
    async fn a_leg_is_reserved_once(&self) {
        self.mark(1, MarkerScope::Common).await;
        let first = self.reserve("first", vec![self.payout(1)]).await;
        let remove = MarkerChange { action: MarkerAction::Remove, ..self.marker(1, MarkerScope::Common) };
        self.put("gone", vec![remove]).await;
        let second = self.reserve("second", vec![self.payout(2), self.payout(1)]).await;
        assert_eq!(second.redirects.len(), 1, "the leg keeps its reservation");
        assert_eq!(second.redirects[0].index, 1, "the answer counts places of the second request");
        assert_eq!(second.redirects[0].reservation, first.redirects[0].reservation, "one reservation per leg");
        let other = Payout { amount: Money::new(1, Currency::DKK), ..self.payout(1) };
        let problem = self.try_reserve("other", vec![other]).await.expect_err("the leg is reserved with another amount");
        assert_eq!(problem.code, ProblemCode::Conflict, "a leg stands for one payout");
    }

    /// The same key with the same input gets the same answer, with other input it is refused.
    async fn repeated_calls_get_the_first_answer(&self) {
        self.mark(1, MarkerScope::Common).await;
        let first = self.reserve("same", vec![self.payout(1)]).await;
        assert_eq!(self.reserve("same", vec![self.payout(1)]).await, first, "the same call has the same answer");
        let problem = self.try_reserve("same", vec![self.payout(2)]).await.expect_err("the key is used");
        assert_eq!(problem.code, ProblemCode::IdempotencyMismatch, "the key stands for its input");
        let posted = self.house.post(&mediation(), &self.key("post"), vec![self.leg(1)]).await;
        assert_eq!(
            posted,
            self.house.post(&mediation(), &self.key("post"), vec![self.leg(1)]).await,
            "the same call has the same answer"
        );
    }

    /// Posting and voiding: each may be repeated, neither undoes the other, and what is not reserved is not found.
    async fn a_reservation_ends_once(&self) {
        self.mark(1, MarkerScope::Common).await;
        self.mark(2, MarkerScope::Common).await;
        let answer = self.reserve("two", vec![self.payout(1), self.payout(2)]).await;
        let reservation = |n: usize| Ok(answer.redirects[n].reservation);
        let legs = vec![self.leg(1), self.leg(9)];
        let posted = self.house.post(&mediation(), &self.key("post"), legs.clone()).await.expect("posting is answered");
        assert_eq!(posted[0], reservation(0), "the reservation is posted");
        assert_eq!(code(&posted[1]), Some(ProblemCode::NotFound), "a leg that was not redirected has no reservation");
        let again = self.house.post(&mediation(), &self.key("again"), legs).await.expect("posting is answered");
        assert_eq!(again[0], reservation(0), "posting twice is posting once");
        let both = vec![self.leg(1), self.leg(2)];
        let voided = self.house.void(&mediation(), &self.key("void"), both.clone()).await.expect("voiding is answered");
        assert_eq!(code(&voided[0]), Some(ProblemCode::Conflict), "what is posted cannot be voided");
        assert_eq!(voided[1], reservation(1), "the other is voided");
        let late = self.house.post(&mediation(), &self.key("late"), both).await.expect("posting is answered");
        assert_eq!(late[0], reservation(0));
        assert_eq!(code(&late[1]), Some(ProblemCode::Conflict), "what is voided cannot be posted");
    }

    /// One advice per posted reservation, in the order of posting, with what the recovery authority needs to know.
    async fn an_advice_follows_each_posting_in_order(&self) {
        for n in 1..=3 {
            self.mark(n, MarkerScope::Common).await;
        }
        let payouts: Vec<Payout> = (1..=3).map(|n| self.payout(n)).collect();
        let answer = self.reserve("three", payouts.clone()).await;
        for legs in [vec![self.leg(3), self.leg(1)], vec![self.leg(1)]] {
            let key = self.key(&format!("post-{}", legs.len()));
            self.house.post(&mediation(), &key, legs).await.expect("posting is answered");
        }
        self.house.void(&mediation(), &self.key("void"), vec![self.leg(2)]).await.expect("voiding is answered");
        let advices = self.advices_for(&[self.leg(3), self.leg(1)]).await;
        for (advice, place) in advices.iter().zip([2, 0]) {
            let payout = &payouts[place];
            assert_eq!((&advice.payee, advice.amount, advice.payer, advice.on), (&payout.payee, payout.amount, payer(), DAY));
            assert_eq!(advice.reservation, answer.redirects[place].reservation, "the advice names the reservation");
        }
        assert!(advices[0].position < advices[1].position, "positions follow posting");
    }

    /// Reversing voids what is reserved and takes back, by a contra-advice, what is posted; it may be repeated.
    async fn a_redirect_whose_money_goes_back_is_taken_back(&self) {
        self.mark(1, MarkerScope::Common).await;
        self.mark(2, MarkerScope::Common).await;
        let answer = self.reserve("two", vec![self.payout(1), self.payout(2)]).await;
        let reservation = |n: usize| Ok(answer.redirects[n].reservation);
        self.house.post(&mediation(), &self.key("post"), vec![self.leg(1)]).await.expect("posting is answered");
        let legs = vec![self.leg(1), self.leg(2), self.leg(9)];
        for key in ["reverse", "again"] {
            let reversed = self.house.reverse(&mediation(), &self.key(key), legs.clone()).await.expect("reversing is answered");
            assert_eq!(reversed[..2], [reservation(0), reservation(1)], "what was posted and what was reserved is reversed");
            assert_eq!(code(&reversed[2]), Some(ProblemCode::NotFound), "a leg that was not redirected has no reservation");
        }
        let late = self.house.post(&mediation(), &self.key("late"), vec![self.leg(2)]).await.expect("posting is answered");
        assert_eq!(code(&late[0]), Some(ProblemCode::Conflict), "what is voided cannot be posted");
        let advices = self.advices_for(&[self.leg(1), self.leg(1)]).await;
        assert_eq!(
            advices.iter().map(|advice| advice.reversal).collect::<Vec<_>>(),
            [false, true],
            "told once, and taken back once"
        );
        assert_eq!((advices[0].reservation, advices[0].amount), (advices[1].reservation, advices[1].amount));
    }

    /// A match that is late, after its leg was voided, reserves nothing.
    async fn a_leg_voided_before_it_is_reserved_stays_void(&self) {
        self.mark(1, MarkerScope::Common).await;
        let voided = self.house.void(&mediation(), &self.key("void"), vec![self.leg(1)]).await.expect("voiding is answered");
        assert_eq!(code(&voided[0]), Some(ProblemCode::NotFound), "there is nothing to void");
        let problem = self.try_reserve("late", vec![self.payout(1)]).await.expect_err("the leg is finished");
        assert_eq!(problem.code, ProblemCode::Conflict);
    }

    /// Amounts that are not positive, and legs named twice, are refused with the field.
    async fn bad_input_is_refused(&self) {
        let zero = Payout { amount: Money::new(0, Currency::DKK), ..self.payout(1) };
        let problem = self.try_reserve("zero", vec![zero]).await.expect_err("nothing cannot be redirected");
        assert_eq!(problem.code, ProblemCode::InvalidInput, "an amount is positive");
        assert!(problem.field.is_some(), "the field is named");
        let problem = self.try_reserve("twice", vec![self.payout(1), self.payout(1)]).await.expect_err("one leg twice");
        assert_eq!(problem.code, ProblemCode::InvalidInput, "a leg stands once in a call");
        let feed = self.house.advices(&authority(), FeedAfter { after: FeedPosition(0), limit: 0 }).await;
        assert_eq!(feed.expect_err("nothing is asked for").code, ProblemCode::InvalidInput, "a limit is positive");
    }

    /// Markers are the recovery authority's, matching is mediation's.
    async fn rights_are_kept(&self) {
        let change = self.marker(1, MarkerScope::Common);
        let put = self.house.put_markers(&mediation(), &self.key("put"), vec![change]).await;
        assert_eq!(put.expect_err("mediation sets no markers").code, ProblemCode::Forbidden);
        let request = SetoffRequest { payer: payer(), on: DAY, payouts: vec![self.payout(1)] };
        let matched = self.house.reserve(&authority(), &self.key("match"), request).await;
        assert_eq!(matched.expect_err("the recovery authority matches no payouts").code, ProblemCode::Forbidden);
        let feed = self.house.advices(&mediation(), FeedAfter { after: FeedPosition(0), limit: 1 }).await;
        assert_eq!(feed.expect_err("advices are the recovery authority's").code, ProblemCode::Forbidden);
    }

    async fn advices_for(&self, legs: &[LegRef]) -> Vec<Advice> {
        for _ in 0..LOOKS {
            let found: Vec<Advice> =
                self.all_advices().await.into_iter().filter(|advice| advice.leg.payment.slice == self.seed).collect();
            if found.len() >= legs.len() {
                assert!(
                    found.iter().map(|advice| advice.leg).eq(legs.iter().copied()),
                    "one advice per posted leg, in posting order"
                );
                return found;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        panic!("no advice has come for what was posted");
    }

    async fn all_advices(&self) -> Vec<Advice> {
        let mut all: Vec<Advice> = Vec::new();
        loop {
            let after = all.last().map_or(FeedPosition(0), |advice| advice.position);
            let page = self.house.advices(&authority(), FeedAfter { after, limit: 2 }).await.expect("advices are given");
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }

    async fn mark(&self, payee: i32, scope: MarkerScope) {
        let key = format!("mark-{payee}");
        self.put(&key, vec![self.marker(payee, scope)]).await;
    }

    async fn put(&self, key: &str, changes: Vec<MarkerChange>) {
        let results = self.house.put_markers(&authority(), &self.key(key), changes).await.expect("the list is taken");
        assert!(results.iter().all(Result::is_ok), "each change is taken");
    }

    async fn reserve(&self, key: &str, payouts: Vec<Payout>) -> SetoffAnswer {
        self.try_reserve(key, payouts).await.expect("a match is answered")
    }

    async fn try_reserve(&self, key: &str, payouts: Vec<Payout>) -> Result<SetoffAnswer, Problem> {
        self.house.reserve(&mediation(), &self.key(key), SetoffRequest { payer: payer(), on: DAY, payouts }).await
    }

    fn marker(&self, payee: i32, scope: MarkerScope) -> MarkerChange {
        MarkerChange { identifier: self.payee(payee), scope, priority: 1, action: MarkerAction::Set, from: date(2026, 1, 1) }
    }

    fn payout(&self, n: i32) -> Payout {
        Payout {
            leg: self.leg(n),
            payee: self.payee(n),
            benefit: None,
            amount: Money::new(10_000 + i64::from(n), Currency::DKK),
            exempt: false,
        }
    }

    fn leg(&self, n: i32) -> LegRef {
        PaymentRef::new(self.seed, n).leg(0)
    }

    /// A number of nobody.
    fn payee(&self, n: i32) -> Identifier {
        let country = Country::parse("SE").expect("a country");
        ForeignId::new(country, "conformance", format!("{}-{n}", self.seed)).expect("a short text").into()
    }

    fn benefit(&self, letter: &str) -> BenefitCode {
        let number = self.seed.unsigned_abs() % 100_000_000;
        BenefitCode::parse(&format!("Z{letter}{number:08}")).expect("letters and digits")
    }

    fn key(&self, name: &str) -> IdempotencyKey {
        IdempotencyKey::new(format!("conformance-{}-{name}", self.seed)).expect("a short text")
    }
}

fn payer() -> AgreementNumber {
    AgreementNumber::parse("99999999").expect("eight digits")
}

fn indexes(answer: &SetoffAnswer) -> Vec<u32> {
    answer.redirects.iter().map(|redirect| redirect.index).collect()
}

fn code<T>(result: &Result<T, Problem>) -> Option<ProblemCode> {
    result.as_ref().err().map(|problem| problem.code)
}

fn authority() -> Context {
    context(Actor::RecoveryAuthority)
}

fn mediation() -> Context {
    context(Actor::House { name: "mediation".to_owned() })
}

fn context(actor: Actor) -> Context {
    Context {
        actor,
        on_behalf_of: Some(payer()),
        legal_basis: LegalBasis::new("lov 696/2025 § 16").expect("a short text"),
        purpose: Purpose::new("conformance suite").expect("a short text"),
        trace: Uuid::nil(),
        acting: None,
    }
}
