//! The same house, running elsewhere.

use async_trait::async_trait;
use contracts::{
    Context, IdempotencyKey, ItemResult, Problem,
    parties::{
        Agreements, BankProfile, Banks, CertificateHolder, CertificateQuery, CertificatesNamed, ChargeLookups, ControlEntry,
        ControlListOf, ControlQuery, Decide, Decision, Directory, DirectoryEntry, EndGrants, FunctionConflict, Grant, GrantEnd,
        GrantQuery, GrantRights, Grants, LookupCharge, LookupLimit, May, NewGrant, NewMandate, NewProposal, NoteCertificates,
        NotePaymentsSent, Oversight, Parties, PartyChange, PartyTerms, PayerProfile, PayerQuery, Payers, PayersAsKnown,
        PayersKnown, Proposal, ProposalQuery, ProposalState, Proposals, Propose, Record, RecordConflicts, RecordMandates,
        RightAnswer, RightQuestion, Rights, Routing, RoutingOf, RoutingQuery, SeenCertificate, SentPayments, SetLookupLimits,
        Terms, TermsQuery, UserProfile, UserQuery, Users,
    },
};
use jiff::civil::Date;
use platform::rpc::RpcClient;
use uuid::Uuid;

/// Parties behind the open interface of another process.
#[derive(Clone, Debug)]
pub struct Remote(RpcClient);

impl Remote {
    /// Speaks to the implementation this client reaches.
    pub fn new(client: RpcClient) -> Self {
        Self(client)
    }
}

#[async_trait]
impl Parties for Remote {
    async fn record(
        &self, context: &Context, key: &IdempotencyKey, changes: Vec<PartyChange>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        self.0.call::<Record>(context, Some(key), changes).await
    }

    async fn payers(&self, context: &Context, query: PayerQuery) -> Result<Vec<Option<PayerProfile>>, Problem> {
        self.0.call::<Payers>(context, None, query).await
    }

    async fn banks(&self, context: &Context, on: Date) -> Result<Vec<BankProfile>, Problem> {
        self.0.call::<Banks>(context, None, on).await
    }

    async fn users(&self, context: &Context, query: UserQuery) -> Result<Vec<Option<UserProfile>>, Problem> {
        self.0.call::<Users>(context, None, query).await
    }

    async fn directory(&self, context: &Context, on: Date) -> Result<Vec<DirectoryEntry>, Problem> {
        self.0.call::<Directory>(context, None, on).await
    }

    async fn payments_sent(&self, context: &Context, key: &IdempotencyKey, sent: SentPayments) -> Result<(), Problem> {
        self.0.call::<NotePaymentsSent>(context, Some(key), sent).await
    }

    async fn routing(&self, context: &Context, query: RoutingQuery) -> Result<Vec<Option<Routing>>, Problem> {
        self.0.call::<RoutingOf>(context, None, query).await
    }
}

#[async_trait]
impl Oversight for Remote {
    async fn charge_lookups(&self, context: &Context, charge: LookupCharge) -> Result<(), Problem> {
        self.0.call::<ChargeLookups>(context, None, charge).await
    }

    async fn set_lookup_limits(
        &self, context: &Context, key: &IdempotencyKey, limits: Vec<LookupLimit>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        self.0.call::<SetLookupLimits>(context, Some(key), limits).await
    }

    async fn note_certificates(
        &self, context: &Context, key: &IdempotencyKey, seen: Vec<SeenCertificate>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        self.0.call::<NoteCertificates>(context, Some(key), seen).await
    }

    async fn control_list(&self, context: &Context, query: ControlQuery) -> Result<Vec<ControlEntry>, Problem> {
        self.0.call::<ControlListOf>(context, None, query).await
    }
}

#[async_trait]
impl Agreements for Remote {
    async fn propose(&self, context: &Context, key: &IdempotencyKey, proposal: NewProposal) -> Result<Uuid, Problem> {
        self.0.call::<Propose>(context, Some(key), proposal).await
    }

    async fn decide(&self, context: &Context, key: &IdempotencyKey, decision: Decision) -> Result<ProposalState, Problem> {
        self.0.call::<Decide>(context, Some(key), decision).await
    }

    async fn proposals(&self, context: &Context, query: ProposalQuery) -> Result<Vec<Proposal>, Problem> {
        self.0.call::<Proposals>(context, None, query).await
    }

    async fn payers_as_known(&self, context: &Context, query: PayersAsKnown) -> Result<Vec<Option<PayerProfile>>, Problem> {
        self.0.call::<PayersKnown>(context, None, query).await
    }

    async fn terms(&self, context: &Context, query: TermsQuery) -> Result<Vec<Option<PartyTerms>>, Problem> {
        self.0.call::<Terms>(context, None, query).await
    }

    async fn certificate_holder(&self, context: &Context, query: CertificateQuery) -> Result<Option<PartyTerms>, Problem> {
        self.0.call::<CertificateHolder>(context, None, query).await
    }

    async fn certificates_named(&self, context: &Context, query: TermsQuery) -> Result<Vec<bool>, Problem> {
        self.0.call::<CertificatesNamed>(context, None, query).await
    }
}

#[async_trait]
impl Rights for Remote {
    async fn may(&self, context: &Context, questions: Vec<RightQuestion>) -> Result<Vec<RightAnswer>, Problem> {
        self.0.call::<May>(context, None, questions).await
    }

    async fn grant(
        &self, context: &Context, key: &IdempotencyKey, grants: Vec<NewGrant>,
    ) -> Result<Vec<ItemResult<Uuid>>, Problem> {
        self.0.call::<GrantRights>(context, Some(key), grants).await
    }

    async fn mandate(
        &self, context: &Context, key: &IdempotencyKey, mandates: Vec<NewMandate>,
    ) -> Result<Vec<ItemResult<Uuid>>, Problem> {
        self.0.call::<RecordMandates>(context, Some(key), mandates).await
    }

    async fn end_grants(
        &self, context: &Context, key: &IdempotencyKey, ends: Vec<GrantEnd>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        self.0.call::<EndGrants>(context, Some(key), ends).await
    }

    async fn grants(&self, context: &Context, query: GrantQuery) -> Result<Vec<Grant>, Problem> {
        self.0.call::<Grants>(context, None, query).await
    }

    async fn record_conflicts(
        &self, context: &Context, key: &IdempotencyKey, conflicts: Vec<FunctionConflict>,
    ) -> Result<Vec<ItemResult<()>>, Problem> {
        self.0.call::<RecordConflicts>(context, Some(key), conflicts).await
    }
}
