//! What a system may do: the table, the role profiles, and no more.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use contracts::parties::{Parties, UserProfile, UserQuery};
use contracts::{Actor, Context, LegalBasis, OperationName, Problem, ProblemCode, Purpose};
use platform::rpc::{CallFacts, CallGuard};
use primitives::{AgreementNumber, Clock, Identifier};
use uuid::Uuid;

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
        let admitted = self.judge(&call).await;
        if let Err(problem) = &admitted {
            let operation = endpoint_of(call.operation);
            tracing::warn!(operation, party = ?self.party, trace = %call.context.trace, code = problem.code.as_str(), "a call was refused");
        }
        admitted
    }
}

impl SystemGuard {
    async fn judge(&self, call: &CallFacts<'_>) -> Result<Context, Problem> {
        let speaker = self.speaker(&call.context.actor).ok_or_else(not_you)?;
        let right = |role: &str| Authorization::declared().right(&endpoint_of(call.operation), role);
        let mut context = call.context.clone();
        match speaker {
            Speaker::Itself(role) => allowed(right(role) != Right::None)?,
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
        let profile = self.profile(user).await?.filter(|profile| profile.authority == authority).ok_or_else(no_profile)?;
        if let Right::Function(function) = right {
            allowed(profile.functions.contains(&function))?;
        }
        allowed(scope::is_within(call.operation, call.input, &profile))
    }

    async fn profile(&self, user: &str) -> Result<Option<UserProfile>, Problem> {
        let parties = self.parties.as_ref().ok_or_else(no_profile)?;
        let query = UserQuery { on: self.clock.today(), users: vec![user.to_owned()] };
        Ok(parties.users(&door_context()?, query).await?.pop().flatten())
    }
}

/// The context in which the door itself asks for a role profile.
fn door_context() -> Result<Context, Problem> {
    Ok(Context {
        actor: Actor::House { name: "door".to_owned() },
        on_behalf_of: None,
        legal_basis: LegalBasis::new("lov nr. 696 af 20/6/2025")?,
        purpose: Purpose::new("adgangskontrol af et systems kald")?,
        trace: Uuid::nil(),
    })
}

/// The table's name of the party's role.
fn role_of(party: &SystemParty) -> &'static str {
    match party {
        SystemParty::Authority(_) => "caseworker",
        SystemParty::Supplier(_) => "supplier",
        SystemParty::Bank(_) => "bank",
        SystemParty::Recovery => "recovery",
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

fn no_profile() -> Problem {
    Problem::new(
        ProblemCode::Forbidden,
        "Sagsbehandleren har ingen rolleprofil hos myndigheden i dag.",
        "The caseworker has no role profile at the authority today.",
    )
    .in_field("context.actor.user")
}
