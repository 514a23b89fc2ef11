//! A person or unit of the seeded Denmark, and how it is found again by its number.

use primitives::{Account, Identifier, IdentifierKind};

use super::World;

/// A holder by its place in the seeded Denmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Payee {
    /// A person, below [`super::WorldSize::people`].
    Person(u64),
    /// A company with a CVR number, below [`super::WorldSize::companies`].
    Company(u64),
    /// The SE unit of every tenth company.
    SeUnit(u64),
    /// The production unit (P number) of every fifth company.
    ProductionUnit(u64),
}

/// What the register ought to answer for a payee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// This account.
    Account(Account),
    /// A known holder without an account.
    WithoutAccount,
    /// A holder that is end-marked (slutmarkeret).
    Closed,
    /// A number the register does not know.
    Unknown,
}

impl World {
    /// The number of a holder.
    #[must_use]
    pub fn identifier(&self, payee: Payee) -> Identifier {
        match payee {
            Payee::Person(index) => self.numbers.cpr(index).into(),
            Payee::Company(index) => self.numbers.cvr(index).into(),
            Payee::SeUnit(index) => self.numbers.se(index).into(),
            Payee::ProductionUnit(index) => self.numbers.p(index).into(),
        }
    }

    /// The holder with a number; `None` where the register does not know it.
    #[must_use]
    pub fn find(&self, kind: IdentifierKind, digits: &str) -> Option<Payee> {
        let size = self.size;
        match kind {
            IdentifierKind::Cpr => self.numbers.cpr_index(digits).filter(|index| *index < size.people).map(Payee::Person),
            IdentifierKind::Cvr => self.numbers.cvr_index(digits).filter(|index| *index < size.companies).map(Payee::Company),
            IdentifierKind::Se => self.numbers.se_index(digits).filter(|index| *index < size.se_units()).map(Payee::SeUnit),
            IdentifierKind::P => {
                self.numbers.p_index(digits).filter(|index| *index < size.production_units()).map(Payee::ProductionUnit)
            }
            IdentifierKind::Foreign => None,
        }
    }

    /// The company an SE unit or production unit belongs to.
    #[must_use]
    pub fn company_of(&self, payee: Payee) -> Option<u64> {
        match payee {
            Payee::Person(_) => None,
            Payee::Company(index) => Some(index),
            Payee::SeUnit(index) => Some(index * super::COMPANIES_PER_SE_UNIT),
            Payee::ProductionUnit(index) => Some(index * super::COMPANIES_PER_PRODUCTION_UNIT),
        }
    }

    /// All holders: persons, companies, SE units, production units.
    pub fn payees(&self) -> impl Iterator<Item = Payee> + Clone + use<> {
        let size = self.size;
        (0..size.people)
            .map(Payee::Person)
            .chain((0..size.companies).map(Payee::Company))
            .chain((0..size.se_units()).map(Payee::SeUnit))
            .chain((0..size.production_units()).map(Payee::ProductionUnit))
    }

    /// A CPR number of the nineteenth century that nobody in the register has.
    #[must_use]
    pub fn unknown_person(&self, index: u64) -> Identifier {
        let unknown = super::numbers::CPR_NUMBERS - self.size.people;
        self.numbers.cpr(self.size.people + index % unknown).into()
    }
}
