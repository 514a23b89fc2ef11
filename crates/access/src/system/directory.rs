//! Whose system calls, as parties has recorded it: two persons have agreed on each certificate and network.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use contracts::Problem;
use contracts::parties::{Agreements, AllowedCertificate, CertificateQuery, PartyKind, PartyTerms, TermsQuery};
use jiff::{SignedDuration, Timestamp};
use primitives::{AgreementNumber, BankCode, Clock, DataSupplierId};

use super::guard::door_context;
use super::{AssertionKey, RegisteredSystems, ShownCertificate, SystemDirectory, SystemParty, SystemRecord};
use crate::certificate::SubjectName;

/// How long an answer of parties is believed: so long may a certificate that was taken away still open the door.
const BELIEVED: SignedDuration = SignedDuration::from_secs(60);
/// The most answers that are remembered.
const MOST: usize = 10_000;

/// The systems parties knows. A file of the operator begins where parties cannot: its entry for a party counts until that party's own terms
/// name certificates for the first time, and never again: a certificate that two persons took away opens no door by the file of one.
pub struct PartiesDirectory {
    parties: Arc<dyn Agreements>,
    bootstrap: RegisteredSystems,
    clock: Arc<dyn Clock>,
    believed: Mutex<HashMap<Shown, (Timestamp, Option<SystemRecord>)>>,
}

type Shown = (SubjectName, String, IpAddr);

impl fmt::Debug for PartiesDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PartiesDirectory")
    }
}

impl PartiesDirectory {
    /// Asks this house.
    #[must_use]
    pub fn new(parties: Arc<dyn Agreements>, bootstrap: RegisteredSystems, clock: Arc<dyn Clock>) -> Self {
        Self { parties, bootstrap, clock, believed: Mutex::default() }
    }

    async fn ask(&self, shown: &ShownCertificate) -> Result<Option<SystemRecord>, Problem> {
        let (context, on) = (door_context()?, self.clock.today());
        let certificate =
            AllowedCertificate { organisation: shown.subject.organisation.clone(), serial: shown.serial_number.clone() };
        let query = CertificateQuery { on, certificate, address: shown.address };
        if let Some(terms) = self.parties.certificate_holder(&context, query).await? {
            return Ok(record(&shown.subject, terms));
        }
        let Some(entry) = self.bootstrap.by_subject(&shown.subject) else { return Ok(None) };
        let query = TermsQuery { on, known_at: None, parties: vec![entry.party.key()] };
        let is_superseded = self.parties.certificates_named(&context, query).await? != [false];
        Ok((!is_superseded).then(|| entry.clone()))
    }
}

#[async_trait]
impl SystemDirectory for PartiesDirectory {
    async fn holder_of(&self, shown: &ShownCertificate) -> Result<Option<SystemRecord>, Problem> {
        let (key, now) = ((shown.subject.clone(), shown.serial_number.clone(), shown.address), self.clock.now());
        let known = self.believed.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some((at, record)) = known
            && now.duration_since(at) < BELIEVED
        {
            return Ok(record);
        }
        let record = self.ask(shown).await?;
        let mut believed = self.believed.lock().unwrap_or_else(PoisonError::into_inner);
        if believed.len() >= MOST {
            believed.clear();
        }
        believed.insert(key, (now, record.clone()));
        Ok(record)
    }
}

/// The system of a party. Private payers, account intermediaries and bank data centres call as the data suppliers and banks they work for, and
/// operators by the system's own secret.
fn record(subject: &SubjectName, terms: PartyTerms) -> Option<SystemRecord> {
    let id = &terms.party.id;
    let party = match terms.party.kind {
        PartyKind::Authority => SystemParty::Authority(AgreementNumber::parse(id).ok()?),
        PartyKind::DataSupplier => SystemParty::Supplier(DataSupplierId::parse(id).ok()?),
        PartyKind::Bank => SystemParty::Bank(BankCode::parse(id).ok()?),
        PartyKind::RecoveryAuthority => SystemParty::Recovery(AgreementNumber::parse(id).ok()?),
        PartyKind::PrivatePayer
        | PartyKind::PrivateAccountIntermediary
        | PartyKind::InfrastructureOperator
        | PartyKind::BankDataCentre
        | PartyKind::SystemOwner => return None,
    };
    let (client_id, key, broker_client_id) = match terms.client {
        Some(client) => (Some(client.client_id), Some(AssertionKey::Pem(client.public_key)), client.broker_client_id),
        None => (None, None, None),
    };
    Some(SystemRecord { subject: subject.clone(), party, client_id, key, broker_client_id })
}
