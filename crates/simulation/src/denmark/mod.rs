//! A Denmark made from a seed: every fact is computed from the seed and an index, so millions of people need no memory.

mod accounts;
pub(crate) mod authorities;
mod banks;
mod designations;
mod holder;
mod markers;
pub(crate) mod names;
mod numbers;
mod parties;
mod person;
mod standing;
mod unit;

use std::fmt;

use contracts::register::{Designation, HolderRecord};
use jiff::civil::Date;

pub use designations::SpecificAccount;
pub use holder::{Payee, Standing};
pub use markers::Redirected;

use self::accounts::{AccountKind, Accounts};
use self::numbers::Numbers;
use crate::dice::{Dice, Stream};

const COMPANIES_PER_SE_UNIT: u64 = 10;
const COMPANIES_PER_PRODUCTION_UNIT: u64 = 5;

/// How large the seeded Denmark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorldSize {
    /// Persons, 1 to [`WorldSize::MOST_PEOPLE`].
    pub people: u64,
    /// Companies, 1 to [`WorldSize::MOST_COMPANIES`].
    pub companies: u64,
}

impl WorldSize {
    /// The most persons: the nineteenth century has numbers for ten times as many, and unknown ones must remain.
    pub const MOST_PEOPLE: u64 = 6_000_000;
    /// The most companies.
    pub const MOST_COMPANIES: u64 = 600_000;

    /// SE units: one for every tenth company.
    #[must_use]
    pub fn se_units(self) -> u64 {
        self.companies / COMPANIES_PER_SE_UNIT
    }

    /// Production units: one for every fifth company.
    #[must_use]
    pub fn production_units(self) -> u64 {
        self.companies / COMPANIES_PER_PRODUCTION_UNIT
    }
}

impl Default for WorldSize {
    fn default() -> Self {
        Self { people: 100_000, companies: 10_000 }
    }
}

/// How often what happens, per 10,000 holders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorldRates {
    /// The NemKonto is abroad.
    pub foreign_account: u32,
    /// There is no NemKonto.
    pub without_account: u32,
    /// The holder is end-marked.
    pub closed: u32,
    /// A person has a specific account with some payer.
    pub specific: u32,
    /// The recovery authority has a marker on the holder.
    pub marked: u32,
}

impl Default for WorldRates {
    fn default() -> Self {
        Self { foreign_account: 200, without_account: 150, closed: 30, specific: 100, marked: 100 }
    }
}

/// Why a world cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// The size is outside its limits.
    #[error("a seeded Denmark has 1 to 6,000,000 people and 1 to 600,000 companies")]
    Size,
}

/// The seeded Denmark. Cheap to clone; every answer is computed when asked for.
#[derive(Clone)]
pub struct World {
    seed: u64,
    size: WorldSize,
    rates: WorldRates,
    today: Date,
    numbers: Numbers,
    accounts: Accounts,
}

impl World {
    /// The Denmark of a seed, as it is today, with the usual rates. `today` decides dates, nothing else; payments are due on the
    /// bank day on or after it.
    ///
    /// # Errors
    /// [`WorldError::Size`] when the size is outside its limits.
    pub fn new(seed: u64, size: WorldSize, today: Date) -> Result<Self, WorldError> {
        Self::with_rates(seed, size, today, WorldRates::default())
    }

    /// As [`World::new`], with other rates.
    ///
    /// # Errors
    /// [`WorldError::Size`] when the size is outside its limits.
    pub fn with_rates(seed: u64, size: WorldSize, today: Date, rates: WorldRates) -> Result<Self, WorldError> {
        let within =
            (1..=WorldSize::MOST_PEOPLE).contains(&size.people) && (1..=WorldSize::MOST_COMPANIES).contains(&size.companies);
        within
            .then(|| Self { seed, size, rates, today, numbers: Numbers::new(seed), accounts: Accounts::new(seed) })
            .ok_or(WorldError::Size)
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The size.
    #[must_use]
    pub fn size(&self) -> WorldSize {
        self.size
    }

    /// The day the world stands at.
    #[must_use]
    pub fn today(&self) -> Date {
        self.today
    }

    /// The register's facts of a holder.
    #[must_use]
    pub fn record(&self, payee: Payee) -> HolderRecord {
        match payee {
            Payee::Person(index) => self.person_record(index),
            unit => self.unit_record(unit),
        }
    }

    /// The register's facts of every holder: persons, companies, SE units, production units.
    pub fn holders(&self) -> impl Iterator<Item = HolderRecord> + '_ {
        self.payees().map(|payee| self.record(payee))
    }

    /// Every designation, in the order of the holders.
    pub fn designations(&self) -> impl Iterator<Item = Designation> + '_ {
        self.payees().flat_map(|payee| self.designations_of(payee))
    }

    /// An account a payer may put on a complete order: valid, in Denmark, in nobody's register entry.
    #[must_use]
    pub fn account_on_order(&self, key: u64) -> primitives::DanishAccount {
        self.accounts.danish(AccountKind::OnOrder, key)
    }

    pub(crate) fn dice(&self, stream: Stream, index: u64) -> Dice {
        Dice::new(self.seed, stream, index)
    }
}

impl Payee {
    /// One number for a holder of any kind.
    fn place(self) -> u64 {
        let (kind, index) = match self {
            Self::Person(index) => (0, index),
            Self::Company(index) => (1, index),
            Self::SeUnit(index) => (2, index),
            Self::ProductionUnit(index) => (3, index),
        };
        kind << 40 | index
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("seed", &self.seed).field("size", &self.size).field("today", &self.today).finish()
    }
}

#[cfg(test)]
mod tests;
