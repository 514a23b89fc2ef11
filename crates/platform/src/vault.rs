//! Sealing of what may be read by nobody without a house's key: numbers of people and units, and accounts.

use primitives::{Account, Identifier, IdentifierKind};

use crate::fault::Fault;
use crate::seal::{KeyRing, Sealer};

const IDENTIFIER: &str = "identifier";
const ACCOUNT: &str = "account";
const SEPARATOR: u8 = b'|';

/// The values of one house. Each task works on a clone.
#[derive(Clone, Debug)]
pub struct Vault(Sealer);

impl Vault {
    /// The vault of `house`, with keys of its own.
    #[must_use]
    pub fn new(keys: &KeyRing, house: &str) -> Self {
        Self(Sealer::new(keys, house))
    }

    /// The house's sealer, for values of other kinds.
    #[must_use]
    pub fn sealer(&self) -> &Sealer {
        &self.0
    }

    /// The sealed form of a number: equal numbers have equal sealed forms, so it is also the key the number is found by.
    #[must_use]
    pub fn seal(&self, identifier: &Identifier) -> Vec<u8> {
        let canonical = identifier.canonical();
        let kind = identifier.kind().as_str();
        let mut plain = Vec::with_capacity(kind.len() + 1 + canonical.len());
        plain.extend_from_slice(kind.as_bytes());
        plain.push(SEPARATOR);
        plain.extend_from_slice(canonical.as_bytes());
        self.0.seal(IDENTIFIER, &plain)
    }

    /// The number in a sealed form.
    ///
    /// # Errors
    /// When it was sealed with another key, or damaged.
    pub fn open(&self, sealed: &[u8]) -> Result<Identifier, Fault> {
        let plain = self.0.open_text(IDENTIFIER, sealed)?;
        let (kind, canonical) = plain.split_once(char::from(SEPARATOR)).ok_or(Fault::Stored("identifier"))?;
        IdentifierKind::parse(kind)
            .and_then(|kind| Identifier::from_canonical(kind, canonical))
            .map_err(|_| Fault::Stored("identifier"))
    }

    /// The sealed form of an account: equal accounts have equal sealed forms.
    #[must_use]
    pub fn seal_account(&self, account: &Account) -> Vec<u8> {
        self.0.seal(ACCOUNT, account.canonical().as_bytes())
    }

    /// The account in a sealed form.
    ///
    /// # Errors
    /// When it was sealed with another key, or damaged.
    pub fn open_account(&self, sealed: &[u8]) -> Result<Account, Fault> {
        let canonical = self.0.open_text(ACCOUNT, sealed)?;
        Account::from_canonical(&canonical).map_err(|_| Fault::Stored("account"))
    }
}

#[cfg(test)]
mod tests {
    use primitives::{Country, Cpr, Cvr, ForeignId, Se};

    use super::*;

    fn vault() -> Vault {
        Vault::new(&KeyRing::for_tests(), "house")
    }

    #[test]
    fn every_kind_of_number_is_sealed_and_opened() {
        let vault = vault();
        for identifier in [
            Identifier::from(Cpr::parse("0101585005").unwrap()),
            Cvr::parse("10103940").unwrap().into(),
            ForeignId::new(Country::parse("SE").unwrap(), "tax", "a|b").unwrap().into(),
        ] {
            let sealed = vault.seal(&identifier);
            assert_eq!(vault.seal(&identifier), sealed, "the sealed form is the key");
            assert_eq!(vault.open(&sealed).unwrap(), identifier);
            let digits = identifier.canonical().into_owned();
            assert!(!sealed.windows(digits.len()).any(|window| window == digits.as_bytes()));
        }
    }

    #[test]
    fn a_cvr_and_an_se_number_with_the_same_digits_differ() {
        let cvr = vault().seal(&Cvr::parse("10103940").unwrap().into());
        let se = vault().seal(&Se::parse("10103940").unwrap().into());
        assert_ne!(cvr, se);
    }

    #[test]
    fn an_account_is_sealed_and_opened() {
        let account = Account::from_canonical("DK|0040|0440116243").unwrap();
        let sealed = vault().seal_account(&account);
        assert_eq!(vault().open_account(&sealed).unwrap(), account);
        assert!(!sealed.windows(9).any(|window| window == b"440116243"));
    }

    #[test]
    fn a_damaged_value_or_another_houses_is_not_opened() {
        let sealed = vault().seal(&Cvr::parse("10103940").unwrap().into());
        assert!(Vault::new(&KeyRing::for_tests(), "neighbour").open(&sealed).is_err());
        let mut damaged = sealed.clone();
        *damaged.last_mut().unwrap() ^= 1;
        assert!(vault().open(&damaged).is_err() && vault().open(&sealed[1..]).is_err());
        assert!(vault().open_account(&sealed).is_err(), "a number is no account");
    }
}
