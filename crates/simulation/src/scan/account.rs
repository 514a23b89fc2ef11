//! Accounts as keys that compare equal however they are written.

use std::fmt;

use primitives::Account;

/// An account in one form: a Danish one by its 14 digits whether written as IBAN or not, another by its IBAN, or by its number.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct AccountKey(String);

impl AccountKey {
    /// Length of a Danish IBAN, and of the registration number and account number in it.
    const DANISH_IBAN: usize = 18;
    const DANISH_DIGITS: usize = 14;

    /// The key of an IBAN.
    pub(crate) fn of_iban(iban: &str) -> Self {
        if iban.len() == Self::DANISH_IBAN && iban.is_ascii() && iban.starts_with("DK") {
            Self(format!("DK:{}", &iban[4..]))
        } else {
            Self(format!("IBAN:{iban}"))
        }
    }

    /// The key of a number that is no IBAN; 14 digits marked as a national account (BBAN) are a Danish account.
    pub(crate) fn of_number(number: &str, scheme: &str) -> Self {
        let danish = scheme == "BBAN" && number.len() == Self::DANISH_DIGITS && number.bytes().all(|byte| byte.is_ascii_digit());
        Self(format!("{}:{number}", if danish { "DK" } else { "NUMBER" }))
    }

    /// The key of an account the seeded Denmark knows.
    pub(crate) fn of_account(account: &Account) -> Self {
        match account {
            Account::Danish(danish) => Self(format!("DK:{}{}", danish.registration(), danish.number())),
            Account::Iban { iban, .. } => Self::of_iban(iban.as_str()),
            Account::Foreign(foreign) => Self::of_number(foreign.number(), ""),
        }
    }

    /// The key's text, for hashing.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an IBAN's check digits are right (ISO 13616: mod 97 of the rearranged number is 1).
pub(crate) fn iban_checks(iban: &str) -> bool {
    let shape = (15..=34).contains(&iban.len()) && iban.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    if !shape {
        return false;
    }
    let rearranged = iban[4..].bytes().chain(iban[..4].bytes());
    let remainder = rearranged.fold(0_u32, |remainder, byte| match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        _ => (remainder * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    remainder == 1
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKey(••••)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::{DanishAccount, Iban};

    #[test]
    fn a_danish_account_has_one_key_however_it_is_written() {
        let account = DanishAccount::new("0040", "0440116243").unwrap();
        let key = AccountKey::of_account(&account.into());
        assert_eq!(key, AccountKey::of_iban("DK5000400440116243"));
        assert_eq!(key, AccountKey::of_number("00400440116243", "BBAN"));
        assert_ne!(key, AccountKey::of_number("00400440116243", ""));
    }

    #[test]
    fn other_accounts_differ_by_their_number() {
        let account = Account::from_iban(Iban::parse("GB82WEST12345698765432").unwrap(), None);
        assert_eq!(AccountKey::of_account(&account), AccountKey::of_iban("GB82WEST12345698765432"));
        assert!(!format!("{:?}", AccountKey::of_account(&account)).contains("WEST"));
    }

    #[test]
    fn check_digits_are_checked() {
        assert!(iban_checks("DK5000400440116243") && iban_checks("GB82WEST12345698765432"));
        for wrong in ["DK5100400440116243", "DK5", "", "dk5000400440116243", "DK50 0040 0440 1162 43"] {
            assert!(!iban_checks(wrong), "{wrong}");
        }
    }
}
