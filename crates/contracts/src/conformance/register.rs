//! What every register must do.

mod accounts;
mod population;
mod step;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use primitives::{
    Account, AgreementNumber, BankCode, BenefitCode, Country, DanishAccount, EntryRef, FeedPosition, ForeignScheme, HolderRef,
    Identifier,
};
use uuid::Uuid;

use crate::{
    Actor, Context, IdempotencyKey, ItemResult, LegalBasis, ProblemCode, Purpose,
    register::{
        AccessQuery, AccountPurpose, Activation, Designation, DesignationReceipt, DesignationRoute, EndDesignation, EntryState,
        FeedAfter, HistoryEntry, HistoryQuery, HolderKind, HolderRecord, HolderStatus, PayeeQuery, Register, RegisterEvent,
        RegisterFeedItem, Resolution, ResolveAnswer, ResolveRequest,
    },
};

pub use population::services;
pub use step::step;

/// One run of the suite: `seed` makes its numbers, and must be another in each run against the same system.
#[derive(Debug, Clone, Copy)]
pub struct Suite<'s, R: Register + ?Sized> {
    house: &'s R,
    seed: i64,
}

/// Runs the whole suite.
///
/// # Panics
/// When the implementation does not keep the contract.
pub async fn all<R: Register + ?Sized>(house: &R, seed: i64) {
    let suite = |part| Suite { house, seed: seed * 100 + part };
    suite(1).answers_follow_the_order_of_the_payees().await;
    suite(2).outcomes_are_told_apart().await;
    suite(3).a_specific_account_wins_for_its_payer_and_benefit().await;
    suite(4).a_fallback_helps_only_where_it_is_given().await;
    suite(5).accounts_apply_on_their_days().await;
    suite(6).all_numbers_of_a_holder_lead_to_its_account().await;
    suite(7).repeated_calls_get_the_first_answer().await;
    suite(8).a_caller_who_looked_before_a_change_is_told().await;
    suite(9).one_bad_item_spoils_no_other().await;
    suite(10).routes_decide_on_activation().await;
    suite(11).what_was_known_never_changes().await;
    suite(12).the_feed_is_gapless_and_in_order().await;
    suite(13).who_looked_is_told().await;
    suite(14).a_payee_reaches_only_itself().await;
    suite(15).bad_input_is_refused().await;
}

/// Runs the suite once against a system that holds nothing of it yet.
///
/// # Panics
/// When the implementation does not keep the contract.
pub async fn check(house: &dyn Register) {
    all(house, 1).await;
}

/// First day of the suite's accounts.
const FROM: Date = date(2020, 1, 1);
/// The day most lookups are for: far enough ahead for every route's latest effect.
const DAY: Date = date(2090, 6, 1);
/// Many enough to show an order that only seems kept.
const BULK: i32 = 2_000;

impl<R: Register + ?Sized> Suite<'_, R> {
    /// Many payees, known and unknown mixed, some twice: one answer each, in order.
    ///
    /// # Panics
    /// When the implementation does not keep the contract; so do all checks.
    pub async fn answers_follow_the_order_of_the_payees(&self) {
        let people: Vec<i32> = (0..BULK).collect();
        let holders = self.record("holders", people.iter().map(|n| self.person(*n)).collect()).await;
        self.designate("accounts", people.iter().filter(|n| *n % 3 == 0).map(|n| self.nemkonto(*n)).collect()).await;
        let asked: Vec<i32> = people.iter().rev().flat_map(|n| [*n, BULK + n, *n]).collect();
        let answer = self.resolve(DAY, asked.iter().map(|n| self.query(*n)).collect()).await;
        assert_eq!(answer.resolutions.len(), asked.len(), "one resolution for each payee");
        for (n, resolution) in asked.iter().zip(&answer.resolutions) {
            let holder = usize::try_from(*n).ok().and_then(|n| holders.get(n)).copied();
            match (holder, resolution) {
                (None, Resolution::Unknown) => {}
                (Some(holder), Resolution::NoAccount { holder: found }) if n % 3 != 0 => {
                    assert_eq!(holder, *found, "the payee's holder")
                }
                (Some(holder), Resolution::Found(found)) if n % 3 == 0 => {
                    assert_eq!(
                        (holder, account(*n)),
                        (found.holder, found.account.clone()),
                        "the payee's own holder and account"
                    );
                }
                (_, other) => panic!("payee {n} is resolved to {other:?}"),
            }
        }
        assert!(self.resolve(DAY, vec![]).await.resolutions.is_empty(), "no payees, no resolutions");
    }

    /// Unknown, no account, end-marked, deleted and found.
    pub async fn outcomes_are_told_apart(&self) {
        let closed = |n, status| HolderRecord { status, status_from: Some(date(2025, 1, 1)), ..self.person(n) };
        let people = vec![
            self.person(1),
            closed(2, HolderStatus::Closed),
            closed(3, HolderStatus::Deleted),
            self.person(4),
            closed(5, HolderStatus::Closed),
        ];
        let holders = self.record("holders", people).await;
        self.designate("account", vec![self.nemkonto(4)]).await;
        let people = [1, 2, 3, 4, 5, 6].map(|n| self.query(n)).to_vec();
        let answer = self.resolve(DAY, people.clone()).await.resolutions;
        assert_eq!(answer[0], Resolution::NoAccount { holder: holders[0] }, "known, without account");
        assert_eq!(answer[1], Resolution::Closed { holder: holders[1] }, "end-marked");
        assert_eq!(answer[2], Resolution::Closed { holder: holders[2] }, "deleted");
        assert!(matches!(&answer[3], Resolution::Found(found) if found.holder == holders[3]), "found");
        assert_eq!(answer[4], Resolution::Closed { holder: holders[4] }, "end-marked");
        assert_eq!(answer[5], Resolution::Unknown, "not in the register");
        let before = self.resolve(date(2024, 12, 31), people).await.resolutions;
        assert_eq!(before[1], Resolution::NoAccount { holder: holders[1] }, "not end-marked before its day");
        self.record("end-mark", vec![closed(4, HolderStatus::Closed)]).await;
        let after = self.resolve(DAY, vec![self.query(4)]).await.resolutions;
        assert_eq!(after, [Resolution::Closed { holder: holders[3] }], "an end-marked holder is not paid on the account it has");
    }

    /// A specific account counts for one payer and one benefit; all else goes to the NemKonto.
    pub async fn a_specific_account_wins_for_its_payer_and_benefit(&self) {
        self.record("holders", vec![self.person(1)]).await;
        let specific = self.nemkonto(1);
        let specific = Designation { purpose: purpose("NKSBFY"), account: account(2), ..specific };
        self.designate("accounts", vec![self.nemkonto(1), specific]).await;
        for (payer, benefit, expect) in [
            (payer(), Some("NKSBFY"), (account(2), true)),
            (payer(), Some("NKSSOP"), (account(1), false)),
            (payer(), None, (account(1), false)),
            (other_payer(), Some("NKSBFY"), (account(1), false)),
        ] {
            let query = PayeeQuery { benefit: benefit.map(benefit_code), ..self.query(1) };
            let request = ResolveRequest { payer, on: DAY, payees: vec![query] };
            let answer = self.house.resolve(&mediation(), request).await.expect("a lookup is answered");
            match &answer.resolutions[..] {
                [Resolution::Found(found)] => {
                    assert_eq!((found.account.clone(), found.specific), expect, "{payer:?} {benefit:?}")
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// The fallback number is used where it is given and the first has no account, and only there.
    pub async fn a_fallback_helps_only_where_it_is_given(&self) {
        let closed = HolderRecord { status: HolderStatus::Closed, ..self.person(3) };
        let holders = self.record("holders", vec![self.person(1), self.person(2), closed, self.person(4)]).await;
        self.designate("accounts", vec![self.nemkonto(1), self.nemkonto(4)]).await;
        let with = |n, fallback| PayeeQuery { fallback: Some(self.number(fallback)), ..self.query(n) };
        let payees = vec![with(2, 1), self.query(2), with(9, 1), with(4, 1), with(3, 1), with(2, 3), with(2, 9)];
        let answer = self.resolve(DAY, payees).await.resolutions;
        let found = |n: usize| match &answer[n] {
            Resolution::Found(found) => (found.holder, found.by_fallback),
            other => panic!("{other:?} at {n}"),
        };
        assert_eq!(found(0), (holders[0], true), "no account of its own, so the fallback's");
        assert_eq!(answer[1], Resolution::NoAccount { holder: holders[1] }, "no fallback given");
        assert_eq!(found(2), (holders[0], true), "an unknown number with a fallback");
        assert_eq!(found(3), (holders[3], false), "its own account comes first");
        assert_eq!(answer[4], Resolution::Closed { holder: holders[2] }, "an end-marked payee is not paid by a detour");
        assert_eq!(answer[5], Resolution::NoAccount { holder: holders[1] }, "an end-marked fallback is no help");
        assert_eq!(answer[6], Resolution::NoAccount { holder: holders[1] }, "an unknown fallback is no help");
    }

    /// A new account takes over on its day, and an ended one stops on its day.
    pub async fn accounts_apply_on_their_days(&self) {
        self.record("holders", vec![self.person(1)]).await;
        let change = date(2091, 1, 1);
        let end = date(2092, 1, 1);
        let first = self.designate("first", vec![self.nemkonto(1)]).await[0].entry;
        let second = Designation { account: account(2), valid_from: change, ..self.nemkonto(1) };
        let second = self.designate("second", vec![second]).await[0].entry;
        let ended = self.end("end", vec![self.ending(1, end)]).await;
        assert_eq!(ended, [Ok(second)], "the account in force on the day is ended");
        let yesterday = |day: Date| day.yesterday().expect("a day");
        for (on, expect) in [
            (yesterday(FROM), None),
            (FROM, Some(first)),
            (yesterday(change), Some(first)),
            (change, Some(second)),
            (yesterday(end), Some(second)),
            (end, None),
        ] {
            let entry = match &self.resolve(on, vec![self.query(1)]).await.resolutions[..] {
                [Resolution::Found(found)] => Some(found.entry),
                [Resolution::NoAccount { .. }] => None,
                other => panic!("{other:?}"),
            };
            assert_eq!(entry, expect, "on {on}");
        }
        let again = self.end("again", vec![self.ending(1, end)]).await;
        assert_eq!(codes(&again), [Some(ProblemCode::NotFound)], "there is nothing left to end");
    }

    /// A new number joins the holder; the old one stays.
    pub async fn all_numbers_of_a_holder_lead_to_its_account(&self) {
        let holder = self.record("holder", vec![self.person(1)]).await[0];
        let entry = self.designate("account", vec![self.nemkonto(1)]).await[0].entry;
        let renumbered = HolderRecord { identifiers: vec![self.number(2), self.number(1)], ..self.person(1) };
        assert_eq!(self.record("renumbered", vec![renumbered]).await, [holder], "the reference is stable");
        for resolution in self.resolve(DAY, vec![self.query(1), self.query(2)]).await.resolutions {
            assert!(matches!(resolution, Resolution::Found(found) if found.entry == entry && found.holder == holder));
        }
        let changed = Designation { account: account(7), ..self.nemkonto(1) };
        self.designate("by the old number", vec![changed]).await;
        for resolution in self.resolve(DAY, vec![self.query(1), self.query(2)]).await.resolutions {
            assert!(matches!(resolution, Resolution::Found(found) if found.account == account(7)));
        }
        self.record("other", vec![self.person(3)]).await;
        let both = HolderRecord { identifiers: vec![self.number(1), self.number(3)], ..self.person(1) };
        let refused = self.house.record_holders(&operator(), &self.key("both"), vec![both]).await.expect("the list is answered");
        assert_eq!(codes(&refused), [Some(ProblemCode::Conflict)], "two holders are not made one by the way");
    }

    /// Same key and input: the first answer and no second effect. Same key, other input: refused.
    pub async fn repeated_calls_get_the_first_answer(&self) {
        let first = self.record("holders", vec![self.person(1)]).await;
        assert_eq!(self.record("holders", vec![self.person(1)]).await, first);
        let receipts = self.designate("account", vec![self.nemkonto(1)]).await;
        assert_eq!(self.designate("account", vec![self.nemkonto(1)]).await, receipts);
        assert_eq!(self.history(1, None).await.len(), 1, "one designation");
        let other = vec![Designation { account: account(9), ..self.nemkonto(1) }];
        let refused = self.house.designate(&operator(), &self.key("account"), other).await.expect_err("another input");
        assert_eq!(refused.code, ProblemCode::IdempotencyMismatch);
        let other = self.house.record_holders(&operator(), &self.key("holders"), vec![self.person(2)]).await;
        assert_eq!(other.expect_err("another input").code, ProblemCode::IdempotencyMismatch);
        let same_key = self.end("account", vec![self.ending(1, DAY)]).await;
        assert!(same_key[0].is_ok(), "a key is the caller's own for each operation");
    }

    /// Optimistic locking: the entry the caller saw must still be the current one.
    pub async fn a_caller_who_looked_before_a_change_is_told(&self) {
        self.record("holders", vec![self.person(1)]).await;
        let first = self.designate("first", vec![self.nemkonto(1)]).await[0].entry;
        let seen = |expected| Designation { expected: Some(expected), account: account(3), ..self.nemkonto(1) };
        let second = self.designate("second", vec![seen(first)]).await[0].entry;
        let late = self.house.designate(&operator(), &self.key("late"), vec![seen(first)]).await.expect("the list is answered");
        assert_eq!(codes(&late), [Some(ProblemCode::Conflict)], "the first account is no longer current");
        let late = self.end("late", vec![EndDesignation { expected: Some(first), ..self.ending(1, DAY) }]).await;
        assert_eq!(codes(&late), [Some(ProblemCode::Conflict)], "the first account is no longer current");
        let ended = self.end("end", vec![EndDesignation { expected: Some(second), ..self.ending(1, DAY) }]).await;
        assert_eq!(ended, [Ok(second)]);
    }

    /// Each item has its own result, in order.
    pub async fn one_bad_item_spoils_no_other(&self) {
        self.record("holders", vec![self.person(1), self.person(2)]).await;
        let blank = Designation { reason: "  ".to_owned(), ..self.nemkonto(1) };
        let items = vec![self.nemkonto(9), blank, self.nemkonto(2), self.nemkonto(2), self.nemkonto(1)];
        let results = self.house.designate(&operator(), &self.key("mixed"), items).await.expect("the list is answered");
        let expect = [Some(ProblemCode::NotFound), Some(ProblemCode::InvalidInput), None, Some(ProblemCode::Conflict), None];
        assert_eq!(codes(&results), expect, "unknown, no reason, good, twice in one call, good");
        let answer = self.resolve(DAY, vec![self.query(1), self.query(2), self.query(9)]).await.resolutions;
        assert!(matches!(answer[..], [Resolution::Found(_), Resolution::Found(_), Resolution::Unknown]), "{answer:?}");
    }

    /// A bank's report is active; every other route waits for the code of the letter.
    pub async fn routes_decide_on_activation(&self) {
        self.record("holders", (1..=4).map(|n| self.person(n)).collect()).await;
        let bank = BankCode::parse("SUITE").expect("a code");
        let reported = Designation { route: DesignationRoute::Bank { bank }, ..self.nemkonto(1) };
        let receipt = self.designate("bank", vec![reported]).await.remove(0);
        assert_eq!(receipt.state, EntryState::Active, "a bank's report is active");
        assert!(receipt.effective_from.is_some_and(|day| day > FROM), "but not before it was made");
        let routes = [DesignationRoute::SelfService, DesignationRoute::Caseworker, DesignationRoute::Form];
        let items = (2..).zip(routes).map(|(n, route)| Designation { route, ..self.nemkonto(n) }).collect();
        for receipt in self.designate("others", items).await {
            assert_eq!((receipt.state, receipt.effective_from), (EntryState::Pending, None), "waits for the code");
        }
        let answer = self.resolve(DAY, (1..=4).map(|n| self.query(n)).collect()).await.resolutions;
        assert!(matches!(answer[0], Resolution::Found(_)), "{answer:?}");
        assert!(
            answer[1..].iter().all(|other| matches!(other, Resolution::NoAccount { .. })),
            "a pending account is not paid on"
        );
        let guess = Activation { identifier: self.number(2), code: "not the code".to_owned() };
        let guessed = self.house.activate(&operator(), &self.key("guess"), vec![guess]).await.expect("the list is answered");
        assert_eq!(codes(&guessed), [Some(ProblemCode::NotFound)], "a wrong code activates nothing");
        let holder = self.holder(2).await;
        assert_eq!(holder.1, [EntryState::Pending], "still pending");
    }

    /// An answer "as known when" is the same for ever.
    pub async fn what_was_known_never_changes(&self) {
        self.record("holders", vec![self.person(1)]).await;
        let mut known = vec![];
        for (step, n) in [("first", 1), ("second", 2), ("third", 3)] {
            let next = Designation { account: account(n), ..self.nemkonto(1) };
            self.designate(step, vec![next]).await;
            let answer = self.resolve(DAY, vec![self.query(1)]).await;
            let history = self.history(1, Some(answer.as_known)).await;
            let paid_on = history.iter().find(|entry| entry.state == EntryState::Active).expect("an account in force");
            assert_eq!(paid_on.account, account(n), "the history at the answer's time holds what was answered");
            known.push((answer.as_known, history));
        }
        self.end("end", vec![self.ending(1, DAY)]).await;
        for (at, history) in known {
            assert_eq!(self.history(1, Some(at)).await, history, "as known at {at}");
        }
        let now = self.history(1, None).await;
        assert_eq!(now.len(), 3, "every entry stays in the history");
        assert!(now.is_sorted_by(|a, b| a.entry > b.entry), "newest first");
        assert_eq!(now[0].valid_until, Some(DAY));
    }

    /// Every account in force, and every end, is told once and in order; a reader may begin anywhere.
    pub async fn the_feed_is_gapless_and_in_order(&self) {
        self.record("holders", (1..=5).map(|n| self.person(n)).collect()).await;
        let receipts = self.designate("accounts", (1..=5).map(|n| self.nemkonto(n)).collect()).await;
        self.end("end", vec![self.ending(3, DAY)]).await;
        let all = self.read_feed().await;
        let mut designated = vec![];
        let mut ended = vec![];
        for item in &all {
            match &item.event {
                RegisterEvent::AccountDesignated { holder, entry, identifier, .. }
                    if receipts.iter().any(|r| r.entry == *entry) =>
                {
                    let place = designated.len();
                    assert_eq!((*holder, identifier.clone()), (receipts[place].holder, self.number(place as i32 + 1)));
                    designated.push(*entry);
                }
                RegisterEvent::AccountEnded { entry, from, .. } if receipts[2].entry == *entry => ended.push(*from),
                _ => {}
            }
        }
        let expect: Vec<EntryRef> = receipts.iter().map(|receipt| receipt.entry).collect();
        assert_eq!(designated, expect, "each account once, in order");
        assert_eq!(ended, [DAY], "the end once");
        let middle = all[all.len() / 2].position;
        let rest = self.house.feed(&mediation(), FeedAfter { after: middle, limit: 10_000 }).await.expect("the feed is read");
        assert_eq!(rest[..], all[all.len() / 2 + 1..], "the same facts again, from the middle");
    }

    /// A lookup is told to whoever asks who looked, by whichever number.
    pub async fn who_looked_is_told(&self) {
        let both = HolderRecord { identifiers: vec![self.number(1), self.number(2)], ..self.person(1) };
        self.record("holders", vec![both, self.person(3)]).await;
        let context = Context { purpose: Purpose::new("suite: who looked").expect("a text"), ..mediation() };
        let request = ResolveRequest { payer: payer(), on: DAY, payees: vec![self.query(2), self.query(3)] };
        self.house.resolve(&context, request).await.expect("a lookup is answered");
        let query = AccessQuery { identifier: self.number(1), limit: 10 };
        let accesses = self.house.accesses(&operator(), query).await.expect("accesses are told");
        let record = accesses.iter().find(|record| record.purpose == "suite: who looked").expect("the lookup is told");
        assert_eq!(record.on_behalf_of, Some(payer()));
        assert_eq!((record.actor.as_str(), record.legal_basis.as_str()), ("house:mediation", "lov 696/2025"));
        assert_eq!(record.operation, "resolve");
        assert!(accesses.is_sorted_by(|a, b| a.at >= b.at), "newest first");
    }

    /// In self-service a payee sees and changes its own data and no other's, and is not told whose numbers are known.
    pub async fn a_payee_reaches_only_itself(&self) {
        self.record("holders", vec![self.person(1), self.person(2)]).await;
        let payee = Context { actor: Actor::Payee { identifier: self.number(1) }, on_behalf_of: None, ..operator() };
        let wish = |n| Designation { route: DesignationRoute::SelfService, ..self.nemkonto(n) };
        let results =
            self.house.designate(&payee, &self.key("wish"), vec![wish(1), wish(2), wish(9)]).await.expect("the list is answered");
        assert_eq!(codes(&results), [None, Some(ProblemCode::Forbidden), Some(ProblemCode::Forbidden)]);
        let query = |n| HistoryQuery { identifier: self.number(n), as_known: None };
        assert_eq!(self.house.history(&payee, query(1)).await.expect("the own history").len(), 1);
        for n in [2, 9] {
            let refused = self.house.history(&payee, query(n)).await.expect_err("somebody else's history");
            assert_eq!(refused.code, ProblemCode::Forbidden);
            let refused = self.house.holders(&payee, vec![self.number(n)]).await.expect_err("somebody else's facts");
            assert_eq!(refused.code, ProblemCode::Forbidden);
        }
        let by_bank = Designation { route: DesignationRoute::Migration, ..self.nemkonto(1) };
        let results = self.house.designate(&payee, &self.key("route"), vec![by_bank]).await.expect("the list is answered");
        assert_eq!(codes(&results), [Some(ProblemCode::Forbidden)], "a payee's wish is always activated by letter");
    }

    /// Limits are kept.
    pub async fn bad_input_is_refused(&self) {
        let nobody = HolderRecord { identifiers: vec![], ..self.person(1) };
        let nameless = HolderRecord { name: String::new(), ..self.person(1) };
        let results =
            self.house.record_holders(&operator(), &self.key("bad"), vec![nobody, nameless]).await.expect("the list is answered");
        assert_eq!(codes(&results), [Some(ProblemCode::InvalidInput); 2]);
        let query = AccessQuery { identifier: self.number(1), limit: 0 };
        let refused = self.house.accesses(&operator(), query).await.expect_err("no accesses asked for");
        assert_eq!(refused.code, ProblemCode::InvalidInput);
        let after = FeedAfter { after: FeedPosition(0), limit: 10_001 };
        let refused = self.house.feed(&mediation(), after).await.expect_err("too many facts asked for");
        assert_eq!(refused.code, ProblemCode::InvalidInput);
        let payees = vec![self.query(1); super::super::register::MAX_ITEMS + 1];
        let request = ResolveRequest { payer: payer(), on: DAY, payees };
        let refused = self.house.resolve(&mediation(), request).await.expect_err("too many payees");
        assert_eq!(refused.code, ProblemCode::TooLarge);
        let none = self.house.history(&operator(), HistoryQuery { identifier: self.number(99), as_known: None }).await;
        assert_eq!(none.expect_err("an unknown number").code, ProblemCode::NotFound);
    }
}

/// The suite's own words.
impl<R: Register + ?Sized> Suite<'_, R> {
    async fn record(&self, key: &str, records: Vec<HolderRecord>) -> Vec<HolderRef> {
        let results = self.house.record_holders(&operator(), &self.key(key), records).await.expect("records are taken");
        results.into_iter().map(|result| result.expect("the record is good")).collect()
    }

    async fn designate(&self, key: &str, items: Vec<Designation>) -> Vec<DesignationReceipt> {
        let results = self.house.designate(&operator(), &self.key(key), items).await.expect("designations are taken");
        results.into_iter().map(|result| result.expect("the designation is good")).collect()
    }

    async fn end(&self, key: &str, items: Vec<EndDesignation>) -> Vec<ItemResult<EntryRef>> {
        self.house.end(&operator(), &self.key(key), items).await.expect("the list is answered")
    }

    async fn resolve(&self, on: Date, payees: Vec<PayeeQuery>) -> ResolveAnswer {
        let request = ResolveRequest { payer: payer(), on, payees };
        self.house.resolve(&mediation(), request).await.expect("a lookup is answered")
    }

    async fn history(&self, n: i32, as_known: Option<Timestamp>) -> Vec<HistoryEntry> {
        let query = HistoryQuery { identifier: self.number(n), as_known };
        self.house.history(&operator(), query).await.expect("a history is answered")
    }

    /// A holder's name and the states of its current entries.
    async fn holder(&self, n: i32) -> (String, Vec<EntryState>) {
        let mut holders = self.house.holders(&operator(), vec![self.number(n)]).await.expect("holders are told");
        let holder = holders.remove(0).expect("the holder is known");
        (holder.name.expect("a name that is not protected"), holder.current.iter().map(|entry| entry.state).collect())
    }

    /// The whole feed, by pages, with its positions checked.
    async fn read_feed(&self) -> Vec<RegisterFeedItem> {
        let mut all: Vec<RegisterFeedItem> = vec![];
        loop {
            let after = all.last().map_or(FeedPosition(0), |item| item.position);
            let page = self.house.feed(&mediation(), FeedAfter { after, limit: 7_000 }).await.expect("the feed is read");
            if page.is_empty() {
                return all;
            }
            for item in page {
                let before = all.last().map_or(0, |item| item.position.get());
                assert_eq!(item.position.get(), before + 1, "positions are gapless");
                all.push(item);
            }
        }
    }

    fn person(&self, n: i32) -> HolderRecord {
        HolderRecord {
            identifiers: vec![self.number(n)],
            kind: HolderKind::Person,
            name: format!("Nobody {n}"),
            born: Some(date(1980, 5, 17)),
            status: HolderStatus::Active,
            status_from: None,
        }
    }

    fn nemkonto(&self, n: i32) -> Designation {
        Designation {
            identifier: self.number(n),
            purpose: AccountPurpose::NemKonto,
            account: account(n),
            valid_from: FROM,
            route: DesignationRoute::Migration,
            expected: None,
            reason: "conformance suite".to_owned(),
        }
    }

    fn ending(&self, n: i32, from: Date) -> EndDesignation {
        EndDesignation {
            identifier: self.number(n),
            purpose: AccountPurpose::NemKonto,
            from,
            expected: None,
            reason: "conformance suite".to_owned(),
        }
    }

    fn query(&self, n: i32) -> PayeeQuery {
        PayeeQuery { identifier: self.number(n), fallback: None, benefit: None }
    }

    /// A number of nobody.
    fn number(&self, n: i32) -> Identifier {
        let country = Country::parse("SE").expect("a country");
        ForeignScheme::National.id(country, format!("{}-{n}", self.seed)).expect("a short text").into()
    }

    fn key(&self, name: &str) -> IdempotencyKey {
        IdempotencyKey::new(format!("conformance-{}-{name}", self.seed)).expect("a short text")
    }
}

fn account(n: i32) -> Account {
    Account::Danish(DanishAccount::new("0040", &n.to_string()).expect("digits"))
}

fn payer() -> AgreementNumber {
    AgreementNumber::parse("99999999").expect("eight digits")
}

fn other_payer() -> AgreementNumber {
    AgreementNumber::parse("99999998").expect("eight digits")
}

fn benefit_code(code: &str) -> BenefitCode {
    BenefitCode::parse(code).expect("letters")
}

fn purpose(benefit: &str) -> AccountPurpose {
    AccountPurpose::Specific { payer: payer(), benefit: benefit_code(benefit) }
}

fn codes<T>(results: &[ItemResult<T>]) -> Vec<Option<ProblemCode>> {
    results.iter().map(|result| result.as_ref().err().map(|problem| problem.code)).collect()
}

fn mediation() -> Context {
    context(Actor::House { name: "mediation".to_owned() })
}

fn operator() -> Context {
    context(Actor::Operator { user: "conformance".to_owned() })
}

fn context(actor: Actor) -> Context {
    Context {
        actor,
        on_behalf_of: Some(payer()),
        legal_basis: LegalBasis::new("lov 696/2025").expect("a short text"),
        purpose: Purpose::new("conformance suite").expect("a short text"),
        trace: Uuid::nil(),
        acting: None,
    }
}
