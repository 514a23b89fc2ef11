//! Every write stands in the change log, an agreement changes by two persons only, and what was known when can be asked.

use std::sync::Arc;
use std::time::Duration;

use contracts::parties::{
    AgreementChange, Agreements, BenefitScope, ClosedDays, DateMeaning, Decision, Function, FunctionConflict, GrantEnd,
    GrantedRight, MandateKind, NewGrant, NewMandate, NewProposal, Parties, PartyChange, PayerKey, PayerKind, PayerProfile,
    PayersAsKnown, Proof, ProofKind, ProposalQuery, ProposalState, Rights, UserProfile, Verdict, WithoutAccount,
};
use contracts::{Actor, Context, IdempotencyKey, LegalBasis, ProblemCode, Purpose};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan};
use parties::{House, SCHEMA};
use platform::change_log::{ChangeLog, verify};
use platform::database::Database;
use platform::driver::run_until_idle;
use platform::seal::KeyRing;
use platform::testing::TestDatabase;
use primitives::{AgreementNumber, Clock, Cpr, Cvr, ManualClock};
use sqlx::{AssertSqlSafe, Connection};
use uuid::Uuid;

const TODAY: Date = date(2026, 3, 2);

struct Site {
    database: TestDatabase,
    runtime: Database,
    clock: ManualClock,
    house: House,
}

impl Site {
    async fn new() -> Self {
        let database = TestDatabase::new(&[SCHEMA]).await;
        let clock = ManualClock::at_noon(TODAY).unwrap();
        let runtime = database.connect("parties").await;
        let house = House::new(runtime.clone(), &KeyRing::for_tests(), Arc::new(clock.clone()));
        Self { database, runtime, clock, house }
    }

    async fn record(&self, key: &str, changes: Vec<PartyChange>) {
        let count = changes.len();
        let recorded = self.house.record(&operator("kim"), &idempotency(key), changes).await.unwrap();
        assert_eq!(recorded, vec![Ok(()); count]);
    }

    async fn propose(&self, key: &str, profile: &PayerProfile) -> Uuid {
        let proposal = NewProposal { changes: vec![AgreementChange::Payer(profile.clone())], why: "agreed".into() };
        self.house.propose(&operator("kim"), &idempotency(key), proposal).await.unwrap()
    }

    async fn decide(&self, key: &str, proposal: Uuid, verdict: Verdict) -> Result<ProposalState, ProblemCode> {
        let decision = Decision { proposal, verdict, why: "read".into() };
        self.house.decide(&operator("bo"), &idempotency(key), decision).await.map_err(|problem| problem.code)
    }

    /// The change log's rows, without what is sealed.
    async fn logged(&self) -> Vec<String> {
        let mut admin = self.database.admin().await;
        let rows = sqlx::query_scalar(
            "select concat_ws(' ', actor, operation, regexp_replace(subject, ':[0-9a-f]{8}-.*$', ':id'), approved_by)
             from parties.change order by change_id",
        )
        .fetch_all(&mut admin)
        .await
        .unwrap();
        admin.close().await.unwrap();
        rows
    }
}

fn operator(user: &str) -> Context {
    Context {
        actor: Actor::Operator { user: user.into() },
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov 696/2025").unwrap(),
        purpose: Purpose::new("test").unwrap(),
        trace: Uuid::nil(),
        acting: None,
    }
}

fn idempotency(key: &str) -> IdempotencyKey {
    IdempotencyKey::new(key).unwrap()
}

fn number() -> AgreementNumber {
    AgreementNumber::parse("00000001").unwrap()
}

fn profile(name: &str) -> PayerProfile {
    PayerProfile {
        agreement: number(),
        cvr: Cvr::parse("10103940").unwrap(),
        name: name.into(),
        kind: PayerKind::Authority,
        valid_from: TODAY,
        valid_until: None,
        units: vec![],
        debtor_accounts: vec![],
        benefits: vec![],
        without_account: WithoutAccount::Return,
        fall_back_to_cvr: false,
        date_meaning: DateMeaning::Disposal,
        closed_days: ClosedDays::Move,
        data_suppliers: vec![],
    }
}

fn user() -> UserProfile {
    UserProfile {
        user: "eva".into(),
        name: "Eva".into(),
        authority: number(),
        functions: vec![Function::SearchPayments],
        scope: BenefitScope::All,
        units: vec![],
        valid_from: TODAY,
        valid_until: date(2027, 1, 1),
    }
}

#[tokio::test]
async fn every_write_stands_in_the_change_log_and_the_log_verifies() {
    let site = Site::new().await;
    site.record("record", vec![PartyChange::Payer(profile("First")), PartyChange::User(user())]).await;
    site.record("record", vec![PartyChange::Payer(profile("First")), PartyChange::User(user())]).await;
    site.record("known", vec![PartyChange::Payer(profile("First"))]).await;
    let proposal = site.propose("propose", &profile("Second")).await;
    assert_eq!(site.decide("approve", proposal, Verdict::Approve).await, Ok(ProposalState::Approved));
    let proposal = site.propose("propose again", &profile("Third")).await;
    assert_eq!(site.decide("reject", proposal, Verdict::Reject).await, Ok(ProposalState::Rejected));
    rights_are_changed(&site).await;
    assert_eq!(
        site.logged().await,
        [
            "operator:kim record agreement:00000001",
            "operator:kim record user:eva",
            "operator:kim propose proposal:id",
            "operator:bo decide proposal:id",
            "operator:kim decide agreement:00000001 operator:bo",
            "operator:kim propose proposal:id",
            "operator:bo decide proposal:id",
            "operator:kim grant grant:id",
            "operator:kim mandate mandate:id",
            "operator:kim end-grants grant:id",
            "operator:kim record-conflicts conflict:control_lists:stop_payments",
        ]
    );
    assert_eq!(run_until_idle(&site.house.rooms(), 1).await.unwrap(), 11);
    let log = ChangeLog::new("parties", &KeyRing::for_tests());
    let verified = verify(&site.runtime, &log, None).await.unwrap();
    assert_eq!((verified.links, verified.waiting, verified.findings), (11, 0, vec![]));
}

async fn rights_are_changed(site: &Site) {
    let (context, house) = (operator("kim"), &site.house);
    let grant = NewGrant {
        user: "eva".into(),
        authority: number(),
        right: GrantedRight::Functions { functions: vec![Function::StopPayments] },
        valid_from: TODAY,
        valid_until: date(2027, 1, 1),
        why: "new".into(),
    };
    let granted = house.grant(&context, &idempotency("grant"), vec![grant]).await.unwrap();
    let mandate = NewMandate {
        kind: MandateKind::PowerOfAttorney,
        holder: Cpr::parse("0101585005").unwrap().into(),
        subject: Cpr::parse("0202585005").unwrap().into(),
        functions: vec![Function::SearchPayments],
        benefits: BenefitScope::All,
        valid_from: TODAY,
        valid_until: date(2027, 1, 1),
        proof: Proof { kind: ProofKind::SignedDocument, reference: "1".into() },
        why: "new".into(),
    };
    assert!(house.mandate(&context, &idempotency("mandate"), vec![mandate]).await.unwrap()[0].is_ok());
    let end = GrantEnd { grant: *granted[0].as_ref().unwrap(), ends_on: TODAY, why: "left".into() };
    assert_eq!(house.end_grants(&context, &idempotency("end"), vec![end]).await, Ok(vec![Ok(())]));
    let conflict = FunctionConflict {
        one: Function::StopPayments,
        other: Function::ControlLists,
        valid_from: TODAY,
        valid_until: None,
        why: "rule".into(),
    };
    assert_eq!(house.record_conflicts(&context, &idempotency("conflict"), vec![conflict]).await, Ok(vec![Ok(())]));
}

#[tokio::test]
async fn what_is_kept_of_mandates_and_changes_is_sealed() {
    let site = Site::new().await;
    site.record("record", vec![PartyChange::Payer(profile("Styrelsen"))]).await;
    site.propose("propose", &profile("Styrelsen 2")).await;
    rights_are_changed(&site).await;
    let mut admin = site.database.admin().await;
    for (table, column, planted) in [
        ("mandate", "holder", "0101585005"),
        ("mandate", "subject", "0202585005"),
        ("change", "content", "0101585005"),
        ("change", "content", "Styrelsen"),
        ("proposal", "payload", "Styrelsen"),
    ] {
        let statement = format!("select count(*) from parties.{table} where position($1::bytea in {column}) > 0");
        let readable: i64 =
            sqlx::query_scalar(AssertSqlSafe(statement)).bind(planted.as_bytes()).fetch_one(&mut admin).await.unwrap();
        assert_eq!(readable, 0, "{table}.{column}");
    }
    admin.close().await.unwrap();
}

#[tokio::test]
async fn what_was_known_at_a_time_never_changes() {
    let site = Site::new().await;
    let as_known = async |on, known_at| {
        let query = PayersAsKnown { on, known_at, payers: vec![PayerKey::Agreement { number: number() }] };
        let answer = site.house.payers_as_known(&operator("kim"), query).await.unwrap();
        answer[0].as_ref().map(|payer| payer.name.clone())
    };
    let first = site.clock.now();
    site.record("first", vec![PartyChange::Payer(profile("First"))]).await;
    site.clock.advance(SignedDuration::from_hours(24));
    let second = site.clock.now();
    // A correction that reaches back to before it was known.
    let proposal = site.propose("second", &profile("Second")).await;
    site.decide("second", proposal, Verdict::Approve).await.unwrap();
    let before: Timestamp = first.checked_sub(1.second()).unwrap();
    for (known_at, expect) in [(before, None), (first, Some("First")), (second, Some("Second"))] {
        assert_eq!(as_known(TODAY, known_at).await.as_deref(), expect, "{known_at}");
        assert_eq!(as_known(date(2026, 3, 1), known_at).await, None, "before its first day");
    }
}

#[tokio::test]
async fn a_proposal_expires() {
    let site = Site::new().await;
    site.record("first", vec![PartyChange::Payer(profile("First"))]).await;
    let house = site.house.clone().letting_proposals_live(Duration::from_secs(3_600));
    let proposal = NewProposal { changes: vec![AgreementChange::Payer(profile("Second"))], why: "agreed".into() };
    let proposal = house.propose(&operator("kim"), &idempotency("short"), proposal).await.unwrap();
    site.clock.advance(SignedDuration::from_secs(3_600));
    assert_eq!(site.decide("late", proposal, Verdict::Approve).await, Err(ProblemCode::Conflict));
}

#[tokio::test]
async fn the_database_itself_takes_no_change_of_an_agreement_without_another_persons_approval() {
    let site = Site::new().await;
    site.record("first", vec![PartyChange::Payer(profile("First"))]).await;
    let open = site.propose("second", &profile("Second")).await;
    let copy = |proposal: &str| {
        format!(
            "insert into parties.agreement (agreement, cvr, name, kind, valid_from, without_account, fall_back_to_cvr, date_meaning,
                 recorded_at, recorded_by, proposal_id)
             select agreement, cvr, 'Alone', kind, valid_from, without_account, fall_back_to_cvr, date_meaning, recorded_at, recorded_by,
                 {proposal}
             from parties.agreement limit 1"
        )
    };
    let check = async |statement: String, expect: &str| {
        let error = sqlx::query(AssertSqlSafe(statement.clone())).execute(site.runtime.pool()).await.unwrap_err();
        let constraint = error.as_database_error().and_then(|error| error.constraint().map(str::to_owned));
        assert_eq!(constraint.as_deref(), Some(expect), "{statement}: {error}");
    };
    check(copy("null"), "agreement_approved").await;
    check(copy(&format!("'{open}'")), "agreement_approved").await;
    check(copy("gen_random_uuid()"), "agreement_approved").await;
    // An approval is of what was proposed, once: neither of the same again nor of another agreement, terms or routing.
    let approved = site.propose("third", &profile("Third")).await;
    assert_eq!(site.decide("third", approved, Verdict::Approve).await, Ok(ProposalState::Approved));
    let own = format!("'{approved}'");
    check(copy(&own), "agreement_proposal_once").await;
    check(copy(&own).replacen("select agreement,", "select '00000002',", 1), "agreement_approved").await;
    let terms = format!(
        "insert into parties.party_terms (kind, id, name, valid_from, proposal_id, recorded_at, recorded_by)
         values ('authority', '00000001', 'Alone', '2026-03-02', {own}, now(), 'kim')"
    );
    check(terms, "party_terms_approved").await;
    let routing = format!(
        "insert into parties.routing (payer, system, valid_from, proposal_id, recorded_at, recorded_by)
         values ('00000001', 'old', '2026-03-02', {own}, now(), 'kim')"
    );
    check(routing, "routing_approved").await;
    let own = format!(
        "update parties.proposal set state = 'approved', decided_by = proposed_by, decided_at = proposed_at where proposal_id = '{open}'"
    );
    let error = sqlx::query(AssertSqlSafe(own)).execute(site.runtime.pool()).await.unwrap_err();
    assert_eq!(error.as_database_error().and_then(|error| error.constraint()), Some("proposal_four_eyes"));
}

/// However many others' proposals there are: who may see few of them sees those.
#[tokio::test]
async fn the_own_proposals_are_seen_among_thousands_of_others() {
    let site = Site::new().await;
    let other = PayerProfile { agreement: AgreementNumber::parse("00000002").unwrap(), ..profile("Other") };
    site.record("first", vec![PartyChange::Payer(profile("First")), PartyChange::Payer(other.clone())]).await;
    let first = site.propose("other", &PayerProfile { name: "Changed".into(), ..other }).await;
    let mut admin = site.database.admin().await;
    let copies = "insert into parties.proposal (proposal_id, kind, subject, payload, proposed_by, proposed_at, expires_at)
         select gen_random_uuid(), kind, subject, payload, proposed_by, proposed_at, expires_at
         from parties.proposal, generate_series(1, 1000) where proposal_id = $1";
    sqlx::query(copies).bind(first).execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
    site.clock.advance(SignedDuration::from_secs(1));
    let own = site.propose("own", &profile("Second")).await;
    let seen = async |actor: Actor| {
        let query = ProposalQuery { state: ProposalState::Open };
        let context = Context { actor, ..operator("kim") };
        site.house.proposals(&context, query).await.unwrap().iter().map(|seen| seen.proposal).collect::<Vec<_>>()
    };
    assert_eq!(seen(Actor::Caseworker { user: "eva".into(), authority: number() }).await, [own]);
    assert_eq!(seen(Actor::Operator { user: "kim".into() }).await.len(), 1_000, "the oldest");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_approvals_at_once_one_counts() {
    let site = Arc::new(Site::new().await);
    site.record("first", vec![PartyChange::Payer(profile("First"))]).await;
    let (second, third) = (site.propose("second", &profile("Second")).await, site.propose("third", &profile("Third")).await);
    let tasks = [(second, "second"), (third, "third")].map(|(proposal, key)| {
        let site = Arc::clone(&site);
        tokio::spawn(async move { site.decide(key, proposal, Verdict::Approve).await })
    });
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes.sort_unstable_by_key(|outcome| outcome.is_err());
    assert_eq!(outcomes, [Ok(ProposalState::Approved), Err(ProblemCode::Conflict)]);
}
