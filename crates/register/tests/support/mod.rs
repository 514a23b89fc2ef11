//! A register on a fresh database, and people who are nobody.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use contracts::register::{
    AccountPurpose, Designation, DesignationRoute, HolderKind, HolderMerge, HolderRecord, HolderStatus, PayeeQuery, Register,
    RegisterServices, Resolution, ResolveAnswer, ResolveRequest,
};
use contracts::{Actor, Context, IdempotencyKey, LegalBasis, Purpose};
use jiff::civil::{Date, date};
use platform::seal::KeyRing;
use platform::testing::{TemporaryFolder, TestDatabase};
use platform::tls::{Identity, Trust};
use primitives::{Account, AgreementNumber, Cpr, DanishAccount, HolderRef, Identifier, ManualClock, SeededIds};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use register::{House, SCHEMA, Settings};
use uuid::Uuid;

/// The day the tests take place: a Monday.
pub const TODAY: Date = date(2026, 3, 2);

pub struct Street {
    pub database: TestDatabase,
    pub house: Arc<House>,
    pub clock: ManualClock,
}

pub async fn street() -> Street {
    street_with(Settings::default()).await
}

pub async fn street_with(settings: Settings) -> Street {
    let database = TestDatabase::new(&[SCHEMA]).await;
    let clock = ManualClock::at_noon(TODAY).unwrap();
    let house = house_on(&database, &clock, settings).await;
    Street { database, house: Arc::new(house), clock }
}

pub async fn street_that_sends(settings: Settings, trust: &Trust) -> Street {
    let database = TestDatabase::new(&[SCHEMA]).await;
    let clock = ManualClock::at_noon(TODAY).unwrap();
    let house = house_on(&database, &clock, settings).await.sending_webhooks(trust);
    Street { database, house: Arc::new(house), clock }
}

/// An authority, and a server on this machine that it vouches for.
pub fn certificates() -> (Trust, Identity) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let server = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&server, &authority).unwrap();
    let folder = TemporaryFolder::new();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("ca.pem"), authority.pem()).unwrap();
    std::fs::write(file("certificate.pem"), certificate.pem()).unwrap();
    std::fs::write(file("key.pem"), server.serialize_pem()).unwrap();
    std::fs::set_permissions(file("key.pem"), std::fs::Permissions::from_mode(0o600)).unwrap();
    (Trust::read(&file("ca.pem")).unwrap(), Identity::read(&file("certificate.pem"), &file("key.pem")).unwrap())
}

pub async fn house_on(database: &TestDatabase, clock: &ManualClock, settings: Settings) -> House {
    let ids = Arc::new(SeededIds::new(1));
    House::new(database.connect("register").await, &KeyRing::for_tests(), Arc::new(clock.clone()), ids, settings).unwrap()
}

impl Street {
    pub async fn record(&self, name: &str, records: Vec<HolderRecord>) -> Vec<HolderRef> {
        let results = self.house.record_holders(&operator(), &key(name), records).await.unwrap();
        results.into_iter().map(|result| result.unwrap()).collect()
    }

    pub async fn resolve(&self, on: Date, people: impl IntoIterator<Item = u32>) -> ResolveAnswer {
        let payees = people.into_iter().map(payee).collect();
        self.house.resolve(&operator(), ResolveRequest { payer: payer(), on, payees }).await.unwrap()
    }

    pub async fn outcome(&self, n: u32, on: Date) -> Resolution {
        self.resolve(on, [n]).await.resolutions.remove(0)
    }

    pub async fn merge(&self, from: u32, into: u32) {
        let merge = HolderMerge { from: number(from), into: number(into), reason: "one person".into() };
        let merged = self.house.merge_holders(&operator(), &key(&format!("merge {from} {into}")), vec![merge]).await;
        merged.unwrap().remove(0).unwrap();
    }
}

pub fn is_paid_on(resolution: &Resolution, n: u32) -> bool {
    matches!(resolution, Resolution::Found(found) if found.account == account(n))
}

/// Born 1858–1899 by the number: nobody. `n` below 150,000.
pub fn cpr(n: u32) -> Cpr {
    let (day, month, year, serial) = (1 + n % 28, 1 + n / 28 % 12, 58 + n / 336 % 42, 5000 + n / 14_112);
    Cpr::parse(&format!("{day:02}{month:02}{year:02}{serial:04}")).unwrap()
}

pub fn number(n: u32) -> Identifier {
    cpr(n).into()
}

pub fn payee(n: u32) -> PayeeQuery {
    PayeeQuery { identifier: number(n), fallback: None, benefit: None }
}

pub fn person(n: u32) -> HolderRecord {
    HolderRecord {
        identifiers: vec![number(n)],
        kind: HolderKind::Person,
        name: format!("Ingen Nummer {n}"),
        born: Some(date(1980, 5, 17)),
        status: HolderStatus::Active,
        status_from: None,
    }
}

/// The number of an account. No row of noughts in it: those stand in every key and counter too.
pub fn account_digits(n: u32) -> String {
    format!("{}", 1_357_924_680 + n)
}

pub fn account(n: u32) -> Account {
    Account::Danish(DanishAccount::new("5479", &account_digits(n)).unwrap())
}

pub fn nemkonto(n: u32) -> Designation {
    Designation {
        identifier: number(n),
        purpose: AccountPurpose::NemKonto,
        account: account(n),
        valid_from: date(2020, 1, 1),
        route: DesignationRoute::Migration,
        expected: None,
        reason: "taken over".to_owned(),
    }
}

pub fn payer() -> AgreementNumber {
    AgreementNumber::parse("12345678").unwrap()
}

pub fn key(name: &str) -> IdempotencyKey {
    IdempotencyKey::new(name).unwrap()
}

pub fn operator() -> Context {
    context(Actor::Operator { user: "tester".to_owned() })
}

pub fn citizen(n: u32) -> Context {
    context(Actor::Payee { identifier: number(n) })
}

pub fn context(actor: Actor) -> Context {
    Context {
        actor,
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov 696/2025").unwrap(),
        purpose: Purpose::new("test").unwrap(),
        trace: Uuid::nil(),
        acting: None,
    }
}
