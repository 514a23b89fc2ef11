//! The companies, their SE units and production units.

use contracts::register::{HolderKind, HolderRecord, HolderStatus};
use jiff::civil::Date;

use super::{Payee, World, names};
use crate::dice::Stream;

impl World {
    /// The register's facts of a company, an SE unit or a production unit.
    pub(super) fn unit_record(&self, payee: Payee) -> HolderRecord {
        let company = self.company_of(payee).expect("units belong to a company");
        let name = names::company(&mut self.dice(Stream::CompanyName, company));
        let (status, status_from) = self.unit_status(payee);
        HolderRecord {
            identifiers: vec![self.identifier(payee)],
            kind: HolderKind::Unit,
            name: match payee {
                Payee::SeUnit(_) => format!("{name}, SE-enhed"),
                Payee::ProductionUnit(_) => format!("{name}, produktionsenhed"),
                Payee::Person(_) | Payee::Company(_) => name,
            },
            born: None,
            status,
            status_from,
        }
    }

    /// Whether a unit can be paid. Only companies are ever closed.
    pub(super) fn unit_status(&self, payee: Payee) -> (HolderStatus, Option<Date>) {
        match payee {
            Payee::Company(index) => self.status(&mut self.dice(Stream::CompanyStatus, index)),
            Payee::Person(_) | Payee::SeUnit(_) | Payee::ProductionUnit(_) => (HolderStatus::Active, None),
        }
    }
}
