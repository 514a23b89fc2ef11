//! Beside another system: who has taken a delivery.

use primitives::FeedPosition;

use super::{Suite, code, context, house};
use crate::{
    Actor, ItemResult, Problem, ProblemCode,
    mediation::{MAX_NOTED, Mediation, TakenBy, TakenElsewhere},
    register::FeedAfter,
};

impl<M: Mediation + ?Sized> Suite<'_, M> {
    /// What the other system has taken is its own, however often it says so; what is no MsgId holds nothing else.
    pub(super) async fn a_delivery_is_noted_as_taken_once(&self) {
        let id = format!("N{}", self.seed);
        for (key, ids) in [("one", vec![id.as_str()]), ("two", vec!["", &id, &id])] {
            let noted = self.note(key, &ids).await.expect("a note is answered");
            let codes: Vec<_> = noted.into_iter().map(|answer| answer.map_err(|problem| problem.code)).collect();
            let expect = |id: &&str| if id.is_empty() { Err(ProblemCode::InvalidInput) } else { Ok(TakenBy::TakenElsewhere) };
            assert_eq!(codes, ids.iter().map(expect).collect::<Vec<_>>());
        }
        assert_eq!(code(self.note("one", &["another"]).await), Some(ProblemCode::IdempotencyMismatch));
        assert_eq!(code(self.note("many", &vec!["M"; MAX_NOTED + 1]).await), Some(ProblemCode::TooLarge));
        let caseworker = context(Actor::Caseworker { user: "u".to_owned(), authority: self.given.payer });
        let note = TakenElsewhere { payer: self.given.payer, message_ids: vec![id] };
        assert_eq!(code(self.house.note_taken(&caseworker, &self.key("not"), note).await), Some(ProblemCode::Forbidden));
    }

    /// Positions follow each other without gaps; a position that was never given is refused.
    pub(super) async fn what_was_taken_is_read_in_order(&self) {
        let after = |after, limit| FeedAfter { after: FeedPosition::new(after), limit };
        let taken = self.house.taken(&house(), after(0, 10_000)).await.expect("the feed is read");
        let positions = taken.iter().map(|taken| taken.position.get());
        assert!(positions.clone().eq(1..=i64::try_from(taken.len()).expect("a short feed")), "{positions:?}");
        assert_eq!(code(self.house.taken(&house(), after(i64::MAX, 1)).await), Some(ProblemCode::Conflict));
        assert_eq!(code(self.house.taken(&house(), after(0, 0)).await), Some(ProblemCode::InvalidInput));
        let payee = context(Actor::Payee { identifier: self.payee(1) });
        assert_eq!(code(self.house.taken(&payee, after(0, 1)).await), Some(ProblemCode::Forbidden));
    }

    async fn note(&self, key: &str, ids: &[&str]) -> Result<Vec<ItemResult<TakenBy>>, Problem> {
        let message_ids = ids.iter().map(|id| (*id).to_owned()).collect();
        let note = TakenElsewhere { payer: self.given.payer, message_ids };
        self.house.note_taken(&house(), &self.key(key), note).await
    }
}
