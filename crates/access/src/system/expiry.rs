//! Certificates that end soon: an expired one has delayed the money of 125,000 people for a day.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use contracts::IdempotencyKey;
use contracts::parties::{Oversight, PartyKey, SeenCertificate};
use jiff::Timestamp;
use platform::anti_scan::ALERTS;
use platform::driver::{Progress, Room, RoomError};
use primitives::{Clock, IdSource};

use super::guard::door_context;
use crate::certificate::{days_left, ends_soon};

/// The most callers' certificates that are remembered.
const MOST: usize = 10_000;
/// The longest name that is noted.
const LONGEST_NAME: usize = 200;

/// The certificates this process uses and has been shown, and when they end.
#[derive(Debug)]
pub struct ExpiryWatch {
    clock: Arc<dyn Clock>,
    known: Mutex<BTreeMap<String, Known>>,
}

/// Until when a certificate is good, and whose it is, where it is not our own.
#[derive(Clone, Debug)]
struct Known {
    party: Option<PartyKey>,
    until: Timestamp,
}

/// One certificate that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Whose it is: the subject's serial number, or the name of our own file.
    pub name: String,
    /// Whole days until its end; negative once it is past.
    pub days_left: i64,
}

impl ExpiryWatch {
    /// Watches nothing yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, known: Mutex::new(BTreeMap::new()) }
    }

    /// Watches a certificate; one that was renewed replaces the one before.
    pub fn note(&self, name: &str, party: Option<PartyKey>, good_until: Timestamp) {
        let mut known = self.lock();
        if known.contains_key(name) || known.len() < MOST {
            known.insert(name.to_owned(), Known { party, until: good_until });
        }
    }

    /// Every certificate that ends within [`WARN_BEFORE`](crate::certificate::WARN_BEFORE), or has ended.
    #[must_use]
    pub fn ending(&self) -> Vec<Watched> {
        let now = self.clock.now();
        let known = self.lock();
        let ending = known.iter().filter(|(_, known)| ends_soon(known.until, now));
        ending.map(|(name, known)| Watched { name: name.clone(), days_left: days_left(known.until, now) }).collect()
    }

    /// All certificates as metrics (text format of Prometheus): the days each has left.
    #[must_use]
    pub fn metrics(&self) -> String {
        let now = self.clock.now();
        let mut text = String::from(
            "# HELP nemkonto_certificate_days_left Whole days until the certificate ends\n# TYPE nemkonto_certificate_days_left gauge\n",
        );
        for (name, Known { until, .. }) in self.lock().iter() {
            let name: String = name.chars().filter(|c| !matches!(c, '"' | '\\' | '\n')).collect();
            // Writing to a text cannot fail.
            let _ = writeln!(text, "nemkonto_certificate_days_left{{certificate=\"{name}\"}} {}", days_left(*until, now));
        }
        text
    }

    fn seen(&self) -> Vec<SeenCertificate> {
        let known = self.lock();
        let seen = known.iter().map(|(name, Known { party, until })| SeenCertificate {
            party: party.clone(),
            name: name.chars().take(LONGEST_NAME).collect(),
            good_until: *until,
        });
        seen.collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The room that writes the warnings into the log, and has what it knows noted for the control list; to be looked into now and then
/// ([`platform::driver::Every`]).
#[derive(Clone)]
pub struct ExpiryRoom {
    /// What is watched.
    pub watch: Arc<ExpiryWatch>,
    /// Who keeps the control list; without, there is the log alone.
    pub oversight: Option<Arc<dyn Oversight>>,
    /// Random identifiers, for the keys of its calls.
    pub ids: Arc<dyn IdSource>,
}

impl fmt::Debug for ExpiryRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExpiryRoom").field("watch", &self.watch).finish_non_exhaustive()
    }
}

#[async_trait]
impl Room for ExpiryRoom {
    fn name(&self) -> &'static str {
        "access.expiry"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        for Watched { name, days_left } in self.watch.ending() {
            tracing::warn!(target: ALERTS, certificate = name, days_left, "a certificate ends soon: renew it");
        }
        let seen = self.watch.seen();
        if let Some(oversight) = self.oversight.as_ref().filter(|_| !seen.is_empty()) {
            let key = IdempotencyKey::new(self.ids.uuid_v4().to_string())?;
            oversight.note_certificates(&door_context()?, &key, seen).await?;
        }
        Ok(Progress::Idle)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::{SignedDuration, ToSpan};
    use primitives::ManualClock;

    use super::*;

    #[test]
    fn what_ends_within_sixty_days_is_named_until_it_is_renewed() {
        let clock = ManualClock::at_noon(date(2026, 3, 2)).unwrap();
        let watch = ExpiryWatch::new(Arc::new(clock.clone()));
        let in_days = |days: i64| clock.now() + (24 * days).hours();
        watch.note("own", None, in_days(61));
        watch.note("bank", None, in_days(59));
        assert_eq!(watch.ending(), [Watched { name: "bank".into(), days_left: 59 }]);
        clock.advance(SignedDuration::from_hours(48));
        assert_eq!(watch.ending().len(), 2);
        watch.note("bank", None, clock.now() + (24 * 700).hours());
        assert_eq!(watch.ending(), [Watched { name: "own".into(), days_left: 59 }]);
        let metrics = watch.metrics();
        assert!(metrics.contains("{certificate=\"own\"} 59\n") && metrics.contains("{certificate=\"bank\"} 700\n"), "{metrics}");
    }
}
