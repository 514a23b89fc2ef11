//! What every register must do with banks' reports, branches, specific accounts, and payers' questions.

use super::{DAY, FROM, Suite, account, benefit_code, codes, operator, payer, purpose};
use crate::ProblemCode;
use crate::register::{
    AccountPresence, AwaitedQuery, BankOutcome, BankReport, BranchMove, Designation, HoldRelease, MessageText, NewWebhook,
    Promotion, RegisterServices, Resolution, SpecificRule, Subscription, Verification, WebhookRef,
};
use jiff::Timestamp;
use primitives::{Account, BankCode, DanishAccount, EntryRef};
use uuid::Uuid;

impl<R: RegisterServices + ?Sized> Suite<'_, R> {
    /// Reports in the wrong order: the one signed last is in force, and both have a receipt; the same report again has the same one.
    pub async fn reports_of_banks_get_receipts(&self) {
        self.record("people", vec![self.person(1)]).await;
        let bank = BankCode::parse("SUITE").expect("a code");
        let report = |n: i32, signed_at| BankReport {
            bank,
            report: format!("{}-{n}", self.seed),
            identifier: self.number(1),
            account: account(n),
            signed_at: Timestamp::from_second(signed_at).expect("a time"),
        };
        let (early, late) = (report(1, 1_000), report(2, 2_000));
        let tell = async |name: &str, reports| {
            self.house.report_accounts(&operator(), &self.key(name), reports).await.expect("reports are answered")
        };
        let first = tell("late", vec![late.clone()]).await;
        assert!(matches!(first[0], Ok(ref receipt) if matches!(receipt.outcome, BankOutcome::InForce { .. })), "{first:?}");
        let second = tell("early", vec![early]).await;
        assert!(matches!(second[0], Ok(ref receipt) if receipt.outcome == BankOutcome::Overtaken), "{second:?}");
        assert_eq!(tell("again", vec![late]).await, first, "the same receipt");
        let paid = self.resolve(DAY, vec![self.query(1)]).await.resolutions;
        assert!(matches!(&paid[0], Resolution::Found(found) if found.account == account(2)), "signed last: {paid:?}");
    }

    /// Presence, verification and waiting tell no account; who is not known is not waited for.
    pub async fn payers_learn_no_more_than_they_ask(&self) {
        self.record("people", vec![self.person(1), self.person(2)]).await;
        self.designate("account", vec![self.nemkonto(1)]).await;
        let asked = [1, 2, 3].map(|n| self.number(n)).to_vec();
        let presence = self.house.have_accounts(&operator(), asked).await.expect("an answer");
        assert_eq!(presence, [AccountPresence::HasNemKonto, AccountPresence::NoNemKonto, AccountPresence::Unknown]);
        let ask = |n, of| Verification { identifier: self.number(n), account: account(of) };
        let verified = self.house.verify(&operator(), vec![ask(1, 1), ask(2, 1)]).await.expect("an answer");
        assert_eq!(verified, [true, false]);
        let own = Account::Danish(DanishAccount::new("0039", &self.seed.to_string()).expect("digits"));
        self.designate("rare", vec![Designation { account: own.clone(), ..self.nemkonto(2) }]).await;
        let payees = self.house.payees_of_account(&operator(), own).await.expect("an answer");
        assert_eq!(payees, [self.number(2)]);
        self.record("waiting", vec![self.person(4)]).await;
        let wait = |n| Subscription { payer: payer(), identifier: self.number(n) };
        let waiting = self.house.subscribe(&operator(), &self.key("wait"), vec![wait(4), wait(9)]).await.expect("an answer");
        assert_eq!(codes(&waiting), [None, Some(ProblemCode::NotFound)]);
        let awaited = async || {
            let query = AwaitedQuery { payer: payer(), limit: 10_000 };
            self.house.awaited(&operator(), query).await.expect("an answer").contains(&self.number(4))
        };
        assert!(!awaited().await, "no account yet");
        self.designate("at last", vec![self.nemkonto(4)]).await;
        assert!(awaited().await, "an account at last");
        let heard = self.house.unsubscribe(&operator(), &self.key("heard"), vec![wait(4)]).await.expect("an answer");
        assert_eq!(heard, [Ok(true)]);
        assert!(!awaited().await, "heard");
    }

    /// An account designated in a branch that has moved is in the new one from its day on; a number moves once.
    pub async fn accounts_move_with_their_branch(&self) {
        let registration = |n: i64| format!("{:04}", 1_000 + (self.seed * 2 + n) % 9_000);
        let in_branch = |n| Account::Danish(DanishAccount::new(&registration(n), "1").expect("digits"));
        self.record("people", vec![self.person(1)]).await;
        let wanted = BranchMove { from: registration(0), into: registration(1), on: DAY, reason: "conformance suite".into() };
        let take = async |name: &str| {
            self.house.move_branches(&operator(), &self.key(name), vec![wanted.clone()]).await.expect("moves are answered")
        };
        assert_eq!(take("move").await, [Ok(DAY)]);
        assert_eq!(codes(&take("again").await), [Some(ProblemCode::Conflict)]);
        self.designate("account", vec![Designation { account: in_branch(0), ..self.nemkonto(1) }]).await;
        for (on, n) in [(DAY.yesterday().expect("a day"), 0), (DAY, 1)] {
            let paid = self.resolve(on, vec![self.query(1)]).await.resolutions;
            assert!(matches!(&paid[0], Resolution::Found(found) if found.account == in_branch(n)), "on {on}: {paid:?}");
        }
    }

    /// What is no message is not answered, and no payer is told where others could read along. Who has no webhook has none to change.
    pub async fn messages_and_addresses_are_looked_at(&self) {
        let refused =
            self.house.verify_message(&operator(), MessageText { xml: "no message".into() }).await.expect_err("no message");
        assert_eq!((refused.code, refused.field.as_deref()), (ProblemCode::InvalidInput, Some("xml")));
        let readable = NewWebhook { payer: payer(), url: "http://receiver.example/".into() };
        let refused = self.house.add_webhook(&operator(), &self.key("readable"), readable).await.expect_err("readable by others");
        assert_eq!((refused.code, refused.field.as_deref()), (ProblemCode::InvalidInput, Some("url")));
        let nobodys = WebhookRef { payer: payer(), webhook: Uuid::nil() };
        let rotated = self.house.rotate_webhook_secret(&operator(), &self.key("rotate"), nobodys).await.expect_err("nobody's");
        assert_eq!(rotated.code, ProblemCode::NotFound);
        assert!(!self.house.enable_webhook(&operator(), &self.key("enable"), nobodys).await.expect("an answer"));
        assert!(!self.house.remove_webhook(&operator(), &self.key("remove"), nobodys).await.expect("an answer"));
        let known = self.house.webhooks(&operator(), payer()).await.expect("an answer");
        assert!(known.iter().all(|webhook| webhook.webhook != nobodys.webhook));
    }

    /// A specific account becomes the NemKonto of a holder that has none, unless it is locked. What is not held is not released.
    pub async fn a_specific_account_is_locked_and_promoted(&self) {
        let benefit = format!("S{}", self.seed);
        self.record("people", vec![self.person(1)]).await;
        self.designate("specific", vec![Designation { purpose: purpose(&benefit), ..self.nemkonto(1) }]).await;
        let lock = async |name: &str, is_locked, valid_from| {
            let rule = SpecificRule { payer: payer(), benefit: benefit_code(&benefit), valid_from, is_locked };
            let set = self.house.set_specific_rules(&operator(), &self.key(name), vec![rule]).await.expect("rules are answered");
            assert_eq!(set, [Ok(valid_from)]);
        };
        let promote = async |name: &str| {
            let wish = Promotion {
                identifier: self.number(1),
                payer: payer(),
                benefit: benefit_code(&benefit),
                valid_from: DAY,
                reason: "conformance suite".into(),
            };
            self.house.promote(&operator(), &self.key(name), vec![wish]).await.expect("promotions are answered")
        };
        lock("locked", true, FROM).await;
        assert_eq!(codes(&promote("locked").await), [Some(ProblemCode::Forbidden)]);
        lock("unlocked", false, FROM.tomorrow().expect("a day")).await;
        let promoted = promote("promoted").await;
        let entry = promoted[0].as_ref().expect("promoted").entry;
        let paid = self.resolve(DAY, vec![self.query(1)]).await.resolutions;
        assert!(matches!(&paid[0], Resolution::Found(found) if found.entry == entry && !found.specific), "{paid:?}");
        assert!(self.house.holds(&operator(), self.number(1)).await.expect("an answer").is_empty());
        let release =
            HoldRelease { identifier: self.number(1), entry: EntryRef(1), expected: None, reason: "conformance suite".into() };
        let released = self.house.release_holds(&operator(), &self.key("release"), vec![release]).await.expect("an answer");
        assert_eq!(codes(&released), [Some(ProblemCode::NotFound)]);
    }
}
