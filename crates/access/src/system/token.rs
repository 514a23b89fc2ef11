//! Access tokens: sealed, so that nobody but us reads or makes one, bound to a certificate (RFC 8705), and short-lived.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use platform::seal::{KeyRing, Sealer};
use primitives::{Clock, IdSource, Identifier};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::certificate::{SubjectName, Thumbprint};

/// What the sealed bytes are.
const KIND: &str = "access-token";
/// The longest token that is looked at.
const LONGEST: usize = 4_096;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The system it was given to.
    pub subject: SubjectName,
    /// The citizen the system may speak for; nobody, where it speaks for itself.
    pub citizen: Option<Identifier>,
}

/// Gives tokens out and knows its own again. Processes that share the key ring know each other's.
pub struct AccessTokens {
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessTokens")
    }
}

#[derive(Serialize, Deserialize)]
struct Content {
    organisation: String,
    serial: String,
    citizen: Option<Identifier>,
    certificate: String,
    until: i64,
    id: Uuid,
}

impl AccessTokens {
    /// How long a token is good. No public source: chosen by us.
    pub const LIFETIME: SignedDuration = SignedDuration::from_mins(5);

    /// Tokens under a key of their own, derived from the ring.
    pub fn new(keys: &KeyRing, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        Self { sealer: Sealer::new(keys, "access"), clock, ids }
    }

    /// A token for whoever shows this certificate.
    #[must_use]
    pub fn give(&self, token: &AccessToken, certificate: &Thumbprint) -> String {
        let content = Content {
            organisation: token.subject.organisation.clone(),
            serial: token.subject.serial.clone(),
            citizen: token.citizen.clone(),
            certificate: certificate.as_str().to_owned(),
            until: (self.clock.now() + Self::LIFETIME).as_second(),
            id: self.ids.uuid_v4(),
        };
        let plain = serde_json::to_vec(&content).expect("texts and numbers are JSON");
        URL_SAFE_NO_PAD.encode(self.sealer.seal(KIND, &plain))
    }

    /// What the token says, if it is ours, still good, and bound to the certificate that is shown.
    #[must_use]
    pub fn read(&self, token: &str, certificate: &Thumbprint) -> Option<AccessToken> {
        let sealed = URL_SAFE_NO_PAD.decode(token.get(..token.len().min(LONGEST))?).ok()?;
        let content: Content = serde_json::from_slice(&self.sealer.open(KIND, &sealed).ok()?).ok()?;
        let is_good = self.clock.now().as_second() <= content.until && content.certificate == certificate.as_str();
        let subject = SubjectName { organisation: content.organisation, serial: content.serial };
        is_good.then_some(AccessToken { subject, citizen: content.citizen })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use primitives::{Cpr, ManualClock, SeededIds};

    use super::*;

    #[test]
    fn a_token_is_good_for_its_certificate_and_its_time_alone() {
        let clock = ManualClock::at_noon(date(2026, 3, 2)).unwrap();
        let tokens = AccessTokens::new(&KeyRing::for_tests(), Arc::new(clock.clone()), Arc::new(SeededIds::new(1)));
        let (own, other) = (Thumbprint::of(b"own"), Thumbprint::of(b"other"));
        let subject = SubjectName { organisation: "NTRDK-13585628".into(), serial: "UI:1".into() };
        let citizen = Some(Identifier::Cpr(Cpr::parse("0101585005").unwrap()));
        let token = AccessToken { subject, citizen };
        let text = tokens.give(&token, &own);
        assert_eq!(tokens.read(&text, &own), Some(token.clone()));
        assert_eq!(tokens.read(&text, &other), None, "a stolen token");
        assert_ne!(tokens.give(&token, &own), text, "no two are alike");
        clock.advance(AccessTokens::LIFETIME + SignedDuration::from_secs(1));
        assert_eq!(tokens.read(&text, &own), None, "too late");
    }

    #[test]
    fn a_changed_or_invented_token_says_nothing() {
        let tokens = AccessTokens::new(&KeyRing::for_tests(), Arc::new(primitives::SystemClock), Arc::new(SeededIds::new(1)));
        let own = Thumbprint::of(b"own");
        let subject = SubjectName { organisation: "NTRDK-13585628".into(), serial: "UI:1".into() };
        let text = tokens.give(&AccessToken { subject, citizen: None }, &own);
        for place in [0, text.len() / 2, text.len() - 2] {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(tokens.read(&String::from_utf8(changed).unwrap(), &own), None);
        }
        for invented in ["", "x", "AAAA", "ø", &"A".repeat(10_000)] {
            assert_eq!(tokens.read(invented, &own), None);
        }
    }
}
