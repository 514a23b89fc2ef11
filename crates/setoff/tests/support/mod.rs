//! A set-off on a fresh database, and the numbers of nobody.

use std::sync::Arc;

use contracts::{
    Actor, Context, IdempotencyKey, LegalBasis, Purpose,
    setoff::{MarkerAction, MarkerChange, MarkerScope, Payout, Setoff, SetoffRequest},
};
use jiff::civil::{Date, date};
use platform::{seal::KeyRing, testing::TestDatabase};
use primitives::{Account, AgreementNumber, Cpr, Currency, Identifier, LegRef, ManualClock, Money, PaymentRef};
use setoff::{House, SCHEMA, Settings};
use uuid::Uuid;

pub const DAY: Date = date(2026, 3, 2);

pub struct Street {
    pub database: TestDatabase,
    pub house: House,
    pub clock: ManualClock,
}

pub async fn street() -> Street {
    street_with(|settings| settings).await
}

pub async fn street_with(change: impl FnOnce(Settings) -> Settings) -> Street {
    let database = TestDatabase::new(&[SCHEMA]).await;
    let clock = ManualClock::at_noon(DAY).unwrap();
    let account = Account::from_canonical("DK|0040|0440116243").unwrap();
    let connection = database.connect("setoff").await;
    let house = House::new(connection, &KeyRing::for_tests(), Arc::new(clock.clone()), change(Settings::new(account)));
    Street { database, house, clock }
}

impl Street {
    /// Puts a common marker on each of the payees.
    pub async fn mark(&self, payees: &[Identifier]) {
        let changes: Vec<MarkerChange> = payees.iter().cloned().map(common_marker).collect();
        let results = self.house.put_markers(&authority(), &key("mark"), changes).await.unwrap();
        assert!(results.iter().all(Result::is_ok));
    }
}

pub fn common_marker(identifier: Identifier) -> MarkerChange {
    MarkerChange { identifier, scope: MarkerScope::Common, priority: 1, action: MarkerAction::Set, from: date(2026, 1, 1) }
}

pub fn request(payouts: Vec<Payout>) -> SetoffRequest {
    SetoffRequest { payer: AgreementNumber::parse("12345678").unwrap(), on: DAY, payouts }
}

pub fn payout(row: i32, payee: Identifier) -> Payout {
    Payout { leg: leg(row), payee, benefit: None, amount: Money::new(50_000, Currency::DKK), exempt: false }
}

pub fn leg(row: i32) -> LegRef {
    PaymentRef::new(1, row).leg(0)
}

/// A person born in 1860 or later that century, who is nobody: 7th digit 5.
pub fn person(n: u32) -> Identifier {
    let (day, month, serial) = (n % 28 + 1, n / 28 % 12 + 1, n / 336 % 1_000);
    let year = 60 + n / 336_000;
    Cpr::parse(&format!("{day:02}{month:02}{year:02}5{serial:03}")).unwrap().into()
}

pub fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

pub fn authority() -> Context {
    context(Actor::RecoveryAuthority)
}

pub fn mediation() -> Context {
    context(Actor::House { name: "mediation".to_owned() })
}

fn context(actor: Actor) -> Context {
    Context {
        actor,
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov 696/2025 § 16").unwrap(),
        purpose: Purpose::new("test").unwrap(),
        trace: Uuid::nil(),
        acting: None,
    }
}
