//! Sealing of what may be read by nobody without the key: account numbers, and the digest of inputs that hold them.

use platform::seal::{KeyRing, Sealer};
use primitives::Account;

use crate::fault::Fault;

const ACCOUNT: &str = "account";
const INPUT: &str = "input";

/// The house's own keys.
#[derive(Clone)]
pub(crate) struct Vault(Sealer);

impl Vault {
    pub(crate) fn new(keys: &KeyRing) -> Self {
        Self(Sealer::new(keys, "parties"))
    }

    /// The sealed form of an account: equal accounts have equal sealed forms.
    pub(crate) fn seal(&self, account: &Account) -> Vec<u8> {
        self.0.seal(ACCOUNT, account.canonical().as_bytes())
    }

    /// The account in a sealed form.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<Account, Fault> {
        let canonical = self.0.open_text(ACCOUNT, sealed)?;
        Account::from_canonical(&canonical).map_err(|_| Fault::Stored("account"))
    }

    /// The digest that tells whether two calls have the same input. Keyed: without the key nobody finds an account by trying them all.
    pub(crate) fn input_digest(&self, canonical: &[u8]) -> [u8; 32] {
        platform::idempotency::digest(&self.0.digest(INPUT, &[canonical]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::DanishAccount;

    #[test]
    fn an_account_is_sealed_and_opened() {
        let vault = Vault::new(&KeyRing::for_tests());
        let account = Account::Danish(DanishAccount::new("0040", "440116243").unwrap());
        let sealed = vault.seal(&account);
        assert_eq!(vault.open(&sealed).unwrap(), account);
        assert!(!sealed.windows(9).any(|window| window == b"440116243"));
        assert!(vault.open(&sealed[1..]).is_err());
    }
}
