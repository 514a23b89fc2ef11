//! Where sessions are kept.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use primitives::{Clock, IdSource};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Flash, Kept, SessionLimits, SignedIn};

/// The most searches and payees one session keeps; older ones must be entered again.
const KEPT_PER_SESSION: usize = 20;

/// What the browser holds: 244 random bits.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl Token {
    pub(super) fn new(ids: &dyn IdSource) -> Self {
        Self(format!("{}{}", ids.uuid_v4().simple(), ids.uuid_v4().simple()))
    }

    /// The token a browser sent; any text, as it is only ever looked up.
    pub(crate) fn sent(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Sessions are found by the digest: what is in memory opens no session.
    pub(crate) fn key(&self) -> Key {
        Sha256::digest(&self.0).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The digest of a token.
pub(crate) type Key = [u8; 32];

/// A session as one request sees it.
#[derive(Clone, Debug)]
pub(crate) struct OpenSession {
    pub(crate) token: Token,
    /// Stands in every form of the session's pages.
    pub(crate) csrf: String,
    pub(crate) who: Option<SignedIn>,
}

struct Session {
    csrf: String,
    who: Option<SignedIn>,
    begun: Timestamp,
    used: Timestamp,
    flash: Option<Flash>,
    kept: VecDeque<(Uuid, Kept)>,
}

/// Sessions, by the digest of their token.
type Pool = HashMap<Key, Session>;

/// Visitors have a pool of their own: whoever only asks for the page of the sign-in, however often, ends nobody's session.
#[derive(Default)]
struct Pools {
    visitors: Pool,
    signed_in: Pool,
}

impl Pools {
    fn of(&mut self, who: Option<&SignedIn>) -> &mut Pool {
        if who.is_some() { &mut self.signed_in } else { &mut self.visitors }
    }

    /// The pool that has the session, if one has it.
    fn with(&mut self, key: &Key) -> Option<&mut Pool> {
        [&mut self.signed_in, &mut self.visitors].into_iter().find(|pool| pool.contains_key(key))
    }
}

/// All sessions of this process.
pub(crate) struct Sessions {
    pools: Mutex<Pools>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    limits: SessionLimits,
}

impl Sessions {
    pub(crate) fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, limits: SessionLimits) -> Self {
        Self { pools: Mutex::default(), clock, ids, limits }
    }

    /// Begins a session; of a visitor when nobody is signed in.
    pub(crate) fn begin(&self, who: Option<SignedIn>) -> OpenSession {
        let token = Token::new(&*self.ids);
        let csrf = Token::new(&*self.ids).0;
        let now = self.clock.now();
        let session = Session { csrf: csrf.clone(), who: who.clone(), begun: now, used: now, flash: None, kept: VecDeque::new() };
        let mut pools = self.lock();
        let pool = pools.of(who.as_ref());
        self.make_room(pool, now);
        pool.insert(token.key(), session);
        OpenSession { token, csrf, who }
    }

    /// The session of the token, used now; `None` when there is none or it has ended.
    pub(crate) fn open(&self, token: &Token) -> Option<OpenSession> {
        let now = self.clock.now();
        self.with(token, |session| {
            session.used = now;
            OpenSession { token: token.clone(), csrf: session.csrf.clone(), who: session.who.clone() }
        })
    }

    /// Ends the session.
    pub(crate) fn end(&self, token: &Token) {
        self.end_of(&token.key());
    }

    /// Ends the session whose token has this digest.
    pub(crate) fn end_of(&self, key: &Key) {
        self.lock().with(key).and_then(|pool| pool.remove(key));
    }

    /// Keeps something in the session; answers the name it is found by.
    pub(crate) fn keep(&self, token: &Token, kept: Kept) -> Uuid {
        let id = self.ids.uuid_v4();
        self.with(token, |session| {
            session.kept.push_back((id, kept));
            if session.kept.len() > KEPT_PER_SESSION {
                session.kept.pop_front();
            }
        });
        id
    }

    /// What the session keeps by this name; another session's is not found.
    pub(crate) fn kept(&self, token: &Token, id: Uuid) -> Option<Kept> {
        self.with(token, |session| session.kept.iter().find(|(name, _)| *name == id).map(|(_, kept)| kept.clone()))?
    }

    /// Sets the message of the next page.
    pub(crate) fn set_flash(&self, token: &Token, flash: Flash) {
        self.with(token, |session| session.flash = Some(flash));
    }

    /// Takes the message of this page.
    pub(crate) fn take_flash(&self, token: &Token) -> Option<Flash> {
        self.with(token, |session| session.flash.take())?
    }

    fn with<T>(&self, token: &Token, use_session: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let now = self.clock.now();
        let key = token.key();
        let mut pools = self.lock();
        let pool = pools.with(&key)?;
        if pool.get(&key).is_some_and(|session| self.has_ended(session, now)) {
            pool.remove(&key);
        }
        pool.get_mut(&key).map(use_session)
    }

    fn has_ended(&self, session: &Session, now: Timestamp) -> bool {
        now.duration_since(session.used) > self.limits.idle || now.duration_since(session.begun) > self.limits.absolute
    }

    fn make_room(&self, pool: &mut Pool, now: Timestamp) {
        if pool.len() < self.limits.most {
            return;
        }
        pool.retain(|_, session| !self.has_ended(session, now));
        while pool.len() >= self.limits.most {
            let Some(idlest) = pool.iter().min_by_key(|(_, session)| session.used).map(|(key, _)| *key) else {
                return;
            };
            pool.remove(&idlest);
        }
    }

    /// A thread that panicked while holding the lock cannot have left half a session, so a poisoned lock is used on.
    fn lock(&self) -> MutexGuard<'_, Pools> {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, civil::date};
    use primitives::{ManualClock, SeededIds, Text};

    use super::*;
    use crate::session::Role;

    struct Fixture {
        clock: ManualClock,
        sessions: Sessions,
    }

    fn fixture(most: usize) -> Fixture {
        let clock = ManualClock::at_noon(date(2026, 3, 2)).unwrap();
        let limits = SessionLimits { most, ..SessionLimits::default() };
        let sessions = Sessions::new(Arc::new(clock.clone()), Arc::new(SeededIds::new(1)), limits);
        Fixture { clock, sessions }
    }

    fn caseworker(user: &str) -> Option<SignedIn> {
        Some(SignedIn { name: Text::new(user, user), role: Role::Caseworker(user.into(), None), acting: None })
    }

    #[test]
    fn a_session_ends_when_it_is_not_used() {
        let Fixture { clock, sessions } = fixture(10);
        let token = sessions.begin(caseworker("a")).token;
        clock.advance(SignedDuration::from_mins(20));
        assert!(sessions.open(&token).is_some(), "the last moment, and it is used");
        clock.advance(SignedDuration::from_mins(20));
        assert!(sessions.open(&token).is_some(), "because it was used");
        clock.advance(SignedDuration::from_mins(21));
        assert!(sessions.open(&token).is_none());
    }

    #[test]
    fn a_session_ends_however_much_it_is_used() {
        let Fixture { clock, sessions } = fixture(10);
        let token = sessions.begin(caseworker("a")).token;
        for _ in 0..48 {
            clock.advance(SignedDuration::from_mins(10));
            assert!(sessions.open(&token).is_some());
        }
        clock.advance(SignedDuration::from_mins(10));
        assert!(sessions.open(&token).is_none(), "after 8 hours");
    }

    #[test]
    fn beyond_the_limit_the_session_unused_for_longest_ends() {
        let Fixture { clock, sessions } = fixture(2);
        let first = sessions.begin(caseworker("a")).token;
        clock.advance(SignedDuration::from_secs(1));
        let second = sessions.begin(caseworker("b")).token;
        clock.advance(SignedDuration::from_secs(1));
        sessions.open(&first);
        let third = sessions.begin(caseworker("c")).token;
        let alive = [&first, &second, &third].map(|token| sessions.open(token).is_some());
        assert_eq!(alive, [true, false, true]);
    }

    #[test]
    fn visitors_end_nobodys_session_but_visitors() {
        let Fixture { sessions, .. } = fixture(2);
        let signed_in = sessions.begin(caseworker("a")).token;
        let visitors: Vec<Token> = (0..20).map(|_| sessions.begin(None).token).collect();
        assert!(sessions.open(&signed_in).is_some());
        assert_eq!(visitors.iter().filter(|visitor| sessions.open(visitor).is_some()).count(), 2);
    }

    #[test]
    fn what_a_session_keeps_is_its_own() {
        let Fixture { sessions, .. } = fixture(10);
        let (one, other) = (sessions.begin(caseworker("a")).token, sessions.begin(caseworker("b")).token);
        let kept = Kept::Search(Default::default());
        let id = sessions.keep(&one, kept.clone());
        assert_eq!(sessions.kept(&one, id), Some(kept));
        assert_eq!(sessions.kept(&other, id), None);
        for _ in 0..KEPT_PER_SESSION {
            sessions.keep(&one, Kept::Search(Default::default()));
        }
        assert_eq!(sessions.kept(&one, id), None, "the oldest gives way");
    }

    #[test]
    fn a_message_is_shown_once() {
        let Fixture { sessions, .. } = fixture(10);
        let token = sessions.begin(None).token;
        let flash = Flash { heading: Text::new("a", "b"), text: Text::new("c", "d") };
        sessions.set_flash(&token, flash.clone());
        assert_eq!(sessions.take_flash(&token), Some(flash));
        assert_eq!(sessions.take_flash(&token), None);
    }
}
