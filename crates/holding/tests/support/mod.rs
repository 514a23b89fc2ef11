//! A holding account on a fresh database, and the numbers of nobody.

pub mod neighbours;

use std::sync::Arc;

use contracts::{
    Actor, Context, IdempotencyKey, LegalBasis, Purpose,
    holding::{DepositRequest, DepositState, Holding},
};
use holding::{House, Release, ReleaseSettings, SCHEMA, Settings};
use jiff::civil::{Date, date};
use neighbours::{Mediator, Registry};
use platform::{
    driver::{Progress, Room},
    seal::KeyRing,
    testing::TestDatabase,
};
use primitives::{
    Account, AgreementNumber, BenefitCode, Cpr, Currency, DepositRef, HolderRef, Identifier, LegRef, ManualClock, Money,
    PaymentRef, SeededIds,
};
use uuid::Uuid;

pub const DAY: Date = date(2026, 3, 2);

pub struct Street {
    pub database: TestDatabase,
    pub house: House,
    pub clock: ManualClock,
    pub register: Arc<Registry>,
    pub mediation: Arc<Mediator>,
    pub release: Release,
}

pub async fn street() -> Street {
    street_with(|settings| settings).await
}

pub async fn street_with(change: impl FnOnce(Settings) -> Settings) -> Street {
    let database = TestDatabase::new(&[SCHEMA]).await;
    let clock = ManualClock::at_noon(DAY).unwrap();
    let connection = database.connect("holding").await;
    let house = House::new(connection, &KeyRing::for_tests(), Arc::new(clock.clone()), change(Settings::new(account())));
    let register = Arc::new(Registry::default());
    let mediation = Arc::new(Mediator::default());
    let release = release_room(&house, &register, &mediation);
    Street { database, house, clock, register, mediation, release }
}

/// A second worker of the same room is made the same way.
pub fn release_room(house: &House, register: &Arc<Registry>, mediation: &Arc<Mediator>) -> Release {
    let mut settings = ReleaseSettings::new(agreement(), account());
    settings.ask_again_after = std::time::Duration::ZERO;
    Release::new(house.clone(), register.clone(), mediation.clone(), Arc::new(SeededIds::new(1)), settings)
}

impl Street {
    /// Reserves deposits of the requests and gives their references.
    pub async fn reserve(&self, name: &str, requests: Vec<DepositRequest>) -> Vec<DepositRef> {
        let answer = self.house.reserve(&mediation(), &key(name), requests).await.unwrap();
        answer.deposits.into_iter().map(Result::unwrap).collect()
    }

    /// Reserves and posts a deposit of person `n` on row `n`.
    pub async fn deposit(&self, n: u32) -> DepositRef {
        let deposit = self.reserve(&format!("reserve-{n}"), vec![request(n)]).await[0];
        self.post(n).await;
        deposit
    }

    pub async fn post(&self, n: u32) {
        let posted = self.house.post(&mediation(), &key(&format!("post-{n}")), vec![leg(n)]).await.unwrap();
        assert!(posted[0].is_ok());
    }

    pub async fn state(&self, n: u32) -> DepositState {
        self.house.deposits(&mediation(), person(n)).await.unwrap()[0].state
    }

    /// Runs the room until nothing is left to do.
    pub async fn settle_down(&self) {
        for _ in 0..50 {
            if matches!(self.release.step().await.unwrap(), Progress::Idle) {
                return;
            }
        }
        panic!("the room does not come to rest");
    }
}

pub fn request(n: u32) -> DepositRequest {
    DepositRequest {
        leg: leg(n),
        payee: person(n),
        holder: holder(n),
        payer: AgreementNumber::parse("12345678").unwrap(),
        benefit: Some(BenefitCode::parse("NKSOST").unwrap()),
        amount: Money::new(100_000 + i64::from(n), Currency::DKK),
        on: DAY,
    }
}

pub fn account() -> Account {
    Account::from_canonical("DK|0040|0440116243").unwrap()
}

pub fn agreement() -> AgreementNumber {
    AgreementNumber::parse("00000077").unwrap()
}

pub fn leg(n: u32) -> LegRef {
    PaymentRef::new(1, i32::try_from(n).unwrap()).leg(0)
}

pub fn holder(n: u32) -> HolderRef {
    HolderRef(Uuid::from_u128(u128::from(n)))
}

/// A person born in 1860 or later that century, who is nobody: 7th digit 5.
pub fn person(n: u32) -> Identifier {
    let (day, month, serial) = (n % 28 + 1, n / 28 % 12 + 1, n / 336 % 1_000);
    Cpr::parse(&format!("{day:02}{month:02}605{serial:03}")).unwrap().into()
}

pub fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

pub fn mediation() -> Context {
    context(Actor::House { name: "mediation".to_owned() })
}

pub fn context(actor: Actor) -> Context {
    Context {
        actor,
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov nr. 696 af 20/6/2025").unwrap(),
        purpose: Purpose::new("test").unwrap(),
        trace: Uuid::nil(),
        acting: None,
    }
}
