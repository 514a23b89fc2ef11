#![doc = include_str!("../README.md")]

mod account;
mod age;
mod bic;
mod business_number;
mod calendar;
mod clock;
mod code;
mod country;
mod cpr;
mod currency;
mod danish_account;
mod digits;
mod foreign_account;
mod foreign_id;
mod foreign_scheme;
pub mod hex;
mod iban;
mod id_source;
mod identifier;
mod ids;
mod inline_text;
pub mod mask;
mod money;
mod payment_ref;
mod plain_text;
mod text;
#[cfg(feature = "wire")]
mod wire;

pub use account::{Account, AccountError};
pub use age::{MAJORITY, SELF_SERVICE_AGE, has_reached};
pub use bic::{Bic, BicError};
pub use business_number::{BusinessNumberError, Cvr, PNumber, Se};
pub use calendar::{
    ShiftRule, add_bank_days, danish_holidays, easter_sunday, is_bank_day, next_bank_day, previous_bank_day, shift_to_bank_day,
};
pub use clock::{Clock, ManualClock, SystemClock, copenhagen, copenhagen_date};
pub use code::{AgreementNumber, AgreementNumberError, BankCode, BenefitCode, CodeError, DataSupplierId, UnitCode};
pub use country::{Country, CountryError};
pub use cpr::{Cpr, CprError};
pub use currency::{Currency, CurrencyError};
pub use danish_account::{DanishAccount, DanishAccountError};
pub use foreign_account::{ForeignAccount, ForeignAccountError, ForeignAccountParts};
pub use foreign_id::{ForeignId, ForeignIdError};
pub use foreign_scheme::{ForeignScheme, ForeignSchemeError};
pub use iban::{Iban, IbanError};
pub use id_source::{IdSource, RandomIds, SeededIds};
pub use identifier::{Identifier, IdentifierError, IdentifierKind};
pub use ids::{DeliveryId, DepositRef, EntryRef, FeedPosition, HolderRef, IdError, ReservationRef};
pub use money::{Money, MoneyError};
pub use payment_ref::{LegRef, PaymentRef, RefError};
pub use plain_text::PlainTextError;
pub use text::{Language, Text, UnknownLanguage};
