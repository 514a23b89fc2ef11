//! The house: what it works with, and the contract it answers.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use contracts::{
    Context, IdempotencyKey, ItemResult, Problem,
    parties::{
        Agreements, BankProfile, CertificateQuery, ControlEntry, ControlQuery, Decision, DirectoryEntry, FunctionConflict, Grant,
        GrantEnd, GrantQuery, LookupCharge, LookupLimit, NewGrant, NewMandate, NewProposal, Oversight, Parties, PartyChange,
        PartyTerms, PayerProfile, PayerQuery, PayersAsKnown, Proposal, ProposalQuery, ProposalState, RightAnswer, RightQuestion,
        Rights, Routing, RoutingQuery, SeenCertificate, SentPayments, TermsQuery, UserProfile, UserQuery,
    },
};
use jiff::civil::Date;
use platform::{
    change_log::{Chaining, ChangeLog},
    database::{Database, HouseSchema},
    driver::Room,
    forget_answers::ForgetAnswers,
    once::Answers,
    seal::KeyRing,
    vault::Vault,
};
use primitives::{Clock, IdSource, RandomIds};
use uuid::Uuid;

use crate::{
    banks::banks,
    control_list::{control_list, note_certificates},
    decide::decide,
    directory::directory,
    end_grants::end_grants,
    grant::{grant, grants},
    lookups::{charge_lookups, payments_sent, set_lookup_limits},
    mandate::mandate,
    may::may,
    payers::{payers, payers_as_known},
    proposals::proposals,
    propose::propose,
    record::record,
    record_conflicts::record_conflicts,
    routing::routing,
    terms::{certificate_holder, certificates_named, terms},
    users::users,
};

/// The house's tables, in their versions.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The house's schema, for provisioning.
pub const SCHEMA: HouseSchema = HouseSchema { name: "parties", migrator: &MIGRATIONS };

const ANSWERS_KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);
const PROPOSALS_LIVE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Parties. Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct House {
    pub(crate) database: Database,
    pub(crate) vault: Vault,
    pub(crate) answers: Answers,
    pub(crate) log: ChangeLog,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) proposals_live: Duration,
}

impl fmt::Debug for House {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("House").field("database", &self.database).finish_non_exhaustive()
    }
}

impl House {
    /// Opens the house on a database connection of its runtime role. The clock dates what is recorded.
    pub fn new(database: Database, keys: &KeyRing, clock: Arc<dyn Clock>) -> Self {
        let vault = Vault::new(keys, "parties");
        let answers = Answers::new("parties", vault.sealer().clone(), ANSWERS_KEPT);
        let log = ChangeLog::new("parties", keys);
        Self { database, vault, answers, log, clock, ids: Arc::new(RandomIds), proposals_live: PROPOSALS_LIVE }
    }

    /// The same house, which draws the ids of proposals and grants from this source. Default: the operating system's randomness.
    #[must_use]
    pub fn drawing_ids_from(mut self, ids: Arc<dyn IdSource>) -> Self {
        self.ids = ids;
        self
    }

    /// The same house, whose proposals expire after this time. Default 14 days: no public source, chosen by us.
    #[must_use]
    pub fn letting_proposals_live(mut self, life: Duration) -> Self {
        self.proposals_live = life;
        self
    }

    /// The room that gives the changes their place in the change log, and signs.
    #[must_use]
    pub fn rooms(&self) -> Vec<Arc<dyn Room>> {
        let chaining = Chaining::new("parties.chain", self.log.clone(), self.database.clone(), Arc::clone(&self.clock));
        vec![Arc::new(chaining)]
    }

    /// The same house, which keeps the answers of its calls this long for a repetition of them. Default 90 days: no public source, chosen by
    /// us.
    #[must_use]
    pub fn keeping_answers(mut self, keep: Duration) -> Self {
        self.answers = Answers::new("parties", self.vault.sealer().clone(), keep);
        self
    }

    /// The rooms with work that is due now and then: kept answers are forgotten.
    #[must_use]
    pub fn chores(&self) -> Vec<Arc<dyn Room>> {
        vec![Arc::new(ForgetAnswers::new("parties.forget_answers", "parties", self.database.clone()))]
    }
}

#[async_trait]
impl Parties for House {
    async fn record(
        &self, context: &Context, key: &IdempotencyKey, changes: Vec<PartyChange>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        record(self, context, key, &changes).await.map_err(|fault| fault.into_problem("parties", "record"))
    }

    async fn payers(&self, context: &Context, query: PayerQuery) -> Result<Vec<Option<PayerProfile>>, Problem> {
        payers(self, context, &query).await.map_err(|fault| fault.into_problem("parties", "payers"))
    }

    async fn banks(&self, context: &Context, on: Date) -> Result<Vec<BankProfile>, Problem> {
        banks(self, context, on).await.map_err(|fault| fault.into_problem("parties", "banks"))
    }

    async fn users(&self, context: &Context, query: UserQuery) -> Result<Vec<Option<UserProfile>>, Problem> {
        users(self, context, &query).await.map_err(|fault| fault.into_problem("parties", "users"))
    }

    async fn directory(&self, _context: &Context, on: Date) -> Result<Vec<DirectoryEntry>, Problem> {
        directory(self, on).await.map_err(|fault| fault.into_problem("parties", "directory"))
    }

    async fn payments_sent(&self, context: &Context, key: &IdempotencyKey, sent: SentPayments) -> Result<(), Problem> {
        payments_sent(self, context, key, &sent).await.map_err(|fault| fault.into_problem("parties", "payments-sent"))
    }

    async fn routing(&self, context: &Context, query: RoutingQuery) -> Result<Vec<Option<Routing>>, Problem> {
        routing(self, context, &query).await.map_err(|fault| fault.into_problem("parties", "routing"))
    }
}

#[async_trait]
impl Oversight for House {
    async fn charge_lookups(&self, context: &Context, charge: LookupCharge) -> Result<(), Problem> {
        charge_lookups(self, context, &charge).await.map_err(|fault| fault.into_problem("parties", "charge-lookups"))
    }

    async fn set_lookup_limits(
        &self, context: &Context, key: &IdempotencyKey, limits: Vec<LookupLimit>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        set_lookup_limits(self, context, key, &limits).await.map_err(|fault| fault.into_problem("parties", "set-lookup-limits"))
    }

    async fn note_certificates(
        &self, context: &Context, key: &IdempotencyKey, seen: Vec<SeenCertificate>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        note_certificates(self, context, key, &seen).await.map_err(|fault| fault.into_problem("parties", "note-certificates"))
    }

    async fn control_list(&self, context: &Context, query: ControlQuery) -> Result<Vec<ControlEntry>, Problem> {
        control_list(self, context, query).await.map_err(|fault| fault.into_problem("parties", "control-list"))
    }
}

#[async_trait]
impl Agreements for House {
    async fn propose(&self, context: &Context, key: &IdempotencyKey, proposal: NewProposal) -> Result<Uuid, Problem> {
        propose(self, context, key, &proposal).await.map_err(|fault| fault.into_problem("parties", "propose"))
    }

    async fn decide(&self, context: &Context, key: &IdempotencyKey, decision: Decision) -> Result<ProposalState, Problem> {
        decide(self, context, key, &decision).await.map_err(|fault| fault.into_problem("parties", "decide"))
    }

    async fn proposals(&self, context: &Context, query: ProposalQuery) -> Result<Vec<Proposal>, Problem> {
        proposals(self, context, query).await.map_err(|fault| fault.into_problem("parties", "proposals"))
    }

    async fn payers_as_known(&self, context: &Context, query: PayersAsKnown) -> Result<Vec<Option<PayerProfile>>, Problem> {
        payers_as_known(self, context, &query).await.map_err(|fault| fault.into_problem("parties", "payers-as-known"))
    }

    async fn terms(&self, context: &Context, query: TermsQuery) -> Result<Vec<Option<PartyTerms>>, Problem> {
        terms(self, context, &query).await.map_err(|fault| fault.into_problem("parties", "terms"))
    }

    async fn certificate_holder(&self, context: &Context, query: CertificateQuery) -> Result<Option<PartyTerms>, Problem> {
        certificate_holder(self, context, &query).await.map_err(|fault| fault.into_problem("parties", "certificate-holder"))
    }

    async fn certificates_named(&self, context: &Context, query: TermsQuery) -> Result<Vec<bool>, Problem> {
        certificates_named(self, context, &query).await.map_err(|fault| fault.into_problem("parties", "certificates-named"))
    }
}

#[async_trait]
impl Rights for House {
    async fn may(&self, context: &Context, questions: Vec<RightQuestion>) -> Result<Vec<RightAnswer>, Problem> {
        may(self, context, &questions).await.map_err(|fault| fault.into_problem("parties", "may"))
    }

    async fn grant(
        &self, context: &Context, key: &IdempotencyKey, grants: Vec<NewGrant>,
    ) -> Result<Vec<ItemResult<Uuid>>, Problem> {
        grant(self, context, key, &grants).await.map_err(|fault| fault.into_problem("parties", "grant"))
    }

    async fn mandate(
        &self, context: &Context, key: &IdempotencyKey, mandates: Vec<NewMandate>,
    ) -> Result<Vec<ItemResult<Uuid>>, Problem> {
        mandate(self, context, key, &mandates).await.map_err(|fault| fault.into_problem("parties", "mandate"))
    }

    async fn end_grants(
        &self, context: &Context, key: &IdempotencyKey, ends: Vec<GrantEnd>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        end_grants(self, context, key, &ends).await.map_err(|fault| fault.into_problem("parties", "end-grants"))
    }

    async fn grants(&self, context: &Context, query: GrantQuery) -> Result<Vec<Grant>, Problem> {
        grants(self, context, &query).await.map_err(|fault| fault.into_problem("parties", "grants"))
    }

    async fn record_conflicts(
        &self, context: &Context, key: &IdempotencyKey, conflicts: Vec<FunctionConflict>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        record_conflicts(self, context, key, &conflicts).await.map_err(|fault| fault.into_problem("parties", "record-conflicts"))
    }
}
