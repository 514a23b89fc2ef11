//! Accounts as messages name them.

use super::bank::BankRef;
use crate::record::record;
use primitives::{Account, Country, DanishAccount, ForeignAccount, ForeignAccountParts, Iban};
use std::fmt;

record! {
    /// An account. `Debug` hides its number.
    pub struct AccountRef<'a> {
        /// Its IBAN as written.
        iban: Option<&'a str> => "Id/IBAN",
        /// Its number, where it is no IBAN.
        number: Option<&'a str> => "Id/Othr/Id",
        /// What the number is, by a code such as `BBAN`.
        scheme: Option<&'a str> => "Id/Othr/SchmeNm/Cd",
        /// What the number is, in the bank's own words.
        scheme_text: Option<&'a str> => "Id/Othr/SchmeNm/Prtry",
    }
}

impl<'a> AccountRef<'a> {
    /// The account of an IBAN.
    #[must_use]
    pub fn of_iban(iban: &'a Iban) -> Self {
        AccountRef { iban: Some(iban.as_str()), ..AccountRef::default() }
    }

    /// The account of a national number (`BBAN`); a Danish one has the 4 digits of its registration number and 10 more.
    #[must_use]
    pub fn of_bban(number: &'a str) -> Self {
        AccountRef { number: Some(number), scheme: Some("BBAN"), ..AccountRef::default() }
    }

    /// The account, if the number is valid: an IBAN, or a `BBAN` with its bank. Without a bank it is a Danish one. A
    /// number of another scheme may be anything, and is no account.
    #[must_use]
    pub fn account(&self, bank: &BankRef<'_>) -> Option<Account> {
        if let Some(iban) = self.iban {
            return Some(Account::from_iban(Iban::parse(iban).ok()?, bank.valid_bic()));
        }
        let number = self.number.filter(|_| self.scheme.or(self.scheme_text) == Some("BBAN"))?;
        match bank.valid_country() {
            None | Some(Country::DK) => danish(number, bank.clearing_member).map(Account::Danish),
            Some(country) => {
                let parts = ForeignAccountParts {
                    number: number.to_owned(),
                    bank_code: bank.clearing_member.map(str::to_owned),
                    bic: bank.valid_bic(),
                    bank_name: bank.name.map(|name| name.as_str().to_owned()),
                    country,
                    currency: None,
                };
                ForeignAccount::new(parts).ok().map(Account::Foreign)
            }
        }
    }
}

/// The registration number is the number's first four digits, or the bank's number in the clearing.
fn danish(number: &str, registration: Option<&str>) -> Option<DanishAccount> {
    if let Some(registration) = registration.filter(|_| number.len() <= 10) {
        return DanishAccount::new(registration, number).ok();
    }
    let (registration, number) = number.split_at_checked(4).filter(|_| number.len() == 14)?;
    DanishAccount::new(registration, number).ok()
}

impl fmt::Debug for AccountRef<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        primitives::mask::hidden(out, "AccountRef")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(account: AccountRef<'_>, bank: BankRef<'_>, expect: Option<&str>) {
        assert_eq!(account.account(&bank).map(|account| account.canonical()).as_deref(), expect);
    }

    #[test]
    fn accounts() {
        let nowhere = BankRef::default();
        let iban = Iban::parse("DK5000400440116243").expect("a published example");
        check(AccountRef::of_iban(&iban), nowhere, Some("DK|0040|0440116243"));
        check(AccountRef::of_bban("00400440116243"), nowhere, Some("DK|0040|0440116243"));
        check(AccountRef::of_bban("0400440116243"), nowhere, None);
        check(AccountRef { iban: Some("DK5100400440116243"), ..AccountRef::default() }, nowhere, None);
        check(AccountRef { number: Some("00400440116243"), ..AccountRef::default() }, nowhere, None);
        let branch = BankRef { clearing_member: Some("0040"), ..nowhere };
        check(AccountRef::of_bban("440116243"), branch, Some("DK|0040|0440116243"));
        let american = BankRef { clearing_system: Some("USABA"), clearing_member: Some("021000021"), ..nowhere };
        check(AccountRef::of_bban("000123456789"), american, Some("FOR|US|000123456789|021000021|||"));
        assert_eq!(format!("{:?}", AccountRef::of_iban(&iban)), "AccountRef(••••)");
    }
}
