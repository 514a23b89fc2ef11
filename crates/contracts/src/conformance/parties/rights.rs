//! Rights are granted on two levels, by those who may, and end.

use primitives::{Cpr, Identifier};

use super::*;
use crate::parties::{
    FunctionConflict, GrantEnd, GrantQuery, GrantedRight, MandateKind, NewGrant, NewMandate, Proof, ProofKind, RightAnswer,
    RightQuestion, RightReason, UnitScope, Whose,
};

const AUTHORITY: &str = "90000001";

impl Suite<'_> {
    pub(super) async fn rights_are_granted_on_two_levels(&self) {
        self.both_levels_are_required().await;
        self.a_profile_is_both_levels().await;
        self.administrators_grant_in_the_own_authority().await;
        self.conflicting_functions_are_not_held_together().await;
        self.grants_end().await;
        self.what_is_granted_is_the_profile().await;
        self.a_recorded_profile_ends_like_any_grant().await;
        self.mandates_let_act_for_another().await;
        self.everybody_else_asks_about_oneself().await;
    }

    fn new_grant(&self, user: &str, right: GrantedRight) -> NewGrant {
        NewGrant {
            user: user.into(),
            authority: number(AUTHORITY),
            right,
            valid_from: self.today,
            valid_until: self.after(10),
            why: "conformance".into(),
        }
    }

    async fn grant(&self, context: &Context, key: &str, grant: NewGrant) -> Result<Uuid, ProblemCode> {
        let granted = self.parties.grant(context, &idempotency_key(key), vec![grant]).await.map_err(|problem| problem.code)?;
        granted.into_iter().next().expect("an answer each").map_err(|problem| problem.code)
    }

    async fn may(&self, question: RightQuestion) -> RightReason {
        let answers = self.parties.may(&operator(), vec![question]).await.expect("operators may ask");
        let [RightAnswer { allowed, reason }] = answers[..] else { panic!("one answer per question") };
        assert_eq!(allowed, reason.allows());
        reason
    }

    fn asks(&self, user: &str, function: Function, benefit: Option<&str>, at_unit: Option<&str>) -> RightQuestion {
        RightQuestion {
            actor: Actor::Caseworker { user: user.into(), authority: number(AUTHORITY) },
            function,
            of: Whose::Payer { agreement: number(AUTHORITY) },
            benefit: benefit.map(code),
            unit: at_unit.map(|text| UnitCode::parse(text).expect("a unit")),
            at: self.today,
        }
    }

    async fn both_levels_are_required(&self) {
        let search = |benefit, unit| self.asks("granted", Function::SearchPayments, benefit, unit);
        assert_eq!(self.may(search(Some("A"), Some("ALFA"))).await, RightReason::NoFunction, "nothing is granted");
        self.grant(&operator(), "function", self.new_grant("granted", functions(&[Function::SearchPayments])))
            .await
            .expect("granted");
        assert_eq!(self.may(search(Some("A"), Some("ALFA"))).await, RightReason::NoScope, "one level alone");
        let scope = scope(Some("ALFA"), BenefitScope::Only { benefits: vec![code("A")], without: false });
        self.grant(&operator(), "scope", self.new_grant("granted", scope)).await.expect("granted");
        assert_eq!(self.may(search(Some("A"), Some("ALFA"))).await, RightReason::Granted);
        for (benefit, unit) in [(Some("B"), Some("ALFA")), (None, Some("ALFA")), (Some("A"), Some("ZETA")), (Some("A"), None)] {
            assert_eq!(self.may(search(benefit, unit)).await, RightReason::NoScope, "{benefit:?} {unit:?}");
        }
        let good = search(Some("A"), Some("ALFA"));
        assert_eq!(self.may(RightQuestion { function: Function::StopPayments, ..good.clone() }).await, RightReason::NoFunction);
        assert_eq!(self.may(RightQuestion { at: self.after(10), ..good.clone() }).await, RightReason::NoFunction, "expired");
        assert_eq!(self.may(RightQuestion { at: self.after(-1), ..good.clone() }).await, RightReason::NoFunction, "not yet");
        let elsewhere = Whose::Payer { agreement: number("90000002") };
        assert_eq!(self.may(RightQuestion { of: elsewhere, ..good }).await, RightReason::OtherAuthority);
    }

    async fn a_profile_is_both_levels(&self) {
        let profile = UserProfile { scope: BenefitScope::All, ..self.user_profile("profiled", AUTHORITY) };
        self.record("profiled", vec![PartyChange::User(profile)]).await;
        assert_eq!(self.may(self.asks("profiled", Function::StopPayments, Some("A"), Some("ALFA"))).await, RightReason::Granted);
        assert_eq!(self.may(self.asks("profiled", Function::ControlLists, Some("A"), None)).await, RightReason::NoFunction);
    }

    async fn administrators_grant_in_the_own_authority(&self) {
        let right = functions(&[Function::AdministerUsers]);
        self.grant(&operator(), "administrator", self.new_grant("administrator", right)).await.expect("operators grant");
        let administrator = context(Actor::Caseworker { user: "administrator".into(), authority: number(AUTHORITY) });
        let search = self.new_grant("colleague", functions(&[Function::SearchPayments]));
        self.grant(&administrator, "colleague", search.clone()).await.expect("administrators grant");
        let to_itself = NewGrant { user: "administrator".into(), ..search.clone() };
        assert_eq!(self.grant(&administrator, "itself", to_itself).await, Err(ProblemCode::Forbidden));
        let elsewhere = NewGrant { authority: number("90000002"), ..search.clone() };
        assert_eq!(self.grant(&administrator, "elsewhere", elsewhere).await, Err(ProblemCode::Forbidden));
        let colleague = context(Actor::Caseworker { user: "colleague".into(), authority: number(AUTHORITY) });
        assert_eq!(self.grant(&colleague, "no-administrator", search.clone()).await, Err(ProblemCode::Forbidden));
        let house = context(Actor::House { name: "register".into() });
        assert_eq!(self.grant(&house, "house", search.clone()).await, Err(ProblemCode::Forbidden));
        let forever = NewGrant { valid_until: self.today, ..search };
        assert_eq!(self.grant(&operator(), "no-day", forever).await, Err(ProblemCode::InvalidInput));

        let listed = async |context: &Context| {
            let query = GrantQuery { authority: number(AUTHORITY), on: self.today };
            let grants = self.parties.grants(context, query).await?;
            let of_this_suite = |user: &String| ["administrator", "colleague", "granted", "profiled"].contains(&user.as_str());
            Ok::<_, Problem>(grants.into_iter().map(|grant| grant.user).filter(of_this_suite).collect::<Vec<_>>())
        };
        assert_eq!(
            listed(&administrator).await,
            Ok(["administrator", "colleague", "granted", "granted", "profiled", "profiled"].map(String::from).to_vec())
        );
        let stranger = context(Actor::Caseworker { user: "administrator".into(), authority: number("90000002") });
        assert_eq!(listed(&stranger).await.map_err(|problem| problem.code), Err(ProblemCode::Forbidden));
    }

    async fn conflicting_functions_are_not_held_together(&self) {
        let conflict = FunctionConflict {
            one: Function::StopPayments,
            other: Function::SpecificAccounts,
            valid_from: self.today,
            valid_until: None,
            why: "conformance".into(),
        };
        let key = idempotency_key("conflict");
        let recorded = self.parties.record_conflicts(&operator(), &key, vec![conflict.clone()]).await;
        assert_eq!(recorded, Ok(vec![Ok(())]));
        let caseworker = context(Actor::Caseworker { user: "administrator".into(), authority: number(AUTHORITY) });
        let refused = self.parties.record_conflicts(&caseworker, &key, vec![conflict]).await.expect_err("operators alone");
        assert_eq!(refused.code, ProblemCode::Forbidden);
        let both = self.new_grant("both", functions(&[Function::StopPayments, Function::SpecificAccounts]));
        assert_eq!(self.grant(&operator(), "both", both).await, Err(ProblemCode::Conflict));
        let one = self.new_grant("one", functions(&[Function::StopPayments]));
        self.grant(&operator(), "one", one).await.expect("one alone");
        let other = self.new_grant("one", functions(&[Function::SpecificAccounts]));
        assert_eq!(self.grant(&operator(), "other", other.clone()).await, Err(ProblemCode::Conflict));
        let afterwards = NewGrant { valid_from: self.after(10), valid_until: self.after(20), ..other };
        self.grant(&operator(), "afterwards", afterwards).await.expect("one after the other");
        let profile = UserProfile { functions: vec![Function::SpecificAccounts], ..self.user_profile("one", AUTHORITY) };
        let results = self.parties.record(&operator(), &idempotency_key("profile"), vec![PartyChange::User(profile)]).await;
        assert_eq!(results.expect("the call is good")[0].as_ref().map_err(|problem| problem.code), Err(ProblemCode::Conflict));
    }

    async fn grants_end(&self) {
        let right = functions(&[Function::AdministerUsers]);
        let grant = self.grant(&operator(), "to-end", self.new_grant("ending", right)).await.expect("granted");
        let asks = |at| RightQuestion { at, ..self.asks("ending", Function::AdministerUsers, None, None) };
        assert_eq!(self.may(asks(self.after(3))).await, RightReason::Granted);
        let end = async |context: &Context, key: &str, grant, ends_on| {
            let ends = vec![GrantEnd { grant, ends_on, why: "conformance".into() }];
            let ended = self.parties.end_grants(context, &idempotency_key(key), ends).await.map_err(|problem| problem.code)?;
            ended.into_iter().next().expect("an answer each").map_err(|problem| problem.code)
        };
        assert_eq!(end(&operator(), "end-past", grant, self.after(-1)).await, Err(ProblemCode::InvalidInput));
        assert_eq!(end(&operator(), "end-unknown", Uuid::max(), self.after(3)).await, Err(ProblemCode::NotFound));
        let colleague = context(Actor::Caseworker { user: "colleague".into(), authority: number(AUTHORITY) });
        assert_eq!(end(&colleague, "end-forbidden", grant, self.after(3)).await, Err(ProblemCode::Forbidden));
        assert_eq!(end(&operator(), "end", grant, self.after(3)).await, Ok(()));
        assert_eq!(self.may(asks(self.after(2))).await, RightReason::Granted);
        assert_eq!(self.may(asks(self.after(3))).await, RightReason::NoFunction);
    }

    /// One truth: the profile is what is held, by whatever way it was given, at the authority that is asked about.
    async fn what_is_granted_is_the_profile(&self) {
        let user = "only-granted";
        let told = async |at: Option<&str>| {
            let at = at.map(|agreement| PayerKey::Agreement { number: number(agreement) });
            let query = UserQuery { on: self.today, users: vec![user.to_owned()], at };
            one(self.parties.users(&operator(), query).await.expect("users"))
        };
        assert_eq!(told(None).await, None, "nothing is granted");
        let only = |benefit: &str| BenefitScope::Only { benefits: vec![code(benefit)], without: false };
        let at_unit = scope(Some("ALFA"), only("B"));
        for (key, right) in [("f", functions(&[Function::SearchPayments])), ("s", scope(None, only("A"))), ("u", at_unit)] {
            self.grant(&operator(), &format!("{user}-{key}"), self.new_grant(user, right)).await.expect("granted");
        }
        let elsewhere = NewGrant { authority: number("90000002"), ..self.new_grant(user, functions(&[Function::StopPayments])) };
        let profile = UserProfile {
            user: user.into(),
            name: user.into(),
            authority: number(AUTHORITY),
            functions: vec![Function::SearchPayments],
            scope: only("A"),
            units: vec![UnitScope { unit: UnitCode::parse("ALFA").expect("a unit"), benefits: only("B") }],
            valid_from: self.today,
            valid_until: self.after(10),
        };
        assert_eq!(told(None).await, Some(profile.clone()), "held at one authority alone");
        self.grant(&operator(), &format!("{user}-elsewhere"), elsewhere).await.expect("granted");
        assert_eq!(told(None).await, None, "ids are unique only within an authority");
        assert_eq!(told(Some(AUTHORITY)).await, Some(profile));
        let other = told(Some("90000002")).await.expect("held there too");
        assert_eq!((other.functions, other.scope), (vec![Function::StopPayments], BenefitScope::nothing()));
        assert_eq!(told(Some("90000001")).await.map(|profile| profile.valid_until), Some(self.after(10)));
    }

    async fn a_recorded_profile_ends_like_any_grant(&self) {
        let user = "recorded";
        self.record(user, vec![PartyChange::User(self.user_profile(user, AUTHORITY))]).await;
        let administrator = context(Actor::Caseworker { user: "administrator".into(), authority: number(AUTHORITY) });
        let query = GrantQuery { authority: number(AUTHORITY), on: self.today };
        let grants = self.parties.grants(&administrator, query).await.expect("an administrator sees the grants");
        let ends: Vec<_> = grants.into_iter().filter(|grant| grant.user == user).collect();
        assert_eq!(ends.len(), 2, "functions and benefits: {ends:?}");
        for (place, grant) in ends.into_iter().enumerate() {
            let end = GrantEnd { grant: grant.grant, ends_on: self.today, why: "conformance".into() };
            let key = idempotency_key(&format!("end-recorded-{place}"));
            assert_eq!(self.parties.end_grants(&administrator, &key, vec![end]).await, Ok(vec![Ok(())]));
        }
        assert_eq!(self.user(self.today, user).await, None, "taken away");
        assert_eq!(self.may(self.asks(user, Function::SearchPayments, Some("NKSØ"), None)).await, RightReason::NoFunction);
        // Recorded anew it is held again: what was ended was the version of before.
        self.record("recorded-again", vec![PartyChange::User(self.user_profile(user, AUTHORITY))]).await;
        assert!(self.user(self.today, user).await.is_some());
    }

    async fn mandates_let_act_for_another(&self) {
        let (guardian, child) = (person("0101585005"), person("0202585005"));
        let mandate = NewMandate {
            kind: MandateKind::Guardianship,
            holder: guardian.clone(),
            subject: child.clone(),
            functions: vec![Function::DesignateAccounts],
            benefits: BenefitScope::All,
            valid_from: self.today,
            valid_until: self.after(10),
            proof: Proof { kind: ProofKind::Register, reference: "CPR".into() },
            why: "conformance".into(),
        };
        let asks = |actor: &Identifier, of: &Identifier, function| RightQuestion {
            actor: Actor::Payee { identifier: actor.clone() },
            function,
            of: Whose::Payee { identifier: of.clone() },
            benefit: None,
            unit: None,
            at: self.today,
        };
        let designates = asks(&guardian, &child, Function::DesignateAccounts);
        assert_eq!(self.may(designates.clone()).await, RightReason::NoMandate);
        assert_eq!(self.may(asks(&child, &child, Function::DesignateAccounts)).await, RightReason::Own);
        let mandates = vec![mandate.clone(), NewMandate { subject: guardian.clone(), ..mandate }];
        let recorded = self.parties.mandate(&operator(), &idempotency_key("mandate"), mandates).await.expect("operators record");
        let id = *recorded[0].as_ref().expect("recorded");
        assert_eq!(recorded[1].as_ref().map_err(|problem| problem.field.as_deref()), Err(Some("subject")), "for oneself");
        assert_eq!(self.may(designates.clone()).await, RightReason::Mandated);
        assert_eq!(self.may(asks(&guardian, &child, Function::SearchPayments)).await, RightReason::NoMandate, "not covered");
        assert_eq!(self.may(asks(&child, &guardian, Function::DesignateAccounts)).await, RightReason::NoMandate, "one way");
        assert_eq!(self.may(asks(&guardian, &child, Function::StopPayments)).await, RightReason::NotForActor);
        let ends = vec![GrantEnd { grant: id, ends_on: self.today, why: "conformance".into() }];
        assert_eq!(self.parties.end_grants(&operator(), &idempotency_key("end-mandate"), ends).await, Ok(vec![Ok(())]));
        assert_eq!(self.may(designates).await, RightReason::NoMandate, "ended");
    }

    async fn everybody_else_asks_about_oneself(&self) {
        let question = self.asks("granted", Function::SearchPayments, Some("A"), Some("ALFA"));
        let itself = context(question.actor.clone());
        let answers = self.parties.may(&itself, vec![question.clone()]).await.expect("about oneself");
        assert!(answers[0].allowed);
        let other = context(Actor::Caseworker { user: "colleague".into(), authority: number(AUTHORITY) });
        let refused = self.parties.may(&other, vec![question]).await.expect_err("about another");
        assert_eq!(refused.code, ProblemCode::Forbidden);
    }
}

fn functions(functions: &[Function]) -> GrantedRight {
    GrantedRight::Functions { functions: functions.to_vec() }
}

fn scope(at_unit: Option<&str>, benefits: BenefitScope) -> GrantedRight {
    GrantedRight::Scope { unit: at_unit.map(|text| UnitCode::parse(text).expect("a unit")), benefits }
}

fn person(cpr: &str) -> Identifier {
    Cpr::parse(cpr).expect("a CPR number").into()
}
