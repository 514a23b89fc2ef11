//! Five banks that do not exist.

use contracts::parties::{BankCharacters, BankProfile, PainVersion};
use primitives::{BankCode, Bic};

use super::World;

/// A bank of the seeded Denmark.
#[derive(Debug)]
pub(super) struct BankSpec {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) bic: &'static str,
    pub(super) registrations: &'static [&'static str],
    pub(super) version: PainVersion,
    /// The characters it takes.
    pub(super) characters: BankCharacters,
    /// Whether it answers in a newer version than it is written to: `pain.002.001.14`.
    pub(super) newest_answers: bool,
}

pub(super) const BANKS: [BankSpec; 5] = [
    bank("DEMO-1", "Nordstrand Bank (demo)", "DEMADKKK", &["9901", "9902", "9903"], PainVersion::V09),
    BankSpec {
        characters: BankCharacters::Sepa,
        ..bank("DEMO-2", "Søndermose Sparekasse (demo)", "DEMBDKKK", &["9911", "9912"], PainVersion::V03)
    },
    BankSpec {
        characters: BankCharacters::Danish,
        ..bank("DEMO-3", "Andelsbanken Vesterlund (demo)", "DEMCDKKK", &["9921", "9922"], PainVersion::V09)
    },
    bank("DEMO-4", "Østerbæk Landbobank (demo)", "DEMDDKKK", &["9931"], PainVersion::V03),
    BankSpec {
        newest_answers: true,
        ..bank("DEMO-5", "Klitbjerg Kreditbank (demo)", "DEMEDKKK", &["9941", "9942", "9943"], PainVersion::V09)
    },
];

const fn bank(
    code: &'static str, name: &'static str, bic: &'static str, registrations: &'static [&'static str], version: PainVersion,
) -> BankSpec {
    BankSpec { code, name, bic, registrations, version, characters: BankCharacters::Unicode, newest_answers: false }
}

impl BankSpec {
    pub(super) fn bank_code(&self) -> BankCode {
        BankCode::parse(self.code).expect("a code of the table")
    }

    pub(super) fn profile(&self) -> BankProfile {
        BankProfile {
            code: self.bank_code(),
            name: self.name.to_owned(),
            bic: Bic::parse(self.bic).expect("a BIC of the table"),
            registration_numbers: self.registrations.iter().map(|&number| number.to_owned()).collect(),
            pain_version: self.version,
            domestic_lag: 0,
            foreign_lag: 1,
            needs_payee_number: false,
            characters: self.characters,
        }
    }
}

impl World {
    /// The BICs of the banks that answer in the newest version of the status report.
    pub(crate) fn banks_with_newest_answers() -> impl Iterator<Item = &'static str> {
        BANKS.iter().filter(|bank| bank.newest_answers).map(|bank| bank.bic)
    }
}
