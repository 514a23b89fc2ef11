//! What a system may do: the table, the role profiles, and no more.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use contracts::parties::{
    LookupAsker, LookupCharge, Oversight, Parties, PartyKey, PartyKind, PayerKey, PayerKind, PayerQuery, UserProfile, UserQuery,
};
use contracts::{Actor, Context, LegalBasis, OperationName, Problem, ProblemCode, Purpose};
use platform::rpc::{CallFacts, CallGuard};
use primitives::{AgreementNumber, Clock, DataSupplierId, Identifier};
use serde_json::Value;
use uuid::Uuid;

use super::meter::{self, Found};
use super::{SystemParty, scope};
use crate::authorization::{Authorization, Right, endpoint_of};

/// Judges the calls of one system.
#[derive(Clone)]
pub struct SystemGuard {
    /// The party the system belongs to.
    pub party: SystemParty,
    /// The citizen it speaks for, by its token.
    pub citizen: Option<Identifier>,
    /// Where role profiles are known; without, no caseworker is believed.
    pub parties: Option<Arc<dyn Parties>>,
    /// Where lookups are counted; without, none is answered.
    pub oversight: Option<Arc<dyn Oversight>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for SystemGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemGuard").field("party", &self.party).finish_non_exhaustive()
    }
}

/// Whom the system speaks for in a call.
enum Speaker<'c> {
    Citizen(AgreementNumber),
    Caseworker { user: &'c str, authority: AgreementNumber },
    Itself(&'static str),
}

#[async_trait]
impl CallGuard for SystemGuard {
    fn looks_into(&self, operation: OperationName) -> bool {
        matches!(self.party, SystemParty::Authority(_)) && self.citizen.is_none() && scope::looks_into(operation)
    }

    async fn admit(&self, call: CallFacts<'_>) -> Result<Context, Problem> {
        let mut admitted = self.judge(&call).await;
        if let Ok(context) = &admitted
            && self.looks_into_answer(call.operation)
            && meter::looks_up(call.operation, call.input)
            && let Err(problem) = self.charge(context, Found::default()).await
        {
            admitted = Err(problem);
        }
        if let Err(problem) = &admitted {
            let operation = endpoint_of(call.operation);
            tracing::warn!(operation, party = ?self.party, trace = %call.context.trace, code = problem.code.as_str(), "a call was refused");
        }
        admitted
    }

    fn looks_into_answer(&self, operation: OperationName) -> bool {
        // A citizen's token shows the citizen's own data alone.
        self.citizen.is_none() && meter::is_counted(operation)
    }

    async fn release(&self, call: CallFacts<'_>, outcome: Result<&Value, &Problem>) -> Result<(), Problem> {
        let found = meter::found(call.operation, call.input, outcome);
        // Nothing looked up is nothing to charge; to ask whether it may begin again would refuse what was admitted.
        if found == Found::default() {
            return Ok(());
        }
        let released = self.charge(call.context, found).await;
        if let Err(problem) = &released {
            let operation = endpoint_of(call.operation);
            tracing::warn!(operation, party = ?self.party, trace = %call.context.trace, code = problem.code.as_str(), "an answer is withheld");
        }
        released
    }
}

impl SystemGuard {
    /// Charges lookups to who asks; nothing found asks whether it may begin. What cannot be counted is not answered.
    async fn charge(&self, context: &Context, Found { hits, misses }: Found) -> Result<(), Problem> {
        let oversight = self.oversight.as_ref().ok_or_else(Problem::unavailable)?;
        let charge = LookupCharge { asker: self.asker(context), hits, misses };
        oversight.charge_lookups(&door_context()?, charge).await
    }

    /// Who asks: the caseworker for the authority; the payer, where its data supplier asks; else the party.
    fn asker(&self, context: &Context) -> LookupAsker {
        match (&context.actor, context.on_behalf_of) {
            (Actor::Caseworker { user, .. }, _) => LookupAsker { user: Some(user.clone()), party: self.party.key() },
            (Actor::DataSupplier { .. }, Some(payer)) => {
                LookupAsker { user: None, party: PartyKey { kind: PartyKind::PrivatePayer, id: payer.digits().to_owned() } }
            }
            _ => LookupAsker { user: None, party: self.party.key() },
        }
    }

    async fn judge(&self, call: &CallFacts<'_>) -> Result<Context, Problem> {
        let speaker = self.speaker(&call.context.actor).ok_or_else(not_you)?;
        let right = |role: &str| Authorization::declared().right(&endpoint_of(call.operation), role);
        // Who acts in another's name is proven here by nobody: the citizens of tokens act themselves.
        let mut context = Context { acting: None, ..call.context.clone() };
        match speaker {
            Speaker::Itself(role) => {
                allowed(right(role) != Right::None)?;
                self.admit_payer(call).await?;
            }
            Speaker::Citizen(service) => {
                allowed(right("payee") != Right::None)?;
                // The log says through whose service the citizen came.
                context.on_behalf_of = Some(service);
            }
            Speaker::Caseworker { user, authority } => {
                self.admit_caseworker(call, right("caseworker"), user, authority).await?;
                context.on_behalf_of = Some(authority);
            }
        }
        Ok(context)
    }

    /// Whom the call says it is from, if that is what was proven.
    fn speaker<'c>(&self, actor: &'c Actor) -> Option<Speaker<'c>> {
        match (&self.party, &self.citizen, actor) {
            (SystemParty::Authority(service), Some(citizen), Actor::Payee { identifier }) if identifier == citizen => {
                Some(Speaker::Citizen(*service))
            }
            (SystemParty::Authority(own), None, Actor::Caseworker { user, authority }) if authority == own => {
                Some(Speaker::Caseworker { user, authority: *own })
            }
            (SystemParty::Authority(_), ..) | (_, Some(_), _) => None,
            (party, None, actor) if party.actor().as_ref() == Some(actor) => Some(Speaker::Itself(role_of(party))),
            _ => None,
        }
    }

    async fn admit_caseworker(
        &self, call: &CallFacts<'_>, right: Right, user: &str, authority: AgreementNumber,
    ) -> Result<(), Problem> {
        allowed(right != Right::None)?;
        let profile =
            self.profile(user, authority).await?.filter(|profile| profile.authority == authority).ok_or_else(no_profile)?;
        allowed(right.is_held_by(&profile.functions))?;
        allowed(scope::is_within(call.operation, call.input, &profile))
    }

    /// A system acts for a payer only where the payer's agreement names its party as data supplier; what is for private payers, for those alone.
    async fn admit_payer(&self, call: &CallFacts<'_>) -> Result<(), Problem> {
        let is_private = scope::is_of_private_payers(call.operation);
        match (&self.party, call.context.on_behalf_of) {
            (_, None) => allowed(!is_private),
            (SystemParty::Supplier(supplier), Some(payer)) => allowed(self.sends_for(*supplier, payer, is_private).await?),
            (_, Some(_)) => Err(not_for_payer()),
        }
    }

    async fn sends_for(&self, supplier: DataSupplierId, payer: AgreementNumber, is_private: bool) -> Result<bool, Problem> {
        let parties = self.parties.as_ref().ok_or_else(not_for_payer)?;
        let query = PayerQuery { on: self.clock.today(), payers: vec![PayerKey::Agreement { number: payer }] };
        let profile = parties.payers(&door_context()?, query).await?.pop().flatten();
        Ok(profile.is_some_and(|profile| {
            profile.data_suppliers.contains(&supplier) && (!is_private || profile.kind == PayerKind::Private)
        }))
    }

    async fn profile(&self, user: &str, authority: AgreementNumber) -> Result<Option<UserProfile>, Problem> {
        let parties = self.parties.as_ref().ok_or_else(no_profile)?;
        let at = Some(PayerKey::Agreement { number: authority });
        let query = UserQuery { on: self.clock.today(), users: vec![user.to_owned()], at };
        Ok(parties.users(&door_context()?, query).await?.pop().flatten())
    }
}

/// The context in which the door itself asks for a role profile.
pub(super) fn door_context() -> Result<Context, Problem> {
    Ok(Context {
        actor: Actor::House { name: "door".to_owned() },
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov nr. 696 af 20/6/2025")?,
        purpose: Purpose::new("adgangskontrol af et systems kald")?,
        trace: Uuid::nil(),
        acting: None,
    })
}

/// The table's name of the party's role.
fn role_of(party: &SystemParty) -> &'static str {
    match party {
        SystemParty::Authority(_) => "caseworker",
        SystemParty::Supplier(_) => "supplier",
        SystemParty::Bank(_) => "bank",
        SystemParty::Recovery(_) => "recovery",
    }
}

/// The roles in which systems call.
const ROLES: [&str; 5] = ["payee", "caseworker", "supplier", "bank", "recovery"];

/// Refuses a call that no system may make in any role, before anything of it is read.
pub(super) fn may_be_called(path: &str) -> Result<(), Problem> {
    let endpoint = path.strip_prefix("/v1/").unwrap_or(path);
    allowed(ROLES.iter().any(|role| Authorization::declared().right(endpoint, role) != Right::None))
}

fn allowed(is: bool) -> Result<(), Problem> {
    if is {
        return Ok(());
    }
    Err(Problem::new(
        ProblemCode::Forbidden,
        "Kaldet ligger uden for det, systemet eller rolleprofilen har ret til.",
        "The call lies outside what the system or the role profile has a right to.",
    ))
}

fn not_you() -> Problem {
    Problem::new(
        ProblemCode::Forbidden,
        "Kaldet angiver en anden end den, certifikatet eller adgangsbeviset viser.",
        "The call says it is from another than the certificate or the token shows.",
    )
    .in_field("context.actor")
}

fn not_for_payer() -> Problem {
    Problem::new(ProblemCode::Forbidden, "Systemet handler ikke for den udbetaler.", "The system does not act for that payer.")
        .in_field("context.on_behalf_of")
}

fn no_profile() -> Problem {
    Problem::new(
        ProblemCode::Forbidden,
        "Sagsbehandleren har ingen rolleprofil hos myndigheden i dag.",
        "The caseworker has no role profile at the authority today.",
    )
    .in_field("context.actor.user")
}
