//! The accounts of a message.

use super::fault::{Fault, words};
use crate::reason::ReasonCode;
use primitives::{Account, Bic, Country, DanishAccount, ForeignAccount, ForeignAccountParts, Iban};

/// What a message says of an account's bank.
#[derive(Clone, Copy, Default)]
pub(super) struct BankFacts<'r> {
    pub bic: Option<Bic>,
    /// `ClrSysMmbId/ClrSysId/Cd`; its first two letters are the country.
    pub clearing_system: Option<&'r str>,
    pub clearing_member: Option<&'r str>,
    pub name: Option<&'r str>,
    pub country: Option<&'r str>,
}

impl BankFacts<'_> {
    fn country(&self) -> Option<Country> {
        let named = self.country.and_then(|code| Country::parse(code).ok());
        let of_clearing = || self.clearing_system.and_then(|code| Country::parse(code.get(..2)?).ok());
        let of_bic = || self.bic.map(|bic| bic.country());
        named.or_else(of_bic).or_else(of_clearing)
    }
}

/// The account of an IBAN.
pub(super) fn of_iban(iban: &str, bic: Option<Bic>) -> Option<Account> {
    Some(Account::from_iban(Iban::parse(iban).ok()?, bic))
}

/// The account of a national number (`BBAN`). In a Danish bank, or where no other bank is named,
/// it is the registration number's 4 digits and up to 10 digits of account; the registration
/// number may also be the bank's clearing member number.
pub(super) fn of_bban(number: &str, bank: BankFacts<'_>) -> Option<Account> {
    match bank.country() {
        None | Some(Country::DK) => danish(number, bank.clearing_member).map(Account::Danish),
        Some(country) => {
            let parts = ForeignAccountParts {
                number: number.to_owned(),
                bank_code: bank.clearing_member.map(str::to_owned),
                bic: bank.bic,
                bank_name: bank.name.map(str::to_owned),
                country,
                currency: None,
            };
            ForeignAccount::new(parts).ok().map(Account::Foreign)
        }
    }
}

fn danish(number: &str, registration: Option<&str>) -> Option<DanishAccount> {
    if let Some(registration) = registration.filter(|_| number.len() <= 10) {
        return DanishAccount::new(registration, number).ok();
    }
    // A shorter number would leave it open where the registration number ends.
    let (registration, number) = number.split_at_checked(4).filter(|_| number.len() == 14)?;
    DanishAccount::new(registration, number).ok()
}

/// The creditor's account cannot be read.
pub(super) const INVALID_CREDITOR: Fault = Fault {
    code: ReasonCode::AC03,
    text: words("Modtagerens kontonummer er ikke gyldigt.", "The creditor's account number is not valid."),
    expected: words("et gyldigt IBAN, eller et BBAN med sin bank", "a valid IBAN, or a BBAN with its bank"),
    found: words("et andet nummer", "another number"),
};

/// Digits without a scheme in the creditor account's place, or with one we do not know.
pub(super) const UNKNOWN_SCHEME: Fault = Fault {
    code: ReasonCode::AC03,
    text: words(
        "Det fremgår ikke, om nummeret er en konto eller en identifikation.",
        "It is not said whether the number is an account or an identification.",
    ),
    expected: words(
        "arten BBAN for en konto, eller CPR, CVR, SE, P eller NKS for en identifikation",
        "scheme BBAN for an account, or CPR, CVR, SE, P or NKS for an identification",
    ),
    found: words("en anden art, eller ingen", "another scheme, or none"),
};

/// An alias of a type we do not know, such as a telephone number.
pub(super) const UNKNOWN_PROXY: Fault = Fault {
    code: ReasonCode::AC03,
    text: words(
        "Kontobetegnelsen (Prxy) er ikke af en art, der siger, hvem modtageren er.",
        "The account alias (Prxy) is of no type that says who the payee is.",
    ),
    expected: words("arten CPR, CVR, SE, P eller NKS", "type CPR, CVR, SE, P or NKS"),
    found: words("en anden art, eller ingen", "another type, or none"),
};

/// The account that charges are to be debited from cannot be read.
pub(super) const INVALID_CHARGES: Fault = Fault {
    code: ReasonCode::AC01,
    text: words("Gebyrkontoens nummer er ikke gyldigt.", "The number of the charges account is not valid."),
    expected: words("et gyldigt IBAN", "a valid IBAN"),
    found: words("et andet nummer", "another number"),
};

/// The debtor's account cannot be read.
pub(super) const INVALID_DEBTOR: Fault = Fault {
    code: ReasonCode::AC02,
    text: words("Udbetalers kontonummer er ikke gyldigt.", "The debtor's account number is not valid."),
    expected: words("et gyldigt IBAN, eller et dansk BBAN på 14 cifre", "a valid IBAN, or a Danish BBAN of 14 digits"),
    found: words("et andet nummer, en anden art, eller ingen", "another number, scheme, or none"),
};

#[cfg(test)]
mod tests {
    use super::*;

    fn check(number: &str, bank: BankFacts<'_>, expect: Option<&str>) {
        assert_eq!(of_bban(number, bank).map(|account| account.canonical()).as_deref(), expect);
    }

    #[test]
    fn national_numbers() {
        let nowhere = BankFacts::default();
        check("00400440116243", nowhere, Some("DK|0040|0440116243"));
        check("0400440116243", nowhere, None);
        check("0040044011624X", nowhere, None);
        check("440116243", BankFacts { clearing_member: Some("0040"), ..nowhere }, Some("DK|0040|0440116243"));
        let danish_bank = BankFacts { bic: Bic::parse("DABADKKK").ok(), ..nowhere };
        check("00400440116243", danish_bank, Some("DK|0040|0440116243"));
        let american_bank =
            BankFacts { clearing_system: Some("USABA"), clearing_member: Some("021000021"), name: Some("Some Bank"), ..nowhere };
        check("000123456789", american_bank, Some("FOR|US|000123456789|021000021||Some Bank|"));
    }

    #[test]
    fn ibans() {
        let account = of_iban("DK5000400440116243", None).map(|account| account.canonical());
        assert_eq!(account.as_deref(), Some("DK|0040|0440116243"));
        assert!(of_iban("DK5100400440116243", None).is_none());
    }
}
