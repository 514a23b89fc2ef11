//! The houses of one process, and the ways to those of others.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use contracts::holding::Holding;
use contracts::mediation::Mediation;
use contracts::parties::PartiesHouse;
use contracts::register::Register;
use contracts::setoff::Setoff;
use platform::change_log::{AnchorFile, Anchoring, ChangeLog};
use platform::database::{Database, HouseSchema, PoolOptions};
use platform::driver::{Every, Room};
use platform::seal::KeyRing;
use platform::tls::Trust;
use primitives::{Clock, IdSource};

use super::StateAccounts;
use super::locks::Locks;
use crate::Failure;
use crate::places::{HouseName, Places};
use crate::settings::HouseSettings;

/// What the houses of one process are built from. What none of them needs may be missing.
#[derive(Clone)]
pub struct PartPlan {
    /// The database, as a user that may take the houses' runtime roles.
    pub url: String,
    /// The keys; each house derives its own.
    pub keys: KeyRing,
    /// The state's own accounts: for the holding account and for set-off.
    pub accounts: Option<StateAccounts>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random identifiers.
    pub ids: Arc<dyn IdSource>,
    /// How files leave: for mediation.
    pub channel: Option<Arc<dyn mediation::Channel>>,
    /// What the operator decides for each house.
    pub houses: HouseSettings,
    /// Connections per house.
    pub connections: u32,
    /// Where the anchors of the change logs are left; none: nowhere.
    pub anchors: Option<AnchorFile>,
}

impl PartPlan {
    fn accounts(&self) -> Result<&StateAccounts, Failure> {
        self.accounts.as_ref().ok_or_else(|| "the settings lack the section [state]: the state's accounts".into())
    }
}

/// The connections of the houses that have been opened.
#[derive(Clone, Default)]
struct Pools(Vec<(&'static str, Database)>);

impl Pools {
    async fn connect(&mut self, plan: &PartPlan, schema: HouseSchema) -> Result<Database, Failure> {
        let options = PoolOptions { max_connections: plan.connections, application: schema.name, ..Default::default() };
        let database = Database::connect(&plan.url, &schema.runtime_role(), &options).await?;
        self.0.push((schema.name, database.clone()));
        Ok(database)
    }

    async fn close(&self) {
        for (_, database) in &self.0 {
            database.close().await;
        }
    }
}

/// The houses of this process themselves.
#[derive(Clone, Default)]
struct Own {
    register: Option<Arc<register::House>>,
    parties: Option<parties::House>,
    holding: Option<holding::House>,
    setoff: Option<setoff::House>,
    mediation: Option<mediation::House>,
}

/// The houses this process can call, by their contracts: its own and those elsewhere.
#[derive(Clone)]
pub(crate) struct Known {
    pub register: Option<Arc<dyn Register>>,
    pub parties: Option<Arc<dyn PartiesHouse>>,
    pub holding: Option<Arc<dyn Holding>>,
    pub setoff: Option<Arc<dyn Setoff>>,
    pub mediation: Option<Arc<dyn Mediation>>,
    /// The register once more, as the one who keeps when payees were paid last.
    payouts: Option<Arc<dyn mediation::TakesPayouts>>,
}

impl Known {
    fn elsewhere(places: &Places) -> Self {
        let client = |house| places.client(house);
        Self {
            register: client(HouseName::Register).map(|client| Arc::new(register::Remote::new(client)) as _),
            parties: client(HouseName::Parties).map(|client| Arc::new(parties::Remote::new(client)) as _),
            holding: client(HouseName::Holding).map(|client| Arc::new(holding::Remote::new(client)) as _),
            setoff: client(HouseName::Setoff).map(|client| Arc::new(setoff::Remote::new(client)) as _),
            mediation: client(HouseName::Mediation).map(|client| Arc::new(mediation::Remote::new(client)) as _),
            payouts: client(HouseName::Register).map(|client| Arc::new(register::Remote::new(client)) as _),
        }
    }
}

/// The houses of this process and those it can call. A clone is a cheap handle on the same houses.
#[derive(Clone)]
pub struct Part {
    own: Own,
    pub(crate) known: Known,
    release: Option<holding::Release>,
    places: Places,
    pools: Pools,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    chores_every: Duration,
    keys: KeyRing,
    anchors: Option<AnchorFile>,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("places", &self.places).finish_non_exhaustive()
    }
}

impl Part {
    /// Opens the houses that are here on a migrated database, each under its own role, and introduces them to those they call.
    ///
    /// # Errors
    /// When the database cannot be reached, or a house lacks a setting or another house it calls.
    pub async fn open(plan: PartPlan, places: &Places) -> Result<Self, Failure> {
        let mut pools = Pools::default();
        match Self::open_houses(&plan, places, &mut pools).await {
            Ok((own, known, release)) => {
                let (clock, ids, chores_every) = (plan.clock, plan.ids, plan.houses.chores_every);
                let (keys, anchors) = (plan.keys, plan.anchors);
                Ok(Self { own, known, release, places: places.clone(), pools, clock, ids, chores_every, keys, anchors })
            }
            Err(error) => {
                pools.close().await;
                Err(error)
            }
        }
    }

    async fn open_houses(
        plan: &PartPlan, places: &Places, pools: &mut Pools,
    ) -> Result<(Own, Known, Option<holding::Release>), Failure> {
        let (mut own, mut known) = (Own::default(), Known::elsewhere(places));
        if places.is_here(HouseName::Register) {
            let register = own.register.insert(open_register(plan, pools).await?);
            known.register = Some(Arc::clone(register) as _);
            known.payouts = Some(Arc::clone(register) as _);
        }
        if places.is_here(HouseName::Parties) {
            known.parties = Some(Arc::new(own.parties.insert(open_parties(plan, pools).await?).clone()));
        }
        if places.is_here(HouseName::Holding) {
            known.holding = Some(Arc::new(own.holding.insert(open_holding(plan, pools).await?).clone()));
        }
        if places.is_here(HouseName::Setoff) {
            known.setoff = Some(Arc::new(own.setoff.insert(open_setoff(plan, pools).await?).clone()));
        }
        if places.is_here(HouseName::Mediation) {
            known.mediation = Some(Arc::new(own.mediation.insert(open_mediation(plan, &known, pools).await?).clone()));
        }
        let release = own.holding.as_ref().map(|holding| open_release(plan, holding, &known)).transpose()?;
        Ok((own, known, release))
    }

    /// Closes every connection of the houses of this process and waits until they are closed: to be done before their server stops. Work
    /// under way fails.
    pub async fn close(&self) {
        self.pools.close().await;
    }

    /// Every room of the houses of this process.
    #[must_use]
    pub fn rooms(&self) -> Vec<Arc<dyn Room>> {
        let mut rooms = Vec::new();
        if let Some(mediation) = &self.own.mediation {
            rooms.extend(mediation.rooms());
        }
        if let Some(register) = &self.own.register {
            rooms.extend(register.rooms());
        }
        if let Some(parties) = &self.own.parties {
            rooms.extend(parties.rooms());
        }
        if let Some(setoff) = &self.own.setoff {
            rooms.push(Arc::new(setoff::Publisher::new(setoff.clone())));
            rooms.extend(setoff.rooms());
        }
        if let Some(holding) = &self.own.holding {
            rooms.extend(holding.rooms());
        }
        if let Some(release) = &self.release {
            rooms.push(Arc::new(release.clone()));
        }
        rooms.extend(self.chores());
        rooms.into_iter().map(|room| self.anchored(room)).collect()
    }

    /// The room; one that chains a house's change log leaves its anchors in the file.
    fn anchored(&self, room: Arc<dyn Room>) -> Arc<dyn Room> {
        let chained = room.name().strip_suffix(".chain");
        let pool = self.pools.0.iter().find(|(house, _)| Some(*house) == chained);
        match (&self.anchors, pool) {
            (Some(file), Some((house, database))) => {
                Arc::new(Anchoring::new(room, ChangeLog::new(house, &self.keys), database.clone(), file.clone()))
            }
            _ => room,
        }
    }

    /// What is due now and then in the houses of this process.
    fn chores(&self) -> impl Iterator<Item = Arc<dyn Room>> {
        let Own { parties, holding, setoff, mediation, .. } = &self.own;
        let chores = [
            parties.as_ref().map(parties::House::chores),
            holding.as_ref().map(holding::House::chores),
            setoff.as_ref().map(setoff::House::chores),
            mediation.as_ref().map(mediation::House::chores),
        ];
        let (clock, pause) = (&self.clock, self.chores_every);
        chores
            .into_iter()
            .flatten()
            .flatten()
            .chain(self.locks())
            .map(move |room| Arc::new(Every::new(room, pause, Arc::clone(clock))) as _)
    }

    /// Where the register runs, it is told what the agreements lock.
    fn locks(&self) -> Option<Arc<dyn Room>> {
        let (parties, register) = (self.known.parties.clone()?, self.own_register()?);
        Some(Arc::new(Locks { parties, register, clock: Arc::clone(&self.clock), ids: Arc::clone(&self.ids) }))
    }

    /// The register, where it runs in this process.
    pub(crate) fn own_register(&self) -> Option<Arc<register::House>> {
        self.own.register.clone()
    }

    /// Where parties, role profiles and lookups are known, here or elsewhere.
    pub fn parties(&self) -> Option<Arc<dyn PartiesHouse>> {
        self.known.parties.clone()
    }

    /// The open interfaces of the houses of this process.
    pub fn routes(&self) -> Router {
        let Own { register, parties, holding, setoff, mediation } = self.own.clone();
        let routes = [
            register.map(|house| register::routes(house.clone()).merge(register::step_routes(house))),
            parties.map(|house| parties::routes(Arc::new(house))),
            holding.map(|house| holding::routes(Arc::new(house))),
            setoff.map(|house| setoff::routes(Arc::new(house))),
            mediation.map(|house| mediation::routes(Arc::new(house))),
        ];
        routes.into_iter().flatten().fold(Router::new(), Router::merge)
    }

    /// Whether something waits to be done by mediation's rooms, as far as they are in this process.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_open_work(&self) -> Result<bool, Failure> {
        match &self.own.mediation {
            Some(mediation) => Ok(!mediation.open_work().await?.is_none()),
            None => Ok(false),
        }
    }
}

/// The house that is called, or what to do about it.
fn called<C: ?Sized>(house: &Option<Arc<C>>, caller: HouseName, name: HouseName) -> Result<Arc<C>, Failure> {
    house.clone().ok_or_else(|| format!("{caller} calls {name}: say where it runs with --{name}-url, or add it to --only").into())
}

async fn open_register(plan: &PartPlan, pools: &mut Pools) -> Result<Arc<register::House>, Failure> {
    let house = register::House::new(
        pools.connect(plan, register::SCHEMA).await?,
        &plan.keys,
        Arc::clone(&plan.clock),
        Arc::clone(&plan.ids),
        plan.houses.register.clone(),
    )?;
    let house = match &plan.houses.register_step_key {
        // A key that is made here is nobody else's: nothing could be compared under it.
        Some(file) if !file.exists() => return Err(format!("{}: register.step_key_file is missing", file.display()).into()),
        Some(file) => house.with_step_key(register::StepKey::new(&KeyRing::load_or_create(file)?)),
        None => house,
    };
    Ok(Arc::new(match &plan.houses.webhook_ca_file {
        Some(authorities) => house.sending_webhooks(&Trust::read(authorities)?),
        None => house,
    }))
}

async fn open_parties(plan: &PartPlan, pools: &mut Pools) -> Result<parties::House, Failure> {
    let house = parties::House::new(pools.connect(plan, parties::SCHEMA).await?, &plan.keys, Arc::clone(&plan.clock));
    Ok(house.keeping_answers(plan.houses.parties_answers_kept))
}

async fn open_holding(plan: &PartPlan, pools: &mut Pools) -> Result<holding::House, Failure> {
    let settings = plan.houses.holding.of_house(plan.accounts()?.holding.clone());
    let database = pools.connect(plan, holding::SCHEMA).await?;
    Ok(holding::House::new(database, &plan.keys, Arc::clone(&plan.clock), settings))
}

async fn open_setoff(plan: &PartPlan, pools: &mut Pools) -> Result<setoff::House, Failure> {
    let settings = plan.houses.setoff.of_house(plan.accounts()?.recovery.clone());
    let database = pools.connect(plan, setoff::SCHEMA).await?;
    Ok(setoff::House::new(database, &plan.keys, Arc::clone(&plan.clock), settings))
}

async fn open_mediation(plan: &PartPlan, known: &Known, pools: &mut Pools) -> Result<mediation::House, Failure> {
    let caller = HouseName::Mediation;
    let neighbours = mediation::Neighbours {
        register: called(&known.register, caller, HouseName::Register)?,
        parties: called(&known.parties, caller, HouseName::Parties)?,
        setoff: called(&known.setoff, caller, HouseName::Setoff)?,
        holding: called(&known.holding, caller, HouseName::Holding)?,
        payouts: called(&known.payouts, caller, HouseName::Register)?,
    };
    let channel = plan.channel.clone().ok_or("the settings lack the section [channel]: where files are handed over")?;
    let means = mediation::Means { channel, clock: Arc::clone(&plan.clock), ids: Arc::clone(&plan.ids) };
    let database = pools.connect(plan, mediation::SCHEMA).await?;
    Ok(mediation::House::new(database, &plan.keys, neighbours, means, plan.houses.mediation.clone()))
}

/// The room that pays deposits out calls the register and mediation.
fn open_release(plan: &PartPlan, holding: &holding::House, known: &Known) -> Result<holding::Release, Failure> {
    let accounts = plan.accounts()?;
    Ok(holding::Release::new(
        holding.clone(),
        called(&known.register, HouseName::Holding, HouseName::Register)?,
        called(&known.mediation, HouseName::Holding, HouseName::Mediation)?,
        Arc::clone(&plan.ids),
        plan.houses.holding.of_release(accounts.holding_agreement, accounts.holding.clone()),
    ))
}
