//! What every implementation of [`PartiesHouse`] must show.

mod agreements;
mod oversight;
mod rights;

use jiff::{ToSpan, civil::Date};
use primitives::{
    Account, AgreementNumber, BankCode, BenefitCode, Bic, Currency, Cvr, DanishAccount, DataSupplierId, ShiftRule, UnitCode,
};
use uuid::Uuid;

use crate::{
    Actor, Context, IdempotencyKey, LegalBasis, Problem, ProblemCode, Purpose,
    parties::{
        AgreementChange, BankCharacters, BankProfile, BenefitScope, BenefitTerms, ClosedDays, DateMeaning, DebtorAccount,
        Decision, Function, NewProposal, PainVersion, PartiesHouse, PartyChange, PayerKey, PayerKind, PayerProfile, PayerQuery,
        ProposalState, Unit, UserProfile, UserQuery, Verdict, WithoutAccount,
    },
};

/// Runs the suite on an implementation that holds no parties yet and whose clock shows a time on the day `today`.
///
/// # Panics
/// When a promise of the contract is not kept.
pub async fn run(parties: &dyn PartiesHouse, today: Date) {
    let suite = Suite { parties, today };
    suite.banks_are_versioned().await;
    suite.a_profile_comes_back_as_it_was_recorded().await;
    suite.a_version_replaces_from_its_first_day_on().await;
    suite.an_agreement_ends().await;
    suite.a_cvr_number_with_two_agreements_names_none().await;
    suite.users_expire().await;
    suite.the_directory_lists_what_is_in_force().await;
    suite.a_repeated_call_has_one_effect().await;
    suite.a_bad_change_is_refused_alone().await;
    suite.rights_are_kept().await;
    suite.agreements_change_by_two_persons().await;
    suite.rights_are_granted_on_two_levels().await;
    suite.lookups_are_charged_and_certificates_watched().await;
}

struct Suite<'a> {
    parties: &'a dyn PartiesHouse,
    today: Date,
}

const BANK: &str = "CONF-BANK";
const CVR_ONE: &str = "10103940";
const CVR_TWO: &str = "13585628";

impl Suite<'_> {
    async fn record(&self, key: &str, changes: Vec<PartyChange>) {
        let count = changes.len();
        let results = self.parties.record(&operator(), &idempotency_key(key), changes).await.expect("the call is good");
        assert_eq!(results, vec![Ok(()); count], "every change of {key} is recorded");
    }

    /// Changes a known agreement: one operator proposes, another approves.
    async fn change(&self, key: &str, change: AgreementChange) {
        let proposal = self.propose(&operator(), key, vec![change]).await.expect("an operator proposes");
        let state = self.decide(&another_operator(), key, proposal, Verdict::Approve).await;
        assert_eq!(state, Ok(ProposalState::Approved), "{key}");
    }

    async fn change_payer(&self, key: &str, profile: &PayerProfile) {
        self.change(key, AgreementChange::Payer(profile.clone())).await;
    }

    async fn propose(&self, context: &Context, key: &str, changes: Vec<AgreementChange>) -> Result<Uuid, Problem> {
        let proposal = NewProposal { changes, why: "conformance".into() };
        self.parties.propose(context, &idempotency_key(key), proposal).await
    }

    async fn decide(&self, context: &Context, key: &str, proposal: Uuid, verdict: Verdict) -> Result<ProposalState, Problem> {
        let decision = Decision { proposal, verdict, why: "conformance".into() };
        self.parties.decide(context, &idempotency_key(key), decision).await
    }

    async fn payer(&self, on: Date, agreement: &str) -> Option<PayerProfile> {
        self.payer_by(on, PayerKey::Agreement { number: number(agreement) }).await
    }

    async fn payer_by(&self, on: Date, key: PayerKey) -> Option<PayerProfile> {
        let query = PayerQuery { on, payers: vec![key] };
        one(self.parties.payers(&operator(), query).await.expect("payers"))
    }

    async fn user(&self, on: Date, user: &str) -> Option<UserProfile> {
        let query = UserQuery { on, users: vec![user.to_owned()], at: None };
        one(self.parties.users(&operator(), query).await.expect("users"))
    }

    fn profile(&self, agreement: &str, cvr: &str) -> PayerProfile {
        PayerProfile {
            agreement: number(agreement),
            cvr: Cvr::parse(cvr).expect("a CVR number"),
            name: "Styrelsen for Eksempler".into(),
            kind: PayerKind::Authority,
            valid_from: self.today,
            valid_until: None,
            units: vec![unit("ZETA", "Zeta"), unit("ALFA", "Alfa")],
            debtor_accounts: vec![debtor("2222222222", Some("ALFA")), debtor("1111111111", None)],
            benefits: vec![benefit("NKSØ", true, ShiftRule::Previous), benefit("A", false, ShiftRule::Next)],
            without_account: WithoutAccount::ErrorAccount { account: account("3333333333") },
            fall_back_to_cvr: true,
            date_meaning: DateMeaning::Execution,
            closed_days: ClosedDays::Refuse,
            data_suppliers: vec![supplier("SUPPLIER-B"), supplier("SUPPLIER-A")],
        }
    }

    fn user_profile(&self, user: &str, authority: &str) -> UserProfile {
        UserProfile {
            user: user.into(),
            name: "Sagsbehandler".into(),
            authority: number(authority),
            functions: vec![Function::StopPayments, Function::SearchPayments],
            scope: BenefitScope::Only { benefits: vec![code("NKSØ")], without: true },
            units: vec![],
            valid_from: self.today,
            valid_until: self.after(10),
        }
    }

    fn after(&self, days: i32) -> Date {
        self.today.saturating_add(days.days())
    }

    async fn banks_are_versioned(&self) {
        let first = bank(PainVersion::V03);
        self.record("bank-1", vec![PartyChange::Bank(first.clone())]).await;
        assert_eq!(self.banks(self.today).await, vec![first]);
        let second = BankProfile { characters: BankCharacters::Sepa, ..bank(PainVersion::V09) };
        self.record("bank-2", vec![PartyChange::Bank(second.clone())]).await;
        assert_eq!(self.banks(self.after(1)).await, vec![second], "the latest version applies");
        assert_eq!(self.banks(self.after(-1)).await, vec![], "a bank applies from the day it was recorded");
    }

    async fn banks(&self, on: Date) -> Vec<BankProfile> {
        self.parties.banks(&operator(), on).await.expect("banks")
    }

    async fn a_profile_comes_back_as_it_was_recorded(&self) {
        let profile = self.profile("90000001", CVR_ONE);
        self.record("payer-1", vec![PartyChange::Payer(profile.clone())]).await;
        assert_eq!(self.payer(self.today, "90000001").await, Some(profile.clone()));
        assert_eq!(self.payer_by(self.today, PayerKey::Cvr { number: profile.cvr }).await, Some(profile));
        assert_eq!(self.payer(self.after(-1), "90000001").await, None, "not yet in force");
        assert_eq!(self.payer(self.today, "90000999").await, None, "unknown");
    }

    async fn a_version_replaces_from_its_first_day_on(&self) {
        let first = self.profile("90000002", CVR_TWO);
        let later = PayerProfile { without_account: WithoutAccount::Holding, valid_from: self.after(5), ..first.clone() };
        self.record("payer-2", vec![PartyChange::Payer(first.clone())]).await;
        self.change_payer("payer-2-later", &later).await;
        assert_eq!(self.payer(self.after(4), "90000002").await, Some(first.clone()), "the day before the new version");
        assert_eq!(self.payer(self.after(5), "90000002").await, Some(later), "its first day");
        let correction = PayerProfile { without_account: WithoutAccount::Return, valid_from: self.after(2), ..first.clone() };
        self.change_payer("payer-3", &correction).await;
        assert_eq!(self.payer(self.after(1), "90000002").await, Some(first));
        assert_eq!(self.payer(self.after(6), "90000002").await, Some(correction), "it replaces later days too");
    }

    async fn an_agreement_ends(&self) {
        let open = self.profile("90000003", CVR_TWO);
        let ended = PayerProfile { valid_from: self.after(1), valid_until: Some(self.after(3)), ..open.clone() };
        self.record("payer-4", vec![PartyChange::Payer(open)]).await;
        self.change_payer("payer-4-ends", &ended).await;
        assert_eq!(self.payer(self.after(2), "90000003").await, Some(ended), "its last day");
        assert_eq!(self.payer(self.after(3), "90000003").await, None, "an earlier version does not come back");
    }

    async fn a_cvr_number_with_two_agreements_names_none(&self) {
        let cvr = Cvr::parse(CVR_TWO).expect("a CVR number");
        assert_eq!(self.payer_by(self.today, PayerKey::Cvr { number: cvr }).await, None, "two agreements in force");
        let left = self.payer_by(self.after(3), PayerKey::Cvr { number: cvr }).await;
        assert_eq!(left.map(|payer| payer.agreement), Some(number("90000002")), "one agreement is left");
    }

    async fn users_expire(&self) {
        let profile = self.user_profile("user-1", "90000001");
        self.record("user-1", vec![PartyChange::User(profile.clone())]).await;
        assert_eq!(self.user(self.after(9), "user-1").await, Some(profile.clone()), "the last day");
        assert_eq!(self.user(self.after(10), "user-1").await, None, "expired");
        assert_eq!(self.user(self.today, "nobody").await, None);
        let all = UserProfile { scope: BenefitScope::All, functions: vec![], valid_from: self.after(1), ..profile.clone() };
        self.record("user-2", vec![PartyChange::User(all.clone())]).await;
        let replaced = UserProfile { valid_until: self.after(1), ..profile };
        assert_eq!(self.user(self.today, "user-1").await, Some(replaced), "what is held, and until when it is just this");
        assert_eq!(self.user(self.after(1), "user-1").await, Some(all));
    }

    async fn the_directory_lists_what_is_in_force(&self) {
        let payee = context(Actor::Payee { identifier: Cvr::parse(CVR_ONE).expect("a CVR number").into() });
        let listed = async |on| {
            let entries = self.parties.directory(&payee, on).await.expect("the directory is public");
            entries.iter().map(|entry| entry.agreement.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(listed(self.today).await, ["90000001", "90000002", "90000003"]);
        assert_eq!(listed(self.after(3)).await, ["90000001", "90000002"]);
        assert!(listed(self.after(-1)).await.is_empty());
    }

    async fn a_repeated_call_has_one_effect(&self) {
        let first = self.profile("90000004", CVR_ONE);
        let key = idempotency_key("repeat");
        let call = async |profile: &PayerProfile| {
            self.parties.record(&operator(), &key, vec![PartyChange::Payer(profile.clone())]).await
        };
        assert_eq!(call(&first).await, Ok(vec![Ok(())]));
        let second = PayerProfile { name: "Nyt navn".into(), ..first.clone() };
        self.change_payer("repeat-between", &second).await;
        assert_eq!(call(&first).await, Ok(vec![Ok(())]), "the same answer");
        assert_eq!(self.payer(self.today, "90000004").await, Some(second.clone()), "and no second effect");
        let refused = call(&second).await.expect_err("the same key with other input");
        assert_eq!(refused.code, ProblemCode::IdempotencyMismatch);
    }

    async fn a_bad_change_is_refused_alone(&self) {
        let good = self.profile("90000005", CVR_ONE);
        let mut stranger = self.profile("90000006", CVR_ONE);
        stranger.debtor_accounts[0].bank = BankCode::parse("NO-BANK").expect("a bank code");
        let changes = vec![
            PartyChange::Payer(PayerProfile { name: String::new(), ..good.clone() }),
            PartyChange::Payer(stranger),
            PartyChange::User(self.user_profile("user-9", "90009999")),
            PartyChange::Payer(good.clone()),
        ];
        let results = self.parties.record(&operator(), &idempotency_key("mixed"), changes).await.expect("the call is good");
        let codes: Vec<_> = results.into_iter().map(|result| result.map_err(|problem| (problem.code, problem.field))).collect();
        let invalid = |field: &str| Err((ProblemCode::InvalidInput, Some(field.to_owned())));
        assert_eq!(codes, [invalid("name"), invalid("debtor_accounts"), invalid("authority"), Ok(())]);
        assert_eq!(self.payer(self.today, "90000006").await, None);
        assert_eq!(self.payer(self.today, "90000005").await, Some(good));
    }

    async fn rights_are_kept(&self) {
        let caseworker = context(Actor::Caseworker { user: "user-1".into(), authority: number("90000001") });
        let stranger = context(Actor::DataSupplier { id: supplier("STRANGER") });
        let payee = context(Actor::Payee { identifier: Cvr::parse(CVR_ONE).expect("a CVR number").into() });
        let agreements = ["90000001", "90000002"].map(|agreement| PayerKey::Agreement { number: number(agreement) });
        let query = PayerQuery { on: self.today, payers: agreements.to_vec() };

        let seen = self.parties.payers(&caseworker, query.clone()).await.expect("a caseworker may ask");
        assert_eq!(seen.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false], "the own authority only");
        let seen = self.parties.payers(&stranger, query.clone()).await.expect("a data supplier may ask");
        assert_eq!(seen, [None, None], "nothing of payers it does not send for");
        let refused = self.parties.payers(&payee, query).await.expect_err("profiles are not for payees");
        assert_eq!(refused.code, ProblemCode::Forbidden);
        let change = vec![PartyChange::Bank(bank(PainVersion::V03))];
        let refused = self.parties.record(&caseworker, &idempotency_key("caseworker"), change).await.expect_err("not a recorder");
        assert_eq!(refused.code, ProblemCode::Forbidden);
    }
}

fn one<T>(mut answers: Vec<Option<T>>) -> Option<T> {
    assert_eq!(answers.len(), 1, "one answer per question");
    answers.remove(0)
}

fn operator() -> Context {
    context(Actor::Operator { user: "conformance".into() })
}

fn another_operator() -> Context {
    context(Actor::Operator { user: "conformance-2".into() })
}

fn context(actor: Actor) -> Context {
    Context {
        actor,
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov 696/2025").expect("a legal basis"),
        purpose: Purpose::new("conformance").expect("a purpose"),
        trace: Uuid::nil(),
        acting: None,
    }
}

fn idempotency_key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(format!("parties-conformance-{text}")).expect("a key")
}

fn number(digits: &str) -> AgreementNumber {
    AgreementNumber::parse(digits).expect("an agreement number")
}

fn code(text: &str) -> BenefitCode {
    BenefitCode::parse(text).expect("a benefit code")
}

fn supplier(text: &str) -> DataSupplierId {
    DataSupplierId::parse(text).expect("a data supplier")
}

fn account(account_number: &str) -> Account {
    Account::Danish(DanishAccount::new("0040", account_number).expect("an account"))
}

fn unit(unit_code: &str, name: &str) -> Unit {
    Unit { code: UnitCode::parse(unit_code).expect("a unit"), name: name.into() }
}

fn debtor(account_number: &str, unit_code: Option<&str>) -> DebtorAccount {
    DebtorAccount {
        account: account(account_number),
        bank: BankCode::parse(BANK).expect("a bank code"),
        currency: Currency::DKK,
        unit: unit_code.map(|text| UnitCode::parse(text).expect("a unit")),
    }
}

fn benefit(text: &str, locked: bool, shift: ShiftRule) -> BenefitTerms {
    BenefitTerms { code: code(text), name: format!("Ydelse {text}"), locked, shift }
}

fn bank(pain_version: PainVersion) -> BankProfile {
    BankProfile {
        code: BankCode::parse(BANK).expect("a bank code"),
        name: "Eksempelbanken".into(),
        bic: Bic::parse("DABADKKKXXX").expect("a BIC"),
        registration_numbers: vec!["9999".into(), "0040".into()],
        pain_version,
        domestic_lag: 1,
        foreign_lag: 2,
        needs_payee_number: true,
        characters: BankCharacters::Unicode,
    }
}
