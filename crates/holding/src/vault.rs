//! Sealing of what may be read by nobody without the key: numbers of people and units, accounts, and kept answers.

use platform::seal::{KeyRing, Sealer};
use primitives::{Account, Identifier, IdentifierKind};

use crate::fault::Fault;

const IDENTIFIER: &str = "identifier";
const ACCOUNT: &str = "account";
const ANSWER: &str = "answer";
const INPUT: &str = "input";
const SEPARATOR: u8 = b'|';

/// The house's own keys. Each task works on a clone.
#[derive(Clone)]
pub(crate) struct Vault(Sealer);

impl Vault {
    pub(crate) fn new(keys: &KeyRing) -> Self {
        Self(Sealer::new(keys, "holding"))
    }

    /// The sealed form of a number: equal numbers have equal sealed forms, so it is also the key the number is found by.
    pub(crate) fn seal(&self, identifier: &Identifier) -> Vec<u8> {
        let canonical = identifier.canonical();
        let kind = identifier.kind().as_str();
        let mut plain = Vec::with_capacity(kind.len() + 1 + canonical.len());
        plain.extend_from_slice(kind.as_bytes());
        plain.push(SEPARATOR);
        plain.extend_from_slice(canonical.as_bytes());
        self.0.seal(IDENTIFIER, &plain)
    }

    /// The number in a sealed form.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<Identifier, Fault> {
        let plain = self.0.open_text(IDENTIFIER, sealed)?;
        let (kind, canonical) = plain.split_once(char::from(SEPARATOR)).ok_or(Fault::Stored("identifier"))?;
        IdentifierKind::parse(kind)
            .and_then(|kind| Identifier::from_canonical(kind, canonical))
            .map_err(|_| Fault::Stored("identifier"))
    }

    /// The sealed form of an account.
    pub(crate) fn seal_account(&self, account: &Account) -> Vec<u8> {
        self.0.seal(ACCOUNT, account.canonical().as_bytes())
    }

    /// The account in a sealed form.
    pub(crate) fn open_account(&self, sealed: &[u8]) -> Result<Account, Fault> {
        let canonical = self.0.open_text(ACCOUNT, sealed)?;
        Account::from_canonical(&canonical).map_err(|_| Fault::Stored("account"))
    }

    /// Seals an answer that is kept for repetition.
    pub(crate) fn seal_answer(&self, answer: &[u8]) -> Vec<u8> {
        self.0.seal(ANSWER, answer)
    }

    /// Opens a kept answer.
    pub(crate) fn open_answer(&self, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(self.0.open(ANSWER, sealed)?)
    }

    /// The digest that tells whether two calls have the same input. Keyed: without the key nobody finds a number by trying them all.
    pub(crate) fn input_digest(&self, canonical: &[u8]) -> [u8; 32] {
        platform::idempotency::digest(&self.0.digest(INPUT, &[canonical]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{Country, Cpr, Cvr, ForeignId};

    fn check_round_trip(identifier: Identifier) {
        let vault = Vault::new(&KeyRing::for_tests());
        let sealed = vault.seal(&identifier);
        assert_eq!(vault.seal(&identifier), sealed, "the sealed form is the key");
        assert_eq!(vault.open(&sealed).unwrap(), identifier);
        let digits = identifier.canonical().into_owned();
        assert!(!sealed.windows(digits.len()).any(|window| window == digits.as_bytes()));
    }

    #[test]
    fn every_kind_of_number_is_sealed_and_opened() {
        check_round_trip(Cpr::parse("0101585005").unwrap().into());
        check_round_trip(Cvr::parse("10103940").unwrap().into());
        check_round_trip(ForeignId::new(Country::parse("SE").unwrap(), "tax", "a|b").unwrap().into());
    }

    #[test]
    fn a_cvr_and_an_se_number_with_the_same_digits_differ() {
        let vault = Vault::new(&KeyRing::for_tests());
        let cvr = vault.seal(&Cvr::parse("10103940").unwrap().into());
        let se = vault.seal(&primitives::Se::parse("10103940").unwrap().into());
        assert_ne!(cvr, se);
    }

    #[test]
    fn an_account_is_sealed_and_opened() {
        let vault = Vault::new(&KeyRing::for_tests());
        let account = Account::from_canonical("DK|0040|0440116243").unwrap();
        assert_eq!(vault.open_account(&vault.seal_account(&account)).unwrap(), account);
    }

    #[test]
    fn a_damaged_value_is_not_opened() {
        let vault = Vault::new(&KeyRing::for_tests());
        let mut sealed = vault.seal(&Cvr::parse("10103940").unwrap().into());
        *sealed.last_mut().unwrap() ^= 1;
        assert!(vault.open(&sealed).is_err());
    }
}
