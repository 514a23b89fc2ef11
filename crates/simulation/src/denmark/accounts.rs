//! Accounts at the invented banks and abroad.

use primitives::{Account, Bic, Country, DanishAccount, ForeignAccount, ForeignAccountParts, Iban};

use super::banks::BANKS;
use crate::dice::{Dice, Stream, mix};
use crate::permutation::Permutation;

/// What an account is kept for; each kind has account numbers of its own, so no two accounts are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(super) enum AccountKind {
    PersonNemKonto,
    PersonSpecific,
    Company,
    SeUnit,
    ProductionUnit,
    OnOrder,
    Institution,
}

/// Account numbers per kind.
const PER_KIND: u64 = 1_000_000_000;
/// All account numbers of ten digits.
const ACCOUNT_NUMBERS: u64 = 10_000_000_000;

/// Makes every account of the seeded Denmark.
#[derive(Clone, Debug)]
pub(super) struct Accounts {
    seed: u64,
    order: Permutation,
}

impl Accounts {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, order: Permutation::new(mix(seed ^ 0xACC), ACCOUNT_NUMBERS) }
    }

    /// The Danish account of a kind and index, at one of the invented banks.
    pub(super) fn danish(&self, kind: AccountKind, index: u64) -> DanishAccount {
        let serial = kind as u64 * PER_KIND + index % PER_KIND;
        let bank = Dice::new(self.seed, Stream::AccountNumber, serial).pick(&BANKS).registrations;
        let registration = Dice::new(self.seed, Stream::AccountNumber, !serial).pick(bank).to_owned();
        self.at(registration, serial)
    }

    /// An institution's account at a chosen bank.
    pub(super) fn institution(&self, bank: usize, index: u64) -> DanishAccount {
        self.at(BANKS[bank].registrations[0], AccountKind::Institution as u64 * PER_KIND + index)
    }

    fn at(&self, registration: &str, serial: u64) -> DanishAccount {
        let number = format!("{:010}", self.order.forward(serial));
        DanishAccount::new(registration, &number).expect("four digits and ten digits")
    }
}

/// A country with IBAN: how the national part begins and how many digits follow.
struct IbanCountry {
    code: &'static str,
    bank: &'static str,
    digits: usize,
    bic: &'static str,
}

const IBAN_COUNTRIES: [IbanCountry; 6] = [
    IbanCountry { code: "DE", bank: "", digits: 18, bic: "DEMODEFF" },
    IbanCountry { code: "SE", bank: "", digits: 20, bic: "DEMOSESS" },
    IbanCountry { code: "FI", bank: "", digits: 14, bic: "DEMOFIHH" },
    IbanCountry { code: "PL", bank: "", digits: 24, bic: "DEMOPLPW" },
    IbanCountry { code: "NL", bank: "DEMO", digits: 10, bic: "DEMONL2A" },
    IbanCountry { code: "GB", bank: "DEMO", digits: 14, bic: "DEMOGB2L" },
];

/// Countries without IBAN: country, bank code, BIC, digits of the account number.
const OTHER_COUNTRIES: [(&str, &str, &str, usize); 3] =
    [("US", "000000000", "DEMOUS33", 10), ("CA", "000000000", "DEMOCATT", 12), ("AU", "000000", "DEMOAU2S", 9)];

/// An account abroad: mostly with IBAN, one in eight without.
pub(super) fn foreign(dice: &mut Dice) -> Account {
    if dice.falls(1_250) {
        return without_iban(dice);
    }
    let country = dice.pick(&IBAN_COUNTRIES);
    let national = format!("{}{}", country.bank, dice.digits(country.digits));
    let iban = Iban::parse(&with_check_digits(country.code, &national)).expect("made with its check digits");
    Account::Iban { iban, bic: Some(Bic::parse(country.bic).expect("eight characters with a country")) }
}

fn without_iban(dice: &mut Dice) -> Account {
    let (country, bank_code, bic, digits) = *dice.pick(&OTHER_COUNTRIES);
    let parts = ForeignAccountParts {
        number: dice.digits(digits),
        bank_code: Some(bank_code.to_owned()),
        bic: Some(Bic::parse(bic).expect("eight characters with a country")),
        bank_name: Some("Demo Bank Abroad".to_owned()),
        country: Country::parse(country).expect("a country of ISO 3166"),
        currency: None,
    };
    Account::Foreign(ForeignAccount::new(parts).expect("within every limit"))
}

/// The IBAN of a national account number, by ISO 13616: mod 97 of the rearranged number is 1.
fn with_check_digits(country: &str, national: &str) -> String {
    let rearranged = format!("{national}{country}00");
    let remainder = rearranged.bytes().fold(0_u32, |remainder, byte| match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        _ => (remainder * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    format!("{country}{:02}{national}", 98 - remainder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_published_iban_comes_out_of_its_parts() {
        assert_eq!(with_check_digits("DK", "00400440116243"), "DK5000400440116243");
        assert_eq!(with_check_digits("GB", "WEST12345698765432"), "GB82WEST12345698765432");
    }

    #[test]
    fn every_kind_of_foreign_account_is_valid() {
        let countries: HashSet<_> =
            (0..500).map(|index| foreign(&mut Dice::new(1, Stream::PersonAccount, index)).country()).collect();
        assert_eq!(countries.len(), IBAN_COUNTRIES.len() + OTHER_COUNTRIES.len());
    }

    #[test]
    fn no_two_accounts_are_the_same() {
        let accounts = Accounts::new(1);
        let kinds = [AccountKind::PersonNemKonto, AccountKind::PersonSpecific, AccountKind::Company, AccountKind::OnOrder];
        let all: HashSet<_> = kinds
            .into_iter()
            .flat_map(|kind| (0..10_000).map(move |index| (kind, index)))
            .map(|(kind, index)| accounts.danish(kind, index).number().to_owned())
            .collect();
        assert_eq!(all.len(), 40_000);
    }
}
