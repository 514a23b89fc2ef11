//! Systems from a file of the operator.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use contracts::Problem;
use primitives::{AgreementNumber, BankCode, DataSupplierId};
use serde::Deserialize;
use thiserror::Error;

use super::{AssertionKey, ShownCertificate, SystemDirectory, SystemParty, SystemRecord};
use crate::certificate::SubjectName;

/// Why the file of systems cannot be used.
#[derive(Debug, Error)]
pub enum BadSystems {
    /// The file cannot be read.
    #[error("the file of systems {path} cannot be read")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It is not as it should be.
    #[error("the file of systems: {0}")]
    Malformed(String),
    /// Two systems have the same names: which party a certificate leads to would be chance.
    #[error("the file of systems names {0} twice")]
    Twice(String),
}

/// The systems of a file:
///
/// ```toml
/// [[system]]
/// organisation = "NTRDK-13585628"
/// serial = "UI:DK-O:G:6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
/// supplier = "DLV-1"            # or: authority = "00000001", bank = "8079", recovery = "00000009"
/// client_id = "dlv-1"           # with key_file: may fetch tokens
/// key_file = "dlv-1.pub.pem"
/// ```
#[derive(Clone, Debug, Default)]
pub struct RegisteredSystems(BTreeMap<SubjectName, SystemRecord>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    system: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    organisation: String,
    serial: String,
    authority: Option<String>,
    supplier: Option<String>,
    bank: Option<String>,
    recovery: Option<String>,
    client_id: Option<String>,
    key_file: Option<PathBuf>,
    broker_client_id: Option<String>,
}

impl RegisteredSystems {
    /// Reads the file.
    ///
    /// # Errors
    /// See [`BadSystems`].
    pub fn read(path: &Path) -> Result<Self, BadSystems> {
        let unreadable = |source| BadSystems::Unreadable { path: path.to_owned(), source };
        Self::parse(&std::fs::read_to_string(path).map_err(unreadable)?)
    }

    /// Reads the text of such a file.
    ///
    /// # Errors
    /// See [`BadSystems`].
    pub fn parse(text: &str) -> Result<Self, BadSystems> {
        let file: File = toml::from_str(text).map_err(|error| BadSystems::Malformed(error.message().to_owned()))?;
        let mut systems = BTreeMap::new();
        for entry in file.system {
            let record = entry.record()?;
            let name = record.subject.serial.clone();
            if systems.insert(record.subject.clone(), record).is_some() {
                return Err(BadSystems::Twice(name));
            }
        }
        Ok(Self(systems))
    }

    /// The system with these names.
    #[must_use]
    pub fn by_subject(&self, subject: &SubjectName) -> Option<&SystemRecord> {
        self.0.get(subject)
    }

    /// These systems.
    pub fn of(systems: impl IntoIterator<Item = SystemRecord>) -> Self {
        Self(systems.into_iter().map(|system| (system.subject.clone(), system)).collect())
    }
}

impl Entry {
    fn record(self) -> Result<SystemRecord, BadSystems> {
        let party = self.party().ok_or_else(|| {
            BadSystems::Malformed(format!("{}: expected exactly one of authority, supplier, bank, recovery", self.serial))
        })?;
        let subject = SubjectName { organisation: self.organisation, serial: self.serial };
        Ok(SystemRecord {
            subject,
            party,
            client_id: self.client_id,
            key: self.key_file.map(AssertionKey::File),
            broker_client_id: self.broker_client_id,
        })
    }

    fn party(&self) -> Option<SystemParty> {
        let Self { authority, supplier, bank, recovery, .. } = self;
        Some(match (authority, supplier, bank, recovery) {
            (Some(number), None, None, None) => SystemParty::Authority(AgreementNumber::parse(number).ok()?),
            (None, Some(id), None, None) => SystemParty::Supplier(DataSupplierId::parse(id).ok()?),
            (None, None, Some(code), None) => SystemParty::Bank(BankCode::parse(code).ok()?),
            (None, None, None, Some(number)) => SystemParty::Recovery(AgreementNumber::parse(number).ok()?),
            _ => return None,
        })
    }
}

#[async_trait]
impl SystemDirectory for RegisteredSystems {
    async fn holder_of(&self, shown: &ShownCertificate) -> Result<Option<SystemRecord>, Problem> {
        Ok(self.by_subject(&shown.subject).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(party: &str) -> String {
        format!("[[system]]\norganisation = 'NTRDK-13585628'\nserial = 'UI:DK-O:G:1'\n{party}\n")
    }

    #[test]
    fn a_system_is_of_exactly_one_party() {
        for (party, expect) in [
            ("authority = '00000001'", true),
            ("supplier = 'DLV-1'", true),
            ("bank = '8079'", true),
            ("recovery = '00000009'", true),
            ("recovery = true", false),
            ("", false),
            ("supplier = 'DLV-1'\nbank = '8079'", false),
            ("authority = '1'", false),
            ("supplier = 'DLV-1'\ncolour = 'red'", false),
        ] {
            assert_eq!(RegisteredSystems::parse(&entry(party)).is_ok(), expect, "{party}");
        }
    }

    #[test]
    fn both_names_must_fit_and_stand_there_once() {
        let systems = RegisteredSystems::parse(&entry("recovery = '00000009'")).unwrap();
        let subject = |organisation: &str, serial: &str| SubjectName { organisation: organisation.into(), serial: serial.into() };
        for (organisation, serial, expect) in [
            ("NTRDK-13585628", "UI:DK-O:G:1", true),
            ("NTRDK-10103940", "UI:DK-O:G:1", false),
            ("NTRDK-13585628", "UI:DK-O:G:2", false),
        ] {
            let found = systems.by_subject(&subject(organisation, serial));
            assert_eq!(found.is_some(), expect, "{organisation} {serial}");
        }
        let twice = entry("recovery = '00000009'") + &entry("bank = '8079'");
        assert!(matches!(RegisteredSystems::parse(&twice), Err(BadSystems::Twice(_))));
    }
}
