//! Lookups are charged by what they find, and certificates are watched.

use jiff::Timestamp;

use super::*;
use crate::parties::{
    ControlEntry, ControlMatter, ControlQuery, LimitHolder, LookupAsker, LookupCharge, LookupLimit, PartyKey, PartyKind,
    SeenCertificate, SentPayments,
};

const WATCHED: &str = "90000077";

impl Suite<'_> {
    pub(super) async fn lookups_are_charged_and_certificates_watched(&self) {
        self.limits_are_for_operators().await;
        self.a_user_who_finds_nobody_is_blocked().await;
        self.a_party_that_pays_may_look_up_more().await;
        self.who_was_blocked_stands_on_the_list().await;
        self.certificates_that_end_stand_on_the_list().await;
    }

    async fn limit(&self, context: &Context, holder: LimitHolder, size: u32) -> Result<(), ProblemCode> {
        let key = format!("limit-{}-{size}", context.actor.label());
        let limit = LookupLimit { holder, size, per_hour: 0, valid_from: self.today, why: "conformance".into() };
        let set = self.parties.set_lookup_limits(context, &idempotency_key(&key), vec![limit]).await;
        set.map_err(|problem| problem.code)?.pop().expect("an answer each").map_err(|problem| problem.code)
    }

    async fn charge(&self, user: Option<&str>, kind: PartyKind, hits: u32, misses: u32) -> Result<(), ProblemCode> {
        let asker = LookupAsker { user: user.map(str::to_owned), party: watched(kind) };
        let charged = self.parties.charge_lookups(&operator(), LookupCharge { asker, hits, misses }).await;
        charged.map_err(|problem| problem.code)
    }

    async fn limits_are_for_operators(&self) {
        let holder = LimitHolder::User { authority: number(WATCHED), user: "curious".into() };
        let bank = Context { actor: Actor::Bank { code: BankCode::parse("X").expect("a code") }, ..operator() };
        assert_eq!(self.limit(&bank, holder.clone(), 41).await, Err(ProblemCode::Forbidden));
        assert_eq!(self.limit(&operator(), LimitHolder::Users, 0).await, Err(ProblemCode::InvalidInput), "no token at all");
        assert_eq!(self.limit(&operator(), holder, 41).await, Ok(()));
        assert_eq!(self.limit(&operator(), LimitHolder::Party { party: watched(PartyKind::Authority) }, 61).await, Ok(()));
        let asker = LookupAsker { user: None, party: watched(PartyKind::Authority) };
        let charged = self.parties.charge_lookups(&bank, LookupCharge { asker, hits: 1, misses: 0 }).await;
        assert_eq!(charged.map_err(|problem| problem.code), Err(ProblemCode::Forbidden), "a party does not charge itself");
    }

    async fn a_user_who_finds_nobody_is_blocked(&self) {
        let curious = Some("curious");
        let kind = PartyKind::Authority;
        assert_eq!(self.charge(curious, kind, 0, 0).await, Ok(()), "may begin");
        assert_eq!(self.charge(curious, kind, 1, 1).await, Ok(()));
        assert_eq!(self.charge(curious, kind, 0, 1).await, Ok(()), "the last token");
        assert_eq!(self.charge(curious, kind, 0, 0).await, Err(ProblemCode::TooMany));
        assert_eq!(self.charge(Some("another"), kind, 1, 0).await, Ok(()), "another user of the party, which has 19 left");
        assert_eq!(self.charge(None, kind, 0, 1).await, Err(ProblemCode::TooMany), "and its system");
    }

    async fn a_party_that_pays_may_look_up_more(&self) {
        let sent = SentPayments { payer: number(WATCHED), payments: 30 };
        for _ in 0..2 {
            self.parties.payments_sent(&operator(), &idempotency_key("sent"), sent.clone()).await.expect("the call is good");
        }
        // It was 1 in debt: with 29 a miss and nine hits are paid for, once.
        assert_eq!(self.charge(None, PartyKind::PrivatePayer, 9, 1).await, Ok(()), "payers of every kind are one by number");
        assert_eq!(self.charge(None, PartyKind::Authority, 1, 0).await, Err(ProblemCode::TooMany));
    }

    async fn control_list(&self, context: &Context) -> Result<Vec<ControlEntry>, ProblemCode> {
        let query = ControlQuery { since: self.today, limit: 100 };
        self.parties.control_list(context, query).await.map_err(|problem| problem.code)
    }

    async fn who_was_blocked_stands_on_the_list(&self) {
        let blocked = |entries: Vec<ControlEntry>| -> Vec<String> {
            let who = entries.into_iter().filter_map(|entry| match entry.matter {
                ControlMatter::LookupsBlocked { who, .. } => Some(who),
                ControlMatter::CertificateEnds { .. } => None,
            });
            who.collect()
        };
        let all = blocked(self.control_list(&operator()).await.expect("operators may see"));
        assert!(all.iter().any(|who| who.contains("curious")), "{all:?}");
        assert!(all.iter().any(|who| who.ends_with(WATCHED)), "{all:?}");
        let own = blocked(self.control_list(&caseworker(WATCHED)).await.expect("caseworkers may see"));
        assert_eq!(own, all, "all of them are of this authority");
        assert_eq!(blocked(self.control_list(&caseworker("90000078")).await.expect("caseworkers may see")), Vec::<String>::new());
        let recovery = Context { actor: Actor::RecoveryAuthority, ..operator() };
        assert_eq!(self.control_list(&recovery).await, Err(ProblemCode::Forbidden));
    }

    async fn certificates_that_end_stand_on_the_list(&self) {
        let party = Some(watched(PartyKind::Authority));
        let seen = |name: &str, party: &Option<PartyKey>, days: i64| SeenCertificate {
            party: party.clone(),
            name: name.into(),
            good_until: self.midnight(days),
        };
        let first =
            vec![seen("own", &None, 59), seen("theirs", &party, 10), seen("later", &party, 62), seen("renewed", &party, 5)];
        let again = vec![seen("theirs", &party, 10), seen("renewed", &party, 400)];
        for (key, certificates) in [("seen", first), ("seen-again", again)] {
            let count = certificates.len();
            let noted = self.parties.note_certificates(&operator(), &idempotency_key(key), certificates).await;
            assert_eq!(noted.expect("the call is good"), vec![Ok(()); count]);
        }
        let ending = |entries: Vec<ControlEntry>| -> Vec<String> {
            let names = entries.into_iter().filter_map(|entry| match entry.matter {
                ControlMatter::CertificateEnds { name, .. } => Some(name),
                ControlMatter::LookupsBlocked { .. } => None,
            });
            names.collect()
        };
        let mut all = ending(self.control_list(&operator()).await.expect("operators may see"));
        all.sort_unstable();
        assert_eq!(all, ["own", "theirs"]);
        assert_eq!(ending(self.control_list(&caseworker(WATCHED)).await.expect("caseworkers may see")), ["theirs"]);
    }

    fn midnight(&self, days: i64) -> Timestamp {
        let day = self.today.checked_add(jiff::Span::new().days(days)).expect("a day of our time");
        day.to_zoned(jiff::tz::TimeZone::UTC).expect("a day of our time").timestamp()
    }
}

fn caseworker(authority: &str) -> Context {
    Context { actor: Actor::Caseworker { user: "watching".into(), authority: number(authority) }, ..operator() }
}

fn watched(kind: PartyKind) -> PartyKey {
    PartyKey { kind, id: WATCHED.into() }
}
