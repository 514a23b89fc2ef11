//! What every register must do to be kept in step with another.

use jiff::civil::{Date, date};

use super::{DAY, Suite, account, operator};
use crate::register::{
    AccountPurpose, ExtractAccount, ExtractHolder, ExtractInput, ExtractOutcome, ExtractPage, ExtractQuery, ExtractRecord,
    ExtractStatus, HolderKind, HolderStatus, MAX_DEPTH, NodesQuery, Register, RegisterStep, Resolution, StepState,
};
use crate::{Actor, Context, ItemResult, ProblemCode};

/// Runs the suite of what keeps registers in step, on a register that nobody else changes meanwhile.
///
/// # Panics
/// When the implementation does not keep the contract.
pub async fn step<R: Register + RegisterStep + ?Sized>(house: &R, seed: i64) {
    let suite = |part| Suite { house, seed: seed * 100 + part };
    suite(51).a_record_taken_over_is_what_is_known().await;
    suite(52).a_digest_tells_what_is_known_and_not_how_it_came().await;
    suite(53).changes_are_told_and_what_is_gone().await;
    suite(54).records_against_the_rules_are_refused_alone().await;
    suite(55).the_tree_is_asked_node_by_node().await;
}

impl<R: Register + RegisterStep + ?Sized> Suite<'_, R> {
    fn line(&self, n: i32) -> ExtractHolder {
        ExtractHolder {
            identifiers: vec![self.number(n)],
            kind: HolderKind::Person,
            name: format!("Ingen {n}"),
            born: None,
            statuses: vec![],
            accounts: vec![in_force(n, date(2020, 1, 1), None)],
        }
    }

    async fn put(&self, name: &str, records: Vec<ExtractRecord>) -> Vec<ItemResult<ExtractOutcome>> {
        let input = ExtractInput { records, as_known: None };
        self.house.put_extract(&operator(), &self.key(name), input).await.expect("records are answered")
    }

    async fn state(&self) -> StepState {
        self.house.step_state(&operator()).await.expect("the tree is up to date")
    }

    async fn pages(&self, query: ExtractQuery) -> (ExtractPage, Vec<ExtractRecord>) {
        let mut page = self.house.extract(&operator(), query.clone()).await.expect("a page");
        let (first, mut records) = (page.clone(), page.records);
        while let Some(next) = page.next {
            let query = ExtractQuery { as_known: Some(first.as_known), after: Some(next), ..query.clone() };
            page = self.house.extract(&operator(), query).await.expect("a page");
            assert_eq!(page.as_known, first.as_known, "one extract is known at one moment");
            records.append(&mut page.records);
        }
        (first, records)
    }

    /// Payments follow it, an extract gives it back, and the same again changes nothing.
    pub async fn a_record_taken_over_is_what_is_known(&self) {
        let closed = vec![
            ExtractStatus { status: HolderStatus::Active, from: None },
            ExtractStatus { status: HolderStatus::Closed, from: Some(date(2025, 1, 1)) },
        ];
        let ended = ExtractHolder { statuses: closed, ..self.line(2) };
        let twice = vec![in_force(3, date(2020, 1, 1), Some(date(2091, 1, 1))), in_force(4, date(2091, 1, 1), None)];
        let follows = ExtractHolder { identifiers: vec![self.number(3), self.number(4)], accounts: twice, ..self.line(3) };
        let lines = [self.line(1), ended, follows];
        let records: Vec<ExtractRecord> = lines.iter().cloned().map(ExtractRecord::Holder).collect();
        assert_eq!(self.put("first", records.clone()).await, vec![Ok(ExtractOutcome::Changed); 3]);
        assert_eq!(self.put("again", records.clone()).await, vec![Ok(ExtractOutcome::Unchanged); 3]);
        let payees = (1..=4).map(|n| self.query(n)).collect();
        let found = self.resolve(DAY, payees).await.resolutions;
        let paid = |place: usize| match &found[place] {
            Resolution::Found(found) => Some(found.account.clone()),
            _ => None,
        };
        assert_eq!((paid(0), paid(2), paid(3)), (Some(account(1)), Some(account(3)), Some(account(3))));
        assert!(matches!(found[1], Resolution::Closed { .. }), "end-marked");
        let (_, extract) = self.pages(ExtractQuery { as_known: None, since: None, after: None, limit: 1 }).await;
        for record in &records {
            assert_eq!(extract.iter().filter(|given| *given == record).count(), 1, "each once, as it was taken over");
        }
    }

    /// In whatever order things come, and whatever was there meanwhile: the same holders have the same digest.
    pub async fn a_digest_tells_what_is_known_and_not_how_it_came(&self) {
        let empty = self.state().await;
        let [one, two] = [1, 2].map(|n| ExtractRecord::Holder(self.line(n)));
        self.put("one", vec![one.clone()]).await;
        let only_one = self.state().await;
        self.put("two", vec![two.clone()]).await;
        let both = self.state().await;
        assert_eq!((only_one.holders, both.holders), (empty.holders + 1, empty.holders + 2));
        assert!(only_one.digest != empty.digest && both.digest != only_one.digest);
        let other = ExtractHolder { accounts: vec![in_force(9, date(2020, 1, 1), None)], ..self.line(2) };
        self.put("other", vec![ExtractRecord::Holder(other)]).await;
        assert_ne!(self.state().await.digest, both.digest, "another account is another digest");
        let gone = [1, 2].map(|n| ExtractRecord::Removed(vec![self.number(n)]));
        assert_eq!(self.put("gone", gone.to_vec()).await, vec![Ok(ExtractOutcome::Changed); 2]);
        let without = self.state().await;
        assert_eq!((without.holders, &without.digest), (empty.holders, &empty.digest), "as before");
        self.put("turned", vec![two, one]).await;
        assert_eq!(self.state().await.digest, both.digest, "the other way round");
        assert_eq!(both.key_check, empty.key_check);
    }

    /// An extract of changes has what has changed since, and who is gone.
    pub async fn changes_are_told_and_what_is_gone(&self) {
        self.put("before", [1, 2, 3].map(|n| ExtractRecord::Holder(self.line(n))).to_vec()).await;
        let since = self.state().await.as_known;
        let renamed = ExtractHolder { name: "Ingen Ny".to_owned(), ..self.line(1) };
        self.put("renamed", vec![ExtractRecord::Holder(renamed.clone())]).await;
        self.put("gone", vec![ExtractRecord::Removed(vec![self.number(2)])]).await;
        let query = ExtractQuery { as_known: None, since: Some(since), after: None, limit: 1 };
        let (first, records) = self.pages(query.clone()).await;
        assert_eq!(records.len(), 2, "what did not change does not come: {}", records.len());
        assert!(records.contains(&ExtractRecord::Holder(renamed)));
        assert!(records.contains(&ExtractRecord::Removed(vec![self.number(2)])));
        let nothing = ExtractQuery { since: Some(first.as_known), ..query };
        assert!(self.pages(nothing).await.1.is_empty(), "nothing since");
    }

    /// A record against the rules spoils no other, and only operations may exchange registers at all.
    pub async fn records_against_the_rules_are_refused_alone(&self) {
        let overlapping = vec![in_force(1, date(2020, 1, 1), None), in_force(2, date(2021, 1, 1), None)];
        let bad = [
            ExtractHolder { identifiers: vec![], ..self.line(1) },
            ExtractHolder { name: " ".to_owned(), ..self.line(2) },
            ExtractHolder { accounts: overlapping, ..self.line(3) },
            ExtractHolder { accounts: vec![in_force(1, date(2020, 1, 1), Some(date(2020, 1, 1)))], ..self.line(4) },
            ExtractHolder { statuses: vec![ExtractStatus { status: HolderStatus::Closed, from: Some(DAY) }], ..self.line(5) },
        ];
        let mut records: Vec<ExtractRecord> = bad.into_iter().map(ExtractRecord::Holder).collect();
        records.push(ExtractRecord::Holder(self.line(6)));
        let outcomes = self.put("bad", records).await;
        for outcome in &outcomes[..5] {
            assert_eq!(outcome.as_ref().map_err(|problem| problem.code), Err(ProblemCode::InvalidInput));
        }
        assert_eq!(outcomes[5], Ok(ExtractOutcome::Changed));
        let payee = Context { actor: Actor::Payee { identifier: self.number(6) }, ..operator() };
        let refused = self.house.step_state(&payee).await.expect_err("not for payees");
        assert_eq!(refused.code, ProblemCode::Forbidden);
        let query = ExtractQuery { as_known: None, since: None, after: None, limit: 1 };
        let refused = self.house.extract(&payee, query).await.expect_err("not for payees");
        assert_eq!(refused.code, ProblemCode::Forbidden);
    }

    /// Each node has its answer, in order; a node that is none is refused.
    pub async fn the_tree_is_asked_node_by_node(&self) {
        self.put("one", vec![ExtractRecord::Holder(self.line(1))]).await;
        for depth in [1, 8, MAX_DEPTH] {
            let query = NodesQuery { depth, nodes: vec![0, 1, 0] };
            let children = self.house.step_nodes(&operator(), query.clone()).await.expect("children");
            assert_eq!(children.len(), 3);
            assert_eq!(children[0], children[2], "the same node, the same answer");
            assert!(children.iter().all(|children| children.len() == 24), "three times six bytes as base64");
            assert_eq!(self.house.step_digests(&operator(), query).await.expect("digests").len(), 3);
        }
        for query in [NodesQuery { depth: 1, nodes: vec![4] }, NodesQuery { depth: MAX_DEPTH + 1, nodes: vec![0] }] {
            let refused = self.house.step_nodes(&operator(), query).await.expect_err("no such node");
            assert_eq!(refused.code, ProblemCode::InvalidInput);
        }
    }
}

fn in_force(n: i32, valid_from: Date, valid_until: Option<Date>) -> ExtractAccount {
    ExtractAccount { purpose: AccountPurpose::NemKonto, account: account(n), valid_from, valid_until }
}
