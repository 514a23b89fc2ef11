//! What every register must do with events, merges and splits.

use jiff::civil::date;

use super::{DAY, Suite, account, codes, mediation, operator, payer};
use crate::register::{
    Designation, EventOutcome, HolderMerge, HolderSplit, LastPayout, LinkKind, RegisterEvent, RegisterServices, Resolution,
    SourceEvent, SourceFact, SourceRegister,
};
use crate::{Actor, Context, ProblemCode};

/// Runs the suite of the services beside paying, on a register that holds nothing of it yet.
///
/// # Panics
/// When the implementation does not keep the contract.
pub async fn services<R: RegisterServices + ?Sized>(house: &R, seed: i64) {
    let suite = |part| Suite { house, seed: seed * 100 + part };
    suite(31).events_count_once_in_the_order_they_happened().await;
    suite(32).a_number_told_before_it_is_known_waits().await;
    suite(33).an_old_number_pays_the_linked_holder_with_a_finding().await;
    suite(34).merged_holders_are_one_and_split_ones_are_two().await;
    suite(35).payouts_are_noted_for_known_holders().await;
    suite(36).reports_of_banks_get_receipts().await;
    suite(37).payers_learn_no_more_than_they_ask().await;
    suite(38).accounts_move_with_their_branch().await;
    suite(39).a_specific_account_is_locked_and_promoted().await;
    suite(40).messages_and_addresses_are_looked_at().await;
    suite(41).a_protected_name_is_told_to_its_holder_and_to_who_has_the_right().await;
}

impl<R: RegisterServices + ?Sized> Suite<'_, R> {
    fn event(&self, position: u64, n: i32, month: i8, fact: SourceFact) -> SourceEvent {
        // Positions are unique in a source: each run has its own.
        let position = u64::try_from(self.seed).expect("a positive seed") * 1_000 + position;
        SourceEvent { source: SourceRegister::Cpr, position, identifier: self.number(n), on: date(2026, month, 1), fact }
    }

    async fn tell(&self, name: &str, events: Vec<SourceEvent>) -> Vec<EventOutcome> {
        let outcomes = self.house.take_events(&operator(), &self.key(name), events).await.expect("events are answered");
        outcomes.into_iter().map(|outcome| outcome.expect("a good event")).collect()
    }

    /// A birth makes the holder; what happened last counts, whatever came last; a position counts once.
    pub async fn events_count_once_in_the_order_they_happened(&self) {
        let named = |name: &str| SourceFact::NameChanged { name: name.to_owned() };
        let born = self.event(1, 1, 1, SourceFact::Born { name: "Ingen Et".into(), guardians: vec![] });
        let later = self.event(2, 1, 5, named("Ingen Sidst"));
        let earlier = self.event(3, 1, 3, named("Ingen Imellem"));
        let made = self.tell("born", vec![born.clone()]).await;
        let EventOutcome::Applied { holder } = made[0] else { panic!("a birth makes the holder: {made:?}") };
        self.tell("later", vec![later]).await;
        assert_eq!(self.tell("earlier", vec![earlier]).await, [EventOutcome::Applied { holder }], "late, and kept");
        let known = self.house.holders(&operator(), vec![self.number(1)]).await.expect("facts");
        let known = known[0].as_ref().expect("the holder is known");
        assert_eq!((known.holder, known.name.as_deref()), (holder, Some("Ingen Sidst")));
        assert_eq!(self.tell("again", vec![born.clone()]).await, [EventOutcome::Repeated]);
        let other = SourceEvent { on: date(2026, 2, 1), ..born };
        let other = self.house.take_events(&operator(), &self.key("other"), vec![other]).await.expect("events are answered");
        assert_eq!(codes(&other), [Some(ProblemCode::Conflict)], "another event at a position that is taken");
    }

    /// Name and address are protected from the day the civil register tells it, until it tells that they are no longer.
    pub async fn a_protected_name_is_told_to_its_holder_and_to_who_has_the_right(&self) {
        self.record("people", vec![self.person(1), self.person(2)]).await;
        let names = [Some(self.person(1).name), Some(self.person(2).name)];
        let number = self.number(1);
        let payee = Context { actor: Actor::Payee { identifier: number.clone() }, ..operator() };
        let caseworker = Actor::Caseworker { user: "suite".into(), authority: payer() };
        let caseworker = Context { actor: caseworker, ..operator() };
        for (position, is_protected) in [(1, true), (2, false)] {
            let month = i8::try_from(position).expect("a month");
            let told = self.event(position, 1, month, SourceFact::ProtectionChanged { is_protected });
            self.tell(&format!("protection {is_protected}"), vec![told]).await;
            for context in [operator(), caseworker.clone(), mediation()] {
                let holders = self.house.holders(&context, vec![number.clone(), self.number(2)]).await.expect("facts");
                let told: Vec<_> = holders.into_iter().flatten().map(|holder| (holder.name, holder.is_protected)).collect();
                let first = names[0].clone().filter(|_| !is_protected);
                assert_eq!(told, [(first, is_protected), (names[1].clone(), false)], "{:?}", context.actor);
            }
            let own = self.house.holders(&payee, vec![number.clone()]).await.expect("own facts").remove(0).expect("known");
            assert_eq!((own.name, own.is_protected), (names[0].clone(), is_protected), "nobody is a secret to oneself");
        }
        let asked = vec![number.clone(), self.number(2), self.number(3)];
        let told = self.house.protected_names(&caseworker, asked).await.expect("names for who has the right");
        assert_eq!(told, [names[0].clone(), names[1].clone(), None]);
        let bank = Context { actor: Actor::Bank { code: "B1".parse().expect("a bank code") }, ..operator() };
        for context in [payee, bank, Context { actor: Actor::RecoveryAuthority, ..operator() }] {
            let refused = self.house.protected_names(&context, vec![number.clone()]).await.expect_err("no right");
            assert_eq!(refused.code, ProblemCode::Forbidden, "{:?}", context.actor);
        }
    }

    /// Events of an unknown number are kept and have their effect when it is recorded.
    pub async fn a_number_told_before_it_is_known_waits(&self) {
        let died = self.event(1, 1, 1, SourceFact::Died);
        assert_eq!(self.tell("died", vec![died]).await, [EventOutcome::Waiting]);
        let progress = self.house.source_progress(&operator(), SourceRegister::Cpr).await.expect("progress");
        assert!(progress.waiting >= 1 && progress.highest >= 1, "{progress:?}");
        self.record("people", vec![self.person(1)]).await;
        self.designate("account", vec![self.nemkonto(1)]).await;
        let paid = self.resolve(date(2028, 12, 31), vec![self.query(1)]).await.resolutions;
        assert!(matches!(paid[0], Resolution::Found(_)), "an estate is paid for three years: {paid:?}");
        let ended = self.resolve(date(2029, 1, 1), vec![self.query(1)]).await.resolutions;
        assert!(matches!(ended[0], Resolution::Closed { .. }), "and is end-marked then: {ended:?}");
    }

    /// The payer is told that the number is old, and not which is the new one.
    pub async fn an_old_number_pays_the_linked_holder_with_a_finding(&self) {
        let numbers =
            |old, new| crate::register::HolderRecord { identifiers: vec![self.cpr(new), self.cpr(old)], ..self.person(old) };
        let holder = self.record("people", vec![numbers(1, 2)]).await[0];
        self.designate("account", vec![Designation { identifier: self.cpr(1), ..self.nemkonto(1) }]).await;
        let query = |n| crate::register::PayeeQuery { identifier: self.cpr(n), fallback: None, benefit: None };
        let answer = self.resolve(DAY, vec![query(2), query(1), query(2), query(1)]).await;
        assert_eq!(answer.replaced, [1, 3], "the places of the old number");
        for resolution in answer.resolutions {
            assert!(matches!(resolution, Resolution::Found(found) if found.holder == holder && found.account == account(1)));
        }
    }

    /// Merged, both numbers lead to one reference; split, each to its own; what was known then stays.
    pub async fn merged_holders_are_one_and_split_ones_are_two(&self) {
        let holders = self.record("people", vec![self.person(1), self.person(2)]).await;
        self.designate("account", vec![self.nemkonto(1)]).await;
        let before = self.resolve(DAY, vec![self.query(1)]).await.as_known;
        let history = self.history(1, Some(before)).await;
        let reason = || "conformance suite".to_owned();
        let merge = HolderMerge { from: self.number(1), into: self.number(2), reason: reason() };
        let merged = self.house.merge_holders(&operator(), &self.key("merge"), vec![merge]).await.expect("merges are answered");
        assert_eq!(merged, [Ok(holders[1])]);
        let both = self.resolve(DAY, vec![self.query(1), self.query(2)]).await.resolutions;
        let entries: Vec<_> = both
            .iter()
            .map(|resolution| match resolution {
                Resolution::Found(found) if found.holder == holders[1] && found.account == account(1) => found.entry,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(entries[0], entries[1], "one account");
        assert_eq!(self.history(1, Some(before)).await, history, "what was known before the merge");
        let split = HolderSplit {
            identifiers: vec![self.number(1)],
            kind: self.person(1).kind,
            name: self.person(1).name,
            born: None,
            entries: vec![entries[0]],
            reason: reason(),
        };
        let split = self.house.split_holders(&operator(), &self.key("split"), vec![split]).await.expect("splits are answered");
        let new = *split[0].as_ref().expect("a good split");
        let apart = self.resolve(DAY, vec![self.query(1), self.query(2)]).await.resolutions;
        assert!(matches!(&apart[0], Resolution::Found(found) if found.holder == new && found.account == account(1)));
        assert_eq!(apart[1], Resolution::NoAccount { holder: holders[1] });
        let links = self.house.holder_links(&operator(), self.number(2)).await.expect("links");
        let links: Vec<_> = links.into_iter().map(|link| (link.kind, link.from, link.into)).collect();
        assert_eq!(links, [(LinkKind::Merge, holders[0], holders[1]), (LinkKind::Split, holders[1], new)]);
        let told = self.read_feed().await;
        let told = |event: RegisterEvent| told.iter().any(|item| item.event == event);
        assert!(told(RegisterEvent::HolderMerged { from: holders[0], into: holders[1] }));
        assert!(told(RegisterEvent::HolderSplit { from: holders[1], into: new, identifier: self.number(1) }));
    }

    /// The day of the last payout decides on deletion; it is kept for holders that exist.
    pub async fn payouts_are_noted_for_known_holders(&self) {
        let holder = self.record("people", vec![self.person(1)]).await[0];
        let payout = |holder| LastPayout { holder, on: date(2026, 1, 1) };
        let nobody = primitives::HolderRef(uuid::Uuid::from_u128(1));
        let noted = self.house.note_payouts(&mediation(), &self.key("payouts"), vec![payout(holder), payout(nobody)]).await;
        let noted = noted.expect("payouts are answered");
        assert_eq!(noted[0], Ok(holder));
        assert_eq!(codes(&noted), [None, Some(ProblemCode::NotFound)]);
    }

    /// A CPR number of nobody: born 1858 to 1899 by the number.
    fn cpr(&self, n: i32) -> primitives::Identifier {
        let serial = 5_000 + (self.seed * 10 + i64::from(n)) % 4_000;
        let year = 58 + (self.seed / 40) % 42;
        primitives::Cpr::parse(&format!("0101{year:02}{serial:04}")).expect("a CPR number").into()
    }
}
