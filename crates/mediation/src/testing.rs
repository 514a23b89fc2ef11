//! A small world for tests: real PostgreSQL, and the other houses as their contracts' simplest keepers.

mod message;
mod neighbours;
mod official;
pub(crate) mod street;

use std::sync::Arc;

use contracts::Context;
use contracts::mediation::Deposited;
use jiff::civil::{Date, date};
use platform::driver::{Progress, Room};
use platform::seal::KeyRing;
use platform::testing::TestDatabase;
use primitives::{Account, AgreementNumber, DanishAccount, DataSupplierId, Identifier, ManualClock, SeededIds};
use sqlx::PgConnection;

pub(crate) use message::{Block, Order, pain001};
pub(crate) use neighbours::{BookRegister, FixedParties, LedgerHolding, MarkerSetoff, MemoryChannel, PayoutBook, payer};

use crate::{House, Means, Neighbours, SCHEMA, Settings};

/// A Wednesday.
pub(crate) const TODAY: Date = date(2026, 1, 14);

/// A house in its own database, with neighbours whose answers the test sets.
pub(crate) struct World {
    pub database: TestDatabase,
    pub house: House,
    pub clock: ManualClock,
    pub register: Arc<BookRegister>,
    pub parties: Arc<FixedParties>,
    pub setoff: Arc<MarkerSetoff>,
    pub holding: Arc<LedgerHolding>,
    pub payouts: Arc<PayoutBook>,
    pub channel: Arc<MemoryChannel>,
}

impl World {
    /// The world on [`TODAY`], with one payer in one bank; slices hold three payments.
    pub async fn new() -> Self {
        let settings = Settings { slice_payments: 3, ..Settings::default() };
        Self::with(settings).await
    }

    pub async fn with(settings: Settings) -> Self {
        let database = TestDatabase::new(&[SCHEMA]).await;
        let clock = ManualClock::at_noon(TODAY).unwrap();
        let (register, parties, setoff, holding, payouts, channel) = Default::default();
        let neighbours = Neighbours {
            register: Arc::clone(&register) as _,
            parties: Arc::clone(&parties) as _,
            setoff: Arc::clone(&setoff) as _,
            holding: Arc::clone(&holding) as _,
            payouts: Arc::clone(&payouts) as _,
        };
        let means =
            Means { channel: Arc::clone(&channel) as _, clock: Arc::new(clock.clone()), ids: Arc::new(SeededIds::new(1)) };
        let keys = KeyRing::for_tests();
        let house = House::new(database.connect("mediation").await, &keys, neighbours, means, settings);
        Self { database, house, clock, register, parties, setoff, holding, payouts, channel }
    }

    /// Delivers a file as the payer's data supplier.
    pub async fn deliver(&self, content: &str) -> Deposited {
        self.deliver_bytes(content.as_bytes().to_vec()).await
    }

    pub async fn deliver_bytes(&self, content: Vec<u8>) -> Deposited {
        let content = Box::pin(std::io::Cursor::new(content));
        crate::keep::deliver(&self.house, &self.supplier_context(), supplier(), content).await.unwrap()
    }

    pub fn supplier_context(&self) -> Context {
        Context { actor: contracts::Actor::DataSupplier { id: supplier() }, ..self.house.context(None) }
    }

    /// Steps through a room until it is idle.
    pub async fn drive(&self, room: &dyn Room) {
        while room.step().await.unwrap() != Progress::Idle {}
    }

    /// Reads every delivery.
    pub async fn receive(&self) {
        self.drive(&crate::receive::ReceiveRoom { house: self.house.clone() }).await;
    }

    /// Completes every payment that is due.
    pub async fn allocate(&self) {
        self.drive(&crate::allocate::AllocateRoom { house: self.house.clone() }).await;
    }

    pub async fn admin(&self) -> PgConnection {
        self.database.admin().await
    }

    /// The rows of a query as texts, columns joined by spaces, nulls as `-`.
    pub async fn rows(&self, columns: &str, rest: &str) -> Vec<String> {
        let statement = format!(
            "select (select string_agg(coalesce(f.value, '-'), ' ' order by f.place)
                     from json_each_text(row_to_json(t)) with ordinality as f (name, value, place))
             from (select {columns} from {rest}) t"
        );
        sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_all(&mut self.admin().await).await.unwrap()
    }

    /// How many rows each table of the intake has: nothing half-done.
    pub async fn counts(&self) -> String {
        let mut counts = Vec::new();
        for table in ["slice", "payment", "payment_reference", "delivery_claim", "disposal", "payment_block"] {
            counts.push(format!("{table} {}", self.rows("count(*)", &format!("mediation.{table}")).await[0]));
        }
        counts.join(", ")
    }
}

/// The payer's data supplier.
pub(crate) fn supplier() -> DataSupplierId {
    DataSupplierId::parse("DLV-1").unwrap()
}

/// The payer.
pub(crate) fn agreement() -> AgreementNumber {
    AgreementNumber::parse("00000001").unwrap()
}

/// A person born in the 19th century: nobody.
pub(crate) fn person(number: u32) -> Identifier {
    Identifier::Cpr(primitives::Cpr::parse(&format!("010160{:04}", 5000 + number)).unwrap())
}

/// A Danish account.
pub(crate) fn account(number: u32) -> Account {
    Account::from(DanishAccount::new("0040", &format!("{number:010}")).unwrap())
}
