//! An account travels as an object whose `type` is `danish`, `iban` or `foreign`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::travels_as;
use crate::{Account, AccountError, Bic, Country, Currency, DanishAccount, ForeignAccount, ForeignAccountParts, Iban};

/// A bank account.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum PlainAccount {
    /// In a Danish bank.
    Danish {
        /// The registration number, 4 digits.
        registration: String,
        /// The account number, 1 to 10 digits.
        number: String,
    },
    /// In a country that uses IBAN. A Danish IBAN is read as a Danish account.
    Iban {
        /// The account.
        iban: Iban,
        /// The bank.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bic: Option<Bic>,
    },
    /// In a country that does not use IBAN. The bank is given by code, BIC or name.
    Foreign {
        /// The account number as its bank writes it, 1 to 34 characters.
        number: String,
        /// The bank's code in its country's clearing, 1 to 35 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bank_code: Option<String>,
        /// The bank.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bic: Option<Bic>,
        /// The bank's name, 1 to 140 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bank_name: Option<String>,
        /// The country of the account.
        country: Country,
        /// The currency of the account.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        currency: Option<Currency>,
    },
}

impl From<&Account> for PlainAccount {
    fn from(account: &Account) -> Self {
        match account {
            Account::Danish(danish) => {
                Self::Danish { registration: danish.registration().to_owned(), number: danish.number().to_owned() }
            }
            Account::Iban { iban, bic } => Self::Iban { iban: *iban, bic: *bic },
            Account::Foreign(foreign) => Self::from(foreign.clone().into_parts()),
        }
    }
}

impl From<ForeignAccountParts> for PlainAccount {
    fn from(parts: ForeignAccountParts) -> Self {
        let ForeignAccountParts { number, bank_code, bic, bank_name, country, currency } = parts;
        Self::Foreign { number, bank_code, bic, bank_name, country, currency }
    }
}

impl TryFrom<PlainAccount> for Account {
    type Error = AccountError;

    fn try_from(plain: PlainAccount) -> Result<Self, Self::Error> {
        Ok(match plain {
            PlainAccount::Danish { registration, number } => Self::Danish(DanishAccount::new(&registration, &number)?),
            PlainAccount::Iban { iban, bic } => Self::from_iban(iban, bic),
            PlainAccount::Foreign { number, bank_code, bic, bank_name, country, currency } => {
                Self::Foreign(ForeignAccount::new(ForeignAccountParts { number, bank_code, bic, bank_name, country, currency })?)
            }
        })
    }
}

travels_as!(Account, PlainAccount, "expected an object with type (danish, iban or foreign) and the parts of the account");
