//! Banks as messages name them.

use crate::record::{Prose, optional, record};
use primitives::{Bic, Country};

record! {
    /// A bank.
    #[derive(Debug)]
    pub struct BankRef<'a> {
        /// Its BIC as written.
        bic: Option<&'a str> => "FinInstnId/BIC" | "FinInstnId/BICFI",
        /// Code of the clearing system, such as `DKBBK`.
        clearing_system: Option<&'a str> => "FinInstnId/ClrSysMmbId/ClrSysId/Cd",
        /// Its number in the clearing.
        clearing_member: Option<&'a str> => "FinInstnId/ClrSysMmbId/MmbId",
        /// Its name.
        name: Option<Prose<'a>> => "FinInstnId/Nm",
        /// Country of its address.
        country: Option<&'a str> => "FinInstnId/PstlAdr/Ctry",
    }
}

optional!(BankRef);

impl<'a> BankRef<'a> {
    /// The bank of a BIC.
    #[must_use]
    pub fn of_bic(bic: &'a Bic) -> Self {
        BankRef { bic: Some(bic.as_str()), ..BankRef::default() }
    }

    /// The BIC, if it is one.
    #[must_use]
    pub fn valid_bic(&self) -> Option<Bic> {
        self.bic.and_then(|bic| Bic::parse(bic).ok())
    }

    /// The country: that of the address, of the BIC, or of the clearing system.
    #[must_use]
    pub fn valid_country(&self) -> Option<Country> {
        let named = self.country.and_then(|code| Country::parse(code).ok());
        let of_clearing = || self.clearing_system.and_then(|code| Country::parse(code.get(..2)?).ok());
        named.or_else(|| self.valid_bic().map(|bic| bic.country())).or_else(of_clearing)
    }
}
