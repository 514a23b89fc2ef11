//! Sign-ins that are under way elsewhere: kept on the server, each found once by the secret in the browser's own cookie.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use access::Pending;
use jiff::Timestamp;
use primitives::{Clock, IdSource};

use super::store::{Key, Token};

/// The most at a time; beyond it the oldest is forgotten.
const MOST: usize = 10_000;

/// All sign-ins under way of this process.
pub(crate) struct PendingSignIns {
    under_way: Mutex<HashMap<Key, UnderWay>>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

struct UnderWay {
    provider: String,
    pending: Pending,
    /// The session it was begun from, by the digest of its token.
    before: Option<Key>,
    begun: Timestamp,
}

impl PendingSignIns {
    pub(crate) fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        Self { under_way: Mutex::new(HashMap::new()), clock, ids }
    }

    /// Keeps what a provider wants to remember, and from which session it was asked; answers what the browser is to hold.
    pub(crate) fn keep(&self, provider: &str, pending: Pending, before: Option<&Token>) -> Token {
        let (token, now) = (Token::new(&*self.ids), self.clock.now());
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.retain(|_, entry| is_awaited(entry, now));
        if under_way.len() >= MOST
            && let Some(oldest) = under_way.iter().min_by_key(|(_, entry)| entry.begun).map(|(key, _)| *key)
        {
            under_way.remove(&oldest);
        }
        under_way
            .insert(token.key(), UnderWay { provider: provider.to_owned(), pending, before: before.map(Token::key), begun: now });
        token
    }

    /// Takes what was kept, once: for the same provider, and in time. With it the session it was begun from.
    pub(crate) fn take(&self, provider: &str, token: &Token) -> Option<(Pending, Option<Key>)> {
        let now = self.clock.now();
        let entry = self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&token.key())?;
        (entry.provider == provider && is_awaited(&entry, now)).then_some((entry.pending, entry.before))
    }
}

fn is_awaited(entry: &UnderWay, now: Timestamp) -> bool {
    now.duration_since(entry.begun) <= Pending::LIFETIME
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, civil::date};
    use primitives::{ManualClock, SeededIds};

    use super::*;

    fn pending() -> Pending {
        Pending { state: "s".into(), nonce: "n".into(), verifier: "v".into() }
    }

    #[test]
    fn what_was_kept_is_taken_once_in_time_and_by_its_provider() {
        let clock = ManualClock::at_noon(date(2026, 3, 2)).unwrap();
        let sign_ins = PendingSignIns::new(Arc::new(clock.clone()), Arc::new(SeededIds::new(1)));
        let before = Token::sent("the session before");
        let token = sign_ins.keep("mitid", pending(), Some(&before));
        assert_eq!(sign_ins.take("mitid", &token).map(|(_, before)| before), Some(Some(before.key())));
        assert!(sign_ins.take("mitid", &token).is_none(), "a second time");

        let token = sign_ins.keep("mitid", pending(), None);
        assert!(sign_ins.take("another", &token).is_none());

        let token = sign_ins.keep("mitid", pending(), None);
        clock.advance(Pending::LIFETIME + SignedDuration::from_secs(1));
        assert!(sign_ins.take("mitid", &token).is_none(), "too late");
        assert!(sign_ins.take("mitid", &Token::sent("invented")).is_none());
    }
}
