//! Certificates that end soon: an expired one has delayed the money of 125,000 people for a day.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use platform::driver::{Progress, Room, RoomError};
use primitives::Clock;

use crate::certificate::{days_left, ends_soon};

/// The most callers' certificates that are remembered.
const MOST: usize = 10_000;

/// The certificates this process uses and has been shown, and when they end.
#[derive(Debug)]
pub struct ExpiryWatch {
    clock: Arc<dyn Clock>,
    known: Mutex<BTreeMap<String, Timestamp>>,
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
    pub fn note(&self, name: &str, good_until: Timestamp) {
        let mut known = self.lock();
        if let Some(before) = known.get_mut(name) {
            *before = good_until;
        } else if known.len() < MOST {
            known.insert(name.to_owned(), good_until);
        }
    }

    /// Every certificate that ends within [`WARN_BEFORE`](crate::certificate::WARN_BEFORE), or has ended.
    #[must_use]
    pub fn ending(&self) -> Vec<Watched> {
        let now = self.clock.now();
        let known = self.lock();
        let ending = known.iter().filter(|(_, until)| ends_soon(**until, now));
        ending.map(|(name, until)| Watched { name: name.clone(), days_left: days_left(*until, now) }).collect()
    }

    /// All certificates as metrics (text format of Prometheus): the days each has left.
    #[must_use]
    pub fn metrics(&self) -> String {
        let now = self.clock.now();
        let mut text = String::from(
            "# HELP nemkonto_certificate_days_left Whole days until the certificate ends\n# TYPE nemkonto_certificate_days_left gauge\n",
        );
        for (name, until) in self.lock().iter() {
            let name: String = name.chars().filter(|c| !matches!(c, '"' | '\\' | '\n')).collect();
            // Writing to a text cannot fail.
            let _ = writeln!(text, "nemkonto_certificate_days_left{{certificate=\"{name}\"}} {}", days_left(*until, now));
        }
        text
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Timestamp>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes the warnings into the log; to be looked into now and then ([`platform::driver::Every`]).
#[async_trait]
impl Room for ExpiryWatch {
    fn name(&self) -> &'static str {
        "access.expiry"
    }

    async fn step(&self) -> Result<Progress, RoomError> {
        for Watched { name, days_left } in self.ending() {
            tracing::warn!(certificate = name, days_left, "a certificate ends soon: renew it");
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
        watch.note("own", in_days(61));
        watch.note("bank", in_days(59));
        assert_eq!(watch.ending(), [Watched { name: "bank".into(), days_left: 59 }]);
        clock.advance(SignedDuration::from_hours(48));
        assert_eq!(watch.ending().len(), 2);
        watch.note("bank", clock.now() + (24 * 700).hours());
        assert_eq!(watch.ending(), [Watched { name: "own".into(), days_left: 59 }]);
        let metrics = watch.metrics();
        assert!(metrics.contains("{certificate=\"own\"} 59\n") && metrics.contains("{certificate=\"bank\"} 700\n"), "{metrics}");
    }
}
