//! The personal values of the register, sealed and opened. Nothing else in the house touches the sealer.

use contracts::register::{RegisterEvent, SourceFact};
use contracts::{ActingPerson, Context};
use platform::access_log::{self, subject_key};
use platform::seal::Sealer;
use primitives::{Account, EntryRef, Identifier, IdentifierKind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::circumstance::Details;
use crate::fault::Fault;

/// The kind of numbers of other countries, as it stands in the database.
pub(crate) const FOREIGN: i16 = 5;

/// An identifier as it stands in the database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SealedNumber {
    /// 1 CPR, 2 CVR, 3 SE, 4 P number, 5 foreign.
    pub kind: i16,
    /// Sealed canonical text.
    pub number: Vec<u8>,
}

impl SealedNumber {
    /// What stands for the number in the access log. Cannot be opened, only recognised.
    pub(crate) fn subject_key(&self) -> &[u8] {
        subject_key(&self.number)
    }
}

/// Sealed numbers as the columns of a set-based statement.
#[derive(Debug, Default)]
pub(crate) struct NumberColumns {
    /// Kinds, in order.
    pub kinds: Vec<i16>,
    /// Sealed texts, in order.
    pub numbers: Vec<Vec<u8>>,
}

impl<'a> FromIterator<&'a SealedNumber> for NumberColumns {
    fn from_iter<I: IntoIterator<Item = &'a SealedNumber>>(numbers: I) -> Self {
        let (kinds, numbers) = numbers.into_iter().map(|n| (n.kind, n.number.clone())).unzip();
        Self { kinds, numbers }
    }
}

/// Seals and opens.
#[derive(Clone, Debug)]
pub(crate) struct Vault(Sealer);

const ACCOUNT: &str = "account";
const NAME: &str = "name";
const REASON: &str = "reason";
const EVENT: &str = "event";
const FACT: &str = "source-fact";
const DETAILS: &str = "circumstances";

impl Vault {
    pub(crate) fn new(sealer: Sealer) -> Self {
        Self(sealer)
    }

    /// The person behind a call, sealed for the access log.
    pub(crate) fn seal_person(&self, context: &Context) -> Option<Vec<u8>> {
        access_log::seal_person(&self.0, context)
    }

    /// The person behind a logged call, without the number.
    pub(crate) fn open_person(&self, sealed: &[u8]) -> Result<ActingPerson, Fault> {
        access_log::open_person(&self.0, sealed).map_err(|_| Fault::Corrupt("acting person"))
    }

    pub(crate) fn seal_number(&self, identifier: &Identifier) -> SealedNumber {
        let kind = identifier.kind();
        let number = self.0.seal(kind.as_str(), identifier.canonical().as_bytes());
        SealedNumber { kind: kind_code(kind), number }
    }

    pub(crate) fn open_number(&self, sealed: &SealedNumber) -> Result<Identifier, Fault> {
        let kind = kind_of(sealed.kind)?;
        let canonical = self.0.open_text(kind.as_str(), &sealed.number)?;
        Identifier::from_canonical(kind, &canonical).map_err(|_| Fault::Corrupt("identifier"))
    }

    pub(crate) fn seal_account(&self, account: &Account) -> Vec<u8> {
        self.0.seal(ACCOUNT, account.canonical().as_bytes())
    }

    pub(crate) fn open_account(&self, sealed: &[u8]) -> Result<Account, Fault> {
        let canonical = self.0.open_text(ACCOUNT, sealed)?;
        Account::from_canonical(&canonical).map_err(|_| Fault::Corrupt("account"))
    }

    pub(crate) fn seal_name(&self, name: &str) -> Vec<u8> {
        self.0.seal(NAME, name.as_bytes())
    }

    pub(crate) fn open_name(&self, sealed: &[u8]) -> Result<String, Fault> {
        Ok(self.0.open_text(NAME, sealed)?)
    }

    pub(crate) fn seal_reason(&self, reason: &str) -> Vec<u8> {
        self.0.seal(REASON, reason.as_bytes())
    }

    pub(crate) fn open_reason(&self, sealed: &[u8]) -> Result<String, Fault> {
        Ok(self.0.open_text(REASON, sealed)?)
    }

    /// The entry is part of the sealed kind: two letters with the same code look different, and a code cannot be moved to another letter.
    pub(crate) fn seal_code(&self, entry: EntryRef, code: &str) -> Vec<u8> {
        self.0.seal(&code_kind(entry), code.as_bytes())
    }

    pub(crate) fn open_code(&self, entry: EntryRef, sealed: &[u8]) -> Result<String, Fault> {
        Ok(self.0.open_text(&code_kind(entry), sealed)?)
    }

    /// What is hashed of a code: without the house's key nobody can try codes.
    pub(crate) fn digest_code(&self, entry: EntryRef, code: &str) -> [u8; 16] {
        self.0.digest("letter-code", &[&entry.get().to_be_bytes(), code.as_bytes()])
    }

    /// Bound to its webhook, like a code to its entry.
    pub(crate) fn seal_webhook_secret(&self, webhook: Uuid, secret: &[u8]) -> Vec<u8> {
        self.0.seal(&webhook_kind(webhook), secret)
    }

    pub(crate) fn open_webhook_secret(&self, webhook: Uuid, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(self.0.open(&webhook_kind(webhook), sealed)?)
    }

    pub(crate) fn seal_event(&self, event: &RegisterEvent) -> Result<Vec<u8>, Fault> {
        self.seal_json(EVENT, event)
    }

    pub(crate) fn open_event(&self, sealed: &[u8]) -> Result<RegisterEvent, Fault> {
        self.open_json(EVENT, sealed)
    }

    pub(crate) fn seal_fact(&self, fact: &SourceFact) -> Result<Vec<u8>, Fault> {
        self.seal_json(FACT, fact)
    }

    pub(crate) fn open_fact(&self, sealed: &[u8]) -> Result<SourceFact, Fault> {
        self.open_json(FACT, sealed)
    }

    pub(crate) fn seal_details(&self, details: &Details) -> Result<Vec<u8>, Fault> {
        self.seal_json(DETAILS, details)
    }

    pub(crate) fn open_details(&self, sealed: &[u8]) -> Result<Details, Fault> {
        self.open_json(DETAILS, sealed)
    }

    fn seal_json(&self, kind: &'static str, value: &impl Serialize) -> Result<Vec<u8>, Fault> {
        let json = serde_json::to_vec(value).map_err(|_| Fault::Corrupt(kind))?;
        Ok(self.0.seal(kind, &json))
    }

    fn open_json<T: DeserializeOwned>(&self, kind: &'static str, sealed: &[u8]) -> Result<T, Fault> {
        let json = self.0.open(kind, sealed)?;
        serde_json::from_slice(&json).map_err(|_| Fault::Corrupt(kind))
    }

    /// Tells callers apart who share a label, without naming them.
    pub(crate) fn digest_caller(&self, identifier: &Identifier) -> [u8; 16] {
        self.0.digest("caller", &[identifier.kind().as_str().as_bytes(), identifier.canonical().as_bytes()])
    }
}

fn code_kind(entry: EntryRef) -> String {
    format!("code/{entry}")
}

fn webhook_kind(webhook: Uuid) -> String {
    format!("webhook/{webhook}")
}

fn kind_code(kind: IdentifierKind) -> i16 {
    match kind {
        IdentifierKind::Cpr => 1,
        IdentifierKind::Cvr => 2,
        IdentifierKind::Se => 3,
        IdentifierKind::P => 4,
        IdentifierKind::Foreign => FOREIGN,
    }
}

fn kind_of(code: i16) -> Result<IdentifierKind, Fault> {
    IdentifierKind::ALL.into_iter().find(|kind| kind_code(*kind) == code).ok_or(Fault::Corrupt("identifier kind"))
}

#[cfg(test)]
mod tests {
    use platform::seal::KeyRing;
    use primitives::{Cpr, Cvr, PNumber};

    use super::*;

    fn vault() -> Vault {
        Vault::new(Sealer::new(&KeyRing::for_tests(), "register"))
    }

    #[test]
    fn a_number_comes_back_as_what_it_was() {
        let vault = vault();
        let numbers = [
            Identifier::from(Cpr::parse("0101585001").unwrap()),
            Identifier::from(PNumber::parse("0101585001").unwrap()),
            Identifier::from(Cvr::parse("10150817").unwrap()),
        ];
        for number in numbers {
            assert_eq!(vault.open_number(&vault.seal_number(&number)).unwrap(), number);
        }
    }

    #[test]
    fn equal_digits_of_two_kinds_have_nothing_in_common() {
        let vault = vault();
        let cpr = vault.seal_number(&Cpr::parse("0101585001").unwrap().into());
        let p = vault.seal_number(&PNumber::parse("0101585001").unwrap().into());
        assert_ne!(cpr.number, p.number);
        assert_ne!(cpr.subject_key(), p.subject_key());
    }

    #[test]
    fn a_code_belongs_to_its_letter() {
        let vault = vault();
        let sealed = vault.seal_code(EntryRef(7), "12345678");
        assert_eq!(vault.open_code(EntryRef(7), &sealed).unwrap(), "12345678");
        assert!(vault.open_code(EntryRef(8), &sealed).is_err());
    }
}
