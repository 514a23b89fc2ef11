//! The street: all houses, built on one ground and introduced to each other by their contracts.

mod locks;
mod part;

use std::fmt;
use std::sync::Arc;

use contracts::holding::Holding;
use contracts::mediation::Mediation;
use contracts::parties::PartiesHouse;
use contracts::register::Register;
use contracts::setoff::Setoff;
use platform::database::{HouseSchema, options_of, provision};
use platform::driver::Room;
use platform::seal::KeyRing;
use primitives::{Account, AgreementNumber, Clock, IdSource};
use sqlx::{ConnectOptions, Connection};

pub use part::{Part, PartPlan};

use crate::Failure;
use crate::places::{HouseName, Places};
use crate::settings::HouseSettings;

/// The schemas of all houses.
pub const SCHEMAS: &[HouseSchema] = &[register::SCHEMA, parties::SCHEMA, holding::SCHEMA, setoff::SCHEMA, mediation::SCHEMA];

/// The state's own accounts: there are no defaults.
#[derive(Clone, Debug)]
pub struct StateAccounts {
    /// The recovery authority's account.
    pub recovery: Account,
    /// The holding account.
    pub holding: Account,
    /// The agreement under which the holding account itself pays.
    pub holding_agreement: AgreementNumber,
}

/// What a whole street is built from.
#[derive(Clone)]
pub struct Plan {
    /// The database, as a user that may take the houses' runtime roles.
    pub url: String,
    /// The keys; each house derives its own.
    pub keys: KeyRing,
    /// The state's own accounts.
    pub accounts: StateAccounts,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random identifiers.
    pub ids: Arc<dyn IdSource>,
    /// How files leave.
    pub channel: Arc<dyn mediation::Channel>,
    /// Mediation's settings.
    pub mediation: mediation::Settings,
    /// Connections per house.
    pub connections: u32,
}

impl From<Plan> for PartPlan {
    fn from(plan: Plan) -> Self {
        Self {
            url: plan.url,
            keys: plan.keys,
            accounts: Some(plan.accounts),
            clock: plan.clock,
            ids: plan.ids,
            channel: Some(plan.channel),
            houses: HouseSettings { mediation: plan.mediation, ..HouseSettings::default() },
            connections: plan.connections,
            anchors: None,
        }
    }
}

/// All houses, each known by its contract alone, wherever it runs. A clone is a cheap handle on the same street.
#[derive(Clone)]
pub struct Street {
    /// NKR.
    pub register: Arc<dyn Register>,
    /// Payers, banks, users.
    pub parties: Arc<dyn PartiesHouse>,
    /// Ventekonto.
    pub holding: Arc<dyn Holding>,
    /// Gældsmodregning.
    pub setoff: Arc<dyn Setoff>,
    /// Betalingsformidling.
    pub mediation: Arc<dyn Mediation>,
    /// The houses of this process.
    part: Part,
}

impl fmt::Debug for Street {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Street").field("part", &self.part).finish_non_exhaustive()
    }
}

/// Makes roles, schemas and tables of all houses, or brings them up to date.
///
/// # Errors
/// When the database refuses.
pub async fn migrate(admin_url: &str) -> Result<(), Failure> {
    Ok(provision(admin_url, SCHEMAS).await?)
}

/// Checks that the tables of these houses have been made.
///
/// # Errors
/// When the database cannot be reached; when tables are missing: says what to do.
pub async fn check_migrated(url: &str, schemas: &[HouseSchema]) -> Result<(), Failure> {
    let mut connection = options_of(url)?.connect().await?;
    let names: Vec<&str> = schemas.iter().map(|schema| schema.name).collect();
    let missing: Option<String> = sqlx::query_scalar(
        "select string_agg(name, ', ') from unnest($1::text[]) name
         where not exists (select from pg_catalog.pg_tables where schemaname = name and tablename = '_migrations')",
    )
    .bind(names)
    .fetch_one(&mut connection)
    .await?;
    connection.close().await?;
    match missing {
        None => Ok(()),
        Some(houses) => Err(format!("the database has no tables yet of {houses}: run `nemkonto migrate` first").into()),
    }
}

impl Street {
    /// Opens all houses on a migrated database, each under its own role.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn open(plan: Plan) -> Result<Self, Failure> {
        Self::open_at(plan.into(), &Places::all_here()).await
    }

    /// Opens the houses that are here, and the ways to those elsewhere.
    ///
    /// # Errors
    /// As [`Part::open`], and when a house is neither here nor elsewhere.
    pub async fn open_at(plan: PartPlan, places: &Places) -> Result<Self, Failure> {
        let part = Part::open(plan, places).await?;
        let street = Self::of(part.clone());
        if street.is_err() {
            part.close().await;
        }
        street
    }

    fn of(part: Part) -> Result<Self, Failure> {
        let nowhere = |house: HouseName| format!("{house} runs nowhere: say where with --{house}-url");
        let known = part.known.clone();
        Ok(Self {
            register: known.register.ok_or_else(|| nowhere(HouseName::Register))?,
            parties: known.parties.ok_or_else(|| nowhere(HouseName::Parties))?,
            holding: known.holding.ok_or_else(|| nowhere(HouseName::Holding))?,
            setoff: known.setoff.ok_or_else(|| nowhere(HouseName::Setoff))?,
            mediation: known.mediation.ok_or_else(|| nowhere(HouseName::Mediation))?,
            part,
        })
    }

    /// Closes every connection of the houses of this process: to be done before their server stops.
    pub async fn close(&self) {
        self.part.close().await;
    }

    /// The whole register, where it runs in this process.
    pub(crate) fn own_register(&self) -> Option<Arc<register::House>> {
        self.part.own_register()
    }

    /// Every room of every house of this process. A house elsewhere has its rooms there.
    #[must_use]
    pub fn rooms(&self) -> Vec<Arc<dyn Room>> {
        self.part.rooms()
    }

    /// Whether something waits to be done by mediation's rooms, as far as they are in this process.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_open_work(&self) -> Result<bool, Failure> {
        self.part.has_open_work().await
    }
}
