//! How a payer wants the payments of a block carried out, as it is kept between its file and its bank's.

use iso20022::{ChargeBearer, PaymentTerms};

/// The terms of a block: [`PaymentTerms`] that own their codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlockTerms {
    pub service_level: Option<String>,
    pub category_purpose: Option<String>,
    pub charge_bearer: Option<ChargeBearer>,
}

impl BlockTerms {
    /// As they are written.
    pub fn as_terms(&self) -> PaymentTerms<'_> {
        PaymentTerms {
            service_level: self.service_level.as_deref(),
            category_purpose: self.category_purpose.as_deref(),
            charge_bearer: self.charge_bearer,
        }
    }
}

impl From<PaymentTerms<'_>> for BlockTerms {
    fn from(terms: PaymentTerms<'_>) -> Self {
        Self {
            service_level: terms.service_level.map(str::to_owned),
            category_purpose: terms.category_purpose.map(str::to_owned),
            charge_bearer: terms.charge_bearer,
        }
    }
}
