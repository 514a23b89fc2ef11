//! What every holding account must do.

use jiff::civil::date;
use primitives::{AgreementNumber, Country, Currency, DepositRef, ForeignId, HolderRef, Identifier, LegRef, Money, PaymentRef};
use uuid::Uuid;

use crate::{
    Actor, Context, IdempotencyKey, ItemResult, LegalBasis, Problem, ProblemCode, Purpose,
    holding::{Deposit, DepositAnswer, DepositRequest, DepositState, Holding, LedgerBalance},
};

/// One run of the suite: `seed` makes its numbers, and must be another in each run against the same system. The account must take DKK and
/// not be in wind-down mode.
struct Suite<'s, H: Holding + ?Sized> {
    house: &'s H,
    seed: i64,
}

/// Runs the whole suite.
///
/// # Panics
/// When the implementation does not keep the contract.
pub async fn all<H: Holding + ?Sized>(house: &H, seed: i64) {
    let suite = |part| Suite { house, seed: seed * 100 + part };
    suite(1).a_deposit_is_reserved_and_posted().await;
    suite(2).a_leg_is_deposited_once().await;
    suite(3).repeated_calls_get_the_first_answer().await;
    suite(4).a_deposit_is_settled_once().await;
    suite(5).the_books_balance().await;
    suite(6).bad_items_are_refused_and_good_ones_taken().await;
    suite(7).rights_are_kept().await;
    suite(8).a_deposit_whose_money_goes_back_is_reversed().await;
    suite(9).a_leg_voided_before_it_is_reserved_stays_void().await;
}

/// Runs the checks of an account that is being wound down.
///
/// # Panics
/// When the implementation does not keep the contract.
pub async fn winding_down<H: Holding + ?Sized>(house: &H, seed: i64) {
    Suite { house, seed }.no_new_deposits_are_taken().await;
}

impl<H: Holding + ?Sized> Suite<'_, H> {
    /// From reserved to posted, as the payee sees it.
    async fn a_deposit_is_reserved_and_posted(&self) {
        let deposit = self.reserve_one(1).await;
        let check = |deposits: Vec<Deposit>, state| {
            assert_eq!(deposits.len(), 1, "the payee has one deposit");
            let seen = &deposits[0];
            let request = self.request(1);
            assert_eq!((seen.deposit, seen.leg, seen.state), (deposit, request.leg, state));
            assert_eq!((seen.amount, seen.payer, seen.on), (request.amount, request.payer, request.on));
            assert_eq!(seen.released_by, None, "nothing has released it");
        };
        check(self.deposits(1).await, DepositState::Reserved);
        assert_eq!(self.post("post", &[1]).await, [Ok(deposit)]);
        check(self.deposits(1).await, DepositState::Posted);
        assert!(self.deposits(2).await.is_empty(), "another payee has none");
    }

    /// A leg that is reserved again keeps its deposit; with another amount it is refused.
    async fn a_leg_is_deposited_once(&self) {
        let first = self.reserve_one(1).await;
        let again = self.reserve("again", vec![self.request(2), self.request(1)]).await;
        assert_eq!(again.deposits[1], Ok(first), "one deposit per leg");
        assert_ne!(again.deposits[0], Ok(first), "another leg is another deposit");
        let other = DepositRequest { amount: Money::new(1, Currency::DKK), ..self.request(1) };
        let answer = self.reserve("other", vec![other]).await;
        assert_eq!(code(&answer.deposits[0]), Some(ProblemCode::Conflict), "a leg stands for one deposit");
    }

    /// The same key with the same input gets the same answer, with other input it is refused.
    async fn repeated_calls_get_the_first_answer(&self) {
        let first = self.reserve("same", vec![self.request(1)]).await;
        assert_eq!(self.reserve("same", vec![self.request(1)]).await, first, "the same call has the same answer");
        let problem =
            self.house.reserve(&mediation(), &self.key("same"), vec![self.request(2)]).await.expect_err("the key is used");
        assert_eq!(problem.code, ProblemCode::IdempotencyMismatch, "the key stands for its input");
        let posted = self.post("post", &[1]).await;
        assert_eq!(self.post("post", &[1]).await, posted, "the same call has the same answer");
    }

    /// Posting and voiding: each may be repeated, neither undoes the other, and what is not reserved is not found.
    async fn a_deposit_is_settled_once(&self) {
        let one = self.reserve_one(1).await;
        let two = self.reserve_one(2).await;
        let posted = self.post("post", &[1, 9]).await;
        assert_eq!(posted[0], Ok(one), "the deposit is posted");
        assert_eq!(code(&posted[1]), Some(ProblemCode::NotFound), "a leg that was not reserved has no deposit");
        assert_eq!(self.post("again", &[1]).await, [Ok(one)], "posting twice is posting once");
        let voided = self.void("void", &[1, 2]).await;
        assert_eq!(code(&voided[0]), Some(ProblemCode::Conflict), "what is posted cannot be voided");
        assert_eq!(voided[1], Ok(two), "the other is voided");
        assert_eq!(self.void("void-again", &[2]).await, [Ok(two)], "voiding twice is voiding once");
        assert_eq!(code(&self.post("late", &[2]).await[0]), Some(ProblemCode::Conflict), "what is voided cannot be posted");
        let again = self.reserve("reserve-voided", vec![self.request(2)]).await;
        assert_eq!(code(&again.deposits[0]), Some(ProblemCode::Conflict), "a voided leg is finished");
    }

    /// Reversing voids what is reserved and reverses what is posted; the books balance, and it may be repeated.
    async fn a_deposit_whose_money_goes_back_is_reversed(&self) {
        let one = self.reserve_one(1).await;
        let two = self.reserve_one(2).await;
        self.post("post", &[1]).await;
        let before = turnover(&self.balanced().await);
        for key in ["reverse", "again"] {
            let reversed = self.reverse(key, &[1, 2, 9]).await;
            assert_eq!(reversed[..2], [Ok(one), Ok(two)], "what was posted and what was reserved is reversed");
            assert_eq!(code(&reversed[2]), Some(ProblemCode::NotFound), "a leg that was not reserved has no deposit");
        }
        let after = turnover(&self.balanced().await);
        assert_eq!(after, before + self.request(1).amount.minor(), "what was booked is booked back, once");
        assert_eq!(self.deposits(1).await[0].state, DepositState::Reversed);
        assert_eq!(self.deposits(2).await[0].state, DepositState::Voided);
        let again = self.reserve("reserve-again", vec![self.request(1), self.request(2)]).await;
        let codes: Vec<_> = again.deposits.iter().map(code).collect();
        assert_eq!(codes, [Some(ProblemCode::Conflict); 2], "a reversed leg is finished");
    }

    /// A reservation that is late, after its leg was voided, takes nothing.
    async fn a_leg_voided_before_it_is_reserved_stays_void(&self) {
        assert_eq!(code(&self.void("void", &[1]).await[0]), Some(ProblemCode::NotFound), "there is nothing to void");
        let late = self.reserve("late", vec![self.request(1), self.request(2)]).await;
        let codes: Vec<_> = late.deposits.iter().map(code).collect();
        assert_eq!(codes, [Some(ProblemCode::Conflict), None], "the leg is finished, the other is not");
    }

    /// Debits equal credits before, between and after; a posted deposit moves both sides by its amount.
    async fn the_books_balance(&self) {
        let amount = self.request(1).amount.minor();
        let before = self.balanced().await;
        self.reserve_one(1).await;
        let reserved = self.balanced().await;
        assert_eq!(turnover(&reserved), turnover(&before), "what is reserved is not booked");
        self.post("post", &[1]).await;
        let posted = self.balanced().await;
        assert_eq!(turnover(&posted), turnover(&before) + amount, "what is posted is booked once");
        self.reserve_one(2).await;
        self.void("void", &[2]).await;
        assert_eq!(turnover(&self.balanced().await), turnover(&posted), "what is voided is not booked");
    }

    /// One bad item does not keep the others out.
    async fn bad_items_are_refused_and_good_ones_taken(&self) {
        let zero = DepositRequest { amount: Money::new(0, Currency::DKK), ..self.request(2) };
        let answer = self.reserve("mixed", vec![self.request(1), zero, self.request(1), self.request(3)]).await;
        let codes: Vec<_> = answer.deposits.iter().map(code).collect();
        assert_eq!(codes, [None, Some(ProblemCode::InvalidInput), Some(ProblemCode::InvalidInput), None]);
    }

    /// Only a house deposits, and a payee sees the own deposits alone.
    async fn rights_are_kept(&self) {
        self.reserve_one(1).await;
        let own = context(Actor::Payee { identifier: self.payee(1) });
        let other = context(Actor::Payee { identifier: self.payee(2) });
        let seen = self.house.deposits(&own, self.payee(1)).await.expect("a payee sees the own deposits");
        assert_eq!(seen.len(), 1);
        let refused = self.house.deposits(&other, self.payee(1)).await.expect_err("and nobody else's");
        assert_eq!(refused.code, ProblemCode::Forbidden);
        let refused =
            self.house.reserve(&own, &self.key("own"), vec![self.request(3)]).await.expect_err("a payee deposits nothing");
        assert_eq!(refused.code, ProblemCode::Forbidden);
    }

    /// In wind-down mode each new deposit is refused.
    async fn no_new_deposits_are_taken(&self) {
        let answer = self.reserve("down", vec![self.request(1), self.request(2)]).await;
        let codes: Vec<_> = answer.deposits.iter().map(code).collect();
        assert_eq!(codes, [Some(ProblemCode::Conflict); 2], "an account that is wound down takes no new deposits");
    }

    async fn balanced(&self) -> Vec<LedgerBalance> {
        let balances = self.house.trial_balance(&mediation()).await.expect("the balances are given");
        let difference: i64 = dkk(&balances).map(|line| line.debits.minor() - line.credits.minor()).sum();
        assert_eq!(difference, 0, "debits equal credits");
        balances
    }

    async fn reserve_one(&self, n: i32) -> DepositRef {
        let answer = self.reserve(&format!("reserve-{n}"), vec![self.request(n)]).await;
        answer.deposits[0].clone().expect("the deposit is reserved")
    }

    async fn reserve(&self, key: &str, requests: Vec<DepositRequest>) -> DepositAnswer {
        let count = requests.len();
        let answer = self.house.reserve(&mediation(), &self.key(key), requests).await.expect("a reservation is answered");
        assert_eq!(answer.deposits.len(), count, "one result per request");
        answer
    }

    async fn post(&self, key: &str, rows: &[i32]) -> Vec<ItemResult<DepositRef>> {
        self.house.post(&mediation(), &self.key(key), self.legs(rows)).await.expect("posting is answered")
    }

    async fn void(&self, key: &str, rows: &[i32]) -> Vec<ItemResult<DepositRef>> {
        self.house.void(&mediation(), &self.key(key), self.legs(rows)).await.expect("voiding is answered")
    }

    async fn reverse(&self, key: &str, rows: &[i32]) -> Vec<ItemResult<DepositRef>> {
        self.house.reverse(&mediation(), &self.key(key), self.legs(rows)).await.expect("reversing is answered")
    }

    async fn deposits(&self, payee: i32) -> Vec<Deposit> {
        self.house.deposits(&mediation(), self.payee(payee)).await.expect("deposits are given")
    }

    fn request(&self, n: i32) -> DepositRequest {
        DepositRequest {
            leg: self.leg(n),
            payee: self.payee(n),
            holder: HolderRef(Uuid::from_u64_pair(self.seed.unsigned_abs(), u64::from(n.unsigned_abs()))),
            payer: payer(),
            benefit: None,
            amount: Money::new(10_000 + i64::from(n), Currency::DKK),
            on: date(2026, 3, 2),
        }
    }

    fn legs(&self, rows: &[i32]) -> Vec<LegRef> {
        rows.iter().map(|row| self.leg(*row)).collect()
    }

    fn leg(&self, n: i32) -> LegRef {
        PaymentRef::new(self.seed, n).leg(0)
    }

    /// A number of nobody.
    fn payee(&self, n: i32) -> Identifier {
        let country = Country::parse("SE").expect("a country");
        ForeignId::new(country, "conformance", format!("{}-{n}", self.seed)).expect("a short text").into()
    }

    fn key(&self, name: &str) -> IdempotencyKey {
        IdempotencyKey::new(format!("conformance-{}-{name}", self.seed)).expect("a short text")
    }
}

fn dkk(balances: &[LedgerBalance]) -> impl Iterator<Item = &LedgerBalance> {
    balances.iter().filter(|line| line.debits.currency() == Currency::DKK)
}

/// All that has been debited, in øre.
fn turnover(balances: &[LedgerBalance]) -> i64 {
    dkk(balances).map(|line| line.debits.minor()).sum()
}

fn payer() -> AgreementNumber {
    AgreementNumber::parse("99999999").expect("eight digits")
}

fn code<T>(result: &Result<T, Problem>) -> Option<ProblemCode> {
    result.as_ref().err().map(|problem| problem.code)
}

fn mediation() -> Context {
    context(Actor::House { name: "mediation".to_owned() })
}

fn context(actor: Actor) -> Context {
    Context {
        actor,
        on_behalf_of: Some(payer()),
        legal_basis: LegalBasis::new("lov nr. 696 af 20/6/2025").expect("a short text"),
        purpose: Purpose::new("conformance suite").expect("a short text"),
        trace: Uuid::nil(),
        acting: None,
    }
}
