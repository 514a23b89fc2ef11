//! The street: all houses, built on one ground and introduced to each other by their contracts.

use std::sync::Arc;

use contracts::holding::Holding;
use contracts::mediation::Mediation;
use contracts::parties::Parties;
use contracts::register::Register;
use contracts::setoff::Setoff;
use platform::database::{Database, HouseSchema, PoolOptions, provision};
use platform::driver::Room;
use platform::seal::{KeyRing, Sealer};
use primitives::{Account, AgreementNumber, Clock, IdSource};

use crate::Failure;

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

/// What the houses are built from.
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

/// All houses. A clone is a cheap handle on the same street.
#[derive(Clone, Debug)]
pub struct Street {
    /// NKR.
    pub register: Arc<register::House>,
    /// Payers, banks, users.
    pub parties: parties::House,
    /// Ventekonto.
    pub holding: holding::House,
    /// Gældsmodregning.
    pub setoff: setoff::House,
    /// Betalingsformidling.
    pub mediation: mediation::House,
    release: Release,
}

#[derive(Clone, Debug)]
struct Release {
    settings: holding::ReleaseSettings,
    ids: Arc<dyn IdSource>,
}

/// Makes roles, schemas and tables of all houses, or brings them up to date.
///
/// # Errors
/// When the database refuses.
pub async fn migrate(admin_url: &str) -> Result<(), Failure> {
    Ok(provision(admin_url, SCHEMAS).await?)
}

impl Street {
    /// Opens all houses on a migrated database, each under its own role.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn open(plan: Plan) -> Result<Self, Failure> {
        let connect = async |schema: HouseSchema| {
            let options = PoolOptions { max_connections: plan.connections, application: schema.name, ..Default::default() };
            Database::connect(&plan.url, &schema.runtime_role(), &options).await
        };
        let Plan { keys, accounts, clock, ids, .. } = &plan;
        let register = Arc::new(register::House::new(
            connect(register::SCHEMA).await?,
            Sealer::new(keys, "register"),
            Arc::clone(clock),
            Arc::clone(ids),
            register::Settings::default(),
        )?);
        let parties = parties::House::new(connect(parties::SCHEMA).await?, keys, Arc::clone(clock));
        let holding = holding::House::new(
            connect(holding::SCHEMA).await?,
            keys,
            Arc::clone(clock),
            holding::Settings::new(accounts.holding.clone()),
        );
        let setoff = setoff::House::new(
            connect(setoff::SCHEMA).await?,
            keys,
            Arc::clone(clock),
            setoff::Settings::new(accounts.recovery.clone()),
        );
        let neighbours = mediation::Neighbours {
            register: Arc::clone(&register) as Arc<dyn Register>,
            parties: Arc::new(parties.clone()),
            setoff: Arc::new(setoff.clone()),
            holding: Arc::new(holding.clone()),
        };
        let means = mediation::Means { channel: Arc::clone(&plan.channel), clock: Arc::clone(clock), ids: Arc::clone(ids) };
        let mediation = mediation::House::new(
            connect(mediation::SCHEMA).await?,
            Sealer::new(keys, "mediation"),
            neighbours,
            means,
            plan.mediation.clone(),
        );
        let release = Release {
            settings: holding::ReleaseSettings::new(accounts.holding_agreement, accounts.holding.clone()),
            ids: Arc::clone(ids),
        };
        Ok(Self { register, parties, holding, setoff, mediation, release })
    }

    /// Every room of every house.
    #[must_use]
    pub fn rooms(&self) -> Vec<Arc<dyn Room>> {
        let release = holding::Release::new(
            self.holding.clone(),
            self.register(),
            Arc::new(self.mediation.clone()),
            Arc::clone(&self.release.ids),
            self.release.settings.clone(),
        );
        let mut rooms = self.mediation.rooms();
        rooms.extend(self.register.rooms());
        rooms.push(Arc::new(setoff::Publisher::new(self.setoff.clone())));
        rooms.push(Arc::new(release));
        rooms
    }

    /// The register, as others know it.
    #[must_use]
    pub fn register(&self) -> Arc<dyn Register> {
        Arc::clone(&self.register) as Arc<dyn Register>
    }

    /// Parties, as others know them.
    #[must_use]
    pub fn parties(&self) -> Arc<dyn Parties> {
        Arc::new(self.parties.clone())
    }

    /// The holding account, as others know it.
    #[must_use]
    pub fn holding(&self) -> Arc<dyn Holding> {
        Arc::new(self.holding.clone())
    }

    /// Set-off, as others know it.
    #[must_use]
    pub fn setoff(&self) -> Arc<dyn Setoff> {
        Arc::new(self.setoff.clone())
    }

    /// Mediation, as others know it.
    #[must_use]
    pub fn mediation(&self) -> Arc<dyn Mediation> {
        Arc::new(self.mediation.clone())
    }
}
