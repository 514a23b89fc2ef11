//! Agreements and terms change by two persons, and what applied when can always be asked.

use jiff::Timestamp;
use uuid::Uuid;

use super::*;
use crate::parties::{
    AllowedCertificate, CertificateQuery, Contact, Limit, LimitKind, PartyKey, PartyKind, PartyTerms, PayerRouting,
    PayersAsKnown, PayingSystem, Proposal, ProposalQuery, Routing, RoutingQuery, SetoffAgreement, SystemClient, TermsQuery,
};

const AGREEMENT: &str = "90000005";

impl Suite<'_> {
    pub(super) async fn agreements_change_by_two_persons(&self) {
        self.one_person_changes_no_agreement().await;
        self.a_proposal_is_decided_once_by_another().await;
        self.an_outdated_proposal_is_refused().await;
        self.caseworkers_propose_and_approve_by_their_functions().await;
        self.what_was_known_when_is_told().await;
        self.terms_of_every_kind_come_back().await;
        self.a_certificate_leads_to_its_party().await;
        self.a_payer_is_routed_from_a_day_on().await;
    }

    async fn known(&self) -> PayerProfile {
        self.payer(self.today, AGREEMENT).await.expect("it was recorded before")
    }

    async fn one_person_changes_no_agreement(&self) {
        let known = self.known().await;
        let other = PayerProfile { name: "Et andet navn".into(), ..known.clone() };
        let changes = vec![PartyChange::Payer(known.clone()), PartyChange::Payer(other)];
        let results = self.parties.record(&operator(), &idempotency_key("alone"), changes).await.expect("the call is good");
        let codes: Vec<_> = results.into_iter().map(|result| result.map_err(|problem| problem.code)).collect();
        assert_eq!(codes, [Ok(()), Err(ProblemCode::Conflict)], "the known profile again is no change, another is refused");
        assert_eq!(self.known().await, known);
    }

    async fn listed(&self, state: ProposalState, proposal: Uuid) -> Option<Proposal> {
        let listed = self.parties.proposals(&operator(), ProposalQuery { state }).await.expect("operators see all");
        listed.into_iter().find(|listed| listed.proposal == proposal)
    }

    async fn a_proposal_is_decided_once_by_another(&self) {
        let known = self.known().await;
        let renamed = PayerProfile { name: "Nyt navn".into(), ..known.clone() };
        let changes = vec![AgreementChange::Payer(renamed.clone())];
        let proposal = self.propose(&operator(), "four-eyes", changes.clone()).await.expect("a proposal");
        assert_eq!(self.propose(&operator(), "four-eyes", changes.clone()).await, Ok(proposal), "repeated");
        assert_eq!(self.known().await, known, "a proposal alone changes nothing");
        let listed = self.listed(ProposalState::Open, proposal).await.expect("it is open");
        assert_eq!((listed.content.changes, listed.decided_by), (changes, None));

        let refused = self.decide(&operator(), "own", proposal, Verdict::Approve).await.expect_err("the own proposal");
        assert_eq!(refused.code, ProblemCode::Forbidden);
        let refused = self.decide(&another_operator(), "not-own", proposal, Verdict::Withdraw).await.expect_err("another's");
        assert_eq!(refused.code, ProblemCode::Forbidden);
        let house = context(Actor::House { name: "register".into() });
        let refused = self.decide(&house, "house", proposal, Verdict::Approve).await.expect_err("a house is no person");
        assert_eq!(refused.code, ProblemCode::Forbidden);
        let unknown = self.decide(&another_operator(), "unknown", Uuid::max(), Verdict::Approve).await.expect_err("unknown");
        assert_eq!(unknown.code, ProblemCode::NotFound);

        let approved = self.decide(&another_operator(), "approve", proposal, Verdict::Approve).await;
        assert_eq!(approved, Ok(ProposalState::Approved));
        assert_eq!(self.known().await, renamed);
        let approved = self.decide(&another_operator(), "approve", proposal, Verdict::Approve).await;
        assert_eq!(approved, Ok(ProposalState::Approved), "the same call has the same answer");
        let again = self.decide(&another_operator(), "again", proposal, Verdict::Reject).await.expect_err("decided");
        assert_eq!(again.code, ProblemCode::Conflict);
        assert!(self.listed(ProposalState::Open, proposal).await.is_none());
        let listed = self.listed(ProposalState::Approved, proposal).await.expect("it is approved");
        assert_eq!(listed.decided_by.as_deref(), Some("operator:conformance-2"));

        for (key, decider, verdict, state) in [
            ("reject", another_operator(), Verdict::Reject, ProposalState::Rejected),
            ("withdraw", operator(), Verdict::Withdraw, ProposalState::Withdrawn),
        ] {
            let proposal = self.propose(&operator(), key, vec![AgreementChange::Payer(known.clone())]).await.expect(key);
            assert_eq!(self.decide(&decider, key, proposal, verdict).await, Ok(state));
            assert_eq!(self.known().await, renamed, "{key}: nothing is changed");
        }
    }

    async fn an_outdated_proposal_is_refused(&self) {
        let known = self.known().await;
        let first = PayerProfile { name: "Først".into(), ..known.clone() };
        let second = PayerProfile { name: "Sidst".into(), ..known };
        let outdated = self.propose(&operator(), "outdated", vec![AgreementChange::Payer(second)]).await.expect("a proposal");
        self.change_payer("meanwhile", &first).await;
        let refused = self.decide(&another_operator(), "outdated", outdated, Verdict::Approve).await.expect_err("out of date");
        assert_eq!(refused.code, ProblemCode::Conflict);
        assert_eq!(self.known().await, first);
        assert!(self.listed(ProposalState::Open, outdated).await.is_some(), "it can be rejected or withdrawn");
    }

    async fn caseworkers_propose_and_approve_by_their_functions(&self) {
        let with = |user: &str, functions: &[Function]| {
            let profile = self.user_profile(user, AGREEMENT);
            PartyChange::User(UserProfile { functions: functions.to_vec(), scope: BenefitScope::All, ..profile })
        };
        let users = vec![
            with("benefits", &[Function::ManageBenefits]),
            with("proposes", &[Function::ProposeChanges]),
            with("approves", &[Function::ApproveChanges, Function::ProposeChanges]),
            with("neither", &[Function::SearchPayments]),
        ];
        self.record("proposers", users).await;
        let as_user =
            |user: &str, authority: &str| context(Actor::Caseworker { user: user.into(), authority: number(authority) });
        let known = self.known().await;
        let choice = PayerProfile { without_account: WithoutAccount::Holding, ..known.clone() };
        let benefits = PayerProfile { benefits: vec![benefit("B", true, ShiftRule::Next)], ..known.clone() };
        let kind = PayerProfile { kind: PayerKind::RecoveryAuthority, ..known.clone() };
        let strange = self.profile("90000001", CVR_ONE);
        for (user, change, expect) in [
            ("benefits", &benefits, true),
            ("benefits", &choice, false),
            ("proposes", &benefits, true),
            ("proposes", &choice, true),
            ("proposes", &kind, false),
            ("proposes", &strange, false),
            ("neither", &benefits, false),
        ] {
            let key = format!("caseworker-{user}-{}-{:?}-{}", change.agreement, change.kind, change.benefits.len());
            let key = format!("{key}-{}", change.without_account == WithoutAccount::Holding);
            let proposed = self.propose(&as_user(user, AGREEMENT), &key, vec![AgreementChange::Payer(change.clone())]).await;
            assert_eq!(proposed.is_ok(), expect, "{key}: {proposed:?}");
        }
        let proposes = as_user("proposes", AGREEMENT);
        let proposal = self.propose(&proposes, "by-caseworker", vec![AgreementChange::Payer(choice.clone())]).await.expect("may");
        for (user, code) in [("proposes", ProblemCode::Forbidden), ("neither", ProblemCode::Forbidden)] {
            let refused = self.decide(&as_user(user, AGREEMENT), user, proposal, Verdict::Approve).await.expect_err(user);
            assert_eq!(refused.code, code, "{user}");
        }
        let stranger = as_user("approves", "90000001");
        let refused = self.decide(&stranger, "stranger", proposal, Verdict::Approve).await.expect_err("another authority");
        assert_eq!(refused.code, ProblemCode::NotFound, "who may not see it learns nothing of it");
        let approved = self.decide(&as_user("approves", AGREEMENT), "approves", proposal, Verdict::Approve).await;
        assert_eq!(approved, Ok(ProposalState::Approved));
        assert_eq!(self.known().await, choice);
    }

    async fn what_was_known_when_is_told(&self) {
        let known = self.known().await;
        let ask = async |known_at| {
            let payers = vec![PayerKey::Agreement { number: number(AGREEMENT) }];
            let query = PayersAsKnown { on: self.today, known_at, payers };
            one(self.parties.payers_as_known(&operator(), query).await.expect("payers as known"))
        };
        assert_eq!(ask(Timestamp::UNIX_EPOCH).await, None, "nothing was known then");
        assert_eq!(ask(self.tomorrow()).await, Some(known));
    }

    fn tomorrow(&self) -> Timestamp {
        let midnight = self.after(2).to_zoned(jiff::tz::TimeZone::UTC).expect("a day of our time");
        midnight.timestamp()
    }

    fn terms(&self, kind: PartyKind, id: &str) -> PartyTerms {
        PartyTerms {
            party: PartyKey { kind, id: id.into() },
            name: "En part".into(),
            cvr: Some(Cvr::parse(CVR_ONE).expect("a CVR number")),
            valid_from: self.today,
            valid_until: Some(self.after(5)),
            set_off: kind.pays().then(|| SetoffAgreement {
                takes_part: true,
                own_claims: false,
                reference: Some("GIL-1".into()),
            }),
            contact: Some(Contact { name: "Drift".into(), mail: Some("drift@example.dk".into()), telephone: None }),
            certificates: vec![certificate(&format!("{id}-1")), certificate(&format!("{id}-2"))],
            networks: vec!["192.0.2.0/24".parse().expect("a network"), "2001:db8::/32".parse().expect("a network")],
            limits: vec![
                Limit { kind: LimitKind::AmountPerDay, most: 10_000_000_000 },
                Limit { kind: LimitKind::PaymentsPerDelivery, most: 1_000_000 },
            ],
            client: Some(SystemClient {
                client_id: "client".into(),
                public_key: "-----BEGIN PUBLIC KEY-----".into(),
                broker_client_id: Some("service".into()),
            }),
        }
    }

    async fn terms_on(&self, on: Date, party: &PartyKey) -> Option<PartyTerms> {
        let query = TermsQuery { on, known_at: None, parties: vec![party.clone()] };
        one(self.parties.terms(&operator(), query).await.expect("terms"))
    }

    async fn terms_of_every_kind_come_back(&self) {
        for kind in PartyKind::ALL {
            let id = if kind.pays() { AGREEMENT } else { "PARTY" };
            let terms = self.terms(kind, id);
            self.change(&format!("terms-{kind:?}"), AgreementChange::Terms(terms.clone())).await;
            assert_eq!(self.terms_on(self.today, &terms.party).await, Some(terms.clone()), "{kind:?}");
            assert_eq!(self.terms_on(self.after(-1), &terms.party).await, None, "not yet");
            assert_eq!(self.terms_on(self.after(5), &terms.party).await, None, "no longer");
        }
        let party = PartyKey { kind: PartyKind::DataSupplier, id: "PARTY".into() };
        let query = |known_at| TermsQuery { on: self.today, known_at, parties: vec![party.clone()] };
        let ask = async |context: &Context, known_at| one(self.parties.terms(context, query(known_at)).await.expect("terms"));
        assert_eq!(ask(&operator(), Some(Timestamp::UNIX_EPOCH)).await, None, "nothing was known then");
        assert!(ask(&context(Actor::DataSupplier { id: supplier("PARTY") }), None).await.is_some(), "the own terms");
        assert!(ask(&context(Actor::DataSupplier { id: supplier("STRANGER") }), None).await.is_none(), "another's");
        let wrong = PartyTerms { certificates: vec![certificate("x"), certificate("x")], ..self.terms(PartyKind::Bank, "PARTY") };
        let refused = self.propose(&operator(), "wrong", vec![AgreementChange::Terms(wrong)]).await.expect_err("twice the same");
        assert_eq!((refused.code, refused.field.as_deref()), (ProblemCode::InvalidInput, Some("certificates")));
    }

    async fn routing(&self, context: &Context, on: Date, known_at: Option<Timestamp>) -> Option<Routing> {
        let query = RoutingQuery { on, known_at, payers: vec![number(AGREEMENT)] };
        one(self.parties.routing(context, query).await.expect("the routing"))
    }

    async fn a_payer_is_routed_from_a_day_on(&self) {
        let of = |payer: &str, system, valid_from| PayerRouting { payer: number(payer), system, valid_from };
        let now = async |on| self.routing(&operator(), on, None).await.expect("an operator sees it");
        assert_eq!(now(self.today).await, Routing::default(), "nothing was agreed: this system pays");
        let known = self.known().await;
        for (key, system, day) in [("old", PayingSystem::Old, 2), ("new", PayingSystem::New, 5)] {
            self.change(key, AgreementChange::Routing(of(AGREEMENT, system, self.after(day)))).await;
        }
        // Another change of the agreement leaves the routing as it is.
        self.change_payer("renamed-while-routed", &PayerProfile { name: "Endnu et navn".into(), ..known }).await;
        let until = |system, day| Routing { system, until: Some(self.after(day)) };
        assert_eq!(now(self.today).await, until(PayingSystem::New, 2));
        assert_eq!(now(self.after(2)).await, until(PayingSystem::Old, 5));
        assert_eq!(now(self.after(4)).await, until(PayingSystem::Old, 5));
        assert_eq!(now(self.after(5)).await, Routing::default());
        let then = self.routing(&operator(), self.after(2), Some(Timestamp::UNIX_EPOCH)).await;
        assert_eq!(then, Some(Routing::default()), "nothing was known then");

        let caseworker = |of: &str| context(Actor::Caseworker { user: "u".into(), authority: number(of) });
        assert!(self.routing(&caseworker(AGREEMENT), self.today, None).await.is_some(), "the own authority's");
        assert!(self.routing(&caseworker("90000001"), self.today, None).await.is_none(), "another's");
        let routed = vec![AgreementChange::Routing(of(AGREEMENT, PayingSystem::Old, self.today))];
        let refused =
            self.propose(&caseworker(AGREEMENT), "routes-itself", routed.clone()).await.expect_err("the operators' to say");
        assert_eq!(refused.code, ProblemCode::Forbidden);
        let proposal = self.propose(&operator(), "alone-routed", routed).await.expect("a proposal");
        let refused = self.decide(&operator(), "alone-routed", proposal, Verdict::Approve).await.expect_err("one person");
        assert_eq!(refused.code, ProblemCode::Forbidden);
        assert_eq!(now(self.today).await, until(PayingSystem::New, 2), "a proposal alone changes nothing");
        let unknown = vec![AgreementChange::Routing(of("99999999", PayingSystem::Old, self.today))];
        let refused = self.propose(&operator(), "routes-nobody", unknown).await.expect_err("no such payer");
        assert_eq!((refused.code, refused.field.as_deref()), (ProblemCode::InvalidInput, Some("payer")));
    }

    async fn a_certificate_leads_to_its_party(&self) {
        let holder = async |on, organisation: &str, address: &str| {
            let query =
                CertificateQuery { on, certificate: certificate(organisation), address: address.parse().expect("an address") };
            let terms = self.parties.certificate_holder(&operator(), query).await.expect("an operator may ask");
            terms.map(|terms| terms.party.kind)
        };
        // Parties of several kinds have the id PARTY and so the same certificate: it names none of them.
        assert_eq!(holder(self.today, "PARTY-1", "192.0.2.9").await, None, "of several parties");
        let terms = self.terms(PartyKind::BankDataCentre, "CENTRE");
        self.change("centre", AgreementChange::Terms(terms.clone())).await;
        assert_eq!(holder(self.today, "CENTRE-2", "192.0.2.9").await, Some(PartyKind::BankDataCentre));
        assert_eq!(holder(self.today, "CENTRE-2", "2001:db8::9").await, Some(PartyKind::BankDataCentre));
        assert_eq!(holder(self.today, "CENTRE-2", "198.51.100.9").await, None, "from elsewhere");
        assert_eq!(holder(self.today, "CENTRE-3", "192.0.2.9").await, None, "an unknown certificate");
        assert_eq!(holder(self.after(5), "CENTRE-2", "192.0.2.9").await, None, "no longer in force");
        let without = PartyTerms { certificates: vec![certificate("CENTRE-1")], ..terms };
        self.change("centre-2", AgreementChange::Terms(without.clone())).await;
        assert_eq!(holder(self.today, "CENTRE-2", "192.0.2.9").await, None, "taken off the terms");
        let none = PartyTerms { certificates: vec![], ..without };
        self.change("centre-3", AgreementChange::Terms(none)).await;
        self.certificates_that_were_named_stay_named().await;
        let query = CertificateQuery {
            on: self.today,
            certificate: certificate("CENTRE-1"),
            address: "192.0.2.9".parse().expect("an address"),
        };
        let supplier = context(Actor::DataSupplier { id: supplier("PARTY") });
        let refused = self.parties.certificate_holder(&supplier, query).await.expect_err("not for parties");
        assert_eq!(refused.code, ProblemCode::Forbidden);
    }

    async fn certificates_that_were_named_stay_named(&self) {
        let party = |id: &str| PartyKey { kind: PartyKind::BankDataCentre, id: id.into() };
        let query = |on, id| TermsQuery { on, known_at: None, parties: vec![party("NOBODY"), party(id)] };
        let named =
            async |on| self.parties.certificates_named(&operator(), query(on, "CENTRE")).await.expect("an operator may ask");
        for (on, expect) in [(self.today, true), (self.after(5), true), (self.after(-1), false)] {
            assert_eq!(named(on).await, [false, expect], "{on}");
        }
        let supplier = context(Actor::DataSupplier { id: supplier("PARTY") });
        let refused = self.parties.certificates_named(&supplier, query(self.today, "CENTRE")).await.expect_err("not for parties");
        assert_eq!(refused.code, ProblemCode::Forbidden);
    }
}

fn certificate(organisation: &str) -> AllowedCertificate {
    AllowedCertificate { organisation: organisation.into(), serial: "0af1".into() }
}
